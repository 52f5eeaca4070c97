// SPDX-License-Identifier: MIT
// SPI0 fed and emptied by two DMA channels, each paced by the FIFO's requests (RP2040 data sheet sections 2.5 and 4.4):
// what a firmware would do for long runs of buffer memory. The writes that set it up are a table in SRAM that the program
// goes through; the boot ROM's 256 octets have no room for them. DMA takes no bus time here.

import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../host/net/clock.ts';
import { bench, Program, SCRATCH } from './thumb.ts';
import type { Bench } from './thumb.ts';

const SRAM = 0x20000000;
const TABLE = 0x20000000;
const SENT = 0x20001000;
const RECEIVED = 0x20002000;
const FRAMES = 64;

const RESETS_CLR = 0x4000f000;
const IO_BANK0 = 1 << 5;
const PADS_BANK0 = 1 << 8;
const PLL = 1 << 12;
const SPI = 1 << 16;
const DMA = 1 << 2;
const OUT_SET = 0xd0000014;
const OUT_CLR = 0xd0000018;
const OE_SET = 0xd0000024;
const CS = 1 << 17;
const RESET = 1 << 21;
const IO_CTRL = (pin: number): number => 0x40014004 + 8 * pin;
const SSPDR = 0x4003c008;
const SSPDMACR = 0x4003c024;
const BOTH = 3;
/** Registers of a DMA channel; CTRL is the alias that does not start it. */
const READ_ADDR = (channel: number): number => 0x50000000 + 0x40 * channel;
const WRITE_ADDR = (channel: number): number => READ_ADDR(channel) + 0x04;
const TRANS_COUNT = (channel: number): number => READ_ADDR(channel) + 0x08;
const CTRL_TRIG = (channel: number): number => READ_ADDR(channel) + 0x0c;
const AL1_CTRL = (channel: number): number => READ_ADDR(channel) + 0x10;
const MULTI_CHAN_TRIGGER = 0x50000430;
const TX = 0;
const RX = 1;

type Writes = [address: number, value: number][];

/** 120 MHz from the PLL, for the processor and for what is clocked by CLK_PERI. */
const CLOCKS: Writes = [
  [0x40028000, 1],
  [0x40028008, 120],
  [0x40028004, 0],
  [0x4002800c, (6 << 16) | (2 << 12)],
  [0x40008030, 2],
  [0x4000803c, 1],
  [0x40008048, 1 << 11],
];

const PINS: Writes = [
  [OUT_SET, CS | RESET],
  [OE_SET, CS | RESET],
  ...[17, 21].map((pin): [number, number] => [IO_CTRL(pin), 5]),
  ...[16, 18, 19].map((pin): [number, number] => [IO_CTRL(pin), 1]),
];

/** 120 MHz / (2 * 3), mode 0. */
const spi = (bits: number, dmacr: number): Writes => [
  [0x4003c010, 2],
  [0x4003c000, (2 << 8) | (bits - 1)],
  [SSPDMACR, dmacr],
  [0x4003c004, 2],
];

/** EN, the size, an address that is counted up, CHAIN_TO itself, TREQ_SEL; of 16 bits the high octet goes first (BSWAP). */
function channel(index: number, bits: number, from: number, to: number): Writes {
  const size = bits === 16 ? (1 << 22) | (1 << 2) : 0;
  const [increment, dreq] = index === TX ? [1 << 4, 16] : [1 << 5, 17];
  return [
    [READ_ADDR(index), from],
    [WRITE_ADDR(index), to],
    [TRANS_COUNT(index), FRAMES],
    [AL1_CTRL(index), 1 | size | increment | (index << 11) | (dreq << 15)],
  ];
}

interface Transfer {
  bits?: number;
  /** Out of reset. */
  released?: number;
  dmacr?: number;
}

const LDM = 0xcc03; // LDM r4!, {r0, r1}
const STR = 0x6001; // r1, [r0]
const LDR = 0x6801;
const EVERYTHING = IO_BANK0 | PADS_BANK0 | PLL | SPI | DMA;

