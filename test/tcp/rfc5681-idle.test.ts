// SPDX-License-Identifier: MIT
// RFC 5681 §4.1, restarting idle connections.

import { describe, expect, test } from 'vitest';
import { at, drain, expectSegments, flying, iwOf, queue, small, SMSS } from '../support/flight.ts';
import { octets, targets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** A window of `window` segments, twice the initial one, all of it acknowledged, nothing queued. */
function grown(target: Target): { t: Dialogue; from: number; window: number } {
  const { t } = flying(target);
  const from = drain(t);
  const window = 2 * target.initialWindow;
  expect(t.info()!.cwnd).toBeGreaterThanOrEqual(window * SMSS);
  return { t, from, window };
}

describe.each(targets)('RFC 5681 §4.1 restarting idle connections: $name', (target) => {
  test('5681-9 restart-after-idle: nothing sent for longer than the RTO: cwnd = min(IW, cwnd)', () => {
    const { t, from, window } = grown(target);
    t.silence(1_001);
    t.send(octets(window * SMSS, from));
    for (let i = 0; i < target.initialWindow; i++) t.expect('A', { seq: from + 1 + i * SMSS, len: SMSS });
    t.silence();
    expect(t.info()!.cwnd).toBe(iwOf(target));
  });

  test('5681-9 restart-after-idle: what the peer says meanwhile does not make the connection less idle', () => {
    const { t, from, window } = grown(target);
    t.silence(1_001);
    t.peer.send('A', { text: 'request' });
    t.send(octets(window * SMSS, from));
    expect(t.peer.heard.length).toBe(target.initialWindow);
    t.forget();
    expect(t.info()!.cwnd).toBe(iwOf(target));
  });

  test('a pause no longer than the RTO changes nothing', () => {
    const { t, from, window } = grown(target);
    const { cwnd } = t.info()!;
    t.silence(t.info()!.rto);
    t.send(octets(window * SMSS, from));
    expect(t.peer.heard.length).toBe(window);
    t.forget();
    expect(t.info()!.cwnd).toBe(cwnd);
  });

  test('a window smaller than the initial one stays as it is', () => {
    const t = small(target);
    queue(t, 4, 0);
    expectSegments(t, at(0), 4);
    t.wait();
    expectSegments(t, at(0), 1);
    t.peer.send('A', { ack: at(4) });
    const { cwnd, rto } = t.info()!;
    expect(cwnd).toBeLessThan(iwOf(target));
    t.silence(rto + 1);
    queue(t, 1, 4 * SMSS);
    expectSegments(t, at(4), 1);
    expect(t.info()!.cwnd).toBe(cwnd);
  });
});
