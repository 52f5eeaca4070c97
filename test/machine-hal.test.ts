// SPDX-License-Identifier: MIT
// The three bus calls of `assembly/hal.ts`: one chip-select each, octets in the right order, the Internet sum of RFC 1071,
// and no octet outside the module's memory.

import { describe, expect, test } from 'vitest';
import { hal } from '../host/machine/hal.ts';
import type { BusStats, Hal, SpiDevice } from '../host/machine/hal.ts';
import { VirtualClock } from '../host/net/clock.ts';
import { Enc28j60 } from '../host/enc28j60/chip.ts';

/** Writes down what goes over the bus; answers with `answers`, then with zeros. */
class Recorder implements SpiDevice {
  readonly log: (string | number)[] = [];
  private readonly answers: number[];

  constructor(answers: number[] = []) {
    this.answers = answers;
  }

  select(): void {
    this.log.push('select');
  }

  transfer(octet: number): number {
    this.log.push(octet);
    return this.answers.shift() ?? 0;
  }

  deselect(): void {
    this.log.push('deselect');
  }
}

function bench(answers: number[] = []): { chip: Recorder; memory: Uint8Array; bus: Hal; stats: BusStats } {
  const chip = new Recorder(answers);
  const memory = new Uint8Array(4096);
  const stats = { octets: 0, selects: 0 };
  return { chip, memory, stats, bus: hal(chip, () => memory.buffer, stats) };
}

/** The Internet sum, the long way. */
function internetSum(octets: number[]): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += octets[i]! * 256 + (octets[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

describe('command', () => {
  test.each([
    [1, [0x78], 0xa1],
    [2, [0x78, 0x56], 0xb2a1],
    [3, [0x78, 0x56, 0x34], 0xc3b2a1],
    [4, [0x78, 0x56, 0x34, 0x92], 0xd4c3b2a1],
  ])('%i octets from the low one upward, in one chip-select', (count, octets, answer) => {
    const { chip, bus, stats } = bench([0xa1, 0xb2, 0xc3, 0xd4]);
    expect(bus.command(0x92345678 | 0, count) >>> 0).toBe(answer);
    expect(chip.log).toEqual(['select', ...octets, 'deselect']);
    expect(stats).toEqual({ octets: count, selects: 1 });
  });

  test.each([0, 5, -1])('a count of %i is refused', (count) => {
    const { chip, bus } = bench();
    expect(() => bus.command(0, count)).toThrow(/^command: -?\d octets; 1 to 4 are allowed$/);
    expect(chip.log).toEqual([]);
  });
});

describe('bulkRead', () => {
  test('RBM, then the octets, to their place', () => {
    const { chip, memory, bus, stats } = bench([0xff, 1, 2, 3]);
    expect(bus.bulkRead(100, 3)).toBe(0x0102 + 0x0300);
    expect(chip.log).toEqual(['select', 0x3a, 0, 0, 0, 'deselect']);
    expect([...memory.subarray(99, 104)]).toEqual([0, 1, 2, 3, 0]);
    expect(stats).toEqual({ octets: 4, selects: 1 });
  });

  test('dst = 0 is nowhere: read and summed, not stored', () => {
    const { memory, bus } = bench([0xff, 1, 2]);
    expect(bus.bulkRead(0, 2)).toBe(0x0102);
    expect(memory.every((octet) => octet === 0)).toBe(true);
  });
});

describe('bulkWrite', () => {
  test('WBM, then the octets from their place', () => {
    const { chip, memory, bus, stats } = bench();
    memory.set([9, 8, 7], 200);
    expect(bus.bulkWrite(200, 3)).toBe(0x0908 + 0x0700);
    expect(chip.log).toEqual(['select', 0x7a, 9, 8, 7, 'deselect']);
    expect(stats).toEqual({ octets: 4, selects: 1 });
  });
});

describe('RFC 1071, the sum', () => {
  test.each([
    ['end-around carry', [0xff, 0xff, 0x00, 0x01]],
    ['a carry out of the carry', [0xff, 0xff, 0xff, 0xff, 0x00, 0x01]],
    ['all ones', new Array<number>(1536).fill(0xff)],
    ['an odd tail', [0x12, 0x34, 0x56]],
    ['a ramp', Array.from({ length: 1513 }, (_, i) => (i * 31) & 0xff)],
    ['zeros', [0, 0, 0, 0]],
  ])('%s, both ways', (_, octets) => {
    const { memory, bus } = bench([0xff, ...octets]);
    expect(bus.bulkRead(0, octets.length)).toBe(internetSum(octets));
    memory.set(octets, 1000);
    expect(bus.bulkWrite(1000, octets.length)).toBe(internetSum(octets));
  });
});

describe('guards', () => {
  test.each([
    [4095, 2],
    [4096, 1],
    [-1, 1],
    [0xffff_ffff, 8],
  ])('%i + %i lies outside the memory: an error, and nothing on the bus', (address, len) => {
    const { chip, bus } = bench();
    expect(() => bus.bulkRead(address, len)).toThrow(/^bulkRead: .* outside the memory of 4096$/);
    expect(() => bus.bulkWrite(address, len)).toThrow(/^bulkWrite: .* outside the memory of 4096$/);
    expect(chip.log).toEqual([]);
  });

  test('the last octet of the memory may be used', () => {
    const { memory, bus } = bench([0, 5]);
    bus.bulkRead(4095, 1);
    expect(memory[4095]).toBe(5);
  });

  test.each([0, -1, 1537])('a length of %i is refused', (len) => {
    const { bus } = bench();
    expect(() => bus.bulkRead(8, len)).toThrow(RangeError);
    expect(() => bus.bulkWrite(8, len)).toThrow(RangeError);
  });

  test('a memory that was replaced is found again', () => {
    let memory = new Uint8Array(64);
    const bus = hal(new Recorder([0, 1, 0, 2]), () => memory.buffer);
    bus.bulkRead(10, 1);
    memory = new Uint8Array(128);
    bus.bulkRead(100, 1);
    expect(memory[100]).toBe(2);
  });
});

test('over the simulated chip: what is written is read back', () => {
  const chip = new Enc28j60(new VirtualClock());
  const memory = new Uint8Array(8192);
  const bus = hal(chip, () => memory.buffer);
  for (let i = 0; i < 1536; i++) memory[1000 + i] = i * 7;
  bus.command(0x0042, 2); // EWRPTL = 0
  bus.command(0x0043, 2);
  const written = bus.bulkWrite(1000, 1536);
  bus.command(0x0040, 2); // ERDPTL = 0
  bus.command(0x0041, 2);
  expect(bus.bulkRead(4000, 1536)).toBe(written);
  expect(memory.slice(4000, 5536)).toEqual(memory.slice(1000, 2536));
});
