// SPDX-License-Identifier: MIT
// The wires between the Pico and the ENC28J60: SPI0 on GP16 (MISO), GP18 (SCK), GP19 (MOSI), chip select GP17, INT GP20,
// RESET GP21. A frame takes its bits and a gap of two periods of SCK, as the PL022 leaves in mode 0, and reaches the chip
// at its end. What must hold on silicon is demanded: functions of the pins, mode, SCK (Faults), and the times of chip
// select (ENC28J60 data sheet table 16-6), which are listed as violations like the chip's own.

import { GPIOPinState } from 'rp2040js';
import type { RP2040 } from 'rp2040js';
import type { SpiDevice } from '../hal.ts';
import type { CoreClock } from './core-clock.ts';
import { Fault } from './failure.ts';

/** The chip as its pins show it. */
export interface SpiChip extends SpiDevice {
  /** CS rises inside an octet. */
  partial(): void;
  /** A pulse on RESET. */
  reset(): void;
  /** INT; true = asserted (low). */
  readonly int: boolean;
  /** Called when INT is asserted. */
  onInt?: (() => void) | undefined;
  /** Of the register that is selected for commands: whether it belongs to the MAC or MII, whose commands end later. */
  isMacOrMii(address: number): boolean;
}

/** What a host did to the chip's pins that its data sheet forbids. */
export interface PinViolation {
  rule: string;
  detail: string;
  /** ns. */
  at: number;
}

const MISO = 16;
const CS = 17;
const SCK = 18;
const MOSI = 19;
const INT = 20;
const RESET = 21;
const LED = 25;
const FUNCTION_SPI = 1;

const SSPCR0 = 0x00;
/** CR0: SPO, SPH, FRF. */
const MODE = 0xf0;
const MAX_SCK = 20e6;
/** Periods of SCK between two frames. */
const GAP = 2;

/** Nanoseconds. */
const SETUP = 50;
const DISABLE = 50;
const HOLD = 10;
const HOLD_MAC = 210;

const KEPT = 1000;

/** Stands around whatever touches the chip: the chip's time has to be the processor's. */
export interface Moment {
  begin(): void;
  end(): void;
}

export class Wiring {
  readonly violations: PinViolation[];
  private readonly mcu: RP2040;
  private readonly clock: CoreClock;
  private readonly chip: SpiChip;
  private readonly moment: Moment;
  private readonly alarm: ReturnType<CoreClock['createAlarm']>;
  private isSelected = false;
  private isHeldInReset = false;
  /** The level last put on GP20. */
  private intLevel: boolean | undefined;
  private frame = 0;
  private isBusy = false;
  private period = 0;
  /** Instants: CS fell or rose, the last clock edge. */
  private selectedAt = -Infinity;
  private deselectedAt = -Infinity;
  private lastEdgeAt = -Infinity;
  /** The first octet of this command; -1 before it. */
  private opcode = -1;

  /** `violations` is added to. */
  constructor(mcu: RP2040, clock: CoreClock, chip: SpiChip, moment: Moment, violations: PinViolation[]) {
    this.mcu = mcu;
    this.clock = clock;
    this.chip = chip;
    this.moment = moment;
    this.violations = violations;
    this.alarm = clock.createAlarm(() => this.complete());
    mcu.spi[0]!.onTransmit = (frame) => this.transmit(frame);
    mcu.gpio[CS]!.addListener((state) => this.select(state));
    mcu.gpio[RESET]!.addListener((state) => this.reset(state));
    this.updateInt();
  }

  /** Whether the LED is lit. */
  get led(): boolean {
    return this.mcu.gpio[LED]!.value === GPIOPinState.High;
  }

  /** GP20 follows INT. To be called when the chip may have changed it. */
  updateInt(): void {
    const level = !this.chip.int;
    if (level === this.intLevel) return;
    this.intLevel = level;
    this.mcu.gpio[INT]!.setInputValue(level);
  }

  /** The pins become inputs. */
  disconnect(): void {
    if (!this.isSelected) return;
    this.isSelected = false;
    this.touch(this.isBusy ? 'partial' : 'deselect');
  }

