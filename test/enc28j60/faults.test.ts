// SPDX-License-Identifier: MIT
// Every fault: what the chip does with it, and that it does not do so without it. Errata of DS80349C bear their numbers.

import { describe, expect, test } from 'vitest';
import { B7_FAULTS, Enc28j60, NO_FAULTS } from '../../host/enc28j60/chip.ts';
import type { FaultName, FaultSettings } from '../../host/enc28j60/chip.ts';
import { VirtualClock } from '../../host/net/clock.ts';
import { BROADCAST, frame, MAC, MS, PEER, Rig, US } from './rig.ts';

const TXRTS = 0x08;
const TXRST = 0x80;
const TXERIF = 0x02;

/** A running chip with one fault. */
function faulty<Name extends FaultName>(name: Name, setting: FaultSettings[Name], fullDuplex = true): Rig {
  const rig = new Rig().start({ fullDuplex });
  rig.chip.setFault(name, setting);
  return rig;
}

/** Run a transmission that is aborted by a late collision. */
function abort(rig: Rig): void {
  rig.chip.medium.lateCollision = true;
  rig.transmit(frame(PEER, 100));
  rig.clock.run(MS);
}

/** Transmit a frame after a pulse of TXRST; whether it got out. */
function getsOut(rig: Rig): boolean {
  const before = rig.sent.length;
  rig.transmit(frame(PEER));
  rig.clock.run(MS);
  return rig.sent.length === before + 1 && (rig.read('ECON1') & TXRTS) === 0;
}

function pulse(rig: Rig, bit: number): void {
  rig.set('ECON1', bit);
  rig.clear('ECON1', bit);
}

test('revision B7 shows its deterministic errata unless they are switched off', () => {
  const on = Object.entries(B7_FAULTS).filter(([, setting]) => setting === true);
  expect(on.map(([name]) => name).sort()).toEqual(
    [
      'clkrdy-early',
      'erxst-zero',
      'txrst-sets-txerif',
      'even-erxrdpt',
      'latecol-zero',
      'dma-checksum-drops',
      'src-asleep',
    ].sort(),
  );
  expect(Object.values(NO_FAULTS).every((setting) => setting === false || setting === 0)).toBe(true);
  const chip = new Enc28j60(new VirtualClock());
  chip.select();
  for (const octet of [0x9f, 0x80]) chip.transfer(octet);
  chip.select();
  for (const octet of [0xbf, 0x80]) chip.transfer(octet);
  chip.deselect();
  expect(chip.register('EIR')).toBe(TXERIF); // erratum 12
});

