// SPDX-License-Identifier: MIT
// The flash chip of the Pico, a W25Q16JV (Winbond data sheet revision H), octet by octet: what identifies it and how it is
// read. Left out: erasing and programming, the quad modes; a command that is not here is a Fault.

import { FLASH_SIZE } from './bus.ts';
import { Fault } from './failure.ts';

const READ_DATA = 0x03;
const READ_STATUS = 0x05;
const READ_UNIQUE_ID = 0x4b;
const JEDEC_ID = 0x9f;
const RELEASE_POWER_DOWN = 0xab;
/** What the boot ROM and the SDK clock out to leave a continuous read mode. */
const NOTHING = 0xff;

const IDENTITY = [0xef, 0x40, 0x15];
const ID_DUMMIES = 4;

export class FlashChip {
  private readonly contents: Uint8Array;
  private readonly uniqueId: Uint8Array;
  private command = -1;
  /** Octets since the command. */
  private position = 0;
  private address = 0;

  constructor(contents: Uint8Array, uniqueId: Uint8Array) {
    if (uniqueId.length !== 8) throw new RangeError(`the unique id has 8 octets, not ${uniqueId.length}`);
    this.contents = contents;
    this.uniqueId = uniqueId;
  }

  /** CS falls. */
  select(): void {
    this.command = -1;
  }

  /** Eight clocks. */
  transfer(octet: number): number {
    if (this.command < 0) {
      this.command = octet;
      this.position = 0;
      this.address = 0;
      return 0;
    }
    const position = this.position++;
    switch (this.command) {
      case READ_DATA:
        if (position < 3) {
          this.address = (this.address << 8) | octet;
          return 0;
        }
        return this.contents[(this.address + position - 3) % FLASH_SIZE]!;
      case READ_STATUS:
        return 0;
      case READ_UNIQUE_ID:
        return position < ID_DUMMIES ? 0 : this.uniqueId[(position - ID_DUMMIES) & 7]!;
      case JEDEC_ID:
        return IDENTITY[position % 3]!;
      case RELEASE_POWER_DOWN:
      case NOTHING:
        return NOTHING;
      default:
        throw new Fault(`flash command 0x${this.command.toString(16)} is not modelled`);
    }
  }
}
