// SPDX-License-Identifier: MIT
// A UF2 file, looked at before anything is written: the boot ROM skips every block that it does not like, and then waits
// for ever for the missing one. Its rules: RP2040 family, main flash, 256 octets a block, on a multiple of 256. Ours in
// addition: all blocks of the file, once each, in order, in the Pico's flash.
// https://github.com/microsoft/uf2

import { blockSize as BLOCK, decodeBlock, familyMap, isUF2Block, UF2Flags } from 'uf2';
import type { UF2BlockData } from 'uf2';
import { FLASH, PAGE } from '../firmware/uf2.ts';
import { RP2040_FAMILY } from '../machine/rp2040/boot-rom.ts';
import { FLASH_END, hex, imageOf } from './image.ts';
import type { Image } from './image.ts';

export const BLOCK_SIZE = BLOCK;

/** Families that `uf2` does not name. */
const NEWER_FAMILIES: Readonly<Record<number, string>> = {
  0xe48bff57: 'absolute addresses of the RP2350 (Pico 2)',
  0xe48bff58: 'data of the RP2350 (Pico 2)',
  0xe48bff59: 'the RP2350 (Pico 2)',
  0xe48bff5a: 'the RISC-V cores of the RP2350 (Pico 2)',
  0xe48bff5b: 'the RP2350 (Pico 2)',
};

/** What the blocks of `file` put into flash. Throws one line that begins with `name`. */
export function readUf2(file: Uint8Array, name: string): Image & { blocks: number } {
  const refuse = (reason: string): never => {
    throw new Error(`${name} ${reason}`);
  };
  if (file.length === 0) refuse('is empty');
  if (!startsAsUf2(file)) refuse('is not a UF2 file: npm run firmware makes build/sandwire-pico.uf2');
  if (file.length % BLOCK !== 0) {
    refuse(`is cut off: ${file.length.toLocaleString('en')} octets are not whole blocks of ${BLOCK}`);
  }
  const blocks: UF2BlockData[] = [];
  for (let at = 0; at < file.length; at += BLOCK) {
    // A copy: isUF2Block looks at the whole buffer.
    const octets = Uint8Array.from(file.subarray(at, at + BLOCK));
    if (!isUF2Block(octets)) refuse(`is damaged: block ${at / BLOCK} is not a block of UF2`);
    const payloadSize = new DataView(octets.buffer).getUint32(16, true);
    if (payloadSize !== PAGE) {
      refuse(`is not for the RP2040: block ${at / BLOCK} carries ${payloadSize} octets, not ${PAGE}`);
    }
    blocks.push(decodeBlock(octets));
  }
  blocks.forEach((block, i) => checkKind(block, i, refuse));
  checkNumbers(blocks, refuse);
  checkPages(blocks, refuse);
  const pieces = blocks.map(({ flashAddress, payload }) => ({ address: flashAddress, octets: payload }));
  return { ...imageOf(pieces), blocks: blocks.length };
}

type Refuse = (reason: string) => never;

function startsAsUf2(file: Uint8Array): boolean {
  const words = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return (
    file.length >= 8 && words.getUint32(0, true) === 0x0a324655 && words.getUint32(4, true) === 0x9e5d5157
  );
}

function checkKind({ flags, boardFamily }: UF2BlockData, i: number, refuse: Refuse): void {
  if ((flags & (UF2Flags.notMainFlash | UF2Flags.fileContainer)) !== 0) {
    refuse(`is not a program: block ${i} is not meant for flash`);
  }
  if ((flags & UF2Flags.familyIDPresent) === 0) refuse(`does not say for which chip it is (block ${i})`);
  if (boardFamily !== RP2040_FAMILY) {
    const family = NEWER_FAMILIES[boardFamily] ?? familyMap.get(boardFamily);
    refuse(`is for ${family ?? `another chip (family ${hex(boardFamily)})`}, not for the RP2040`);
  }
}

function checkNumbers(blocks: readonly UF2BlockData[], refuse: Refuse): void {
  const total = blocks[0]!.totalBlocks;
  const seen = new Set<number>();
  for (const [i, { blockNumber, totalBlocks }] of blocks.entries()) {
    if (totalBlocks !== total)
      refuse(`is two files in one: block ${i} is of ${totalBlocks}, the first of ${total}`);
    if (blockNumber >= total) refuse(`is damaged: block ${blockNumber} of only ${total}`);
    if (seen.has(blockNumber)) refuse(`is damaged: block ${blockNumber} comes twice`);
    seen.add(blockNumber);
  }
  if (seen.size < total) {
    const missing = Array.from({ length: total }, (_, i) => i).find((i) => !seen.has(i))!;
    if (missing === seen.size) refuse(`is cut off after ${missing} of ${total} blocks`);
    refuse(`is damaged: block ${missing} of ${total} is missing`);
  }
  const stray = blocks.findIndex(({ blockNumber }, i) => blockNumber !== i);
  if (stray >= 0) {
    refuse(`is damaged: block ${blocks[stray]!.blockNumber} stands where block ${stray} belongs`);
  }
}

function checkPages(blocks: readonly UF2BlockData[], refuse: Refuse): void {
  const seen = new Map<number, number>();
  for (const [i, { flashAddress: address }] of blocks.entries()) {
    if (address < FLASH || address + PAGE > FLASH_END) {
      refuse(`writes outside the Pico's flash: block ${i} goes to ${hex(address)}`);
    }
    if (address % PAGE !== 0)
      refuse(`is damaged: block ${i} goes to ${hex(address)}, no multiple of ${PAGE}`);
    const other = seen.get(address);
    if (other !== undefined) refuse(`is damaged: blocks ${other} and ${i} both go to ${hex(address)}`);
    seen.set(address, i);
  }
}
