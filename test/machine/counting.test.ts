// SPDX-License-Identifier: MIT
// The counting build counts what wasm3 dispatches, exactly. Each expected number is derived from the operations that
// wasm3 makes of the function.

import { describe, expect, test } from 'vitest';
import { Instance, Module, ops } from 'wasm3-binding/counting';
import * as plain from 'wasm3-binding';
import { compile } from './compile.ts';

type Call = (...operands: number[]) => number;

const bytes = await compile(
  `
  @external("host", "nop") declare function nop(): void;
  export function nothing(): void {}
  export function add(a: i32, b: i32): i32 { return a + b; }
  export function down(n: u32): u32 { do {} while (--n); return n; }
  export function callNop(): void { nop(); }
  export function early(n: u32): u32 { return down(n) + down(n); }
`,
  '-Ospeed',
);
const module = new Module(bytes);
const { exports } = new Instance(module, { host: { nop: () => {} } });
const call = exports as unknown as Record<string, Call>;

/** Operations of one call. */
function cost(action: () => unknown): number {
  const before = ops();
  action();
  return ops() - before;
}

describe('operations of one call', () => {
  test('an empty function: Entry, Return', () => {
    expect(cost(() => call.nothing!())).toBe(2);
  });

  test('a sum: Entry, add, set the result, Return', () => {
    expect(cost(() => call.add!(1, 2))).toBe(4);
  });

  test.each([1, 2, 1000])(
    'counting down from %i: 3 per round (subtract, set, continue) and 4 around',
    (n) => {
      // Around: Entry, Loop, copy the result, Return.
      expect(cost(() => call.down!(n))).toBe(3 * n + 4);
    },
  );

  test('calling an import: Entry, Call, the import, Return', () => {
    expect(cost(() => call.callNop!())).toBe(4);
  });

  test('the same call costs the same again', () => {
    call.early!(10);
    expect(cost(() => call.early!(10))).toBe(cost(() => call.early!(10)));
  });
});

describe('what is not counted', () => {
  test('nothing between calls', () => {
    expect(cost(() => undefined)).toBe(0);
  });

  test('calls of the plain build', () => {
    const other = new plain.Instance(new plain.Module(bytes), { host: { nop: () => {} } });
    expect(cost(() => (other.exports.down as Call)(1000))).toBe(0);
  });
});
