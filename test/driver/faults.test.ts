// SPDX-License-Identifier: MIT
// What the driver does when the chip or the bus misbehaves: errata sheet DS80349C and failures seen in the field, each a
// fault of the simulator. After every one of them frames must flow again, both ways, within a stated time.

import { afterEach, describe, expect, test } from 'vitest';
import type { Garbage } from '../../host/enc28j60/faults.ts';
import type { RegisterName } from '../../host/enc28j60/registers.ts';
import { differences, frameIn, frameOut, readyRig, rig } from './rig.ts';
import type { Rig, RigOptions } from './rig.ts';

let bench: Rig;
let expectedViolations: string[] = [];

const ready = async (options: RigOptions = {}): Promise<Rig> => (bench = await readyRig(options));
const fresh = async (options: RigOptions = {}): Promise<Rig> => (bench = await rig(options));

afterEach(() => {
  expect(bench.chip.violations.map(({ rule }) => rule)).toEqual(expectedViolations);
  expectedViolations = [];
});

/** Ten frames each way, the last of them within `ms`; nothing else comes out. */
function expectTraffic(ms = 100): void {
  bench.run(1);
  bench.received.length = 0;
  bench.sent.length = 0;
  const incoming = Array.from({ length: 10 }, (_, i) => frameIn(200 + 100 * i, i));
  const outgoing = Array.from({ length: 10 }, (_, i) => frameOut(1400 - 100 * i, i));
  for (const frame of outgoing) bench.send(frame);
  for (const frame of incoming) {
    bench.chip.receive(frame);
    bench.run(ms / 10);
  }
  expect(differences(bench.received, incoming)).toEqual([]);
  expect(differences(bench.sent, outgoing)).toEqual([]);
}

/** Let traffic flow for `ms`, a frame each way every 2 ms, whatever becomes of it. */
function traffic(ms: number): void {
  for (let i = 0; i < ms / 2; i++) {
    bench.chip.receive(frameIn(60 + ((i * 97) % 1400), i));
    if (bench.unsent < 4) bench.send(frameOut(60 + ((i * 89) % 1400), i));
    bench.run(2);
  }
}

/** One SPI command from the side, behind the driver's back. */
function spi(...octets: number[]): void {
  bench.chip.select();
  for (const octet of octets) bench.chip.transfer(octet);
  bench.chip.deselect();
}

/** From now on what is read from buffer memory passes through `spoil`. */
function spoilReads(spoil: (octet: number) => number): void {
  const { chip } = bench;
  const select = chip.select.bind(chip);
  const transfer = chip.transfer.bind(chip);
  let place = 0;
  let reading = false;
  chip.select = () => {
    place = 0;
    select();
  };
  chip.transfer = (octet) => {
    if (place++ === 0) reading = octet === 0x3a;
    const answer = transfer(octet);
    return reading && place > 1 ? spoil(answer) : answer;
  };
}

