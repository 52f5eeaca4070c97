// SPDX-License-Identifier: MIT
// Data sheet section 7.2: the receive ring, the status vector (table 7-3), overflow, freeing.

import { describe, expect, test } from 'vitest';
import { frameCheckSequence } from '../../host/enc28j60/checksum.ts';
import { BROADCAST, frame, MAC, Rig } from './rig.ts';

const bit = (n: number): number => 2 ** n;
const has = (value: number, n: number): boolean => Math.floor(value / bit(n)) % 2 === 1;

/** The bits 31:16 of a status vector that are set. */
function bits(status: number): number[] {
  return Array.from({ length: 16 }, (_, i) => 16 + i).filter((n) => has(status, n));
}

describe('figure 7-3, receive packet layout', () => {
  test('next pointer, status vector, frame, FCS, all low octet first', () => {
    const rig = new Rig().start();
    const sent = frame(MAC, 50);
    rig.chip.receive(sent);
    const fcs = frameCheckSequence(sent);
    expect(rig.readMemory(6)).toEqual([74, 0, 68, 0, 0xc0, 0x00]);
    expect(rig.readMemory(68)).toEqual([
      ...sent,
      fcs & 0xff,
      (fcs >> 8) & 0xff,
      (fcs >> 16) & 0xff,
      fcs >>> 24,
    ]);
  });

  test('the next pointer counts a pad octet, the byte count does not: count 65 at 0x0000 gives 0x0048', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC, 47));
    expect(rig.take()).toMatchObject({ next: 0x0048, count: 65 });
  });

  test('ring equation: count 1518 at 0x17D0 gives 0x03C4', () => {
    const rig = new Rig().start();
    for (let i = 0; i < 4; i++) {
      rig.chip.receive(frame(MAC, 1500));
      rig.take();
    }
    expect(rig.readWord('ERXWRPT')).toBe(0x17d0);
    rig.chip.receive(frame(MAC, 1500));
    expect(rig.take()).toMatchObject({ next: 0x03c4, count: 1518 });
  });

  test('a frame that crosses the end of the ring is read in one burst, and ERDPT then stands on the next header', () => {
    const rig = new Rig().start({ ringEnd: 0x07ff });
    const first = frame(MAC, 1000);
    const second = frame(MAC, 1001);
    rig.chip.receive(first);
    rig.take();
    rig.chip.receive(second);
    const { octets, next } = rig.take();
    expect(octets.slice(0, -4)).toEqual([...second]);
    expect(next).toBe((1024 + 6 + 1019 + 1) % 0x800);
    expect(rig.readWord('ERDPT')).toBe(next);
  });

  test('all frames begin at even addresses, in a ring that ends at an even one too', () => {
    const rig = new Rig().start({ ringEnd: 0x07fe });
    const next = Array.from({ length: 40 }, (_, i) => {
      rig.chip.receive(frame(MAC, 100 + i));
      const { next } = rig.take();
      rig.writeWord('ERDPT', next);
      return next;
    });
    expect(next.filter((address) => (address & 1) !== 0)).toEqual([]);
  });

  test('a frame that ends with the ring points at its start', () => {
    const rig = new Rig().start({ ringEnd: 2 * 70 - 1 });
    rig.chip.receive(frame(MAC, 46));
    expect(rig.take().next).toBe(70);
    rig.chip.receive(frame(MAC, 46));
    expect(rig.take().next).toBe(0);
    expect(rig.readWord('ERXRDPT')).toBe(2 * 70 - 1);
  });

  test('a frame that would fill the ring to its last octet does not fit', () => {
    const rig = new Rig().start({ ringEnd: 70 - 1 });
    rig.chip.receive(frame(MAC, 46));
    expect(rig.read('EPKTCNT')).toBe(0);
  });
});

