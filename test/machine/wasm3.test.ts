// SPDX-License-Identifier: MIT
// What wasm3-binding has beyond the WebAssembly API, or lacks: codes of errors, limits of memory and stack, imports it
// cannot link, lifetimes, worker threads.

import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { Instance, Module } from 'wasm3-binding';
import type { InstanceOptions, Memory } from 'wasm3-binding';
import { compile } from './compile.ts';

type Call = (...operands: number[]) => number;

const bytes = await compile(`
  @external("host", "twice") declare function twice(a: i32): i32;
  export function callTwice(a: i32): i32 { return twice(a); }
  export function load8(at: usize): u32 { return load<u8>(at); }
  export function store8(at: usize, value: u32): void { store<u8>(at, value); }
  export function grow(pages: i32): i32 { return memory.grow(pages); }
  export function stop(): void { unreachable(); }
  export function deep(n: i32): i32 { return n == 0 ? 0 : 1 + deep(n - 1); }
  memory.data<u8>([1, 2, 3, 4, 5, 6, 7, 8]);
`);
const module = new Module(bytes);
const host = { twice: (a: number) => a * 2 };

function make(options: InstanceOptions = {}) {
  const { exports } = new Instance(module, { host }, options);
  const { buffer } = exports.memory as Memory;
  return { call: exports as unknown as Readonly<Record<string, Call>>, buffer };
}

/** The `code` of what `action` throws. */
function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  throw new Error('nothing was thrown');
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collect, and let the finalizers run: they wait for a turn of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    collect();
    await setImmediate();
  }
}

describe('errors bear a code', () => {
  test('WASM3_COMPILE: not a module', () => {
    expect(codeOf(() => new Module(new Uint8Array(20)))).toBe('WASM3_COMPILE');
  });

  test('WASM3_COMPILE: a valid module with an instruction that wasm3 lacks', async () => {
    const simd = await compile(
      `export function f(): i32 { return i32x4.extract_lane(i32x4.splat(load<i32>(64)), 0); }`,
      ...['--enable', 'simd'],
    );
    expect(codeOf(() => new Instance(new Module(simd)))).toBe('WASM3_COMPILE');
  });

  test('WASM3_LINK: no such import', () => {
    expect(codeOf(() => new Instance(module, {}))).toBe('WASM3_LINK');
  });

  test('WASM3_TRAP: a trap', () => {
    expect(codeOf(() => make().call.stop!())).toBe('WASM3_TRAP');
  });
});

describe('imports that wasm3 would take for something else', () => {
  test.each([
    [
      'memory',
      'env.memory is a memory',
      `export function f(): u32 { return load<u32>(0); }`,
      '--importMemory',
    ],
    [
      'table',
      'env.table is a table',
      `function g(): u32 { return 1; } export function f(): u32 { return changetype<() => u32>(load<u32>(0))() + load<u32>(changetype<usize>(g)); }`,
      '--importTable',
    ],
    [
      'global',
      'module.g is a global',
      `declare const g: i32; export function f(): i32 { return g; }`,
      '--debug',
    ],
  ])('%s', async (_kind, message, source, option) => {
    const imports = { env: {}, module: {} };
    const build = await compile(source, option);
    expect(() => new Instance(new Module(build), imports)).toThrow(message);
  });
});

describe('memoryLimit', () => {
  test('the memory ends there, for the host and for the module', () => {
    const { call, buffer } = make({ memoryLimit: 1000 });
    expect(buffer.byteLength).toBe(1000);
    call.store8!(999, 7);
    expect(call.load8!(999)).toBe(7);
    expect(() => call.load8!(1000)).toThrow(/out of bounds/);
    expect(() => call.store8!(1000, 1)).toThrow(/out of bounds/);
  });

  test('static data beyond it is WASM3_LINK', () => {
    expect(codeOf(() => make({ memoryLimit: 20 }))).toBe('WASM3_LINK');
  });

  test.each([-1, 1.5, 2 ** 32, NaN, '64' as unknown as number])('%o is refused', (memoryLimit) => {
    expect(() => make({ memoryLimit })).toThrow(RangeError);
  });
});

