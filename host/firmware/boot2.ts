// SPDX-License-Identifier: MIT
// The seal of the second stage: the boot ROM enters its 256 octets only when the last four are the CRC of the others
// (RP2040 data sheet 2.8.1.3.1).
//
//   node --import tsx host/firmware/boot2.ts BOOT2.bin      256 octets, the last four zero; the CRC takes their place

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { bootCrc } from '../machine/rp2040/boot-rom.ts';

/** Octets of the second stage, CRC included. */
export const BOOT2 = 256;
const CRC_AT = BOOT2 - 4;

/** `boot2` with its CRC. RangeError: it is not 256 octets, or the code reaches into the last four. */
export function sealed(boot2: Uint8Array): Uint8Array {
  const octets = Uint8Array.from(boot2);
  if (octets.length !== BOOT2)
    throw new RangeError(`the second stage has ${octets.length} octets, not ${BOOT2}`);
  const view = new DataView(octets.buffer);
  const crc = bootCrc(octets.subarray(0, CRC_AT));
  // It may have been sealed before.
  if (![0, crc].includes(view.getUint32(CRC_AT, true))) {
    throw new RangeError('the second stage leaves no room for its CRC');
  }
  view.setUint32(CRC_AT, crc, true);
  return octets;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = process.argv[2]!;
  try {
    writeFileSync(path, sealed(readFileSync(path)));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
