// SPDX-License-Identifier: MIT
// What a run came to: frames each way and what the wire did to them, what was dropped where, the board's counters.

import type { Stack } from '../machine/stack.ts';
import { SECOND } from '../net/clock.ts';
import type { Clock } from '../net/clock.ts';
import { table } from '../view/table.ts';
import type { Fate, Wire, WireOptions } from '../net/wire.ts';

/** What one station sent. */
export interface Traffic {
  frames: number;
  /** Without FCS, padded. */
  octets: number;
  /** What became of frames that were not just delivered. */
  fates: Partial<Record<Fate, number>>;
}

/** What a board says of itself in the end. */
export interface Tallied {
  readonly clock: Clock;
  readonly stack: Pick<Stack, 'counters'>;
  /** Misuses of the chip. */
  readonly violations: readonly { rule: string; detail: string }[];
}

/** A run in numbers. */
export interface Summary {
  /** Real or virtual. */
  seconds: number;
  /** By the sender's name on the wire. */
  traffic: Record<string, Traffic>;
  /** Frames and segments that the board did not take, by the counter that says why. */
  dropped: Record<string, number>;
  retransmits: number;
  /** The board's counters that are not zero. */
  counters: Record<string, number>;
  /** Frames lost on the peer's side because it was behind. */
  peerLost: number;
  /** Misuses of the chip; there should be none. */
  violations: string[];
  /** Of an emulated board. */
  emulation?: Emulation | undefined;
}

/** How fast a board was emulated. */
export interface Emulation {
  /** Of the emulated processor, since power-on, without those asleep. */
  cycles: number;
  /** Seconds of its world per second. */
  pace: number;
}

/** The counters that mean: not taken. */
const DROPS = new Set([
  ...['LinkRxBad', 'LinkRxOverflow', 'EthernetUnknownType', 'ArpMalformed'],
  ...['IpHeaderError', 'IpChecksumError', 'IpNotOurs', 'IpBadSource', 'IpFragment', 'IpUnknownProtocol'],
  ...['UdpNoPort', 'IcmpMalformed', 'IcmpChecksumError', 'IcmpUnknownType', 'IcmpErrorsStray'],
  ...['TcpMalformed', 'TcpChecksumError', 'TcpNoConnection', 'TcpListenDropped'],
  ...['TcpUnacceptable', 'TcpBadAck', 'TcpIntervalsFull', 'TcpTextAfterClose'],
]);

/** What became of frames, in words, where it is worth a word. */
const FATES: Partial<Record<Fate, string>> = {
  lost: 'lost',
  corrupted: 'corrupted',
  reordered: 'held back',
  duplicated: 'doubled',
};

/** Counts what goes over a wire. */
export class Tally {
  private readonly traffic: Record<string, Traffic> = {};

  constructor(wire: Wire) {
    wire.onFrame(({ sender, frame, fate }) => {
      const own = (this.traffic[sender] ??= { frames: 0, octets: 0, fates: {} });
      // Of a frame that arrives twice, the second report is the copy's.
      if (fate !== 'duplicated') {
        own.frames++;
        own.octets += frame.length;
      }
      if (fate !== 'delivered') own.fates[fate] = (own.fates[fate] ?? 0) + 1;
    });
  }

  /** What it has come to, with what `board` says of itself. */
  summary(board: Tallied, peerLost: number): Summary {
    const counters = Object.fromEntries(Object.entries(board.stack.counters()).filter(([, n]) => n > 0));
    return {
      seconds: board.clock.now / SECOND,
      traffic: this.traffic,
      dropped: Object.fromEntries(Object.entries(counters).filter(([name]) => DROPS.has(name))),
      retransmits: counters.TcpRetransmits ?? 0,
      counters,
      peerLost,
      violations: board.violations.map(({ rule, detail }) => `${rule}: ${detail}`),
    };
  }
}

/** A summary in lines for people. */
export function summaryLines(summary: Summary): string[] {
  const { seconds, traffic, dropped, retransmits, counters, peerLost, violations, emulation } = summary;
  const { TcpSegmentsIn = 0, TcpSegmentsOut = 0, TcpFastRetransmits = 0 } = counters;
  const fast = TcpFastRetransmits > 0 ? ` (${number(TcpFastRetransmits)} fast)` : '';
  const again = count(retransmits, 'retransmission');
  const facts = [
    ['segments of the board', `${number(TcpSegmentsIn)} in, ${number(TcpSegmentsOut)} out, ${again}${fast}`],
    ['dropped by the board', listed(dropped)],
  ];
  if (peerLost > 0) facts.push(['lost by the peer', `${count(peerLost, 'frame')}: it was behind`]);
  if (emulation !== undefined) {
    const share = `${(100 * emulation.pace).toFixed(0)} % of real time`;
    facts.push(['emulation', `${number(emulation.cycles)} cycles, its world ran at ${share}`]);
  }
  if (violations.length > 0) {
    facts.push(['misuse of the chip', `${number(violations.length)}, the first: ${violations[0]!}`]);
  }
  const lines = [
    ...trafficTable(traffic),
    '',
    ...facts.map(([name, text]) => `${name!.padEnd(22)} ${text}`),
    '',
    'counters of the board that are not zero:',
    ...columns(Object.entries(counters).map(([name, n]) => `${name} ${number(n)}`)),
  ];
  return [`Ran for ${seconds.toFixed(1)} s.`, '', ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}

/** A row for each station; columns only for what happened. */
function trafficTable(traffic: Summary['traffic']): string[] {
  const stations = Object.entries(traffic);
  const fates = (Object.keys(FATES) as Fate[]).filter((fate) =>
    stations.some(([, { fates }]) => fates[fate]),
  );
  return table(
    ['sent by', 'frames', 'octets', ...fates.map((fate) => FATES[fate]!)],
    stations.map(([name, own]) => [
      name,
      own.frames,
      own.octets,
      ...fates.map((fate) => own.fates[fate] ?? 0),
    ]),
  );
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `IpNotOurs 3, UdpNoPort 1`. */
function listed(numbers: Record<string, number>): string {
  const parts = Object.entries(numbers).map(([name, n]) => `${name} ${number(n)}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** Items in three columns, read downward. */
function columns(items: string[]): string[] {
  const rows = Math.ceil(items.length / 3);
  return Array.from({ length: rows }, (_, row) =>
    [0, 1, 2]
      .map((column) => (items[column * rows + row] ?? '').padEnd(30))
      .join('')
      .trimEnd(),
  );
}

/** `10 Mbit/s, 20 ms, 5 % lost`. */
export function describeWire(wire: WireOptions): string {
  const { rateBps = 0, delayMs = 0, jitterMs = 0 } = wire;
  const parts = [rateBps === 0 ? 'any rate' : formatRate(rateBps)];
  if (delayMs > 0 || jitterMs > 0)
    parts.push(`${delayMs}${jitterMs > 0 ? ` to ${delayMs + jitterMs}` : ''} ms`);
  const chances = { loss: 'lost', reorder: 'held back', duplicate: 'doubled', corrupt: 'corrupted' } as const;
  for (const [name, word] of Object.entries(chances) as [keyof typeof chances, string][]) {
    const chance = wire[name] ?? 0;
    if (chance > 0) parts.push(`${number(chance * 100)} % ${word}`);
  }
  return parts.join(', ');
}

function formatRate(bps: number): string {
  const [divisor, unit] = bps >= 1e6 ? [1e6, 'Mbit/s'] : bps >= 1e3 ? [1e3, 'kbit/s'] : [1, 'bit/s'];
  return `${number(bps / divisor)} ${unit}`;
}
