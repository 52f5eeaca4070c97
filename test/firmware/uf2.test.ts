// SPDX-License-Identifier: MIT
// The seal that the boot ROM looks for, and the file that is copied to the board.

import { decodeBlock } from 'uf2';
import { describe, expect, it } from 'vitest';
import { bootCrc, FLASH, PAGE, RP2040_FAMILY, toUf2, withBootCrc } from '../../host/firmware/uf2.ts';

const BLOCK = 512;

describe('the CRC of the second stage', () => {
  it('is CRC-32/MPEG-2: the check value of the catalogue', () => {
    expect(bootCrc(Buffer.from('123456789'))).toBe(0x0376e6e7);
  });

  it('of nothing is its start', () => {
    expect(bootCrc(new Uint8Array(0))).toBe(0xffffffff);
  });

  it('stands in the last four octets of the first page, low octet first', () => {
    const image = new Uint8Array(2 * PAGE).fill(0x5a, 0, 100);
    const sealed = withBootCrc(image);
    expect(new DataView(sealed.buffer).getUint32(252, true)).toBe(bootCrc(image.subarray(0, 252)));
    expect(sealed.subarray(PAGE)).toEqual(image.subarray(PAGE));
    expect(image[252]).toBe(0); // the argument is left alone
  });

  it.each([
    ['a second stage that leaves no room', new Uint8Array(PAGE).fill(1)],
    ['an image of less than a page', new Uint8Array(100)],
  ])('refuses %s', (_what, image) => {
    expect(() => withBootCrc(image)).toThrow('no room for the CRC');
  });
});

describe('a UF2 file', () => {
  it('holds the image in numbered blocks for the RP2040', () => {
    const image = Uint8Array.from({ length: 2 * PAGE + 3 }, (_, i) => i * 7);
    const file = toUf2(image);
    expect(file).toHaveLength(3 * BLOCK);
    const blocks = [0, 1, 2].map((i) => decodeBlock(file.subarray(i * BLOCK, (i + 1) * BLOCK)));
    blocks.forEach((block, i) => {
      expect(block.blockNumber).toBe(i);
      expect(block.totalBlocks).toBe(3);
      expect(block.boardFamily).toBe(RP2040_FAMILY);
      expect(block.flashAddress).toBe(FLASH + i * PAGE);
      expect(block.payload).toHaveLength(PAGE);
    });
    const octets = Buffer.concat(blocks.map(({ payload }) => payload));
    expect(octets.subarray(0, image.length)).toEqual(Buffer.from(image));
    expect(octets.subarray(image.length).every((octet) => octet === 0)).toBe(true);
  });
});
