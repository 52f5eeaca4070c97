// SPDX-License-Identifier: MIT
// The same checks on V8 and on both builds of wasm3, titled by the section of the WebAssembly JavaScript Interface.
// A module that passes here on one engine behaves the same on the others.

import { describe, expect, test } from 'vitest';
import * as wasm3 from 'wasm3-binding';
import * as counting from 'wasm3-binding/counting';
import { compile } from './compile.ts';

type Call = (...operands: unknown[]) => unknown;
interface Exports {
  [name: string]: Call;
}

const bytes = await compile(`
  @external("host", "twice") declare function twice(a: i32): i32;
  @external("host", "wide") declare function wide(a: i64): i64;
  @external("host", "halve") declare function halve(a: f64): f64;
  @external("host", "third") declare function third(a: f32): f32;
  @external("host", "note") declare function note(a: u32, b: i64, c: f32, d: f64): void;

  export function add(a: i32, b: i32): i32 { return a + b; }
  export function top(): u32 { return 0x80000000; }
  export function addWide(a: i64, b: i64): i64 { return a + b; }
  export function addFloats(a: f32, b: f64): f64 { return <f64>a + b; }
  export function root(a: f32): f32 { return sqrt(a); }
  export function nothing(): void {}
  export function nine(a: i32, b: i64, c: f64, d: i32, e: i32, f: i32, g: i32, h: i32, i: i32): i32 {
    return a + <i32>b * 2 + <i32>c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9;
  }

  export function callTwice(a: i32): i32 { return twice(a) + 1; }
  export function callWide(a: i64): i64 { return wide(a) + 1; }
  export function callHalve(a: f64): f64 { return halve(a); }
  export function callThird(a: f32): f32 { return third(a); }
  export function callNote(): void { note(0xffffffff, -2, 0.5, 0.25); }
  export function aroundTwice(a: i32, b: i32): i32 { return (a * 1000 + b) * 10 + twice(a) * 0 + twice(b); }

  export function load8(at: usize): u32 { return load<u8>(at); }
  export function store32(at: usize, value: u32): void { store<u32>(at, value); }

  export function divide(a: i32, b: i32): i32 { return a / b; }
  export function stop(): void { unreachable(); }
  export function deep(n: i32): i32 { return n == 0 ? 0 : 1 + deep(n - 1); }

  export const answer: i32 = 42;
  export const wideAnswer: i64 = 1 << 40;
  export const pi: f64 = 3.25;
  export let moving: i32 = 1;
  export function move(): void { moving += 1; }
`);

const host = {
  twice: (a: number) => a * 2,
  wide: (a: bigint) => a,
  halve: (a: number) => a / 2,
  third: (a: number) => a / 3,
  note: () => {},
};

