// SPDX-License-Identifier: MIT
// RFC 6675, loss recovery by SACK: what of it stands beside RACK (RFC 8985), which says when a segment is lost, and proportional
// rate reduction (RFC 9937), which says how much may be sent. The rescue retransmission is only for when flow control holds new
// text back; left out is sending again what is not known to be lost.

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

describe.each(selectiveTargets)('RFC 6675 §4 IsLost: $name', (target) => {
  test('6675-1 sack-islost: two segments held beyond a gap start nothing, the third sends it again at once', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    for (const end of [2, 3]) {
      t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + end]) });
      expectSegments(t, at(nxt + end - 2), 1); // limited transmit
    }
    expect(t.info()).toMatchObject({ lost: 0, recovery: 0 });
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    expectSegments(t, at(una), 1);
    t.silence();
    expect(t.info()).toMatchObject({ lost: 0, recovery: 1 });
    expect(t.counter('TcpFastRetransmits')).toBe(1);
  });

  test('6675-1 sack-islost: the same block again is no third', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    for (let i = 0; i < 5; i++) t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    expectSegments(t, at(nxt), 1);
    t.silence();
    expect(t.info()).toMatchObject({ sacked: SMSS, lost: 0 });
  });

  test('3042 limited-transmit: a new segment for each of the first two, cwnd as it was, not beyond the peer’s window', () => {
    const { t, una, nxt } = selectiveFlight(target);
    const { cwnd } = t.info()!;
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    expectSegments(t, at(nxt), 1);
    expect(t.info()!.cwnd).toBe(cwnd);
    t.peer.send('A', { ack: at(una), win: at(nxt + 1) - at(una), sack: blocksOf([una + 1, una + 3]) });
    t.silence();
  });
});

describe.each(selectiveTargets.filter(({ runs }) => runs >= 7))(
  'RFC 6675 §4 IsLost, runs: $name',
  (target) => {
    test('6675-1 sack-islost: three runs that do not touch do so, too', () => {
      const { t, una } = selectiveFlight(target);
      t.advance(RTT);
      t.peer.send('A', {
        ack: at(una),
        sack: blocksOf([una + 5, una + 6], [una + 3, una + 4], [una + 1, una + 2]),
      });
      expectSegments(t, at(una), 1);
      t.forget();
      expect(t.counter('TcpFastRetransmits')).toBe(1);
    });
  },
);

describe.each(selectiveTargets)('RFC 6675 §4 the pipe: $name', (target) => {
  test('6675-2 sack-pipe: what is neither held nor lost, and what of that was sent again, is never more than cwnd', () => {
    const { t, una, nxt } = selectiveFlight(target);
    const pipe = (): number => {
      const { sndNxt, sndUna, sacked, lost } = t.info()!;
      return sndNxt - sndUna - sacked - lost;
    };
    expect(pipe()).toBe((nxt - una) * SMSS);
    t.advance(RTT);
    // Every second segment arrives, one ACK each.
    for (let n = una + 1; n < nxt; n += 2) {
      const runs = [n, n - 2, n - 4, n - 6]
        .filter((first) => first > una)
        .map((first): [number, number] => [first, first + 1]);
      t.peer.send('A', { ack: at(una), sack: blocksOf(...runs) });
      t.forget();
      expect(pipe()).toBeLessThanOrEqual(t.info()!.cwnd);
    }
    const { sacked } = t.info()!;
    // A table of few runs may know of less than there is, never of more.
    expect(sacked).toBeLessThanOrEqual(((nxt - una) / 2) * SMSS);
    expect(sacked).toBeGreaterThanOrEqual(Math.min((nxt - una) / 2, (target.runs - 3) / 2) * SMSS);
    t.forget();
  });

  test('6675-2 sack-pipe: octets, not segments', () => {
    const { t, una } = selectiveFlight(target);
    t.peer.send('A', { ack: at(una) + 30, sack: [[at(una + 1) + 10, at(una + 2) - 20]] });
    const { sndNxt, sndUna, sacked } = t.info()!;
    expect({ sndUna, sacked }).toEqual({ sndUna: at(una) + 30, sacked: SMSS - 30 });
    expect(sndNxt - sndUna - sacked).toBeLessThanOrEqual(t.info()!.cwnd);
    t.forget();
  });
});

describe.each(selectiveTargets)('RFC 6675 §4 NextSeg: $name', (target) => {
  test('6675-3 sack-nextseg-order: holes from the left to the right, then new text', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    // Three holes: una, una + 2, una + 4.
    t.peer.send('A', {
      ack: at(una),
      sack: blocksOf([una + 5, nxt], [una + 3, una + 4], [una + 1, una + 2]),
    });
    for (const n of [una, una + 2, una + 4]) expectSegments(t, at(n), 1);
    while (t.peer.heard.length > 0)
      expect((t.peer.heard.shift()!.seq - t.peer.iss) >>> 0).toBeGreaterThanOrEqual(at(nxt));
  });

  test('6675-3 sack-nextseg-order: a hole for which there is no room is not overtaken by a short new segment', () => {
    const t = selective(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    const una = target.initialWindow;
    queue(t, 3 * una, 0);
    expectSegments(t, at(0), una);
    t.advance(RTT);
    for (let n = 1; n <= una; n++) t.peer.send('A', { ack: at(n) });
    expectSegments(t, at(una), 2 * una);
    t.advance(RTT);
    // Three holes; two find room.
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 3, una + 6]) });
    expectSegments(t, at(una), 2);
    t.peer.send('A', { ack: at(una), sack: [[at(una + 3), at(una + 6) + 30]] });
    t.send('short');
    t.silence();
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 3, una + 7]) });
    expectSegments(t, at(una + 2), 1);
    t.peer.send('A', { ack: at(una + 2), sack: blocksOf([una + 3, una + 7]) });
    t.expect('A', { seq: at(3 * una), text: 'short' });
  });
});

