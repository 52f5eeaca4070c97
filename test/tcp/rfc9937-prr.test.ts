// SPDX-License-Identifier: MIT
// RFC 9937, proportional rate reduction, held against its algorithm of §6.2 written a second time: how much each acknowledgment
// of a recovery lets out. ssthresh is the congestion control's. The peer knows SACK; for one that does not see
// rfc5681-fast-retransmit.test.ts and rfc6582.test.ts.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  at,
  blocksOf,
  expectSegments,
  RTT,
  selective,
  selectiveFlight,
  SMSS,
  volley,
} from '../support/flight.ts';
import { fullTargets, newReno, selectiveTargets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

type Info = NonNullable<ReturnType<Dialogue['info']>>;

/** Octets in the network. */
function pipe({ sndNxt, sndUna, sacked, lost }: Info): number {
  return sndNxt - sndUna - sacked - lost;
}

/** What RFC 9937 §6.2 keeps. */
class Reference {
  delivered = 0;
  out = 0;
  private readonly ssthresh: number;
  private readonly recoverFs: number;

  /** Recovery begins with an ACK that delivered `delivered`; `flight` were not acknowledged, `sacked` of them held before it. */
  constructor(ssthresh: number, flight: number, sacked: number, acked: number) {
    this.ssthresh = ssthresh;
    this.recoverFs = flight - sacked + acked;
  }

  /** cwnd after an ACK: `inflight`, and as much as may be sent. */
  acknowledged(delivered: number, inflight: number, isSafe: boolean): number {
    this.delivered += delivered;
    let count: number;
    if (inflight > this.ssthresh) {
      count = Math.ceil((this.delivered * this.ssthresh) / this.recoverFs) - this.out;
    } else {
      count = Math.max(this.delivered - this.out, delivered);
      if (isSafe) count += SMSS;
      count = Math.min(this.ssthresh - inflight, count);
    }
    if (this.out === 0 && count < SMSS) count = SMSS; // the first is forced
    return inflight + Math.max(count, 0);
  }
}

describe.each(selectiveTargets)('RFC 9937 §6.2: $name', (target) => {
  const window = 2 * target.initialWindow;

  test('9937-3 prr-first-rexmit-forced: though more than ssthresh is in the network', () => {
    const { t, una: first } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(first), sack: blocksOf([first + 1, first + 4]) });
    expectSegments(t, at(first), 1);
    t.silence();
    const info = t.info()!;
    expect(pipe(info)).toBeGreaterThan(info.ssthresh);
    expect(info.cwnd).toBe(pipe(info));
  });

  test('9937-1 prr-proportional: ACK by ACK of the rest, as the algorithm says', () => {
    const { t, una: first } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(first), sack: blocksOf([first + 1, first + 4]) });
    let info = t.info()!;
    const reference = new Reference(info.ssthresh, window * SMSS, 0, 0);
    // Three were delivered at once; the retransmission is out.
    expect(info.cwnd).toBe(reference.acknowledged(3 * SMSS, pipe(info) - SMSS, false));
    reference.out += SMSS;
    t.forget();
    for (let end = 5; end <= window; end++) {
      t.peer.send('A', { ack: at(first), sack: blocksOf([first + 1, first + end]) });
      info = t.info()!;
      const sent = t.peer.heard.splice(0).reduce((sum, { text }) => sum + text.length, 0);
      expect(info.cwnd, `up to ${end}`).toBe(reference.acknowledged(SMSS, pipe(info) - sent, false));
      expect(pipe(info)).toBeLessThanOrEqual(info.cwnd);
      expect(pipe(info)).toBeGreaterThan(info.cwnd - SMSS);
      reference.out += sent;
    }
  });

  test('9937-4 prr-exit: when the recovery point is passed, cwnd is ssthresh', () => {
    const { t, una: first } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(first), sack: blocksOf([first + 1, first + window]) });
    t.forget();
    const { ssthresh, sndNxt } = t.info()!;
    t.advance(RTT);
    t.peer.send('A', { ack: at(first + window) });
    t.forget();
    expect(t.info()).toMatchObject({ recovery: 0, cwnd: ssthresh, ssthresh });
    expect(t.info()!.sndNxt).toBeGreaterThan(sndNxt);
  });

  test('9937-2 prr-crb-vs-ssrb: below ssthresh as much as is delivered; a segment more when SND.UNA moves and nothing is lost', () => {
    const t = selective(target);
    const first = volley(t, 12);
    t.advance(RTT);
    // All but the last four are lost at once: much less than ssthresh is left in the network.
    const held = 12 - 4;
    t.peer.send('A', { ack: at(first), sack: blocksOf([first + held, first + held + 3]) });
    expectSegments(t, at(first), 3); // three were delivered, and more is lost: as much
    t.silence();
    t.peer.send('A', { ack: at(first), sack: blocksOf([first + held, first + 12]) });
    expectSegments(t, at(first + 3), 1); // SND.UNA has not moved: as much
    t.silence();
    t.advance(RTT);
    t.peer.send('A', { ack: at(first + 1), sack: blocksOf([first + held, first + 12]) });
    expectSegments(t, at(first + 4), 2); // it has: a segment more
    t.silence();
  });
});

