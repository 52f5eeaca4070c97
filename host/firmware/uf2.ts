// SPDX-License-Identifier: MIT
// The image as it is flashed: the blocks of a UF2 file (https://github.com/microsoft/uf2).
//
//   node --import tsx host/firmware/uf2.ts IMAGE.bin IMAGE.uf2

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeBlock, UF2Flags } from 'uf2';

import { RP2040_FAMILY } from '../machine/rp2040/boot-rom.ts';

/** Where flash begins. */
export const FLASH = 0x10000000;
/** Octets of a page of flash, which is a block's payload. */
export const PAGE = 256;

/** The UF2 file of an image that begins at FLASH. */
export function toUf2(image: Uint8Array): Uint8Array {
  const totalBlocks = Math.ceil(image.length / PAGE);
  const blocks = Array.from({ length: totalBlocks }, (_, blockNumber) => {
    const payload = new Uint8Array(PAGE);
    payload.set(image.subarray(blockNumber * PAGE, (blockNumber + 1) * PAGE));
    return encodeBlock({
      flags: UF2Flags.familyIDPresent,
      flashAddress: FLASH + blockNumber * PAGE,
      blockNumber,
      totalBlocks,
      boardFamily: RP2040_FAMILY,
      payload,
    });
  });
  return Buffer.concat(blocks);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [image, uf2] = process.argv.slice(2);
  try {
    writeFileSync(uf2!, toUf2(readFileSync(image!)));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
