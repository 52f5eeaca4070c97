// SPDX-License-Identifier: MIT
// How long the module takes for a conversation. Playbacks of it and of the same calls into a module that does nothing follow
// each other in turn, and what the latter take is taken off: the loop, the writes of host and bus, the border between
// JavaScript and the engine. With them a C loop may run, as a measure. What disturbs one of a round disturbs all.

import type { Engine } from '../machine/machine.ts';
import type { Conversation } from './conversation.ts';
import { Player } from './player.ts';

export interface Times {
  /** Of one operation, ns: median, 99th percentile. */
  median: number;
  p99: number;
  /** Half the distance between the quartiles, in per cent of the median. */
  spread: number;
  /** Median of the ratios to the loop, where there is one. */
  timesOfLoop?: number;
}

export interface Patience {
  /** Time for compilers and caches before what counts, ms. */
  warmUpMs: number;
  /** Time that counts, ms. */
  measuredMs: number;
}

/** Rounds at least and at most, however long they take. */
const LEAST = 20;
const MOST = 400;

/** Times of `conversation` of `module`. `loop` runs its measure so many times. */
export function time(
  engine: Engine,
  module: Uint8Array,
  conversation: Conversation,
  { warmUpMs, measuredMs }: Patience,
  loop?: (times: number) => void,
): Times {
  const { operations } = conversation;
  const player = Player.of(engine, module, conversation);
  const empty = Player.ofNull(engine, conversation);
  const whole: number[] = [];
  const calls: number[] = [];
  const loops: number[] = [];
  const round = (): void => {
    player.restore();
    const began = performance.now();
    player.play();
    const played = performance.now();
    empty.play();
    const ended = performance.now();
    loop?.(operations);
    whole.push(played - began);
    calls.push(ended - played);
    loops.push(performance.now() - ended);
  };
  for (const end = performance.now() + warmUpMs; performance.now() < end;) round();
  for (const series of [whole, calls, loops]) series.length = 0;
  for (
    const end = performance.now() + measuredMs;
    whole.length < LEAST || (whole.length < MOST && performance.now() < end);
  ) {
    round();
  }
  if (!player.isAsRecorded) throw new Error(`${engine} came to another memory than the recording`);
  const border = quantile(calls, 0.5);
  const nanoseconds = whole.map((ms) => ((ms - border) * 1e6) / operations);
  const median = quantile(nanoseconds, 0.5);
  return {
    median,
    p99: quantile(nanoseconds, 0.99),
    spread: (50 * (quantile(nanoseconds, 0.75) - quantile(nanoseconds, 0.25))) / median,
    ...(loop && {
      timesOfLoop: quantile(
        whole.map((ms, i) => (ms - border) / loops[i]!),
        0.5,
      ),
    }),
  };
}

/** The value below which the share `q` of `values` lies, between two of them in proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
