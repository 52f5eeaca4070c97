// SPDX-License-Identifier: MIT
// The address map (RP2040 data sheet section 2.2), for the processor and for DMA: SRAM and flash here, everything else to
// the emulator's peripherals. What silicon does not have, or answers with a fault, is a Fault: unaligned access, holes,
// writes to flash, flash while XIP is off, a peripheral that RESETS still holds, the guard region below the stack.
// Values of words are signed, as in a typed array of i32. Left out: the boot ROM's contents, the USB memory, the aliases
// 0x11000000 … 0x13ffffff and 0x21000000.

import type { RP2040 } from 'rp2040js';
import { Fault, HardFault, hex } from './failure.ts';

type Peripheral = RP2040['peripherals'][number];

export const SRAM_BASE = 0x20000000;
export const SRAM_SIZE = 264 * 1024;
export const FLASH_BASE = 0x10000000;
/** Of the Raspberry Pi Pico. */
export const FLASH_SIZE = 2 * 1024 * 1024;

/** Bits of RESETS by the peripheral's address >> 14 (data sheet section 2.14). */
const RESET_BITS: Readonly<Record<number, number>> = {
  0x10001: 18, // SYSCFG
  0x10000: 19, // SYSINFO
  0x10005: 5, // IO_BANK0
  0x10006: 6, // IO_QSPI
  0x10007: 8, // PADS_BANK0
  0x10008: 9, // PADS_QSPI
  0x1000a: 12, // PLL_SYS
  0x1000b: 13, // PLL_USB
  0x1000c: 1, // BUSCTRL
  0x1000d: 22, // UART0
  0x1000e: 23, // UART1
  0x1000f: 16, // SPI0
  0x10010: 17, // SPI1
  0x10011: 3, // I2C0
  0x10012: 4, // I2C1
  0x10013: 0, // ADC
  0x10014: 14, // PWM
  0x10015: 21, // TIMER
  0x10017: 15, // RTC
  0x1001b: 20, // TBMAN
  0x14000: 2, // DMA
  0x14044: 24, // USBCTRL
  0x14080: 10, // PIO0
  0x140c0: 11, // PIO1
};

interface Slot {
  peripheral: Peripheral;
  name: string;
  /** Bit of RESETS; 0 = not held by it. */
  resetMask: number;
}

/** The processor's side of an access that may take note of the time or change it. */
export interface BusMaster {
  /** Before: the cycle count is brought up to date. */
  enter(): void;
  /** After: what was changed is looked at. */
  leave(): void;
}

export class Bus {
  readonly sram: Uint8Array<ArrayBuffer>;
  readonly sram16: Uint16Array;
  readonly sram32: Int32Array;
  readonly flash: Uint8Array<ArrayBuffer>;
  readonly flash16: Uint16Array;
  readonly flash32: Int32Array;
  /** Octets of flash that can be read in place: 0 while the SSI is not set up for it. */
  xipSize = 0;
  /** Offset in SRAM and octets of a region without access (MPU). */
  guardAt = 0;
  guardSize = 0;
  /** RESETS.RESET: the peripherals that are held in reset. */
  heldInReset = 0;
  private readonly mcu: RP2040;
  private readonly apb: (Slot | undefined)[] = [];
  private readonly ahb = new Map<number, Slot>();
  private master: BusMaster = { enter: () => undefined, leave: () => undefined };

  /** Takes the place of the memory map of `mcu`. */
  constructor(mcu: RP2040, flash: Uint8Array<ArrayBuffer>, sram: Uint8Array<ArrayBuffer>) {
    this.mcu = mcu;
    this.sram = sram;
    this.sram16 = new Uint16Array(sram.buffer, sram.byteOffset, SRAM_SIZE / 2);
    this.sram32 = new Int32Array(sram.buffer, sram.byteOffset, SRAM_SIZE / 4);
    this.flash = flash;
    this.flash16 = new Uint16Array(flash.buffer, flash.byteOffset, FLASH_SIZE / 2);
    this.flash32 = new Int32Array(flash.buffer, flash.byteOffset, FLASH_SIZE / 4);
    mcu.readUint32 = (address) => this.load32(address) >>> 0;
    mcu.readUint16 = (address) => this.load16(address);
    mcu.readUint8 = (address) => this.load8(address);
    mcu.writeUint32 = (address, value) => this.store32(address, value);
    mcu.writeUint16 = (address, value) => this.store16(address, value);
    mcu.writeUint8 = (address, value) => this.store8(address, value);
  }

  /** `master` is asked before and after each access to a peripheral. Peripherals are looked up now. */
  attach(master: BusMaster): void {
    this.master = master;
    for (const [key, peripheral] of Object.entries(this.mcu.peripherals)) {
      const page = Number(key) >>> 2;
      const bit = RESET_BITS[page];
      const slot: Slot = {
        peripheral,
        name: (peripheral as { name?: string }).name ?? hex(page << 14),
        resetMask: bit === undefined ? 0 : 1 << bit,
      };
      if (page >>> 6 === 0x400) this.apb[page & 0x3f] = slot;
      else this.ahb.set(page, slot);
    }
  }

