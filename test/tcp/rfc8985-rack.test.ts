// SPDX-License-Identifier: MIT
// RFC 8985 §6, RACK: what is lost is told by time. A segment is lost when one that was sent later, or at the same instant and
// lies behind it, was delivered more than a reordering window ago. Round trips take RTT ms here; what is sent within one
// millisecond is sent at the same instant. The tail loss probe is in rfc8985-tlp.test.ts.

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
  SMSS,
} from '../support/flight.ts';
import { octets, Option, selectiveTargets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** A quarter of the least round trip: the reordering window when RACK.reo_wnd_mult is 1. */
const REO_WND = RTT / 4;

/** Segment numbers of what was said, which is then forgotten. */
function said(t: Dialogue): number[] {
  return t.peer.heard.splice(0).map(({ seq }) => (((seq - t.peer.iss) >>> 0) - 1) / SMSS);
}

/** `count` segments in flight, `ms` apart from each other, nothing queued behind, ACKs of the initial window only. */
function spread(target: Target, count: number, ms: number): { t: Dialogue; una: number } {
  const t = selective(target);
  t.setsockopt(Option.TCP_NODELAY, 1);
  const una = target.initialWindow;
  queue(t, una, 0);
  expectSegments(t, at(0), una);
  t.advance(RTT);
  for (let n = 1; n <= una; n++) t.peer.send('A', { ack: at(n) });
  for (let n = 0; n < count; n++) {
    if (n > 0) t.advance(ms);
    queue(t, 1, (una + n) * SMSS);
    expectSegments(t, at(una + n), 1);
  }
  return { t, una };
}

describe.each(selectiveTargets)('RFC 8985 §6.2 step 5, detecting losses: $name', (target) => {
  test('8985-6 rack-marks-lost: the segments before the one that was delivered last, and no others', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 2, una + 5]) });
    // una and una + 1 are lost, what lies behind is not: una + 1 may have to wait for the window.
    expect(said(t)[0]).toBe(una);
    expect(t.info()!.lost + t.info()!.retransmits * SMSS).toBe(2 * SMSS);
  });

  test('8985-6 rack-marks-lost: of segments sent at different times those that were sent before', () => {
    const { t, una } = spread(target, 4, 5);
    // The last left 15 ms after the first. The first is missing; the second arrives in its turn.
    t.advance(RTT - 15 + 5);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    // It was sent 5 ms before that, which took RTT: it is lost RTT + RTT/4 after it was sent.
    t.silence(REO_WND - 5 - 1);
    t.advance(1);
    expect(said(t)).toEqual([una]);
    // And if the third is missing, too, it is not yet: nothing has told that it should have come.
    expect(t.info()!.lost).toBe(0);
    t.peer.send('A', { ack: at(una + 2), sack: blocksOf([una + 3, una + 4]) });
    expect(said(t)).toEqual([una + 2]);
  });

  test('8985-6 rack-reo-timer: fewer than three are held: after the rest of RTT + RTT/4', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    expect(said(t)).toEqual([nxt]);
    t.silence(REO_WND - 1);
    t.advance(1);
    expect(said(t)).toEqual([una]);
    expect(t.info()!.recovery).toBe(1);
    expect(t.counter('TcpFastRetransmits')).toBe(1);
  });

  test('8985-6 rack-reo-timer: what was missing comes within it: nothing is sent again', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    t.forget();
    t.advance(REO_WND - 1);
    t.peer.send('A', { ack: at(una + 2) });
    t.forget();
    t.advance(RTT);
    expect(t.info()).toMatchObject({ retransmits: 0, lost: 0, recovery: 0 });
    t.forget();
  });

  test('8985-11 rack-lost-retransmit: a segment that is sent again and lost again is sent again without a timeout', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    expect(said(t)).toContain(una);
    t.advance(5);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, nxt]) });
    const later = said(t);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(nxt); // sent 5 ms after the retransmission
    t.advance(RTT);
    t.peer.send('A', {
      ack: at(una),
      sack: blocksOf([Math.max(...later), Math.max(...later) + 1], [una + 1, nxt]),
    });
    expect(said(t)).toContain(una);
    expect(t.info()!.backoff).toBe(0);
    t.peer.send('A');
    t.forget();
  });

  test('8985-11 rack-lost-retransmit: not by what left in the same millisecond before it', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    // Limited transmit sends nxt and nxt + 1, then una again, all at once.
    for (const end of [2, 3, 4]) t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + end]) });
    expect(said(t)).toEqual([nxt, nxt + 1, una]);
    t.advance(RTT);
    // They arrive in that order, and so do the ACKs.
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, nxt + 1]) });
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, nxt + 2]) });
    expect(said(t)).not.toContain(una);
    expect(t.info()).toMatchObject({ lost: 0, retransmits: 1 });
    t.peer.send('A', { ack: at(nxt + 2) });
    t.forget();
    expect(t.info()!.retransmits).toBe(1);
  });
});

