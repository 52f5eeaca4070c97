// SPDX-License-Identifier: MIT
// The ENC28J60, simulated at the level of SPI octets and of frames on the wire: Microchip data sheet DS39662E and errata sheet
// DS80349C, revisions B1 to B7. This file composes the parts: the pins, the wire, inspection, faults. SPI takes no time
// here: the clock is moved by whoever owns it. A frame goes to the wire whole at its first bit, so one that is aborted on
// the way arrives all the same. Leaves out CLKOUT, LEDs, the time a link takes to come up, RXBUSY, and electrical matters
// (SPI mode, chip-select timing).

import type { Clock } from '../net/clock.ts';
import { Control, MAX_SCK } from './control.ts';
import type { Revision } from './control.ts';
import { Core, SLOT_TIME } from './core.ts';
import { Dma } from './dma.ts';
import type { FaultName, FaultSettings, SuddenFaults } from './faults.ts';
import { FlowControl } from './flow.ts';
import { Mii } from './mii.ts';
import { Phy } from './phy.ts';
import { Receiver } from './receive.ts';
import type { Arrival } from './receive.ts';
import { Reg } from './registers.ts';
import type { RegisterName } from './registers.ts';
import { Spi } from './spi.ts';
import { Transmitter } from './transmit.ts';
import type { Medium } from './transmit.ts';
import type { Violation } from './violations.ts';

/** How long after power-on reads may be random, and how long a link flaps unless told, ns. */
const SETTLING = 1_000_000;

/** Bits whose loss stops a driver: where `register-flip` strikes unless told. */
const FLIPS: readonly (readonly [RegisterName, number])[] = [
  ['ECON1', 0],
  ['ECON1', 1],
  ['ECON1', 2],
  ['ERXSTH', 2],
  ['ERXNDL', 5],
  ['ERXNDH', 3],
  ['MAADR1', 1],
  ['MAADR6', 0],
  ['ERXFCON', 7],
  ['ERXFCON', 0],
  ['MACON1', 0],
  ['MACON3', 0],
  ['MACON3', 4],
];

export interface Options {
  /** Silicon revision; B7 if left out. */
  revision?: Revision;
  /** Faults that differ from what B7 does every time (`B7_FAULTS`). */
  faults?: Partial<FaultSettings>;
  /** All chance comes from here: power-on memory, back-off, faults. */
  seed?: number;
  /** SCK in Hz, for erratum 1 and the 20 MHz limit; 20 MHz if left out. */
  spiHz?: number;
  /**
   * The first bit of a frame goes on the wire: without FCS, padded if the chip pads, and the receiver's to keep. It has
   * its time on the wire still before it. Always called from the clock, never from within `transfer`.
   */
  onTransmit?: (frame: Uint8Array) => void;
}

export class Enc28j60 {
  /** What the host did that the documents forbid, in order. */
  readonly violations: Violation[];
  /** Called when INT is asserted. May be called from within `transfer`. */
  onInt?: (() => void) | undefined;
  /** The 8 KB buffer, for inspection. */
  readonly memory: Uint8Array;
  private readonly core: Core;
  private readonly control: Control;
  private readonly spi: Spi;
  private readonly phy: Phy;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  /** A fault of the bus may be at work: octets take the slow way. */
  private noisy = false;
  private poweredAt = 0;

  constructor(clock: Clock, options: Options = {}) {
    const core = new Core(clock, options.seed ?? 1, options.faults ?? {}, () => this.faultsChanged());
    this.core = core;
    core.onInt = () => this.onInt?.();
    this.violations = core.violations;
    this.memory = core.memory;
    const phy = new Phy(core);
    const receiver = new Receiver(core);
    const transmitter = new Transmitter(core, phy);
    const dma = new Dma(core);
    receiver.onPause = (units) => transmitter.pause(units * SLOT_TIME);
    transmitter.onFrame = options.onTransmit;
    transmitter.onEcho = (frame) => receiver.receive(frame, { runt: true });
    // Transmitter and DMA unit share a port of the memory: each waits for the other.
    transmitter.onDone = () => dma.start();
    transmitter.memoryBusy = () => dma.running;
    dma.onDone = () => transmitter.schedule();
    const parts = {
      phy,
      mii: new Mii(core, phy),
      receiver,
      transmitter,
      flow: new FlowControl(core, transmitter),
      dma,
    };
    this.control = new Control(core, parts, options.revision ?? 'B7', options.spiHz ?? MAX_SCK);
    this.spi = new Spi(this.control);
    this.phy = phy;
    this.receiver = receiver;
    this.transmitter = transmitter;
    this.powerOn();
  }

  // ---- SPI

  /** CS falls. */
  select(): void {
    this.spi.select();
  }

