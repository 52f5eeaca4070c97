// SPDX-License-Identifier: MIT
// The emulated Cortex-M0+ with nothing but flash, SRAM and the divider of SIO: it calls functions of an image, strictly.
// An access outside them or not aligned, a write into code, an instruction that the core does not have, a stack that
// leaves its place, a register that a function should have kept, a quotient read too early: each is an Error, for on
// silicon it would be a hard fault or worse.

import { RP2040 } from 'rp2040js';

export const FLASH = 0x10000000;
export const SRAM = 0x20000000;
const FLASH_SIZE = 2 * 1024 * 1024;
const SRAM_SIZE = 264 * 1024;
const VECTORS = FLASH + 0x100;
const SIO = 0xd0000000;
/** Registers of the divider in SIO, UDIVIDEND to REMAINDER, and what it takes from the last operand to the result. */
const DIV_UDIVIDEND = 0x60;
const DIV_QUOTIENT = 0x70;
const DIV_REMAINDER = 0x74;
const DIVISION_CYCLES = 8;

/** Registers r4 … r11 hold this and their number around a call: the callee must bring them back. */
const KEPT = 0xa5c30000;
const FIRST_KEPT = 4;
const LAST_KEPT = 11;

/** The emulated core did what silicon would not survive, or did not come to an end. */
export class CoreFault extends Error {
  override name = 'CoreFault';
}

/** The stack went below its place. A limit of the interpreter or a fault, as the caller sees it. */
export class StackFault extends CoreFault {
  override name = 'StackFault';
}

/** What of rp2040js's core is not public. */
interface Flags {
  C: boolean;
  V: boolean;
  substractUpdateFlags(minuend: number, subtrahend: number): number;
  addUpdateFlags(addend1: number, addend2: number): number;
}

export interface Bounds {
  /** Where the call ends. */
  stop: number;
  stackBottom: number;
  stackTop: number;
}

export class Core {
  private readonly mcu = new RP2040();
  private readonly flash: DataView;
  private readonly sram: DataView;
  /** The writable part of SRAM begins here; below lies code. */
  private writableFrom = SRAM;
  /** When the divider got its last operand. */
  private dividing = 0;
  /** The deepest that the stack has reached in the last call, as an address. */
  lowestSp = 0;

  /** `image` goes to the beginning of flash. */
  constructor(image: Uint8Array) {
    const { mcu } = this;
    const fatal = (part: string, text: string): void => {
      throw new CoreFault(`${part}: ${text} at PC 0x${mcu.core.PC.toString(16)}`);
    };
    mcu.logger = { debug() {}, info() {}, warn: fatal, error: fatal };
    mcu.onBreak = (code) => fatal('core', `breakpoint ${code}`);
    mcu.flash.set(image, 0);
    this.flash = new DataView(mcu.flash.buffer, 0, FLASH_SIZE);
    this.sram = new DataView(mcu.sram.buffer, 0, SRAM_SIZE);
    this.restrict();
    this.mend();
  }

  get cycles(): number {
    return this.mcu.core.cycles;
  }

  word(address: number): number {
    return this.view(address).getUint32(address & 0xffffff, true);
  }

  setWord(address: number, value: number): void {
    this.view(address).setUint32(address & 0xffffff, value, true);
  }

  /** Zero-terminated. */
  text(address: number): string {
    let end = address;
    while (this.view(end).getUint8(end & 0xffffff) !== 0) end++;
    return new TextDecoder().decode(this.octets(address, end - address));
  }

  /** Flash or SRAM itself, not a copy. */
  octets(address: number, length: number): Uint8Array {
    const { buffer } = this.view(address);
    return new Uint8Array(buffer, address & 0xffffff, length);
  }

  /** Code lies in SRAM below `address`: nothing may be written there any more. */
  protect(address: number): void {
    this.writableFrom = address;
  }

  /** From the vector table to `stop`. */
  boot(bounds: Bounds): void {
    this.mcu.core.SP = this.word(VECTORS);
    this.mcu.core.PC = this.word(VECTORS + 4) & ~1;
    this.run(bounds, 1_000_000);
  }

  /** Call a function; its result. Throws CoreFault, StackFault. `budget` is in instructions. */
  call(address: number, operands: readonly number[], bounds: Bounds, budget: number): number {
    const { core } = this.mcu;
    core.registers.set(operands);
    for (let i = FIRST_KEPT; i <= LAST_KEPT; i++) core.registers[i] = KEPT + i;
    core.SP = bounds.stackTop;
    core.LR = bounds.stop | 1;
    core.PC = address & ~1;
    this.run(bounds, budget);
    for (let i = FIRST_KEPT; i <= LAST_KEPT; i++) {
      if (core.registers[i] !== KEPT + i) throw new CoreFault(`r${i} was not kept`);
    }
    if (core.SP !== bounds.stackTop) throw new CoreFault('the stack was not left as it was found');
    return core.registers[0]!;
  }

