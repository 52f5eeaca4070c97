// SPDX-License-Identifier: MIT
// RFC 2018, selective acknowledgment: what we tell of text out of order, and what we make of what the peer tells. When the
// sender takes something for lost is in rfc6675.test.ts and rfc8985-rack.test.ts, what came twice in rfc2883-dsack.test.ts.

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
import { emitOptions } from '../support/options.ts';
import {
  DELAYED_ACK,
  established,
  listening,
  octets,
  selectiveTargets,
  synSent,
  targets,
} from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

/** The peer sends segment `n`. */
function arrives(t: Dialogue, n: number): void {
  t.peer.send('A', { seq: at(n), text: octets(SMSS, n * SMSS) });
}

describe.each(targets)('RFC 2018 §2 SACK-permitted: $name', (target) => {
  const sackOk = target.hasSack || undefined;

  test('2018-1 sack-permitted-only-syn: our SYN bears it, our SYN,ACK if the peer’s SYN did, nothing else does', () => {
    const active = listening(target);
    active.peer.send('S', { mss: SMSS, sackOk: true });
    active.expect('SA', { sackOk });
    active.peer.send('A');
    active.accept();
    active.send('x');
    active.expect('A', { len: 1, sackOk: undefined });
    const plain = listening(target);
    plain.peer.send('S', { mss: SMSS });
    plain.expect('SA', { sackOk: undefined });
  });

  test('2018-1 sack-permitted-only-syn: an active open offers it', () => {
    const t = synSent(target);
    t.wait();
    t.expect('S', { sackOk });
    t.peer.send('SA', { mss: SMSS });
    t.expect('A', { sackOk: undefined });
  });

  for (const [title, flags, options] of [
    ['the peer’s SYN did not bear it', 'A', {}],
    ['the peer bears it where it has no place', 'A', { sackOk: true }],
  ] as const) {
    test(`2018-1 sack-only-when-negotiated: no blocks when ${title}`, () => {
      const t = established(target);
      t.peer.send(flags, options);
      arrives(t, 1);
      t.expect('A', { ack: 1, sack: undefined });
      expect(t.info()!.options & 1).toBe(0);
    });
  }

  test('2018-1 sack-only-when-negotiated: blocks of a peer that did not offer it tell nothing', () => {
    const t = established(target, { mss: SMSS });
    queue(t, 4, 0);
    expectSegments(t, at(0), 4);
    for (const end of [2, 3, 4]) t.peer.send('A', { ack: at(0), win: 9_000 + end, sack: blocksOf([1, end]) });
    t.silence();
    expect(t.info()!.sacked).toBe(0);
  });
});

