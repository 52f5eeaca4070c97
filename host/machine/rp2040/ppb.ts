// SPDX-License-Identifier: MIT
// What the emulator's private peripheral bus lacks (ARMv6-M Architecture Reference Manual chapter B3): the MPU, as far as
// a guard region below the stack needs it, a reset on request (AIRCR), and clearing of pending interrupts. Of the MPU only
// regions without any access are modelled, one at a time; others may be set up if they are disabled.

import type { RP2040 } from 'rp2040js';
import { SRAM_BASE } from './bus.ts';
import type { Bus } from './bus.ts';
import { Fault, hex } from './failure.ts';
import type { Interrupts } from './interrupts.ts';
import type { Processor } from './processor.ts';

const NVIC_ICPR = 0x280;
const AIRCR = 0xd0c;
const SCR = 0xd10;
const CCR = 0xd14;
const SHCSR = 0xd24;
const MPU_TYPE = 0xd90;
const MPU_CTRL = 0xd94;
const MPU_RNR = 0xd98;
const MPU_RBAR = 0xd9c;
const MPU_RASR = 0xda0;

const VECTKEY = 0x05fa;
const SYSRESETREQ = 1 << 2;
const ENABLE = 1 << 0;
const REGIONS = 8;
/** RBAR.VALID: REGION is to be taken from this write. */
const VALID = 1 << 4;

export class Ppb {
  /** SYSRESETREQ. */
  onReset: () => void = () => undefined;
  private readonly bus: Bus;
  private readonly processor: Processor;
  private control = 0;
  private region = 0;
  private readonly bases = new Uint32Array(REGIONS);
  private readonly attributes = new Uint32Array(REGIONS);

  /** Stands before the emulator's own. */
  constructor(mcu: RP2040, bus: Bus, processor: Processor, interrupts: Interrupts) {
    this.bus = bus;
    this.processor = processor;
    const { ppb } = mcu;
    const readUint32 = ppb.readUint32.bind(ppb);
    const writeUint32 = ppb.writeUint32.bind(ppb);
    ppb.readUint32 = (offset) => this.read(offset) ?? readUint32(offset);
    ppb.writeUint32 = (offset, value) => {
      if (offset === NVIC_ICPR) interrupts.clearPending(value);
      else if (!this.write(offset, value)) writeUint32(offset, value);
    };
  }

  private read(offset: number): number | undefined {
    switch (offset) {
      case AIRCR:
        return 0xfa050000;
      case SCR:
      case SHCSR:
        return 0;
      case CCR:
        return 0x208; // always 8-octet stack alignment and traps of unaligned accesses
      case MPU_TYPE:
        return REGIONS << 8;
      case MPU_CTRL:
        return this.control;
      case MPU_RNR:
        return this.region;
      case MPU_RBAR:
        return (this.bases[this.region]! & ~0x1f) | this.region;
      case MPU_RASR:
        return this.attributes[this.region]!;
      default:
        return undefined;
    }
  }

  private write(offset: number, value: number): boolean {
    switch (offset) {
      case AIRCR:
        if (value >>> 16 !== VECTKEY) throw new Fault(`AIRCR written without its key: ${hex(value)}`);
        if ((value & SYSRESETREQ) !== 0) this.onReset();
        return true;
      case SCR:
        if (value !== 0) throw new Fault(`SCR ${hex(value)}: deep sleep is not modelled`);
        return true;
      case MPU_CTRL:
        this.control = value & 7;
        break;
      case MPU_RNR:
        this.region = value & (REGIONS - 1);
        return true;
      case MPU_RBAR:
        if ((value & VALID) !== 0) this.region = value & (REGIONS - 1);
        this.bases[this.region] = value;
        break;
      case MPU_RASR:
        this.attributes[this.region] = value;
        break;
      default:
        return false;
    }
    this.updateGuard();
    return true;
  }

  private updateGuard(): void {
    const { bus, processor } = this;
    bus.guardSize = processor.stackLimit = 0;
    if ((this.control & ENABLE) === 0) return;
    for (let i = 0; i < REGIONS; i++) {
      const rasr = this.attributes[i]!;
      if ((rasr & ENABLE) === 0) continue;
      const size = 2 << ((rasr >>> 1) & 31);
      const base = (this.bases[i]! & ~(size - 1)) >>> 0;
      if (((rasr >>> 24) & 7) !== 0 || (rasr & 0xff00) !== 0) {
        throw new Fault(`MPU region ${i}, RASR ${hex(rasr)}: only whole regions without access are modelled`);
      }
      if (bus.guardSize !== 0) throw new Fault('MPU: two regions are enabled, one is modelled');
      bus.guardAt = base - SRAM_BASE;
      bus.guardSize = size;
      processor.stackLimit = base + size;
    }
  }
}
