// SPDX-License-Identifier: MIT
// The time of one run: microseconds since the script began, over the subject's clock. Passing time stops wherever the
// stack has moved, so that calls that wait can be tried again.

import { MICROSECOND } from '../net/clock.ts';
import type { Subject } from './subject.ts';

/** Microseconds by which the module's clock, which counts milliseconds, may be off. */
const CLOCK_US = 1_000;

export class Timeline {
  /** How far from the script's time something may happen. */
  readonly slack: number;
  /** Called when the stack has moved, and at the instants that `alarms` names. */
  onMove: () => void = () => undefined;
  /** Instants at which to look even if the stack does nothing. */
  alarms: () => number[] = () => [];
  private readonly origin: number;
  private hasMoved = false;

  constructor(
    private readonly subject: Subject,
    toleranceUs: number,
  ) {
    this.origin = subject.clock.now;
    this.slack = toleranceUs + CLOCK_US + subject.latencyUs;
    subject.onPolled = () => (this.hasMoved = true);
  }

  /** Microseconds since the script began. */
  get now(): number {
    return (this.subject.clock.now - this.origin) / MICROSECOND;
  }

  /** Let time pass until `us`, or until `isEnough`. */
  advance(us: number, isEnough: () => boolean = () => false): void {
    const { clock } = this.subject;
    const target = this.instant(us);
    this.settle();
    while (!isEnough() && clock.now < target) {
      const alarms = this.alarms().map((alarm) => this.instant(alarm));
      const stop = Math.min(target, ...alarms.filter((alarm) => alarm > clock.now));
      clock.runWhile(() => !this.hasMoved && !isEnough(), Math.max(0, stop - clock.now));
      if (stop < target && clock.now >= stop) this.hasMoved = true;
      this.settle();
    }
  }

  /** Whatever follows from what the stack has done by now. */
  settle(): void {
    if (!this.hasMoved) return;
    this.onMove();
    this.hasMoved = false; // what the tries themselves have polled is no news
  }

  private instant(us: number): number {
    return Math.round(this.origin + us * MICROSECOND);
  }
}

/** For messages. */
export function seconds(us: number): string {
  return (us / 1e6).toFixed(6);
}
