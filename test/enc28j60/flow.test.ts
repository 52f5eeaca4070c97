// SPDX-License-Identifier: MIT
// Data sheet section 10: pause frames sent and obeyed in full duplex, jamming in half duplex.

import { describe, expect, test } from 'vitest';
import { BROADCAST, frame, MAC, MS, PEER, Rig, US } from './rig.ts';

const PAUSE_TO = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x01];

/** A PAUSE frame as a partner sends it. */
function pause(units: number, to: readonly number[] = PAUSE_TO): Uint8Array {
  return frame(to, [0x00, 0x01, units >> 8, units & 0xff], 0x8808);
}

describe('10.2 full duplex, sending', () => {
  test('FCEN = 01: one pause frame with EPAUS, then 00', () => {
    const rig = new Rig().start();
    rig.writeWord('EPAUS', 0x0103);
    rig.write('EFLOCON', 0x01);
    expect(rig.read('EFLOCON')).toBe(0x05);
    rig.clock.run(5000 * MS);
    expect(rig.sent.length).toBe(1);
    expect(rig.sent[0]!.length).toBe(60);
    expect([...rig.sent[0]!.subarray(0, 18)]).toEqual([...PAUSE_TO, ...MAC, 0x88, 0x08, 0, 1, 1, 3]);
    expect(rig.read('EFLOCON')).toBe(0x04);
  });

  test('FCEN = 10: again and again, before the partner’s patience ends', () => {
    const rig = new Rig().start();
    rig.writeWord('EPAUS', 100);
    rig.write('EFLOCON', 0x02);
    rig.clock.run(30 * MS);
    const gaps = rig.sentAt.slice(1).map((at, i) => at - rig.sentAt[i]!);
    expect(gaps.length).toBeGreaterThan(5);
    expect(Math.max(...gaps)).toBeLessThan(100 * 51.2 * US);
    expect(rig.read('EFLOCON')).toBe(0x06);
  });

  test('FCEN = 11: one pause frame with 0, then 00', () => {
    const rig = new Rig().start();
    rig.write('EFLOCON', 0x02);
    rig.clock.run(MS);
    rig.write('EFLOCON', 0x03);
    rig.clock.run(5000 * MS);
    expect(rig.sent.map((sent) => (sent[16]! << 8) | sent[17]!)).toEqual([0x1000, 0]);
    expect(rig.read('EFLOCON')).toBe(0x04);
  });

  test('FCEN = 00 ends the repetition', () => {
    const rig = new Rig().start();
    rig.writeWord('EPAUS', 100);
    rig.write('EFLOCON', 0x02);
    rig.clock.run(MS);
    rig.write('EFLOCON', 0x00);
    rig.clock.run(100 * MS);
    expect(rig.sent.length).toBe(1);
  });

  test('TXPAUS = 0: none', () => {
    const rig = new Rig().start();
    rig.write('MACON1', 0x01);
    rig.write('EFLOCON', 0x01);
    rig.clock.run(MS);
    expect(rig.sent).toEqual([]);
  });

  test('a pause frame waits for the frame that is on the wire', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, 1500));
    rig.clock.run(100 * US);
    rig.write('EFLOCON', 0x01);
    rig.clock.run(3 * MS);
    expect(rig.sentAt[1]! - rig.sentAt[0]!).toBe(1230.4 * US);
  });
});

describe('10.2 full duplex, the wire', () => {
  test('a frame waits for the pause frame that is on it', () => {
    const rig = new Rig().start();
    rig.write('EFLOCON', 0x01);
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sentAt[1]! - rig.sentAt[0]!).toBe(67.2 * US);
  });
});

describe('10.2 full duplex, obeying', () => {
  test('RXPAUS = 1: a transmission waits units × 51.2 µs', () => {
    const rig = new Rig().start();
    const from = rig.clock.now;
    rig.chip.receive(pause(1000));
    rig.transmit(frame(PEER));
    rig.clock.run(100 * MS);
    expect(rig.sentAt).toEqual([from + 1000 * 51.2 * US]);
  });

  test('a later pause frame replaces the earlier', () => {
    const rig = new Rig().start();
    const from = rig.clock.now;
    rig.chip.receive(pause(10));
    rig.transmit(frame(PEER));
    rig.chip.receive(pause(1000));
    rig.clock.run(100 * MS);
    expect(rig.sentAt).toEqual([from + 1000 * 51.2 * US]);
  });

  test('a pause of 0 ends the wait', () => {
    const rig = new Rig().start();
    rig.chip.receive(pause(0xffff));
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    rig.chip.receive(pause(0));
    rig.clock.run(MS);
    expect(rig.sent.length).toBe(1);
  });

  test.each([
    ['RXPAUS = 0', (rig: Rig) => rig.write('MACON1', 0x01), pause(1000)],
    ['to a stranger', () => undefined, pause(1000, PEER)],
    ['half duplex', (rig: Rig) => rig.write('MACON3', 0x32), pause(1000)],
    ['another opcode', () => undefined, frame(PAUSE_TO, [0, 2, 1, 0], 0x8808)],
  ] as const)('not obeyed: %s', (_, prepare, sent) => {
    const rig = new Rig().start();
    prepare(rig);
    rig.chip.receive(sent);
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sent.length).toBe(1);
  });

  test('a damaged pause frame is not obeyed', () => {
    const rig = new Rig().start();
    rig.write('ERXFCON', 0);
    rig.chip.receive(pause(1000), { badFcs: true });
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sent.length).toBe(1);
  });
});

describe('10.1 half duplex', () => {
  test('FCEN0 = 1 jams the medium: no new packets arrive', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.write('EFLOCON', 0x01);
    rig.chip.receive(frame(BROADCAST));
    expect(rig.read('EPKTCNT')).toBe(0);
    rig.write('EFLOCON', 0x00);
    rig.chip.receive(frame(BROADCAST));
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test('a frame interrupts the jam, and its status vector says so', () => {
    const rig = new Rig().start({ fullDuplex: false });
    rig.write('EFLOCON', 0x01);
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(rig.sent.length).toBe(1);
    expect(rig.transmitStatus()[6]).toBe(0x04);
  });
});