  load32(address: number): number {
    const o = (address - SRAM_BASE) >>> 0;
    if (o < SRAM_SIZE && (o & 3) === 0) return this.sram32[o >>> 2]!;
    const f = (address - FLASH_BASE) >>> 0;
    if (f < this.xipSize && (f & 3) === 0) return this.flash32[f >>> 2]!;
    return this.loadIo(address >>> 0, 4) | 0;
  }

  load16(address: number): number {
    const o = (address - SRAM_BASE) >>> 0;
    if (o < SRAM_SIZE && (o & 1) === 0) return this.sram16[o >>> 1]!;
    const f = (address - FLASH_BASE) >>> 0;
    if (f < this.xipSize && (f & 1) === 0) return this.flash16[f >>> 1]!;
    return (this.loadIo(address >>> 0, 2) >>> (8 * (address & 2))) & 0xffff;
  }

  load8(address: number): number {
    const o = (address - SRAM_BASE) >>> 0;
    if (o < SRAM_SIZE) return this.sram[o]!;
    const f = (address - FLASH_BASE) >>> 0;
    if (f < this.xipSize) return this.flash[f]!;
    return (this.loadIo(address >>> 0, 1) >>> (8 * (address & 3))) & 0xff;
  }

  store32(address: number, value: number): void {
    const o = (address - SRAM_BASE) >>> 0;
    if (o < SRAM_SIZE && (o & 3) === 0 && (o - this.guardAt) >>> 0 >= this.guardSize)
      this.sram32[o >>> 2] = value;
    else this.storeIo(address >>> 0, value >>> 0, 4);
  }

  store16(address: number, value: number): void {
    const o = (address - SRAM_BASE) >>> 0;
    if (o < SRAM_SIZE && (o & 1) === 0 && (o - this.guardAt) >>> 0 >= this.guardSize)
      this.sram16[o >>> 1] = value;
    // A narrow write appears on all lanes of the bus (data sheet section 2.1.4).
    else this.storeIo(address >>> 0, ((value & 0xffff) * 0x10001) >>> 0, 2);
  }

  store8(address: number, value: number): void {
    const o = (address - SRAM_BASE) >>> 0;
    if (o < SRAM_SIZE && (o - this.guardAt) >>> 0 >= this.guardSize) this.sram[o] = value;
    else this.storeIo(address >>> 0, ((value & 0xff) * 0x1010101) >>> 0, 1);
  }

  /** The word that holds `address`, from anything but SRAM and flash. */
  private loadIo(address: number, size: number): number {
    if ((address & (size - 1)) !== 0)
      throw new HardFault(`unaligned read of ${size} octets at ${hex(address)}`);
    this.master.enter();
    const value = this.readRegister(address);
    this.master.leave();
    return value;
  }

  private readRegister(address: number): number {
    const slot = this.slotAt(address);
    if (slot !== undefined) return slot.peripheral.readUint32(address & 0xffc);
    switch (address >>> 28) {
      case 0xd:
        return this.mcu.sio.readUint32(address & 0x0ffffffc);
      case 0xe:
        if (address >>> 12 === 0xe000e) return this.mcu.ppb.readUint32(address & 0xffc);
    }
    throw new HardFault(`read ${this.where(address)}`);
  }

  private storeIo(address: number, value: number, size: number): void {
    if ((address & (size - 1)) !== 0)
      throw new HardFault(`unaligned write of ${size} octets at ${hex(address)}`);
    if ((address - SRAM_BASE) >>> 0 < SRAM_SIZE) {
      throw new HardFault(`write into the guard below the stack, at ${hex(address)}`);
    }
    this.master.enter();
    this.writeRegister(address, value);
    this.master.leave();
  }

  private writeRegister(address: number, value: number): void {
    const slot = this.slotAt(address);
    if (slot !== undefined) {
      slot.peripheral.writeUint32Atomic(address & 0xffc, value, (address >>> 12) & 3);
      return;
    }
    switch (address >>> 28) {
      case 0xd:
        this.mcu.sio.writeUint32(address & 0x0ffffffc, value);
        return;
      case 0xe:
        if (address >>> 12 === 0xe000e) {
          this.mcu.ppb.writeUint32(address & 0xffc, value);
          return;
        }
    }
    throw new HardFault(`write of ${hex(value)} ${this.where(address)}`);
  }

  /** The peripheral at `address`, after a look whether it is out of reset. */
  private slotAt(address: number): Slot | undefined {
    const page = address >>> 14;
    const slot = page >>> 6 === 0x400 ? this.apb[page & 0x3f] : this.ahb.get(page);
    if (slot !== undefined && (slot.resetMask & this.heldInReset) !== 0) {
      throw new Fault(`access to ${slot.name} at ${hex(address)}, which RESETS still holds in reset`);
    }
    return slot;
  }

  private where(address: number): string {
    const isFlash = address >>> 24 === 0x10;
    const held = this.xipSize === 0 ? 'in flash while XIP is not set up' : 'in flash';
    return `${isFlash ? held : 'where nothing is'}, at ${hex(address)}`;
  }
}
