// SPDX-License-Identifier: MIT
// Data sheet section 3.3: MII and its 10.24 µs, the PHY registers, latching bits, link changes.

import { describe, expect, test } from 'vitest';
import { MS, Rig, US } from './rig.ts';

const BUSY = 0x01;
const LINKIF = 0x10;

function ready(): Rig {
  const rig = new Rig();
  rig.clock.run(MS);
  return rig;
}

describe('3.3.1 to 3.3.3 MII', () => {
  test('a read takes 10.24 µs', () => {
    const rig = ready();
    rig.write('MIREGADR', 0x02);
    rig.write('MICMD', 0x01);
    rig.clock.run(10_239);
    expect([rig.read('MISTAT'), rig.readWord('MIRD')]).toEqual([BUSY, 0]);
    rig.clock.run(1);
    expect([rig.read('MISTAT'), rig.readWord('MIRD')]).toEqual([0, 0x0083]);
  });

  test('a second read needs MIIRD to go from 0 to 1 again', () => {
    const rig = ready();
    rig.write('MIREGADR', 0x02);
    rig.write('MICMD', 0x01);
    rig.clock.run(11 * US);
    rig.write('MIREGADR', 0x03);
    rig.write('MICMD', 0x01);
    rig.clock.run(11 * US);
    expect(rig.readWord('MIRD')).toBe(0x0083);
    rig.write('MICMD', 0x00);
    expect(rig.readPhy(0x03)).toBe(0x1400);
  });

  test('clearing MIIRD before BUSY falls does not cancel the read', () => {
    const rig = ready();
    rig.write('MIREGADR', 0x02);
    rig.write('MICMD', 0x01);
    rig.write('MICMD', 0x00);
    expect(rig.read('MISTAT')).toBe(BUSY);
    rig.clock.run(11 * US);
    expect(rig.readWord('MIRD')).toBe(0x0083);
  });

  test('a write starts with MIWRH and takes 10.24 µs', () => {
    const rig = ready();
    rig.write('MIREGADR', 0x14);
    rig.write('MIWRL', 0x76);
    expect(rig.read('MISTAT')).toBe(0);
    rig.write('MIWRH', 0x34);
    expect(rig.read('MISTAT')).toBe(BUSY);
    rig.clock.run(10_239);
    expect(rig.chip.phyRegister(0x14)).toBe(0x3422);
    rig.clock.run(1);
    expect([rig.read('MISTAT'), rig.chip.phyRegister(0x14)]).toEqual([0, 0x3476]);
  });

  test('a scan: BUSY, SCAN and NVALID, the first value after 10.24 µs, renewed until MICMD = 0', () => {
    const rig = ready();
    rig.write('MIREGADR', 0x11);
    rig.write('MICMD', 0x02);
    expect(rig.read('MISTAT')).toBe(0x07);
    rig.clock.run(10_240);
    expect([rig.read('MISTAT'), rig.readWord('MIRD')]).toEqual([0x03, 0x0400]);
    rig.chip.linkUp = false;
    rig.clock.run(10_240);
    expect(rig.readWord('MIRD')).toBe(0);
    rig.write('MICMD', 0x00);
    rig.chip.linkUp = true;
    rig.clock.run(MS);
    expect([rig.read('MISTAT'), rig.readWord('MIRD')]).toEqual([0, 0]);
  });
});

describe('3.3.3 scanning a register that forgets when it is read', () => {
  test('one scan step reads the PHY once, however often MIRD is read', () => {
    const rig = ready();
    rig.chip.linkUp = false;
    rig.write('MIREGADR', 0x13);
    rig.write('MICMD', 0x02);
    rig.clock.run(10_240);
    expect([rig.read('MIRDL'), rig.read('MIRDL')]).toEqual([0x10, 0x10]);
    rig.clock.run(10_240);
    expect(rig.read('MIRDL')).toBe(0);
  });
});

