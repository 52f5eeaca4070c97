// SPDX-License-Identifier: MIT
// Flow control (data sheet section 10): EFLOCON and EPAUS in full duplex, where pause frames go out. The jamming of half
// duplex is the receiver's part: while FCEN0 is set nothing arrives.

import type { Alarm } from '../net/clock.ts';
import { SLOT_TIME } from './core.ts';
import type { Core } from './core.ts';
import { stationAddress } from './filters.ts';
import { pauseFrame } from './frame.ts';
import { EFLOCON, MACON1, Reg } from './registers.ts';
import type { Transmitter } from './transmit.ts';

const OFF = 0b00;
const REPEAT = 0b10;
const END = 0b11;

export class FlowControl {
  private readonly core: Core;
  private readonly transmitter: Transmitter;
  private alarm: Alarm | undefined;

  constructor(core: Core, transmitter: Transmitter) {
    this.core = core;
    this.transmitter = transmitter;
  }

  reset(): void {
    this.alarm?.cancel();
    this.alarm = undefined;
  }

  /** EFLOCON was written. */
  changed(): void {
    this.reset();
    const { registers } = this.core;
    const mode = registers.get(Reg.EFLOCON) & EFLOCON.FCEN;
    if (mode === OFF || !this.core.fullDuplex || !registers.has(Reg.MACON1, MACON1.TXPAUS)) return;
    this.send(mode);
  }

  private send(mode: number): void {
    const { registers, clock } = this.core;
    const value = mode === END ? 0 : registers.word(Reg.EPAUSL);
    this.alarm = this.transmitter.sendControl(pauseFrame(stationAddress(registers), value), () => {
      if (mode === REPEAT) {
        // The sheet names no interval. Half of what the partner was told keeps it silent without a gap.
        this.alarm = clock.at(clock.now + Math.max(1, value >> 1) * SLOT_TIME, () => this.send(mode));
      } else {
        registers.clear(Reg.EFLOCON, EFLOCON.FCEN);
      }
    });
  }
}
