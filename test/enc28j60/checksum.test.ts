// SPDX-License-Identifier: MIT
// The sums by their published values: CRC-32 (check value of the nine digits), the hash filter's register, Internet sums.

import { describe, expect, test } from 'vitest';
import { Checksum, destinationCrc, frameCheckSequence } from '../../host/enc28j60/checksum.ts';

test('IEEE 802.3 §3.2.9: the FCS of "123456789" is 0xCBF43926', () => {
  expect(frameCheckSequence(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test('a frame with its FCS appended, lowest octet first, leaves the residue 0x2144DF1C', () => {
  const frame = Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 0);
  const fcs = frameCheckSequence(frame.subarray(0, 4));
  for (let i = 0; i < 4; i++) frame[4 + i] = fcs >>> (8 * i);
  expect(frameCheckSequence(frame)).toBe(0x2144df1c);
});

describe('section 8.4, the CRC of the destination address', () => {
  test.each([
    ['01005e000001', 0x7fa32d9b, 63],
    ['01005e0000fb', 0x3f7b3b21, 62],
    ['01005e7ffffa', 0xae3c4afc, 28],
    ['333300000001', 0xf99baaba, 51],
    ['ffffffffffff', 0xff48647d, 62],
    ['020000000001', 0x83f34f2e, 7],
  ])('%s', (address, register, index) => {
    const crc = destinationCrc(Uint8Array.from(Buffer.from(address, 'hex')));
    expect(crc).toBe(register);
    expect((crc >>> 23) & 0x3f).toBe(index);
  });
});

describe('section 13.2, the checksum', () => {
  test.each([
    ['89abcd', 0xa953],
    ['ffffffffffff0806', 0xf7f9],
    ['88aa090a0b0c0d', 0x563f],
    ['0004a3ffffff', 0x5bfc],
  ])('%s', (octets, expected) => {
    const sum = new Checksum();
    for (const octet of Buffer.from(octets, 'hex')) sum.add(octet);
    expect(sum.value).toBe(expected);
  });
});
