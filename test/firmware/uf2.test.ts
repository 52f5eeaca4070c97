// SPDX-License-Identifier: MIT
// The file that is copied to the board.

import { decodeBlock } from 'uf2';
import { describe, expect, it } from 'vitest';
import { FLASH, PAGE, toUf2 } from '../../host/firmware/uf2.ts';
import { RP2040_FAMILY } from '../../host/machine/rp2040/boot-rom.ts';

const BLOCK = 512;

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