describe.each([
  ['V8', WebAssembly as unknown as typeof wasm3],
  ['wasm3', wasm3],
  ['wasm3, counting', counting],
])('%s', (_, engine) => {
  const module = new engine.Module(bytes);
  const make = (imports: object = {}) => {
    const { exports } = new engine.Instance(module, { host: { ...host, ...imports } });
    return {
      all: exports,
      call: exports as unknown as Exports,
      memory: new Uint8Array((exports.memory as wasm3.Memory).buffer),
    };
  };

  describe('5.1 Modules', () => {
    test('imports are listed with module, name and kind', () => {
      const listed = engine.Module.imports(module);
      expect(listed).toHaveLength(5);
      expect(listed).toContainEqual({ module: 'host', name: 'twice', kind: 'function' });
    });

    test('exports are listed in order with name and kind', () => {
      const listed = engine.Module.exports(module);
      expect(listed[0]).toEqual({ name: 'add', kind: 'function' });
      expect(listed).toContainEqual({ name: 'answer', kind: 'global' });
      expect(listed).toContainEqual({ name: 'memory', kind: 'memory' });
    });

    test('a module is independent of the bytes it was made from', () => {
      const own = bytes.slice();
      const copied = new engine.Module(own);
      own.fill(0);
      expect(() => new engine.Instance(copied, { host })).not.toThrow();
    });

    test('bytes are taken from a view into a larger buffer', () => {
      const padded = new Uint8Array(bytes.length + 6);
      padded.set(bytes, 3);
      const view = padded.subarray(3, 3 + bytes.length);
      expect(engine.Module.exports(new engine.Module(view))).toEqual(engine.Module.exports(module));
    });

    test('bytes cut off anywhere in the code are refused', () => {
      for (let length = bytes.length - 1; length > bytes.length - 200; length--) {
        expect(() => new engine.Module(bytes.subarray(0, length)), `${length} octets`).toThrow();
      }
    });

    test.each([[], [0], [0, 97, 115, 109, 2, 0, 0, 0], [0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0]])(
      'a wrong head is refused: %j',
      (...head) => {
        expect(() => new engine.Module(Uint8Array.from(head))).toThrow();
      },
    );

    test('a body with wrong types is refused', () => {
      // (func (result i32) i64.const 0)
      const wrong = [
        0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 6, 1, 4, 0, 66, 0, 11,
      ];
      expect(() => new engine.Module(Uint8Array.from(wrong))).toThrow(/type/);
    });
  });

  describe('5.2 Instances', () => {
    test('exports are frozen, without prototype, in the order of the module', () => {
      const { all } = make();
      expect(Object.isFrozen(all)).toBe(true);
      expect(Object.getPrototypeOf(all)).toBe(null);
      expect(Object.keys(all)).toEqual(engine.Module.exports(module).map(({ name }) => name));
    });

    test('an import that is missing is named', () => {
      expect(() => new engine.Instance(module, { host: { ...host, twice: undefined! } })).toThrow(/twice/);
      expect(() => new engine.Instance(module, {})).toThrow(/host/);
    });

    test('two instances of one module share nothing', () => {
      const [one, other] = [make(), make()];
      one.call.store32!(64, 0x01020304);
      one.call.move!();
      expect(other.memory[64]).toBe(0);
      expect((other.all.moving as wasm3.Global).value).toBe(1);
    });
  });

  describe('5.3 Memories', () => {
    test('what the module stores, the host sees, in the same buffer always', () => {
      const { all, call, memory } = make();
      call.store32!(100, 0x04030201);
      expect([...memory.subarray(100, 104)]).toEqual([1, 2, 3, 4]);
      expect((all.memory as wasm3.Memory).buffer).toBe(memory.buffer);
      expect(memory.byteLength).toBe(65536);
    });

    test('what the host stores, the module sees', () => {
      const { call, memory } = make();
      memory[200] = 0xa5;
      expect(call.load8!(200)).toBe(0xa5);
    });
  });

  describe('5.5 Globals', () => {
    test('an exported global has a value: i32, i64, f64', () => {
      const { all } = make();
      const value = (name: string) => (all[name] as wasm3.Global).value;
      expect([value('answer'), value('wideAnswer'), value('pi')]).toEqual([42, 1n << 40n, 3.25]);
    });

    test('a mutable global follows the module', () => {
      const { all, call } = make();
      call.move!();
      expect((all.moving as wasm3.Global).value).toBe(2);
    });
  });

  describe('5.6 Exported Functions', () => {
    test('i32 operands are taken modulo 2^32, and a result is signed', () => {
      const { call } = make();
      expect(call.add!(0xffffffff, 2)).toBe(1);
      expect(call.top!()).toBe(-0x80000000);
      expect((call.top!() as number) >>> 0).toBe(0x80000000);
      expect(call.add!(1.9, -1.9)).toBe(0);
    });

    test('operands are converted, missing ones are 0, surplus ones ignored', () => {
      const { call } = make();
      expect(call.add!('40', { valueOf: () => 2 })).toBe(42);
      expect(call.add!(5)).toBe(5);
      expect(call.add!(1, 2, 3)).toBe(3);
    });

    test('what the conversion of an operand throws reaches the caller', () => {
      const thrown = new Error('no number');
      const operand = {
        valueOf() {
          throw thrown;
        },
      };
      expect(caught(() => make().call.add!(operand, 1))).toBe(thrown);
    });

    test('i64 is a BigInt, modulo 2^64, and nothing else', () => {
      const { call } = make();
      expect(call.addWide!(1n << 62n, 1n << 62n)).toBe(-(1n << 63n));
      expect(call.addWide!((1n << 64n) + 5n, -7n)).toBe(-2n);
      expect(() => call.addWide!(1, 2n)).toThrow(TypeError);
    });

    test('f32 is rounded to single, f64 is not', () => {
      const { call } = make();
      expect(call.addFloats!(0.1, 0.2)).toBe(Math.fround(0.1) + 0.2);
      expect(call.root!(2)).toBe(Math.fround(Math.sqrt(2)));
    });

    test('no result is undefined', () => {
      expect(make().call.nothing!()).toBe(undefined);
    });

    test('nine operands of three types arrive in their places', () => {
      expect(make().call.nine!(1, 2n, 3, 4, 5, 6, 7, 8, 9)).toBe(285);
    });
  });

  describe('5.6 Exported Functions: calling an import', () => {
    test('operands and result pass in each type', () => {
      const { call } = make({ wide: (a: bigint) => a * 3n });
      expect(call.callTwice!(21)).toBe(43);
      expect(call.callWide!(1n << 33n)).toBe((3n << 33n) + 1n);
      expect(call.callHalve!(5)).toBe(2.5);
      expect(call.callThird!(1)).toBe(Math.fround(1 / 3));
    });

    test('operands are signed numbers and BigInts', () => {
      const seen: unknown[] = [];
      make({ note: (...operands: unknown[]) => void seen.push(...operands) }).call.callNote!();
      expect(seen).toEqual([-1, -2n, 0.5, 0.25]);
    });

    test('a result is converted as an operand is', () => {
      expect(make({ twice: () => undefined }).call.callTwice!(1)).toBe(1);
      expect(make({ twice: () => 0x1_0000_0005 }).call.callTwice!(1)).toBe(6);
      expect(() => make({ wide: () => 1 }).call.callWide!(1n)).toThrow(TypeError);
    });

    test.each([new RangeError('lost'), 7, undefined])(
      '%o thrown by an import arrives unchanged',
      (thrown) => {
        const { call } = make({
          twice: () => {
            // eslint-disable-next-line @typescript-eslint/only-throw-error
            throw thrown;
          },
        });
        expect(caught(() => call.callTwice!(1))).toBe(thrown);
        expect(call.add!(1, 2)).toBe(3);
      },
    );

    test('an import may call exports of its own instance', () => {
      const { call } = make({ twice: (a: number) => (a > 0 ? (call.callTwice!(a - 1) as number) : 0) });
      expect(call.callTwice!(20)).toBe(21);
    });

    test('the outer call keeps its values across a nested one', () => {
      const { call } = make({ twice: () => call.nine!(9, 9n, 9, 9, 9, 9, 9, 9, 9) });
      expect(call.aroundTwice!(7, 8)).toBe(70080 + 405);
    });

    test('a trap of a nested call can be caught by the import', () => {
      const { call } = make({
        twice: (a: number) => {
          expect(() => call.stop!()).toThrow(/unreachable/);
          return a * 2;
        },
      });
      expect(call.callTwice!(4)).toBe(9);
    });

    test('endless recursion through an import ends in an error, and the instance goes on', () => {
      const { call } = make({ twice: (a: number) => call.callTwice!(a) });
      expect(() => call.callTwice!(1)).toThrow(/stack/);
      expect(call.add!(1, 2)).toBe(3);
    });
  });

  describe('5.10 Error Condition Mappings: traps', () => {
    test.each([
      ['unreachable', /unreachable/, (call: Exports) => call.stop!()],
      ['division by zero', /divide by zero/, (call: Exports) => call.divide!(1, 0)],
      [
        'overflow of a division',
        /overflow|unrepresentable/,
        (call: Exports) => call.divide!(-0x80000000, -1),
      ],
      ['a load outside memory', /out of bounds/, (call: Exports) => call.load8!(65536)],
      ['a store across the end of memory', /out of bounds/, (call: Exports) => call.store32!(65533, 1)],
      ['endless recursion', /stack/, (call: Exports) => call.deep!(0x7fffffff)],
    ])('%s is an Error that says so, and the instance can be called again', (_name, message, provoke) => {
      const { call, memory } = make();
      memory[300] = 9;
      expect(() => provoke(call)).toThrow(message);
      expect(call.load8!(300)).toBe(9);
      expect(call.deep!(100)).toBe(100);
    });
  });

  test('an i64 that waits on the stack twice while its local is assigned to keeps both halves', () => {
    // (param i64) (block (result i64)
    //   (drop (br_if 0 (i64.const 1) (i64.lt_s (local.get 0) (local.tee 0 (local.get 0))))) (i64.const 5))
    const waiting = Buffer.from(
      '0061736d0100000001060160017e017e03020100070501016200000a15011300027e4201200020002200530d001a42050b0b',
      'hex',
    );
    const { exports } = new engine.Instance(new engine.Module(waiting));
    expect((exports as unknown as Exports).b!(7n)).toBe(5n);
  });
});

/** What `action` throws. */
function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}
