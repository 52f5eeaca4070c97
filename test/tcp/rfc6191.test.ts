// SPDX-License-Identifier: MIT
// RFC 6191 §2: with timestamps a SYN may open a new connection out of TIME-WAIT by its timestamp, whatever its sequence
// number. Without them the sequence number decides: 3.6.1-time-wait.test.ts.

import { describe, expect, test } from 'vitest';
import { fullTargets, listening } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** TSval of all segments of the old connection. */
const LAST = 1_000;
/** Where the peer's next sequence number would have been. */
const NEXT = 2;

/** TIME-WAIT without an owner, behind a connection with timestamps, unless told. */
function ended(target: Target, tsVal: number | undefined = LAST): Dialogue {
  const t = listening(target);
  t.peer.tsVal = tsVal;
  t.peer.send('S', { mss: target.mss });
  t.expect('SA');
  t.peer.send('A');
  t.accept();
  t.close();
  t.expect('FA');
  t.peer.send('FA');
  t.expect('A', { seq: 2, ack: NEXT });
  expect(t.state()).toBe('TIME-WAIT');
  return t;
}

describe.each(fullTargets)('RFC 6191 §2: $name', (target) => {
  test.each([
    ['beyond the old connection', NEXT + 1_000],
    ['at its end', NEXT],
    ['in its midst', 1],
    ['far below', -1_000_000],
  ])('SHLD-4, 6191-1 timewait-syn-ts: a later timestamp opens a new connection, its SYN %s', (_, seq) => {
    const t = ended(target);
    t.peer.tsVal = LAST + 1;
    t.peer.send('S', { seq });
    t.expect('SA', { ack: seq + 1 });
    t.peer.send('A', { seq: seq + 1, ack: 1 });
    t.s = t.listener;
    expect(typeof t.accept()).toBe('number');
    t.peer.send('PA', { seq: seq + 1, text: 'hello', ack: 1 });
    expect(t.recv()).toBe('hello');
    t.forget();
  });

  test('SHLD-4, 6191-1 timewait-syn-ts: later is meant modulo 2^32', () => {
    const t = ended(target, 0xfffffff0);
    t.peer.tsVal = 5;
    t.peer.send('S', { seq: 1 });
    t.expect('SA', { ack: 2 });
  });

  test('6191-1 timewait-syn-old: an earlier timestamp opens nothing, though its SYN lies beyond', () => {
    const t = ended(target);
    t.peer.tsVal = LAST - 1;
    t.peer.send('S', { seq: NEXT + 1_000 });
    t.forget();
    expect(t.state()).toBe('TIME-WAIT');
  });

  test.each([
    ['beyond the old connection opens one', NEXT + 1_000, 'SYN-RECEIVED'],
    ['in its midst does not', 1, 'TIME-WAIT'],
  ])('6191-1 timewait-syn-seq: with the same timestamp a SYN %s', (_, seq, state) => {
    const t = ended(target);
    t.peer.send('S', { seq });
    t.forget();
    expect(t.state()).toBe(state);
  });

  test.each([
    ['beyond the old connection opens one', NEXT + 1_000, 'SYN-RECEIVED'],
    ['in its midst does not', 1, 'TIME-WAIT'],
  ])('6191-1 timewait-syn-seq: without a timestamp a SYN %s', (_, seq, state) => {
    const t = ended(target);
    t.peer.tsVal = undefined;
    t.peer.send('S', { seq });
    t.forget();
    expect(t.state()).toBe(state);
  });
});
