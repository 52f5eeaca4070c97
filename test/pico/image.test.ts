// SPDX-License-Identifier: MIT
// What the drive and the boot ROM take: UF2 blocks for this chip, and a second stage with the right CRC.

import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../host/net/clock.ts';
import { Pico } from '../../host/machine/pico.ts';
import { bootCrc, flashOf } from '../../host/machine/rp2040/boot-rom.ts';
import { PicoBoard } from '../../host/pico-board.ts';
import { Wire } from '../../host/net/wire.ts';
import { Complement, Program } from './thumb.ts';

const uf2 = new Program().stop().uf2;

/** The file with a word of its first block changed. */
function spoilt(offset: number, value: number): Uint8Array {
  const copy = Uint8Array.from(uf2);
  new DataView(copy.buffer).setUint32(offset, value, true);
  return copy;
}

test('the CRC is that of the ROM', () => {
  // CRC-32/MPEG-2 of the check string.
  expect(bootCrc(Buffer.from('123456789'))).toBe(0x0376e6e7);
});

test('blocks become flash, the rest stays erased', () => {
  const flash = flashOf(uf2);
  expect(flash.length).toBe(2 * 1024 * 1024);
  expect([...flash.subarray(0, 2)]).toEqual([0xfe, 0xe7]);
  expect(flash[256]).toBe(0xff);
});

describe('is refused in one line:', () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      'half a block',
      uf2.subarray(0, 300),
      /^not a UF2 file: 300 octets are no whole number of blocks of 512$/,
    ],
    ['something else', new Uint8Array(512), /^block 0 is not a UF2 block: /],
    ['another chip', spoilt(28, 0xe48bff57), /^block 0 is not for an RP2040 \(family 0xe48bff57\)$/],
    ['no family', spoilt(8, 0), /^block 0 is not for an RP2040/],
    ['a file cut short', spoilt(24, 2), /^block 0 says that it is 0 of 2, not of 1$/],
    ['RAM', spoilt(12, 0x20000000), /^block 0 is not a page of flash/],
    [
      'a second stage with a wrong CRC',
      spoilt(32 + 8, 1),
      /^the second stage's CRC is .*: the boot ROM would not enter it$/,
    ],
  ])('%s', (_name, file, message) => {
    expect(() => new Pico({ uf2: file, clock: new VirtualClock(), chip: new Complement() })).toThrow(message);
  });

  test.each([
    [{ image: uf2 }, 'not a Sandwire image: there is no descriptor at 0x100001c0'],
    [{ image: 'no-such' }, 'build/no-such.uf2 is missing: run npm run firmware'],
    [{ image: '/no/such.uf2' }, 'cannot read /no/such.uf2: ENOENT: no such file or directory'],
  ])('as a board: %s', (options, message) => {
    const clock = new VirtualClock();
    expect(() => new PicoBoard({ clock, wire: new Wire(clock), ...options })).toThrow(message);
  });
});
