// SPDX-License-Identifier: MIT
// The drive of a board in BOOTSEL mode as far as a host sees it: a folder with INFO_UF2.TXT, and behind it the boot ROM,
// which collects blocks and takes the drive away when it has all of them. Its way of choosing blocks is written down here
// anew, after the RP2040's data sheet 2.8.4.2; the code that is tested does not judge itself.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const INFO_RP2040 = 'UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n';
export const INFO_RP2350 = 'UF2 Bootloader v1.0\r\nModel: Raspberry Pi RP2350\r\nBoard-ID: RP2350\r\n';

const BLOCK = 512;
const LOOK_MS = 3;

export interface DriveOptions {
  info?: string;
  /** The board takes everything and does not reboot. */
  stubborn?: boolean;
}

/** A drive that exists until the boot ROM behind it has what it needs. */
export class PretendDrive {
  /** Address and octets of the blocks that were taken. */
  readonly flash = new Map<number, Uint8Array>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    readonly path: string,
    private readonly options: DriveOptions = {},
  ) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'INDEX.HTM'), '<html></html>');
    writeFileSync(join(path, 'INFO_UF2.TXT'), options.info ?? INFO_RP2040);
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** The octets from the beginning of flash, as far as blocks follow upon each other. */
  get image(): Buffer {
    const addresses = [...this.flash.keys()].sort((a, b) => a - b);
    return Buffer.concat(addresses.map((address) => this.flash.get(address)!));
  }

  /** Files that are not the drive's own. Of files only: a device may have no end. */
  get files(): string[] {
    return readdirSync(this.path, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !['INDEX.HTM', 'INFO_UF2.TXT'].includes(entry.name))
      .map(({ name }) => name);
  }

  unplug(): void {
    clearInterval(this.timer);
    rmSync(this.path, { recursive: true, force: true });
  }

  private look(): void {
    let total = Infinity;
    for (const name of this.files) {
      const file = readFileSync(join(this.path, name));
      for (let at = 0; at + BLOCK <= file.length; at += BLOCK) {
        total = this.take(file.subarray(at, at + BLOCK)) ?? total;
      }
    }
    if (this.flash.size === total && this.options.stubborn !== true) this.unplug();
  }

  /** The number of blocks that the file has, when this is a block. */
  private take(block: Buffer): number | undefined {
    const isBlock =
      block.readUInt32LE(0) === 0x0a324655 &&
      block.readUInt32LE(4) === 0x9e5d5157 &&
      block.readUInt32LE(508) === 0x0ab16f30;
    const isOurs = (block.readUInt32LE(8) & 0x2001) === 0x2000 && block.readUInt32LE(28) === 0xe48bff56;
    if (!isBlock || !isOurs || block.readUInt32LE(16) !== 256) return undefined;
    this.flash.set(block.readUInt32LE(12), Buffer.from(block.subarray(32, 288)));
    return block.readUInt32LE(24);
  }
}