  private run(bounds: Bounds, budget: number): void {
    const { core } = this.mcu;
    const { registers } = core;
    const { stop, stackBottom, stackTop } = bounds;
    let lowest = stackTop;
    for (let left = budget; registers[15] !== stop; left--) {
      core.executeInstruction();
      const sp = registers[13]!;
      if (sp < lowest) {
        lowest = sp;
        if (sp < stackBottom)
          throw new StackFault(`the stack needs more than ${stackTop - stackBottom} octets`);
      }
      if (left === 0) throw new CoreFault(`no end within ${budget} instructions`);
    }
    if (registers[13]! > stackTop) throw new CoreFault('the stack is above its top');
    this.lowestSp = lowest;
  }

  private view(address: number): DataView {
    return address >= SRAM ? this.sram : this.flash;
  }

  /** The core sees flash and SRAM, aligned, and nothing else: no peripherals, no boot ROM. */
  private restrict(): void {
    const { mcu, sram, flash } = this;
    const refuse = (what: string, address: number): never => {
      throw new CoreFault(`${what} 0x${(address >>> 0).toString(16)} at PC 0x${mcu.core.PC.toString(16)}`);
    };
    const at = (address: number, size: number): number => {
      const plain = address >>> 0;
      if (plain & (size - 1)) refuse(`unaligned access of ${size} octets at`, plain);
      return plain;
    };
    const read =
      (size: number, get: (view: DataView, offset: number) => number) =>
      (address: number): number => {
        const plain = at(address, size);
        if (plain >= SRAM && plain < SRAM + SRAM_SIZE) return get(sram, plain - SRAM);
        if (plain >= FLASH && plain < FLASH + FLASH_SIZE) return get(flash, plain - FLASH);
        if (size === 4 && this.isDivider(plain)) return this.readDivider(plain - SIO);
        return refuse('read outside memory:', plain);
      };
    const write =
      (size: number, set: (view: DataView, offset: number, value: number) => void) =>
      (address: number, value: number): void => {
        const plain = at(address, size);
        if (plain >= this.writableFrom && plain < SRAM + SRAM_SIZE) set(sram, plain - SRAM, value);
        else if (size === 4 && this.isDivider(plain)) {
          this.dividing = mcu.core.cycles;
          mcu.sio.writeUint32(plain - SIO, value);
        } else refuse('write outside data:', plain);
      };
    mcu.readUint32 = read(4, (view, offset) => view.getUint32(offset, true));
    mcu.readUint16 = read(2, (view, offset) => view.getUint16(offset, true));
    mcu.readUint8 = read(1, (view, offset) => view.getUint8(offset));
    mcu.writeUint32 = write(4, (view, offset, value) => view.setUint32(offset, value, true));
    mcu.writeUint16 = write(2, (view, offset, value) => view.setUint16(offset, value, true));
    mcu.writeUint8 = write(1, (view, offset, value) => view.setUint8(offset, value));
  }

  private isDivider(address: number): boolean {
    return address >= SIO + DIV_UDIVIDEND && address <= SIO + DIV_REMAINDER;
  }

  private readDivider(offset: number): number {
    const { core, sio } = this.mcu;
    // The store itself takes a cycle.
    if (offset >= DIV_QUOTIENT && core.cycles - this.dividing < 1 + DIVISION_CYCLES) {
      throw new CoreFault(`the divider is read too early at PC 0x${core.PC.toString(16)}`);
    }
    return sio.readUint32(offset);
  }

  /**
   * ADCS and SBCS of rp2040js 1.4.1 add the carry to an operand before they look at its sign, so V is wrong when that
   * carry makes 0x80000000 of 0x7fffffff; signed comparisons of 64 bits hang on it.
   */
  private mend(): void {
    const core = this.mcu.core as unknown as Flags;
    const subtract = core.substractUpdateFlags.bind(core);
    core.substractUpdateFlags = (minuend: number, subtrahend: number): number => {
      const isCarried = subtrahend === 0x80000000 && !core.C && this.isExecuting(0b0100000110);
      const result = subtract(minuend, subtrahend);
      // What is subtracted is positive: an overflow if the result of a negative number is positive.
      if (isCarried) core.V = (minuend & 0x80000000) !== 0 && (result & 0x80000000) === 0;
      return result;
    };
    const add = core.addUpdateFlags.bind(core);
    core.addUpdateFlags = (addend1: number, addend2: number): number => {
      const isCarried = addend2 === 0x80000000 && core.C && this.isExecuting(0b0100000101);
      const result = add(addend1, addend2);
      if (isCarried) core.V = (addend1 & 0x80000000) === 0 && (result & 0x80000000) !== 0;
      return result;
    };
  }

  /** Is the instruction that runs the one with these upper ten bits? */
  private isExecuting(upper: number): boolean {
    const { mcu } = this;
    return mcu.readUint16(mcu.core.PC - 2) >> 6 === upper;
  }
}