describe('table 3-3, PHY registers', () => {
  test.each([
    ['PHCON1', 0x00, 0x0000],
    ['PHSTAT1', 0x01, 0x1800],
    ['PHID1', 0x02, 0x0083],
    ['PHID2', 0x03, 0x1400],
    ['PHCON2', 0x10, 0x0000],
    ['PHIE', 0x12, 0x0000],
    ['PHIR', 0x13, 0x0000],
    ['PHLCON', 0x14, 0x3422],
    ['unimplemented', 0x05, 0x0000],
  ])('%s (0x%x) after reset', (_, address, value) => {
    expect(ready().readPhy(address)).toBe(value);
  });

  test.each([
    ['PHCON1: PLOOPBK, PPWRSV, PDPXMD', 0x00, 0x4900],
    ['PHCON2: FRCLNK, TXDIS, JABBER, HDLDIS', 0x10, 0x6500],
    ['PHIE: PLNKIE, PGEIE', 0x12, 0x0012],
    ['PHLCON', 0x14, 0xffff],
    ['PHID1 is read-only', 0x02, 0x0083],
  ])('%s', (_, address, kept) => {
    const rig = ready();
    rig.writePhy(address, address === 0x00 ? 0x7fff : 0xffff);
    expect(rig.readPhy(address)).toBe(kept);
  });

  test('PHSTAT2: LSTAT follows the link, DPXSTAT the duplex mode', () => {
    const rig = ready();
    expect(rig.readPhy(0x11)).toBe(0x0400);
    rig.writePhy(0x00, 0x0100);
    rig.chip.linkUp = false;
    expect(rig.readPhy(0x11)).toBe(0x0200);
  });

  test('PHSTAT2.TXSTAT while sending', () => {
    const rig = new Rig().start();
    rig.transmit(new Uint8Array(1000));
    expect(rig.readPhy(0x11) & 0x2000).toBe(0x2000);
    rig.clock.run(MS);
    expect(rig.readPhy(0x11) & 0x2000).toBe(0);
  });

  test('FRCLNK makes a link of none', () => {
    const rig = ready();
    rig.chip.linkUp = false;
    rig.writePhy(0x10, 0x4000);
    expect(rig.readPhy(0x11)).toBe(0x0400);
  });

  test('PHSTAT1.LLSTAT latches a lost link until it is read', () => {
    const rig = ready();
    rig.readPhy(0x01);
    expect(rig.readPhy(0x01)).toBe(0x1804);
    rig.chip.linkUp = false;
    rig.chip.linkUp = true;
    expect(rig.readPhy(0x01)).toBe(0x1800);
    expect(rig.readPhy(0x01)).toBe(0x1804);
  });

  test('PRST resets the PHY and clears itself', () => {
    const rig = ready();
    rig.writePhy(0x10, 0x0100);
    rig.writePhy(0x00, 0x8000);
    expect(rig.readPhy(0x00)).toBe(0x8000);
    rig.clock.run(50 * US);
    expect([rig.readPhy(0x00), rig.readPhy(0x10)]).toEqual([0, 0]);
  });
});

describe('12.1.5 link change interrupt', () => {
  test('PLNKIF tells a change, PGIF only if enabled, and reading clears both', () => {
    const rig = ready();
    rig.chip.linkUp = false;
    expect(rig.readPhy(0x13)).toBe(0x0010);
    expect(rig.readPhy(0x13)).toBe(0x0000);
    rig.writePhy(0x12, 0x0012);
    rig.chip.linkUp = true;
    expect(rig.readPhy(0x13)).toBe(0x0014);
    expect(rig.readPhy(0x13)).toBe(0x0000);
  });

  test.each([
    [0x0000, 0],
    [0x0010, 0],
    [0x0002, 0],
    [0x0012, LINKIF],
  ])('PHIE = 0x%x: LINKIF is 0x%x', (phie, expected) => {
    const rig = ready();
    rig.writePhy(0x12, phie);
    rig.chip.linkUp = false;
    expect(rig.read('EIR')).toBe(expected);
  });

  test('enabling after the change raises LINKIF too', () => {
    const rig = ready();
    rig.chip.linkUp = false;
    rig.writePhy(0x12, 0x0012);
    expect(rig.read('EIR')).toBe(LINKIF);
    rig.writePhy(0x12, 0x0000);
    expect(rig.read('EIR')).toBe(0);
  });

  test('LINKIF is cleared by reading PHIR, not by BFC', () => {
    const rig = ready();
    rig.writePhy(0x12, 0x0012);
    rig.chip.linkUp = false;
    rig.clear('EIR', 0xff);
    expect(rig.read('EIR')).toBe(LINKIF);
    rig.readPhy(0x13);
    expect(rig.read('EIR')).toBe(0);
  });

  test('setting linkUp to what it is changes nothing', () => {
    const rig = ready();
    rig.chip.linkUp = true;
    expect(rig.readPhy(0x13)).toBe(0);
  });
});
