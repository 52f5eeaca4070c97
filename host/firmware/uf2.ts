// SPDX-License-Identifier: MIT
// The image as it is flashed: the CRC that the boot ROM wants at the end of the second stage (RP2040 data sheet
// 2.8.1.3.1), and the blocks of a UF2 file (https://github.com/microsoft/uf2).
//
//   node --import tsx host/firmware/uf2.ts IMAGE.bin IMAGE.uf2      both are written

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeBlock, UF2Flags } from 'uf2';

/** Family of the RP2040, by which its boot ROM knows a block. */
export const RP2040_FAMILY = 0xe48bff56;
/** Where flash begins. */
export const FLASH = 0x10000000;
/** Octets of the second stage, CRC included; also of a page of flash, which is a block's payload. */
export const PAGE = 256;

const CRC_AT = PAGE - 4;

/** CRC-32 as the boot ROM computes it: polynomial 0x04C11DB7, from ones, most significant bit first, nothing inverted. */
export function bootCrc(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) {
    crc ^= octet << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** `image` with the CRC of its second stage in place. RangeError: the second stage is longer than 252 octets. */
export function withBootCrc(image: Uint8Array): Uint8Array {
  const sealed = Uint8Array.from(image);
  if (sealed.length < PAGE || sealed.subarray(CRC_AT, PAGE).some((octet) => octet !== 0)) {
    throw new RangeError('no room for the CRC of boot2');
  }
  new DataView(sealed.buffer).setUint32(CRC_AT, bootCrc(sealed.subarray(0, CRC_AT)), true);
  return sealed;
}

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
    const sealed = withBootCrc(readFileSync(image!));
    writeFileSync(image!, sealed);
    writeFileSync(uf2!, toUf2(sealed));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
