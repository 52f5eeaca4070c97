// SPDX-License-Identifier: MIT
// RFC 8985 §7, the tail loss probe: when acknowledgments stop, one segment makes one come, before the retransmission timer does.

import { describe, expect, test } from 'vitest';
import {
  at,
  blocksOf,
  drain,
  expectSegments,
  queue,
  RTT,
  selective,
  selectiveFlight,
  small,
  SMSS,
} from '../support/flight.ts';
import { octets, selectiveTargets, synReceived, targets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** MAX_ACK_DELAY: what a peer may hold back the ACK of a single segment. */
const MAX_ACK_DELAY = 200;

/** `count` segments are in flight, nothing is queued behind. */
function tail(target: Target, count: number): Dialogue {
  const t = selective(target);
  queue(t, count, 0);
  expectSegments(t, at(0), count);
  return t;
}

describe.each(selectiveTargets)('RFC 8985 §7.2 the probe timeout: $name', (target) => {
  test('8985-8 tlp-pto: 2 * SRTT', () => {
    const t = tail(target, 3);
    expect(t.wait()).toBe(2 * RTT);
    expectSegments(t, at(2), 1);
    expect(t.counter('TcpTailProbes')).toBe(1);
  });

  test('8985-8 tlp-pto: and the delay of an ACK, when one segment is in flight', () => {
    const t = tail(target, 1);
    expect(t.wait()).toBe(Math.min(2 * RTT + MAX_ACK_DELAY, t.info()!.rto));
    expectSegments(t, at(0), 1);
    expect(t.counter('TcpTailProbes')).toBe(1);
  });

  test('8985-8 tlp-pto: from the last segment that was sent or acknowledged on', () => {
    const t = tail(target, 2);
    t.advance(RTT / 2);
    queue(t, 1, 2 * SMSS);
    expectSegments(t, at(2), 1);
    t.advance(RTT / 2);
    t.peer.send('A', { ack: at(1) });
    expect(t.wait()).toBe(2 * RTT);
    expectSegments(t, at(2), 1);
    expect(t.counter('TcpTailProbes')).toBe(1);
    const other = tail(target, 2);
    other.advance(RTT);
    queue(other, 1, 2 * SMSS);
    expectSegments(other, at(2), 1);
    expect(other.wait()).toBe(2 * RTT);
    expectSegments(other, at(2), 1);
  });

  test('8985-8 tlp-pto: 1 s before any round trip is known', () => {
    const t = synReceived(target, { mss: SMSS, sackOk: true });
    t.wait();
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    expect(t.info()!.srtt).toBe(0);
    queue(t, 1, 0);
    expectSegments(t, at(0), 1);
    // No sample, and the RTO after a lost SYN is 3 s.
    expect(t.wait()).toBe(1_000 + MAX_ACK_DELAY);
    expectSegments(t, at(0), 1);
    expect(t.counter('TcpTailProbes')).toBe(1);
  });

  test('8985-8 tlp-pto: never after the retransmission timer', () => {
    const t = tail(target, 2);
    for (let i = 0; i < 20; i++) {
      // The timer runs for the first segment; each new one would put the probe off.
      t.advance(RTT);
      queue(t, 1, (2 + i) * SMSS);
      t.forget();
      if (t.counter('TcpTailProbes') > 0) break;
      t.peer.send('A', { ack: at(i + 1) });
      t.forget();
    }
    const { rto } = t.info()!;
    expect(t.wait()).toBeLessThanOrEqual(rto);
    expect(t.info()!.backoff).toBe(0);
    expect(t.counter('TcpTailProbes')).toBe(1);
    t.forget();
  });

  test('8985-8 tlp-pto: none while something is held out of order: the reordering timer runs', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    t.forget();
    t.advance(3 * RTT);
    expect(t.counter('TcpTailProbes')).toBe(0);
    t.forget();
  });

  test('8985-8 tlp-pto: none in recovery, nor after a timeout until it is recovered from', () => {
    const t = tail(target, 3);
    t.wait();
    t.forget();
    t.wait();
    expectSegments(t, at(0), 1);
    expect(t.info()!.backoff).toBe(1);
    t.peer.send('A', { ack: at(1) });
    t.forget();
    t.wait();
    t.forget();
    expect(t.counter('TcpTailProbes')).toBe(1);
  });

  test('8985-8 tlp-pto: again when what was late out of order has come', () => {
    const t = selective(target);
    queue(t, 3, 0);
    expectSegments(t, at(0), 3);
    t.advance(RTT);
    t.peer.send('A', { ack: at(0), sack: blocksOf([1, 2]) });
    t.advance(1);
    t.peer.send('A', { ack: at(3) });
    queue(t, 3, 3 * SMSS);
    expectSegments(t, at(3), 3);
    expect(t.wait()).toBeLessThanOrEqual(2 * RTT + 1);
    expectSegments(t, at(5), 1);
    expect(t.counter('TcpTailProbes')).toBe(1);
  });
});

