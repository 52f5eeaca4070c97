// SPDX-License-Identifier: MIT
// Access to the chip: the SPI commands of data sheet section 4.2 and the bank bits of ECON1. One call, one chip-select.
// BFS and BFC are for ETH registers only; MAC and MII registers are read and written whole.
// `read`, `write`, `readPair` and `holds` select the register's bank; the others expect it to be selected. Those that end
// in Inline are the same without a call, for the paths of a frame.

import { bulkRead, bulkWrite, command } from '../../hal';
import {
  ADDRESS,
  BFC,
  BFS,
  DUMMY,
  ECON1,
  ECON1_BSEL,
  ERDPTH,
  ERDPTL,
  EWRPTH,
  EWRPTL,
  WCR,
} from './registers';
import { state } from './state';

export abstract class Chip {
  /** RCR of an ETH register. */
  @inline static eth(register: u32): u32 {
    return command(register & ADDRESS, 2) >>> 8;
  }

  /** WCR. `value` = 0…255. */
  static put(register: u32, value: u32): void {
    Chip.putInline(register, value);
  }

  @inline static putInline(register: u32, value: u32): void {
    command(WCR | (register & ADDRESS) | (value << 8), 2);
  }

  /** Both octets of a register. */
  static putPair(register: u32, value: u32): void {
    Chip.put(register, value & 0xff);
    Chip.put(register + 1, value >>> 8);
  }

  /** BFS of an ETH register. */
  static set(register: u32, bits: u32): void {
    Chip.setInline(register, bits);
  }

  @inline static setInline(register: u32, bits: u32): void {
    command(BFS | (register & ADDRESS) | (bits << 8), 2);
  }

  /** BFC of an ETH register. */
  static clear(register: u32, bits: u32): void {
    Chip.clearInline(register, bits);
  }

  @inline static clearInline(register: u32, bits: u32): void {
    command(BFC | (register & ADDRESS) | (bits << 8), 2);
  }

  /** Select bank 0, from any. */
  static bank0(): void {
    Chip.bank0Inline();
  }

  @inline static bank0Inline(): void {
    if (state.bank != 0) {
      Chip.clearInline(ECON1, ECON1_BSEL);
      state.bank = 0;
    }
  }

  /** Select bank 1, from 0 or 1. */
  @inline static bank1Inline(): void {
    if (state.bank != 1) {
      Chip.setInline(ECON1, 1);
      state.bank = 1;
    }
  }

  /** Set ERDPT, from any bank to bank 0. */
  static pointRead(address: u32): void {
    Chip.bank0();
    Chip.putPair(ERDPTL, address);
  }

  /** Bank 0. */
  @inline static pointReadInline(address: u32): void {
    Chip.putInline(ERDPTL, address & 0xff);
    Chip.putInline(ERDPTH, address >>> 8);
  }

  /** Read `len` octets of the buffer from ERDPT on; `dst` = 0 nowhere. Returns their sum. */
  @inline static readBuffer(dst: usize, len: u32): u32 {
    return bulkRead(dst, len);
  }

  /**
   * Write `len` octets at `src` to the buffer from `address` on; EWRPT is written where it does not stand right, octet by
   * octet: from one slot's header to the other's payload often only one of them changes. Returns their sum. Any bank.
   */
  static writeBuffer(address: u32, src: usize, len: u32): u32 {
    const change = address ^ state.writeAt;
    if (change != 0) {
      Chip.bank0Inline();
      if ((change & 0xff) != 0) Chip.putInline(EWRPTL, address & 0xff);
      if (change > 0xff) Chip.putInline(EWRPTH, address >>> 8);
    }
    state.writeAt = address + len;
    return bulkWrite(src, len);
  }

  /** Read any register. */
  static read(register: u32): u32 {
    Chip.select(register);
    const before: u32 = (register & DUMMY) != 0 ? 2 : 1; // octets: while the opcode goes out, and a dummy
    return command(register & ADDRESS, before + 1) >>> (before << 3);
  }

  /** Write any register. */
  static write(register: u32, value: u32): void {
    Chip.select(register);
    Chip.put(register, value);
  }

  /** Both octets of a register. The chip may change it in between. */
  static readPair(register: u32): u32 {
    return Chip.read(register) | (Chip.read(register + 1) << 8);
  }

  /** Whether a register holds `value`. Read a second time when not, for it may have been noise. */
  static holds(register: u32, value: u32): bool {
    return Chip.read(register) == value || Chip.read(register) == value;
  }

  private static select(register: u32): void {
    const bank = (register >>> 5) & 3;
    if (bank == state.bank) return;
    Chip.clearInline(ECON1, ECON1_BSEL);
    if (bank != 0) Chip.setInline(ECON1, bank);
    state.bank = bank;
  }
}
