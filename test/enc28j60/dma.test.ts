// SPDX-License-Identifier: MIT
// Data sheet sections 13 (DMA: copy, checksum) and 15 (self-test), with their times.

import { describe, expect, test } from 'vitest';
import { frame, MS, PEER, Rig, US } from './rig.ts';

const DMAST = 0x20;
const CSUMEN = 0x10;
const DMAIF = 0x20;

/** A chip with the receiver off, and a DMA run set up. */
function set(from: number, to: number, destination = 0): Rig {
  const rig = new Rig();
  rig.clock.run(MS);
  rig.writeWord('ERXST', 0);
  rig.writeWord('ERXND', 0x0fff);
  rig.writeWord('EDMAST', from);
  rig.writeWord('EDMAND', to);
  rig.writeWord('EDMADST', destination);
  return rig;
}

/** The octets of a copy that changed the memory. */
function copied(rig: Rig, from: number, count: number): number[] {
  return [...rig.chip.memory.subarray(from, from + count)];
}

describe('13.1 copying memory', () => {
  test('both ends included; at the end DMAST = 0, DMAIF = 1, pointers unchanged', () => {
    const rig = set(0x1000, 0x1003, 0x1800);
    rig.chip.memory.set([1, 2, 3, 4, 5], 0x1000);
    rig.chip.memory.fill(0xee, 0x1800, 0x1805);
    rig.set('ECON1', DMAST);
    rig.clock.run(MS);
    expect(copied(rig, 0x1800, 5)).toEqual([1, 2, 3, 4, 0xee]);
    expect([rig.read('ECON1'), rig.read('EIR')]).toEqual([0x03 & rig.read('ECON1'), DMAIF]);
    expect([rig.readWord('EDMAST'), rig.readWord('EDMAND'), rig.readWord('EDMADST')]).toEqual([
      0x1000, 0x1003, 0x1800,
    ]);
  });

  test('the source wraps from ERXND to ERXST, the destination from 0x1FFF to 0x0000', () => {
    const rig = set(0x0ffe, 0x0011, 0x1ffe);
    rig.writeWord('ERXST', 0x0010);
    rig.chip.memory.set([1, 2], 0x0ffe);
    rig.chip.memory.set([3, 4], 0x0010);
    rig.set('ECON1', DMAST);
    rig.clock.run(MS);
    expect([...copied(rig, 0x1ffe, 2), ...copied(rig, 0, 2)]).toEqual([1, 2, 3, 4]);
  });

  test('two octets are two octets', () => {
    const rig = set(0x1000, 0x1001, 0x1800);
    rig.set('ECON1', DMAST);
    rig.clock.run(160);
    expect(rig.read('EIR')).toBe(DMAIF);
  });

  test('1518 octets take 121.44 µs', () => {
    const rig = set(0x1000, 0x1000 + 1517, 0x1800);
    rig.set('ECON1', DMAST);
    rig.clock.run(121_439);
    expect(rig.read('ECON1') & DMAST).toBe(DMAST);
    rig.clock.run(1);
    expect(rig.read('ECON1') & DMAST).toBe(0);
  });

  test('EDMAST = EDMAND runs through all 8 KB', () => {
    const rig = set(0x1000, 0x1000, 0x1000);
    rig.set('ECON1', DMAST);
    rig.clock.run(0x2000 * 80 - 1);
    expect(rig.read('ECON1') & DMAST).toBe(DMAST);
    rig.clock.run(1);
    expect(rig.read('ECON1') & DMAST).toBe(0);
  });

  test('12.1.6: the host that clears DMAST stops the run and gets DMAIF', () => {
    const rig = set(0x1000, 0x1003, 0x1800);
    rig.chip.memory.fill(0xee, 0x1800, 0x1804);
    rig.set('ECON1', DMAST);
    rig.clear('ECON1', DMAST);
    rig.clock.run(MS);
    expect(copied(rig, 0x1800, 1)).toEqual([0xee]);
    expect(rig.read('EIR')).toBe(DMAIF);
  });
});