describe.each(selectiveTargets)('RFC 8985 §6.2 steps 1 to 3, what was delivered: $name', (target) => {
  test('8985-2 rack-ignores-spurious-rexmit-ack: an ACK sooner than any round trip is of the first transmission', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    t.forget();
    // The first was only late. Were it taken for the retransmission, all that is older were lost.
    t.advance(RTT / 2);
    t.peer.send('A', { ack: at(una + 4) });
    const { retransmits } = t.info()!;
    t.peer.send('A', { ack: at(nxt) });
    t.forget();
    expect(retransmits).toBe(1);
    expect(t.info()).toMatchObject({ retransmits: 1, minRtt: RTT });
  });

  test('8985-2: an ACK after a round trip is of the retransmission: what was sent before it and is missing is lost', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    t.forget();
    t.advance(RTT);
    t.peer.send('A', { ack: at(una + 4) });
    // una + 4 and all behind it left a round trip before the retransmission.
    expect(said(t)[0]).toBe(una + 4);
    t.peer.send('A', { ack: at(nxt + 2) });
    t.forget();
  });

  test('8985-3 rack-reordering-seen: a segment below one that was delivered arrives, and was not sent again', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    t.peer.send('A', { ack: at(una + 2) }); // una was late
    const end = drain(t, RTT);
    // From now on three that are held are not enough: reordering has its window.
    t.send(octets(5 * SMSS, end));
    t.forget();
    t.advance(RTT);
    const first = end + 1;
    t.peer.send('A', { ack: first, sack: [[first + SMSS, first + 5 * SMSS]] });
    expect(t.info()!.lost).toBe(0);
    t.silence(REO_WND - 1);
    t.advance(1);
    t.expect('A', { seq: first, len: SMSS });
  });

  test('8985-3 rack-reordering-seen: not when the segment had been sent again', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    t.forget();
    t.advance(RTT);
    t.peer.send('A');
    const end = drain(t, RTT);
    t.send(octets(4 * SMSS, end));
    t.forget();
    t.advance(RTT);
    const first = end + 1;
    t.peer.send('A', { ack: first, sack: [[first + SMSS, first + 4 * SMSS]] });
    t.expect('A', { seq: first, len: SMSS });
    t.forget();
  });

  test('8985-3 rack-reordering-seen: not when ACKs were lost and one tells of two runs', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 3, una + 5], [una + 1, una + 2]) });
    expect(said(t)).toContain(una);
    expect(t.counter('TcpFastRetransmits')).toBe(1);
  });
});

