// SPDX-License-Identifier: MIT
// The descriptor at 0x100001c0 by which an image says where its parts are. It is the firmware's word to this harness; the
// board itself does not read it.

import { FLASH_BASE, FLASH_SIZE, SRAM_BASE, SRAM_SIZE } from './bus.ts';

const OFFSET = 0x1c0;
const MAGIC = 'sandwire';

const FIELDS = [
  ...(['size', 'module', 'moduleSize', 'memory', 'memorySize', 'stackBottom', 'stackTop'] as const),
  ...(['interpreter', 'interpreterEnd', 'spi', 'spiEnd', 'address', 'netmask', 'gateway'] as const),
] as const;

/** Addresses and sizes in octets; ends are excluded. The last three are the board's IPv4 addresses, u32 in host order. */
export type ImageDescriptor = Record<(typeof FIELDS)[number], number>;

/** The descriptor of the image in `flash`. Throws one line when there is none, or one that cannot be. */
export function descriptorOf(flash: Uint8Array): ImageDescriptor {
  if (Buffer.from(flash.subarray(OFFSET, OFFSET + 8)).toString('latin1') !== MAGIC) {
    throw new TypeError('not a Sandwire image: there is no descriptor at 0x100001c0');
  }
  const view = new DataView(flash.buffer, flash.byteOffset + OFFSET + 8);
  const image = Object.fromEntries(
    FIELDS.map((name, i) => [name, view.getUint32(4 * i, true)]),
  ) as ImageDescriptor;
  if (image.size < MAGIC.length + 4 * FIELDS.length) {
    throw new TypeError('the descriptor of the image is older than this: build the firmware anew');
  }
  const isInFlash = image.module >= FLASH_BASE && image.module + image.moduleSize <= FLASH_BASE + FLASH_SIZE;
  const isInSram = image.memory >= SRAM_BASE && image.memory + image.memorySize <= SRAM_BASE + SRAM_SIZE;
  if (!isInFlash || !isInSram)
    throw new TypeError('the descriptor of the image points outside flash or SRAM');
  return image;
}

/** The octets of the module in `flash`, as they are. */
export function moduleOf(flash: Uint8Array, image: ImageDescriptor): Uint8Array<ArrayBuffer> {
  const start = image.module - FLASH_BASE;
  return Uint8Array.from(flash.subarray(start, start + image.moduleSize));
}
