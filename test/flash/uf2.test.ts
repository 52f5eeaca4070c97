// SPDX-License-Identifier: MIT
// UF2 files: what is taken, and each way in which one can be wrong, in words.

import { decodeBlock, encodeBlock } from 'uf2';
import type { UF2BlockData } from 'uf2';
import { describe, expect, it, test } from 'vitest';
import { FLASH, toUf2 } from '../../host/firmware/uf2.ts';
import { checkBoot2, factsOf } from '../../host/flash/image.ts';
import { readUf2 } from '../../host/flash/uf2.ts';
import { firmwareFile, firmwareImage, moduleHash, moduleOctets } from './firmware-file.ts';

const BLOCK = 512;
const file = firmwareFile();
const total = file.length / BLOCK;

/** The file, some of its blocks changed. */
function changed(change: (block: UF2BlockData, i: number) => Partial<UF2BlockData>): Uint8Array {
  const blocks = Array.from({ length: total }, (_, i) =>
    decodeBlock(file.subarray(i * BLOCK, (i + 1) * BLOCK)),
  );
  return Buffer.concat(blocks.map((block, i) => encodeBlock({ ...block, ...change(block, i) })));
}

const only =
  (at: number, change: Partial<UF2BlockData>) =>
  (_: UF2BlockData, i: number): Partial<UF2BlockData> =>
    i === at ? change : {};

describe('a good file', () => {
  const image = readUf2(file, 'f');

  it('comes to the octets of the image', () => {
    expect(image.blocks).toBe(total);
    expect(image.begin).toBe(FLASH);
    const padding = new Uint8Array(image.octets.length - firmwareImage().length);
    expect(Buffer.compare(image.octets, Buffer.concat([firmwareImage(), padding]))).toBe(0);
  });

  it('would be started by the boot ROM', () => {
    expect(() => checkBoot2(image, 'f')).not.toThrow();
  });

  it('has the module of the simulation in it', () => {
    expect(factsOf(image)).toEqual({
      module: { octets: moduleOctets.length, sha256: moduleHash },
      address: '10.0.0.9',
    });
  });

  it('may be a view into a larger buffer', () => {
    const buffer = Buffer.concat([Buffer.alloc(3), file]);
    expect(readUf2(buffer.subarray(3), 'f').blocks).toBe(total);
  });
});

describe('refused:', () => {
  const swapped = (): Uint8Array =>
    changed((block, i) => ({ blockNumber: i === 7 ? 8 : i === 8 ? 7 : block.blockNumber }));
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['nothing', new Uint8Array(), 'f is empty'],
    [
      'a text',
      Buffer.from('hello\n'.repeat(200)),
      'f is not a UF2 file: npm run firmware makes build/sandwire-pico.uf2',
    ],
    ['the module itself', moduleOctets, 'f is not a UF2 file'],
    ['half a block', file.subarray(0, 1000), 'f is cut off: 1,000 octets are not whole blocks of 512'],
    ['fewer blocks', file.subarray(0, 5 * BLOCK), `f is cut off after 5 of ${total} blocks`],
    [
      'the family of the Pico 2',
      changed(() => ({ boardFamily: 0xe48bff59 })),
      'f is for the RP2350 (Pico 2), not for the RP2040',
    ],
    [
      'a family that has a name',
      changed(() => ({ boardFamily: 0x68ed2b88 })),
      'f is for Microchip (Atmel) SAMD21, not for the RP2040',
    ],
    [
      'one that has none',
      changed(() => ({ boardFamily: 0x12345 })),
      'f is for another chip (family 0x00012345), not for the RP2040',
    ],
    ['no family', changed(only(3, { flags: 0 })), 'f does not say for which chip it is (block 3)'],
    [
      'not for flash',
      changed(only(3, { flags: 0x2001 })),
      'f is not a program: block 3 is not meant for flash',
    ],
    ['a file container', changed(only(3, { flags: 0x3000 })), 'f is not a program: block 3'],
    [
      'other payloads',
      changed(only(9, { payload: new Uint8Array(476) })),
      'f is not for the RP2040: block 9 carries 476 octets, not 256',
    ],
    ['a block twice', changed(only(9, { blockNumber: 6 })), 'f is damaged: block 6 comes twice'],
    ['a block in another’s place', swapped(), 'f is damaged: block 8 stands where block 7 belongs'],
    [
      'a number too high',
      changed(only(9, { blockNumber: 9999 })),
      `f is damaged: block 9999 of only ${total}`,
    ],
    [
      'two totals',
      changed(only(9, { totalBlocks: 9999 })),
      `f is two files in one: block 9 is of 9999, the first of ${total}`,
    ],
    [
      'the ROM’s addresses',
      changed(only(2, { flashAddress: 0 })),
      "f writes outside the Pico's flash: block 2 goes to 0x00000000",
    ],
    ['RAM', changed(only(2, { flashAddress: 0x20000000 })), 'block 2 goes to 0x20000000'],
    ['behind 2 MB', changed(only(2, { flashAddress: 0x101fff80 })), 'block 2 goes to 0x101fff80'],
    [
      'an odd address',
      changed(only(2, { flashAddress: 0x10000204 })),
      'f is damaged: block 2 goes to 0x10000204, no multiple of 256',
    ],
    [
      'an address twice',
      changed(only(9, { flashAddress: 0x10000200 })),
      'f is damaged: blocks 2 and 9 both go to 0x10000200',
    ],
  ];
  it.each(cases)('%s', (_, octets, reason) => {
    expect(() => readUf2(octets, 'f')).toThrow(reason);
  });

  test('a block left out', () => {
    const octets = Buffer.concat([file.subarray(0, 7 * BLOCK), file.subarray(8 * BLOCK)]);
    expect(() => readUf2(octets, 'f')).toThrow(`f is damaged: block 7 of ${total} is missing`);
  });

  test('an octet of a block’s end', () => {
    const octets = Uint8Array.from(file);
    octets[5 * BLOCK - 1]! ^= 1;
    expect(() => readUf2(octets, 'f')).toThrow('f is damaged: block 4 is not a block of UF2');
  });

  test('a second stage that the boot ROM would not start', () => {
    const image = firmwareImage();
    image[17]! ^= 1;
    expect(() => checkBoot2(readUf2(toUf2(image), 'f'), 'f')).toThrow('f would not start: the checksum');
  });

  test('no second stage', () => {
    const octets = changed(({ flashAddress }) => ({ flashAddress: flashAddress + 0x10000 }));
    expect(() => checkBoot2(readUf2(octets, 'f'), 'f')).toThrow('it puts nothing at 0x10000000');
  });
});

describe('a module is not found', () => {
  const without = (change: (words: DataView) => void): unknown => {
    const image = firmwareImage();
    change(new DataView(image.buffer));
    return factsOf(readUf2(toUf2(image), 'f'));
  };

  test('without the descriptor', () =>
    expect(without((words) => words.setUint8(0x1c0, 0x53))).toBeUndefined());
  test('where the image has nothing', () =>
    expect(without((words) => words.setUint32(0x1d0, 1 << 20, true))).toBeUndefined());
  test('before flash', () =>
    expect(without((words) => words.setUint32(0x1cc, 0x20000000 - (1 << 30), true))).toBeUndefined());
  test('in an image that ends before', () =>
    expect(factsOf(readUf2(toUf2(firmwareImage().subarray(0, 256)), 'f'))).toBeUndefined());
});
