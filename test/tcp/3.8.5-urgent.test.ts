// SPDX-License-Identifier: MIT
// RFC 9293 §3.8.5: urgent information. The pointer names the octet after the last urgent one (MUST-62), and the text stays
// in the stream.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  DELAYED_ACK,
  established,
  MSG_OOB,
  octets,
  Option,
  Ready,
  targets,
} from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

function isUrgent(t: Dialogue): boolean {
  return (Number(t.ready()) & Ready.Urgent) !== 0;
}

describe.each(targets)('3.8.5 urgent information: $name', (target) => {
  test('MUST-30 urgent-supported, MUST-62 urgent-pointer-one-past: sending', () => {
    const t = established(target);
    t.send('hello', MSG_OOB);
    t.expect('UPA', { seq: 1, text: 'hello', up: 5 });
    t.send('world');
    t.peer.send('A');
    t.expect('A', { seq: 6, text: 'world', up: 0 });
  });

  test('text before the urgent text is covered by the pointer', () => {
    const t = established(target);
    t.raw('setsockopt', t.s, Option.TCP_NODELAY, 1);
    t.peer.win = 3;
    t.peer.send('A');
    t.send('abcdef', MSG_OOB);
    t.wait();
    t.expect('UA', { seq: 1, text: 'abc', up: 6 });
    t.peer.win = 1000;
    t.peer.send('A');
    t.expect('UA', { seq: 4, text: 'def', up: 3 });
  });

  test('MUST-31 urgent-any-length: more than a segment, and every segment says where it ends', () => {
    const t = established(target);
    t.send(octets(target.mss + 100), MSG_OOB);
    t.expect('UA', { seq: 1, up: target.mss + 100, len: target.mss });
    t.peer.send('A');
    t.expect('UA', { seq: 1 + target.mss, up: 100, len: 100 });
  });

  test('a retransmission has the pointer again, until the urgent text is acknowledged', () => {
    const t = established(target);
    t.send('hello', MSG_OOB);
    t.expect('UA', { up: 5 });
    t.wait();
    t.expect('UA', { seq: 1, up: 5, text: 'hello' });
    t.peer.send('A');
    t.send('world');
    t.expect('A', { seq: 6, up: 0 });
  });

  test('MUST-32 urgent-notification, MUST-33 urgent-query-remaining: receiving', () => {
    const t = established(target);
    expect(isUrgent(t)).toBe(false);
    t.peer.send('UPA', { text: 'hello', up: 5 });
    expect(isUrgent(t)).toBe(true);
    expect(t.getsockopt(Option.TCP_URGENT)).toBe(5);
    expect(t.recv(3)).toBe('hel');
    expect(t.getsockopt(Option.TCP_URGENT)).toBe(2);
    expect(t.recv()).toBe('lo');
    expect(isUrgent(t)).toBe(false);
    expect(t.getsockopt(Option.TCP_URGENT)).toBe(0);
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6 });
  });

  test('MUST-32: the pointer may come before the text, and without any', () => {
    const t = established(target);
    t.peer.send('UA', { up: 10 });
    expect(isUrgent(t)).toBe(true);
    expect(t.getsockopt(Option.TCP_URGENT)).toBe(10);
    t.peer.send('PA', { text: octets(12) });
    expect(isUrgent(t)).toBe(true);
    expect(t.recv()).toBe(octets(12));
    expect(isUrgent(t)).toBe(false);
    t.forget();
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('MUST-32: the end of the urgent text may move on, and never moves back', () => {
    const t = established(target);
    t.peer.send('UA', { text: 'abc', up: 3 });
    t.peer.send('UA', { text: 'def', up: 30 });
    expect(t.getsockopt(Option.TCP_URGENT)).toBe(33);
    t.peer.send('UA', { text: 'ghi', up: 1 });
    expect(t.getsockopt(Option.TCP_URGENT)).toBe(33);
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('a pointer at what was read already is no news', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    t.recv();
    t.peer.send('UA', { seq: 6, up: 0 });
    expect(isUrgent(t)).toBe(false);
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('without URG the field means nothing', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello', up: 5 });
    expect(isUrgent(t)).toBe(false);
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('after the peer’s FIN it is ignored', () => {
    const t = closeWait(target);
    t.peer.send('UA', { up: 100 });
    expect(isUrgent(t)).toBe(false);
  });

  test('urgent text stays in the stream', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'abc' });
    t.peer.send('UPA', { text: 'def', up: 3 });
    t.peer.send('PA', { text: 'ghi' });
    expect(t.recv()).toBe('abcdefghi');
    t.advance(DELAYED_ACK);
    t.forget();
  });
});
