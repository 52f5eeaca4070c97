// SPDX-License-Identifier: MIT
// The NVIC as silicon has it (ARMv6-M Architecture Reference Manual sections B1.5 and B3.4), over the emulator's core,
// which has three things otherwise: it takes an interrupt out of WFI although PRIMASK is set, it sleeps on when one was
// pending before, and it forgets a pending interrupt when its line falls. Nested exceptions are the core's own.

import type { RP2040 } from 'rp2040js';

const SVCALL = 11;
const PENDSV = 14;
const SYSTICK = 15;
const IRQ0 = 16;
const IRQS = 26;
/** As the core counts: what no exception has. */
const THREAD = 4;

export class Interrupts {
  private readonly core: RP2040['core'];
  /** Lines that are high. */
  private lines = 0;

  /** Takes the place of the core's own. */
  constructor(core: RP2040['core']) {
    this.core = core;
    core.setInterrupt = (irq, level) => this.setLine(irq, level);
    core.checkForInterrupts = () => this.check();
    const exceptionReturn = core.exceptionReturn.bind(core);
    core.exceptionReturn = (value) => {
      exceptionReturn(value);
      core.pendingInterrupts |= this.lines;
    };
  }

  /** ICPR: an interrupt whose line is still high pends again. */
  clearPending(mask: number): void {
    this.core.pendingInterrupts = (this.core.pendingInterrupts & ~mask) | (this.lines & mask);
  }

  /** Whether WFI ends, or does not begin: something enabled pends that PRIMASK alone keeps off. */
  get wakes(): boolean {
    return this.priorityOf(this.pending()) < this.core.exceptionPriority(this.core.IPSR);
  }

  private setLine(irq: number, level: boolean): void {
    const bit = 1 << irq;
    if (!level) {
      this.lines &= ~bit;
    } else if ((this.lines & bit) === 0) {
      this.lines |= bit;
      this.core.pendingInterrupts |= bit;
      this.core.interruptsUpdated = true;
    }
  }

  /** Take the exception that is due. Returns whether there was one. */
  private check(): boolean {
    const { core } = this;
    core.interruptsUpdated = false;
    const number = this.pending();
    const current = Math.min(core.exceptionPriority(core.IPSR), core.PM ? 0 : THREAD);
    if (this.priorityOf(number) >= current) return false;
    if (number === SVCALL) core.pendingSVCall = false;
    else if (number === PENDSV) core.pendingPendSV = false;
    else if (number === SYSTICK) core.pendingSystick = false;
    else core.pendingInterrupts &= ~(1 << (number - IRQ0));
    core.waiting = false;
    core.exceptionEntry(number);
    core.PC &= ~1;
    return true;
  }

  private priorityOf(number: number): number {
    return number === 0 ? THREAD : this.core.exceptionPriority(number);
  }

  /** The pending exception of the highest priority, the lowest number first; 0 = none. */
  private pending(): number {
    const { core } = this;
    let best = 0;
    const consider = (number: number): void => {
      if (best === 0 || this.priorityOf(number) < this.priorityOf(best)) best = number;
    };
    if (core.pendingSVCall) consider(SVCALL);
    if (core.pendingPendSV) consider(PENDSV);
    if (core.pendingSystick) consider(SYSTICK);
    const irqs = core.pendingInterrupts & core.enabledInterrupts;
    for (let irq = 0; irqs !== 0 && irq < IRQS; irq++) if ((irqs & (1 << irq)) !== 0) consider(IRQ0 + irq);
    return best;
  }
}
