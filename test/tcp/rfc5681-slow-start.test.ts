// SPDX-License-Identifier: MIT
// RFC 5681 §3.1, slow start and congestion avoidance, with the initial window and what a timeout does to all of it.

import { describe, expect, test } from 'vitest';
import {
  at,
  drain,
  duplicates,
  expectSegments,
  flying,
  iwOf,
  queue,
  small,
  smallActive,
  SMSS,
} from '../support/flight.ts';
import {
  established,
  fullTargets,
  newReno,
  octets,
  Option,
  synReceived,
  synSent,
  targets,
} from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

/** All that is in flight is acknowledged segment by segment; what this sends is read. Returns how many were sent. */
function round(t: Dialogue, acked: number, sent: number): number {
  let more = 0;
  for (let n = acked; n < sent; n++) {
    t.peer.send('A', { ack: at(n + 1) });
    const count = t.peer.heard.length;
    expectSegments(t, at(sent + more), count);
    more += count;
  }
  return more;
}

describe.each(targets)('RFC 5681 §3.1 the initial window: $name', (target) => {
  test('iw: so many segments, if they are of at most 1,095 octets', () => {
    const t = small(target);
    queue(t, 15, 0);
    expectSegments(t, at(0), target.initialWindow);
    t.silence();
    expect(t.info()!.cwnd).toBe(iwOf(target));
  });

  test('the window of the peer bounds it too', () => {
    const t = small(target, { win: 250 });
    queue(t, 10, 0);
    expectSegments(t, at(0), 2);
    t.silence();
  });

  test('5681-1 iw-after-syn-loss: one segment after a SYN that was repeated', () => {
    const t = synSent(target);
    t.wait();
    t.expect('S');
    t.peer.send('SA', { mss: SMSS });
    t.expect('A');
    expect(t.info()!.cwnd).toBe(SMSS);
    queue(t, 3, 0);
    expectSegments(t, at(0), 1);
    t.silence();
  });

  test('5681-1 iw-after-syn-loss: one segment after a SYN with ACK that was repeated; the ACK of it adds nothing', () => {
    const t = synReceived(target, { mss: SMSS });
    t.wait();
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    expect(t.info()!.cwnd).toBe(SMSS);
    queue(t, 3, 0);
    expectSegments(t, at(0), 1);
    t.silence();
  });

  test('the ACK that ends the handshake adds nothing', () => {
    expect(small(target).info()!.cwnd).toBe(iwOf(target));
    expect(smallActive(target).info()!.cwnd).toBe(iwOf(target));
  });
});

describe.each(newReno.filter(({ mss }) => mss === 1460))(
  'RFC 5681 §3.1 the initial window of large segments: $name',
  (target) => {
    test('iw: three segments of 1,460 octets', () => {
      const t = established(target);
      t.send(octets(4_380));
      for (let i = 0; i < 3; i++) t.expect('A', { seq: 1 + i * 1_460, len: 1_460 });
      t.send(octets(100));
      t.silence();
      expect(t.info()!.cwnd).toBe(4_380);
    });
  },
);

describe.each(fullTargets)('RFC 6928 §2 the initial window: $name', (target) => {
  test('6928-1 iw10: ten segments of 1,460 octets, 14,600 octets', () => {
    const t = established(target);
    t.send(octets(20_000));
    for (let i = 0; i < 10; i++) t.expect('A', { seq: 1 + i * 1_460, len: 1_460 });
    t.silence();
    expect(t.info()!.cwnd).toBe(14_600);
  });

  test('6928-1 iw10: ten segments of less are less', () => {
    expect(established(target, { mss: 536 }).info()!.cwnd).toBe(5_360);
  });
});

describe.each(targets)('RFC 5681 §3.1 slow start: $name', (target) => {
  const iw = target.initialWindow;

  test('MUST-19, 5681-2 ss-growth: a segment for each ACK of one: the window doubles in a round trip', () => {
    const t = small(target);
    queue(t, 4 * iw, 0);
    expectSegments(t, at(0), iw);
    expect(round(t, 0, iw)).toBe(2 * iw);
    expect(t.info()!.cwnd).toBe(2 * iw * SMSS);
  });

  test('MUST-19, 5681-2 ss-growth: at most SMSS for an ACK of two segments', () => {
    const t = small(target);
    queue(t, 15, 0);
    expectSegments(t, at(0), iw);
    t.peer.send('A', { ack: at(2) });
    expectSegments(t, at(iw), 3);
    t.silence();
    expect(t.info()!.cwnd).toBe(iwOf(target) + SMSS);
  });

  test('5681-2 ss-ack-division: many ACKs of one segment gain no more than its octets', () => {
    const t = small(target);
    queue(t, 15, 0);
    expectSegments(t, at(0), iw);
    for (let n = 10; n <= SMSS; n += 10) t.peer.send('A', { ack: n + 1 });
    expect(t.info()!.cwnd).toBe(iwOf(target) + SMSS);
    expectSegments(t, at(iw), 2);
    t.silence();
  });

  test('5681-12 cwnd-not-grown-when-app-limited: a window that is not used up does not grow', () => {
    const t = small(target);
    let seq = 1;
    for (let i = 0; i < 20; i++) {
      t.send(octets(SMSS, seq - 1));
      t.expect('A', { seq, len: SMSS });
      seq += SMSS;
      t.peer.send('A');
    }
    expect(t.info()!.cwnd).toBe(iwOf(target));
  });

  test('5681-12 cwnd-not-grown-when-app-limited: nor one that the peer keeps us from using, beyond twice what is used', () => {
    const t = small(target, { win: 2 * SMSS });
    queue(t, 15, 0);
    for (let n = 0; n < 12; n += 2) {
      expectSegments(t, at(n), 2);
      t.peer.send('A', { win: 2 * SMSS });
    }
    // RFC 7661 §4.3: it may grow while half of it is used at least.
    expect(t.info()!.cwnd).toBe(Math.max(iwOf(target), 2 * 2 * SMSS + SMSS));
    t.forget();
  });
});

