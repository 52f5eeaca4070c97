// SPDX-License-Identifier: MIT
// Text out of order, RFC 9293 §3.10.7.4 seventh and SHLD-31: kept in the receive ring at its place, delivered when the gap
// is filled, acknowledged at once (RFC 5681 §4.2). At most four runs are kept; what is corrupt damages nothing.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DELAYED_ACK, established, octets, targets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

/** Runs out of order that are kept: TCP_INTERVALS. */
const INTERVALS = 4;

/** The octets [from, to) of the stream; the first octet of text is octet 1. */
function part(from: number, to: number): { seq: number; text: string } {
  return { seq: from, text: octets(to - from, from) };
}

function received(t: Dialogue, upTo: number): boolean {
  return t.recv() === octets(upTo - 1, 1);
}

describe.each(targets)('reassembly: $name', (target) => {
  test('SHLD-31 ooo-queued, MAY-13 ooo-immediate-dupack: text behind a gap is kept and answered at once', () => {
    const t = established(target);
    t.peer.send('A', part(11, 21));
    t.expect('A', { seq: 1, ack: 1, win: target.ring });
    expect(t.recv()).toBe('EAGAIN');
    t.peer.send('A', part(1, 11));
    t.expect('A', { ack: 21 });
    expect(received(t, 21)).toBe(true);
    t.silence(DELAYED_ACK);
  });

  test('5681-10 ack-immediate-fill: a gap that is filled in part is answered at once', () => {
    const t = established(target);
    t.peer.send('A', part(21, 31));
    t.expect('A', { ack: 1 });
    t.peer.send('A', part(1, 11));
    t.expect('A', { ack: 11 });
    t.peer.send('A', part(11, 21));
    t.expect('A', { ack: 31 });
    expect(received(t, 31)).toBe(true);
  });

  test('the last segment first', () => {
    const t = established(target);
    for (const from of [31, 21, 11]) {
      t.peer.send('A', part(from, from + 10));
      t.expect('A', { ack: 1 });
    }
    expect(t.info()?.intervals).toBe(1);
    t.peer.send('A', part(1, 11));
    t.expect('A', { ack: 41 });
    expect(received(t, 41)).toBe(true);
  });

  test('every second segment, then the others', () => {
    const t = established(target);
    for (const from of [11, 31, 51]) t.peer.send('A', part(from, from + 10));
    expect(t.info()?.intervals).toBe(3);
    for (const from of [41, 21]) t.peer.send('A', part(from, from + 10));
    expect(t.info()?.intervals).toBe(1);
    t.forget();
    t.peer.send('A', part(1, 11));
    t.expect('A', { ack: 61 });
    expect(received(t, 61)).toBe(true);
  });

  test('runs from the right to the left, each before all others, then the gaps from the left to the right', () => {
    const t = established(target);
    for (const from of [61, 41, 21]) {
      t.peer.send('A', part(from, from + 10));
      t.expect('A', { ack: 1 });
    }
    expect(t.info()?.intervals).toBe(3);
    for (const [from, to, ack] of [
      [1, 21, 31],
      [31, 41, 51],
      [51, 61, 71],
    ] as const) {
      t.peer.send('A', part(from, to));
      t.expect('A', { ack });
    }
    expect(received(t, 71)).toBe(true);
  });

  test.each([
    ['the same again', [11, 21]],
    ['a part of it', [13, 18]],
    ['more on both sides', [9, 25]],
    ['more on the left', [9, 15]],
    ['more on the right', [15, 25]],
    ['touching on the left', [6, 11]],
    ['touching on the right', [21, 26]],
  ])('overlap with text that is held: %s', (_, [from, to]) => {
    const t = established(target);
    t.peer.send('A', part(11, 21));
    t.peer.send('A', part(from!, to!));
    expect(t.info()?.intervals).toBe(1);
    t.forget();
    t.peer.send('A', part(1, 31));
    t.expect('A', { ack: 31 });
    expect(received(t, 31)).toBe(true);
  });

  test('one segment closes several gaps', () => {
    const t = established(target);
    for (const from of [11, 31, 51]) t.peer.send('A', part(from, from + 5));
    t.forget();
    t.peer.send('A', part(1, 61));
    t.expect('A', { ack: 61 });
    expect(t.info()?.intervals).toBe(0);
    expect(received(t, 61)).toBe(true);
  });

  test('what came first stays: a second version of held octets is not taken', () => {
    const t = established(target);
    t.peer.send('A', { seq: 4, text: 'def' });
    t.peer.send('A', { seq: 1, text: 'abcXXXghi' });
    t.forget();
    expect(t.recv()).toBe('abcdefghi');
  });

  test('mem-1 dos-ooo: a gap too many is counted and left; it is filled when it comes again', () => {
    const t = established(target);
    const starts = Array.from({ length: INTERVALS + 1 }, (_, i) => 11 + 20 * i);
    for (const from of starts) t.peer.send('A', part(from, from + 10));
    expect(t.info()?.intervals).toBe(INTERVALS);
    expect(t.counter('TcpIntervalsFull')).toBe(1);
    t.forget();
    const end = starts.at(-1) + 10;
    for (let from = 1; from < starts.at(-1); from += 10) t.peer.send('A', part(from, from + 10));
    t.forget();
    expect(t.info()?.rcvNxt).toBe(starts.at(-1));
    t.peer.send('A', part(starts.at(-1), end));
    expect(t.info()?.rcvNxt).toBe(end);
    expect(received(t, end)).toBe(true);
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('what is beyond the window is not kept', () => {
    const t = established(target);
    t.peer.send('A', part(target.ring - 4, target.ring + 6));
    t.expect('A', { ack: 1 });
    t.peer.send('A', part(target.ring + 1, target.ring + 11));
    t.expect('A', { ack: 1 });
    expect(t.counter('TcpUnacceptable')).toBe(1);
    for (let from = 1; from < target.ring - 4;) {
      const to = Math.min(from + target.mss, target.ring - 4);
      t.peer.send('A', part(from, to));
      from = to;
    }
    t.forget();
    expect(t.info()?.rcvNxt).toBe(target.ring + 1);
    expect(received(t, target.ring + 1)).toBe(true);
    t.forget();
  });

  test('a corrupt segment over held text damages nothing, in order or out of order', () => {
    const t = established(target);
    t.peer.send('PA', part(1, 11));
    t.peer.send('A', part(21, 31));
    t.forget();
    for (const seq of [1, 5, 11, 15, 21, 25])
      t.peer.send('A', { seq, text: 'X'.repeat(40), checksumError: 1 });
    t.silence();
    expect(t.counter('TcpChecksumError')).toBe(6);
    t.peer.send('A', part(11, 21));
    t.expect('A', { ack: 31 });
    expect(received(t, 31)).toBe(true);
  });

  test('runs at odd places keep the sum right', () => {
    const t = established(target);
    for (const [from, to] of [
      [8, 13],
      [21, 22],
      [30, 37],
    ] as const)
      t.peer.send('A', part(from, to));
    t.forget();
    t.peer.send('A', part(2, 60));
    expect(t.counter('TcpChecksumError')).toBe(0);
    t.peer.send('A', part(1, 2));
    t.forget();
    expect(received(t, 60)).toBe(true);
  });

  test('across the end of the ring', () => {
    const t = established(target);
    const to = target.ring - 7;
    for (let from = 1; from < to;) {
      const end = Math.min(from + target.mss, to);
      t.peer.send('A', part(from, end));
      t.recv();
      from = end;
    }
    t.forget();
    t.peer.send('A', part(to + 5, to + 45));
    t.expect('A', { ack: to });
    t.peer.send('A', part(to, to + 50));
    t.expect('A', { ack: to + 50 });
    expect(t.recv()).toBe(octets(50, to));
    t.forget();
  });
});

/** What is kept of a stream whose segments come in any order: octet by octet, at most INTERVALS runs beyond `next`. */
class Model {
  next = 1;
  private readonly held: boolean[] = [];

  take(from: number, to: number): void {
    from = Math.max(from, this.next);
    if (from >= to) return;
    const touches = this.held.slice(from - 1, to + 1).includes(true);
    if (from > this.next && !touches && this.runs === INTERVALS) return;
    for (let i = from; i < to; i++) this.held[i] = true;
    while (this.held[this.next]) this.held[this.next++] = false;
  }

  get runs(): number {
    return this.held.filter((isHeld, i) => isHeld && !this.held[i - 1]).length;
  }
}

test('segments of a stream in any order, some of them corrupt, wherever in the ring', () => {
  const [target] = targets;
  const segment = fc.record({
    from: fc.integer({ min: 1, max: 400 }),
    len: fc.integer({ min: 1, max: 120 }),
    isCorrupt: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(segment, { maxLength: 40 }),
      fc.integer({ min: 0, max: 5000 }),
      (segments, before) => {
        const t = established(target!);
        for (let sent = 0; sent < before;) {
          const len = Math.min(1000, before - sent);
          t.peer.send('A', { seq: 1 + sent, text: 'x'.repeat(len) });
          t.recv();
          sent += len;
        }
        const model = new Model();
        let text = '';
        for (const { from, len, isCorrupt } of segments) {
          const sent = isCorrupt ? '?'.repeat(len) : octets(len, from);
          t.peer.send('A', { seq: before + from, text: sent, checksumError: isCorrupt ? 1 : 0 });
          if (!isCorrupt) model.take(from, from + len);
          expect([t.info()!.rcvNxt - before, t.info()!.intervals]).toEqual([model.next, model.runs]);
          if (text.length < model.next - 1) text += t.recv();
        }
        expect(text).toBe(octets(model.next - 1, 1));
        t.advance(DELAYED_ACK);
        t.forget();
        t.end();
      },
    ),
    { numRuns: 150 },
  );
});
