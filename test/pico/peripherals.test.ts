// SPDX-License-Identifier: MIT
// The parts that the emulator lacks or has otherwise, seen from a program of a few instructions.

import { describe, expect, test } from 'vitest';
import { MICROSECOND, MILLISECOND } from '../../host/net/clock.ts';
import { bench, CPSID, NOP, Program, SCRATCH, WFI } from './thumb.ts';

const PSM_WDSEL = 0x40010008;
const WATCHDOG_CTRL = 0x40058000;
const WATCHDOG_LOAD = 0x40058004;
const WATCHDOG_REASON = 0x40058008;
const ENABLE = 0x40000000;
const TRIGGER = 0x80000000;
const STR = 0x6001; // r1, [r0]
const LDR = 0x6801;

describe('the watchdog', () => {
  const bites = (): Program =>
    new Program()
      .copy(WATCHDOG_REASON, SCRATCH(3))
      .tick()
      .store(PSM_WDSEL, 0x1ffff)
      .store(WATCHDOG_LOAD, 2000)
      .store(WATCHDOG_CTRL, ENABLE);

  test('bites after half a microsecond for each of its count, again and again, and says why', () => {
    const { clock, pico } = bench(bites().stop());
    const resets: number[] = [];
    pico.onReset = () => resets.push(clock.now);
    expect(pico.scratch(3)).toBe(0);
    clock.run(3.2 * MILLISECOND);
    expect(resets).toHaveLength(3);
    const [first, second] = resets as [number, number];
    expect(second - first).toBeGreaterThan(MILLISECOND);
    expect(second - first).toBeLessThan(1.05 * MILLISECOND); // the program and 1 ms
    expect(pico.scratch(3)).toBe(1);
  });

  test('does not while it is fed', () => {
    const feed = bites().set(0, WATCHDOG_LOAD).set(1, 2000).op(STR, 0xe7fd); // STR; B back to it
    const { clock, pico } = bench(feed);
    clock.run(50 * MILLISECOND);
    expect(pico.resets).toBe(0);
  });

  test('resets on request; SRAM, scratch and flash stay', () => {
    const program = new Program()
      .copy(WATCHDOG_REASON, SCRATCH(3))
      .set(0, SCRATCH(3))
      .op(LDR, 0x2900, 0xd1fe) // CMP r1, #0; BNE .
      .store(0x20001234 & ~3, 0xcafe)
      .store(SCRATCH(2), 5)
      .store(PSM_WDSEL, 0x1ffff)
      .store(WATCHDOG_CTRL, TRIGGER);
    const { clock, pico } = bench(program.stop());
    clock.run(MILLISECOND);
    expect([pico.resets, pico.scratch(3), pico.scratch(2)]).toEqual([1, 2, 5]);
    expect(new DataView(pico.sram.buffer).getUint32(0x1234, true)).toBe(0xcafe);
  });

  test('that is to reset nothing is a failure, as it is on silicon', () => {
    const { clock, failure } = bench(new Program().store(WATCHDOG_CTRL, TRIGGER).stop());
    clock.run(MILLISECOND);
    expect(failure()).toBe('the watchdog bites with PSM WDSEL = 0x0: not everything would be reset');
  });

  test('SYSRESETREQ resets as well', () => {
    const program = new Program()
      .set(0, SCRATCH(2))
      .op(LDR, 0x2900, 0xd1fe)
      .store(SCRATCH(2), 1)
      .store(0xe000ed0c, 0x05fa0004);
    const { clock, pico } = bench(program.stop());
    clock.run(MILLISECOND);
    expect(pico.resets).toBe(1);
  });
});

describe('the ring oscillator', () => {
  /** 32 of its bits in SCRATCH0. */
  const bits = (seed: number, stuckRosc = false): number => {
    const program = new Program()
      .set(0, 0x4006001c)
      .op(0x2200)
      .repeat(3, 32, [LDR, 0x0052, 0x430a]) // LSLS r2, r2, #1; ORRS r2, r1
      .set(0, SCRATCH(0))
      .op(0x6002);
    const { clock, pico } = bench(program.stop(), { seed, stuckRosc });
    clock.run(MILLISECOND);
    return pico.scratch(0);
  };

  test('gives bits that repeat with the seed and change with it', () => {
    expect(bits(1)).toBe(bits(1));
    expect(new Set([1, 2, 3, 4].map((seed) => bits(seed))).size).toBe(4);
    const ones = bits(1).toString(2).replaceAll('0', '').length;
    expect(ones).toBeGreaterThan(6);
    expect(ones).toBeLessThan(26);
  });

  test('can be stuck', () => {
    expect([bits(1, true), bits(2, true)]).toEqual([0xffffffff, 0xffffffff]);
  });
});