describe('table 7-3, receive status vector', () => {
  test.each([
    ['an IP frame for us', frame(MAC), [22, 23]],
    ['a length field that is right', frame(MAC, 46, 46), [23]],
    ['a short length in a padded frame', frame(MAC, 46, 10), [23]],
    ['a length field that is wrong', frame(MAC, 100, 99), [21, 23]],
    ['a length that is wrong in a frame of minimum length', frame(MAC, 46, 50), [21, 23]],
    ['a short length in a frame that needs no padding', frame(MAC, 100, 10), [21, 23]],
    ['a multicast', frame([0x01, 0, 0x5e, 0, 0, 1]), [22, 23, 24]],
    ['a broadcast', frame(BROADCAST), [22, 23, 24, 25]],
    ['a VLAN frame', frame(MAC, 46, 0x8100), [22, 23, 30]],
  ])('%s', (_, sent, expected) => {
    const rig = new Rig().start();
    rig.write('ERXFCON', 0);
    rig.chip.receive(sent);
    expect(bits(rig.take().status)).toEqual(expected);
  });

  test('a length is compared only with FRMLNEN = 1', () => {
    const rig = new Rig().start();
    rig.write('MACON3', 0x31);
    rig.chip.receive(frame(MAC, 100, 99));
    expect(bits(rig.take().status)).toEqual([23]);
  });

  test('bad FCS with CRCEN = 0: delivered with CRC error and without received OK', () => {
    const rig = new Rig().start();
    rig.write('ERXFCON', 0x80);
    const sent = frame(MAC);
    rig.chip.receive(sent, { badFcs: true });
    const { status, octets } = rig.take();
    expect(bits(status)).toEqual([20, 22]);
    expect(octets.slice(-4)).not.toEqual([0, 8, 16, 24].map((n) => (frameCheckSequence(sent) >>> n) & 0xff));
  });

  test.each([
    ['PAUSE', [0x01, 0x80, 0xc2, 0, 0, 1], 1, [22, 23, 24, 27, 28]],
    ['PAUSE to us', MAC, 1, [22, 23, 27, 28]],
    ['PAUSE to another address', [0x01, 0x80, 0xc2, 0, 0, 2], 1, [22, 23, 24, 27]],
    ['an unknown opcode', MAC, 2, [22, 23, 27, 29]],
  ])('PASSALL = 1, control frame: %s', (_, to, opcode, expected) => {
    const rig = new Rig().start();
    rig.write('ERXFCON', 0);
    rig.write('MACON1', 0x03);
    rig.chip.receive(frame(to, [0, opcode, 0, 1], 0x8808));
    expect(bits(rig.take().status)).toEqual(expected);
  });

  test('PASSALL = 0: control frames do not come to memory', () => {
    const rig = new Rig().start();
    rig.write('ERXFCON', 0);
    rig.chip.receive(frame(MAC, [0, 1, 0, 1], 0x8808));
    expect(rig.read('EPKTCNT')).toBe(0);
  });
});

describe('7.2.1 what is received', () => {
  test('nothing before RXEN, nothing without MARXEN', () => {
    const rig = new Rig().start();
    rig.clear('ECON1', 0x04);
    rig.chip.receive(frame(MAC));
    rig.set('ECON1', 0x04);
    rig.write('MACON1', 0);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(0);
    rig.write('MACON1', 1);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test('bad FCS with CRCEN = 1: dropped without trace', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC), { badFcs: true });
    expect([rig.read('EPKTCNT'), rig.read('EIR'), rig.readWord('ERXWRPT')]).toEqual([0, 0, 0]);
  });

  test('5.1.5: a runt of 18 octets is a frame, one of 17 is none', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC, 0), { runt: true });
    const { count, status } = rig.take();
    expect([count, bits(status)]).toEqual([18, [22, 23]]);
    rig.chip.receive(frame(MAC, 0).subarray(0, 13), { runt: true });
    expect(rig.read('EPKTCNT')).toBe(0);
  });

  test('a frame not marked as a runt comes as its sender padded it', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC, 28));
    const { count, octets } = rig.take();
    expect(count).toBe(64);
    expect(octets.slice(42, 60)).toEqual(new Array<number>(18).fill(0));
  });

  test('MAMXFL counts the FCS; HFRMEN lifts the limit', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC, 1500));
    expect(rig.read('EPKTCNT')).toBe(1);
    rig.chip.receive(frame(MAC, 1501));
    expect(rig.read('EPKTCNT')).toBe(1);
    rig.write('MACON3', 0x37);
    rig.chip.receive(frame(MAC, 2000));
    expect(rig.read('EPKTCNT')).toBe(2);
  });

  test('link down or PHY powered down: nothing arrives', () => {
    const rig = new Rig().start();
    rig.chip.linkUp = false;
    rig.chip.receive(frame(MAC));
    rig.chip.linkUp = true;
    rig.writePhy(0x00, 0x0900);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(0);
  });
});

