// SPDX-License-Identifier: MIT
// RFC 5681 §2 and §3.2 for a peer without SACK: what a duplicate acknowledgment is, limited transmit (RFC 3042), fast
// retransmit and fast recovery, whose window is that of proportional rate reduction (RFC 9937) in place of steps 3 to 5, and
// the lower threshold of RFC 5827 for small windows. Recovery from more than one loss is in rfc6582.test.ts.

import { describe, expect, test } from 'vitest';
import { at, drain, duplicates, expectSegments, flying, queue, small, SMSS } from '../support/flight.ts';
import { newReno, octets, Option, targets } from '../vocabulary.ts';

describe.each(targets)('RFC 5681 §2 duplicate acknowledgment: $name', (target) => {
  /** Three times what is no duplicate: no fast retransmit, no limited transmit. */
  const negatives = {
    '5681-6 dupack-definition-text: one that carries text': { flags: 'A', fields: { text: 'x' } },
    '5681-6 dupack-definition-window: one that changes the window': { flags: 'A', fields: { win: 30_000 } },
    '5681-6 dupack-definition-syn: one with SYN': { flags: 'SA', fields: {} },
    '5681-6 dupack-definition-old: one below SND.UNA': { flags: 'A', fields: { ack: at(3) } },
  } as const;
  for (const [title, { flags, fields }] of Object.entries(negatives)) {
    test(title, () => {
      const { t, base } = flying(target);
      for (let i = 0; i < 4; i++) {
        const win = 'win' in fields ? { win: fields.win + i * 1_000 } : {};
        t.peer.send(flags, { ack: at(base), ...fields, ...win });
      }
      // What it said, if anything, are acknowledgments.
      for (const segment of t.peer.heard.splice(0)) expect(segment.text).toBe('');
      expect(t.counter('TcpRetransmits')).toBe(0);
      expect(t.info()!.dupAcks).toBe(0);
    });
  }

  test('5681-6 dupack-definition-idle: nothing is outstanding', () => {
    const t = small(target);
    queue(t, 1, 0);
    expectSegments(t, at(0), 1);
    t.peer.send('A');
    duplicates(t, at(1), 5);
    t.silence();
    expect(t.info()!.dupAcks).toBe(0);
  });

  test('an acknowledgment of new text begins the count anew', () => {
    const { t, base } = flying(target);
    duplicates(t, at(base), 2);
    t.peer.send('A', { ack: at(base + 1) });
    t.forget();
    duplicates(t, at(base + 1), 2);
    expect(t.counter('TcpRetransmits')).toBe(0);
    t.forget();
  });
});

describe.each(targets)('RFC 5681 §3.2 step 1, limited transmit: $name', (target) => {
  test('5681-7 limited-transmit: a new segment for each of the first two duplicates, cwnd as it was', () => {
    const { t, base, nxt } = flying(target);
    duplicates(t, at(base), 1);
    expectSegments(t, at(nxt), 1);
    duplicates(t, at(base), 1);
    expectSegments(t, at(nxt + 1), 1);
    t.silence();
    expect(t.info()!.cwnd).toBe(2 * target.initialWindow * SMSS);
  });

  test('5681-7 limited-transmit: not beyond the window of the peer', () => {
    const t = small(target, { win: 4 * SMSS });
    queue(t, 8, 0);
    expectSegments(t, at(0), 4);
    for (let i = 0; i < 2; i++) t.peer.send('A', { ack: at(0), win: 4 * SMSS });
    t.silence();
  });

  test('5681-7 limited-transmit: nor more than two segments beyond cwnd when what was missing has arrived', () => {
    const { t, base, nxt } = flying(target);
    duplicates(t, at(base), 2);
    expectSegments(t, at(nxt), 2);
    t.peer.send('A', { ack: at(base + 1) });
    // cwnd has grown by one; of those that are out two are held by the peer, as the duplicates told.
    expectSegments(t, at(nxt + 2), 2);
    t.silence();
    const { cwnd, sndNxt, sndUna } = t.info()!;
    expect(cwnd).toBe((2 * target.initialWindow + 1) * SMSS);
    expect(sndNxt - sndUna).toBe(cwnd + 2 * SMSS);
  });
});

describe.each(targets)('RFC 5681 §3.2 steps 2 to 6, fast retransmit: $name', (target) => {
  test('5681-6 frexmit-at-3: the third duplicate brings the segment that is missing, at once', () => {
    const { t, base, nxt } = flying(target);
    duplicates(t, at(base), 2);
    expectSegments(t, at(nxt), 2);
    duplicates(t, at(base), 1);
    expectSegments(t, at(base), 1);
    t.silence();
    expect(t.counter('TcpFastRetransmits')).toBe(1);
  });

  test('the RTO has no part in it: recovery takes a round trip', () => {
    const { t, base, nxt } = flying(target);
    t.advance(50);
    duplicates(t, at(base), 7);
    t.advance(50);
    t.peer.send('A', { ack: at(nxt + 2) });
    drain(t);
    expect(t.counter('TcpRetransmits')).toBe(1);
    t.silence(10_000);
  });

  test('every later loss is answered so again', () => {
    const { t } = flying(target);
    let end = drain(t);
    for (let i = 0; i < 3; i++) {
      t.send(octets(8 * SMSS, end));
      t.forget();
      duplicates(t, end + 1, 3);
      t.peer.send('A');
      end = drain(t);
      expect(t.counter('TcpFastRetransmits')).toBe(i + 1);
    }
  });
});