describe.each(selectiveTargets)('RFC 6675 §5 the recovery point: $name', (target) => {
  test('6675-4 sack-recovery-point: all losses of a window are one reduction; it ends when the point is passed', () => {
    const { t, una, nxt } = selectiveFlight(target);
    const before = t.info()!.cwnd;
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    const { ssthresh } = t.info()!;
    expect(ssthresh).toBeLessThan(before);
    expectSegments(t, at(una), 1);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 5, nxt], [una + 1, una + 4]) });
    t.forget();
    const recover = t.info()!.sndNxt;
    t.advance(RTT);
    t.peer.send('A', { ack: at(una + 4), sack: blocksOf([una + 5, nxt]) });
    t.forget();
    t.peer.send('A', { ack: at(nxt) - 1 });
    t.forget();
    expect(t.info()).toMatchObject({ ssthresh, recovery: 1 });
    expect(t.counter('TcpFastRetransmits')).toBe(1);
    t.peer.send('A', { ack: recover });
    t.forget();
    expect(t.info()).toMatchObject({ ssthresh, recovery: 0, cwnd: ssthresh });
  });

  test('6675-4 sack-recovery-point: a loss of a later window is another', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 4]) });
    t.forget();
    t.peer.send('A');
    const end = drain(t);
    const { ssthresh } = t.info()!;
    t.send(octets(4 * SMSS, end));
    t.forget();
    t.advance(RTT);
    const first = end + 1;
    t.peer.send('A', { ack: first, sack: [[first + SMSS, first + 4 * SMSS]] });
    t.expect('A', { seq: first, len: SMSS });
    t.forget();
    expect(t.info()!.ssthresh).toBeLessThan(ssthresh);
    expect(t.counter('TcpFastRetransmits')).toBe(2);
  });
});

describe.each(selectiveTargets)('RFC 6675 §5.1 after a timeout: $name', (target) => {
  test('6675-6 sack-after-rto: what is held is passed over, what is not is sent again in slow start', () => {
    const { t, una, nxt } = selectiveFlight(target);
    // One segment held, no more ACKs: neither three of them nor a tail loss probe. The timer of RACK sends the first again.
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 2]) });
    t.forget();
    while (t.info()!.backoff === 0) {
      t.forget();
      t.wait();
    }
    expectSegments(t, at(una), 1);
    t.silence();
    expect(t.info()).toMatchObject({ cwnd: SMSS, sacked: SMSS, recovery: 2 });
    t.peer.send('A', { ack: at(una + 2) });
    expectSegments(t, at(una + 2), 2);
    t.peer.send('A', { ack: at(una + 2), sack: blocksOf([una + 3, nxt]) });
    t.peer.send('A', { ack: at(nxt) });
    t.forget();
    expect(t.info()).toMatchObject({ sacked: 0, recovery: 0 });
  });

  test('6675-6 sack-after-rto: when the first is held, the peer has thrown away what it told: nothing is trusted', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una, una + 1]) });
    t.forget();
    expect(t.info()!.sacked).toBe(SMSS);
    while (t.info()!.backoff === 0) {
      t.forget();
      t.wait();
    }
    expectSegments(t, at(una), 1);
    expect(t.info()!.sacked).toBe(0);
    t.peer.send('A', { ack: at(nxt) });
    t.forget();
  });

  test('6675-6 sack-after-rto: what is new and was just sent is not lost', () => {
    const t = selective(target);
    queue(t, 1, 0);
    expectSegments(t, at(0), 1);
    const { rto } = t.info()!;
    t.advance(rto); // with a probe on the way
    t.forget();
    expect(t.info()!.sndNxt).toBe(at(1));
    t.peer.send('A', { ack: at(1) });
    t.silence(10 * rto);
  });
});

describe.each(selectiveTargets)('RFC 6675 §4 NextSeg (4), the rescue retransmission: $name', (target) => {
  test('6675-5 sack-rescue-once: with the window full, the only gap is sent twice at once, and that is all', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    const held = { ack: at(una), win: at(nxt) - at(una), sack: blocksOf([una + 1, nxt]) };
    t.peer.send('A', held);
    for (let i = 0; i < 2; i++) expectSegments(t, at(una), 1);
    t.peer.send('A', held);
    t.silence();
    expect(t.info()).toMatchObject({ recovery: 1, lost: 0, retransmits: 2 });
  });

  test('6675-5 sack-rescue-once: of several it is the last, whether it is lost or not', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), win: at(nxt) - at(una), sack: blocksOf([una + 1, nxt - 1]) });
    expectSegments(t, at(una), 1);
    expectSegments(t, at(nxt - 1), 1);
    t.silence();
  });

  test('6675-5: with a window that lets new text go there is none', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, nxt]) });
    expectSegments(t, at(una), 1);
    const said = t.peer.heard.splice(0);
    expect(said.every(({ seq }) => (seq - t.peer.iss) >>> 0 >= at(nxt))).toBe(true);
    expect(t.info()!.retransmits).toBe(1);
  });
});
