// SPDX-License-Identifier: MIT
// RFC 2883, the SACK option for what came twice: the examples of §4 with segments of SMSS octets in place of 500, and what the
// sender makes of such a report. What RACK does with it is in rfc8985-rack.test.ts, the tail loss probe in rfc8985-tlp.test.ts.

import { describe, expect, test } from 'vitest';
import {
  at,
  blocksOf,
  expectSegments,
  queue,
  RTT,
  selective,
  selectiveFlight,
  SMSS,
} from '../support/flight.ts';
import { DELAYED_ACK, established, octets, selectiveTargets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

/** The segments from `first` to before `last` come as one. */
function arrives(t: Dialogue, first: number, last = first + 1): void {
  t.peer.send('A', { seq: at(first), text: octets((last - first) * SMSS, first * SMSS) });
}

describe.each(selectiveTargets)('RFC 2883 §4 the receiver: $name', (target) => {
  test('2883-1 dsack-below, §4.1.1: a segment that was acknowledged comes again', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 1);
    t.expect('A', { ack: at(2), sack: undefined });
    arrives(t, 0);
    t.expect('A', { ack: at(2), sack: blocksOf([0, 1]) });
  });

  test('2883-1 dsack-below, §4.1.2: with a segment out of order', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 1);
    arrives(t, 3);
    t.forget();
    arrives(t, 0);
    t.expect('A', { ack: at(2), sack: blocksOf([0, 1], [3, 4]) });
  });

  test('2883-1 dsack-within, §4.1.3: a segment out of order comes again: its block, then the run that it is in', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 2);
    arrives(t, 3);
    t.forget();
    arrives(t, 3);
    t.expect('A', { ack: at(1), sack: blocksOf([3, 4], [2, 4]) });
  });

  test('2883-1 dsack-partial, §4.2.1: a part of the segment was acknowledged', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 3);
    arrives(t, 1);
    t.forget();
    arrives(t, 1, 3);
    t.expect('A', { ack: at(4), sack: blocksOf([1, 2]) });
  });

  test('2883-1 dsack-partial, §4.2.2: two parts came before, and are covered by the acknowledgment', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 5);
    arrives(t, 1);
    arrives(t, 3);
    t.forget();
    arrives(t, 1, 4);
    t.expect('A', { ack: at(4), sack: blocksOf([1, 2], [5, 6]) });
  });

  test('2883-1 dsack-partial, §4.2.3: two parts came before, and are not: the first, then the run', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 6);
    arrives(t, 2);
    arrives(t, 4);
    t.forget();
    arrives(t, 2, 5);
    t.expect('A', { ack: at(1), sack: blocksOf([2, 3], [2, 5], [6, 7]) });
  });

  test('2883-1 dsack-partial: the front is new, the rest was held', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 3);
    t.forget();
    arrives(t, 2, 4);
    t.expect('A', { ack: at(1), sack: blocksOf([3, 4], [2, 4]) });
  });

  test('each is reported once', () => {
    const t = selective(target);
    arrives(t, 0);
    arrives(t, 2);
    arrives(t, 0);
    t.forget();
    arrives(t, 3);
    t.expect('A', { ack: at(1), sack: blocksOf([2, 4]) });
    arrives(t, 1);
    t.expect('A', { ack: at(4), sack: undefined });
    arrives(t, 1);
    t.expect('A', { ack: at(4), sack: blocksOf([1, 2]) });
    arrives(t, 4);
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: at(5), sack: undefined });
  });

  test('with four runs held the report takes the place of the last', () => {
    const t = selective(target);
    for (const n of [1, 3, 5, 7]) arrives(t, n);
    t.forget();
    arrives(t, 7);
    t.expect('A', { sack: blocksOf([7, 8], [7, 8], [5, 6], [3, 4]) });
  });

  test('a FIN or an empty segment that comes again is no text: no report', () => {
    const t = selective(target);
    arrives(t, 0);
    t.peer.send('FA', { seq: at(1) });
    t.expect('A', { ack: at(1) + 1 });
    t.peer.send('FA', { seq: at(1) });
    t.expect('A', { ack: at(1) + 1, sack: undefined });
    t.peer.send('A', { seq: 0 });
    t.expect('A', { sack: undefined });
  });

  test('no report to a peer that did not offer SACK', () => {
    const t = established(target);
    arrives(t, 0);
    arrives(t, 1);
    t.forget();
    arrives(t, 0);
    t.expect('A', { ack: at(2), sack: undefined });
  });
});

describe.each(selectiveTargets)('RFC 2883 §5 the sender: $name', (target) => {
  test('a report below SEG.ACK tells of nothing that is held', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    for (let i = 0; i < 4; i++) t.peer.send('A', { ack: at(una), sack: blocksOf([una - 1, una]) });
    t.silence(RTT / 2);
    expect(t.info()).toMatchObject({ sacked: 0, lost: 0, recovery: 0 });
  });

  test('a report within the second block is counted once', () => {
    const { t, una } = selectiveFlight(target);
    t.advance(RTT);
    for (let i = 0; i < 3; i++)
      t.peer.send('A', { ack: at(una), sack: blocksOf([una + 2, una + 3], [una + 1, una + 3]) });
    expect(t.info()).toMatchObject({ sacked: 2 * SMSS, lost: 0, recovery: 0 });
    t.forget();
  });

  test('it keeps no segment from recovery: what is missing is sent again', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una - 2, una - 1], [una + 1, una + 4]) });
    expectSegments(t, at(una), 1);
    t.forget();
    t.peer.send('A', { ack: at(nxt) });
    t.forget();
    expect(t.info()).toMatchObject({ sacked: 0, retransmits: 1 });
  });

  test('with nothing in flight it does no harm', () => {
    const t = selective(target);
    queue(t, 1, 0);
    expectSegments(t, at(0), 1);
    t.peer.send('A', { ack: at(1) });
    for (let i = 0; i < 5; i++) t.peer.send('A', { ack: at(1), sack: blocksOf([0, 1]) });
    t.silence(1_000);
    queue(t, 1, SMSS);
    expectSegments(t, at(1), 1);
    t.peer.send('A', { ack: at(2) });
    expect(t.info()).toMatchObject({ sacked: 0, lost: 0, retransmits: 0, cwnd: target.initialWindow * SMSS });
  });
});