describe('start', () => {
  test.each(['B1', 'B4', 'B5', 'B7'] as const)('revision %s', async (revision) => {
    await ready({ revision });
    expectTraffic();
  });

  test('erratum 1, slow-spi: registers that do not read back are no chip; nothing is sent through it', async () => {
    await fresh({ revision: 'B1', spiHz: 4_000_000, faults: { 'slow-spi': true } });
    bench.run(5_000);
    expect(bench.isReady).toBe(false);
    expect(bench.counters).toEqual({ LinkNoChip: 5 });
  });

  test('memory that does not give back what was written is no chip', async () => {
    await fresh();
    spoilReads((octet) => octet | 0x20);
    bench.run(3_000);
    expect(bench.counters).toEqual({ LinkNoChip: 3 });
  });

  test('a block that reads back wrong now and then is tried again', async () => {
    await fresh();
    let octets = 0;
    spoilReads((octet) => (++octets % 3_000 === 0 ? octet ^ 0x20 : octet));
    expect(bench.until(() => bench.isReady, 100)).toBe(true);
    expect(bench.counters).toEqual({});
  });

  test('erratum 2, clkrdy-early: the driver waits after its reset, whatever CLKRDY says', async () => {
    await ready({ faults: { 'clkrdy-early': true } });
    expect(bench.clock.now).toBeGreaterThan(2_000_000);
    expectTraffic();
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'erratum 16, pdpxmd-random: MAC and PHY agree, seed %d',
    async (seed) => {
      await ready({ seed, faults: { 'pdpxmd-random': true }, fullDuplex: seed % 2 === 0 });
      expect(bench.chip.phyRegister(0) & 0x0100).toBe(seed % 2 === 0 ? 0x0100 : 0);
      expectTraffic();
    },
  );

  test('erratum 19, src-asleep: a chip in power save is woken before it is reset', async () => {
    await ready();
    spi(0x80 | 0x1e, 0x20);
    bench.call.start!(bench.nowMs);
    expect(bench.isUp).toBe(false);
    expect(bench.until(() => bench.isUp, 100)).toBe(true);
    expectTraffic();
  });

  test.each([1, 2, 3, 4, 5])('power-up-garbage, seed %d: starts anyway', async (seed) => {
    await ready({ seed, faults: { 'power-up-garbage': true } });
    expectTraffic();
  });

  test.each([0xff, 0x00] as const)(
    'miso-stuck at %d from the start: named, bounded, and over when it ends',
    async (value) => {
      await fresh({ faults: { 'miso-stuck': value } });
      bench.run(10_000);
      expect(bench.counters).toEqual({ LinkNoChip: 10 });
      expect(bench.stats.octets).toBeLessThan(500);
      bench.chip.setFault('miso-stuck', false);
      expect(bench.until(() => bench.isUp, 1_200)).toBe(true);
      expectTraffic();
    },
  );
});

describe('reception', () => {
  test.each([true, 'int'] as const)(
    'erratum 6, pktif-dead (%s): no frame waits longer than 20 ms',
    async (fault) => {
      await ready();
      bench.run(100);
      bench.chip.setFault('pktif-dead', fault);
      for (let i = 0; i < 20; i++) {
        const before = bench.received.length;
        bench.chip.receive(frameIn(100, i));
        expect(bench.until(() => bench.received.length > before, 21)).toBe(true);
      }
    },
  );

  test('erratum 14, even-erxrdpt: never written; forced from the side, the check of the ring finds the damage', async () => {
    await ready();
    bench.run(20);
    spi(0xa0 | 0x1f, 0x03); // bank 0
    spi(0x40 | 0x0c, 0xfe);
    spi(0x40 | 0x0d, 0x13);
    spi(0x80 | 0x1f, 0x01);
    bench.chip.receive(frameIn(100, 1));
    bench.run(50);
    expect(bench.received).toEqual([]);
    expect(bench.count('LinkRingReset') + bench.count('LinkRxBad')).toBe(1);
    expectTraffic();
    expectedViolations = ['even ERXRDPT'];
  });

  test.each(['zero', 'odd', 'outside', 'length', 'mismatch'] satisfies Garbage[])(
    'ring-garbage (%s): the ring is emptied, no octet of the frame is delivered',
    async (kind) => {
      await ready();
      traffic(50); // not at the ring's start, where a next pointer of 0 could be right
      const before = bench.received.length;
      bench.chip.setFault('ring-garbage', kind);
      bench.chip.receive(frameIn(100, 1));
      bench.chip.setFault('ring-garbage', false);
      bench.run(50);
      expect(bench.received.length).toBe(before);
      expect(bench.count('LinkRingReset')).toBe(1);
      expectTraffic();
    },
  );

  test.each([
    ['received OK not set', 0x00],
    ['a CRC error', 0x90],
  ])('a status vector with %s: that frame is left out, the next one is not', async (_, status) => {
    await ready();
    bench.chip.receive(frameIn(101, 1));
    bench.chip.memory[4] = status;
    bench.chip.receive(frameIn(100, 2));
    bench.run(50);
    expect(bench.received).toEqual([frameIn(100, 2)]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxBad: 1, LinkRxFrames: 1 });
  });

  test('a byte count above MAMXFL, though next pointer and count agree: the ring is emptied', async () => {
    await ready();
    bench.chip.receive(frameIn(100, 1));
    new DataView(bench.chip.memory.buffer).setUint32(0, (1520 << 16) | (6 + 1520), true);
    bench.run(50);
    expect(bench.received).toEqual([]);
    expect(bench.count('LinkRingReset')).toBe(1);
    expectTraffic();
  });

  test('a byte count below 64, though next pointer and count agree: that frame is left out', async () => {
    await ready();
    bench.chip.receive(frameIn(60, 1));
    new DataView(bench.chip.memory.buffer).setUint32(0, (63 << 16) | (6 + 64), true);
    bench.run(50);
    expect(bench.received).toEqual([]);
    expect(bench.count('LinkRxBad')).toBe(1);
    bench.run(50);
    expectTraffic();
  });

  test('a header that was read wrong once is read again, and nothing is lost', async () => {
    await ready();
    bench.run(20);
    bench.chip.receive(frameIn(100, 1));
    bench.chip.memory[0]! ^= 0x10;
    const polls = bench.polls;
    bench.until(() => bench.polls > polls, 1);
    bench.chip.memory[0]! ^= 0x10;
    bench.run(30);
    expect(bench.received).toEqual([frameIn(100, 1)]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 1 });
  });

  test('a ring that overflows while it is empty is emptied', async () => {
    await ready();
    bench.run(20);
    spi(0xa0 | 0x1f, 0x03); // bank 0; ERXRDPT right behind ERXWRPT leaves no room
    spi(0x40 | 0x0c, 0x01);
    spi(0x40 | 0x0d, 0x00);
    spi(0x80 | 0x1f, 0x01);
    bench.chip.receive(frameIn(100, 1));
    bench.run(25);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxOverflow: 1 });
    bench.chip.receive(frameIn(100, 1));
    bench.run(25);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxOverflow: 2, LinkRingReset: 1 });
    expectTraffic();
  });

  test('ring-garbage twice within a second: a new start', async () => {
    await ready();
    bench.chip.setFault('ring-garbage', 'mismatch');
    bench.chip.receive(frameIn(100, 1));
    bench.run(50);
    bench.chip.receive(frameIn(100, 1));
    bench.run(50);
    bench.chip.setFault('ring-garbage', false);
    expect(bench.counters).toMatchObject({ LinkRingReset: 2, LinkReinit: 1 });
    bench.until(() => bench.isUp, 200);
    expectTraffic();
  });

  test.each([1, -1] as const)(
    'count-drift by %d: the ring is emptied, nothing comes twice',
    async (drift) => {
      await ready();
      traffic(100);
      bench.chip.receive(frameIn(122, 1));
      bench.chip.trigger('count-drift', drift);
      bench.run(1_100);
      expect(bench.count('LinkRingReset')).toBe(1);
      expect(bench.received.length).toBeLessThanOrEqual(51);
      expectTraffic();
    },
  );

  test('count-drift in a ring whose last lap left the same frames at the same places', async () => {
    await ready();
    const frames = Array.from({ length: 100 }, (_, i) => frameIn(118, i)); // 128 octets each in the ring: 40 a lap
    for (const frame of frames) {
      bench.chip.receive(frame);
      bench.run(1);
    }
    bench.chip.trigger('count-drift', 1);
    bench.run(1_100);
    expect(differences(bench.received, frames)).toEqual([]);
    expect(bench.count('LinkRingReset')).toBe(1);
    expectTraffic();
  });

  test('count-full: drained without a roll-over', async () => {
    await ready();
    traffic(20);
    bench.chip.trigger('count-full');
    bench.run(50);
    expect(bench.chip.register('EPKTCNT')).toBe(0);
    expectTraffic();
  });

  test.each([true, 'src'] as const)('deaf-after-overflow (%s): heard again', async (fault) => {
    await ready({ faults: { 'deaf-after-overflow': fault } });
    bench.run(100);
    for (let i = 0; i < 5; i++) bench.chip.receive(frameIn(1514, i));
    const limit = fault === 'src' ? 20_000 : 2_500;
    bench.run(limit);
    expect(bench.counters).toMatchObject({ LinkRxOverflow: 1, LinkRingReset: 1 });
    expect(bench.isUp).toBe(true);
    expectTraffic();
  });

  test('an overflow that leaves the chip in order costs nothing but the frames', async () => {
    await ready();
    for (let n = 0; n < 20; n++) {
      for (let i = 0; i < 5; i++) bench.chip.receive(frameIn(1514, i));
      bench.run(200);
    }
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 60, LinkRxOverflow: 20 });
    expectTraffic();
  });
});