  private select(state: GPIOPinState): void {
    const now = this.clock.nanos;
    const isLow = state === GPIOPinState.Low;
    if (isLow === this.isSelected) return;
    this.isSelected = isLow;
    if (isLow) {
      if (now - this.deselectedAt < DISABLE)
        this.report('CS high for less than 50 ns', now - this.deselectedAt);
      this.selectedAt = now;
      this.opcode = -1;
      this.touch('select');
      return;
    }
    this.deselectedAt = now;
    const hold = this.needsLongHold() ? HOLD_MAC : HOLD;
    if (this.isBusy) {
      this.report('CS rises within a frame', 0);
      this.touch('partial');
    } else {
      if (now - this.lastEdgeAt < hold)
        this.report(`CS held for less than ${hold} ns`, now - this.lastEdgeAt);
      this.touch('deselect');
    }
    this.updateInt();
  }

  /** RCR, WCR, BFS, BFC of a MAC or MII register. */
  private needsLongHold(): boolean {
    return [0, 2, 4, 5].includes(this.opcode >> 5) && this.chip.isMacOrMii(this.opcode & 0x1f);
  }

  private reset(state: GPIOPinState): void {
    const isLow = state === GPIOPinState.Low;
    if (isLow === this.isHeldInReset) return;
    this.isHeldInReset = isLow;
    this.touch('reset');
    this.updateInt();
  }

  private transmit(frame: number): void {
    const spi = this.mcu.spi[0]!;
    const now = this.clock.nanos;
    this.demand();
    this.frame = frame;
    this.isBusy = true;
    this.period = 1e9 / spi.clockFrequency;
    // The first edge comes half a period after the frame has begun.
    const setup = now + this.period / 2 - this.selectedAt;
    if (this.opcode < 0 && setup < SETUP) this.report('CS set up for less than 50 ns', setup);
    this.alarm.schedule((spi.dataBits + GAP) * this.period);
  }

  private complete(): void {
    const spi = this.mcu.spi[0]!;
    this.isBusy = false;
    // On silicon what was received is there half a period after the last edge: taken as the edge, a firmware that holds CS
    // long enough here does so there.
    this.lastEdgeAt = this.clock.nanos - this.period / 2;
    const received =
      spi.dataBits === 8
        ? this.exchange(this.frame)
        : (this.exchange(this.frame >>> 8) << 8) | this.exchange(this.frame & 0xff);
    spi.completeTransmit(received);
    this.updateInt();
  }

  private exchange(octet: number): number {
    if (!this.isSelected) return 0xff; // SO floats, pulled up
    if (this.isHeldInReset) {
      this.report('clocked while RESET is low', 0);
      return 0xff;
    }
    if (this.opcode < 0) this.opcode = octet;
    this.moment.begin();
    const answer = this.chip.transfer(octet);
    this.moment.end();
    return answer;
  }

  private touch(what: 'select' | 'deselect' | 'partial' | 'reset'): void {
    this.moment.begin();
    this.chip[what]();
    this.moment.end();
  }

  /** What the emulator does not care about. */
  private demand(): void {
    const { gpio, spi } = this.mcu;
    const spi0 = spi[0]!;
    for (const pin of [MISO, SCK, MOSI]) {
      const { functionSelect } = gpio[pin]!;
      if (functionSelect !== FUNCTION_SPI)
        throw new Fault(`SPI0 is used while GP${pin} has function ${functionSelect}`);
    }
    if (!gpio[MISO]!.inputEnable) throw new Fault(`SPI0 is used while the pad of GP${MISO} takes no input`);
    if (!spi0.enabled) throw new Fault('SPI0 is used while SSE = 0');
    const cr0 = spi0.readUint32(SSPCR0);
    if ((cr0 & MODE) !== 0) throw new Fault(`SPI0 is not in Motorola mode 0: CR0 = 0x${cr0.toString(16)}`);
    const { dataBits, clockFrequency } = spi0;
    if (dataBits !== 8 && dataBits !== 16)
      throw new Fault(`SPI0 has frames of ${dataBits} bits, not 8 or 16`);
    if (!(clockFrequency > 0) || clockFrequency > MAX_SCK) {
      throw new Fault(`SPI0 runs at ${clockFrequency} Hz; the ENC28J60 takes up to ${MAX_SCK}`);
    }
    if (this.isSelected) return;
    throw new Fault('SPI0 is used while CS (GP17) is not low');
  }

  private report(rule: string, nanos: number): void {
    if (this.violations.length >= KEPT) return;
    const opcode = this.opcode < 0 ? 'before the opcode' : `opcode 0x${this.opcode.toString(16)}`;
    this.violations.push({ rule, detail: `${nanos.toFixed(1)} ns, ${opcode}`, at: this.clock.nanos });
  }
}
