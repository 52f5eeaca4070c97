// SPDX-License-Identifier: MIT
// What a file puts into the Pico's flash: the octets at their addresses, the check that the boot ROM makes before it
// starts them, and the module inside, found through the firmware's descriptor.

import { createHash } from 'node:crypto';
import { FLASH, PAGE } from '../firmware/uf2.ts';
import { formatIpv4 } from '../machine/address.ts';
import { bootCrc } from '../machine/rp2040/boot-rom.ts';
import { descriptorOf, moduleOf } from '../machine/rp2040/image.ts';

/** The end of the Pico's 2 MB, where the core sees them. */
export const FLASH_END = FLASH + (2 << 20);

/** A piece of flash. */
export interface Piece {
  address: number;
  octets: Uint8Array;
}

/** Flash from `begin` to `end`, as it will be; what no piece covers is erased, 0xff. */
export interface Image {
  begin: number;
  end: number;
  octets: Uint8Array;
}

/** What a Sandwire firmware says of itself. */
export interface FirmwareFacts {
  /** The module in it. */
  module: { octets: number; sha256: string };
  /** The board's IPv4 address, dotted decimal. */
  address: string;
}

/** An address as people read it. */
export const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** One image of the pieces, which lie in the flash and do not overlap. */
export function imageOf(pieces: readonly Piece[]): Image {
  const begin = Math.min(...pieces.map(({ address }) => address));
  const end = Math.max(...pieces.map(({ address, octets }) => address + octets.length));
  const octets = new Uint8Array(end - begin).fill(0xff);
  for (const piece of pieces) octets.set(piece.octets, piece.address - begin);
  return { begin, end, octets };
}

/** Throws, in a line about `name`, when the boot ROM would not start what the image puts at the beginning of flash. */
export function checkBoot2(image: Image, name: string): void {
  if (image.begin !== FLASH || image.octets.length < PAGE) {
    throw new Error(`${name} is no program for the RP2040: it puts nothing at ${hex(FLASH)}`);
  }
  const boot2 = image.octets.subarray(0, PAGE - 4);
  if (bootCrc(boot2) !== view(image).getUint32(PAGE - 4, true)) {
    throw new Error(
      `${name} would not start: the checksum of its second stage is wrong, and the boot ROM looks at it`,
    );
  }
}

/** What the image says of itself; undefined when another firmware than Sandwire's is in it. */
export function factsOf({ begin, octets }: Image): FirmwareFacts | undefined {
  if (begin !== FLASH) return undefined;
  try {
    const descriptor = descriptorOf(octets);
    const module = moduleOf(octets, descriptor);
    if (module.length !== descriptor.moduleSize) return undefined;
    return {
      module: { octets: module.length, sha256: sha256(module) },
      address: formatIpv4(descriptor.address),
    };
  } catch {
    return undefined;
  }
}

export function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

function view({ octets }: Image): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}
