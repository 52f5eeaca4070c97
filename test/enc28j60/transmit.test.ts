// SPDX-License-Identifier: MIT
// Data sheet section 7.1: control byte, padding, FCS, status vector (table 7-1), time on the wire, aborts.

import { describe, expect, test } from 'vitest';
import { frameCheckSequence } from '../../host/enc28j60/checksum.ts';
import { BROADCAST, frame, MS, PEER, Rig, US } from './rig.ts';

const TXRTS = 0x08;
const TXIF = 0x08;
const TXERIF = 0x02;
const TXABRT = 0x02;
const LATECOL = 0x10;

/** Bits 31:16 and 55:48 of the status vector that are set, the collision count aside. */
function bits(vector: number[]): number[] {
  const set: number[] = [];
  for (const [octet, first] of [
    [2, 16],
    [3, 24],
    [6, 48],
  ] as const) {
    for (let i = 0; i < 8; i++) if ((vector[octet]! >> i) & 1 && first + i > 19) set.push(first + i);
  }
  return set;
}

const byteCount = (vector: number[]): number => vector[0]! | (vector[1]! << 8);
const onWire = (vector: number[]): number => vector[4]! | (vector[5]! << 8);

function withFcs(octets: Uint8Array): Uint8Array {
  const fcs = frameCheckSequence(octets);
  return Uint8Array.from([...octets, fcs & 0xff, (fcs >> 8) & 0xff, (fcs >> 16) & 0xff, fcs >>> 24]);
}

describe('7.1 transmitting packets', () => {
  test('the frame goes from ETXST + 1 to ETXND; then TXRTS = 0, TXIF = 1 and seven octets at ETXND + 1', () => {
    const rig = new Rig().start();
    rig.chip.memory.fill(0xee, 0x1a00);
    const sent = frame(PEER, 100);
    rig.transmit(sent);
    expect(rig.read('ECON1') & TXRTS).toBe(TXRTS);
    rig.clock.run(2 * MS);
    expect(rig.sent).toEqual([sent]);
    expect([rig.read('ECON1') & TXRTS, rig.read('EIR'), rig.read('ESTAT') & TXABRT]).toEqual([0, TXIF, 0]);
    expect(rig.transmitStatus()).toEqual([118, 0, 0xc0, 0, 118, 0, 0]);
    expect(rig.chip.memory[0x1a00 + 114 + 8]).toBe(0xee);
    expect([rig.readWord('ETXST'), rig.readWord('ETXND')]).toEqual([0x1a00, 0x1a00 + 114]);
  });

  test('frame and status vector wrap from 0x1FFF to 0x0000', () => {
    const rig = new Rig().start({ ringEnd: 0x19ff });
    rig.clear('ECON1', 0x04);
    const sent = frame(PEER, 60);
    rig.transmit(sent, { at: 0x1fc0 });
    rig.clock.run(MS);
    expect(rig.sent).toEqual([sent]);
    expect([...rig.chip.memory.subarray(11, 18)]).toEqual([78, 0, 0xc0, 0, 78, 0, 0]);
  });

  test('the source address is the host’s affair', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect([...rig.sent[0]!.subarray(6, 12)]).toEqual(PEER);
  });

  test('link down: the MAC sends as ever, nobody hears', () => {
    const rig = new Rig().start();
    rig.chip.linkUp = false;
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect([rig.sent.length, rig.read('EIR')]).toEqual([0, TXIF]);
  });

  test('PHCON2.TXDIS: the same', () => {
    const rig = new Rig().start();
    rig.writePhy(0x10, 0x2100);
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sent.length).toBe(0);
  });
});

