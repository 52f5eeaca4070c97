// SPDX-License-Identifier: MIT
// The generator behind all simulated chance: repeatable, spread evenly, and forked without side effects.

import { describe, expect, test } from 'vitest';
import { Random } from '../../host/net/random.ts';

function draw(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.u32());
}

/** sfc32 written again with 64-bit numbers. */
function sfc32(a: bigint, b: bigint, c: bigint): () => number {
  const word = (x: bigint): bigint => x & 0xffff_ffffn;
  let d = 1n;
  return () => {
    const result = word(a + b + d);
    d = word(d + 1n);
    a = b ^ (b >> 9n);
    b = word(c * 9n);
    c = word(((c << 21n) | (c >> 11n)) + result);
    return Number(result);
  };
}

describe('a seeded stream', () => {
  test('is sfc32 after twelve steps', () => {
    const emptyHash = 0x811c9dc5n;
    const reference = sfc32(emptyHash, 7n, 1n);
    for (let i = 0; i < 12; i++) reference();
    expect(draw(new Random(2 ** 32 + 7), 100)).toEqual(Array.from({ length: 100 }, reference));
  });

  test('repeats for the same seed', () => {
    expect(draw(new Random(5), 20)).toEqual(draw(new Random(5), 20));
  });

  test.each([
    [0, 1],
    [1, 2 ** 32 + 1],
    [3, -3],
  ])('differs between the seeds %i and %i', (one, other) => {
    expect(draw(new Random(one), 4)).not.toEqual(draw(new Random(other), 4));
  });

  test.each([0.5, NaN, Infinity, 2 ** 60])('refuses the seed %d', (seed) => {
    expect(() => new Random(seed)).toThrow(RangeError);
  });
});

describe('numbers', () => {
  test('next is in [0, 1) and evenly spread', () => {
    const random = new Random(1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) tenths[Math.floor(random.next() * 10)]!++;
    expect(Math.min(...tenths)).toBeGreaterThan(1_850);
    expect(Math.max(...tenths)).toBeLessThan(2_150);
  });

  test('below(n) reaches 0 and n - 1 and no further', () => {
    const random = new Random(2);
    const seen = new Set(Array.from({ length: 200 }, () => random.below(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('a fork', () => {
  test('does not depend on what was drawn before', () => {
    const fresh = new Random(9);
    const used = new Random(9);
    draw(used, 10);
    expect(draw(used.fork('loss'), 5)).toEqual(draw(fresh.fork('loss'), 5));
  });

  test('takes nothing from the stream it comes from', () => {
    const random = new Random(9);
    random.fork('loss');
    expect(draw(random, 5)).toEqual(draw(new Random(9), 5));
  });

  test('differs by name, by depth and from its origin', () => {
    const random = new Random(9);
    const streams = [random, random.fork('a'), random.fork('b'), random.fork('a').fork('a')];
    expect(new Set(streams.map((stream) => stream.u32())).size).toBe(4);
  });
});