describe.each(selectiveTargets)('RFC 2018 §4 the receiver: $name', (target) => {
  test('2018-2 sack-first-block-most-recent: the first block is the run that the segment is in', () => {
    const t = selective(target);
    for (const [n, sack] of [
      [1, blocksOf([1, 2])],
      [5, blocksOf([5, 6], [1, 2])],
      [3, blocksOf([3, 4], [5, 6], [1, 2])],
      [6, blocksOf([5, 7], [3, 4], [1, 2])],
      [2, blocksOf([1, 4], [5, 7])],
    ] as const) {
      arrives(t, n);
      t.expect('A', { ack: at(0), len: 0, sack });
    }
  });

  test('2018-3 sack-block-count: four runs, four blocks', () => {
    const t = selective(target);
    for (const n of [1, 3, 5, 7]) arrives(t, n);
    const last = t.peer.heard.at(-1);
    expect(last.options.length).toBe(36);
    t.peer.heard.splice(0, 3);
    const { sack, ...rest } = { ack: at(0), sack: blocksOf([7, 8], [5, 6], [3, 4], [1, 2]) };
    t.expect('A', { ...rest, sack });
  });

  test('2018-4 sack-in-every-dupack: in every ACK while something is missing, in none after', () => {
    const t = selective(target);
    arrives(t, 1);
    t.expect('A', { sack: blocksOf([1, 2]) });
    // For a keep-alive, and with text.
    t.peer.send('A', { seq: 0 });
    t.expect('A', { ack: at(0), sack: blocksOf([1, 2]) });
    t.send('hello');
    t.expect('A', { text: 'hello', sack: blocksOf([1, 2]) });
    t.peer.send('A');
    arrives(t, 0);
    t.expect('A', { ack: at(2), sack: undefined });
    arrives(t, 2);
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: at(3), sack: undefined });
  });

  test('2018-4 sack-in-every-dupack: text is so much shorter', () => {
    const t = selective(target);
    arrives(t, 1);
    t.forget();
    queue(t, 2, 0);
    for (const from of [0, SMSS - 12]) t.expect('A', { seq: 1 + from, text: octets(SMSS - 12, from) });
    expect(t.info()!.mss).toBe(SMSS);
    t.forget();
  });

  test('2018-6 sack-rfc2018-case-1: the last of eight segments are dropped', () => {
    const t = selective(target);
    for (const n of [0, 1, 2, 3]) arrives(t, n);
    for (const ack of [at(2), at(4)]) t.expect('A', { ack, sack: undefined });
  });

  test('2018-6 sack-rfc2018-case-2: the first is dropped', () => {
    const t = selective(target);
    for (let n = 1; n < 8; n++) {
      arrives(t, n);
      t.expect('A', { ack: at(0), sack: blocksOf([1, n + 1]) });
    }
  });

  test('2018-6 sack-rfc2018-case-3: the second, fourth, sixth and eighth are dropped; the fourth and the second come late', () => {
    const t = selective(target);
    arrives(t, 0);
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: at(1), sack: undefined });
    for (const [n, ack, sack] of [
      [2, at(1), blocksOf([2, 3])],
      [4, at(1), blocksOf([4, 5], [2, 3])],
      [6, at(1), blocksOf([6, 7], [4, 5], [2, 3])],
      [3, at(1), blocksOf([2, 5], [6, 7])],
      [1, at(5), blocksOf([6, 7])],
    ] as const) {
      arrives(t, n);
      t.expect('A', { ack, sack });
    }
  });

  test('what is told is held: it is delivered when the gap is filled, and not asked for again', () => {
    const t = selective(target);
    for (const n of [1, 3, 5]) arrives(t, n);
    t.forget();
    for (const n of [0, 2, 4]) arrives(t, n);
    expect(t.recv()).toBe(octets(6 * SMSS));
    t.forget();
    expect(t.info()!.intervals).toBe(0);
  });

  test('what is beyond the window, or corrupt, or finds no place, is not told', () => {
    const t = selective(target);
    t.peer.send('A', { seq: 1 + target.ring, text: 'beyond' });
    t.expect('A', { ack: at(0), sack: undefined });
    t.peer.send('A', { seq: at(1), text: 'corrupt', checksumError: 1 });
    t.silence();
    for (const n of [1, 3, 5, 7]) arrives(t, n);
    t.forget();
    arrives(t, 9);
    t.expect('A', { sack: blocksOf([7, 8], [5, 6], [3, 4], [1, 2]) });
  });
});

