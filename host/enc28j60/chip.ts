// SPDX-License-Identifier: MIT
// The ENC28J60, simulated at the level of SPI octets and of frames on the wire: Microchip data sheet DS39662E and errata sheet
// DS80349C, revisions B1 to B7. This file composes the parts, gives registers their effects, and holds resets, power save,
// faults and the pins. SPI takes no time here: the clock is moved by whoever owns it. Leaves out CLKOUT, LEDs, the time a
// link takes to come up, RXBUSY, and electrical matters (SPI mode, chip-select timing).

import type { Clock } from '../net/clock.ts';
import { Core, OSCILLATOR_START, SLOT_TIME } from './core.ts';
import { Dma } from './dma.ts';
import type { FaultName, FaultSettings, SuddenFaults } from './faults.ts';
import { FlowControl } from './flow.ts';
import { Mii } from './mii.ts';
import { Phy } from './phy.ts';
import { Receiver } from './receive.ts';
import type { Arrival } from './receive.ts';
import { EBSTCON, ECON1, ECON2, EFLOCON, EIR, ESTAT, groupOf, MACON3, nameOf, Reg } from './registers.ts';
import type { RegisterName } from './registers.ts';
import { Spi } from './spi.ts';
import { Transmitter } from './transmit.ts';
import type { Medium } from './transmit.ts';
import { hex } from './violations.ts';
import type { Violation } from './violations.ts';

/** Silicon revisions and what EREVID says of them. */
export const REVISIONS = { B1: 0x02, B4: 0x04, B5: 0x05, B7: 0x06 } as const;
export type Revision = keyof typeof REVISIONS;

