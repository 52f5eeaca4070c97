// SPDX-License-Identifier: MIT
// What the stock interpreter changes besides: its operations, as wasm3 wrote them, go into a section of their own, which
// the linker places in SRAM.

import type { Edit } from './edit.ts';

export const STOCK: readonly Edit[] = [
  {
    file: 'm3_exec_defs.h',
    find: '#define d_m3Op(NAME)                M3_NO_UBSAN d_m3RetSig op_##NAME (d_m3OpSig)',
    replace:
      '#define d_m3Op(NAME)                __attribute__((section(".ramtext.operations"))) d_m3RetSig op_##NAME (d_m3OpSig)',
  },
];