describe.each(targets)('RFC 8985 §7.2 without SACK: $name', (target) => {
  test('8985-8 tlp-pto: no probe to a peer that does not know SACK', () => {
    const t = small(target);
    queue(t, 3, 0);
    expectSegments(t, at(0), 3);
    const { rto } = t.info()!;
    expect(t.wait()).toBe(rto);
    expectSegments(t, at(0), 1);
    expect(t.counter('TcpTailProbes')).toBe(0);
  });
});

describe.each(selectiveTargets)('RFC 8985 §7.3 the probe: $name', (target) => {
  test('8985-9 tlp-probe-new-or-last: the last segment, when there is nothing new', () => {
    const t = selective(target);
    t.send(octets(2 * SMSS + 30));
    expectSegments(t, at(0), 2);
    t.silence(); // 30 octets, held back by Nagle's algorithm
    t.peer.send('A', { ack: at(1) });
    t.peer.send('A', { ack: at(2) });
    t.expect('A', { seq: at(2), len: 30 });
    t.wait();
    t.expect('A', { seq: at(2), text: octets(30, 2 * SMSS) });
  });

  test('8985-9 tlp-probe-new-or-last: of what left in one burst a full segment', () => {
    const t = tail(target, target.initialWindow);
    t.wait();
    expectSegments(t, at(target.initialWindow - 1), 1);
  });

  test('8985-9 tlp-probe-new-or-last: new text, which the congestion window held back', () => {
    const { t, nxt } = selectiveFlight(target);
    const { cwnd } = t.info()!;
    expect(t.wait()).toBe(2 * RTT);
    expectSegments(t, at(nxt), 1);
    expect(t.info()).toMatchObject({ cwnd, retransmits: 0 });
  });

  test('8985-9 tlp-probe-new-or-last: but not what the peer’s window does', () => {
    const t = selective(target, RTT, { win: 2 * SMSS });
    queue(t, 4, 0);
    expectSegments(t, at(0), 2);
    t.wait();
    expectSegments(t, at(1), 1);
  });

  test('8985-9 tlp-probe-new-or-last: the FIN comes with the last segment', () => {
    const t = selective(target);
    t.send(octets(SMSS + 10));
    t.shutdown(1);
    t.expect('A', { seq: at(0), len: SMSS });
    t.expect('FA', { seq: at(1), len: 10 });
    t.wait();
    const probe = t.peer.heard[0]!;
    expect(probe.flags).toContain('F');
    expect(((probe.seq - t.peer.iss) >>> 0) + probe.text.length).toBe(at(1) + 10);
    t.forget();
    t.peer.send('A', { ack: at(1) + 11 });
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('8985-9 tlp-probe-new-or-last: one at a time; then the retransmission timer, anew', () => {
    for (const t of [tail(target, 3), selectiveFlight(target).t]) {
      expect(t.wait()).toBe(2 * RTT);
      t.forget();
      const { rto, sndUna } = t.info()!;
      expect(t.wait()).toBe(rto);
      expectSegments(t, sndUna, 1);
      expect(t.info()!.backoff).toBe(1);
      expect(t.counter('TcpTailProbes')).toBe(1);
    }
  });

  test('8985-9 tlp-probe-new-or-last: the next when the first was acknowledged', () => {
    const t = tail(target, 3);
    t.wait();
    expectSegments(t, at(2), 1);
    t.advance(RTT);
    t.peer.send('A', { ack: at(3) });
    t.peer.send('A', { ack: at(3), sack: blocksOf([2, 3]) });
    queue(t, 2, 3 * SMSS);
    expectSegments(t, at(3), 2);
    t.wait();
    expectSegments(t, at(4), 1);
    expect(t.counter('TcpTailProbes')).toBe(2);
  });

  test('the tail is repaired by the probe and by RACK, without a timeout: all but the first of a flight are lost', () => {
    const { t, una } = selectiveFlight(target);
    // Nothing but una arrives.
    t.advance(RTT);
    t.peer.send('A', { ack: at(una + 1) });
    t.forget();
    const lost = [una + 1, t.info()!.sndNxt];
    t.wait();
    const probe = t.peer.heard.splice(0)[0]!;
    const from = (probe.seq - t.peer.iss) >>> 0;
    t.advance(RTT);
    t.peer.send('A', { ack: at(lost[0]!), sack: [[from, from + SMSS]] });
    t.advance(RTT / 4);
    t.expect('A', { seq: at(una + 1), len: SMSS });
    // Everything comes in time, ACK by ACK.
    const { sndNxt } = t.info()!;
    expect(t.info()).toMatchObject({ backoff: 0, recovery: 1 });
    t.forget();
    for (let i = 0; i < 30 && t.info()!.sendQueue > 0; i++) {
      t.advance(RTT);
      const { sndUna } = t.info()!;
      t.peer.send('A', { ack: Math.min(sndUna + 2 * SMSS, t.info()!.sndNxt) });
      t.forget();
    }
    expect(sndNxt).toBeGreaterThan(at(una + 1));
    expect(t.info()).toMatchObject({ backoff: 0, sendQueue: 0 });
  });
});

describe.each(selectiveTargets)('RFC 8985 §7.4 what the probe’s acknowledgment tells: $name', (target) => {
  /** Four segments are out, the probe has sent the last again. */
  function probed(): { t: Dialogue; cwnd: number } {
    const { t } = selectiveFlight(target);
    const end = drain(t, RTT);
    t.send(octets(4 * SMSS, end));
    t.forget();
    const { cwnd } = t.info()!;
    t.wait();
    t.expect('A', { seq: end + 1 + 3 * SMSS, len: SMSS });
    return { t, cwnd };
  }

  /** A segment more is sent and acknowledged. */
  function more(t: Dialogue): void {
    const end = t.info()!.sndNxt - 1;
    t.send(octets(SMSS, end));
    t.expect('A', { seq: end + 1, len: SMSS });
    t.advance(RTT);
    t.peer.send('A');
  }

  test('8985-10 tlp-loss-detected-reduces: acknowledged once, and text beyond it: one reduction of the window', () => {
    const { t, cwnd } = probed();
    t.advance(RTT);
    t.peer.send('A');
    expect(t.info()!.cwnd).toBeGreaterThanOrEqual(cwnd); // of the last or of its probe
    more(t);
    const { cwnd: reduced, ssthresh } = t.info()!;
    expect(reduced).toBeLessThan(cwnd);
    expect(ssthresh).toBeGreaterThanOrEqual(2 * SMSS);
    expect(t.info()!.recovery).toBe(0);
    more(t);
    expect(t.info()).toMatchObject({ ssthresh });
    expect(t.info()!.cwnd).toBeGreaterThanOrEqual(reduced);
  });

  test('8985-10 tlp-loss-detected-reduces: not when a D-SACK tells that it came twice', () => {
    const { t, cwnd } = probed();
    const end = t.info()!.sndNxt;
    t.advance(1);
    t.peer.send('A');
    t.advance(RTT);
    t.peer.send('A', { sack: [[end - SMSS, end]] });
    for (let i = 0; i < 3; i++) more(t);
    expect(t.info()!.cwnd).toBeGreaterThanOrEqual(cwnd);
  });

  test('8985-10 tlp-loss-detected-reduces: not when a duplicate without blocks tells it', () => {
    const { t, cwnd } = probed();
    t.advance(1);
    t.peer.send('A', { ack: t.info()!.sndNxt });
    const end = t.info()!.sndNxt - 1;
    t.send(octets(SMSS, end));
    t.expect('A', { seq: end + 1, len: SMSS });
    t.advance(RTT);
    t.peer.send('A', { ack: end + 1 });
    t.peer.send('A');
    more(t);
    expect(t.info()!.cwnd).toBeGreaterThanOrEqual(cwnd);
  });

  test('8985-10 tlp-loss-detected-reduces: not when the probe was new text', () => {
    const { t, nxt } = selectiveFlight(target);
    const { cwnd } = t.info()!;
    t.wait();
    expectSegments(t, at(nxt), 1);
    t.advance(RTT);
    t.peer.send('A', { ack: at(nxt + 1) });
    t.forget();
    t.advance(RTT);
    t.peer.send('A');
    t.forget();
    expect(t.info()!.cwnd).toBeGreaterThanOrEqual(cwnd);
  });
});
