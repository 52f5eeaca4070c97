// SPDX-License-Identifier: MIT
// RFC 9438, CUBIC, held against its formulas written a second time in floating point: how cwnd goes on after a loss, one window
// acknowledged in each round trip. Where no queue shows, which is where round trips are the shortest ever seen, more than seven
// tenths remain after a loss, and Reno's line is not flattened; LOSS_WITHOUT_QUEUE of config.ts says why. So round trips here
// take a little longer than that of the handshake, unless a test is about it. Left out, as in the stack: the undoing of a spurious reduction (§4.9).

import { describe, expect, test } from 'vitest';
import { at, blocksOf, feed, grow, queue, selective, SMSS, volley } from '../support/flight.ts';
import { fullTargets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

const BETA = 0.7;
const C = 0.4;
/** LOSS_WITHOUT_QUEUE: what remains while round trips are the shortest ever seen. */
const WITHOUT_QUEUE = 0.8;

/** The variables of RFC 9438 §4.1, in segments and seconds. */
class Cubic {
  private epoch = -1;
  private k = 0;
  private estimate = 0;
  private readonly prior: number;
  most: number;
  cwnd: number;

  /** A loss at `before` segments; `most`: W_max of the loss before it. */
  constructor(before: number, most = 0) {
    this.prior = before;
    this.most = before < most ? (before * (1 + BETA)) / 2 : before;
    this.cwnd = before * BETA;
  }

  /** §4.8: the first stage after a timeout, begun at `epoch` with `cwnd` segments, has K = 0. */
  static afterTimeout(cwnd: number, epoch: number): Cubic {
    const cubic = new Cubic(cwnd);
    cubic.cwnd = cwnd;
    cubic.estimate = cwnd;
    cubic.epoch = epoch;
    return cubic;
  }

  /** §4.2 to §4.5: an ACK of `acked` segments at `now`. */
  acknowledged(acked: number, now: number, rtt: number): void {
    if (this.epoch < 0) {
      this.epoch = now;
      this.most = Math.max(this.most, this.cwnd);
      this.k = Math.cbrt((this.most - this.cwnd) / C);
      this.estimate = this.cwnd;
    }
    const curve = C * (now - this.epoch + rtt - this.k) ** 3 + this.most;
    const target = Math.min(Math.max(curve, this.cwnd), 1.5 * this.cwnd);
    const alpha = this.estimate >= this.prior ? 1 : (3 * (1 - BETA)) / (1 + BETA);
    this.estimate += (alpha * acked) / this.cwnd;
    this.cwnd = Math.max(this.cwnd + ((target - this.cwnd) / this.cwnd) * acked, this.estimate);
  }
}

/** ESTABLISHED; the handshake was faster than the round trips of `rtt` ms that follow. */
function queued(target: Target, rtt: number): Dialogue {
  return selective(target, rtt - 10);
}

/** cwnd in segments. */
function segments(t: Dialogue): number {
  return t.info()!.cwnd / SMSS;
}

/** A window of `count` segments loses its first, after `late` ms more than a round trip, and recovers. Returns cwnd before. */
function lose(t: Dialogue, rtt: number, count: number, late = rtt / 2): number {
  const first = volley(t, count, count, rtt);
  const before = segments(t);
  t.advance(rtt + late);
  t.peer.send('A', { ack: at(first), sack: blocksOf([first + 1, first + count]) });
  t.advance(rtt);
  t.peer.send('A');
  t.forget();
  return before;
}

/** One window goes out and is acknowledged, by one ACK. Returns how many segments that were. */
function round(t: Dialogue, rtt: number): number {
  const count = Math.floor(segments(t));
  feed(t, count);
  t.advance(rtt);
  t.peer.send('A');
  t.forget();
  return count;
}

/** `rounds` windows: cwnd stays within two parts of a hundred of what `model` says. */
function follow(t: Dialogue, model: Cubic, rtt: number, rounds: number): void {
  for (let i = 0; i < rounds; i++) {
    const acked = round(t, rtt);
    model.acknowledged(acked, t.now / 1_000, t.info()!.srtt / 1_000);
    const what = `round ${i}: ${segments(t)}, not ${model.cwnd}`;
    expect(Math.abs(segments(t) / model.cwnd - 1), what).toBeLessThan(0.02);
  }
}

describe.each(fullTargets)('RFC 9438 §4.6 and §4.7, a loss: $name', (target) => {
  test('9438-1 cubic-beta, MAY-18: where a queue shows, seven tenths remain', () => {
    const t = selective(target, 100);
    const before = lose(t, 100, 40);
    expect(Math.abs(segments(t) - before * BETA)).toBeLessThan(0.1);
    expect(t.info()!.ssthresh).toBe(t.info()!.cwnd);
  });

  test('9438-1: where none does, eight tenths: it is noise', () => {
    const t = selective(target, 100);
    const before = lose(t, 100, 40, 0);
    expect(Math.abs(segments(t) - before * WITHOUT_QUEUE)).toBeLessThan(0.1);
  });

  test('9438-5: two segments at least', () => {
    const t = selective(target, 100);
    queue(t, 1, 0);
    t.forget();
    // Timeouts until there is next to nothing.
    for (let n = 1; n <= 6; n++) {
      while (t.info()!.backoff === 0) t.wait();
      t.forget();
      t.advance(150);
      t.peer.send('A');
      queue(t, 1, n * SMSS);
      t.forget();
      expect(t.info()!.ssthresh).toBeGreaterThanOrEqual(2 * SMSS);
    }
    expect(t.info()!.ssthresh).toBe(2 * SMSS);
  });

  test('9438-4 cubic-fast-convergence: a maximum below the last counts for less', () => {
    const t = queued(target, 400);
    const first = lose(t, 400, 60);
    round(t, 400);
    const second = lose(t, 400, Math.floor(segments(t)));
    expect(second).toBeLessThan(first);
    follow(t, new Cubic(second, first), 400, 15);
  });
});

describe.each(fullTargets)('RFC 9438 §4.2 to §4.5, avoidance: $name', (target) => {
  test('9438-2 cubic-curve: back to W_max in K seconds, slowly there, and on', () => {
    const t = queued(target, 400);
    const before = lose(t, 400, 40);
    const model = new Cubic(before);
    follow(t, model, 400, 8);
    expect(segments(t)).toBeLessThan(before * 1.02); // K is 3.1 s
    expect(segments(t)).toBeGreaterThan(before * 0.95);
    follow(t, model, 400, 17);
    expect(segments(t)).toBeGreaterThan(before * 1.2);
  });

  test('9438-2: nothing leaps when the stage begins', () => {
    for (const start of [0, 1]) {
      const t = queued(target, 100 + start);
      const before = lose(t, 100 + start, 40);
      const cwnd = segments(t);
      round(t, 100);
      expect(segments(t)).toBeLessThan(cwnd + 2);
      expect(segments(t)).toBeLessThan(before);
    }
  });

  test('9438-2 cubic-target-clamp: a round trip adds half of the window at most', () => {
    const t = queued(target, 2_000);
    lose(t, 2_000, 20, 200);
    let most = 0;
    for (let i = 0; i < 20 && segments(t) < 300; i++) {
      const before = segments(t);
      round(t, 2_000);
      expect(segments(t)).toBeLessThanOrEqual(before * 1.5 + 0.1);
      most = Math.max(most, segments(t) / before);
    }
    // The curve itself would have nearly doubled it.
    expect(most).toBeGreaterThan(1.45);
  });

  test('9438-3 cubic-reno-friendly: where Reno would have more, as much as that', () => {
    const t = queued(target, 40);
    const before = lose(t, 40, 20);
    follow(t, new Cubic(before), 40, 40);
    // 2 s, less than the curve alone would take to W_max of 20 segments.
    expect(segments(t)).toBeGreaterThan(before);
  });

  test('9438-3: where no queue shows, Reno’s line rises by a segment a round trip', () => {
    const t = selective(target, 40);
    lose(t, 40, 20);
    for (let i = 0; i < 10; i++) {
      const before = segments(t);
      const acked = round(t, 40);
      expect(segments(t) - before).toBeGreaterThan((0.95 * acked) / before);
      expect(segments(t) - before).toBeLessThan(1.2);
    }
  });

  test('9438-2, 5681-12 cwnd-not-grown-when-app-limited: what is not used does not grow, nor does the curve run ahead', () => {
    const t = queued(target, 400);
    lose(t, 400, 40);
    round(t, 400);
    const { cwnd } = t.info()!;
    for (let i = 0; i < 100; i++) {
      feed(t, 5);
      t.advance(400);
      t.peer.send('A');
      t.forget();
    }
    expect(t.info()!.cwnd).toBe(cwnd);
    // RFC 9438 §4.2: the time in which it was not used does not count.
    const before = segments(t);
    round(t, 400);
    expect(segments(t)).toBeLessThan(before * 1.1);
  });
});

describe.each(fullTargets)('RFC 9438 §4.8, timeouts and idle times: $name', (target) => {
  test('9438-5 cubic-timeout: after a timeout slow start, then a stage with K = 0', () => {
    const t = queued(target, 400);
    volley(t, 40, 40, 400);
    const before = segments(t);
    while (t.info()!.backoff === 0) t.wait();
    expect(t.info()!.cwnd).toBe(SMSS);
    const { ssthresh } = t.info()!;
    expect(ssthresh / SMSS).toBeGreaterThanOrEqual(Math.floor(before * BETA));
    expect(ssthresh / SMSS).toBeLessThanOrEqual(Math.ceil(before * WITHOUT_QUEUE));
    t.forget();
    t.advance(400);
    t.peer.send('A');
    t.forget();
    grow(t, ssthresh / SMSS, 400);
    const start = segments(t);
    expect(start * SMSS).toBeGreaterThan(ssthresh); // the stage has begun with the last ACKs
    follow(t, Cubic.afterTimeout(start, t.now / 1_000), 400, 15);
  });

  test('9438-5 cubic-idle-shifts-epoch: time without traffic is no time of the curve', () => {
    const t = queued(target, 400);
    lose(t, 400, 40);
    round(t, 400);
    t.advance(60_000);
    const before = segments(t);
    feed(t, target.initialWindow);
    t.advance(400);
    t.peer.send('A');
    t.forget();
    expect(segments(t)).toBeLessThanOrEqual(Math.max(before, target.initialWindow) * 2);
    grow(t, t.info()!.ssthresh / SMSS, 400);
    for (let i = 0; i < 3; i++) {
      const cwnd = segments(t);
      round(t, 400);
      // Had the minute counted, it would be the half more.
      expect(segments(t)).toBeLessThan(cwnd * 1.3);
    }
  });
});
