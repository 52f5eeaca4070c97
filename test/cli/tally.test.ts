// SPDX-License-Identifier: MIT
// A run in numbers and in words.

import { describe, expect, it, test } from 'vitest';
import { Board, SECOND, VirtualClock, Wire } from '../../host/index.ts';
import { describeWire, summaryLines, Tally } from '../../host/sim/tally.ts';
import type { Summary } from '../../host/sim/tally.ts';

const SUMMARY: Summary = {
  seconds: 12.34,
  traffic: {
    gateway: { frames: 1216, octets: 1_117_507, fates: { lost: 3 } },
    board: { frames: 1035, octets: 1_109_555, fates: { lost: 1, reordered: 2 } },
  },
  dropped: { IpNotOurs: 4, UdpNoPort: 1 },
  retransmits: 5,
  counters: { LinkRxFrames: 1213, IpNotOurs: 4, UdpNoPort: 1, TcpSegmentsIn: 1204, TcpFastRetransmits: 2 },
  peerLost: 0,
  violations: [],
};

describe('a summary', () => {
  const text = summaryLines(SUMMARY).join('\n');

  it('has a row for each station, and a column for each thing that happened', () => {
    expect(text).toMatch(/^ {2}sent by +frames +octets +lost +held back$/m);
    expect(text).toMatch(/^ {2}gateway +1,216 +1,117,507 +3 +0$/m);
    expect(text).toMatch(/^ {2}board +1,035 +1,109,555 +1 +2$/m);
  });

  it('says how long, how much was sent again, and what was dropped and why', () => {
    expect(text).toMatch(/^Ran for 12.3 s\.$/m);
    expect(text).toMatch(/1,204 in, 0 out, 5 retransmissions \(2 fast\)/);
    expect(text).toMatch(/dropped by the board +IpNotOurs 4, UdpNoPort 1$/m);
    expect(text).toMatch(/LinkRxFrames 1,213/);
  });

  it('speaks of the peer and of misuses of the chip only when there is something to say', () => {
    expect(text).not.toMatch(/lost by the peer|misuse/);
    const worse = summaryLines({ ...SUMMARY, peerLost: 1, violations: ['even ERXRDPT: 0x0100'] }).join('\n');
    expect(worse).toMatch(/lost by the peer +1 frame: it was behind/);
    expect(worse).toMatch(/misuse of the chip +1, the first: even ERXRDPT: 0x0100/);
  });
});

test('frames are counted once, and their copies apart', () => {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { duplicate: 1, seed: 1 });
  const tally = new Tally(wire);
  const board = new Board({ clock, wire, engine: 'v8' }).start();
  clock.run(SECOND);
  const { traffic, seconds, counters, dropped } = tally.summary(board, 0);
  expect(seconds).toBe(1);
  expect(traffic.board).toEqual({ frames: 1, octets: 60, fates: { duplicated: 1 } });
  expect(counters.LinkTxFrames).toBe(1);
  expect(Object.values(counters)).not.toContain(0);
  expect(dropped).toEqual({});
});

test('what the board drops is named', () => {
  const clock = new VirtualClock();
  const wire = new Wire(clock);
  const tally = new Tally(wire);
  const board = new Board({ clock, wire, engine: 'v8' }).start();
  const stranger = wire.attach('stranger', () => undefined);
  clock.run(SECOND);
  // To all, of a type that nobody speaks here.
  stranger.send(
    Uint8Array.of(255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 0x88, 0xb5, ...new Uint8Array(46)),
  );
  clock.run(SECOND);
  expect(tally.summary(board, 0).dropped).toEqual({ EthernetUnknownType: 1 });
});

describe('a wire', () => {
  it.each([
    [{ rateBps: 10e6 }, '10 Mbit/s'],
    [{ rateBps: 64e3, delayMs: 20 }, '64 kbit/s, 20 ms'],
    [{ rateBps: 9600, delayMs: 5, jitterMs: 10 }, '9.6 kbit/s, 5 to 15 ms'],
    [{ rateBps: 0, loss: 0.05, corrupt: 0.001 }, 'any rate, 5 % lost, 0.1 % corrupted'],
  ])('%j in words', (options, words) => {
    expect(describeWire(options)).toBe(words);
  });
});