describe('register 6-2, MACON3 padding and CRC', () => {
  const VLAN = 0x8100;
  test.each([
    ['000', 0x10, 0x0800, 20],
    ['010', 0x50, 0x0800, 20],
    ['100', 0x90, 0x0800, 20],
    ['110', 0xd0, 0x0800, 20],
    ['001', 0x30, 0x0800, 60],
    ['011', 0x70, 0x0800, 64],
    ['111', 0xf0, 0x0800, 64],
    ['101', 0xb0, 0x0800, 60],
    ['101, VLAN', 0xb0, VLAN, 64],
    ['001 without TXCRCEN', 0x20, 0x0800, 16],
  ])('PADCFG = %s', (_, macon3, type, length) => {
    const rig = new Rig().start();
    rig.write('MACON3', macon3 | 1);
    const short = frame(PEER, 6, type).subarray(0, 20);
    rig.transmit(macon3 & 0x10 ? short : withFcs(short.subarray(0, 16)));
    rig.clock.run(MS);
    expect(rig.sent[0]?.length).toBe(length);
    const padding = rig.sent[0]!.subarray(20);
    expect(padding.every((octet) => octet === 0)).toBe(true);
  });

  test('TXCRCEN = 0: the last four octets are the FCS', () => {
    const rig = new Rig().start();
    rig.write('MACON3', 0x01);
    const sent = frame(PEER, 100);
    rig.transmit(withFcs(sent));
    rig.clock.run(MS);
    expect(rig.sent).toEqual([sent]);
    expect(bits(rig.transmitStatus())).toEqual([22, 23]);
  });

  test('TXCRCEN = 0 and wrong: status bit 20, and no receiver takes the frame', () => {
    const rig = new Rig().start();
    rig.write('MACON3', 0x01);
    rig.transmit(frame(PEER, 100));
    rig.clock.run(MS);
    expect(rig.sent).toEqual([]);
    expect(bits(rig.transmitStatus())).toEqual([20, 22, 23]);
  });
});

describe('figure 7-1, per packet control byte', () => {
  test('POVERRIDE = 0: the other bits are ignored', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, 6), { control: 0x0e });
    rig.clock.run(MS);
    expect(rig.sent[0]!.length).toBe(60);
  });

  test('POVERRIDE = 1: PPADEN pads to 60, PCRCEN appends the FCS', () => {
    const rig = new Rig().start();
    rig.write('MACON3', 0x01);
    rig.transmit(frame(PEER, 6), { control: 0x07 });
    rig.clock.run(MS);
    expect(rig.sent[0]!.length).toBe(60);
    expect(byteCount(rig.transmitStatus())).toBe(64);
  });

  test('POVERRIDE = 1, PPADEN = 0: no padding whatever MACON3 says', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, 6), { control: 0x03 });
    rig.clock.run(MS);
    expect(rig.sent[0]!.length).toBe(20);
  });

  test('POVERRIDE = 1, PHUGEEN = 0: no long frame whatever MACON3 says', () => {
    const rig = new Rig().start();
    rig.write('MACON3', 0x37);
    rig.transmit(frame(PEER, 1501), { control: 0x07 });
    rig.clock.run(2 * MS);
    expect(rig.sent).toEqual([]);
  });

  test('POVERRIDE = 1: PHUGEEN lets a long frame out', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, 1501), { control: 0x0f, at: 0x1a00 });
    rig.clock.run(2 * MS);
    expect(rig.sent[0]!.length).toBe(1515);
  });
});

describe('table 7-1, transmit status vector', () => {
  test.each([
    ['unicast of a type', frame(PEER), [22, 23]],
    ['multicast', frame([0x01, 0, 0x5e, 0, 0, 1]), [22, 23, 24]],
    ['broadcast', frame(BROADCAST), [22, 23, 24, 25]],
    ['right length', frame(PEER, 100, 100), [23]],
    ['wrong length', frame(PEER, 100, 90), [21, 23]],
    ['VLAN', frame(PEER, 46, 0x8100), [22, 23, 51]],
    ['control', frame(PEER, [0, 9], 0x8808), [22, 23, 48]],
    ['pause', frame(PEER, [0, 1], 0x8808), [22, 23, 48, 49]],
  ])('%s', (_, sent, expected) => {
    const rig = new Rig().start();
    rig.transmit(sent);
    rig.clock.run(MS);
    expect(bits(rig.transmitStatus())).toEqual(expected);
  });

  test('collisions are counted, and the octets they cost', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.chip.medium.collisions = 3;
    rig.transmit(frame(PEER, 100));
    rig.clock.run(20 * MS);
    const vector = rig.transmitStatus();
    expect(vector[2]! & 0x0f).toBe(3);
    expect(onWire(vector)).toBeGreaterThan(118);
    expect(rig.sent.length).toBe(1);
  });
});

