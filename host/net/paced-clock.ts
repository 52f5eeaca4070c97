// SPDX-License-Identifier: MIT
// Virtual time that keeps to the computer's clock, for worlds that are simulated as a whole, processors included, while
// people or kernels take part. It is never ahead. When the work takes longer than the time it simulates, everything in
// it runs slow together, and what was lost is not made up for. The event loop gets its turns in between.

import { MILLISECOND, VirtualClock } from './clock.ts';
import type { Alarm } from './clock.ts';

/** Work at one go, ns of real time: then I/O has its turn. */
const SLICE = 5 * MILLISECOND;
/** How far it may be behind and still catch up, ns. */
const SLACK = 50 * MILLISECOND;

export class PacedClock extends VirtualClock {
  override readonly repeats = false;
  /** The real instant at which virtual time 0 would have been; later with each delay. */
  private origin: bigint | undefined;
  private timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  private timerAt = Infinity;
  private inSlice = false;
  private started = 0n;
  private startedAt = 0;

  /** Where it stands; between events it goes with the computer's clock. */
  override get now(): number {
    if (this.inSlice || this.origin === undefined) return this.instant;
    return Math.max(this.instant, Math.min(this.target, this.nextDue));
  }

  override at(instant: number, action: () => void): Alarm {
    if (!this.inSlice) this.instant = this.now;
    const alarm = super.at(instant, action);
    if (!this.inSlice && this.nextDue < this.timerAt) this.arm();
    return alarm;
  }

  /** From now on it goes by itself. Before, it is a VirtualClock. */
  start(): void {
    this.started = process.hrtime.bigint();
    this.startedAt = this.instant;
    this.origin = this.started - BigInt(Math.floor(this.instant));
    this.arm();
  }

  /** It stands still for good. */
  stop(): void {
    this.disarm();
    this.origin = undefined;
  }

  /** Virtual time per real time since `start`. */
  get pace(): number {
    return (this.now - this.startedAt) / Math.max(1, Number(process.hrtime.bigint() - this.started));
  }

  /** Where the computer's clock is, in virtual time. */
  private get target(): number {
    return Number(process.hrtime.bigint() - this.origin!);
  }

  private disarm(): void {
    clearTimeout(this.timer as NodeJS.Timeout);
    clearImmediate(this.timer as NodeJS.Immediate);
    this.timer = undefined;
    this.timerAt = Infinity;
  }

  private arm(): void {
    if (this.origin === undefined) return;
    this.disarm();
    this.timerAt = this.nextDue;
    if (this.timerAt === Infinity) return;
    const waitMs = Math.floor((this.timerAt - this.target) / MILLISECOND);
    // The last millisecond is spent in turns of the event loop, as RealClock does.
    this.timer = waitMs < 1 ? setImmediate(() => this.slice()) : setTimeout(() => this.slice(), waitMs);
  }

  /** What is due, but not for long. */
  private slice(): void {
    const { target } = this;
    const end = process.hrtime.bigint() + BigInt(SLICE);
    this.inSlice = true;
    this.horizon = target;
    try {
      while (this.origin !== undefined && this.nextDue <= target && process.hrtime.bigint() < end)
        this.step();
    } finally {
      this.inSlice = false;
      this.horizon = Infinity;
    }
    if (this.origin === undefined) return;
    const late = this.target - this.instant;
    if (this.nextDue <= target && late > SLACK) this.origin += BigInt(Math.floor(late - SLACK));
    this.arm();
  }
}