describe.each(selectiveTargets)('RFC 8985 §6.2 step 4, the reordering window: $name', (target) => {
  /** Reordering was seen; then text from `first` on, `count` segments, is in flight, and all but the first are held. */
  function reordering(t: Dialogue, end: number, count: number): number {
    t.send(octets(count * SMSS, end));
    expect(t.peer.heard.splice(0).length).toBe(count);
    t.advance(RTT);
    const first = end + 1;
    t.peer.send('A', { ack: first, sack: [[first + SMSS, first + count * SMSS]] });
    t.silence();
    return first;
  }

  function seen(): { t: Dialogue; end: number } {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    t.peer.send('A', { ack: at(una + 2) });
    return { t, end: drain(t, RTT) };
  }

  test('8985-4 rack-reo-wnd: 0 while no reordering was seen, with three held or in recovery', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    expect(said(t)).toContain(una);
    // In recovery one segment beyond another hole is enough, at once.
    const before = t.info()!.lost + t.info()!.retransmits * SMSS;
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 6, una + 7], [una + 1, una + 4]) });
    expect(t.info()!.lost + t.info()!.retransmits * SMSS).toBe(before + 2 * SMSS);
    t.peer.send('A', { ack: at(nxt) });
    t.forget();
  });

  test('8985-5 rack-reo-wnd-adapts: a D-SACK makes it a quarter of the round trip longer, once in a round trip', () => {
    const { t, end } = seen();
    const first = reordering(t, end, 4);
    expect(t.wait()).toBe(REO_WND); // the multiplier is 1
    t.expect('A', { seq: first, len: SMSS });
    t.advance(RTT - REO_WND);
    const next = first + 4 * SMSS;
    t.peer.send('A', { ack: next });
    t.send(octets(SMSS, next - 1));
    t.expect('A', { seq: next, len: SMSS });
    // It was only late, and the retransmission came, too: reported three times.
    for (let i = 0; i < 3; i++) t.peer.send('A', { ack: next, sack: [[first, first + SMSS]] });
    t.advance(RTT);
    t.peer.send('A', { ack: next + SMSS });
    const second = reordering(t, next - 1 + SMSS, 2);
    expect(t.wait()).toBe(2 * REO_WND); // it is 2
    t.expect('A', { seq: second, len: SMSS });
  });

  test('8985-5 rack-reo-wnd-adapts: never longer than SRTT', () => {
    const { t, end } = seen();
    let from = end;
    for (let i = 0; i < 12; i++) {
      t.send(octets(SMSS, from));
      t.forget();
      t.advance(RTT);
      from += SMSS;
      t.peer.send('A', { ack: from + 1, sack: [[from + 1 - SMSS, from + 1]] });
    }
    const { srtt } = t.info()!;
    const first = reordering(t, from, 4);
    expect(t.wait()).toBeLessThanOrEqual(srtt);
    t.expect('A', { seq: first, len: SMSS });
  });

  test('8985-5 rack-reo-wnd-adapts: after sixteen recoveries without a D-SACK it is as it was', () => {
    const { t, end } = seen();
    let from = end;
    const windows: number[] = [];
    for (let i = 0; i < 18; i++) {
      const first = reordering(t, from, 2);
      windows.push(t.wait() / REO_WND);
      t.expect('A', { seq: first, len: SMSS });
      t.advance(RTT);
      from += 2 * SMSS;
      t.peer.send('A', { ack: from + 1, ...(i === 0 ? { sack: [[first, first + SMSS]] as const } : {}) });
      t.silence(RTT);
    }
    expect(windows).toEqual([1, ...Array.from({ length: 16 }, () => 2), 1]);
  });
});

describe.each(selectiveTargets)('RFC 8985 §6.3, a timeout: $name', (target) => {
  /** Segments una and una + 1 are out since long, with their probe; `ms` before the timeout two more follow. */
  function nearTimeout(ms: number): { t: Dialogue; una: number } {
    const { t, una } = spread(target, 2, 0);
    const probe = t.wait();
    expect(said(t)).toEqual([una + 1]);
    expect(probe).toBe(2 * t.info()!.srtt);
    t.silence(t.info()!.rto - ms);
    queue(t, 2, (una + 2) * SMSS);
    expectSegments(t, at(una + 2), 2);
    t.silence(ms - 1);
    t.advance(1);
    expect(said(t)).toEqual([una]);
    return { t, una };
  }

  test('8985-7 rack-rto-marking: the first segment is lost, and what was sent longer ago than RTT and the reordering window', () => {
    const { t } = nearTimeout(RTT + REO_WND);
    expect(t.info()).toMatchObject({ lost: 3 * SMSS, cwnd: SMSS });
  });

  test('8985-7 rack-rto-marking: what was sent since is not', () => {
    const { t, una } = nearTimeout(RTT + REO_WND - 1);
    expect(t.info()).toMatchObject({ lost: SMSS, cwnd: SMSS });
    t.peer.send('A', { ack: at(una + 4) });
    expect(t.info()).toMatchObject({ lost: 0, sacked: 0, recovery: 0, retransmits: 2 });
  });
});

describe.each(selectiveTargets)('RFC 8985 §5.2, times: $name', (target) => {
  test.each([2, 4, 7, 30])('8985-1 a connection that was idle for %i days tells old from new', (days) => {
    const { t } = selectiveFlight(target);
    const end = drain(t, RTT);
    t.silence(days * 24 * 3_600_000);
    t.send(octets(4 * SMSS, end));
    expect(said(t).length).toBe(4);
    t.advance(RTT);
    const first = end + 1;
    t.peer.send('A', { ack: first, sack: [[first + SMSS, first + 2 * SMSS]] });
    t.advance(RTT);
    // The first alone is lost; what left with the one that is held, and lies behind it, is not.
    expect(t.info()!.lost).toBe(0);
    expect(said(t)).toEqual([(first - 1) / SMSS]);
    t.peer.send('A', { ack: first + 4 * SMSS });
  });
});
