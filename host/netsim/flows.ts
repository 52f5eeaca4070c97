// SPDX-License-Identifier: MIT
// Several flows through one bottleneck, each between two hosts of its own, with rings of 256 KiB and no loss but what the
// queue drops; both directions have such a queue. Four ways to look at it: the scenario in which another stack was measured; its link when the
// flows have long been under way; and a link so slow that it binds, with the same and with different round trips.

import type { Engine } from '../machine/machine.ts';
import { MILLISECOND, SECOND, VirtualClock } from '../net/clock.ts';
import { Random } from '../net/random.ts';
import { Bottleneck } from './path.ts';
import { Transfer } from './transfer.ts';

/** Rings of both ends, octets. */
export const FLOW_BUFFER = 256 * 2 ** 10;

export interface Scenario {
  /** What it is, for a heading. */
  title: string;
  rateBps: number;
  /** Of each direction. */
  queueOctets: number;
  /** Round trip without queue: each direction of each flow takes half of what is drawn from this range, ms. */
  rttMs: readonly [number, number];
  /** Each flow's: the run ends when the last is done. */
  octets?: number;
  /** Or flows without end, measured from one instant to another, s. */
  between?: readonly [number, number];
}

export const SCENARIOS = {
  short: {
    title: '2 MiB each over 200 Mbit/s, queue 64 KiB, round trips of 50-150 ms, until the last is done',
    rateBps: 200e6,
    queueOctets: 65_536,
    rttMs: [50, 150],
    octets: 2 * 2 ** 20,
  },
  long: {
    title: 'the same link, flows without end, from second 30 to 90',
    rateBps: 200e6,
    queueOctets: 65_536,
    rttMs: [50, 150],
    between: [30, 90],
  },
  narrow: {
    title: '10 Mbit/s, queue 125,000 octets, round trips of 100 ms, flows without end, from second 30 to 150',
    rateBps: 10e6,
    queueOctets: 125_000,
    rttMs: [100, 100],
    between: [30, 150],
  },
  mixed: {
    title:
      '10 Mbit/s, queue 125,000 octets, round trips of 50-150 ms, flows without end, from second 30 to 150',
    rateBps: 10e6,
    queueOctets: 125_000,
    rttMs: [50, 150],
    between: [30, 150],
  },
} as const satisfies Record<string, Scenario>;
export type ScenarioName = keyof typeof SCENARIOS;

/** Flows that begin at one instant fall into step: each begins by chance within so much, ms. */
const START_MS = 100;
/** A run without an end of its own has failed after this, s. */
const LIMIT_S = 100_000;
/** Text in a full frame, and the frame. */
const TEXT_SHARE = 1460 / 1514;

export interface FlowsResult {
  /** All together, octets of text per second. */
  bytesPerSecond: number;
  slowest: number;
  fastest: number;
  /** Jain's index of the flows' goodputs. */
  jain: number;
  /** Frames that the queue towards the receivers dropped, percent. */
  dropPercent: number;
  /** What could be had: the link's rate in text, or the sum of ring ÷ round trip if that is less; octets per second. */
  limit: number;
  /** `bytesPerSecond` ÷ `limit`. */
  linkUse: number;
}

export interface FlowsOptions {
  engine: Engine;
  /** A port build with rings of FLOW_BUFFER. */
  module: Uint8Array;
  scenario: ScenarioName;
  flows: number;
  seed: number;
}

export function runFlows({ engine, module, scenario, flows, seed }: FlowsOptions): FlowsResult {
  const { rateBps, queueOctets, rttMs, octets = Infinity, between }: Scenario = SCENARIOS[scenario];
  const clock = new VirtualClock();
  const chance = new Random(seed, `${scenario} ${flows}`);
  const there = new Bottleneck(rateBps, queueOctets);
  const back = new Bottleneck(rateBps, queueOctets);
  const halfTrip = (): number => (rttMs[0] + chance.next() * (rttMs[1] - rttMs[0])) / 2;
  const transfers: Transfer[] = [];
  let ringRates = 0;
  for (let i = 0; i < flows; i++) {
    const toReceiver = { delayMs: halfTrip(), bottleneck: there };
    const toSender = { delayMs: halfTrip(), bottleneck: back };
    ringRates += FLOW_BUFFER / ((toReceiver.delayMs + toSender.delayMs) / 1000);
    const begin = (): unknown =>
      transfers.push(
        new Transfer({
          clock,
          engine,
          module,
          octets,
          loss: 0,
          seed,
          name: `flow ${i}`,
          toReceiver,
          toSender,
        }),
      );
    clock.at(between === undefined ? 0 : chance.next() * START_MS * MILLISECOND, begin);
  }
  const limit = Math.min((rateBps / 8) * TEXT_SHARE, ringRates);

  let goodputs: number[];
  let bytesPerSecond: number;
  let base = { frames: 0, drops: 0 };
  if (between === undefined) {
    const isUnderWay = (): boolean =>
      transfers.length < flows || transfers.some(({ doneAt }) => doneAt === undefined);
    if (!clock.runWhile(isUnderWay, LIMIT_S * SECOND))
      throw new Error(`after ${LIMIT_S} s not all flows are done`);
    goodputs = transfers.map(({ doneAt }) => octets / (doneAt! / SECOND));
    bytesPerSecond = (flows * octets) / (clock.now / SECOND);
  } else {
    clock.runUntil(between[0] * SECOND);
    const before = transfers.map(({ received }) => received);
    base = { frames: there.frames, drops: there.drops };
    clock.runUntil(between[1] * SECOND);
    goodputs = transfers.map(({ received }, i) => (received - before[i]!) / (between[1] - between[0]));
    bytesPerSecond = goodputs.reduce((sum, goodput) => sum + goodput, 0);
  }
  return {
    bytesPerSecond,
    slowest: Math.min(...goodputs),
    fastest: Math.max(...goodputs),
    jain: jain(goodputs),
    dropPercent: (100 * (there.drops - base.drops)) / Math.max(1, there.frames - base.frames),
    limit,
    linkUse: bytesPerSecond / limit,
  };
}

/** Jain's index: 1 when all have the same, 1/n when one has everything. */
export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}
