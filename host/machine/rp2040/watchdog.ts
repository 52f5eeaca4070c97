// SPDX-License-Identifier: MIT
// The watchdog (RP2040 data sheet section 4.7): the tick that the timer runs on too, the countdown, and the registers that
// a reset leaves alone. The count falls by two per tick (erratum RP2040-E1). What a reset does is the owner's.

import { BasePeripheral } from 'rp2040js';
import type { RP2040 } from 'rp2040js';
import type { CoreAlarm, CoreClock } from './core-clock.ts';
import { Fault } from './failure.ts';

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCH7 = 0x28;
const TICK = 0x2c;

const TRIGGER = 0x80000000;
const ENABLE = 0x40000000;
const PAUSE = 0x07000000;
const TIME = 0xffffff;
const TICK_RUNNING = 1 << 10;
const TICK_ENABLE = 1 << 9;
const TICK_CYCLES = 0x1ff;

/** REASON: the countdown, or TRIGGER. */
const REASON_TIMER = 1;
const REASON_FORCE = 2;

/** Nanoseconds that one of the count takes. */
const COUNT_NANOS = 500;

export class Watchdog extends BasePeripheral {
  /** It bites: the chip is to be reset. */
  onBite: (reason: number) => void = () => undefined;
  /** A scratch register has been written. */
  onScratch: (index: number, value: number) => void = () => undefined;
  readonly scratch: Uint32Array;
  /** Why the last reset was. */
  private readonly reason: number;
  private readonly clock: CoreClock;
  private readonly alarm: CoreAlarm;
  private control = PAUSE;
  private tick = 0;
  /** The count, and when it was that. */
  private count = 0;
  private countedAt = 0;

  /** `scratch` is kept as it is. */
  constructor(mcu: RP2040, clock: CoreClock, scratch: Uint32Array, reason: number) {
    super(mcu, 'WATCHDOG');
    this.clock = clock;
    this.scratch = scratch;
    this.reason = reason;
    this.alarm = clock.createAlarm(() => this.onBite(REASON_TIMER));
  }

  /** Whether the 1 MHz tick runs, on which the timer counts. */
  get ticks(): boolean {
    return (this.tick & TICK_ENABLE) !== 0;
  }

  override readUint32(offset: number): number {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) return this.scratch[(offset - SCRATCH0) >> 2]!;
    switch (offset) {
      case CTRL:
        return (this.control | this.now) >>> 0;
      case LOAD:
        return 0;
      case REASON:
        return this.reason;
      case TICK:
        return this.tick | (this.ticks ? TICK_RUNNING : 0);
      default:
        return super.readUint32(offset);
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) {
      const index = (offset - SCRATCH0) >> 2;
      this.scratch[index] = value;
      this.onScratch(index, value >>> 0);
      return;
    }
    switch (offset) {
      case CTRL:
        this.setCount(this.now);
        this.control = value & (ENABLE | PAUSE);
        this.arm();
        if ((value & TRIGGER) !== 0) this.onBite(REASON_FORCE);
        return;
      case LOAD:
        this.setCount(value & TIME);
        this.arm();
        return;
      case TICK:
        this.setCount(this.now);
        this.tick = value & (TICK_ENABLE | TICK_CYCLES);
        if (this.ticks) this.checkTick();
        this.arm();
        return;
      default:
        super.writeUint32(offset, value);
    }
  }

  private get now(): number {
    if (!this.counting) return this.count;
    return Math.max(0, this.count - Math.floor((this.clock.nanos - this.countedAt) / COUNT_NANOS));
  }

  private get counting(): boolean {
    return (this.control & ENABLE) !== 0 && this.ticks;
  }

  private setCount(count: number): void {
    this.count = count;
    this.countedAt = this.clock.nanos;
  }

  private arm(): void {
    if (this.counting) this.alarm.scheduleAt(this.countedAt + this.count * COUNT_NANOS);
    else this.alarm.cancel();
  }

  /** The tick is clk_ref divided; everything that counts microseconds is wrong if it is not 1 MHz. */
  private checkTick(): void {
    const hz = this.rp2040.clocks.refFreq / (this.tick & TICK_CYCLES);
    if (hz !== 1e6) throw new Fault(`WATCHDOG TICK makes ${hz} Hz of clk_ref, not 1 MHz`);
  }
}
