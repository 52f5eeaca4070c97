// SPDX-License-Identifier: MIT
// The emulated chip's time, counted in cycles of its processor: nothing has to be added up per instruction. Alarms of the
// peripherals (timers, SPI frames, the watchdog) are ordered by instant, equal ones by order of call. While the
// processor sleeps no cycles are counted; `skipTo` moves the time on.

import type { RP2040 } from 'rp2040js';

/** The clock's type as rp2040js asks for it; the package does not export it. */
type EmulatorClock = RP2040['clock'];

/** A pending or idle alarm. */
export class CoreAlarm {
  /** When it is due, ns since the chip's power-on. */
  nanos = 0;
  scheduled = false;
  readonly callback: () => void;
  private readonly clock: CoreClock;

  constructor(clock: CoreClock, callback: () => void) {
    this.clock = clock;
    this.callback = callback;
  }

  schedule(deltaNanos: number): void {
    this.scheduleAt(this.clock.nanos + deltaNanos);
  }

  scheduleAt(nanos: number): void {
    this.cancel();
    this.nanos = nanos;
    this.scheduled = true;
    this.clock.add(this);
  }

  cancel(): void {
    if (!this.scheduled) return;
    this.scheduled = false;
    this.clock.remove(this);
  }
}

export class CoreClock implements EmulatorClock {
  /** Called when an alarm becomes the next one. */
  onEarlier: () => void = () => undefined;
  /** Nanoseconds without cycles: asleep. */
  idleNanos = 0;
  private readonly alarms: CoreAlarm[] = [];
  private core: { readonly cycles: number } = { cycles: 0 };
  private originNanos: number;
  private originCycles = 0;
  private nanosPerCycle: number;
  /** While an alarm's callback runs, its own instant. */
  private frozenAt: number | undefined;

  /** Begins at `nanos`, at `frequency` Hz. */
  constructor(nanos: number, frequency: number) {
    this.originNanos = nanos;
    this.nanosPerCycle = 1e9 / frequency;
  }

  /** Count the cycles of `core`. */
  attach(core: { readonly cycles: number }): void {
    this.core = core;
  }

  /** Nanoseconds since the start, with a fraction. */
  get nanos(): number {
    return this.frozenAt ?? this.originNanos + (this.core.cycles - this.originCycles) * this.nanosPerCycle;
  }

  /** From now on a cycle takes 1 / `frequency`. */
  setFrequency(frequency: number): void {
    this.rebase(this.nanos);
    this.nanosPerCycle = 1e9 / frequency;
  }

  createAlarm(callback: () => void): CoreAlarm {
    return new CoreAlarm(this, callback);
  }

  /** When the next alarm is due; Infinity when there is none. */
  get nextDue(): number {
    return this.alarms[0]?.nanos ?? Infinity;
  }

  /** The first cycle count at or after `nanos`. */
  cyclesAt(nanos: number): number {
    return this.originCycles + Math.ceil((nanos - this.originNanos) / this.nanosPerCycle);
  }

  /** Run the alarms that are due, up to `limit` included. */
  runDue(limit: number): void {
    const end = Math.min(this.nanos, limit);
    for (let alarm = this.alarms[0]; alarm !== undefined && alarm.nanos <= end; alarm = this.alarms[0]) {
      this.alarms.shift();
      alarm.scheduled = false;
      this.frozenAt = alarm.nanos;
      try {
        alarm.callback();
      } finally {
        this.frozenAt = undefined;
      }
    }
  }

  /** The processor sleeps until `nanos`; earlier than now is now. */
  skipTo(nanos: number): void {
    const now = this.nanos;
    if (nanos <= now) return;
    this.idleNanos += nanos - now;
    this.rebase(nanos);
  }

  /** For CoreAlarm. */
  add(alarm: CoreAlarm): void {
    const { alarms } = this;
    let i = alarms.length;
    while (i > 0 && alarms[i - 1]!.nanos > alarm.nanos) i--;
    alarms.splice(i, 0, alarm);
    if (i === 0) this.onEarlier();
  }

  /** For CoreAlarm. */
  remove(alarm: CoreAlarm): void {
    this.alarms.splice(this.alarms.indexOf(alarm), 1);
  }

  private rebase(nanos: number): void {
    this.originNanos = nanos;
    this.originCycles = this.core.cycles;
  }
}