describe.each(selectiveTargets)('RFC 2018 §5 the sender: $name', (target) => {
  test('what the peer holds is not sent again: of eight segments the two that are missing', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, una + 3], [una + 4, nxt]) });
    expect(t.info()).toMatchObject({ sacked: (nxt - una - 2) * SMSS, recovery: 1 });
    // They lie in one run of the wire's order: first the first.
    expectSegments(t, at(una), 1);
    expectSegments(t, at(una + 3), 1);
    t.forget();
    t.advance(RTT);
    t.peer.send('A', { ack: at(nxt) });
    t.forget();
    expect(t.info()!).toMatchObject({ sacked: 0, lost: 0, retransmits: 2, recovery: 0 });
  });

  test('2018-5 sack-reneging-survived: what was told and then thrown away is sent again after the timeout', () => {
    const { t, una, nxt } = selectiveFlight(target);
    const end = 1 + t.info()!.sendQueue + t.info()!.sndUna - 1;
    t.advance(RTT);
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, nxt]) });
    expectSegments(t, at(una), 1);
    t.forget();
    // The peer has run out of memory: of all that it told of it holds nothing.
    t.advance(RTT);
    t.peer.send('A', { ack: at(una + 1) });
    t.forget();
    t.wait();
    expect(t.info()!.sacked).toBe(0);
    expectSegments(t, at(una + 1), 1);
    // Everything comes again, in slow start, to the last octet.
    let held = at(una + 2);
    for (let turn = 0; turn < 200 && held < end; turn++) {
      t.advance(RTT);
      t.peer.send('A', { ack: held });
      for (const segment of t.peer.heard.splice(0)) {
        const seq = (segment.seq - t.peer.iss) >>> 0;
        expect(segment.text).toBe(octets(segment.text.length, seq - 1));
        if (seq === held) held += segment.text.length;
      }
    }
    expect(held).toBe(end);
    t.peer.send('A', { ack: held });
    expect(t.info()).toMatchObject({ sendQueue: 0, sacked: 0, lost: 0 });
  });

  test('2018-5 sack-reneging-survived: the octets stay in the ring until they are acknowledged', () => {
    const { t, una, nxt } = selectiveFlight(target);
    const { sendQueue } = t.info()!;
    t.peer.send('A', { ack: at(una), sack: blocksOf([una + 1, nxt]) });
    t.forget();
    expect(t.info()!.sendQueue).toBe(sendQueue);
  });

  const una = target.initialWindow;
  const nxt = 3 * una;
  for (const [title, sack] of [
    ['a start beyond the end', [[at(una + 3), at(una + 1)]]],
    ['an empty one', [[at(una + 1), at(una + 1)]]],
    ['one that was acknowledged', [[at(una - 2), at(una - 1)]]],
    ['one that begins below SND.UNA', [[at(una - 1), at(una + 2)]]],
    ['one that ends beyond SND.NXT', [[at(nxt - 2), at(nxt) + 1]]],
    ['one that was never sent', [[at(nxt), at(nxt + 3)]]],
    ['one on the other side of the sequence space', [[at(una) + 0x7fffffff, at(una) + 0x7fffff00]]],
    ['the whole of it', [[at(nxt), at(una)]]],
  ] as const) {
    test(`2018-7 sack-malformed: a block that makes no sense is passed over: ${title}`, () => {
      const { t } = selectiveFlight(target);
      t.advance(RTT);
      for (let i = 0; i < 3; i++) t.peer.send('A', { ack: at(una), sack });
      t.silence(RTT / 2);
      expect(t.info()).toMatchObject({ sacked: 0, lost: 0, retransmits: 0, recovery: 0 });
      // And beside one that does make sense.
      t.peer.send('A', { ack: at(una), sack: [...sack, [at(una + 1), at(nxt)]] });
      expectSegments(t, at(una), 1);
      t.forget();
      t.peer.send('A', { ack: at(nxt) });
      t.forget();
      expect(t.info()).toMatchObject({ sacked: 0, lost: 0, retransmits: 1 });
    });
  }

  for (const octetsOfOption of [2, 3, 9, 11, 17, 20, 35]) {
    test(`2018-7 sack-malformed: a length of ${octetsOfOption}`, () => {
      const { t } = selectiveFlight(target);
      const four = [una + 1, una + 2, una + 3, una + 4].map((n): [number, number] => [at(n), at(n + 1)]);
      const option = emitOptions({ sack: four }, t.peer.iss);
      option[1] = octetsOfOption;
      t.peer.send('A', { ack: at(una), options: [...option.slice(0, octetsOfOption), 0] });
      t.silence();
      expect(t.info()).toMatchObject({ sacked: 0, lost: 0 });
    });
  }
});