describe.each(newReno)('RFC 5681 §3.1 congestion avoidance: $name', (target) => {
  test('MUST-19, 5681-3 ca-growth: from ssthresh on at most SMSS in a round trip', () => {
    const { t, base } = flying(target, 8);
    t.wait();
    expectSegments(t, at(base), 1);
    t.peer.send('A', { ack: at(base + 8) });
    let end = drain(t);
    const { ssthresh } = t.info()!;
    expect(ssthresh).toBe(4 * SMSS);
    // There is always more to send; every segment is acknowledged alone.
    let acked = end;
    t.send(octets(15 * SMSS, end));
    end += 15 * SMSS;
    const windows: number[] = [];
    for (let round = 0; round < 8; round++) {
      const { cwnd, sndNxt } = t.info()!;
      if (cwnd >= ssthresh) windows.push(cwnd);
      for (; acked < sndNxt - 1; acked += SMSS) {
        t.peer.send('A', { ack: acked + 1 + SMSS });
        t.send(octets(SMSS, end));
        end += SMSS;
      }
      t.forget();
    }
    expect(windows.length).toBeGreaterThan(5);
    for (let i = 1; i < windows.length; i++) {
      expect(windows[i]! - windows[i - 1]!).toBeGreaterThan(SMSS / 2);
      expect(windows[i]! - windows[i - 1]!).toBeLessThanOrEqual(SMSS);
    }
  });

  test('MUST-19, 5681-3 ca-growth: below ssthresh it is slow start, from there on SMSS * SMSS / cwnd for each ACK', () => {
    const { t, base } = flying(target, 8);
    t.wait();
    expectSegments(t, at(base), 1);
    t.peer.send('A', { ack: at(base + 8) });
    expectSegments(t, at(base + 8), 2);
    const windows = [];
    for (let n = 9; n <= 12; n++) {
      windows.push(t.info()!.cwnd);
      t.peer.send('A', { ack: at(base + n) });
    }
    t.forget();
    expect(windows).toEqual([200, 300, 400, 425]);
  });
});

describe.each(targets)('RFC 5681 §3.1 after a timeout: $name', (target) => {
  test('MUST-19, 5681-5 rto-cwnd-1: one segment goes out, and no more until it is acknowledged', () => {
    const { t, base } = flying(target);
    t.wait();
    expectSegments(t, at(base), 1);
    expect(t.info()!.cwnd).toBe(SMSS);
    t.silence(t.info()!.rto - 1);
  });

  test('5681-5 rto-repeat-keeps-ssthresh: the second timeout of a segment changes nothing', () => {
    const { t, base } = flying(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    let ssthresh = Infinity;
    for (let i = 0; i < 3; i++) {
      t.wait();
      expectSegments(t, at(base), 1);
      ssthresh = i === 0 ? t.info()!.ssthresh : ssthresh;
      expect(t.info()).toMatchObject({ cwnd: SMSS, ssthresh });
    }
    expect(ssthresh).toBeLessThan(2 * target.initialWindow * SMSS);
  });

  test('what follows is sent again in slow start, each octet once', () => {
    const { t, base } = flying(target);
    t.wait();
    expectSegments(t, at(base), 1);
    t.peer.send('A', { ack: at(base + 1) });
    expectSegments(t, at(base + 1), 2);
    t.peer.send('A', { ack: at(base + 2) });
    expectSegments(t, at(base + 3), 2);
    t.silence();
  });

  test('an ACK of more than was sent again takes up there: nothing of it is sent once more', () => {
    const { t, base, nxt } = flying(target);
    t.wait();
    expectSegments(t, at(base), 1);
    t.peer.send('A', { ack: at(nxt) });
    expectSegments(t, at(nxt), 2);
    t.silence();
  });

  test('late duplicates of the flight that timed out release nothing beyond cwnd', () => {
    const { t, base } = flying(target);
    t.wait();
    expectSegments(t, at(base), 1);
    duplicates(t, at(base), 2);
    t.silence();
  });
});

describe.each(newReno)('RFC 5681 §3.1 equation 4, ssthresh after a timeout: $name', (target) => {
  test('5681-4 ssthresh-from-flight: half of what was in flight, not of cwnd', () => {
    const { t, base } = flying(target, 8);
    // Two of eight are acknowledged while the window is closed to new text: six are in flight, cwnd is more.
    t.peer.send('A', { ack: at(base + 2), win: 6 * SMSS });
    expect(t.info()!.cwnd).toBeGreaterThanOrEqual(8 * SMSS);
    t.wait();
    expectSegments(t, at(base + 2), 1);
    expect(t.info()!.ssthresh).toBe(3 * SMSS);
  });

  test('the first timeout of another segment takes its half, though there was no sample since', () => {
    const { t, base } = flying(target, 8);
    t.wait();
    expectSegments(t, at(base), 1);
    expect(t.info()!.ssthresh).toBe(4 * SMSS);
    // All but the last three have arrived.
    t.peer.send('A', { ack: at(base + 8 - 3), win: 3 * SMSS });
    t.forget();
    t.wait();
    t.forget();
    expect(t.info()!.ssthresh).toBe(2 * SMSS);
  });

  test('5681-4 ssthresh-from-flight: two segments at least', () => {
    const t = small(target);
    queue(t, 1, 0);
    expectSegments(t, at(0), 1);
    t.wait();
    expectSegments(t, at(0), 1);
    expect(t.info()!.ssthresh).toBe(2 * SMSS);
  });
});
