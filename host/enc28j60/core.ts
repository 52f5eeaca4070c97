// SPDX-License-Identifier: MIT
// What the parts of the chip share: registers, the 8 KB, time, chance, faults, the interrupt line, and the list of
// violations. It has no behaviour of its own but the interrupt pin (data sheet section 12) and the oscillator (section 2.2).

import type { Clock } from '../net/clock.ts';
import { MEMORY_SIZE } from './buffer.ts';
import { Faults } from './faults.ts';
import type { FaultSettings } from './faults.ts';
import { Random } from './random.ts';
import { ECON1, ECON2, EIE, EIR, MACON3, Reg, RegisterFile } from './registers.ts';
import { VIOLATIONS_KEPT } from './violations.ts';
import type { Rule, Violation } from './violations.ts';

/** Oscillator start-up: 7500 periods of 25 MHz, ns (data sheet section 2.2). */
export const OSCILLATOR_START = 300_000;

/** One octet time at 10 Mbit/s, ns. */
export const OCTET_TIME = 800;

/** 512 bit times: the slot of the back-off and the unit of pause values, ns. */
export const SLOT_TIME = 51_200;

export class Core {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly registers = new RegisterFile();
  readonly memory = new Uint8Array(MEMORY_SIZE);
  readonly violations: Violation[] = [];
  /** From this instant on the oscillator runs steadily. */
  readyAt = 0;
  /** Until this instant the chip is still busy with a soft reset (erratum 2). */
  resettingUntil = 0;
  /** The INT pin: true = asserted (low). */
  int = false;
  onInt: (() => void) | undefined;
  /** An assertion that the fault `int-lost` keeps from the pin. */
  private lost = false;

  constructor(clock: Clock, seed: number, faults: Partial<FaultSettings>, onFaultChange: () => void) {
    this.clock = clock;
    this.random = new Random(seed);
    this.faults = new Faults(faults, this.random, onFaultChange);
  }

  report(rule: Rule, detail: string): void {
    if (this.violations.length < VIOLATIONS_KEPT) this.violations.push({ rule, detail, at: this.clock.now });
  }

  /** ESTAT.CLKRDY: the oscillator is up and the chip does not sleep. */
  get clockReady(): boolean {
    return !this.asleep && this.clock.now >= this.readyAt;
  }

  get asleep(): boolean {
    return this.registers.has(Reg.ECON2, ECON2.PWRSV);
  }

  get fullDuplex(): boolean {
    return this.registers.has(Reg.MACON3, MACON3.FULDPX);
  }

  get receiving(): boolean {
    return this.registers.has(Reg.ECON1, ECON1.RXEN);
  }

  get transmitting(): boolean {
    return this.registers.has(Reg.ECON1, ECON1.TXRTS);
  }

  /** Set flags in EIR and let the pin follow. */
  raise(flags: number): void {
    this.registers.set(Reg.EIR, flags);
    this.updateInt();
  }

  /** Clear flags in EIR and let the pin follow. */
  lower(flags: number): void {
    this.registers.clear(Reg.EIR, flags);
    this.updateInt();
  }

  /** EPKTCNT, and PKTIF with it. */
  setPacketCount(count: number): void {
    this.registers.bytes[Reg.EPKTCNT] = count;
    if (count > 0) this.raise(EIR.PKTIF);
    else this.lower(EIR.PKTIF);
  }

  get packetCount(): number {
    return this.registers.get(Reg.EPKTCNT);
  }

  /** EIR as the host reads it. */
  get eir(): number {
    const flags = this.registers.get(Reg.EIR);
    return this.faults.settings['pktif-dead'] === true ? flags & ~EIR.PKTIF : flags;
  }

  /** The pin's condition without the faults of the pin: INTIE, and a flag that is enabled. */
  get interruptPending(): boolean {
    const enabled = this.registers.get(Reg.EIE);
    if ((enabled & EIE.INTIE) === 0) return false;
    let flags = this.registers.get(Reg.EIR);
    if (this.faults.settings['pktif-dead'] !== false) flags &= ~EIR.PKTIF;
    return (enabled & flags & 0x7f) !== 0;
  }

  /** Called after every change of EIE, EIR or the faults. */
  updateInt(): void {
    const pending = this.interruptPending;
    if (!pending) this.lost = false;
    else if (!this.int && !this.lost) this.lost = this.faults.strikes('int-lost');
    const before = this.int;
    this.int = this.faults.settings['int-stuck'] || (pending && !this.lost);
    if (this.int && !before) this.onInt?.();
  }
}
