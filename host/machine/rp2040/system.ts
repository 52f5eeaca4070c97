// SPDX-License-Identifier: MIT
// An RP2040 from one reset to the next: the emulator's parts, those that stand in for them, and the loop that lets time,
// alarms, interrupts and instructions happen in their order.

import { RP2040 } from 'rp2040js';
import type { Logger } from 'rp2040js';
import { bootFromFlash } from './boot-rom.ts';
import { Bus } from './bus.ts';
import { CoreClock } from './core-clock.ts';
import { correctPads, correctSio, correctSpi, correctTimer, correctUart } from './corrections.ts';
import { Fault, HardFault } from './failure.ts';
import { FlashChip } from './flash-chip.ts';
import { Interrupts } from './interrupts.ts';
import { Ppb } from './ppb.ts';
import { Processor } from './processor.ts';
import type { Profile } from './profile.ts';
import { Resets } from './resets.ts';
import { Rosc } from './rosc.ts';
import { IoQspi, Ssi, XipControl } from './ssi.ts';
import { Watchdog } from './watchdog.ts';
import { Wiring } from './wiring.ts';
import type { Moment, PinViolation, SpiChip } from './wiring.ts';

/** The ring oscillator's frequency, on which the chip starts (data sheet section 2.17: 1.8 … 12 MHz). */
const ROSC_HZ = 6_500_000;
const HARD_FAULT = 3;
const PSM_WDSEL = 0x08;
/** All but ROSC and XOSC. */
const PSM_RESET_ALL = 0x1fffc;

/** What outlives a reset, and what the chip is connected to. */
export interface SystemOptions {
  flash: Uint8Array<ArrayBuffer>;
  sram: Uint8Array<ArrayBuffer>;
  scratch: Uint32Array;
  /** WATCHDOG REASON. */
  reason: number;
  uniqueId: Uint8Array;
  /** Of the ring oscillator's bits. */
  seed: number;
  stuckRosc: boolean;
  /** Power-on of this system, ns. */
  nanos: number;
  chip: SpiChip;
  moment: Moment;
  violations: PinViolation[];
  profile: Profile | undefined;
  /** A HardFault is the firmware's to handle; otherwise it ends the run. */
  deliverFaults: boolean;
  onUart: (octet: number) => void;
  onScratch: (index: number, value: number) => void;
}

export class System {
  readonly mcu: RP2040;
  readonly wiring: Wiring;
  readonly clock: CoreClock;
  /** Set when the chip has been reset: the new REASON. */
  resetBy: number | undefined;
  /** Where `run` stops; may be brought nearer while it runs. ns */
  limit = 0;
  private readonly processor: Processor;
  private readonly interrupts: Interrupts;
  private readonly deliverFaults: boolean;
  /** A fault in the handler of a fault: only a reset helps. */
  private isLockedUp = false;