/** Octets that all differ in their place, as many as fill the frames. */
const octets = (bits: number): number[] =>
  Array.from({ length: (FRAMES * bits) / 8 }, (_, i) => (i * 7 + 3) & 0xff);

/** A Pico that selects the chip, lets both channels run, and deselects it when the receiving one has ended. */
function transfer({ bits = 8, released = EVERYTHING, dmacr = BOTH }: Transfer): Bench {
  const writes: Writes = [
    [RESETS_CLR, released],
    ...CLOCKS,
    ...PINS,
    ...spi(bits, dmacr),
    ...channel(TX, bits, SENT, SSPDR),
    ...channel(RX, bits, SSPDR, RECEIVED),
  ];
  const program = new Program()
    .set(4, TABLE)
    .repeat(3, writes.length, [LDM, STR])
    .store(OUT_CLR, CS)
    .store(MULTI_CHAN_TRIGGER, (1 << TX) | (1 << RX))
    .set(0, CTRL_TRIG(RX))
    .op(LDR, 0x01c9, 0xd4fc) // LSLS r1, r1, #7: BUSY is the sign; BMI back to LDR
    .store(OUT_SET, CS)
    .store(SCRATCH(0), 1)
    .stop();
  const made = bench(program);
  const view = new DataView(made.pico.sram.buffer);
  writes.flat().forEach((word, i) => view.setUint32(TABLE - SRAM + 4 * i, word, true));
  made.pico.sram.set(octets(bits), SENT - SRAM);
  made.pico.sram.fill(0, RECEIVED - SRAM, RECEIVED - SRAM + 1024);
  return made;
}

describe('SPI0 by DMA', () => {
  test.each([8, 16])('exchanges frames of %i bits in order, one after another, in the true time', (bits) => {
    const { clock, pico, chip, failure } = transfer({ bits });
    const instants: number[] = [];
    chip.onTold = () => instants.push(clock.now);
    clock.run(MILLISECOND);
    expect(failure()).toBe('none');
    expect(pico.scratch(0)).toBe(1);

    const sent = octets(bits);
    expect(chip.told).toEqual(['select', ...sent, 'deselect']);
    const received = pico.sram.subarray(RECEIVED - SRAM, RECEIVED - SRAM + sent.length + 1);
    expect([...received]).toEqual([...sent.map((octet) => ~octet & 0xff), 0]);
    expect(pico.violations).toEqual([]);

    // Without a pause between frames, to the nanosecond to which the world's clock is rounded.
    const frame = (bits + 2) * 50;
    const ends = instants.slice(1, -1).filter((_, i) => i % (bits / 8) === 0);
    ends.forEach((end, i) => expect(Math.abs(end - ends[0]! - i * frame)).toBeLessThanOrEqual(1));
    // And from edge to edge of CS what the program takes about them, 1/120 µs a cycle.
    const cycles = ((instants.at(-1) - instants[0]! - FRAMES * frame) * 120) / 1000;
    expect(cycles).toBeGreaterThan(10);
    expect(cycles).toBeLessThan(24);
  });

  test.each<[string, number, number]>([
    ['transmit', 1, 0],
    ['receive', 2, FRAMES],
  ])('waits for ever where DMACR does not let it %s', (_what, dmacr, frames) => {
    const { clock, pico, chip, failure } = transfer({ dmacr });
    clock.run(MILLISECOND);
    expect(failure()).toBe('none');
    expect(pico.scratch(0)).toBe(0);
    expect(chip.told).toEqual(['select', ...octets(8).slice(0, frames)]);
  });

  test('needs DMA out of reset', () => {
    const { clock, failure } = transfer({ released: EVERYTHING & ~DMA });
    clock.run(MILLISECOND);
    expect(failure()).toBe('access to DMA at 0x50000000, which RESETS still holds in reset');
  });
});
