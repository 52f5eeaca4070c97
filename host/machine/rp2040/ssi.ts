// SPDX-License-Identifier: MIT
// The SSI between the chip and its flash (RP2040 data sheet section 4.10), the pins it drives (IO_QSPI, section 2.19) and
// the cache in front of it (XIP_CTRL, section 2.6.3). Flash can be read in place once the SSI is set up for a read that the
// flash understands; before and after, frames are exchanged through DR0, in no time. Left out: quad modes, DMA, interrupts.

import { BasePeripheral } from 'rp2040js';
import type { RP2040 } from 'rp2040js';
import { FLASH_SIZE } from './bus.ts';
import type { Bus } from './bus.ts';
import { Fault, hex } from './failure.ts';
import type { FlashChip } from './flash-chip.ts';

const CTRLR0 = 0x00;
const CTRLR1 = 0x04;
const SSIENR = 0x08;
const SER = 0x10;
const BAUDR = 0x14;
const TXFTLR = 0x18;
const RXFTLR = 0x1c;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const ISR = 0x2c;
const ICR = 0x48;
const DMACR = 0x4c;
const IDR = 0x58;
const VERSION = 0x5c;
const DR0 = 0x60;
const DR_LAST = 0xec;
const RX_SAMPLE_DLY = 0xf0;
const SPI_CTRLR0 = 0xf4;

const TFNF = 1 << 1;
const TFE = 1 << 2;
const RFNE = 1 << 3;
const RFF = 1 << 4;
const FIFO_DEPTH = 16;

/** CTRLR0: SPI_FRF, DFS_32, TMOD. */
const SPI_FRF = 3 << 21;
const dfs32 = (ctrlr0: number): number => ((ctrlr0 >>> 16) & 31) + 1;
const tmod = (ctrlr0: number): number => (ctrlr0 >>> 8) & 3;
const TX_AND_RX = 0;
const EEPROM_READ = 3;
/** SPI_CTRLR0 of a plain read: command 03h of 8 bits, 24 bits of address (in units of 4), no wait. */
const PLAIN_READ = (0x03 << 24) | (2 << 8) | (6 << 2);
/** SCK that the flash takes for command 03h, Hz. */
const READ_SCK = 50e6;

export class Ssi extends BasePeripheral {
  private readonly bus: Bus;
  private readonly flash: FlashChip;
  private readonly pins: IoQspi;
  private readonly registers = new Map<number, number>([
    [SER, 1], // as the boot ROM leaves it
  ]);
  private readonly received: number[] = [];

  constructor(mcu: RP2040, bus: Bus, flash: FlashChip, pins: IoQspi) {
    super(mcu, 'SSI');
    this.bus = bus;
    this.flash = flash;
    this.pins = pins;
  }

  override readUint32(offset: number): number {
    if (offset >= DR0 && offset <= DR_LAST) {
      const frame = this.received.shift();
      if (frame === undefined) throw new Fault('SSI DR0 read with nothing received');
      return frame;
    }
    switch (offset) {
      case SR: {
        const full = this.received.length === FIFO_DEPTH;
        return TFNF | TFE | (this.received.length > 0 ? RFNE : 0) | (full ? RFF : 0);
      }
      case RXFLR:
        return this.received.length;
      case TXFLR:
      case ISR:
      case ICR:
        return 0;
      case IDR:
        return 0x51535049;
      case VERSION:
        return 0x3430312a;
      case CTRLR0:
      case CTRLR1:
      case SSIENR:
      case SER:
      case BAUDR:
      case TXFTLR:
      case RXFTLR:
      case DMACR:
      case RX_SAMPLE_DLY:
      case SPI_CTRLR0:
        return this.get(offset);
      default:
        return super.readUint32(offset);
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= DR0 && offset <= DR_LAST) {
      this.exchange(value);
      return;
    }
    switch (offset) {
      case CTRLR0:
      case CTRLR1:
      case BAUDR:
      case SPI_CTRLR0:
      case RX_SAMPLE_DLY:
        if (this.get(SSIENR) !== 0) throw new Fault(`SSI register ${hex(offset)} written while SSIENR = 1`);
        break;
      case SSIENR:
        if (value === 0) this.received.length = 0;
        break;
      case SER:
      case TXFTLR:
      case RXFTLR:
      case DMACR:
        break;
      default:
        super.writeUint32(offset, value);
        return;
    }
    this.registers.set(offset, value);
    this.updateXip();
  }

