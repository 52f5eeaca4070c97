// SPDX-License-Identifier: MIT
// Data sheet section 3.2: how the two pointers of the buffer memory run.

import { describe, expect, test } from 'vitest';
import { nextInRing, overlap, store, storeInRing } from '../../host/enc28j60/buffer.ts';
import { MS, Rig } from './rig.ts';

function ready(): Rig {
  const rig = new Rig();
  rig.clock.run(MS);
  rig.writeWord('ERXST', 0x0100);
  rig.writeWord('ERXND', 0x01ff);
  return rig;
}

describe('3.2.3 reading and writing the buffer', () => {
  test('reading at ERXND leads to ERXST', () => {
    const rig = ready();
    rig.chip.memory[0x1ff] = 0xaa;
    rig.chip.memory[0x100] = 0xbb;
    rig.writeWord('ERDPT', 0x01ff);
    expect(rig.readMemory(2)).toEqual([0xaa, 0xbb]);
    expect(rig.readWord('ERDPT')).toBe(0x0101);
  });

  test('a burst that ends with the octet at ERXND leaves ERDPT at ERXST', () => {
    const rig = ready();
    rig.writeWord('ERDPT', 0x01fe);
    rig.readMemory(2);
    expect(rig.readWord('ERDPT')).toBe(0x0100);
  });

  test('reading at 0x1FFF leads to 0x0000', () => {
    const rig = ready();
    rig.writeWord('ERDPT', 0x1fff);
    rig.readMemory(1);
    expect(rig.readWord('ERDPT')).toBe(0x0000);
  });

  test('reading transmit memory across ERXND jumps too', () => {
    const rig = ready();
    rig.writeWord('ERXND', 0x1a10);
    rig.writeWord('ERDPT', 0x1a10);
    rig.readMemory(1);
    expect(rig.readWord('ERDPT')).toBe(0x0100);
  });

  test('writing at ERXND does not wrap', () => {
    const rig = ready();
    rig.writeWord('EWRPT', 0x01ff);
    rig.writeMemory(1, 2);
    expect(rig.chip.memory[0x200]).toBe(2);
    expect(rig.readWord('EWRPT')).toBe(0x0201);
  });

  test('writing at 0x1FFF leads to 0x0000', () => {
    const rig = ready();
    rig.writeWord('EWRPT', 0x1fff);
    rig.writeMemory(3, 4);
    expect([rig.chip.memory[0x1fff], rig.chip.memory[0]]).toEqual([3, 4]);
    expect(rig.readWord('EWRPT')).toBe(0x0001);
  });

  test('AUTOINC = 0: both pointers stay, the same octet again', () => {
    const rig = ready();
    rig.clear('ECON2', 0x80);
    rig.writeWord('EWRPT', 0x0300);
    rig.writeWord('ERDPT', 0x0300);
    rig.writeMemory(5, 6);
    expect(rig.readMemory(2)).toEqual([6, 6]);
    expect([rig.readWord('ERDPT'), rig.readWord('EWRPT')]).toEqual([0x0300, 0x0300]);
  });

  test('all 8 KB keep what is written', () => {
    const rig = ready();
    rig.writeWord('ERXND', 0x1fff);
    rig.writeWord('ERXST', 0);
    const pattern = Array.from({ length: 0x2000 }, (_, address) => (address * 7 + (address >> 8)) & 0xff);
    rig.writeWord('EWRPT', 0);
    rig.writeMemory(...pattern);
    rig.writeWord('ERDPT', 0);
    expect(rig.readMemory(0x2000)).toEqual(pattern);
  });
});

describe('runs of addresses', () => {
  test('nextInRing', () => {
    expect([nextInRing(5, 0, 9), nextInRing(9, 0, 9), nextInRing(0x1fff, 0, 9)]).toEqual([6, 0, 0]);
  });

  test('store wraps at 0x1FFF', () => {
    const memory = new Uint8Array(0x2000);
    store(memory, 0x1ffe, Uint8Array.of(1, 2, 3, 4));
    expect([memory[0x1ffe], memory[0x1fff], memory[0], memory[1]]).toEqual([1, 2, 3, 4]);
  });

  test('storeInRing wraps at the ring end, and finds the ring from outside', () => {
    const memory = new Uint8Array(0x2000);
    expect(storeInRing(memory, 0x0e, Uint8Array.of(1, 2, 3, 4), 0x04, 0x0f)).toBe(0x06);
    expect([...memory.subarray(0x0e, 0x10), ...memory.subarray(4, 6)]).toEqual([1, 2, 3, 4]);
    expect(storeInRing(memory, 0x0f, Uint8Array.of(7, 6), 0x04, 0x0f)).toBe(0x05);
    expect([memory[0x0f], memory[0x04]]).toEqual([7, 6]);
    expect(storeInRing(memory, 0x1fff, Uint8Array.of(9, 8), 0x04, 0x0f)).toBe(0x01);
    expect([memory[0x1fff], memory[0]]).toEqual([9, 8]);
  });

  test.each([
    [10, 5, 14, 1, true],
    [10, 5, 15, 1, false],
    [15, 1, 10, 5, false],
    [0x1ffe, 4, 1, 1, true],
    [0x1ffe, 4, 2, 1, false],
  ])('overlap(%i + %i, %i + %i) is %s', (a, aLength, b, bLength, expected) => {
    expect(overlap(a, aLength, b, bLength)).toBe(expected);
  });
});
