// SPDX-License-Identifier: MIT
// What the boot ROM does with a flash that holds a program (RP2040 data sheet section 2.8.1): it proves the CRC of the
// second stage, copies it to the end of SRAM and enters it. And what happens before: a UF2 file becomes flash (section
// 2.8.3.3). The ROM itself, its USB side and its functions are not there.

import type { RP2040 } from 'rp2040js';
import { blockSize, decodeBlock, UF2Flags } from 'uf2';
import { FLASH_BASE, FLASH_SIZE } from './bus.ts';

/** Family of the RP2040, by which its boot ROM knows a block. */
export const RP2040_FAMILY = 0xe48bff56;
const BOOT2_SIZE = 256;
const BOOT2_AT = 0x41f00;
/** SCRATCH4 then asks for an entry that is not in flash. */
const VECTOR_MAGIC = 0xb007c0d3;

/** The flash of a Pico onto whose drive `uf2` was copied. Throws one line when the boot ROM would not take it. */
export function flashOf(uf2: Uint8Array): Uint8Array<ArrayBuffer> {
  const flash = new Uint8Array(FLASH_SIZE).fill(0xff);
  if (uf2.length === 0 || uf2.length % blockSize !== 0) {
    throw new TypeError(`not a UF2 file: ${uf2.length} octets are no whole number of blocks of ${blockSize}`);
  }
  const count = uf2.length / blockSize;
  for (let i = 0; i < count; i++) {
    const block = decode(uf2.slice(i * blockSize, (i + 1) * blockSize), i);
    if ((block.flags & UF2Flags.familyIDPresent) === 0 || block.boardFamily !== RP2040_FAMILY) {
      throw new TypeError(`block ${i} is not for an RP2040 (family 0x${block.boardFamily.toString(16)})`);
    }
    if (block.blockNumber !== i || block.totalBlocks !== count) {
      throw new TypeError(
        `block ${i} says that it is ${block.blockNumber} of ${block.totalBlocks}, not of ${count}`,
      );
    }
    const offset = block.flashAddress - FLASH_BASE;
    if (block.payload.length !== 256 || offset % 256 !== 0 || offset < 0 || offset >= FLASH_SIZE) {
      throw new TypeError(
        `block ${i} is not a page of flash: ${block.payload.length} octets at offset ${offset}`,
      );
    }
    flash.set(block.payload, offset);
  }
  return flash;
}

function decode(octets: Uint8Array, i: number): ReturnType<typeof decodeBlock> {
  try {
    return decodeBlock(octets);
  } catch (error) {
    throw new TypeError(`block ${i} is not a UF2 block: ${(error as Error).message}`, { cause: error });
  }
}

/** CRC-32 as the boot ROM computes it: 0x04c11db7, most significant bit first, start of ones, no final inversion. */
export function bootCrc(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) {
    crc ^= octet << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** Enter the second stage in `flash`. Throws when its CRC is wrong: the ROM would wait for a UF2 then. */
export function bootFromFlash(mcu: RP2040, flash: Uint8Array, sram: Uint8Array, scratch: Uint32Array): void {
  const boot2 = flash.subarray(0, BOOT2_SIZE);
  const found = new DataView(boot2.buffer, boot2.byteOffset).getUint32(BOOT2_SIZE - 4, true);
  const wanted = bootCrc(boot2.subarray(0, BOOT2_SIZE - 4));
  if (found !== wanted) {
    throw new Error(
      `the second stage's CRC is 0x${found.toString(16)}, not 0x${wanted.toString(16)}: the boot ROM would not enter it`,
    );
  }
  if (scratch[4] === VECTOR_MAGIC)
    throw new Error('SCRATCH4 asks for an entry other than flash: not modelled');
  sram.set(boot2, BOOT2_AT);
  const { core } = mcu;
  core.SP = core.PC = 0x20000000 + BOOT2_AT;
  core.LR = 0;
  core.VTOR = 0;
}
