// SPDX-License-Identifier: MIT
// RESETS (RP2040 data sheet section 2.14): unlike in the emulator, peripherals begin in reset and must be let out before
// they are used. What the boot ROM lets out is out. A peripheral that is put back keeps its registers here.

import { BasePeripheral } from 'rp2040js';
import type { RP2040 } from 'rp2040js';
import type { Bus } from './bus.ts';

const RESET = 0x0;
const WDSEL = 0x4;
const RESET_DONE = 0x8;
const ALL = 0x01ffffff;
/** IO_QSPI, PADS_QSPI, TIMER: the boot ROM needs them. */
const LET_OUT_BY_BOOT_ROM = (1 << 6) | (1 << 9) | (1 << 21);

export class Resets extends BasePeripheral {
  private readonly bus: Bus;
  private watchdogSelect = 0;

  constructor(mcu: RP2040, bus: Bus) {
    super(mcu, 'RESETS');
    this.bus = bus;
    bus.heldInReset = ALL & ~LET_OUT_BY_BOOT_ROM;
  }

  override readUint32(offset: number): number {
    switch (offset) {
      case RESET:
        return this.bus.heldInReset;
      case WDSEL:
        return this.watchdogSelect;
      case RESET_DONE:
        return ALL & ~this.bus.heldInReset;
      default:
        return super.readUint32(offset);
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === RESET) this.bus.heldInReset = value & ALL;
    else if (offset === WDSEL) this.watchdogSelect = value & ALL;
    else super.writeUint32(offset, value);
  }
}