describe('7.2.4 freeing receive buffer space', () => {
  test('PKTDEC counts down, and PKTIF falls with the last frame', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC));
    rig.chip.receive(frame(MAC));
    expect([rig.read('EPKTCNT'), rig.read('EIR')]).toEqual([2, 0x40]);
    rig.set('ECON2', 0x40);
    expect([rig.read('EPKTCNT'), rig.read('EIR')]).toEqual([1, 0x40]);
    rig.set('ECON2', 0x40);
    expect([rig.read('EPKTCNT'), rig.read('EIR')]).toEqual([0, 0]);
  });

  test('PKTDEC at 0 stays at 0', () => {
    const rig = new Rig().start();
    rig.set('ECON2', 0x40);
    expect(rig.read('EPKTCNT')).toBe(0);
  });

  test('the chip writes up to but not including ERXRDPT', () => {
    const rig = new Rig().start();
    rig.writeWord('ERXRDPT', 71);
    rig.chip.receive(frame(MAC)); // 70 octets: 0 … 69, free are 70
    expect(rig.read('EPKTCNT')).toBe(1);
    const short = new Rig().start();
    short.writeWord('ERXRDPT', 69);
    short.chip.receive(frame(MAC));
    expect(short.read('EPKTCNT')).toBe(0);
  });

  test.each([
    ['WR > RD: (ND − ST) − (WR − RD)', 0x0601, 0x1a00 - 1 - (1524 * 2 - 0x0601)],
    ['WR = RD: ND − ST', 1524 * 2, 0x1a00 - 1],
    ['WR < RD: RD − WR − 1', 0x1001, 0x1001 - 1524 * 2 - 1],
  ])('free space, %s', (_, read, free) => {
    const fits = (size: number): boolean => {
      const rig = new Rig().start();
      rig.write('MACON3', 0x37);
      rig.chip.receive(frame(MAC, 1500));
      rig.chip.receive(frame(MAC, 1500));
      rig.writeWord('ERXRDPT', read);
      rig.chip.receive(frame(MAC, size - 6 - 18));
      return rig.read('EPKTCNT') === 3;
    };
    const even = free & ~1;
    expect([fits(even), fits(even + 1)]).toEqual([true, false]);
  });

  test('ERXRDPT = 0, equal to ERXWRPT, means all is free', () => {
    const rig = new Rig().start();
    rig.writeWord('ERXRDPT', 0);
    for (let i = 0; i < 5; i++) rig.chip.receive(frame(MAC, 1500));
    expect(rig.read('EPKTCNT')).toBe(4);
  });

  test('free space does not count what lies before ERXST', () => {
    const rig = new Rig().start();
    rig.writeWord('ERXND', 0x1bff);
    rig.writeWord('ERXST', 0x1800);
    rig.writeWord('ERXRDPT', 0x1800);
    rig.chip.receive(frame(MAC, 1000)); // 1024 octets, where 1023 are free
    expect(rig.read('EPKTCNT')).toBe(0);
    rig.chip.receive(frame(MAC, 998));
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test('ring 0x0000 to 0x19FF holds four full frames, 0x0000 to 0x13FF three', () => {
    const counts = [0x19ff, 0x13ff].map((ringEnd) => {
      const rig = new Rig().start({ ringEnd });
      for (let i = 0; i < 6; i++) rig.chip.receive(frame(MAC, 1500));
      return rig.read('EPKTCNT');
    });
    expect(counts).toEqual([4, 3]);
  });
});

describe('12.1.2 overflow', () => {
  function full(): Rig {
    const rig = new Rig().start({ ringEnd: 0x07ff });
    rig.chip.receive(frame(MAC, 1500));
    rig.chip.receive(frame(MAC, 1500));
    return rig;
  }

  test('no room: the frame is lost, RXERIF and BUFER are set, pointers and count stay', () => {
    const rig = full();
    expect(rig.read('EIR')).toBe(0x41);
    expect(rig.read('ESTAT') & 0x40).toBe(0x40);
    expect([rig.read('EPKTCNT'), rig.readWord('ERXWRPT')]).toEqual([1, 1524]);
  });

  test('BUFER and RXERIF are cleared by BFC', () => {
    const rig = full();
    rig.clear('EIR', 0x01);
    rig.clear('ESTAT', 0x40);
    expect([rig.read('EIR'), rig.read('ESTAT') & 0x40]).toEqual([0x40, 0]);
  });

  test('reception goes on by itself when space is free', () => {
    const rig = full();
    rig.take();
    rig.chip.receive(frame(MAC, 1500));
    expect(rig.read('EPKTCNT')).toBe(1);
    expect(rig.take().octets.slice(0, 6)).toEqual(MAC);
  });

  test('a frame that the filters reject does not overflow', () => {
    const rig = full();
    rig.clear('EIR', 0x01);
    rig.chip.receive(frame([0x02, 9, 9, 9, 9, 9], 1500));
    expect(rig.read('EIR')).toBe(0x40);
  });

  test('EPKTCNT = 255 does not roll over', () => {
    const rig = new Rig().start();
    rig.chip.trigger('count-full');
    rig.chip.receive(frame(MAC));
    expect([rig.read('EPKTCNT'), rig.read('EIR')]).toEqual([255, 0x41]);
  });
});

describe('11.4 receive only reset', () => {
  test('RXRST clears RXEN; pointers, count and MAC stay', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC));
    rig.set('ECON1', 0x40);
    expect(rig.read('ECON1') & 0x44).toBe(0x40);
    rig.set('ECON1', 0x04);
    expect(rig.read('ECON1') & 0x04).toBe(0);
    rig.clear('ECON1', 0x40);
    expect([rig.read('EPKTCNT'), rig.readWord('ERXWRPT'), rig.read('MACON1')]).toEqual([1, 70, 0x0d]);
    rig.set('ECON1', 0x04);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(2);
  });
});
