// SPDX-License-Identifier: MIT
// The zero-copy pair: where the next octets may be written or read, in one piece, and commit. The copying pair does the
// same underneath; here the addresses are used as a host uses them.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  DELAYED_ACK,
  established,
  finWait1,
  listening,
  MSG_OOB,
  octets,
  synSent,
  targets,
} from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

/** Write `text` in place, without committing it. */
function write(t: Dialogue, text: string): void {
  t.memory.set(Buffer.from(text, 'latin1'), t.raw('sendBuffer', t.s) as number);
}

function read(t: Dialogue, len: number): string {
  const from = t.raw('recvBuffer', t.s) as number;
  return Buffer.from(t.memory.slice(from, from + len)).toString('latin1');
}

describe.each(targets)('sendRoom, sendBuffer, sendCommit: $name', (target) => {
  test('the whole ring at first; what is committed is sent', () => {
    const t = established(target);
    expect(t.raw('sendRoom', t.s)).toBe(target.ring);
    write(t, 'hello, world');
    expect(t.call('sendCommit', t.s, 5, 0)).toBe(5);
    t.expect('PA', { seq: 1, text: 'hello' });
    expect(t.raw('sendRoom', t.s)).toBe(target.ring - 5);
    t.peer.send('A');
  });

  test('nothing is sent before commit', () => {
    const t = established(target);
    write(t, 'hello');
    t.silence(1_000);
    expect(t.call('sendCommit', t.s, 0, 0)).toBe(0);
    t.silence(1_000);
  });

  test('several commits before a poll make one stream', () => {
    const t = established(target);
    for (const text of ['abc', 'def', 'ghi']) {
      write(t, text);
      t.raw('sendCommit', t.s, 3, 0);
    }
    t.run();
    t.expect('PA', { text: 'abcdefghi' });
  });

  test('MSG_OOB makes it urgent', () => {
    const t = established(target);
    write(t, 'abc');
    t.call('sendCommit', t.s, 3, MSG_OOB);
    t.expect('UPA', { text: 'abc', up: 3 });
  });

  test('more than the room: EINVAL, and nothing is taken', () => {
    const t = established(target);
    for (const len of [target.ring + 1, 0x7fffffff, -1])
      expect(t.raw('sendCommit', t.s, len, 0)).toBe('EINVAL');
    t.silence();
    expect(t.info()?.sendQueue).toBe(0);
  });

  test('round the end of the ring: the room is what lies in one piece, then the rest', () => {
    const t = established(target);
    const first = target.ring - 10;
    let sent = 0;
    while (sent < first) {
      sent += t.send(octets(Math.min(500, first - sent), sent)) as number;
      t.forget();
      t.peer.send('A');
    }
    t.forget();
    expect(t.info()?.sendQueue).toBe(0);
    expect(t.raw('sendRoom', t.s)).toBe(10);
    write(t, octets(10, sent));
    t.raw('sendCommit', t.s, 10, 0);
    expect(t.raw('sendRoom', t.s)).toBe(target.ring - 10);
    write(t, octets(10, sent + 10));
    t.raw('sendCommit', t.s, 10, 0);
    t.run();
    t.expect('A', { text: octets(20, sent) });
  });

  test('when the ring is full: 0', () => {
    const t = established(target, { win: 0 });
    t.send(octets(target.ring));
    expect(t.raw('sendRoom', t.s)).toBe(0);
    expect(t.raw('sendCommit', t.s, 1, 0)).toBe('EINVAL');
    t.forget();
  });

  test('before the handshake is done: 0; after CLOSE of our side: EPIPE; on a listener: ENOTCONN and no address', () => {
    const opening = synSent(target);
    expect(opening.raw('sendRoom', opening.s)).toBe(0);
    const closing = finWait1(target);
    expect(closing.raw('sendRoom', closing.s)).toBe('EPIPE');
    expect(closing.raw('sendCommit', closing.s, 1, 0)).toBe('EPIPE');
    const listener = listening(target);
    expect(listener.raw('sendRoom', listener.s)).toBe('ENOTCONN');
    expect(listener.raw('sendBuffer', listener.s)).toBe(0);
    expect(listener.raw('recvBuffer', listener.s)).toBe(0);
  });
});

describe.each(targets)('recvAvailable, recvBuffer, recvCommit: $name', (target) => {
  test('what has come can be read in place, as often as one likes, until it is committed', () => {
    const t = established(target);
    expect(t.raw('recvAvailable', t.s)).toBe('EAGAIN');
    t.peer.send('PA', { text: 'hello' });
    expect(t.raw('recvAvailable', t.s)).toBe(5);
    expect(read(t, 5)).toBe('hello');
    expect(read(t, 5)).toBe('hello');
    expect(t.call('recvCommit', t.s, 2)).toBe(2);
    expect(t.raw('recvAvailable', t.s)).toBe(3);
    expect(read(t, 3)).toBe('llo');
    expect(t.call('recvCommit', t.s, 3)).toBe(3);
    expect(t.raw('recvAvailable', t.s)).toBe('EAGAIN');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6 });
  });

  test('more than there is: EINVAL, and nothing is taken', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    for (const len of [6, 0x7fffffff, -1]) expect(t.raw('recvCommit', t.s, len)).toBe('EINVAL');
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('round the end of the ring: first what lies in one piece, then the rest', () => {
    const t = established(target);
    for (let sent = 0; sent < target.ring - 10;) {
      const len = Math.min(500, target.ring - 10 - sent);
      t.peer.send('A', { text: octets(len, sent) });
      t.recv();
      sent += len;
    }
    t.peer.send('A', { text: 'abcdefghijklmnopqrst' });
    expect(t.raw('recvAvailable', t.s)).toBe(10);
    expect(read(t, 10)).toBe('abcdefghij');
    t.raw('recvCommit', t.s, 10);
    expect(t.raw('recvAvailable', t.s)).toBe(10);
    expect(read(t, 10)).toBe('klmnopqrst');
    t.call('recvCommit', t.s, 10);
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('at the end of the stream: 0, and the address is still one', () => {
    const t = closeWait(target);
    expect(t.raw('recvAvailable', t.s)).toBe(0);
    expect(t.raw('recvCommit', t.s, 0)).toBe(0);
    expect(t.raw('recvCommit', t.s, 1)).toBe('EINVAL');
  });

  test('reading makes room: the window opens when it is worth an ACK', () => {
    const t = established(target);
    for (let sent = 0; sent < target.ring;) {
      const len = Math.min(target.mss, target.ring - sent);
      t.peer.send('A', { text: octets(len, sent) });
      sent += len;
    }
    t.advance(DELAYED_ACK);
    t.forget();
    t.call('recvCommit', t.s, 1);
    t.silence(1_000);
    t.call('recvCommit', t.s, t.raw('recvAvailable', t.s) as number);
    expect(t.peer.expect('A').win).toBeGreaterThanOrEqual(Math.min(target.mss, target.ring / 2));
  });
});
