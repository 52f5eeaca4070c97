// SPDX-License-Identifier: MIT
// The wires to the ENC28J60: what a frame takes and brings, how the chip's pins follow, and what is demanded of a firmware
// that the emulator would not ask for. The registers are written here as a firmware would write them.

import { RP2040 } from 'rp2040js';
import { beforeEach, describe, expect, test } from 'vitest';
import { CoreClock } from '../../host/machine/rp2040/core-clock.ts';
import { correctPads, correctSpi } from '../../host/machine/rp2040/corrections.ts';
import { Wiring } from '../../host/machine/rp2040/wiring.ts';
import type { PinViolation } from '../../host/machine/rp2040/wiring.ts';
import { Complement } from './thumb.ts';

const IO_CTRL = (pin: number): number => 0x40014004 + 8 * pin;
const PADS = (pin: number): number => 0x4001c004 + 4 * pin;
const SSPCR0 = 0x4003c000;
const SSPCR1 = 0x4003c004;
const SSPDR = 0x4003c008;
const SSPCPSR = 0x4003c010;
const OUT_SET = 0xd0000014;
const OUT_CLR = 0xd0000018;
const OE_SET = 0xd0000024;
const CS = 1 << 17;
const RESET = 1 << 21;
/** 120 MHz / (2 * 3). */
const CR0_8 = (2 << 8) | 7;
const CR0_16 = (2 << 8) | 15;

let mcu: RP2040;
let clock: CoreClock;
let chip: Complement;
let violations: PinViolation[];
let wiring: Wiring;

const write = (address: number, value: number): void => mcu.writeUint32(address, value);

/** Let `nanos` pass. */
function pass(nanos: number): void {
  const end = clock.nanos + nanos;
  while (clock.nextDue <= end) {
    clock.skipTo(clock.nextDue);
    clock.runDue(end);
  }
  clock.skipTo(end);
}

function frames(cr0: number): void {
  write(SSPCR1, 0);
  write(SSPCR0, cr0);
  write(SSPCR1, 2);
}

const select = (): void => write(OUT_CLR, CS);
const deselect = (): void => write(OUT_SET, CS);

/** One octet in a command of its own, with time to spare. */
function command(octet: number): void {
  select();
  pass(100);
  write(SSPDR, octet);
  pass(1000);
  deselect();
  pass(100);
}

beforeEach(() => {
  clock = new CoreClock(0, 120e6);
  mcu = new RP2040(clock);
  mcu.logger = { debug() {}, info() {}, warn() {}, error() {} };
  mcu.clkSys = mcu.clkPeri = 120e6;
  correctPads(mcu);
  correctSpi(mcu, 0);
  chip = new Complement();
  violations = [];
  const moment = { begin: () => undefined, end: () => undefined };
  wiring = new Wiring(mcu, clock, chip, moment, violations);
  write(OUT_SET, CS | RESET);
  write(OE_SET, CS | RESET);
  for (const pin of [17, 20, 21]) write(IO_CTRL(pin), 5);
  for (const pin of [16, 18, 19]) write(IO_CTRL(pin), 1);
  write(SSPCPSR, 2);
  frames(CR0_8);
  pass(1000);
});