describe('transmission', () => {
  test.each([true, 'flagged'] as const)(
    'erratum 12, tx-stall (%s): the frame goes out within the bound',
    async (fault) => {
      await ready();
      bench.chip.setFault('tx-stall', fault);
      bench.chip.trigger('false-late-collision');
      bench.send(frameOut(500, 1));
      bench.send(frameOut(500, 2));
      bench.run(120);
      expect(bench.sent.slice(-2)).toEqual([frameOut(500, 1), frameOut(500, 2)]);
      expect(bench.count(fault === true ? 'LinkTxTimeout' : 'LinkTxStalled')).toBe(1);
      expectTraffic();
    },
  );

  test.each([false, true])(
    'tx-stall-silent, full duplex %s: the frame goes out within the bound',
    async (fullDuplex) => {
      await ready({ fullDuplex });
      bench.chip.trigger('tx-stall-silent');
      bench.send(frameOut(500, 1));
      bench.run(fullDuplex ? 30 : 80);
      expect(bench.sent).toEqual([frameOut(500, 1)]);
      expect(bench.count('LinkTxTimeout')).toBe(1);
      expectTraffic();
    },
  );

  test.each([false, true])(
    'a transmitter that never works, full duplex %s: a new start each second, not more',
    async (fullDuplex) => {
      await ready({ fullDuplex, faults: { 'tx-stall-silent': true } });
      for (let i = 0; i < 100; i++) {
        if (bench.unsent === 0) bench.send(frameOut(500, i));
        bench.run(100);
      }
      expect(bench.sent).toEqual([]);
      expect(bench.count('LinkReinit')).toBeGreaterThan(4);
      expect(bench.count('LinkReinit')).toBeLessThan(12);
      bench.chip.setFault('tx-stall-silent', false);
      bench.run(2_000);
      expectTraffic();
    },
  );

  test('erratum 12, txrst-sets-txerif: not taken for an abort', async () => {
    await ready({ faults: { 'txrst-sets-txerif': true } });
    expectTraffic();
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 10, LinkTxFrames: 10 });
  });

  test('a TXERIF that belongs to no frame is cleared: INT does not stay asserted', async () => {
    await ready();
    bench.run(10);
    spi(0x80 | 0x1f, 0x80);
    spi(0xa0 | 0x1f, 0x80); // a reset of the transmitter that the driver knows nothing of
    expect(bench.chip.int).toBe(true);
    bench.run(1);
    expect(bench.chip.int).toBe(false);
  });

  test('errata 13 and 15, false-late-collision: sent again, in order', async () => {
    await ready({ faults: { 'false-late-collision': 0.5, 'latecol-zero': true } });
    const frames = Array.from({ length: 50 }, (_, i) => frameOut(60 + 20 * i, i));
    for (const frame of frames) bench.send(frame);
    bench.run(300);
    // The simulator shows each attempt; a frame's last one is the good one.
    const last = bench.sent.filter(
      (frame, i) => bench.sent[i + 1] === undefined || Buffer.compare(frame, bench.sent[i + 1]!) !== 0,
    );
    expect(differences(last, frames)).toEqual([]);
    expect(bench.count('LinkTxFrames')).toBe(50);
    expect(bench.count('LinkLateCollision')).toBeGreaterThan(20);
    expect(bench.count('LinkTxAborted')).toBe(0);
  });

  test('erratum 13: a frame that collides for ever is given up after 16 resends, and the next one goes', async () => {
    await ready({ faults: { 'false-late-collision': true } });
    bench.send(frameOut(500, 1));
    bench.until(() => bench.count('LinkTxAborted') === 1, 100);
    expect(bench.count('LinkLateCollision')).toBe(17);
    bench.chip.setFault('false-late-collision', false);
    expectTraffic();
  });

  test('an abort that only the next send sees is not taken for a success', async () => {
    await ready();
    bench.run(10);
    bench.stop();
    bench.chip.trigger('false-late-collision');
    bench.compose(frameOut(100, 1));
    bench.run(1);
    bench.compose(frameOut(100, 2));
    for (let i = 0; i < 3; i++) {
      bench.call.poll!(bench.nowMs);
      bench.run(1);
    }
    expect(bench.sent.slice(-2)).toEqual([frameOut(100, 1), frameOut(100, 2)]);
    expect(bench.count('LinkLateCollision')).toBe(1);
  });

  test('a back-off longer than the deadline is cut short, and the frame sent again', async () => {
    await ready();
    bench.chip.medium.collisions = 15;
    bench.send(frameOut(500, 1));
    bench.run(400);
    expect(bench.count('LinkTxFrames')).toBe(1);
    expectTraffic();
  });

  test('an abort while a received frame is in hand does not disturb it', async () => {
    await ready({ faults: { 'false-late-collision': 0.3 } });
    const frames = Array.from({ length: 200 }, (_, i) => frameIn(60 + ((i * 97) % 1400), i));
    for (const [i, frame] of frames.entries()) {
      if (bench.unsent < 3) bench.send(frameOut(300, i));
      bench.chip.receive(frame);
      bench.run(2);
    }
    expect(differences(bench.received, frames)).toEqual([]);
    expect(bench.count('LinkLateCollision')).toBeGreaterThan(30);
  });
});

