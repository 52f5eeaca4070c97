// SPDX-License-Identifier: MIT
// 10,000 forged SYNs a second against the default profile, RFC 4987: what one connection that moves text keeps of its
// goodput, and how soon honest clients get in. The SYNs come on a line of their own: what share of a 10 Mbit/s line they
// would take from others (6.7 Mbit/s) is no matter of the stack's. The SYN,ACKs share the victim's line with its text.
//
// On a line that text fills, text goes first: goodput stays, and most SYNs find no room for an answer. That is the last case.

import { describe, expect, test } from 'vitest';
import { Board, PortHost, VirtualClock, Wire } from '../../host/index.ts';
import { SECOND } from '../../host/net/clock.ts';
import { expectFigure, kilobytes } from './figures.ts';
import { connectTime, flood, transfer } from './flood.ts';

const FLOOD = 10_000;
const VICTIM = '10.0.0.2';
const SECONDS = 1;
const HTTP = 80;
const ECHO = 7;

interface Place {
  victim: 'port' | 'ENC28J60';
  /** One way. */
  delayMs: number;
  rateBps: number;
  direction: 'down' | 'up';
}

interface Figures {
  /** Octets a second. */
  goodput: number;
  /** Seconds that honest clients took to connect, one after the other. */
  connects: (number | undefined)[];
  counters: Record<string, number>;
}

function run(place: Place, isFlooded: boolean, clients: number): Figures {
  const { delayMs, rateBps } = place;
  const clock = new VirtualClock();
  const wire = new Wire(clock, { rateBps, delayMs });
  const victim =
    place.victim === 'port'
      ? new PortHost({ clock, wire, name: 'victim', address: VICTIM, module: 'port' })
      : new Board({ clock, wire, engine: 'v8', address: VICTIM });
  victim.on('error', (error) => {
    throw error;
  });
  victim.start();
  const mover = new PortHost({ clock, wire, name: 'mover', address: '10.0.0.3' }).start();
  const honest = new PortHost({ clock, wire, name: 'honest', address: '10.0.0.4' }).start();
  clock.run(0.2 * SECOND);
  const octets = transfer(mover, VICTIM, place.direction);
  clock.run(SECOND);
  if (isFlooded) flood(clock, wire, VICTIM, victim.mac, HTTP, FLOOD);
  clock.run(0.5 * SECOND); // the queue is full
  const before = octets();
  clock.run(SECONDS * SECOND);
  const goodput = (octets() - before) / SECONDS;
  const connects = Array.from({ length: clients }, (_, i) =>
    connectTime(clock, honest, VICTIM, i === 0 ? ECHO : HTTP, 10),
  );
  if (victim instanceof Board) expect(victim.chip.violations).toEqual([]);
  return { goodput, connects, counters: victim.stack.counters() };
}

const FAST = 100_000_000;
const ETHERNET = 10_000_000;
const PLACES: Place[] = [
  { victim: 'port', delayMs: 5, rateBps: FAST, direction: 'down' },
  { victim: 'port', delayMs: 5, rateBps: FAST, direction: 'up' },
  { victim: 'port', delayMs: 0.1, rateBps: FAST, direction: 'down' },
  { victim: 'ENC28J60', delayMs: 5, rateBps: ETHERNET, direction: 'down' },
  { victim: 'ENC28J60', delayMs: 5, rateBps: ETHERNET, direction: 'up' },
  { victim: 'ENC28J60', delayMs: 0.1, rateBps: ETHERNET, direction: 'up' },
];

const name = ({ victim, delayMs, direction }: Place): string =>
  `forged SYNs, ${victim}, ${delayMs} ms away, ${direction}`;

function record(place: Place, peace: number, attacked: number): void {
  expectFigure({
    attack: name(place),
    rate: '10,000/s',
    measure: 'goodput',
    undisturbed: kilobytes(peace),
    attacked: kilobytes(attacked),
  });
}

describe('4987-1 synflood-bounded: 10,000 forged SYNs a second', () => {
  test.each(PLACES)('$victim, $delayMs ms away, $direction', (place) => {
    const peace = run(place, false, 0);
    const attacked = run(place, true, 5);
    expect(attacked.goodput / peace.goodput).toBeGreaterThanOrEqual(0.9);
    // At once, or with the first or second retransmission of the SYN, after 1 or 3 s.
    for (const seconds of attacked.connects) expect(seconds).toBeLessThan(3.1);
    // It was a flood: the queue was full all the time, and nearly every SYN was answered with a cookie.
    expect(attacked.counters.TcpCookiesOut).toBeGreaterThan(FLOOD * SECONDS * 0.7);
    expect(attacked.counters.TcpAborts).toBe(0);
    record(place, peace.goodput, attacked.goodput);
    expectFigure({
      attack: name(place),
      rate: '10,000/s',
      measure: 'longest of five connects, ms',
      undisturbed: '-',
      attacked: (1_000 * Math.max(...attacked.connects.map((seconds) => seconds!))).toFixed(1),
    });
  });

  test('ENC28J60 on a line that text fills: the text goes on', () => {
    const place: Place = { victim: 'ENC28J60', delayMs: 0.1, rateBps: ETHERNET, direction: 'down' };
    const peace = run(place, false, 0);
    const attacked = run(place, true, 0);
    expect(peace.goodput).toBeGreaterThan(1_180_000);
    expect(attacked.goodput / peace.goodput).toBeGreaterThanOrEqual(0.9);
    record(place, peace.goodput, attacked.goodput);
  });
});