describe('the flash chip', () => {
  test('tells its unique id through the SSI, chip select forced low', () => {
    const uniqueId = Uint8Array.of(1, 2, 3, 4, 0xf5, 0xf6, 0xf7, 0xf8);
    const exchange = [0x6621, 0x6e22]; // STR r1, [r4, #0x60]; LDR r2, [r4, #0x60]
    const program = new Program()
      .store(0x18000008, 0)
      .store(0x18000000, 7 << 16)
      .store(0x18000008, 1)
      .store(0x4001800c, 2 << 8)
      .set(4, 0x18000000)
      .set(5, 0x20000000)
      .op(0x214b, ...exchange) // MOVS r1, #0x4b
      .repeat(3, 12, [...exchange, 0x702a, 0x3501]); // STRB r2, [r5]; ADDS r5, #1
    const { clock, pico, failure } = bench(program.stop(), { uniqueId });
    clock.run(MILLISECOND);
    expect(failure()).toBe('none');
    expect([...pico.sram.subarray(4, 12)]).toEqual([...uniqueId]);
  });

  test('can be read in place after the six writes of a second stage', () => {
    const program = new Program()
      .store(0x18000014, 4)
      .store(0x18000000, 0x001f0300)
      .store(0x180000f4, 0x03000218)
      .store(0x18000004, 0)
      .store(0x18000008, 1)
      .copy(0x10000000, SCRATCH(0));
    const { clock, pico } = bench(program.stop());
    clock.run(MILLISECOND);
    expect(pico.scratch(0)).toBe(new DataView(pico.flash.buffer).getUint32(0, true));
  });
});

describe('sleep', () => {
  const TIMER_ALARM0 = 0x40054010;
  const TIMER_INTE = 0x40054038;
  const TIMERAWL = 0x40054028;
  const NVIC_ISER = 0xe000e100;
  const NVIC_ISPR = 0xe000e200;
  const armed = (): Program =>
    new Program().op(CPSID).tick().store(TIMER_INTE, 1).store(NVIC_ISER, 1).store(TIMER_ALARM0, 500);

  test('ends with the alarm, on the microsecond, and without the handler while PRIMASK is set', () => {
    const { clock, pico, failure } = bench(armed().op(WFI).copy(TIMERAWL, SCRATCH(0)).stop());
    clock.run(MILLISECOND);
    expect(failure()).toBe('none');
    expect(pico.scratch(0)).toBe(500);
  });

  test('does not begin when an interrupt pends already', () => {
    const program = new Program().op(CPSID).tick().store(NVIC_ISER, 1).store(NVIC_ISPR, 1);
    const { clock, pico } = bench(program.op(NOP, NOP, WFI).copy(TIMERAWL, SCRATCH(0)).stop());
    clock.run(MILLISECOND);
    expect(pico.scratch(0)).toBeGreaterThan(0);
    expect(pico.scratch(0)).toBeLessThan(30);
  });

  test('that nothing will end costs nothing', () => {
    const { clock, pico } = bench(new Program().op(CPSID, WFI).store(SCRATCH(0), 7).stop());
    clock.run(3600e9);
    expect([pico.scratch(0), clock.nextDue]).toEqual([0, Infinity]);
  });

  test('an interrupt pends on when its line has fallen, until it is cleared', () => {
    const NVIC_ICPR = 0xe000e280;
    const program = armed()
      .op(WFI)
      .store(0x40054034, 1) // INTR: the timer lets its line fall
      .copy(NVIC_ISPR, SCRATCH(0))
      .store(NVIC_ICPR, 1)
      .copy(NVIC_ISPR, SCRATCH(1));
    const { clock, pico } = bench(program.stop());
    clock.run(MILLISECOND);
    expect([pico.scratch(0), pico.scratch(1)]).toEqual([1, 0]);
  });
});

describe('the UART', () => {
  const setUp = (): Program =>
    new Program()
      .tick()
      .release((1 << 22) | (1 << 5) | (1 << 8))
      // 6.5 MHz / (16 * 115200) = 3 + 34/64; CLK_PERI from clk_sys, which is clk_ref: 12 MHz / (16 * 115200) = 6 + 33/64
      .store(0x40008048, 1 << 11)
      .store(0x40034024, 6)
      .store(0x40034028, 33)
      .store(0x4003402c, 0x70)
      .store(0x40034030, 0x301)
      .set(0, 0x40034000);

  test('sends at its baud rate', () => {
    const { clock, pico } = bench(setUp().set(1, 0x0a41).op(STR, 0x0a09, STR).stop()); // 'A', LSRS r1, r1, #8
    const lines: [string, number][] = [];
    pico.onLine = (line) => lines.push([line, clock.now]);
    clock.run(10 * MILLISECOND);
    expect(lines.map(([line]) => line)).toEqual(['A']);
    const frame = (10 / 115200) * 1e9;
    expect(lines[0]![1]).toBeGreaterThan(2 * frame);
    expect(lines[0]![1]).toBeLessThan(2 * frame + 40 * MICROSECOND);
  });

  test('takes 32 octets and the one that is leaving, no more', () => {
    const fill = (count: number): string => {
      const { clock, failure } = bench(setUp().set(1, 0x41).repeat(3, count, [STR]).stop());
      clock.run(10 * MILLISECOND);
      return failure();
    };
    expect(fill(33)).toBe('none');
    expect(fill(35)).toBe('UART0 DR written while the transmit FIFO is full');
  });
});