describe('the running chip', () => {
  test.each(['kept', 'scrambled'] as const)(
    'brown-out, memory %s: a new start at the next audit',
    async (detail) => {
      await ready();
      traffic(100);
      bench.chip.trigger('brown-out', detail);
      bench.run(1_200);
      expect(bench.counters).toMatchObject({ LinkAuditFailed: 1, LinkReinit: 1, LinkDown: 1, LinkUp: 2 });
      expect(bench.isUp).toBe(true);
      expectTraffic();
      expectedViolations = bench.chip.violations.map(({ rule }) => rule); // of the frames sent before the audit
    },
  );

  test('frames composed before a new start are not sent after it', async () => {
    await ready();
    bench.run(10);
    bench.stop();
    bench.compose(frameOut(1514, 1));
    bench.compose(frameOut(1514, 2));
    bench.call.start!(bench.nowMs);
    bench.resume();
    bench.until(() => bench.isUp, 100);
    bench.send(frameOut(100, 3));
    bench.run(50);
    expect(bench.sent).toEqual([frameOut(1514, 1), frameOut(100, 3)]); // the first was on the wire
    expect(bench.chip.int).toBe(false);
    expectTraffic();
  });

  const flips: [RegisterName, number][] = [
    ['ECON1', 0],
    ['ECON1', 1],
    ['ECON1', 2],
    ['ECON2', 7],
    ['EIE', 7],
    ['EIE', 6],
    ['ERXSTH', 2],
    ['ERXNDL', 5],
    ['ERXNDH', 3],
    ['ETXSTL', 1],
    ['ERXFCON', 7],
    ['ERXFCON', 0],
    ['MACON1', 0],
    ['MACON3', 0],
    ['MACON3', 4],
    ['MACON4', 6],
    ['MABBIPG', 2],
    ['MAMXFLH', 2],
    ['EFLOCON', 0],
    ...Array.from({ length: 6 }, (_, i): [RegisterName, number] => [`MAADR${i + 1}` as RegisterName, i]),
  ];
  test.each(flips)('register-flip of %s bit %d: found by the audit', async (register, bit) => {
    await ready();
    bench.run(100);
    bench.chip.trigger('register-flip', { register, bit });
    bench.run(1_200);
    expect(bench.isUp).toBe(true);
    if (register !== 'ECON1') expect(bench.counters).toMatchObject({ LinkAuditFailed: 1, LinkReinit: 1 });
    expectTraffic();
    // Until the audit the chip may see what it should not: wrong duplex, for one.
    expectedViolations = bench.chip.violations.map(({ rule }) => rule);
  });

  test.each([
    ['PHCON1', 0x00, 0x0100],
    ['PHCON2', 0x10, 0x0000],
  ])('%s changed: found by the audit', async (_, register, value) => {
    await ready();
    bench.run(100);
    spi(0xa0 | 0x1f, 0x03);
    spi(0x80 | 0x1f, 0x02); // bank 2
    spi(0x40 | 0x14, register);
    spi(0x40 | 0x16, value & 0xff);
    spi(0x40 | 0x17, value >> 8);
    spi(0xa0 | 0x1f, 0x03);
    spi(0x80 | 0x1f, 0x01); // bank 1, where it was
    bench.run(1_200);
    expect(bench.counters).toEqual({ LinkAuditFailed: 1, LinkReinit: 1, LinkDown: 1, LinkUp: 2 });
    expectTraffic();
    expectedViolations = bench.chip.violations.map(({ rule }) => rule);
  });

  test.each(flips)('register-flip of %s bit %d under load', async (register, bit) => {
    await ready();
    traffic(50);
    bench.chip.trigger('register-flip', { register, bit });
    traffic(3_000);
    bench.run(1_500);
    expect(bench.isUp).toBe(true);
    expectTraffic();
    expectedViolations = bench.chip.violations.map(({ rule }) => rule);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'spi-noise on one octet in a thousand, seed %d: frames flow when it ends',
    async (seed) => {
      await ready({ seed });
      bench.chip.setFault('spi-noise', 0.001);
      traffic(1_000);
      bench.chip.setFault('spi-noise', 0);
      bench.run(3_000);
      expect(bench.until(() => bench.isUp, 2_000)).toBe(true);
      expectTraffic();
      expectedViolations = bench.chip.violations.map(({ rule }) => rule);
    },
  );

  test.each([1, 2, 3])(
    'spi-noise on one octet in a hundred thousand, seed %d: bring-up ends, most frames arrive',
    async (seed) => {
      await fresh({ seed, faults: { 'spi-noise': 1e-5 } });
      expect(bench.until(() => bench.isUp, 3_000)).toBe(true);
      traffic(4_000);
      expect(bench.received.length).toBeGreaterThan(1_700);
      expectedViolations = bench.chip.violations.map(({ rule }) => rule);
    },
  );

  test.each([0xff, 0x00] as const)(
    'miso-stuck at %d: named, bounded, and over when it ends',
    async (value) => {
      await ready();
      traffic(100);
      bench.chip.setFault('miso-stuck', value);
      const { octets } = bench.stats;
      bench.run(10_000);
      expect(bench.isUp).toBe(false);
      expect(bench.counters).toMatchObject({ LinkReinit: 1 });
      expect(bench.count('LinkNoChip')).toBeGreaterThan(7);
      expect(bench.stats.octets - octets).toBeLessThan(5_000);
      bench.chip.setFault('miso-stuck', false);
      expect(bench.until(() => bench.isUp, 1_200)).toBe(true);
      expectTraffic();
    },
  );

  test('int-lost: the timer takes over', async () => {
    await ready();
    bench.chip.setFault('int-lost', true);
    for (let i = 0; i < 10; i++) {
      bench.chip.receive(frameIn(100, i));
      bench.run(21);
    }
    expect(bench.received.length).toBe(10);
  });

  test('int-stuck: the host polls without end, and the driver stays right', async () => {
    await ready();
    bench.chip.setFault('int-stuck', true);
    expectTraffic();
    bench.chip.setFault('int-stuck', false);
    expectTraffic();
  });

  test('an MII that is still busy at the next poll is looked at again', async () => {
    await ready();
    bench.run(100);
    bench.stop();
    const now = bench.nowMs + 2_000;
    for (let ms = 0; ms < 4; ms++) bench.call.poll!(now + ms); // no time passes for the chip
    bench.resume();
    bench.run(3_000);
    expect(bench.counters).toEqual({ LinkUp: 1 });
    expectTraffic();
  });

  test('mii-stuck while running: counted, a new start', async () => {
    await ready();
    bench.chip.trigger('mii-stuck');
    bench.run(1_500);
    expect(bench.counters).toMatchObject({ LinkMiiTimeout: 1, LinkReinit: 1 });
    expect(bench.isUp).toBe(true);
    expectTraffic();
  });

  test('mii-stuck for ever: a new start each second, not more', async () => {
    await fresh({ faults: { 'mii-stuck': true } });
    bench.run(10_000);
    expect(bench.isReady).toBe(false);
    expect(bench.count('LinkMiiTimeout')).toBeGreaterThan(7);
    expect(bench.count('LinkMiiTimeout')).toBeLessThan(12);
    bench.chip.setFault('mii-stuck', false);
    expect(bench.until(() => bench.isUp, 1_200)).toBe(true);
    expectTraffic();
  });
});

test('the clock wraps: timers and audit go on', async () => {
  await ready({ epochMs: -2_000 });
  traffic(4_000);
  bench.chip.trigger('brown-out', 'kept');
  bench.run(1_200);
  expect(bench.counters).toMatchObject({ LinkAuditFailed: 1, LinkReinit: 1 });
  expectTraffic();
  expectedViolations = bench.chip.violations.map(({ rule }) => rule);
});

describe('the link', () => {
  test('going down and up is seen and counted', async () => {
    await ready();
    bench.chip.linkUp = false;
    expect(bench.until(() => !bench.isUp, 150)).toBe(true);
    bench.chip.linkUp = true;
    expect(bench.until(() => bench.isUp, 150)).toBe(true);
    expect(bench.counters).toEqual({ LinkUp: 2, LinkDown: 1 });
    expectTraffic();
  });

  test('link-flap: LINKIF is cleared, traffic goes on', async () => {
    await ready();
    for (let i = 0; i < 5; i++) {
      bench.chip.trigger('link-flap');
      bench.run(200);
      expect(bench.chip.register('EIR') & 0x10).toBe(0);
    }
    expectTraffic();
  });

  test('a start without a partner: up when one comes', async () => {
    await fresh();
    bench.chip.linkUp = false;
    bench.run(2_000);
    expect([bench.isReady, bench.isUp]).toEqual([true, false]);
    bench.chip.linkUp = true;
    expect(bench.until(() => bench.isUp, 150)).toBe(true);
    expectTraffic();
  });
});

describe('silence', () => {
  test('frames unanswered: a new ring after 3 s, a new start after 16 s, then with ever more patience', async () => {
    await ready();
    bench.run(100);
    for (let i = 0; i < 4; i++) bench.send(frameOut(100, i));
    bench.run(2_500);
    expect(bench.count('LinkRingReset')).toBe(0);
    bench.run(1_600);
    expect(bench.counters).toMatchObject({ LinkRingReset: 1 });
    bench.run(17_000);
    expect(bench.counters).toMatchObject({ LinkRingReset: 1, LinkReinit: 1 });
    bench.run(300_000);
    expect(bench.count('LinkReinit')).toBeLessThan(5);
    expectTraffic();
  });

  test('the last words of a conversation are no reason', async () => {
    await ready();
    for (let i = 0; i < 3; i++) bench.send(frameOut(100, i));
    bench.run(100_000);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkTxFrames: 3 });
  });

  test('after an overflow silence is suspect, but not for ever', async () => {
    await ready();
    for (let i = 0; i < 5; i++) bench.chip.receive(frameIn(1514, i));
    bench.run(300_000);
    expect(bench.counters).toMatchObject({ LinkRxOverflow: 1, LinkRingReset: 1, LinkReinit: 1 });
    expectTraffic();
  });
});

