// SPDX-License-Identifier: MIT
// One cell of the loss grid: two hosts 50 ms apart, no limit to rate or queue, every frame lost with the same chance, 10
// MiB from B to A. Goodput is what A has received by the time that it has them all, over the time since zero, with ARP and
// handshake.

import type { Engine } from '../machine/machine.ts';
import { SECOND, VirtualClock } from '../net/clock.ts';
import { Transfer } from './transfer.ts';

/** Octets that A is to receive. */
const OCTETS = 10 * 2 ** 20;
const DELAY_MS = 50;
/** Round trip, s. */
export const RTT_S = (2 * DELAY_MS) / 1000;
/** A transfer that takes longer than this has failed, s: 23 days, 6 octets a second. */
const LIMIT_S = 2_000_000;

export interface CellOptions {
  engine: Engine;
  /** A port build with rings of the row's size. */
  module: Uint8Array;
  lossPercent: number;
  seed: number;
}

/** Octets per second. `onReady` gets the transfer before it begins, for those who watch. */
export function runCell(
  options: CellOptions,
  onReady?: (transfer: Transfer, clock: VirtualClock) => void,
): number {
  const { engine, module, lossPercent, seed } = options;
  const clock = new VirtualClock();
  const way = { delayMs: DELAY_MS };
  const loss = lossPercent / 100;
  const transfer = new Transfer({
    ...{ clock, engine, module, loss, seed, octets: OCTETS },
    ...{ toReceiver: way, toSender: way },
  });
  onReady?.(transfer, clock);
  const isDone = clock.runWhile(() => transfer.doneAt === undefined, LIMIT_S * SECOND);
  if (!isDone) {
    const megabytes = (transfer.received / 2 ** 20).toFixed(1);
    throw new Error(`after ${LIMIT_S} s only ${megabytes} MiB have arrived`);
  }
  return transfer.received / (clock.now / SECOND);
}