describe('a frame', () => {
  test.each([
    [CR0_8, 500],
    [CR0_16, 900],
  ])('with CR0 = 0x%s takes its bits and two periods', (cr0, nanos) => {
    frames(cr0);
    select();
    pass(100);
    write(SSPDR, 0);
    pass(nanos - 1);
    expect(mcu.spi[0]!.rxFIFO.empty).toBe(true);
    pass(1);
    expect(mcu.spi[0]!.rxFIFO.empty).toBe(false);
  });

  test('of 16 bits is two octets, the high one first', () => {
    frames(CR0_16);
    select();
    pass(100);
    write(SSPDR, 0x1234);
    pass(1000);
    deselect();
    expect(chip.told).toEqual(['select', 0x12, 0x34, 'deselect']);
    expect(mcu.readUint32(SSPDR)).toBe(0xedcb);
  });

  test('follows another at once while the FIFO is full', () => {
    select();
    pass(100);
    for (let i = 0; i < 8; i++) write(SSPDR, i);
    pass(8 * 500);
    expect(chip.told).toEqual(['select', 0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('pins', () => {
  test('GP20 follows INT both ways', () => {
    const level = (): boolean => mcu.gpio[20]!.inputValue;
    expect(level()).toBe(true);
    chip.int = true;
    wiring.updateInt();
    expect(level()).toBe(false);
    chip.int = false;
    command(0); // what lowers INT is a command
    expect(level()).toBe(true);
  });

  test('GP21 low resets the chip', () => {
    write(OUT_CLR, RESET);
    expect(chip.told).toEqual(['reset']);
  });

  test('CS that rises within a frame cuts the octet short', () => {
    select();
    pass(100);
    write(SSPDR, 0x1f);
    pass(200);
    deselect();
    expect(chip.told).toEqual(['select', 'partial']);
    expect(violations.map(({ rule }) => rule)).toEqual(['CS rises within a frame']);
  });
});

describe('a firmware that keeps the times', () => {
  test('is told nothing', () => {
    chip.macOrMii = true;
    command(0x40);
    command(0x05);
    expect(violations).toEqual([]);
  });

  test.each<[string, () => void, string]>([
    [
      'CS high for 40 ns',
      () => (select(), pass(100), deselect(), pass(40), select()),
      'CS high for less than 50 ns',
    ],
    ['the first clock 20 ns after CS', () => (select(), write(SSPDR, 0)), 'CS set up for less than 50 ns'],
    [
      'a MAC register left after 200 ns',
      () => {
        chip.macOrMii = true;
        select();
        pass(100);
        write(SSPDR, 0x45);
        pass(500 + 175);
        deselect();
      },
      'CS held for less than 210 ns',
    ],
    [
      'a clock while RESET is low',
      () => {
        write(OUT_CLR, RESET);
        command(0x05);
      },
      'clocked while RESET is low',
    ],
  ])('but one that has %s is', (_name, offence, rule) => {
    offence();
    expect(violations.map((violation) => violation.rule)).toEqual([rule]);
  });

  test('a command to any other register may end after 10 ns', () => {
    select();
    pass(100);
    write(SSPDR, 0x05);
    pass(500);
    deselect();
    expect(violations).toEqual([]);
  });
});

describe('demands', () => {
  test.each<[string, () => void, string]>([
    [
      'SCK up to 20 MHz',
      () => frames((1 << 8) | 7),
      'SPI0 runs at 30000000 Hz; the ENC28J60 takes up to 20000000',
    ],
    ['mode 0', () => frames(CR0_8 | 0xc0), 'SPI0 is not in Motorola mode 0: CR0 = 0x2c7'],
    ['8 or 16 bits', () => frames((2 << 8) | 11), 'SPI0 has frames of 12 bits, not 8 or 16'],
    ['SSE', () => write(SSPCR1, 0), 'SPI0 is used while SSE = 0'],
    ['the function of the pins', () => write(IO_CTRL(18), 5), 'SPI0 is used while GP18 has function 5'],
    ['an input for MISO', () => write(PADS(16), 0x16), 'SPI0 is used while the pad of GP16 takes no input'],
    ['CS', deselect, 'SPI0 is used while CS (GP17) is not low'],
  ])('%s', (_name, spoil, message) => {
    select();
    spoil();
    expect(() => write(SSPDR, 0)).toThrow(message);
  });

  test.each<[string, () => void, string]>([
    [
      'room in the FIFO',
      () => Array.from({ length: 10 }, () => write(SSPDR, 0)),
      'SPI0 DR written while the transmit FIFO is full',
    ],
    ['something to read', () => mcu.readUint32(SSPDR), 'SPI0 DR read with nothing received'],
    ['SSE = 0 to change frames', () => write(SSPCR0, CR0_16), 'SPI0 CR0 written while SSE = 1'],
    [
      'an end before it is switched off',
      () => (write(SSPDR, 0), write(SSPCR1, 0)),
      'SPI0 is switched off while it is busy',
    ],
  ])('%s', (_name, offence, message) => {
    select();
    expect(offence).toThrow(message);
  });
});