describe('errata', () => {
  test.each([
    ['B4', 7_999_999, true],
    ['B4', 8_000_000, false],
    ['B5', 1_000_000, false],
  ] as const)('1 slow-spi: %s at %i Hz', (revision, spiHz, wrong) => {
    const rig = new Rig({ revision, spiHz, faults: { 'slow-spi': true } });
    rig.clock.run(MS);
    rig.write('MABBIPG', 0x15);
    expect(rig.read('MABBIPG') !== 0x15).toBe(wrong);
    rig.write('ERXFCON', 0x15);
    expect(rig.read('ERXFCON')).toBe(0x15);
  });

  test('2 clkrdy-early: for 1 ms after SRC CLKRDY is 1 and writes to MAC, MII and PHY are lost', () => {
    const rig = faulty('clkrdy-early', true);
    rig.spi(0xff);
    rig.write('MABBIPG', 0x15);
    rig.writePhy(0x10, 0x0100);
    expect([rig.read('ESTAT'), rig.read('MABBIPG'), rig.chip.phyRegister(0x10)]).toEqual([0x01, 0, 0]);
    rig.clock.run(MS);
    rig.write('MABBIPG', 0x15);
    expect(rig.read('MABBIPG')).toBe(0x15);
  });

  test('2 without the fault nothing is lost', () => {
    const rig = new Rig().start();
    rig.spi(0xff);
    rig.write('MABBIPG', 0x15);
    expect(rig.read('MABBIPG')).toBe(0x15);
  });

  test.each([
    [true, 0x0000],
    [false, 0x0400],
  ])('5 erxst-zero %s: with ERXST = 0x0400 the first frame stands at 0x%x', (setting, at) => {
    const rig = faulty('erxst-zero', setting);
    rig.writeWord('ERXST', 0x0400);
    rig.chip.receive(frame(MAC));
    expect([...rig.chip.memory.subarray(at + 6, at + 12)]).toEqual(MAC);
    expect(rig.readWord('ERXWRPT')).toBe(at + 70);
  });

  test('6 pktif-dead: PKTIF reads 0 and INT stays high, though a frame waits', () => {
    const rig = faulty('pktif-dead', true);
    rig.write('EIE', 0xc0);
    rig.chip.receive(frame(MAC));
    expect([rig.read('EPKTCNT'), rig.read('EIR'), rig.chip.int]).toEqual([1, 0, false]);
    rig.chip.setFault('pktif-dead', false);
    expect([rig.read('EIR'), rig.chip.int]).toEqual([0x40, true]);
  });

  test("6 pktif-dead 'int': PKTIF reads 1, INT stays high", () => {
    const rig = faulty('pktif-dead', 'int');
    rig.write('EIE', 0xc0);
    rig.chip.receive(frame(MAC));
    expect([rig.read('EIR'), rig.chip.int]).toEqual([0x40, false]);
  });

  test('12 tx-stall: after an abort TXRTS stays 1 without a flag, until TXRST', () => {
    const rig = faulty('tx-stall', true, false);
    abort(rig);
    rig.clock.run(1000 * MS);
    expect([rig.read('ECON1') & TXRTS, rig.read('EIR')]).toEqual([TXRTS, 0]);
    rig.clear('ECON1', TXRTS);
    expect(rig.read('ECON1') & TXRTS).toBe(TXRTS);
    pulse(rig, TXRST);
    expect(rig.read('ECON1') & TXRTS).toBe(0);
    expect(getsOut(rig)).toBe(true);
  });

  test("12 tx-stall 'flagged': the same with TXERIF", () => {
    const rig = faulty('tx-stall', 'flagged', false);
    abort(rig);
    expect([rig.read('ECON1') & TXRTS, rig.read('EIR')]).toEqual([TXRTS, TXERIF]);
  });

  test("12 tx-stall 'next': the transmission after the abort stalls, unless TXRST came between", () => {
    const rig = faulty('tx-stall', 'next', false);
    abort(rig);
    expect([rig.read('ECON1') & TXRTS, rig.read('EIR')]).toEqual([0, 0x0a]);
    expect(getsOut(rig)).toBe(false);
    pulse(rig, TXRST);
    abort(rig);
    pulse(rig, TXRST);
    expect(getsOut(rig)).toBe(true);
  });

  test('12 tx-stall spares aborts by the host', () => {
    const rig = faulty('tx-stall', true, false);
    rig.transmit(frame(PEER));
    rig.clear('ECON1', TXRTS);
    expect(getsOut(rig)).toBe(true);
  });

  test.each([
    [true, TXERIF],
    [false, 0],
  ])('12 txrst-sets-txerif %s', (setting, expected) => {
    const rig = faulty('txrst-sets-txerif', setting);
    rig.set('ECON1', TXRST);
    expect(rig.read('EIR')).toBe(0);
    rig.clear('ECON1', TXRST);
    expect(rig.read('EIR')).toBe(expected);
  });

  test('13 false-late-collision: half duplex aborts with status bit 29', () => {
    const rig = faulty('false-late-collision', true, false);
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect([rig.sent.length, rig.read('EIR'), rig.transmitStatus()[3]! & 0x20]).toEqual([0, 0x0a, 0x20]);
    expect(getsOut(faulty('false-late-collision', true, true))).toBe(true);
  });

  test('13 false-late-collision by seed: some, and the same ones each time', () => {
    const run = (): boolean[] => {
      const rig = faulty('false-late-collision', 0.5, false);
      return Array.from({ length: 20 }, () => getsOut(rig));
    };
    const outcome = run();
    expect(new Set(outcome).size).toBe(2);
    expect(run()).toEqual(outcome);
  });

  test('14 even-erxrdpt: the header after an even write is corrupted, the one after that is not', () => {
    const rig = faulty('even-erxrdpt', true);
    rig.writeWord('ERXRDPT', 0x1000);
    rig.chip.receive(frame(MAC));
    rig.chip.receive(frame(MAC));
    const first = rig.readMemory(6);
    expect(first).not.toEqual([70, 0, 64, 0, 0xc0, 0]);
    rig.writeWord('ERDPT', 70);
    expect(rig.readMemory(6)).toEqual([140, 0, 64, 0, 0xc0, 0]);
  });

  test('14 even-erxrdpt: an odd write does no harm', () => {
    const rig = faulty('even-erxrdpt', true);
    rig.writeWord('ERXRDPT', 0x1001);
    rig.chip.receive(frame(MAC));
    expect(rig.readMemory(6)).toEqual([70, 0, 64, 0, 0xc0, 0]);
  });

  test('14 even-erxrdpt: an even write before RXEN, as many drivers begin, does no harm', () => {
    const rig = faulty('even-erxrdpt', true);
    rig.clear('ECON1', 0x04);
    rig.writeWord('ERXRDPT', 0);
    rig.set('ECON1', 0x04);
    rig.chip.receive(frame(MAC));
    expect(rig.readMemory(6)).toEqual([70, 0, 64, 0, 0xc0, 0]);
  });

  test('15 latecol-zero: LATECOL stays 0, the status vector tells', () => {
    const rig = faulty('latecol-zero', true, false);
    abort(rig);
    expect([rig.read('ESTAT') & 0x12, rig.transmitStatus()[3]! & 0x20]).toEqual([0x02, 0x20]);
  });

  test('16 pdpxmd-random: after some resets PDPXMD is 1', () => {
    const rig = faulty('pdpxmd-random', true);
    const values = Array.from({ length: 20 }, () => {
      rig.spi(0xff);
      return rig.chip.phyRegister(0x00);
    });
    expect(new Set(values)).toEqual(new Set([0x0000, 0x0100]));
  });

  test.each([
    [true, 0],
    [false, 1],
  ])('17 dma-checksum-drops %s: a frame during a checksum run', (setting, count) => {
    const rig = faulty('dma-checksum-drops', setting);
    rig.writeWord('EDMAST', 0x1a00);
    rig.writeWord('EDMAND', 0x1fff);
    rig.set('ECON1', 0x30);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(count);
  });

  test('17 dma-checksum-drops: a copy drops nothing', () => {
    const rig = faulty('dma-checksum-drops', true);
    rig.writeWord('EDMAST', 0x1a00);
    rig.writeWord('EDMAND', 0x1fff);
    rig.writeWord('EDMADST', 0x1a00);
    rig.set('ECON1', 0x20);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])('18 pattern-leaks %s: a frame that does not match', (setting, count) => {
    const rig = faulty('pattern-leaks', setting);
    rig.write('ERXFCON', 0x30);
    rig.writeWord('EPMCS', 0x1234);
    rig.chip.receive(frame(BROADCAST));
    expect(rig.read('EPKTCNT')).toBe(count);
  });

  test.each([
    [true, 0x12],
    [false, 0xa1],
  ])('19 src-asleep %s: SRC while PWRSV = 1', (setting, expected) => {
    const rig = faulty('src-asleep', setting);
    rig.write('ERXFCON', 0x12);
    rig.set('ECON2', 0x20);
    rig.spi(0xff);
    expect(rig.read('ERXFCON')).toBe(expected);
  });
});