/** The highest SCK, Hz. */
const MAX_SCK = 20_000_000;
/** Erratum 1: SCK below this is unreliable on B1 and B4, Hz. */
const MIN_SAFE_SCK = 8_000_000;
/** Erratum 2, and power-up: how long the chip is not to be trusted, ns. */
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
  private readonly revision: Revision;
  private readonly spi: Spi;
  private readonly phy: Phy;
  private readonly mii: Mii;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  private readonly flow: FlowControl;
  private readonly dma: Dma;
  private readonly spiHz: number;
  /** A fault of the bus may be at work: octets take the slow way. */
  private noisy = false;
  private poweredAt = 0;
  private readPointerLowWritten = false;

  constructor(clock: Clock, options: Options = {}) {
    const core = new Core(clock, options.seed ?? 1, options.faults ?? {}, () => this.faultsChanged());
    this.core = core;
    core.onInt = () => this.onInt?.();
    this.violations = core.violations;
    this.memory = core.memory;
    this.revision = options.revision ?? 'B7';
    this.spiHz = options.spiHz ?? MAX_SCK;
    this.phy = new Phy(core);
    this.mii = new Mii(core, this.phy);
    this.receiver = new Receiver(core);
    this.transmitter = new Transmitter(core, this.phy);
    this.flow = new FlowControl(core, this.transmitter);
    this.dma = new Dma(core);
    this.spi = new Spi(this.bus());
    this.receiver.onPause = (units) => this.transmitter.pause(units * SLOT_TIME);
    this.transmitter.onFrame = options.onTransmit;
    this.transmitter.onEcho = (frame) => this.receiver.receive(frame, { runt: true });
    this.transmitter.onDone = () => this.dma.start();
    this.transmitter.memoryBusy = () => this.dma.running;
    this.dma.onDone = () => this.transmitter.schedule();
    if (this.spiHz > MAX_SCK) core.report('SCK above 20 MHz', `${this.spiHz} Hz`);
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
    this.resetRegisters();
    this.core.readyAt = this.core.clock.now + OSCILLATOR_START;
    this.core.resettingUntil = 0;
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
    return this.peek(Reg[name]);
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

  // ---- Registers

  private bus(): ConstructorParameters<typeof Spi>[0] {
    return {
      registers: this.core.registers,
      memory: this.memory,
      readRegister: (index) => this.read(index),
      writeRegister: (index, value) => this.write(index, value),
      setBits: (index, mask) => this.setBits(index, mask),
      clearBits: (index, mask) => this.clearBits(index, mask),
      softReset: () => this.softReset(),
      wroteMemory: (address, count) => this.transmitter.wrote(address, count),
      unknownCommand: (opcode) => this.core.report('unknown SPI command', hex(opcode, 2)),
    };
  }

  /** The value the host would see. */
  private peek(index: number): number {
    const { core } = this;
    const value = core.registers.get(index);
    switch (index) {
      case Reg.EIR:
        return core.eir;
      case Reg.ESTAT:
        return value | (core.interruptPending ? ESTAT.INT : 0) | (core.clockReady ? ESTAT.CLKRDY : 0);
      case Reg.EFLOCON:
        return value | (core.fullDuplex ? EFLOCON.FULDPXS : 0);
      case Reg.MISTAT:
        return this.mii.status;
      case Reg.MIRDL:
      case Reg.MIRDH:
        this.mii.refresh();
        return core.registers.get(index);
      default:
        return value;
    }
  }

  /** RCR. */
  private read(index: number): number {
    this.checkAddress(index);
    if (groupOf(index) === 'ETH') return this.peek(index);
    if (!this.reachable(index)) return 0;
    const value = this.peek(index);
    return this.tooSlow() ? value ^ (1 << this.core.random.below(8)) : value;
  }

  private checkAddress(index: number): void {
    if ((index & 0x1f) === 0x1a) this.core.report('reserved address', `0x1A, bank ${index >> 5}`);
  }

  /** MAC and MII have no clock before CLKRDY and in power save. */
  private reachable(index: number): boolean {
    if (this.core.clockReady) return true;
    this.core.report('MAC or MII access while CLKRDY = 0', nameOf(index));
    return false;
  }

  /** Erratum 1. */
  private tooSlow(): boolean {
    const old = REVISIONS[this.revision] <= REVISIONS.B4;
    return old && this.spiHz < MIN_SAFE_SCK && this.core.faults.strikes('slow-spi');
  }

  /** WCR to any register; BFS and BFC end here too. */
  private write(index: number, value: number): void {
    this.checkAddress(index);
    if (groupOf(index) === 'ETH') this.writeEth(index, value);
    else this.writeMac(index, value);
  }

  /** BFS: data sheet section 4.2.4. Works on MAC and MII as drivers have found, though it is not specified. */
  private setBits(index: number, mask: number): void {
    this.checkBitCommand(index, 'BFS');
    if (index === Reg.ECON1 && (mask & ECON1.TXRTS) !== 0 && this.core.transmitting) {
      this.core.report('TXRTS set while TXRTS = 1', 'BFS ECON1');
    }
    this.write(index, this.peek(index) | mask);
  }

  /** BFC: data sheet section 4.2.5. */
  private clearBits(index: number, mask: number): void {
    this.checkBitCommand(index, 'BFC');
    this.write(index, this.peek(index) & ~mask);
  }

  private checkBitCommand(index: number, command: string): void {
    if (groupOf(index) === 'ETH') return;
    this.core.report('BFS or BFC on a MAC or MII register', `${command} ${nameOf(index)}`);
  }

  private writeEth(index: number, value: number): void {
    const { core, receiver } = this;
    const { registers } = core;
    const before = registers.get(index);
    switch (index) {
      case Reg.ECON1:
        this.writeEcon1(value);
        return;
      case Reg.ECON2:
        this.writeEcon2(value);
        return;
      case Reg.EIR:
      case Reg.ESTAT:
        // The host can only clear, and only some bits.
        registers.bytes[index] = before & (value | ~registers.kept(index));
        core.updateInt();
        return;
      case Reg.EIE:
        registers.store(index, value);
        core.updateInt();
        return;
      case Reg.ERXRDPTL:
        this.readPointerLow = value;
        this.readPointerLowWritten = true;
        return;
      case Reg.ERXRDPTH:
        registers.bytes[Reg.ERXRDPTL] = this.readPointerLow;
        registers.store(index, value);
        this.checkReadPointer(true);
        this.readPointerLowWritten = false;
        receiver.readPointerSet();
        return;
      case Reg.ERXSTL:
      case Reg.ERXSTH:
      case Reg.ERXNDL:
      case Reg.ERXNDH:
        if (core.receiving) core.report('ERXST or ERXND changed while RXEN = 1', nameOf(index));
        registers.store(index, value);
        receiver.reload();
        return;
      case Reg.ETXSTL:
      case Reg.ETXSTH:
      case Reg.ETXNDL:
      case Reg.ETXNDH:
        if (core.transmitting) core.report('ETXST or ETXND written while TXRTS = 1', nameOf(index));
        registers.store(index, value);
        return;
      case Reg.EFLOCON:
        registers.store(index, value);
        this.flow.changed();
        return;
      case Reg.EBSTCON:
        registers.store(index, value);
        if ((value & ~before & EBSTCON.BISTST) !== 0) this.dma.startTest();
        return;
      default:
        // Read-only registers keep what the chip put there.
        if (registers.kept(index) !== 0) registers.store(index, value);
    }
  }

  /** Written, and in force only with ERXRDPTH. */
  private readPointerLow = 0;

  /** The rules for ERXRDPT; those of the ring hold when the receiver runs. */
  private checkReadPointer(written: boolean): void {
    const { core } = this;
    const { registers } = core;
    const pointer = registers.word(Reg.ERXRDPTL);
    if (written && !this.readPointerLowWritten) {
      core.report('ERXRDPTH written without ERXRDPTL', hex(pointer));
    }
    if (written && (pointer & 1) === 0) core.report('even ERXRDPT', hex(pointer));
    if (!core.receiving) return;
    if (pointer < registers.word(Reg.ERXSTL) || pointer > registers.word(Reg.ERXNDL)) {
      core.report('ERXRDPT outside the ring', hex(pointer));
    }
  }

  private writeEcon1(value: number): void {
    const { core, transmitter } = this;
    const { registers } = core;
    const before = registers.get(Reg.ECON1);
    const set = value & ~before;
    const cleared = before & ~value;

    if ((set & ECON1.RXRST) !== 0) this.receiver.held();
    // Held in reset, a half does not run.
    if ((value & ECON1.RXRST) !== 0) value &= ~ECON1.RXEN;
    if ((set & ECON1.TXRTS) !== 0 && (value & ECON1.TXRST) !== 0) {
      core.report('TXRTS set while TXRST = 1', 'ECON1');
      value &= ~ECON1.TXRTS;
    } else if ((set & ECON1.TXRTS) !== 0 && !core.clockReady) {
      core.report('TXRTS set while CLKRDY = 0', 'ECON1');
      value &= ~ECON1.TXRTS;
    }
    registers.bytes[Reg.ECON1] = value;

    if ((set & ECON1.TXRST) !== 0) transmitter.held();
    if ((cleared & ECON1.TXRST) !== 0 && core.faults.strikes('txrst-sets-txerif')) core.raise(EIR.TXERIF);
    if ((cleared & ECON1.TXRTS) !== 0 && !transmitter.cancel()) registers.set(Reg.ECON1, ECON1.TXRTS);
    if ((cleared & ECON1.DMAST) !== 0) this.dma.cancel();
    if ((set & value & ECON1.RXEN) !== 0) this.checkReceiverStart();
    if ((set & ECON1.DMAST) !== 0) {
      this.dma.check();
      this.dma.start();
    }
    if ((set & value & ECON1.TXRTS) !== 0) transmitter.start();
  }

  private checkReceiverStart(): void {
    const { core } = this;
    const start = core.registers.word(Reg.ERXSTL);
    if (start !== 0) core.report('ERXST is not 0', hex(start));
    if (this.phy.echoes) core.report('half duplex traffic with HDLDIS = 0', 'RXEN = 1');
    this.checkReadPointer(false);
    this.phy.checkDuplex();
  }

  private writeEcon2(value: number): void {
    const { core } = this;
    const wasAsleep = core.asleep;
    core.registers.store(Reg.ECON2, value);
    if (wasAsleep && !core.asleep) core.readyAt = core.clock.now + OSCILLATOR_START;
    if ((value & ECON2.PKTDEC) === 0) return;
    if (core.packetCount === 0) core.report('PKTDEC at EPKTCNT = 0', 'ECON2');
    else core.setPacketCount(core.packetCount - 1);
  }

  private writeMac(index: number, value: number): void {
    const { core } = this;
    const { registers } = core;
    if (!this.reachable(index) || this.tooSlow()) return;
    if (core.clock.now < core.resettingUntil) {
      core.report('MAC, MII or PHY access within 1 ms after SRC', nameOf(index));
      if (core.faults.settings['clkrdy-early']) return;
    }
    if (core.transmitting && groupOf(index) === 'MAC') {
      core.report('MAC register written while TXRTS = 1', nameOf(index));
    }
    const before = registers.get(index);
    switch (index) {
      case Reg.MICMD:
        this.mii.command(value);
        return;
      case Reg.MIWRH:
        registers.store(index, value);
        this.mii.startWrite();
        return;
      case Reg.MACON3:
        registers.store(index, value);
        if (((value ^ before) & MACON3.FULDPX) === 0) return;
        if (core.receiving) core.report('duplex changed while RXEN = 1', 'MACON3.FULDPX');
        this.phy.checkDuplex();
        return;
      default:
        if (registers.kept(index) !== 0) registers.store(index, value);
    }
  }

  // ---- Resets

  /** SRC. CLKRDY is not touched, which is erratum 2. */
  private softReset(): void {
    const { core } = this;
    if (core.asleep) {
      core.report('SRC while PWRSV = 1', 'SRC');
      if (core.faults.settings['src-asleep']) return;
      core.readyAt = core.clock.now + OSCILLATOR_START;
    }
    this.resetRegisters();
    core.resettingUntil = core.clock.now + SETTLING;
  }

  private resetRegisters(): void {
    const { core } = this;
    this.transmitter.reset();
    this.flow.reset();
    this.dma.reset();
    this.mii.reset();
    core.registers.reset();
    core.registers.bytes[Reg.EREVID] = REVISIONS[this.revision];
    this.readPointerLow = core.registers.get(Reg.ERXRDPTL);
    this.readPointerLowWritten = false;
    this.receiver.reset();
    this.phy.reset();
    core.updateInt();
  }
}

export type { Arrival } from './receive.ts';
export type { Medium } from './transmit.ts';
export type { Violation, Rule } from './violations.ts';
export { B7_FAULTS, NO_FAULTS } from './faults.ts';
export type { FaultName, FaultSettings, SuddenFaults } from './faults.ts';
