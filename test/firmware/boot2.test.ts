// SPDX-License-Identifier: MIT
// The seal that the boot ROM looks for.

import { describe, expect, it } from 'vitest';
import { BOOT2, sealed } from '../../host/firmware/boot2.ts';
import { bootCrc } from '../../host/machine/rp2040/boot-rom.ts';

describe('the CRC of the second stage', () => {
  it('is CRC-32/MPEG-2: the check value of the catalogue', () => {
    expect(bootCrc(Buffer.from('123456789'))).toBe(0x0376e6e7);
  });

  it('of nothing is its start', () => {
    expect(bootCrc(new Uint8Array(0))).toBe(0xffffffff);
  });

  it('stands in the last four octets, low octet first', () => {
    const boot2 = new Uint8Array(BOOT2).fill(0x5a, 0, 100);
    const octets = sealed(boot2);
    expect(new DataView(octets.buffer).getUint32(252, true)).toBe(bootCrc(boot2.subarray(0, 252)));
    expect(octets.subarray(0, 252)).toEqual(boot2.subarray(0, 252));
    expect(boot2[252]).toBe(0); // the argument is left alone
  });

  it('may be there already', () => {
    const octets = sealed(new Uint8Array(BOOT2));
    expect(sealed(octets)).toEqual(octets);
  });

  it.each([
    ['one that leaves no room', new Uint8Array(BOOT2).fill(1), 'no room for its CRC'],
    ['one that is too short', new Uint8Array(100), '100 octets, not 256'],
    ['one that is too long', new Uint8Array(257), '257 octets, not 256'],
  ])('refuses %s', (_what, boot2, reason) => {
    expect(() => sealed(boot2)).toThrow(reason);
  });
});