describe('memory.grow', () => {
  test('fails, and the buffer stays', () => {
    const { call, buffer } = make();
    expect(call.grow!(1)).toBe(-1);
    expect(call.grow!(0)).toBe(1);
    expect(buffer.byteLength).toBe(65536);
  });
});

describe('stackSize', () => {
  const depth = (options: InstanceOptions) => {
    const { call } = make(options);
    let n = 1;
    for (let step = 1 << 20; step > 0; step >>= 1) {
      try {
        call.deep!(n + step);
        n += step;
      } catch {
        // too deep
      }
    }
    return n;
  };

  test('sets how deep calls may go', () => {
    const shallow = depth({ stackSize: 4096 });
    expect(depth({ stackSize: 8192 }) / shallow).toBeCloseTo(2, 1);
  });

  test('the largest is exhausted before the stack of the process is', () => {
    expect(depth({ stackSize: 65536 })).toBeGreaterThan(1000);
  });

  test.each([0, 1023, 65537, 2.5])('%o is refused', (stackSize) => {
    expect(() => make({ stackSize })).toThrow(RangeError);
  });
});

describe('lifetimes', () => {
  test('the buffer outlives everything else of its instance', async () => {
    const { buffer } = make();
    await settle();
    for (let i = 0; i < 50; i++) make();
    await settle();
    expect(new Uint8Array(buffer).subarray(16, 24)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  });

  test('a function outlives everything else of its instance, with the imports it calls', async () => {
    const { callTwice } = new Instance(module, { host: { twice: (a: number) => a * 3 } }).exports;
    await settle();
    expect((callTwice as Call)(5)).toBe(15);
  });

  test('3,000 instances whose imports refer to their exports leave nothing', async () => {
    const one = () => {
      const view: { memory?: Uint8Array } = {};
      const instance = new Instance(module, { host: { twice: (a: number) => a + view.memory![16]! } });
      view.memory = new Uint8Array((instance.exports.memory as Memory).buffer);
      expect((instance.exports.callTwice as Call)(1)).toBe(2);
    };
    const round = async () => {
      for (let i = 0; i < 3000; i++) {
        one();
        if (i % 100 === 99) await setImmediate();
      }
      await settle();
      return process.memoryUsage().rss / 2 ** 20;
    };
    // The allocator keeps what the first round freed; instances that stayed would take 360 MB more in the second.
    const first = await round();
    expect((await round()) - first).toBeLessThan(100);
  });
});

describe('worker threads', () => {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.url).then(({ Instance, Module }) => {
      const module = new Module(workerData.bytes);
      let sum = 0;
      for (let i = 0; i < 200; i++) {
        const { exports } = new Instance(module, { host: { twice: (a) => a * 2 } });
        sum += exports.callTwice(i);
      }
      parentPort.postMessage(sum);
      if (workerData.endless) for (;;) new Instance(module, { host: { twice: (a) => a } }).exports.callTwice(1);
    });
  `;
  const url = new URL(`file://${createRequire(import.meta.url).resolve('wasm3-binding')}`).href;
  const start = (endless: boolean) => new Worker(code, { eval: true, workerData: { url, bytes, endless } });
  const message = (worker: Worker) =>
    new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const exit = (worker: Worker) => new Promise((resolve) => worker.once('exit', resolve));

  test('two workers and this thread use it at once, and both end cleanly', async () => {
    const workers = [start(false), start(false)];
    const exits = workers.map(exit);
    for (let i = 0; i < 200; i++) expect(make().call.callTwice!(i)).toBe(2 * i);
    expect(await Promise.all(workers.map(message))).toEqual([39800, 39800]);
    expect(await Promise.all(exits)).toEqual([0, 0]);
  });

  test('a worker that is stopped in the midst of calls takes its instances along', async () => {
    const worker = start(true);
    await message(worker);
    await worker.terminate();
    expect(make().call.callTwice!(4)).toBe(8);
  });
});
