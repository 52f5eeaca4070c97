// SPDX-License-Identifier: MIT
// The SPI port: commands and their framing by chip-select (data sheet section 4). Buffer memory is read and written here
// itself, since that is where nearly all octets go: its pointer stands in a field while the command lasts.

import { LAST_ADDRESS } from './buffer.ts';
import type { RegisterFile } from './registers.ts';
import { ECON1, ECON2, groupOf, Reg } from './registers.ts';

/** What the port acts upon. */
export interface Bus {
  readonly registers: RegisterFile;
  readonly memory: Uint8Array;
  readRegister(index: number): number;
  writeRegister(index: number, value: number): void;
  /** BFS. */
  setBits(index: number, mask: number): void;
  /** BFC. */
  clearBits(index: number, mask: number): void;
  softReset(): void;
  /** `count` octets of buffer memory from `address` on (0x1FFF → 0x0000) were written, or read. */
  usedMemory(address: number, count: number, written: boolean): void;
  unknownCommand(opcode: number): void;
}

/** What is heard while the chip does not drive SO: a pull-up. */
const SILENT = 0xff;

const OPCODE = 0;
const READ_MEMORY = 1;
const WRITE_MEMORY = 2;
const DUMMY = 3;
const READ_REGISTER = 4;
const WRITE_REGISTER = 5;
const SET_BITS = 6;
const CLEAR_BITS = 7;
const IGNORE = 8;
const DESELECTED = 9;

export class Spi {
  private readonly bus: Bus;
  private readonly memory: Uint8Array;
  private step = DESELECTED;
  /** Register of the command. */
  private index = 0;
  /** Next octet of buffer memory. After `wrapAt` comes `wrapTo`; with AUTOINC = 0 both are the address itself. */
  private pointer = 0;
  private wrapAt = 0;
  private wrapTo = 0;
  /** Where the burst began. */
  private from = 0;

  constructor(bus: Bus) {
    this.bus = bus;
    this.memory = bus.memory;
  }

  select(): void {
    if (this.step !== DESELECTED) this.deselect();
    this.step = OPCODE;
  }

  /** CS rises: the command is over. */
  deselect(): void {
    const { step, from, pointer } = this;
    this.step = DESELECTED;
    if (step === READ_MEMORY) {
      this.bus.registers.setWord(Reg.ERDPTL, pointer);
      // A burst that went round the ring did not read what is being transmitted.
      if (pointer > from) this.bus.usedMemory(from, pointer - from, false);
    } else if (step === WRITE_MEMORY) {
      this.bus.registers.setWord(Reg.EWRPTL, pointer);
      const held = this.wrapAt === this.wrapTo;
      if (pointer !== from || held)
        this.bus.usedMemory(from, held ? 1 : (pointer - from) & LAST_ADDRESS, true);
    }
  }

  /** The chip was reset: what is left of this command has no effect. */
  abandon(): void {
    if (this.step !== DESELECTED) this.step = IGNORE;
  }

  /** CS rises inside an octet: the clocks of fewer than eight bits have no effect, nor has what may follow. */
  partial(): void {
    this.deselect();
    this.step = IGNORE;
  }

  /** Eight clocks: `octet` in on SI, the result out on SO. */
  transfer(octet: number): number {
    switch (this.step) {
      case READ_MEMORY: {
        const address = this.pointer;
        this.pointer = address === this.wrapAt ? this.wrapTo : (address + 1) & LAST_ADDRESS;
        return this.memory[address]!;
      }
      case WRITE_MEMORY: {
        const address = this.pointer;
        this.memory[address] = octet;
        this.pointer = address === this.wrapAt ? this.wrapTo : (address + 1) & LAST_ADDRESS;
        return SILENT;
      }
      case OPCODE:
        this.decode(octet);
        return SILENT;
      case DUMMY:
        // Undefined in the data sheet. The complement of the value is wrong whatever the value is.
        this.step = READ_REGISTER;
        return ~this.bus.registers.get(this.index) & 0xff;
      case READ_REGISTER:
        return this.bus.readRegister(this.index);
      case WRITE_REGISTER:
        this.step = IGNORE;
        this.bus.writeRegister(this.index, octet);
        return SILENT;
      case SET_BITS:
        this.step = IGNORE;
        this.bus.setBits(this.index, octet);
        return SILENT;
      case CLEAR_BITS:
        this.step = IGNORE;
        this.bus.clearBits(this.index, octet);
        return SILENT;
      default:
        return SILENT;
    }
  }

  /** The first octet of a command: three bits of opcode, five of argument (data sheet table 4-1). */
  private decode(octet: number): void {
    const { registers } = this.bus;
    const address = octet & 0x1f;
    // 0x1B … 0x1F are the same in every bank.
    this.index = address >= 0x1b ? address : ((registers.get(Reg.ECON1) & ECON1.BSEL) << 5) | address;
    switch (octet >> 5) {
      case 0b000:
        this.step = groupOf(this.index) === 'ETH' ? READ_REGISTER : DUMMY;
        return;
      case 0b010:
        this.step = WRITE_REGISTER;
        return;
      case 0b100:
        this.step = SET_BITS;
        return;
      case 0b101:
        this.step = CLEAR_BITS;
        return;
    }
    const autoIncrement = registers.has(Reg.ECON2, ECON2.AUTOINC);
    switch (octet) {
      case 0x3a:
        this.step = READ_MEMORY;
        this.pointer = this.from = registers.word(Reg.ERDPTL);
        this.wrapAt = autoIncrement ? registers.word(Reg.ERXNDL) : this.pointer;
        this.wrapTo = autoIncrement ? registers.word(Reg.ERXSTL) : this.pointer;
        return;
      case 0x7a:
        this.step = WRITE_MEMORY;
        this.pointer = this.from = registers.word(Reg.EWRPTL);
        this.wrapAt = autoIncrement ? LAST_ADDRESS : this.pointer;
        this.wrapTo = autoIncrement ? 0 : this.pointer;
        return;
      case 0xff:
        this.step = IGNORE;
        this.bus.softReset();
        return;
      default:
        this.step = IGNORE;
        this.bus.unknownCommand(octet);
    }
  }
}
