// SPDX-License-Identifier: MIT
// Data sheet section 12: which event sets which flag, what clears it, and the level of the INT pin.

import { describe, expect, test } from 'vitest';
import { frame, MAC, MS, PEER, Rig } from './rig.ts';

const INTIE = 0x80;
const PKT = 0x40;
const DMA = 0x20;
const LINK = 0x10;
const TX = 0x08;
const TXER = 0x02;
const RXER = 0x01;

/** What makes each flag rise. */
const EVENTS: [name: string, flag: number, cause: (rig: Rig) => void][] = [
  ['PKTIF', PKT, (rig) => rig.chip.receive(frame(MAC))],
  [
    'DMAIF',
    DMA,
    (rig) => {
      rig.writeWord('EDMAND', 3);
      rig.set('ECON1', 0x20);
      rig.clock.run(MS);
    },
  ],
  [
    'LINKIF',
    LINK,
    (rig) => {
      rig.writePhy(0x12, 0x0012);
      rig.chip.linkUp = false;
    },
  ],
  [
    'TXIF',
    TX,
    (rig) => {
      rig.transmit(frame(PEER));
      rig.clock.run(MS);
    },
  ],
  [
    'TXERIF',
    TXER,
    (rig) => {
      rig.transmit(frame(PEER, 1501));
      rig.clock.run(2 * MS);
    },
  ],
  [
    'RXERIF',
    RXER,
    (rig) => {
      rig.writeWord('ERXRDPT', 9);
      rig.chip.receive(frame(MAC));
    },
  ],
];

describe('12.1 flags', () => {
  test.each(EVENTS)(
    '%s (0x%x): INT is low while the flag, its enable bit and INTIE are set',
    (_, flag, cause) => {
      const rig = new Rig().start();
      rig.write('EIE', INTIE | flag);
      expect(rig.chip.int).toBe(false);
      cause(rig);
      expect(rig.read('EIR') & flag).toBe(flag);
      expect(rig.chip.int).toBe(true);
      rig.clear('EIE', INTIE);
      expect(rig.chip.int).toBe(false);
      rig.set('EIE', INTIE);
      expect(rig.chip.int).toBe(true);
      rig.clear('EIE', flag);
      expect(rig.chip.int).toBe(false);
    },
  );

  test.each(EVENTS)('%s (0x%x) does not drive INT when only the others are enabled', (_, flag, cause) => {
    const rig = new Rig().start();
    rig.write('EIE', INTIE | (0x7b & ~flag & (flag === TXER ? ~TX : 0xff)));
    cause(rig);
    expect(rig.read('EIR') & flag).toBe(flag);
    expect(rig.chip.int).toBe(false);
  });

  test.each([DMA, TX, TXER, RXER])('flag 0x%x is cleared by BFC, and INT rises', (flag) => {
    const rig = new Rig().start();
    rig.write('EIE', INTIE | flag);
    EVENTS.find((event) => event[1] === flag)![2](rig);
    rig.clear('EIR', flag);
    expect([rig.read('EIR') & flag, rig.chip.int]).toEqual([0, false]);
  });

  test('PKTIF is not cleared by BFC but by PKTDEC', () => {
    const rig = new Rig().start();
    rig.write('EIE', INTIE | PKT);
    rig.chip.receive(frame(MAC));
    rig.clear('EIR', PKT);
    expect([rig.read('EIR'), rig.chip.int]).toEqual([PKT, true]);
    rig.set('ECON2', 0x40);
    expect([rig.read('EIR'), rig.chip.int]).toEqual([0, false]);
  });

  test('WCR to EIR clears what is written 0 and sets nothing', () => {
    const rig = new Rig().start();
    rig.transmit(frame(PEER, 1501));
    rig.clock.run(2 * MS);
    rig.write('EIR', 0xff & ~TXER);
    expect(rig.read('EIR')).toBe(TX);
  });
});

describe('the INT pin', () => {
  test('onInt is called once for an assertion, however many flags follow', () => {
    const rig = new Rig().start();
    let edges = 0;
    rig.chip.onInt = () => edges++;
    rig.write('EIE', INTIE | PKT | TX);
    rig.chip.receive(frame(MAC));
    rig.chip.receive(frame(MAC));
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect(edges).toBe(1);
  });

  test('clear INTIE, serve, set INTIE: what is pending gives a new edge', () => {
    const rig = new Rig().start();
    let edges = 0;
    rig.chip.onInt = () => edges++;
    rig.write('EIE', INTIE | PKT);
    rig.chip.receive(frame(MAC));
    rig.chip.receive(frame(MAC));
    rig.clear('EIE', INTIE);
    rig.take();
    rig.set('EIE', INTIE);
    expect(edges).toBe(2);
    rig.clear('EIE', INTIE);
    rig.take();
    rig.set('EIE', INTIE);
    expect(edges).toBe(2);
  });

  test('ESTAT.INT follows the pin', () => {
    const rig = new Rig().start();
    rig.chip.receive(frame(MAC));
    expect(rig.read('ESTAT') & 0x80).toBe(0);
    rig.write('EIE', PKT);
    expect(rig.read('ESTAT') & 0x80).toBe(0);
    rig.write('EIE', INTIE | PKT);
    expect(rig.read('ESTAT') & 0x80).toBe(0x80);
  });

  test('a reset releases the pin', () => {
    const rig = new Rig().start();
    rig.write('EIE', INTIE | PKT);
    rig.chip.receive(frame(MAC));
    rig.spi(0xff);
    expect(rig.chip.int).toBe(false);
  });
});
