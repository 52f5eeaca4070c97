// SPDX-License-Identifier: MIT
// What silicon answers with a fault, or with nonsense, ends the run: with a report that says where the processor stood.

import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../host/net/clock.ts';
import { bench, ENTRY, NOP, Program, SCRATCH } from './thumb.ts';

/** The report's first line for `program`. */
function failureOf(program: Program): string {
  const { clock, failure } = bench(program.stop());
  clock.run(10 * MILLISECOND);
  return failure();
}

const LDR = 0x6801; // r1, [r0]
const STR = 0x6001;
const MPU_CTRL = 0xe000ed94;
const MPU_RBAR = 0xe000ed9c;
const MPU_RASR = 0xe000eda0;
const GUARD = 0x20030000;

/** 256 octets without access. */
const guarded = (): Program =>
  new Program()
    .store(MPU_RBAR, GUARD | 0x10)
    .store(MPU_RASR, (1 << 28) | (7 << 1) | 1)
    .store(MPU_CTRL, 5);

describe('ends the run:', () => {
  test.each<[string, Program, string]>([
    ['a hole', new Program().set(0, 0x30000000).op(LDR), 'read where nothing is, at 0x30000000'],
    [
      'a write to a hole',
      new Program().store(0x30000000, 7),
      'write of 0x00000007 where nothing is, at 0x30000000',
    ],
    ['the boot ROM', new Program().set(0, 0x10).op(LDR), 'read where nothing is, at 0x00000010'],
    [
      'a word that is not aligned',
      new Program().set(0, 0x20000002).op(LDR),
      'unaligned read of 4 octets at 0x20000002',
    ],
    [
      'a halfword that is not',
      new Program().set(0, 0x20000001).op(0x8001),
      'unaligned write of 2 octets at 0x20000001',
    ],
    [
      'flash before XIP',
      new Program().set(0, 0x10000100).op(LDR),
      'read in flash while XIP is not set up, at 0x10000100',
    ],
    [
      'a write to flash',
      new Program().store(0x10000100, 7),
      'write of 0x00000007 in flash while XIP is not set up, at 0x10000100',
    ],
    [
      'code in flash before XIP',
      new Program().set(0, 0x10000101).op(0x4700),
      'code in flash at 0x10000100 while XIP is not set up',
    ],
    ['code nowhere', new Program().set(0, 0x30000001).op(0x4700), 'no code at 0x30000000'],
    [
      'a branch to ARM code',
      new Program().set(0, 0x20000000).op(0x4700),
      'branch to 0x20000000, which is not Thumb code',
    ],
    ['an instruction there is not', new Program().op(0xf7f0, 0xa000), 'BKPT or UDF 0'],
    [
      'an opcode of ARMv7',
      new Program().op(0xbf08),
      `CortexM0Core: Warning: Instruction at ${ENTRY.toString(16)} is not implemented yet!`,
    ],
    ['BKPT', new Program().op(0xbe2a), 'BKPT or UDF 42'],
    [
      'a register there is not',
      new Program().set(0, 0x400580f0).op(LDR),
      'WATCHDOG: Unimplemented peripheral read from 0xf0',
    ],
    [
      'a peripheral in reset',
      new Program().set(0, 0x4003c000).op(LDR),
      'access to SPI0 at 0x4003c000, which RESETS still holds in reset',
    ],
    [
      'the timer without its tick',
      new Program().set(0, 0x40054028).op(LDR),
      'TIMER read while it stands still: WATCHDOG TICK does not run',
    ],
    [
      'a tick that is none',
      new Program().store(0x4005802c, 0x20c),
      'WATCHDOG TICK makes 541666.6666666666 Hz of clk_ref, not 1 MHz',
    ],
    ['a hole in SIO', new Program().set(0, 0xd0000050).op(LDR), 'SIO register 0x00000050 is not modelled'],
    [
      'the divider too early',
      new Program().set(0, 0xd0000060).op(STR, 0x6041, NOP, 0x6901),
      'divider read 6 cycles before its result is there',
    ],
    [
      'a store into the guard',
      guarded().store(GUARD + 0xfc, 1),
      'write into the guard below the stack, at 0x200300fc',
    ],
    [
      'a push into the guard',
      guarded()
        .set(0, GUARD + 0x108)
        .op(0x4685, 0xb507),
      'stack overflow: SP 0x200300f8 is below 0x20030100',
    ],
    [
      'SP below the guard',
      guarded()
        .set(0, GUARD - 0x1000)
        .op(0x4685),
      'stack overflow: SP 0x2002f000 is below 0x20030100',
    ],
    [
      'SSI set while it is on',
      new Program().store(0x18000008, 1).store(0x18000014, 4),
      'SSI register 0x00000014 written while SSIENR = 1',
    ],
    [
      'a read that the flash does not know',
      new Program()
        .store(0x18000000, 0x1f0300)
        .store(0x180000f4, 0x0b000218)
        .store(0x18000014, 4)
        .store(0x18000008, 1),
      'SSI: CTRLR0 0x001f0300, SPI_CTRLR0 0x0b000218 is no read that is modelled (03h, one bit wide)',
    ],
    [
      'a UART that is off',
      new Program().release(1 << 22).store(0x40034000, 65),
      'UART0 is written to while it is off',
    ],
  ])('%s', (_name, program, message) => {
    expect(failureOf(program)).toBe(message);
  });

  test('what is beside the guard is not in it', () => {
    const program = guarded()
      .store(GUARD - 4, 1)
      .store(GUARD + 0x100, 1)
      .set(0, GUARD + 0x108)
      .op(0x4685, 0xb403);
    expect(failureOf(program)).toBe('none');
  });

  test('the divider is right when its result is waited for', () => {
    const program = new Program()
      .store(0xd0000068, -7)
      .store(0xd000006c, 2)
      .op(NOP, NOP, NOP, NOP, NOP, NOP, NOP, NOP)
      .copy(0xd0000074, SCRATCH(1))
      .copy(0xd0000070, SCRATCH(0));
    const { clock, pico } = bench(program.stop());
    clock.run(MILLISECOND);
    expect([pico.scratch(0), pico.scratch(1)].map((word) => word | 0)).toEqual([-3, -1]);
  });
});

test('the report says where, what was going on, and what was said', () => {
  const program = new Program().store(SCRATCH(1), 1234).store(SCRATCH(0), 3).set(0, 0x30000000).op(LDR);
  const { clock, report } = bench(program.stop());
  clock.run(MILLISECOND);
  const at = `0x${(ENTRY + 14).toString(16)}`;
  expect(report().split('\n')).toEqual([
    'read where nothing is, at 0x30000000',
    expect.stringMatching(new RegExp(`^  PC ${at}  LR 0x00000000  SP 0x20041f00  after \\d+ cycles$`)),
    '  in poll, now = 1234 ms, SCRATCH2 0, SCRATCH3 0x00000000',
  ]);
});