  constructor(options: SystemOptions) {
    const { flash, sram, scratch, nanos, moment } = options;
    this.deliverFaults = options.deliverFaults;
    const clock = new CoreClock(nanos, ROSC_HZ);
    const mcu = new RP2040(clock);
    this.clock = clock;
    this.mcu = mcu;
    mcu.logger = STRICT;
    mcu.onBreak = (code) => {
      throw new HardFault(`BKPT or UDF ${code}`);
    };
    mcu.roscFreq = mcu.clkSys = mcu.clkPeri = ROSC_HZ;
    clock.attach(mcu.core);
    const bus = new Bus(mcu, flash, sram);
    const watchdog = new Watchdog(mcu, clock, scratch, options.reason);
    const rosc = new Rosc(mcu, options.seed);
    rosc.stuck = options.stuckRosc;
    const flashChip = new FlashChip(flash, options.uniqueId);
    const qspi = new IoQspi(mcu, flashChip);
    const ssi = new Ssi(mcu, bus, flashChip, qspi);
    const { peripherals } = mcu;
    peripherals[0x14000] = new XipControl(mcu);
    peripherals[0x18000] = ssi;
    peripherals[0x4000c] = new Resets(mcu, bus);
    peripherals[0x40018] = qspi;
    peripherals[0x40058] = watchdog;
    peripherals[0x40060] = rosc;
    correctPads(mcu);
    correctTimer(mcu, clock, watchdog);
    correctSio(mcu);
    correctSpi(mcu, 0);
    correctUart(mcu, 0, clock, options.onUart);
    this.interrupts = new Interrupts(mcu.core);
    this.processor = new Processor(mcu, bus, clock);
    this.processor.profile = options.profile;
    const ppb = new Ppb(mcu, bus, this.processor, this.interrupts);
    ppb.onReset = () => this.reset(0);
    watchdog.onScratch = options.onScratch;
    watchdog.onBite = (reason) => this.bite(reason);
    mcu.addClockListener((hz) => {
      clock.setFrequency(hz);
      ssi.checkClock();
      this.processor.interrupt();
    });
    this.wiring = new Wiring(mcu, clock, options.chip, moment, options.violations);
    bootFromFlash(mcu, flash, sram, scratch);
  }

  /** The processor's instant, ns with a fraction. */
  get nanos(): number {
    return this.clock.nanos;
  }

  get isAsleep(): boolean {
    return this.mcu.core.waiting || this.isLockedUp;
  }

  /** Look at the world again after this instruction. */
  interrupt(): void {
    this.processor.interrupt();
  }

  /**
   * Execute from `now` (for a processor that slept until then) to `limit`, or until it sleeps with nothing due before, or
   * until it is reset. Throws Fault: of those that are delivered, none.
   */
  run(now: number, limit: number): void {
    const { clock, interrupts } = this;
    const { core } = this.mcu;
    this.limit = limit;
    if (this.isAsleep) clock.skipTo(Math.min(now, clock.nextDue));
    for (;;) {
      clock.runDue(this.limit);
      if (this.resetBy !== undefined) return;
      if (core.interruptsUpdated && !this.isLockedUp) core.checkForInterrupts();
      if (this.isAsleep) {
        if (!this.isLockedUp && interrupts.wakes) core.waiting = false;
        else if (clock.nextDue > this.limit) return;
        else clock.skipTo(clock.nextDue);
        continue;
      }
      if (clock.nanos >= this.limit) return;
      this.burst(clock.cyclesAt(Math.min(this.limit, clock.nextDue)));
    }
  }

  private burst(end: number): void {
    if (!this.deliverFaults) {
      this.processor.burst(end);
      return;
    }
    const { core } = this.mcu;
    try {
      this.processor.burst(end);
    } catch (error) {
      if (!(error instanceof HardFault)) throw error;
      if (core.IPSR !== 0) this.isLockedUp = true;
      else this.enterHardFault();
    }
  }

  /** Where the exception's frame cannot be stored, either, the core locks up. */
  private enterHardFault(): void {
    const { core } = this.mcu;
    const pc = core.PC;
    try {
      core.exceptionEntry(HARD_FAULT);
      core.PC &= ~1;
    } catch (error) {
      if (!(error instanceof HardFault)) throw error;
      core.PC = pc;
      this.isLockedUp = true;
    }
  }

  private bite(reason: number): void {
    const select = this.mcu.peripherals[0x40010]!.readUint32(PSM_WDSEL);
    if ((select & PSM_RESET_ALL) !== PSM_RESET_ALL) {
      throw new Fault(
        `the watchdog bites with PSM WDSEL = 0x${select.toString(16)}: not everything would be reset`,
      );
    }
    this.reset(reason);
  }

  private reset(reason: number): void {
    this.resetBy = reason;
    this.processor.interrupt();
  }
}

/** What the emulator has to say is always that something is wrong. */
const STRICT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (part, text) => {
    throw new Fault(`${part}: ${text}`);
  },
  error: (part, text) => {
    throw new Fault(`${part}: ${text}`);
  },
};
