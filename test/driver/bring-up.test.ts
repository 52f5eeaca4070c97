// SPDX-License-Identifier: MIT
// From reset to the first frame: data sheet sections 6 and 11.

import { describe, expect, test } from 'vitest';
import { MAC, readyRig } from './rig.ts';

describe.each(['v8', 'wasm3'] as const)('bring-up on %s', (engine) => {
  test.each([false, true])(
    'ends with a chip that is set up and a link; full duplex: %s',
    async (fullDuplex) => {
      const bench = await readyRig({ engine, fullDuplex });
      const { chip } = bench;
      expect(chip.violations).toEqual([]);
      expect(bench.counters).toEqual({ LinkUp: 1 });
      expect([chip.word('ERXST'), chip.word('ERXND'), chip.word('ERXRDPT')]).toEqual([0, 0x13ff, 0x13ff]);
      expect(
        ['MAADR1', 'MAADR2', 'MAADR3', 'MAADR4', 'MAADR5', 'MAADR6'].map((name) =>
          chip.register(name as 'MAADR1'),
        ),
      ).toEqual([...MAC]);
      expect(chip.register('MACON3')).toBe(fullDuplex ? 0x31 : 0x30);
      expect(chip.word('MAMXFL')).toBe(1518);
      expect(chip.register('ERXFCON')).toBe(0xa1);
      expect(chip.register('ECON1')).toBe(0x05); // RXEN, and bank 1 where EPKTCNT is
    },
  );
});
