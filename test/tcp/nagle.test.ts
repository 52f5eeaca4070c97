// SPDX-License-Identifier: MIT
// Nagle's algorithm, RFC 9293 §3.7.4, and what is said of PUSH where it decides when text leaves (§3.9.1.2).

import { describe, expect, test } from 'vitest';
import { at, expectSegments, queue, small, SMSS } from '../support/flight.ts';
import { established, listening, octets, open, Option, targets } from '../vocabulary.ts';

describe.each(targets)('RFC 9293 §3.7.4 Nagle’s algorithm: $name', (target) => {
  test('SHLD-7 nagle-on-by-default: a short segment leaves at once when nothing is outstanding', () => {
    const t = established(target);
    t.send('first');
    t.expect('A', { seq: 1, text: 'first' });
  });

  test('SHLD-7 nagle-on-by-default: the next wait for its ACK and leave together', () => {
    const t = established(target);
    t.send('first');
    t.expect('A', { seq: 1, text: 'first' });
    t.send('second');
    t.send('third');
    t.silence(target.rto - 1);
    t.peer.send('A', { ack: 6 });
    t.expect('A', { seq: 6, text: 'secondthird' });
    t.silence();
  });

  test('an ACK of part of what is outstanding does not release a short segment', () => {
    const t = small(target);
    queue(t, 2, 0);
    expectSegments(t, at(0), 2);
    t.send('tail');
    t.peer.send('A', { ack: at(1) });
    t.silence();
    t.peer.send('A', { ack: at(2) });
    t.expect('A', { seq: at(2), text: 'tail' });
  });

  test('full segments do not wait', () => {
    const t = small(target);
    t.send('x');
    t.expect('A', { seq: 1, len: 1 });
    t.send(octets(2 * SMSS + 20));
    t.expect('A', { seq: 2, text: octets(SMSS) });
    t.expect('A', { seq: 2 + SMSS, text: octets(SMSS, SMSS) });
    t.silence();
    t.peer.send('A');
    t.expect('A', { seq: 2 + 2 * SMSS, len: 20 });
  });

  test('what has grown to a full segment meanwhile leaves', () => {
    const t = small(target);
    t.send('x');
    t.expect('A', { seq: 1, len: 1 });
    t.send(octets(SMSS - 1));
    t.silence();
    t.send(octets(1, SMSS - 1));
    t.expect('A', { seq: 2, text: octets(SMSS) });
  });

  test('a FIN takes with it what waits', () => {
    const t = established(target);
    t.send('first');
    t.expect('A', { text: 'first' });
    t.send('second');
    t.silence();
    t.shutdown(1);
    t.expect('FA', { seq: 6, text: 'second' });
  });

  test('a lost segment does not hold up what waits for ever', () => {
    const t = established(target);
    t.send('first');
    t.expect('A', { text: 'first' });
    t.send('second');
    t.wait();
    t.expect('A', { seq: 1, text: 'first' });
    t.silence();
    t.peer.send('A', { ack: 6 });
    t.expect('A', { seq: 6, text: 'second' });
  });
});

describe.each(targets)('RFC 9293 §3.7.4 MUST-17 nagle-can-be-disabled: $name', (target) => {
  test('with TCP_NODELAY every text leaves at once', () => {
    const t = established(target);
    expect(t.getsockopt(Option.TCP_NODELAY)).toBe(0);
    expect(t.setsockopt(Option.TCP_NODELAY, 1)).toBe(0);
    expect(t.getsockopt(Option.TCP_NODELAY)).toBe(1);
    for (const [seq, text] of [
      [1, 'first'],
      [6, 'second'],
      [12, 'third'],
    ] as const) {
      t.send(text);
      t.expect('A', { seq, text });
    }
  });

  test('setting it releases what waits', () => {
    const t = established(target);
    t.send('first');
    t.expect('A', { text: 'first' });
    t.send('second');
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.expect('A', { seq: 6, text: 'second' });
  });

  test('it can be taken back', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.setsockopt(Option.TCP_NODELAY, 0);
    t.send('first');
    t.expect('A', { text: 'first' });
    t.send('second');
    t.silence();
  });

  test('it may be set before the connection is opened', () => {
    const t = open(target);
    t.s = t.call('socket') as number;
    expect(t.setsockopt(Option.TCP_NODELAY, 1)).toBe(0);
    expect(t.call('connect', t.s, t.peer.address, t.peer.port)).toBe('EINPROGRESS');
    const syn = t.others.shift()!; // from an ephemeral port
    expect(syn).toMatchObject({ kind: 'tcp', flags: 'S' });
    expect(t.getsockopt(Option.TCP_NODELAY)).toBe(1);
  });

  test('connections inherit it from their listener', () => {
    const t = listening(target);
    expect(t.setsockopt(Option.TCP_NODELAY, 1)).toBe(0);
    t.peer.send('S');
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    expect(t.getsockopt(Option.TCP_NODELAY)).toBe(1);
    t.send('first');
    t.send('second');
    t.expect('A', { text: 'first' });
    t.expect('A', { text: 'second' });
  });

  test('it is the matter of one connection', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    const first = t.s;
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    t.s = t.s - 1; // the listener
    while (typeof t.accept() !== 'number') t.s--;
    expect(t.s).not.toBe(first);
    expect(t.getsockopt(Option.TCP_NODELAY)).toBe(0);
  });
});

describe.each(targets)('RFC 9293 §3.9.1.2 PUSH: $name', (target) => {
  test('MUST-61 push-on-last-segment: set on the last segment of what is queued, not on the others', () => {
    const t = small(target);
    queue(t, 3, 0);
    t.expect('A', { seq: at(0) });
    t.expect('A', { seq: at(1) });
    t.expect('AP', { seq: at(2) });
    expect(t.peer.heard).toEqual([]);
  });

  test('MUST-60 push-data-not-held-forever: nothing waits longer than for an ACK or the retransmission timer', () => {
    const t = established(target);
    t.send('a');
    t.expect('AP', { text: 'a' });
    t.send('b');
    t.peer.send('A', { ack: 2 });
    t.expect('AP', { seq: 2, text: 'b' });
  });
});