test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
  'one fault after the other, seed %d: frames flow in the end',
  async (seed) => {
    await ready({ seed, fullDuplex: seed % 2 === 0 });
    let x = seed;
    const dice = (sides: number): number => ((x = (Math.imul(x, 1103515245) + 12345) >>> 0) % 65521) % sides;
    const strokes: (() => void)[] = [
      () => bench.chip.trigger('count-drift', dice(2) === 0 ? 1 : -1),
      () => bench.chip.trigger('count-full'),
      () => bench.chip.trigger('brown-out', dice(2) === 0 ? 'kept' : 'scrambled'),
      () => bench.chip.trigger('register-flip'),
      () => bench.chip.trigger('link-flap'),
      () => bench.chip.trigger('tx-stall-silent'),
      () => bench.chip.trigger('ring-garbage'),
      () => bench.chip.trigger('mii-stuck'),
      () => bench.chip.trigger('false-late-collision'),
      () => bench.chip.setFault('spi-noise', dice(2) * 0.0005),
      () => bench.chip.setFault('miso-stuck', dice(3) === 0 ? 0xff : false),
      () => bench.chip.setFault('deaf-after-overflow', dice(2) === 0),
    ];
    for (let i = 0; i < 40; i++) {
      strokes[dice(strokes.length)]!();
      traffic(10 + dice(200));
    }
    bench.chip.setFault('spi-noise', 0);
    bench.chip.setFault('miso-stuck', false);
    bench.chip.setFault('deaf-after-overflow', false);
    // What was triggered and has not happened yet happens now, one after the other.
    for (let i = 0; i < 10; i++) {
      traffic(60);
      bench.run(2_000);
    }
    expect(bench.isUp).toBe(true);
    expectTraffic();
    expectedViolations = bench.chip.violations.map(({ rule }) => rule);
  },
);
