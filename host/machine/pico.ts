// SPDX-License-Identifier: MIT
// A Raspberry Pi Pico that runs a UF2 file in virtual time, with a chip on its SPI pins. It takes part in the clock as an
// event that takes time: between two events of the world the processor executes, and before it touches the chip the
// clock's time becomes the processor's. A reset builds the chip anew around the same flash, SRAM and scratch registers.
// What the emulator is silent about, or silicon would punish, ends the run with a report.

import type { Alarm, VirtualClock } from '../net/clock.ts';
import { MILLISECOND } from '../net/clock.ts';
import { flashOf } from './rp2040/boot-rom.ts';
import { SRAM_BASE, SRAM_SIZE } from './rp2040/bus.ts';
import { Fault, PicoFailure } from './rp2040/failure.ts';
import { descriptorOf, moduleOf } from './rp2040/image.ts';
import type { ImageDescriptor } from './rp2040/image.ts';
import { Profile } from './rp2040/profile.ts';
import type { Cycles } from './rp2040/profile.ts';
import { System } from './rp2040/system.ts';
import type { PinViolation, SpiChip } from './rp2040/wiring.ts';

export interface PicoOptions {
  /** The file that would be copied to the drive. */
  uf2: Uint8Array;
  clock: VirtualClock;
  chip: SpiChip;
  /** Of all chance: power-on SRAM, the ring oscillator's bits. Default 1. */
  seed?: number | undefined;
  /** The flash chip's, 8 octets. */
  uniqueId?: Uint8Array | undefined;
  /** The ring oscillator's bit never changes. */
  stuckRosc?: boolean | undefined;
  /** A fault enters the firmware's handler, as on silicon, instead of ending the run. */
  deliverFaults?: boolean | undefined;
  /** WATCHDOG REASON at power-on: 1 after the boot ROM's drive has been left. Default 0. */
  reason?: number | undefined;
  /** Count cycles by owner. The image needs a descriptor, and the run is slower. */
  profile?: boolean | undefined;
}

/** What the firmware does, as it leaves it in SCRATCH0. */
export const Doing = { Booting: 1, Loading: 2, Polling: 3, Between: 4 } as const;

/** Lines of the UART that a report shows. */
const LINES_KEPT = 12;
/** The world looks at the processor at least so often. */
const QUANTUM = MILLISECOND;
const DEFAULT_ID = Uint8Array.of(0xe6, 0x60, 0x58, 0x38, 0x83, 0x13, 0x57, 0x2a);
const SCRATCHES = 8;

export class Pico {
  /** A line has left the UART; without its end. */
  onLine: (line: string) => void = () => undefined;
  /** SCRATCH0 has been written. */
  onMark: (doing: number) => void = () => undefined;
  /** The chip has been reset and boots again; `reason` is WATCHDOG REASON: 1 the timer, 2 by force, 0 SYSRESETREQ. */
  onReset: (reason: number) => void = () => undefined;
  /** The run is over. */
  onFailure: (failure: PicoFailure) => void = (failure) => {
    throw failure;
  };
  readonly flash: Uint8Array<ArrayBuffer>;
  readonly sram: Uint8Array<ArrayBuffer>;
  /** What was done to the pins of the ENC28J60 against its data sheet. */
  readonly violations: PinViolation[] = [];
  /** Resets since power-on. */
  resets = 0;
  private readonly options: PicoOptions;
  private readonly clock: VirtualClock;
  private readonly scratchWords = new Uint32Array(SCRATCHES);
  private readonly profile: Profile | undefined;
  private system: System;
  private state: 'new' | 'running' | 'over' = 'new';
  private pending: Alarm | undefined;
  private inTurn = false;
  private line = '';
  private readonly lines: string[] = [];
  private cyclesBefore = 0;
  private idleBefore = 0;

  /** Throws one line when the file is not for an RP2040, or its second stage would not be entered. */
  constructor(options: PicoOptions) {
    this.options = options;
    this.clock = options.clock;
    this.flash = flashOf(options.uf2);
    this.sram = powerOnSram(options);
    if (options.profile === true) {
      const { spi, spiEnd, interpreter, interpreterEnd } = this.image;
      this.profile = new Profile([spi, spiEnd], [interpreter, interpreterEnd]);
    }
    this.system = this.build(options.reason ?? 0, this.clock.now);
    options.chip.onInt = () => this.wake();
  }

  /** The image's descriptor. Throws when it has none. */
  get image(): ImageDescriptor {
    return descriptorOf(this.flash);
  }

  /** The module in flash. */
  get module(): Uint8Array<ArrayBuffer> {
    return moduleOf(this.flash, this.image);
  }

  /** The module's linear memory, live. */
  get memory(): Uint8Array<ArrayBuffer> {
    const { memory, memorySize } = this.image;
    return this.sram.subarray(memory - SRAM_BASE, memory - SRAM_BASE + memorySize);
  }

  /** Cycles executed since power-on. */
  get cycles(): number {
    return this.cyclesBefore + this.system.mcu.core.cycles;
  }

