// SPDX-License-Identifier: MIT
// To whom the cycles of an instruction are booked.

import { expect, test } from 'vitest';
import { Profile } from '../../host/machine/rp2040/profile.ts';

const SPI = 0x20000100;
const INTERPRETER = 0x20000200;
const C = 0x10001000;
const SP = 0x20040000;

test('ranges are booked to their owners, and what the SPI path calls to the SPI path', () => {
  const profile = new Profile([SPI, SPI + 0x40], [INTERPRETER, INTERPRETER + 0x40]);
  const steps: [pc: number, cycles: number, lr: number, sp: number][] = [
    [C, 1, 0, SP], // C
    [INTERPRETER, 2, 0, SP], // an operation
    [INTERPRETER + 2, 3, (INTERPRETER + 7) | 1, SP], // calls an import: C
    [C + 0x40, 5, (C + 0x45) | 1, SP - 16], // BL into the SPI path
    [SPI, 7, (C + 0x45) | 1, SP - 24], // PUSH
    [SPI + 2, 11, (SPI + 7) | 1, SP - 24], // BL to memcpy
    [C + 0x80, 13, (SPI + 7) | 1, SP - 24],
    [SPI + 6, 17, (SPI + 7) | 1, SP - 16], // POP {pc}
    [C + 0x44, 19, (SPI + 7) | 1, SP], // back in C
    [INTERPRETER + 6, 23, 0, SP],
  ];
  for (const step of steps) profile.count(...step);
  expect([profile.c, profile.interpreter, profile.spi]).toEqual([1 + 5 + 19, 2 + 3 + 23, 7 + 11 + 13 + 17]);
});
