// SPDX-License-Identifier: MIT
// RFC 5961: blind in-window attacks. The rules for RST, SYN and ACK are tested with the checks that they belong to
// (3.10.7.4 second, fourth, fifth); here the limit on challenge ACKs, §7, and that what is off the mark changes nothing.

import { describe, expect, test } from 'vitest';
import { CHALLENGE_ACKS, established, octets, targets } from '../vocabulary.ts';

describe.each(targets)('RFC 5961: $name', (target) => {
  test('5961-4 challenge-ack-limit: so many a second, and as many in the next', () => {
    const t = established(target);
    for (let second = 0; second < 3; second++) {
      for (let i = 0; i < 20; i++) t.peer.send('S', { seq: 0 });
      expect(t.peer.heard.splice(0).length).toBe(CHALLENGE_ACKS);
      t.silence(1_000);
    }
    expect(t.counter('TcpChallengeAcks')).toBe(3 * CHALLENGE_ACKS);
  });

  test('5961-4: the limit is each connection’s own, so that nobody learns of another’s', () => {
    const t = established(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    for (let i = 0; i < 20; i++) t.peer.send('S', { seq: 0 });
    t.forget();
    other.send('S', { seq: 0 });
    other.expect('A', { seq: 1, ack: 1 });
  });

  test('text that comes again is acknowledged beyond the limit: it is not a challenge', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    t.advance(100);
    t.forget();
    for (let i = 0; i < 3 * CHALLENGE_ACKS; i++) {
      t.peer.send('PA', { seq: 1, text: 'hello' });
      t.expect('A', { ack: 6 });
    }
  });

  test('a window of resets, SYNs and text off the mark leaves the stream as it is', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    for (let seq = 7; seq < 6 + target.ring; seq += Math.ceil(target.ring / 50)) {
      t.peer.send('R', { seq });
      t.peer.send('S', { seq });
      t.peer.send('PA', { seq, ack: -70_000, text: 'XXXX' });
    }
    t.forget();
    t.peer.send('PA', { seq: 6, text: octets(target.mss) });
    expect(t.recv()).toBe('hello' + octets(target.mss));
    t.advance(100);
    t.forget();
  });
});
