// SPDX-License-Identifier: MIT
// `instantiate` of host/machine: one contract, whatever runs the module.

import { describe, expect, test } from 'vitest';
import { ENGINES, instantiate } from '../../host/machine/machine.ts';
import type { Machine } from '../../host/machine/machine.ts';
import { compile } from './compile.ts';

const bytes = await compile(`
  @external("hal", "command") declare function command(octets: u32, count: u32): u32;
  export const version: i32 = 1;
  export function ask(octets: u32): u32 { return command(octets, 4); }
  export function store8(at: usize, value: u32): void { store<u8>(at, value); }
`);

describe.each(ENGINES)('%s', (engine) => {
  const hal = { command: (octets: number, count: number) => octets * 2 + count };

  test('gives the functions and only them', () => {
    expect(Object.keys(instantiate(engine, bytes, { hal }).exports).sort()).toEqual(['ask', 'store8']);
  });

  test('calls go through, u32 in and signed out', () => {
    const { exports } = instantiate(engine, bytes, { hal });
    expect(exports.ask!(0x7fffffff)).toBe(2);
    expect(exports.ask!(0x40000000) >>> 0).toBe(0x80000004);
  });

  test('the memory is live, for imports too', () => {
    const seen: number[] = [];
    const machine: Machine = instantiate(engine, bytes, {
      hal: { command: (octets) => void seen.push(new Uint8Array(machine.memory.buffer)[octets]!) },
    });
    machine.exports.store8!(500, 77);
    machine.exports.ask!(500);
    expect(seen).toEqual([77]);
  });

  test('the imports are left as they were', () => {
    const imports = Object.freeze({ hal: Object.freeze({ ...hal }), env: {} });
    instantiate(engine, bytes, imports);
    expect(Object.keys(imports)).toEqual(['hal', 'env']);
    expect(Object.keys(imports.env)).toEqual([]);
  });

  test('a missing import is an error', () => {
    expect(() => instantiate(engine, bytes, { hal: {} })).toThrow(/command/);
  });

  test('a module without memory is an error', async () => {
    const bare = await compile('export function f(): void {}', '--noExportMemory');
    expect(() => instantiate(engine, bare, {})).toThrow('exports no memory');
  });
});

test('memoryLimit shortens the memory on wasm3; V8 has whole pages', () => {
  const hal = { command: () => 0 };
  const length = (engine: 'v8' | 'wasm3') =>
    instantiate(engine, bytes, { hal }, { memoryLimit: 40_000 }).memory.buffer.byteLength;
  expect(length('wasm3')).toBe(40_000);
  expect(length('v8')).toBe(65_536);
});