  /** Eight clocks: `octet` (0 … 255) on SI; returns the octet on SO. */
  transfer(octet: number): number {
    return this.noisy ? this.noisyTransfer(octet) : this.spi.transfer(octet);
  }

  /** CS rises inside an octet, fewer than eight clocks after the last whole one. */
  partial(): void {
    this.spi.partial();
  }

  /** CS rises. */
  deselect(): void {
    this.spi.deselect();
  }

  /** Bit errors both ways, a dead SO, or the first moments after power-on. */
  private noisyTransfer(octet: number): number {
    const { settings } = this.core.faults;
    const { random } = this.core;
    const flip = (value: number): number =>
      random.chance(settings['spi-noise']) ? value ^ (1 << random.below(8)) : value;
    const answer = flip(this.spi.transfer(flip(octet)));
    if (settings['miso-stuck'] !== false) return settings['miso-stuck'];
    if (settings['power-up-garbage'] && this.core.clock.now < this.poweredAt + SETTLING)
      return random.below(256);
    return answer;
  }

  // ---- Pins

  /** The INT pin; true = asserted (low). */
  get int(): boolean {
    return this.core.int;
  }

  /** A pulse on the RESET pin: all but the buffer memory is reset. */
  reset(): void {
    this.spi.abandon();
    this.control.hardReset();
  }

  /** The supply comes back: as RESET, and the memory holds anything. */
  powerOn(): void {
    this.core.random.fill(this.memory);
    this.poweredAt = this.core.clock.now;
    this.reset();
    this.faultsChanged();
  }

  // ---- The wire

  /**
   * A frame without FCS arrives: its last bit is in now. The sender is taken to have padded it to 60 octets, unless it is
   * marked as a runt; `badFcs` says that it was damaged on the way.
   */
  receive(frame: Uint8Array, arrival: Arrival = {}): void {
    if (this.phy.hears) this.receiver.receive(frame, arrival);
  }

  /** Whether the cable leads to a living partner; up at the start. */
  get linkUp(): boolean {
    return this.phy.linkUp;
  }

  set linkUp(up: boolean) {
    this.phy.linkUp = up;
  }

  /** What the next transmission in half duplex will find. */
  get medium(): Medium {
    return this.transmitter.medium;
  }

  // ---- Inspection and faults

  /** A register as the host would read it, without effects; `ERXWRPT` and the like are two registers, L and H. */
  register(name: RegisterName): number {
    return this.control.peek(Reg[name]);
  }

  /** Two registers as a word: the name without its L, for example `ERXWRPT`. */
  word(name: string): number {
    return this.register(`${name}L` as RegisterName) | (this.register(`${name}H` as RegisterName) << 8);
  }

  /** A PHY register as MII would read it, with the effects of reading. */
  phyRegister(address: number): number {
    return this.phy.read(address);
  }

  /** Set a fault from now on; see `FaultSettings`. */
  setFault<Name extends FaultName>(name: Name, setting: FaultSettings[Name]): void {
    this.core.faults.set(name, setting);
  }

  /** Make a sudden fault happen now, or any other at its next occasion. */
  trigger<Name extends keyof SuddenFaults>(name: Name, detail?: SuddenFaults[Name]): void;
  trigger(name: FaultName): void;
  trigger(name: FaultName | keyof SuddenFaults, detail?: unknown): void {
    const { core } = this;
    switch (name) {
      case 'count-drift':
        core.setPacketCount(
          Math.max(0, Math.min(255, core.packetCount + ((detail as number | undefined) ?? 1))),
        );
        return;
      case 'count-full':
        core.setPacketCount(255);
        return;
      case 'brown-out':
        if (detail === 'scrambled') core.random.fill(this.memory);
        this.reset();
        return;
      case 'register-flip': {
        const told = detail as SuddenFaults['register-flip'] | undefined;
        const [register, bit] = told ? [told.register, told.bit] : FLIPS[core.random.below(FLIPS.length)]!;
        core.registers.bytes[Reg[register]]! ^= 1 << bit;
        core.updateInt();
        return;
      }
      case 'link-flap':
        this.linkUp = false;
        core.clock.at(
          core.clock.now + ((detail as number | undefined) ?? SETTLING),
          () => (this.linkUp = true),
        );
        return;
      default:
        core.faults.arm(name);
    }
  }

  private faultsChanged(): void {
    const { settings } = this.core.faults;
    this.noisy =
      settings['spi-noise'] > 0 || settings['miso-stuck'] !== false || settings['power-up-garbage'];
    this.core.updateInt();
  }
}

export { REVISIONS } from './control.ts';
export type { Revision } from './control.ts';
export type { Arrival } from './receive.ts';
export type { Medium } from './transmit.ts';
export type { Violation, Rule } from './violations.ts';
export { B7_FAULTS, NO_FAULTS } from './faults.ts';
export type { FaultName, FaultSettings, SuddenFaults } from './faults.ts';