describe.each(newReno)('RFC 5681 §3.2 steps 2 to 6, the windows of fast recovery: $name', (target) => {
  test('5681-4 ssthresh-from-flight: step 2: half of the flight; what limited transmit sent does not count', () => {
    const { t, base } = flying(target, 8);
    duplicates(t, at(base), 3);
    t.forget();
    expect(t.info()).toMatchObject({ ssthresh: 4 * SMSS, recovery: 1 });
  });

  test('5681-4 ssthresh-from-flight: step 2: two segments at least', () => {
    const t = small(target);
    queue(t, 3, 0);
    expectSegments(t, at(0), 3);
    duplicates(t, at(0), 3);
    expectSegments(t, at(0), 1);
    expect(t.info()!.ssthresh).toBe(2 * SMSS);
  });

  test('5681-8 frecovery-inflate-deflate, 9937-3 prr-first-rexmit-forced: step 3: what is in the network, and the segment', () => {
    const { t, base } = flying(target, 8);
    duplicates(t, at(base), 3);
    t.forget();
    // Ten are out; three are held, one is lost.
    expect(t.info()!.cwnd).toBe((10 - 3 - 1 + 1) * SMSS);
  });

  test('5681-8 frecovery-inflate-deflate, 9937-1 prr-proportional: steps 4 and 5: one for two duplicates down to ssthresh', () => {
    const { t, base } = flying(target, 8);
    duplicates(t, at(base), 3);
    t.forget();
    // Seven are in the network. Delivered since recovery began, out of eight: two, three; half of that may go, one has gone.
    for (const cwnd of [6, 5.5]) {
      duplicates(t, at(base), 1);
      expect(t.info()!.cwnd).toBe(cwnd * SMSS);
    }
    // Now it is ssthresh: one for one.
    duplicates(t, at(base), 1);
    t.silence();
    duplicates(t, at(base), 1);
    expectSegments(t, at(14), 1);
    duplicates(t, at(base), 1);
    expectSegments(t, at(15), 1);
    t.silence();
    expect(t.info()!.cwnd).toBe(4 * SMSS);
  });

  test('5681-8 frecovery-inflate-deflate, 9937-4 prr-exit: step 6: the ACK of what was missing leaves cwnd at ssthresh', () => {
    const { t, base } = flying(target, 8);
    duplicates(t, at(base), 9);
    t.forget();
    t.peer.send('A', { ack: at(14) });
    t.forget();
    expect(t.info()).toMatchObject({ recovery: 0, cwnd: 4 * SMSS });
  });

  test('congestion avoidance follows', () => {
    const { t, base } = flying(target, 8);
    duplicates(t, at(base), 7);
    t.peer.send('A', { ack: at(14) });
    const end = drain(t);
    const { cwnd, ssthresh } = t.info()!;
    expect(ssthresh).toBe(4 * SMSS);
    expect(cwnd).toBeGreaterThanOrEqual(ssthresh);
    expect(cwnd).toBeLessThan(ssthresh + 2 * SMSS);
    const count = Math.floor(cwnd / SMSS);
    t.send(octets(count * SMSS, end));
    t.forget();
    t.peer.send('A', { ack: end + 1 + SMSS });
    expect(t.info()!.cwnd).toBe(cwnd + Math.floor((SMSS * SMSS) / cwnd));
    t.peer.send('A');
  });
});

describe.each(targets)('RFC 5827 §3.1 early retransmit: $name', (target) => {
  for (const [segments, threshold] of [
    [2, 1],
    [3, 2],
    [4, 3],
  ] as const) {
    test(`${segments} segments out and no text behind them: ${threshold} duplicates`, () => {
      const t = small(target);
      queue(t, segments, 0);
      expectSegments(t, at(0), segments);
      duplicates(t, at(0), threshold - 1);
      t.silence();
      duplicates(t, at(0), 1);
      expectSegments(t, at(0), 1);
      t.silence();
    });
  }

  test('a last segment that is not full counts', () => {
    const t = small(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.send(octets(2 * SMSS + 10));
    expectSegments(t, at(0), 2);
    t.expect('A', { seq: at(2), len: 10 });
    duplicates(t, at(0), 1);
    t.silence();
    duplicates(t, at(0), 1);
    expectSegments(t, at(0), 1);
  });

  test('one segment out can have no duplicates: what looks like one starts nothing', () => {
    const t = small(target);
    queue(t, 1, 0);
    expectSegments(t, at(0), 1);
    duplicates(t, at(0), 2);
    t.silence();
  });

  test('not while new text may be sent: that brings duplicates of its own', () => {
    const { t, base } = flying(target, target.initialWindow);
    t.peer.send('A', { ack: at(base + 2), win: 4 * SMSS });
    t.forget();
    // As many as the window takes, which is four; the fifth has to wait for the third duplicate.
    for (let i = 0; i < 2; i++) t.peer.send('A', { ack: at(base + 2), win: 4 * SMSS });
    expect(t.counter('TcpRetransmits')).toBe(0);
    t.forget();
  });

  test('when the window of the peer permits no new segment', () => {
    const t = small(target, { win: 3 * SMSS });
    queue(t, 10, 0);
    expectSegments(t, at(0), 3);
    t.peer.send('A', { ack: at(0), win: 3 * SMSS });
    t.silence();
    t.peer.send('A', { ack: at(0), win: 3 * SMSS });
    expectSegments(t, at(0), 1);
  });

  test('when the text behind is held back by Nagle’s algorithm', () => {
    const t = small(target);
    t.send(octets(3 * SMSS + 10));
    expectSegments(t, at(0), 3);
    duplicates(t, at(0), 1);
    t.silence();
    duplicates(t, at(0), 1);
    expectSegments(t, at(0), 1);
    t.silence();
  });
});
