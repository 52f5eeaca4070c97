// SPDX-License-Identifier: MIT
// Repeatable chance: the generator sfc32 (Doty-Humphrey's Small Fast Counting, 128 bits of state), seeded by one number
// and forked by name, so that a new stream somewhere leaves all others as they were. Not for secrets.

/** A stream of numbers that depends on its seed and its name alone. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** `seed` is any safe integer, RangeError otherwise; `name` tells streams of one seed apart. */
  constructor(
    private readonly seed: number,
    private readonly name = '',
  ) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, not ${seed}`);
    this.a = fnv1a(name);
    this.b = seed | 0;
    this.c = Math.floor(seed / 2 ** 32) | 0;
    // The author's choice: twelve steps until every bit of the seed has touched every bit of the state.
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** A whole number 0 … 2^32 − 1. */
  u32(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** A number in [0, 1), a multiple of 2^−32. */
  next(): number {
    return this.u32() / 2 ** 32;
  }

  /** A whole number 0 … n − 1; `n` is 1 … 2^32. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** The stream called `name` under this one. It does not depend on how much was drawn here, and draws nothing. */
  fork(name: string): Random {
    return new Random(this.seed, `${this.name}/${name}`);
  }
}

/** The hash FNV-1a, over UTF-16 units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
