// SPDX-License-Identifier: MIT
// RFC 6298, computing TCP's retransmission timer: the estimator (§2), Karn's rule (§3), the timer (§5).

import { describe, expect, test } from 'vitest';
import { at, expectSegments, queue, small, SMSS } from '../support/flight.ts';
import {
  doubling,
  established,
  open,
  Option,
  RTO_INITIAL,
  synReceived,
  synSent,
  targets,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** One octet goes out and is acknowledged after `ms`. */
function sample(t: Dialogue, ms: number): void {
  t.send('x');
  t.expect('A', { len: 1 });
  t.silence(ms);
  t.peer.send('A');
}

/** The RTO that SRTT and RTTVAR give where config says that they may be so small. */
function computed(target: Target, { srtt, rttvar }: { srtt: number; rttvar: number }): number {
  return Math.max(srtt + Math.max(4 * rttvar, target.rtoMargin), target.rtoMin);
}

describe.each(targets)('RFC 6298 §2 the basic algorithm: $name', (target) => {
  test('6298-1 rto-initial-1s: 2.1 until there is a sample the RTO is 1 s', () => {
    const t = synSent(target);
    expect(t.info()!.rto).toBe(RTO_INITIAL);
    expect(t.wait()).toBe(1_000);
    t.expect('S', { seq: 0 });
  });

  test('MUST-18, 6298-2 rto-first-sample: 2.2 SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 * RTTVAR', () => {
    const t = synSent(target);
    t.advance(500);
    t.peer.send('SA', { mss: 1000 });
    t.expect('A');
    expect(t.info()).toMatchObject({ srtt: 500, rttvar: 250, rto: 1_500 });
    t.send('x');
    t.expect('A', { seq: 1, len: 1 });
    expect(t.wait()).toBe(1_500);
    t.expect('A', { seq: 1, len: 1 });
  });

  test('MUST-18, 6298-2 rto-first-sample: the SYN with the ACK is timed too', () => {
    const t = synReceived(target);
    t.advance(600);
    t.peer.send('A');
    expect(t.info()).toMatchObject({ srtt: 600, rttvar: 300, rto: 1_800 });
  });

  test('MUST-18, 6298-3 rto-later-samples: 2.3 RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|, then SRTT = 7/8 SRTT + 1/8 R', () => {
    const t = synSent(target);
    t.advance(800);
    t.peer.send('SA', { mss: 1000 });
    t.expect('A');
    let srtt = 800;
    let rttvar = 400;
    for (const r of [800, 400, 1_200, 100, 100, 1_500, 900, 900, 900, 2_000, 50]) {
      sample(t, r);
      rttvar += (Math.abs(srtt - r) - rttvar) / 4;
      srtt += (r - srtt) / 8;
      const info = t.info()!;
      // Whole milliseconds: each division may lose one.
      expect(Math.abs(info.srtt - srtt)).toBeLessThan(2);
      expect(Math.abs(info.rttvar - rttvar)).toBeLessThan(2);
      expect(Math.abs(info.rto - computed(target, { srtt, rttvar }))).toBeLessThan(6);
    }
  });

  test('6298-4 rto-minimum: 2.4 what is less than 1 s, or what config says, is rounded up', () => {
    const t = established(target);
    for (let i = 0; i < 3; i++) {
      sample(t, 20);
      const info = t.info()!;
      expect(4 * info.rttvar).toBeLessThan(target.rtoMin / 2);
      expect(info.rto).toBe(computed(target, info));
      expect(info.rto).toBeGreaterThanOrEqual(target.rtoMin);
    }
    const { rto } = t.info()!;
    t.send('x');
    t.expect('A', { len: 1 });
    expect(t.wait()).toBe(rto);
    t.expect('A', { len: 1 });
  });

  test('6298-5 rto-maximum: 2.5 the bound is 60 s', () => {
    const t = established(target);
    expect(t.setsockopt(Option.TCP_USER_TIMEOUT, 1_000_000)).toBe(0);
    t.send('x');
    t.expect('A', { seq: 1, len: 1 });
    const intervals = Array.from({ length: 11 }, () => {
      const ms = t.wait();
      t.expect('A', { seq: 1, len: 1 });
      return ms;
    });
    expect(intervals).toEqual(doubling(target.rto, 11));
    expect(intervals.at(-1)).toBe(60_000);
  });
});

describe.each(targets)('RFC 6298 §3 taking RTT samples: $name', (target) => {
  test('MUST-18, 6298-6 rto-karn: the ACK of what was retransmitted by the timer is no sample; the RTO stays backed off', () => {
    const t = established(target);
    sample(t, target.rto >>> 1);
    const before = t.info()!;
    t.send('x');
    t.expect('A', { len: 1 });
    const rto = t.wait();
    t.expect('A', { len: 1 });
    t.advance(5);
    t.peer.send('A');
    expect(t.info()).toMatchObject({ srtt: before.srtt, rttvar: before.rttvar, rto: 2 * rto });
  });

  test('MUST-18, 6298-6 rto-karn: the ACK of what was sent again by fast retransmit is no sample', () => {
    const t = small(target);
    queue(t, 4, 0);
    expectSegments(t, at(0), 4);
    const before = t.info()!;
    t.advance(target.rto >>> 1);
    for (let i = 0; i < 3; i++) t.peer.send('A', { ack: at(0) });
    expectSegments(t, at(0), 1);
    t.advance(target.rto >>> 1);
    t.peer.send('A', { ack: at(4) });
    expect(t.info()).toMatchObject({ srtt: before.srtt, rttvar: before.rttvar });
  });

  test('MUST-18, 6298-6 rto-karn: a SYN that was repeated is no sample', () => {
    const t = synSent(target);
    t.wait();
    t.expect('S', { seq: 0 });
    t.advance(5);
    t.peer.send('SA');
    t.expect('A');
    expect(t.info()!.srtt).toBe(0);
  });

  test('6298-7 rtt-sample-per-rtt: every round trip of a window of many segments gives one', () => {
    const t = small(target);
    let sent = 0;
    let acked = 0;
    queue(t, 5 * target.initialWindow - 1, 0);
    let srtt = t.info()!.srtt;
    for (let round = 1; round <= 3; round++) {
      const count = t.peer.heard.length;
      expectSegments(t, at(sent), count);
      sent += count;
      t.advance(round * Math.floor(target.rto / 5)); // each round slower than the last, so that each sample raises SRTT
      for (; acked < sent; acked++) t.peer.send('A', { ack: at(acked + 1) });
      expect(t.info()!.srtt).toBeGreaterThan(srtt);
      srtt = t.info()!.srtt;
    }
    t.forget();
  });
});

describe.each(targets)('RFC 6298 §5 managing the timer: $name', (target) => {
  test('6298-8 rto-timer-start: 5.1 text sent while it runs does not start it anew', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.send('first');
    t.expect('A', { seq: 1, len: 5 });
    t.silence(150);
    t.send('second');
    t.expect('A', { seq: 6, len: 6 });
    expect(t.wait()).toBe(target.rto - 150);
    t.expect('A', { seq: 1 });
  });

  test('6298-8 rto-backoff-ends: a sample ends the back-off, even one like those before', () => {
    const t = established(target);
    const exchange = (): void => {
      t.send('x');
      t.forget();
      t.peer.send('A');
      t.forget();
    };
    for (let i = 0; i < 40; i++) exchange(); // until the estimate changes no more
    const { rto } = t.info()!;
    for (let round = 0; round < 3; round++) {
      t.send('y');
      t.advance(3 * rto);
      t.forget();
      t.peer.send('A');
      exchange();
      expect(t.info()!.rto).toBe(rto);
    }
  });

  test('6298-8 rto-timer-stop: 5.2 off when all is acknowledged', () => {
    const t = established(target);
    t.send('x');
    t.expect('A', { len: 1 });
    t.peer.send('A');
    t.silence(600_000);
  });

  test('6298-8 rto-timer-restart: 5.3 an ACK of new data starts it anew for the rest', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.send('first');
    t.send('second');
    t.expect('A', { seq: 1, len: 5 });
    t.expect('A', { seq: 6, len: 6 });
    t.advance(150);
    t.peer.send('A', { ack: 6 });
    const { rto } = t.info()!;
    expect(t.wait()).toBe(rto);
    t.expect('A', { seq: 6, len: 6 });
  });

  test('6298-8 rto-timer-restart: an ACK of nothing new does not', () => {
    const t = established(target);
    t.send('x');
    t.expect('A', { len: 1 });
    t.advance(150);
    t.peer.send('A', { ack: 1, win: 5_000 });
    expect(t.wait()).toBe(target.rto - 150);
    t.expect('A', { seq: 1 });
  });

  test('MUST-19, 6298-9 rto-expiry-doubles: 5.4 the earliest segment, 5.5 and 5.6 twice the time', () => {
    const t = small(target);
    queue(t, 3, 0);
    expectSegments(t, at(0), 3);
    for (const ms of doubling(target.rto, 4)) {
      expect(t.wait()).toBe(ms);
      expectSegments(t, at(0), 1);
    }
    t.silence(16 * target.rto - 1);
  });

  test('6298-10 rto-after-syn-loss-3s: 5.7 after a SYN that had to be repeated', () => {
    const t = synSent(target);
    t.wait();
    t.expect('S', { seq: 0 });
    t.peer.send('SA', { mss: 1000 });
    t.expect('A');
    t.send('x');
    t.expect('A', { len: 1 });
    expect(t.wait()).toBe(3_000);
    t.expect('A', { len: 1 });
  });

  test('6298-10 rto-after-syn-loss-3s: 5.7 after a SYN with ACK that had to be repeated', () => {
    const t = synReceived(target);
    t.peer.arp(1); // ARP knows it from now on
    t.forget();
    expect(t.wait()).toBe(1_000);
    t.expect('SA', { seq: 0, ack: 1 });
    t.peer.send('A');
    t.accept();
    t.send('x');
    t.expect('A', { len: 1 });
    expect(t.wait()).toBe(3_000);
    t.expect('A', { len: 1 });
  });

  test('6298-12 rto-backoff-collapses-on-sample: a sample of new text ends the back-off', () => {
    const t = established(target);
    t.send('x');
    t.expect('A', { len: 1 });
    for (let i = 0; i < 3; i++) {
      t.wait();
      t.expect('A', { len: 1 });
    }
    t.peer.send('A');
    expect(t.info()!.rto).toBe(8 * target.rto);
    sample(t, 30);
    expect(t.info()!.rto).toBe(computed(target, t.info()!));
    expect(t.info()!.rto).toBeLessThan(2 * target.rto);
  });

  test('5.5 is about retransmissions: window probes do not back off the RTO of the text after them', () => {
    const t = established(target);
    t.peer.send('A', { win: 0 });
    t.send('hello');
    for (let i = 0; i < 5; i++) {
      t.wait();
      t.expect('A', { seq: 1, len: 1 });
      t.peer.send('A', { ack: 1, win: 0 });
    }
    t.peer.send('A', { ack: 1, win: 1_000 });
    t.expect('A', { seq: 1, text: 'hello' });
    expect(t.wait()).toBe(target.rto);
    t.expect('A', { seq: 1, text: 'hello' });
  });

  test('each connection has a timer of its own', () => {
    const t = established(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    t.send('x');
    t.expect('A', { len: 1 });
    t.silence(target.rto - 1);
    t.advance(1);
    t.expect('A', { seq: 1, len: 1 });
    t.peer.send('A');
    t.advance(RTO_INITIAL - target.rto);
    other.expect('SA');
    t.silence(1_999);
    t.advance(1);
    other.expect('SA');
  });
});

describe.each(targets)('RFC 9293 §3.8.1 retransmission: $name', (target) => {
  test('a lost short segment is sent again as it was; what was queued behind it follows its acknowledgment', () => {
    const t = open(target);
    expect(t.listen()).toBe(0);
    t.peer.send('S', { mss: SMSS });
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    t.send('first');
    t.expect('A', { seq: 1, text: 'first' });
    t.send('second');
    t.silence(); // Nagle's algorithm
    t.wait();
    t.expect('A', { seq: 1, text: 'first' });
    t.silence();
    t.peer.send('A', { ack: 6 });
    t.expect('A', { seq: 6, text: 'second' });
  });
});