  /** Cycles since power-on by owner; zeros without the option `profile`. Idle ones at the system clock of now. */
  get cyclesByOwner(): Cycles {
    const { spi = 0, interpreter = 0, c = 0 } = this.profile ?? {};
    const idleNanos = this.idleBefore + this.system.clock.idleNanos;
    return { spi, interpreter, c, idle: Math.round((idleNanos * this.system.mcu.clkSys) / 1e9) };
  }

  /** Hz. */
  get systemClock(): number {
    return this.system.mcu.clkSys;
  }

  /** Whether the LED is lit. */
  get led(): boolean {
    return this.system.wiring.led;
  }

  get running(): boolean {
    return this.state === 'running';
  }

  /** A scratch register of the watchdog. */
  scratch(index: number): number {
    return this.scratchWords[index]!;
  }

  /** Power on. */
  start(): void {
    if (this.state !== 'new') throw new Error('the Pico has been started before');
    this.state = 'running';
    this.schedule(this.clock.now);
  }

  /** Power off. */
  stop(): void {
    this.state = 'over';
    this.pending?.cancel();
    this.pending = undefined;
    this.options.chip.onInt = undefined;
    this.system.limit = 0;
    this.system.interrupt();
  }

  private build(reason: number, nanos: number): System {
    const { chip, seed = 1, uniqueId = DEFAULT_ID, stuckRosc = false } = this.options;
    return new System({
      flash: this.flash,
      sram: this.sram,
      scratch: this.scratchWords,
      reason,
      uniqueId,
      seed: seed + this.resets,
      stuckRosc,
      nanos,
      chip,
      moment: { begin: () => this.agreeOnTime(), end: () => this.lookAhead() },
      violations: this.violations,
      profile: this.profile,
      deliverFaults: this.options.deliverFaults ?? false,
      onUart: (octet) => this.hear(octet),
      onScratch: (index, value) => {
        if (index !== 0) return;
        this.agreeOnTime();
        this.onMark(value);
        this.lookAhead();
      },
    });
  }

  // ---- Time

  private schedule(instant: number): void {
    this.pending?.cancel();
    this.pending = this.clock.at(instant, () => this.turn());
  }

  /** INT is asserted. */
  private wake(): void {
    this.system.wiring.updateInt();
    if (!this.inTurn && this.state === 'running' && this.system.isAsleep) this.schedule(this.clock.now);
  }

  /** Execute until something else is due. */
  private turn(): void {
    this.pending = undefined;
    const { clock } = this;
    const { now } = clock;
    // A run that ends now still lets an instruction happen: its end is no standstill.
    const horizon = Math.max(clock.horizon, now + 1);
    this.inTurn = true;
    try {
      this.system.wiring.updateInt();
      this.system.run(now, Math.min(clock.nextDue, horizon, now + QUANTUM));
      if (this.system.resetBy !== undefined) this.restart(this.system.resetBy);
    } catch (error) {
      this.fail(error);
      return;
    } finally {
      this.inTurn = false;
    }
    if (this.state !== 'running') return;
    const { isAsleep, nanos } = this.system;
    const next = isAsleep ? this.system.clock.nextDue : nanos;
    if (next < Infinity) this.schedule(Math.max(clock.now, Math.ceil(next)));
  }

  /** The world's time becomes the processor's. */
  private agreeOnTime(): void {
    this.clock.advance(Math.floor(this.system.nanos));
  }

  /** Something may have become due before the limit. */
  private lookAhead(): void {
    const { clock, system } = this;
    if (clock.nextDue >= system.limit) return;
    system.limit = clock.nextDue;
    system.interrupt();
  }

  // ---- Reset and failure

  private restart(reason: number): void {
    const { system } = this;
    this.agreeOnTime();
    system.wiring.disconnect();
    this.cyclesBefore += system.mcu.core.cycles;
    this.idleBefore += system.clock.idleNanos;
    this.endLine();
    this.resets++;
    this.system = this.build(reason, system.nanos);
    this.onReset(reason);
  }

  private fail(error: unknown): void {
    if (!(error instanceof Fault)) throw error;
    const { core } = this.system.mcu;
    this.stop();
    this.onFailure(
      new PicoFailure(
        error.message,
        {
          pc: core.PC,
          lr: core.LR,
          sp: core.SP,
          scratch: [...this.scratchWords],
          lines: this.line === '' ? [...this.lines] : [...this.lines, this.line],
          cycles: core.cycles,
        },
        error,
      ),
    );
  }

  // ---- UART

  private hear(octet: number): void {
    if (octet === 0x0a) this.endLine();
    else if (octet !== 0x0d) this.line += String.fromCharCode(octet);
  }

  private endLine(): void {
    if (this.line === '') return;
    const { line } = this;
    this.line = '';
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
    this.agreeOnTime();
    this.onLine(line);
    this.lookAhead();
  }
}

/** Anything may stand there. */
function powerOnSram({ seed = 1 }: PicoOptions): Uint8Array<ArrayBuffer> {
  const sram = new Uint8Array(SRAM_SIZE);
  let state = seed >>> 0;
  for (let i = 0; i < SRAM_SIZE; i++) {
    state = (Math.imul(state, 0x19660d) + 0x3c6ef35f) >>> 0;
    sram[i] = state >>> 24;
  }
  return sram;
}
