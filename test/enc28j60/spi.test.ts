// SPDX-License-Identifier: MIT
// Data sheet section 4: the seven commands and their framing by chip-select.

import { describe, expect, test } from 'vitest';
import { MS, Rig } from './rig.ts';

function ready(): Rig {
  const rig = new Rig();
  rig.clock.run(MS);
  return rig;
}

describe('4.2.1 RCR', () => {
  test('an ETH register comes with the first octet after the command', () => {
    expect(ready().spi(0x00, 0).slice(1)).toEqual([0xfa]);
  });

  test('clocked on, the value is given again', () => {
    expect(ready().spi(0x00, 0, 0, 0).slice(1)).toEqual([0xfa, 0xfa, 0xfa]);
  });

  test('a MAC register comes after a dummy octet, which is wrong whatever the value', () => {
    const rig = ready();
    for (const value of [0x00, 0x2a, 0x7f]) {
      rig.write('MAIPGL', value);
      rig.bank(0x46);
      const [, dummy, first, again] = rig.spi(0x06, 0, 0, 0);
      expect([first, again]).toEqual([value, value]);
      expect(dummy).toBe(~value & 0xff);
    }
  });

  test('MISTAT, alone in bank 3 with MAADR, has a dummy octet; EREVID has none', () => {
    const rig = ready();
    rig.bank(0x60);
    expect(rig.spi(0x0a, 0, 0).slice(1)).toEqual([0xff, 0x00]);
    expect(rig.spi(0x12, 0).slice(1)).toEqual([0x06]);
  });
});

describe('4.2.2 and 4.2.4 RBM, WBM', () => {
  test('octets follow for as long as the clock runs; the next burst goes on where the last one ended', () => {
    const rig = ready();
    rig.writeWord('EWRPT', 0x0100);
    rig.writeMemory(1, 2, 3);
    rig.writeMemory(4, 5);
    rig.writeWord('ERDPT', 0x0100);
    expect(rig.readMemory(2)).toEqual([1, 2]);
    expect(rig.readMemory(3)).toEqual([3, 4, 5]);
    expect([rig.readWord('ERDPT'), rig.readWord('EWRPT')]).toEqual([0x0105, 0x0105]);
  });

  test('a burst of no octets moves nothing', () => {
    const rig = ready();
    rig.spi(0x3a);
    rig.spi(0x7a);
    expect([rig.readWord('ERDPT'), rig.readWord('EWRPT')]).toEqual([0x05fa, 0]);
  });
});

describe('4.2.3, 4.2.5, 4.2.6 WCR, BFS, BFC', () => {
  test('WCR stores, BFS ORs, BFC clears the bits of its mask', () => {
    const rig = ready();
    rig.write('ERXFCON', 0x41);
    rig.set('ERXFCON', 0x86);
    expect(rig.read('ERXFCON')).toBe(0xc7);
    rig.clear('ERXFCON', 0x83);
    expect(rig.read('ERXFCON')).toBe(0x44);
  });

  test('only the first octet after the command counts', () => {
    const rig = ready();
    rig.spi(0x40 | 0x02, 0x11, 0x22, 0x33);
    expect(rig.read('EWRPTL')).toBe(0x11);
  });

  test('on a MAC register BFS and BFC do what drivers found they do', () => {
    const rig = ready();
    rig.set('MACON3', 0x31);
    rig.clear('MACON3', 0x20);
    expect(rig.read('MACON3')).toBe(0x11);
  });
});

describe('4.2.7 SRC', () => {
  test('resets the registers at once; a second 0xFF is ignored', () => {
    const rig = ready();
    rig.write('ERXFCON', 0);
    rig.spi(0xff, 0xff);
    expect(rig.read('ERXFCON')).toBe(0xa1);
    expect(rig.rules).toEqual([]);
  });
});

describe('framing', () => {
  test('nothing is heard and nothing happens while CS is high', () => {
    const rig = ready();
    expect(rig.chip.transfer(0x40 | 0x02)).toBe(0xff);
    rig.chip.transfer(0x77);
    expect(rig.read('EWRPTL')).toBe(0);
  });

  test('CS that rises inside the data octet leaves the register as it was', () => {
    const rig = ready();
    rig.chip.select();
    rig.chip.transfer(0x40 | 0x02);
    rig.chip.partial();
    rig.chip.deselect();
    expect(rig.read('EWRPTL')).toBe(0);
  });

  test('CS that rises inside an octet of buffer memory keeps the octets before', () => {
    const rig = ready();
    rig.writeWord('EWRPT', 0x0200);
    rig.chip.select();
    for (const octet of [0x7a, 9, 8]) rig.chip.transfer(octet);
    rig.chip.partial();
    rig.chip.deselect();
    expect(rig.readWord('EWRPT')).toBe(0x0202);
    expect([...rig.chip.memory.subarray(0x200, 0x202)]).toEqual([9, 8]);
  });

  test.each([0x20, 0x3b, 0x60, 0x7b, 0xc0, 0xdf, 0xe0, 0xfe])(
    'opcode 0x%x is no command: all is ignored until CS rises',
    (opcode) => {
      const rig = ready();
      expect(rig.spi(opcode, 0x40 | 0x02, 0x55)).toEqual([0xff, 0xff, 0xff]);
      expect(rig.read('EWRPTL')).toBe(0);
      expect(rig.rules).toEqual(['unknown SPI command']);
    },
  );

  test('a command that was not ended by CS is ended by the next selection', () => {
    const rig = ready();
    rig.chip.select();
    rig.chip.transfer(0x3a);
    rig.chip.transfer(0);
    expect(rig.readWord('ERDPT')).toBe(0x05fb);
  });
});
