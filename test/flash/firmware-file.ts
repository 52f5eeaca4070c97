// SPDX-License-Identifier: MIT
// A small firmware as the build leaves it: a second stage with its checksum, the descriptor, and the module that the
// simulation runs. The core never sees it; the boot ROM's drive and `flash` look at no more than that.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BOOT2, sealed } from '../../host/firmware/boot2.ts';
import { FLASH, toUf2 } from '../../host/firmware/uf2.ts';

const DESCRIPTOR = 0x1c0;
const MODULE = 0x400;

/** The simulation's module, and its hash. */
export const moduleOctets = readFileSync('build/sandwire.wasm');
export const moduleHash = createHash('sha256').update(moduleOctets).digest('hex');

/** The image, from the beginning of flash. */
export function firmwareImage(module: Uint8Array = moduleOctets): Uint8Array {
  const image = new Uint8Array(MODULE + module.length);
  image.set([0x00, 0xb5, 0x70, 0x47]);
  const words = new DataView(image.buffer, DESCRIPTOR);
  image.set(Buffer.from('sandwire'), DESCRIPTOR);
  words.setUint32(8, 64, true);
  words.setUint32(12, FLASH + MODULE, true);
  words.setUint32(16, module.length, true);
  words.setUint32(20, 0x20000000, true);
  words.setUint32(52, 0x0a000009, true);
  image.set(module, MODULE);
  image.set(sealed(image.subarray(0, BOOT2)));
  return image;
}

/** Its UF2 file. */
export function firmwareFile(): Uint8Array {
  return toUf2(firmwareImage());
}