describe('field failures', () => {
  test.each([true, false])(
    'tx-stall-silent, full duplex %s: neither end nor flag nor frame, until TXRST',
    (duplex) => {
      const rig = faulty('tx-stall-silent', true, duplex);
      rig.transmit(frame(PEER));
      rig.clock.run(10_000 * MS);
      expect([rig.sent.length, rig.read('ECON1') & TXRTS, rig.read('EIR')]).toEqual([0, TXRTS, 0]);
      rig.chip.setFault('tx-stall-silent', false);
      pulse(rig, TXRST);
      expect(getsOut(rig)).toBe(true);
    },
  );

  test('tx-stall-silent, triggered: the next transmission alone', () => {
    const rig = new Rig().start();
    rig.chip.trigger('tx-stall-silent');
    expect(getsOut(rig)).toBe(false);
    pulse(rig, TXRST);
    expect(getsOut(rig)).toBe(true);
  });

  test.each([
    [true, 1],
    ['src' as const, 0],
  ])('deaf-after-overflow %s: RXRST gives %i frames', (setting, count) => {
    const rig = faulty('deaf-after-overflow', setting);
    for (let i = 0; i < 5; i++) rig.chip.receive(frame(MAC, 1500));
    for (let i = 0; i < 4; i++) rig.take();
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(0);
    pulse(rig, 0x40);
    rig.set('ECON1', 0x04);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(count);
    rig.spi(0xff);
    rig.start();
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test.each([
    ['zero', (next: number, count: number) => next === 0 && count === 64],
    ['odd', (next: number) => next % 2 === 1],
    ['outside', (next: number) => next > 0x19ff && next % 2 === 0],
    ['length', (next: number, count: number) => next === 70 && count > 1518],
    [
      'mismatch',
      (next: number, count: number) => next % 2 === 0 && next <= 0x19ff && next !== 70 && count === 64,
    ],
  ] as const)('ring-garbage %s', (kind, matches) => {
    const rig = faulty('ring-garbage', kind);
    rig.chip.receive(frame(MAC));
    const [low, high, countLow, countHigh] = rig.readMemory(6);
    expect(matches(low! | (high! << 8), countLow! | (countHigh! << 8))).toBe(true);
    // What the chip itself knows of the ring is right.
    expect(rig.readWord('ERXWRPT')).toBe(70);
  });

  test('ring-garbage, triggered: the next header alone', () => {
    const rig = new Rig().start();
    rig.chip.trigger('ring-garbage');
    rig.chip.receive(frame(MAC));
    rig.chip.receive(frame(MAC));
    expect(rig.readMemory(6)).not.toEqual([70, 0, 64, 0, 0xc0, 0]);
    rig.writeWord('ERDPT', 70);
    expect(rig.readMemory(6)).toEqual([140, 0, 64, 0, 0xc0, 0]);
  });

  test.each([
    [1, 2],
    [-1, 0],
  ] as const)('count-drift %i', (drift, count) => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC));
    rig.chip.trigger('count-drift', drift);
    expect(rig.read('EPKTCNT')).toBe(count);
    expect(rig.read('EIR')).toBe(count > 0 ? 0x40 : 0);
  });

  test('count-full: 255 frames wait, and each PKTDEC takes one', () => {
    const rig = new Rig().start();
    rig.chip.trigger('count-full');
    for (let i = 0; i < 254; i++) rig.set('ECON2', 0x40);
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test.each(['kept', 'scrambled'] as const)(
    'brown-out, memory %s: all registers at their reset values',
    (memory) => {
      const rig = new Rig().start();
      rig.chip.memory.fill(0x5a);
      rig.chip.trigger('brown-out', memory);
      expect([rig.read('ECON1'), rig.readWord('ERXST'), rig.chip.phyRegister(0x10)]).toEqual([0, 0x05fa, 0]);
      expect(rig.chip.memory.every((octet) => octet === 0x5a)).toBe(memory === 'kept');
    },
  );

  test('register-flip: the bit that is named', () => {
    const rig = new Rig().start();
    rig.chip.trigger('register-flip', { register: 'ERXFCON', bit: 7 });
    expect(rig.read('ERXFCON')).toBe(0x21);
  });

  test('register-flip: the pin follows', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC));
    rig.write('EIE', 0x40);
    rig.chip.trigger('register-flip', { register: 'EIE', bit: 7 });
    expect(rig.chip.int).toBe(true);
  });

  test('register-flip: else one bit of one register that matters', () => {
    const rig = new Rig().start();
    const names = [
      'ECON1',
      'ERXSTH',
      'ERXNDL',
      'ERXNDH',
      'MAADR1',
      'MAADR6',
      'ERXFCON',
      'MACON1',
      'MACON3',
    ] as const;
    const before = names.map((name) => rig.chip.register(name));
    rig.chip.trigger('register-flip');
    const changed = names
      .map((name, i) => rig.chip.register(name) ^ before[i]!)
      .filter((change) => change !== 0);
    expect(changed.length).toBe(1);
    expect(Math.log2(changed[0]!) % 1).toBe(0);
  });

  test('link-flap: down, and up again, and PLNKIF tells', () => {
    const rig = new Rig().start();
    rig.chip.trigger('link-flap', 5 * MS);
    expect(rig.chip.linkUp).toBe(false);
    rig.clock.run(5 * MS);
    expect(rig.chip.linkUp).toBe(true);
    expect(rig.chip.phyRegister(0x13)).toBe(0x10);
  });

  test('mii-stuck: BUSY does not fall before a reset', () => {
    const rig = new Rig().start();
    rig.chip.trigger('mii-stuck');
    rig.readPhy(0x02);
    rig.clock.run(1000 * MS);
    expect(rig.read('MISTAT')).toBe(0x01);
    rig.spi(0xff);
    rig.clock.run(2 * MS);
    expect(rig.readPhy(0x02)).toBe(0x0083);
  });
});