describe('time on the wire', () => {
  test.each([
    ['shortest', 46, 57.6],
    ['full', 1500, 1220.8],
  ])('%s frame: preamble, frame and FCS at 10 Mbit/s', (_, payload, us) => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, payload));
    rig.clock.run(us * US - 1);
    expect(rig.read('ECON1') & TXRTS).toBe(TXRTS);
    rig.clock.run(1);
    expect(rig.read('ECON1') & TXRTS).toBe(0);
  });

  test.each([
    [true, 0x15],
    [false, 0x12],
  ])(
    'register 6-4, fullDuplex %s: with MABBIPG = 0x%x full frames follow each other every 1230.4 µs',
    (fullDuplex) => {
      const rig = new Rig().start({ fullDuplex });
      for (let i = 0; i < 3; i++) {
        rig.transmit(frame(PEER, 1500));
        rig.clock.runWhile(() => (rig.chip.register('ECON1') & TXRTS) !== 0, 9 * MS);
      }
      expect(rig.sentAt.map((at) => at - rig.sentAt[0]!)).toEqual([0, 1230400, 2460800]);
    },
  );

  test('MABBIPG in full duplex is nibbles minus 3', () => {
    const rig = new Rig().start();
    rig.write('MABBIPG', 0x15 + 10);
    rig.transmit(frame(PEER));
    rig.clock.run(57.6 * US);
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sentAt[1]! - rig.sentAt[0]!).toBe((57.6 + 9.6 + 4) * US);
  });

  test('the frame is handed out when its first bit goes, from the clock', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER));
    expect(rig.sent.length).toBe(0);
    rig.clock.run(0);
    expect(rig.sent.length).toBe(1);
  });
});

