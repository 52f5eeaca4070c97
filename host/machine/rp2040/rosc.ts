// SPDX-License-Identifier: MIT
// The ring oscillator (RP2040 data sheet section 2.17), as far as anybody reads it: the random bit. It is seeded here, so
// that runs repeat; `stuck` is the oscillator that always says the same, as silicon does when it is run from the crystal
// too soon. The frequency settings are stored and have no effect.

import { BasePeripheral } from 'rp2040js';
import type { RP2040 } from 'rp2040js';

const STATUS = 0x18;
const RANDOMBIT = 0x1c;
const COUNT = 0x20;
/** STABLE and ENABLED. */
const RUNNING = 0x80001000;

export class Rosc extends BasePeripheral {
  stuck = false;
  private state: number;
  private readonly registers = new Map<number, number>();

  constructor(mcu: RP2040, seed: number) {
    super(mcu, 'ROSC');
    this.state = seed >>> 0;
  }

  override readUint32(offset: number): number {
    if (offset === RANDOMBIT) return this.stuck ? 1 : this.bit();
    if (offset === STATUS) return RUNNING;
    if (offset > COUNT) return super.readUint32(offset);
    return this.registers.get(offset) ?? 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset > COUNT) super.writeUint32(offset, value);
    else this.registers.set(offset, value);
  }

  /** The top bit of mulberry32. */
  private bit(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 31;
  }
}