describe('13.2 checksum calculations', () => {
  test('89 AB CD gives 0xA953, and no octet is copied', () => {
    const rig = set(0x1000, 0x1002, 0x1800);
    rig.chip.memory.set([0x89, 0xab, 0xcd], 0x1000);
    rig.chip.memory.fill(0xee, 0x1800, 0x1803);
    rig.set('ECON1', DMAST | CSUMEN);
    rig.clock.run(MS);
    expect([rig.readWord('EDMACS'), rig.read('EIR')]).toEqual([0xa953, DMAIF]);
    expect(copied(rig, 0x1800, 3)).toEqual([0xee, 0xee, 0xee]);
  });

  test('1518 octets take 60.72 µs', () => {
    const rig = set(0x1000, 0x1000 + 1517);
    rig.set('ECON1', DMAST | CSUMEN);
    rig.clock.run(60_719);
    expect(rig.read('ECON1') & DMAST).toBe(DMAST);
    rig.clock.run(1);
    expect(rig.read('ECON1') & DMAST).toBe(0);
  });
});

describe('7.1, transmitter and DMA share the memory port', () => {
  test('TXRTS waits for a running DMA', () => {
    const rig = new Rig().start();
    rig.writeWord('EDMAST', 0x1000);
    rig.writeWord('EDMAND', 0x1000 + 999);
    rig.writeWord('EDMADST', 0x0400);
    rig.set('ECON1', DMAST);
    const start = rig.clock.now;
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sentAt).toEqual([start + 80 * US]);
  });

  test('a DMA waits for TXRTS = 0', () => {
    const rig = new Rig().start();
    rig.writeWord('EDMAST', 0x1000);
    rig.writeWord('EDMAND', 0x1000 + 99);
    rig.writeWord('EDMADST', 0x0400);
    rig.transmit(frame(PEER));
    rig.set('ECON1', DMAST);
    rig.clock.run(57.6 * US + 8 * US - 1);
    expect(rig.read('EIR') & DMAIF).toBe(0);
    rig.clock.run(1);
    expect(rig.read('EIR') & DMAIF).toBe(DMAIF);
  });
});

describe('15 built-in self-test', () => {
  const BISTST = 0x01;
  const TME = 0x02;

  function run(mode: number, seed = 0): Rig {
    const rig = set(0x0000, 0x1fff);
    rig.writeWord('ERXND', 0x1fff);
    rig.write('EBSTSD', seed);
    rig.write('EBSTCON', mode | TME | BISTST);
    rig.clock.run(MS);
    return rig;
  }

  /** The DMA checksum of all the memory. */
  function checksum(rig: Rig): number {
    rig.set('ECON1', DMAST | CSUMEN);
    rig.clock.run(MS);
    return rig.readWord('EDMACS');
  }

  test('address fill: each octet is the low part of its address, and EBSTCS is 0xF807', () => {
    const rig = run(0x04);
    expect(rig.chip.memory.every((octet, address) => octet === (address & 0xff))).toBe(true);
    expect([rig.readWord('EBSTCS'), checksum(rig)]).toEqual([0xf807, 0xf807]);
  });

  test.each([
    ['random', 0x00],
    ['pattern shift', 0x68],
    ['random with race', 0x0c],
  ])('%s fill: EBSTCS equals the DMA checksum', (_, mode) => {
    const rig = run(mode, 0x35);
    expect(checksum(rig)).toBe(rig.readWord('EBSTCS'));
  });

  test('pattern shift: the seed turns left by PSV from octet to octet', () => {
    expect([...run(0x48, 0x81).chip.memory.subarray(0, 5)]).toEqual([0x81, 0x06, 0x18, 0x60, 0x81]);
  });

  test('BISTST clears itself when the memory is filled', () => {
    const rig = set(0, 0x1fff);
    rig.write('EBSTCON', 0x04 | TME | BISTST);
    expect(rig.read('EBSTCON')).toBe(0x04 | TME | BISTST);
    rig.clock.run(MS);
    expect(rig.read('EBSTCON')).toBe(0x04 | TME);
  });
});