describe('12.1.3 aborts', () => {
  function aborted(rig: Rig): void {
    expect(rig.read('ECON1') & TXRTS).toBe(0);
    expect(rig.read('EIR')).toBe(TXIF | TXERIF);
    expect(rig.read('ESTAT') & TXABRT).toBe(TXABRT);
    expect(rig.sent).toEqual([]);
  }

  test('more collisions than MACLCON1', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.chip.medium.collisions = 16;
    rig.transmit(frame(PEER));
    rig.clock.run(400 * MS);
    aborted(rig);
    expect(bits(rig.transmitStatus())).toEqual([22, 28]);
  });

  test('a back-off that is broken off holds the wire no longer', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.chip.medium.collisions = 16;
    rig.transmit(frame(PEER, 60));
    rig.clock.run(MS / 10);
    rig.clear('ECON1', TXRTS);
    rig.transmit(frame(PEER, 61));
    rig.clock.run(MS);
    expect(rig.sent).toEqual([frame(PEER, 61)]);
  });

  test('as many collisions as MACLCON1 are survived, within 366 ms', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.chip.medium.collisions = 15;
    rig.transmit(frame(PEER));
    rig.clock.run(367 * MS);
    expect(rig.sent.length).toBe(1);
    expect(rig.transmitStatus()[2]! & 0x0f).toBe(15);
  });

  test('NOBKOFF: collisions without back-off', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.write('MACON4', 0x50);
    rig.chip.medium.collisions = 15;
    const from = rig.clock.now;
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sentAt).toEqual([from + 15 * 9.6 * US]);
  });

  test('BPEN: after backpressure, without back-off', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.write('MACON4', 0x60);
    rig.write('EFLOCON', 0x01);
    rig.chip.medium.collisions = 15;
    rig.transmit(frame(PEER));
    rig.clock.run(15 * 9.6 * US);
    expect(rig.sent.length).toBe(1);
  });

  test('a late collision comes after the window of MACLCON2', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.write('MACLCON2', 0x3f);
    rig.chip.medium.lateCollision = true;
    rig.transmit(frame(PEER, 1000));
    rig.clock.run((8 + 64) * 0.8 * US - 1);
    expect(rig.read('EIR')).toBe(0);
    rig.clock.run(1);
    aborted(rig);
  });

  test('LATECOL tells of late collisions alone', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.chip.medium.collisions = 16;
    rig.transmit(frame(PEER));
    rig.clock.run(400 * MS);
    expect(rig.read('ESTAT') & LATECOL).toBe(0);
  });

  test('late collision: status bit 29 (octet 3, mask 0x20) and LATECOL', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.chip.medium.lateCollision = true;
    rig.transmit(frame(PEER, 1000));
    rig.clock.run(MS);
    aborted(rig);
    expect(rig.read('ESTAT') & LATECOL).toBe(LATECOL);
    expect(rig.transmitStatus()[3]! & 0x20).toBe(0x20);
    rig.clear('ESTAT', LATECOL | TXABRT);
    expect(rig.read('ESTAT')).toBe(0x01);
  });

  test('full duplex knows no collisions', () => {
    const rig = new Rig().start();
    Object.assign(rig.chip.medium, {
      lateCollision: true,
      collisions: 16,
      busyUntil: rig.clock.now + 10 * MS,
    });
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sent.length).toBe(1);
  });

  test('DEFER = 1: a busy wire is waited for', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.chip.medium.busyUntil = rig.clock.now + 10 * MS;
    rig.transmit(frame(PEER));
    rig.clock.run(9 * MS);
    expect(rig.sent.length).toBe(0);
    rig.clock.run(2 * MS);
    expect(rig.sent.length).toBe(1);
    expect(bits(rig.transmitStatus())).toEqual([22, 23, 26]);
  });

  test('DEFER = 0: patience ends after 24287 bit times', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.write('MACON4', 0x00);
    rig.chip.medium.busyUntil = rig.clock.now + 10 * MS;
    rig.transmit(frame(PEER));
    rig.clock.run(2428.7 * US - 1);
    expect(rig.read('EIR')).toBe(0);
    rig.clock.run(1);
    aborted(rig);
    expect(bits(rig.transmitStatus())).toEqual([22, 27]);
  });

  test('longer than MAMXFL without huge frames: giant', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, 1501));
    rig.clock.run(2 * MS);
    aborted(rig);
    expect(bits(rig.transmitStatus())).toEqual([22, 30]);
  });

  test('HFRMEN lets it out', () => {
    const rig = new Rig().start();
    rig.write('MACON3', 0x37);
    rig.transmit(frame(PEER, 1501));
    rig.clock.run(2 * MS);
    expect(rig.sent[0]!.length).toBe(1515);
  });

  test('the host clears TXRTS before the first bit', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER));
    rig.clear('ECON1', TXRTS);
    rig.clock.run(MS);
    aborted(rig);
    expect(bits(rig.transmitStatus())).toEqual([22]);
  });

  test('TXRST ends a transmission, without a status vector', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER));
    rig.chip.memory.fill(0xee, 0x1a3d, 0x1a44);
    rig.set('ECON1', 0x80);
    rig.clock.run(MS);
    aborted(rig);
    expect(rig.transmitStatus()).toEqual(new Array<number>(7).fill(0xee));
  });

  test('while TXRST = 1 TXRTS does not start; afterwards it does', () => {
    const rig = new Rig().start();
    rig.set('ECON1', 0x80);
    rig.transmit(frame(PEER));
    expect(rig.read('ECON1') & TXRTS).toBe(0);
    rig.clear('ECON1', 0x80);
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect([rig.sent.length, rig.read('EIR')]).toEqual([1, TXIF]);
  });

  test('clearing EIR flags by BFC leaves TXABRT, and the other way round', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, 1501));
    rig.clock.run(2 * MS);
    rig.clear('EIR', TXIF | TXERIF);
    expect([rig.read('EIR'), rig.read('ESTAT') & TXABRT]).toEqual([0, TXABRT]);
  });
});

describe('3.3, the PHY brings frames back', () => {
  test('half duplex with HDLDIS = 0: what is sent is received', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.writePhy(0x10, 0);
    rig.transmit(frame(BROADCAST));
    rig.clock.run(MS);
    expect([rig.read('EPKTCNT'), rig.sent.length]).toEqual([1, 1]);
  });

  test('HDLDIS = 1 or full duplex: it is not', () => {
    for (const fullDuplex of [true, false]) {
      const rig = new Rig().start({ fullDuplex });
      rig.transmit(frame(BROADCAST));
      rig.clock.run(MS);
      expect(rig.read('EPKTCNT')).toBe(0);
    }
  });

  test('PLOOPBK: received, and not sent', () => {
    const rig = new Rig().start();
    rig.writePhy(0x00, 0x4100);
    rig.transmit(frame(BROADCAST));
    rig.clock.run(MS);
    expect([rig.read('EPKTCNT'), rig.sent.length]).toEqual([1, 0]);
  });
});
