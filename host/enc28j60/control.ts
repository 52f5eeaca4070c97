// SPDX-License-Identifier: MIT
// The control registers with their effects, as SPI reads and writes them (data sheet sections 3.1 and 4.2), and the resets
// (section 11). What a register starts happens in the other parts; what a driver must not do with it is noticed here.
// Leaves out what CLKOUT does (ECOCON is stored).

import type { Core } from './core.ts';
import { OSCILLATOR_START } from './core.ts';
import type { Dma } from './dma.ts';
import type { FlowControl } from './flow.ts';
import type { Mii } from './mii.ts';
import type { Phy } from './phy.ts';
import type { Receiver } from './receive.ts';
import { EBSTCON, ECON1, ECON2, EFLOCON, EIR, ESTAT, groupOf, MACON3, nameOf, Reg } from './registers.ts';
import type { RegisterFile } from './registers.ts';
import type { Bus } from './spi.ts';
import type { Transmitter } from './transmit.ts';
import { hex } from './violations.ts';

/** Silicon revisions and what EREVID says of them. */
export const REVISIONS = { B1: 0x02, B4: 0x04, B5: 0x05, B7: 0x06 } as const;
export type Revision = keyof typeof REVISIONS;

/** The highest SCK, Hz. */
export const MAX_SCK = 20_000_000;
/** Erratum 1: SCK below this is unreliable on B1 and B4, Hz. */
const MIN_SAFE_SCK = 8_000_000;
/** Erratum 2: how long after SRC the chip is not to be trusted, ns. */
const RESET_TIME = 1_000_000;

/** What the registers reach. */
export interface Parts {
  phy: Phy;
  mii: Mii;
  receiver: Receiver;
  transmitter: Transmitter;
  flow: FlowControl;
  dma: Dma;
}

export class Control implements Bus {
  readonly registers: RegisterFile;
  readonly memory: Uint8Array;
  private readonly core: Core;
  private readonly phy: Phy;
  private readonly mii: Mii;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  private readonly flow: FlowControl;
  private readonly dma: Dma;
  private readonly revision: Revision;
  private readonly spiHz: number;
  /** ERXRDPTL as written: in force only with ERXRDPTH. */
  private readPointerLow = 0;
  private readPointerLowWritten = false;

  constructor(core: Core, parts: Parts, revision: Revision, spiHz: number) {
    this.core = core;
    this.registers = core.registers;
    this.memory = core.memory;
    this.phy = parts.phy;
    this.mii = parts.mii;
    this.receiver = parts.receiver;
    this.transmitter = parts.transmitter;
    this.flow = parts.flow;
    this.dma = parts.dma;
    this.revision = revision;
    this.spiHz = spiHz;
    if (spiHz > MAX_SCK) core.report('SCK above 20 MHz', `${spiHz} Hz`);
  }

  usedMemory(address: number, count: number, written: boolean): void {
    this.transmitter.touched(address, count, written);
  }

  unknownCommand(opcode: number): void {
    this.core.report('unknown SPI command', hex(opcode, 2));
  }

  /** The value the host would see. */
  peek(index: number): number {
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
  readRegister(index: number): number {
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
  writeRegister(index: number, value: number): void {
    this.checkAddress(index);
    if (groupOf(index) === 'ETH') this.writeEth(index, value);
    else this.writeMac(index, value);
  }

  /** BFS: data sheet section 4.2.4. Works on MAC and MII as drivers have found, though it is not specified. */
  setBits(index: number, mask: number): void {
    this.checkBitCommand(index, 'BFS');
    if (index === Reg.ECON1 && (mask & ECON1.TXRTS) !== 0 && this.core.transmitting) {
      this.core.report('TXRTS set while TXRTS = 1', 'BFS ECON1');
    }
    this.writeRegister(index, this.peek(index) | mask);
  }

  /** BFC: data sheet section 4.2.5. */
  clearBits(index: number, mask: number): void {
    this.checkBitCommand(index, 'BFC');
    this.writeRegister(index, this.peek(index) & ~mask);
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

  /** The RESET pin, and power-on but for the memory. */
  hardReset(): void {
    this.resetRegisters();
    this.core.readyAt = this.core.clock.now + OSCILLATOR_START;
    this.core.resettingUntil = 0;
  }

  /** SRC. CLKRDY is not touched, which is erratum 2. */
  softReset(): void {
    const { core } = this;
    if (core.asleep) {
      core.report('SRC while PWRSV = 1', 'SRC');
      if (core.faults.settings['src-asleep']) return;
      core.readyAt = core.clock.now + OSCILLATOR_START;
    }
    this.resetRegisters();
    core.resettingUntil = core.clock.now + RESET_TIME;
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
