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

/** Rounds at least and at most in one run, however long they take. */
const LEAST = 8;
const MOST = 200;
/** Rounds at the beginning of a run that do not count: others have had the caches. */
const COLD = 3;

/** What a round took, ms. */
interface Round {
  whole: number;
  border: number;
  loop: number;
}

/** One conversation on one engine, timed in as many runs as one likes. */
export class Timing {
  private readonly conversation: Conversation;
  private readonly player: Player;
  private readonly empty: Player;
  private readonly loop: ((times: number) => void) | undefined;
  private readonly rounds: Round[] = [];

  /** `loop` runs its measure so many times. */
  constructor(
    engine: Engine,
    module: Uint8Array,
    conversation: Conversation,
    loop?: (times: number) => void,
  ) {
    this.conversation = conversation;
    this.player = Player.of(engine, module, conversation);
    this.empty = Player.ofNull(engine, conversation);
    this.loop = loop;
  }

  /** Rounds for `ms` that do not count, for compilers. */
  warmUp(ms: number): void {
    for (const end = performance.now() + ms; performance.now() < end;) this.round();
  }

  /** Rounds for `ms`. Throws when the module came to another memory than the recording. */
  run(ms: number): void {
    for (let i = 0; i < COLD; i++) this.round();
    const end = performance.now() + ms;
    for (let i = 0; i < LEAST || (i < MOST && performance.now() < end); i++) this.rounds.push(this.round());
    if (!this.player.isAsRecorded) throw new Error('the module came to another memory than the recording');
  }

  /** Of all runs together. */
  get times(): Times {
    const { rounds } = this;
    const border = quantile(
      rounds.map((round) => round.border),
      0.5,
    );
    const nanoseconds = rounds.map(({ whole }) => ((whole - border) * 1e6) / this.conversation.operations);
    const ratios = rounds.map(({ whole, loop, border: own }) => (whole - own) / loop);
    const median = quantile(nanoseconds, 0.5);
    return {
      median,
      p99: quantile(nanoseconds, 0.99),
      spread: (50 * (quantile(nanoseconds, 0.75) - quantile(nanoseconds, 0.25))) / median,
      ...(this.loop && { timesOfLoop: quantile(ratios, 0.5) }),
    };
  }

  private round(): Round {
    this.player.restore();
    const began = performance.now();
    this.player.play();
    const played = performance.now();
    this.empty.play();
    const ended = performance.now();
    this.loop?.(this.conversation.operations);
    return { whole: played - began, border: ended - played, loop: performance.now() - ended };
  }
}

/** The value below which the share `q` of `values` lies, between two of them in proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
