// SPDX-License-Identifier: MIT
// What the addon does in C for benchmarks: the import that copies and sums inside linear memory, and the loop that is the
// measure of it. Both against RFC 1071 written out in JavaScript.

import { beforeEach, describe, expect, test } from 'vitest';
import * as counting from 'wasm3-binding/counting';
import * as plain from 'wasm3-binding';
import { instantiate } from '../../host/machine/machine.ts';
import type { Machine } from '../../host/machine/machine.ts';
import { copyAndSum, copyInMemory, ops } from '../../host/machine/wasm3.ts';
import { Random } from '../../host/net/random.ts';
import { compile } from '../machine/compile.ts';

const PAGE = 65_536;
const bytes = await compile(
  `
  @external("hal", "copy") declare function copy(to: usize, from: usize, length: u32): u32;
  export function run(to: usize, from: usize, length: u32): u32 { return copy(to, from, length); }
`,
  '--initialMemory',
  '1',
);

/** Internet sum: words in network order, an odd last octet padded with zero, end-around carries. */
function sumOf(octets: Uint8Array): number {
  let sum = 0;
  octets.forEach((octet, i) => (sum += i % 2 === 0 ? octet << 8 : octet));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

const chance = new Random(71);
const below = (bound: number): number => chance.below(bound);
const randomOctets = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256));

describe.each(['wasm3', 'wasm3-counting'] as const)('hal.copy on %s', (engine) => {
  let machine: Machine;
  let memory: Uint8Array;
  const copy = (to: number, from: number, length: number): number => machine.exports.run!(to, from, length);
  beforeEach(() => {
    machine = instantiate(engine, bytes, { hal: { copy: copyInMemory } });
    memory = new Uint8Array(machine.memory.buffer);
    memory.set(randomOctets(PAGE));
  });

  test('copies and sums any octets, and touches no others', () => {
    for (let i = 0; i < 500; i++) {
      const length = 1 + below(1514);
      const from = below(20_000);
      const to = 30_000 + below(20_000);
      const expected = memory.slice();
      expected.copyWithin(to, from, from + length);
      expect(copy(to, from, length)).toBe(sumOf(memory.subarray(from, from + length)));
      expect(Buffer.compare(memory, expected)).toBe(0);
    }
  });

  test('sums alone, to address 0', () => {
    const before = memory.slice();
    for (const length of [1, 2, 3, 4, 5, 1459, 1460, 1514]) {
      expect(copy(0, 77, length)).toBe(sumOf(memory.subarray(77, 77 + length)));
    }
    expect(Buffer.compare(memory, before)).toBe(0);
  });

  test('carries come round again', () => {
    memory.fill(0xff, 100, 2000);
    expect(copy(4000, 100, 1514)).toBe(0xffff);
    memory.fill(0, 100, 2000);
    expect(copy(4000, 100, 1514)).toBe(0);
  });

  test('up to the last octet of the memory, and not beyond', () => {
    expect(copy(PAGE - 60, 0, 60)).toBe(sumOf(memory.subarray(0, 60)));
    expect(copy(100, PAGE - 61, 61)).toBe(sumOf(memory.subarray(PAGE - 61)));
    const before = memory.slice();
    const outside = 'out of bounds memory access';
    expect(() => copy(PAGE - 59, 0, 60)).toThrow(outside);
    expect(() => copy(100, PAGE - 59, 60)).toThrow(outside);
    expect(() => copy(0, PAGE - 59, 60)).toThrow(outside);
    expect(() => copy(-4, 0, 60)).toThrow(outside);
    expect(() => copy(100, -4, 60)).toThrow(outside);
    expect(() => copy(100, 200, -1)).toThrow(outside);
    expect(Buffer.compare(memory, before)).toBe(0);
  });

  test('where memory ends early, there', () => {
    const small = instantiate(engine, bytes, { hal: { copy: copyInMemory } }, { memoryLimit: 4096 });
    expect(small.exports.run!(4096 - 60, 0, 60)).toBe(0);
    expect(() => small.exports.run!(4096 - 59, 0, 60)).toThrow('out of bounds memory access');
  });
});

describe('copyInMemory', () => {
  test('is one operation', () => {
    const { exports } = instantiate('wasm3-counting', bytes, { hal: { copy: copyInMemory } });
    const costOf = (length: number): number => {
      const before = ops();
      exports.run!(2000, 0, length);
      return ops() - before;
    };
    expect(costOf(1460)).toBe(costOf(1));
  });

  test.each([
    ['no result', 'copy(to: usize, from: usize, length: u32): void'],
    ['too few parameters', 'copy(to: usize, from: usize): u32'],
    ['another type', 'copy(to: usize, from: usize, length: u64): u32'],
  ])('is not linked to an import with %s', async (_, declaration) => {
    const source = `@external("hal", "copy") declare function ${declaration};\nexport { copy };`;
    const other = await compile(source);
    expect(() => instantiate('wasm3', other, { hal: { copy: copyInMemory } })).toThrow(
      expect.objectContaining({
        code: 'WASM3_LINK',
        message: 'copyInMemory takes three i32 and returns one',
      }),
    );
  });

  test('cannot be called', () => {
    expect(() => copyInMemory(0, 0, 1)).toThrow(TypeError);
  });

  test('is the same for both builds', () => {
    expect(counting.copyInMemory).toBe(plain.copyInMemory);
  });
});

describe.each([
  ['wasm3', copyAndSum],
  ['wasm3-counting', counting.copyAndSum],
])('copyAndSum of %s', (_, run) => {
  test('copies and sums', () => {
    for (let length = 0; length < 70; length++) {
      const from = randomOctets(length);
      const to = new Uint8Array(length + 1).fill(0x55);
      expect(run(to, from, 1)).toBe(sumOf(from));
      expect([...to]).toEqual([...from, 0x55]);
    }
    const segment = randomOctets(1460);
    expect(run(new Uint8Array(1460), segment, 1000)).toBe(sumOf(segment));
  });

  test('takes the place of an array in its buffer into account', () => {
    const buffer = randomOctets(100);
    const to = new Uint8Array(100);
    expect(run(to.subarray(10, 40), buffer.subarray(3, 30), 1)).toBe(sumOf(buffer.subarray(3, 30)));
    expect([...to.subarray(10, 37)]).toEqual([...buffer.subarray(3, 30)]);
  });

  test('refuses what it could write beyond, and what are no octets', () => {
    expect(() => run(new Uint8Array(9), new Uint8Array(10), 1)).toThrow('the first no shorter');
    expect(() => run(new Uint16Array(10) as unknown as Uint8Array, new Uint8Array(10), 1)).toThrow(
      'two Uint8Arrays',
    );
  });

  test('takes longer the more often', () => {
    const [to, from] = [new Uint8Array(1460), randomOctets(1460)];
    const nsOf = (times: number): number => {
      const began = process.hrtime.bigint();
      run(to, from, times);
      return Number(process.hrtime.bigint() - began);
    };
    nsOf(1000);
    expect(nsOf(100_000)).toBeGreaterThan(10 * Math.min(nsOf(100), nsOf(100), nsOf(100)));
  });
});