describe.each(newReno.filter(({ hasSack }) => hasSack))(
  'RFC 9937 §6.2, half of the flight: $name',
  (target) => {
    test('9937-1 prr-proportional: one segment for every two, from the first to the last ACK of the round trip', () => {
      const { t, una: first } = selectiveFlight(target);
      t.advance(RTT);
      const sent: number[] = [];
      for (let end = 2; end <= 8; end++) {
        t.peer.send('A', { ack: at(first), sack: blocksOf([first + 1, first + end]) });
        sent.push(t.peer.heard.splice(0).length);
      }
      // Limited transmit for two, the forced one; ten are out then, seven in the network.
      expect(sent).toEqual([1, 1, 1, 0, 0, 0, 1]);
      expect(t.info()!.ssthresh).toBe(4 * SMSS);
    });
  },
);

// --- whatever is lost ---------------------------------------------------------------------------------------------------

/** A receiver, and the network before it that loses what it is told to. Segments are numbered by their place in the stream. */
class Receiver {
  /** Sequence numbers, by hundreds. */
  private readonly held = new Set<number>();
  next: number;
  /** The run that came last first. */
  private latest: number[] = [];

  constructor(next: number) {
    this.next = next;
  }

  /** Segment `n` arrives. */
  take(n: number): void {
    this.held.add(n);
    this.latest = [n, ...this.latest.filter((m) => m !== n)];
    while (this.held.has(this.next)) this.next++;
  }

  /** Up to three blocks, the most recent first. */
  blocks(): [number, number][] {
    const found: [number, number][] = [];
    for (const n of this.latest) {
      if (n < this.next || found.some(([from, to]) => n >= from && n < to)) continue;
      let [from, to] = [n, n + 1];
      while (this.held.has(from - 1)) from--;
      while (this.held.has(to)) to++;
      found.push([from, to]);
      if (found.length === 3) break;
    }
    return found;
  }
}

// Where there are runs enough to tell all segments apart: with fewer, `pipe` is an upper bound, and less is sent.
describe.each(fullTargets.filter(({ engine }) => engine === 'v8'))(
  'RFC 9937 §6.2, whatever is lost: $name',
  (target) => {
    const window = 2 * target.initialWindow;

    test('PRR-prop prr-property-bank: each ACK sets cwnd to what the algorithm says; what is sent is what was delivered, or less', () => {
      const losses = fc.uniqueArray(fc.nat(window - 1), { minLength: 1, maxLength: window - 3 });
      fc.assert(
        fc.property(losses, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (lost, later) => {
          const { t, una: first } = selectiveFlight(target);
          const receiver = new Receiver(first);
          const wire: number[] = [];
          for (let n = 0; n < window; n++) if (!lost.includes(n)) wire.push(first + n);
          let reference: Reference | undefined;
          let before = t.info()!;
          let chance = 0;
          /** An ACK was taken in, or a timer has run: is cwnd what the algorithm says? */
          const compare = (): void => {
            const info = t.info()!;
            const said = t.peer.heard.splice(0);
            const sent = said.reduce((sum, { text }) => sum + text.length, 0);
            for (const { seq } of said) {
              // New text is lost as chance has it, a retransmission never.
              const isNew = (seq - t.peer.iss) >>> 0 >= before.sndNxt;
              if (!isNew || later[chance++ % later.length])
                wire.push((((seq - t.peer.iss) >>> 0) - 1) / SMSS);
            }
            const acked = info.sndUna - before.sndUna;
            const delivered = acked + info.sacked - before.sacked;
            const isNow = info.recovery === 1;
            const begins = isNow && (before.recovery !== 1 || before.ssthresh !== info.ssthresh);
            if (begins)
              reference = new Reference(info.ssthresh, before.sndNxt - info.sndUna, before.sacked, acked);
            if (isNow && reference !== undefined && (delivered > 0 || begins)) {
              const isSafe = acked > 0 && newlyLost(before, info) <= 0;
              const inflight = pipe(info) - sent;
              expect(info.cwnd).toBe(reference.acknowledged(delivered, inflight, isSafe));
              reference.out += sent;
              // The bank: while more than ssthresh is in the network, no more than was delivered, but for the forced one.
              if (inflight > info.ssthresh)
                expect(reference.out).toBeLessThanOrEqual(reference.delivered + SMSS);
            } else if (isNow && reference !== undefined) {
              reference.out += sent;
            }
            expect(pipe(info)).toBeLessThanOrEqual(Math.max(info.cwnd, pipe(before)));
            before = info;
          };
          for (let trip = 0; trip < 6 && wire.length > 0; trip++) {
            t.advance(RTT);
            compare();
            for (const n of wire.splice(0)) {
              receiver.take(n);
              const blocks = blocksOf(...receiver.blocks());
              t.peer.send('A', { ack: at(receiver.next), ...(blocks.length > 0 ? { sack: blocks } : {}) });
              compare();
            }
          }
          t.forget();
          expect(t.end()).toEqual([]);
        }),
        { seed: 9937, numRuns: 150 },
      );
    });
  },
);

/** By how many octets more are lost, what has been sent again since counted. */
function newlyLost(before: Info, info: Info): number {
  return info.lost + (info.retransmits - before.retransmits) * SMSS - before.lost;
}
