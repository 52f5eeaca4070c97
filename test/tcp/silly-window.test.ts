// SPDX-License-Identifier: MIT
// Silly-window avoidance: the sender's, RFC 9293 §3.8.6.2.1, with its override timeout, and the receiver's, §3.8.6.2.2.

import { describe, expect, test } from 'vitest';
import { Random } from '../../host/net/random.ts';
import { at, expectSegments, queue, small, SMSS } from '../support/flight.ts';
import { DELAYED_ACK, established, octets, Option, targets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

const OVERRIDE_TIMEOUT = 200;

describe.each(targets)('RFC 9293 §3.8.6.2.1 MUST-38 sws-sender: $name', (target) => {
  test('(1) a segment of full size is sent', () => {
    const t = small(target);
    t.peer.send('A', { win: SMSS });
    queue(t, 3, 0);
    expectSegments(t, at(0), 1);
    t.silence();
  });

  test('(2) all that is queued is sent when nothing is outstanding', () => {
    const t = small(target);
    t.peer.send('A', { win: 60 });
    t.send(octets(60));
    t.expect('A', { seq: 1, len: 60 });
  });

  test('(3) half of the largest window so far is sent', () => {
    const t = small(target, { win: 80 });
    queue(t, 3, 0);
    t.expect('A', { seq: 1, len: 80 });
    t.peer.send('A', { win: 40 });
    t.expect('A', { seq: 81, len: 40 });
    t.peer.send('A', { win: 39 });
    t.silence();
  });

  test('less is not: the window has to open further', () => {
    const t = small(target);
    t.peer.send('A', { win: 60 });
    queue(t, 3, 0);
    t.silence();
    t.peer.send('A', { win: 99 });
    t.silence();
    t.peer.send('A', { win: 100 });
    expectSegments(t, at(0), 1);
  });

  test('the rest of a window that was nearly used up is left alone', () => {
    const t = small(target, { win: 2 * SMSS + 50 });
    t.setsockopt(Option.TCP_NODELAY, 1);
    queue(t, 5, 0);
    expectSegments(t, at(0), 2);
    t.silence();
  });

  test('(4) the override timeout: it is sent after 200 ms all the same', () => {
    const t = small(target);
    t.peer.send('A', { win: 60 });
    queue(t, 3, 0);
    t.silence(OVERRIDE_TIMEOUT - 1);
    t.advance(1);
    t.expect('A', { seq: 1, text: octets(60) });
    t.silence();
  });

  test('(4) what it sent is retransmitted like all text', () => {
    const t = small(target);
    t.peer.send('A', { win: 60 });
    queue(t, 3, 0);
    expect(t.wait()).toBe(OVERRIDE_TIMEOUT);
    t.expect('A', { seq: 1, len: 60 });
    expect(t.wait()).toBe(target.rto);
    t.expect('A', { seq: 1, len: 60 });
    t.peer.send('A', { win: 60 });
    expect(t.wait()).toBe(OVERRIDE_TIMEOUT);
    t.expect('A', { seq: 61, len: 60 });
  });

  test('(4) does not run while something is outstanding: its ACK decides', () => {
    const t = small(target, { win: SMSS + 30 });
    queue(t, 3, 0);
    expectSegments(t, at(0), 1);
    t.silence(target.rto - 1);
  });

  test('a window that opens meanwhile ends it', () => {
    const t = small(target);
    t.peer.send('A', { win: 60 });
    queue(t, 1, 0);
    t.silence(150);
    t.peer.send('A', { win: 500 });
    expectSegments(t, at(0), 1);
    t.silence(target.rto - 1);
  });
});

describe.each(targets)('RFC 9293 §3.8.6.2.2 MUST-39 sws-receiver: $name', (target) => {
  const { step } = target;

  /** The peer fills the ring. What the stack says meanwhile is checked: the right edge stays. */
  function filled(): Dialogue {
    const t = established(target);
    let seq = 1;
    while (seq <= target.ring) {
      const len = Math.min(target.mss, target.ring + 1 - seq);
      t.peer.send('A', { seq, text: octets(len, seq - 1) });
      seq += len;
    }
    t.advance(200);
    for (const segment of t.peer.heard.splice(0)) {
      const ack = (segment.ack - t.peer.irs) >>> 0;
      expect(ack + segment.win).toBe(target.ring + 1);
    }
    return t;
  }

  test('the window shrinks by what arrives and was not read, to zero', () => {
    const t = filled();
    expect(t.info()).toMatchObject({ rcvWnd: 0, receiveQueue: target.ring });
  });

  test('a little room is not offered: neither of itself nor when something else is said', () => {
    const t = filled();
    expect(t.recv(step - 1).length).toBe(step - 1);
    t.silence(1_000);
    t.send('x');
    t.expect('A', { seq: 1, len: 1, ack: target.ring + 1, win: 0 });
    t.peer.send('A', { seq: target.ring + 1, text: 'p' });
    t.expect('A', { ack: target.ring + 1, win: 0 });
  });

  test('a step of a segment, or half of the ring, is offered at once', () => {
    const t = filled();
    expect(t.recv(step).length).toBe(step);
    t.expect('A', { ack: target.ring + 1, win: step });
    t.silence(1_000);
  });

  test('while an ACK is delayed, which will tell it, a segment’s room waits for it', () => {
    const t = established(target);
    for (const turn of [0, 1]) {
      const seq = 1 + turn * step;
      t.peer.send('A', { seq, text: octets(step, seq - 1) });
      expect(t.recv().length).toBe(step);
      t.silence(DELAYED_ACK - 1);
      t.advance(1);
      t.expect('A', { ack: seq + step, win: target.ring });
    }
  });

  test('all of it when all is read', () => {
    const t = filled();
    expect(t.recv()).toBe(octets(target.ring));
    t.expect('A', { ack: target.ring + 1, win: target.ring });
  });

  test('SHLD-14 window-right-edge-never-retreats, and moves in large steps, whatever is sent and read', () => {
    const random = new Random(9293, target.name);
    const t = established(target);
    let edge = target.ring + 1;
    let seq = 1;
    let read = 0;
    for (let turn = 0; turn < 400; turn++) {
      const window = edge - seq;
      const len = Math.min(window, 1 + random.below(target.mss));
      if (len > 0 && random.below(2) === 0) {
        t.peer.send('A', { seq, text: octets(len, seq - 1) });
        seq += len;
      } else if (random.below(3) > 0) {
        const text = t.recv(1 + random.below(target.ring / 3));
        if (text !== 'EAGAIN') {
          expect(text).toBe(octets(text.length, read));
          read += text.length;
        }
      } else {
        t.advance(random.below(150));
      }
      for (const segment of t.peer.heard.splice(0)) {
        const right = ((segment.ack - t.peer.irs) >>> 0) + segment.win;
        expect(right === edge || right >= edge + step).toBe(true);
        edge = right;
      }
    }
    expect(read).toBeGreaterThan(2 * target.ring);
  });

  test('RFC 5681 §2 (e): while text is missing no ACK tells of room, for it would be a duplicate', () => {
    const t = established(target);
    const text = octets(target.mss * Math.floor(target.ring / target.mss / 2));
    for (let i = 0; i < text.length; i += target.mss)
      t.peer.send('A', { seq: 1 + i, text: text.slice(i, i + target.mss) });
    const beyond = 1 + text.length + 10;
    t.peer.send('A', { seq: beyond, text: '?' });
    t.forget();
    expect(t.recv()).toBe(text);
    t.silence(DELAYED_ACK);
    t.peer.send('A', { seq: beyond - 10, text: octets(10) });
    expect(t.expect('A', { ack: beyond + 1 }).win).toBeGreaterThan(target.ring - target.step);
  });
});