describe('the bus and the pins', () => {
  test('spi-noise: errors both ways, the same ones for the same seed', () => {
    const run = (seed: number): number[] => {
      const rig = new Rig({ seed });
      rig.clock.run(MS);
      rig.chip.setFault('spi-noise', 0.05);
      rig.chip.select();
      const octets = [0x7a, ...new Array<number>(500).fill(0)].map((octet) => rig.chip.transfer(octet));
      rig.chip.deselect();
      return [...octets, ...rig.chip.memory.subarray(0, 500)];
    };
    const outcome = run(3);
    const onMiso = outcome.slice(1, 501).filter((octet) => octet !== 0xff).length;
    const onMosi = outcome.slice(501).filter((octet) => octet !== 0).length;
    expect([onMiso, onMosi].every((errors) => errors > 5 && errors < 60)).toBe(true);
    expect(run(3)).toEqual(outcome);
  });

  test.each([0x00, 0xff] as const)('miso-stuck: every read gives 0x%x, until it ends', (value) => {
    const rig = faulty('miso-stuck', value);
    expect([rig.read('ERXFCON'), rig.read('EREVID'), ...rig.readMemory(2)]).toEqual([
      value,
      value,
      value,
      value,
    ]);
    rig.write('ERXFCON', 0x11);
    rig.chip.setFault('miso-stuck', false);
    expect(rig.read('ERXFCON')).toBe(0x11);
  });

  test('power-up-garbage: reads are random for the first ms', () => {
    const rig = new Rig({ faults: { 'power-up-garbage': true } });
    const values = Array.from({ length: 50 }, () => rig.read('EREVID'));
    expect(new Set(values).size).toBeGreaterThan(10);
    rig.clock.run(MS);
    expect(rig.read('EREVID')).toBe(0x06);
  });

  test('int-lost: one assertion is missing, the flag is not', () => {
    const rig = new Rig().start();
    let edges = 0;
    rig.chip.onInt = () => edges++;
    rig.write('EIE', 0xc0);
    rig.chip.trigger('int-lost');
    rig.chip.receive(frame(MAC));
    expect([rig.chip.int, edges, rig.read('EIR')]).toEqual([false, 0, 0x40]);
    rig.take();
    rig.chip.receive(frame(MAC));
    expect([rig.chip.int, edges]).toEqual([true, 1]);
  });

  test('int-stuck: INT is low for ever', () => {
    const rig = faulty('int-stuck', true);
    expect([rig.chip.int, rig.read('EIR')]).toEqual([true, 0]);
    rig.chip.setFault('int-stuck', false);
    expect(rig.chip.int).toBe(false);
  });

  test('a frame may arrive in the 10 µs of an MII access', () => {
    const rig = new Rig().start();
    rig.clock.at(rig.clock.now + 5 * US, () => rig.chip.receive(frame(MAC)));
    rig.readPhy(0x11);
    expect(rig.read('EPKTCNT')).toBe(1);
  });
});