  private get(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  /** Whether a read of the flash's addresses becomes a read of the flash. */
  private updateXip(): void {
    const isOn = this.get(SSIENR) === 1 && tmod(this.get(CTRLR0)) === EEPROM_READ;
    this.bus.xipSize = 0;
    if (!isOn) return;
    const [ctrlr0, spiCtrlr0, divider] = [this.get(CTRLR0), this.get(SPI_CTRLR0), this.get(BAUDR)];
    if ((ctrlr0 & SPI_FRF) !== 0 || dfs32(ctrlr0) !== 32 || spiCtrlr0 !== PLAIN_READ) {
      throw new Fault(
        `SSI: CTRLR0 ${hex(ctrlr0)}, SPI_CTRLR0 ${hex(spiCtrlr0)} is no read that is modelled (03h, one bit wide)`,
      );
    }
    if (divider < 2 || divider % 2 !== 0) throw new Fault(`SSI: BAUDR ${divider} is not an even divider`);
    if (this.get(CTRLR1) !== 0) throw new Fault(`SSI: CTRLR1 ${this.get(CTRLR1)} is not one frame per read`);
    this.checkClock();
    this.bus.xipSize = FLASH_SIZE;
  }

  /** To be called when the system clock changes, too. */
  checkClock(): void {
    const divider = this.get(BAUDR);
    if (divider === 0) return;
    const hz = this.rp2040.clkSys / divider;
    if (hz > READ_SCK) throw new Fault(`SSI: SCK of ${hz} Hz is above the ${READ_SCK} Hz of command 03h`);
  }

  /** One frame out and one in. */
  private exchange(value: number): void {
    const ctrlr0 = this.get(CTRLR0);
    if (this.get(SSIENR) === 0) throw new Fault('SSI DR0 written while SSIENR = 0');
    if (this.bus.xipSize > 0) throw new Fault('SSI DR0 written while flash is read in place');
    if (tmod(ctrlr0) !== TX_AND_RX || dfs32(ctrlr0) !== 8) {
      throw new Fault(`SSI: frames with CTRLR0 ${hex(ctrlr0)} are not modelled (8 bits, both ways)`);
    }
    if ((this.get(SER) & 1) === 0) return; // waits in the FIFO for a slave, on silicon for ever
    if (this.received.length === FIFO_DEPTH) throw new Fault('SSI: the receive FIFO overflows');
    // Without a forced level the SSI raises CS as soon as its FIFO is empty: here after each frame.
    if (!this.pins.isSelectForced) this.flash.select();
    this.received.push(this.pins.isHeldHigh ? 0xff : this.flash.transfer(value & 0xff));
  }
}

const PINS = 6;
const SS_CTRL = 0x0c;
const OUTOVER = 3 << 8;
const OUTOVER_LOW = 2 << 8;
const OUTOVER_HIGH = 3 << 8;

/** IO_QSPI: the functions of the six pins, and the forced level of chip select. */
export class IoQspi extends BasePeripheral {
  private readonly flash: FlashChip;
  private readonly control = new Uint32Array(PINS).fill(0);

  constructor(mcu: RP2040, flash: FlashChip) {
    super(mcu, 'IO_QSPI');
    this.flash = flash;
  }

  get isSelectForced(): boolean {
    return this.override === OUTOVER_LOW || this.override === OUTOVER_HIGH;
  }

  get isHeldHigh(): boolean {
    return this.override === OUTOVER_HIGH;
  }

  private get override(): number {
    return this.control[SS_CTRL >> 3]! & OUTOVER;
  }

  override readUint32(offset: number): number {
    if (offset >= PINS * 8) return super.readUint32(offset);
    return (offset & 4) !== 0 ? this.control[offset >> 3]! : 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= PINS * 8 || (offset & 4) === 0) {
      super.writeUint32(offset, value);
      return;
    }
    const before = this.override;
    this.control[offset >> 3] = value;
    if (this.override === OUTOVER_LOW && before !== OUTOVER_LOW) this.flash.select();
  }
}

const XIP_CTRL = 0x00;
const XIP_FLUSH = 0x04;
const XIP_STAT = 0x08;
const XIP_CTR_HIT = 0x0c;
const XIP_CTR_ACC = 0x10;

/** XIP_CTRL: the cache has no effect here, so there is nothing to flush. */
export class XipControl extends BasePeripheral {
  private control = 3;

  constructor(mcu: RP2040) {
    super(mcu, 'XIP_CTRL');
  }

  override readUint32(offset: number): number {
    switch (offset) {
      case XIP_CTRL:
        return this.control;
      case XIP_FLUSH:
        return 0;
      case XIP_STAT:
        return 2 | 4; // FLUSH_READY, FIFO_EMPTY
      case XIP_CTR_HIT:
      case XIP_CTR_ACC:
        return 0;
      default:
        return super.readUint32(offset);
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === XIP_CTRL) this.control = value;
    else if (offset > XIP_CTR_ACC) super.writeUint32(offset, value);
  }
}
