// SPDX-License-Identifier: MIT
// Repeatable chance for faults, back-off and power-on contents: the same seed gives the same chip. Not for secrets.

/** A small generator of 32-bit state (the mixing steps of MurmurHash3 over a Weyl sequence). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number 0 … 2^32 − 1. */
  u32(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return (x ^ (x >>> 16)) >>> 0;
  }

  /** A whole number 0 … limit − 1. */
  below(limit: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * limit);
  }

  /** True with the given probability, 0 … 1. */
  chance(probability: number): boolean {
    return probability > 0 && this.u32() < probability * 0x1_0000_0000;
  }

  fill(octets: Uint8Array): void {
    for (let i = 0; i < octets.length; i++) octets[i] = this.u32();
  }
}
