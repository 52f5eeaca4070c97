// SPDX-License-Identifier: MIT
// Connections to hosts that ARP does not find: nothing is queued for them, and still none of them lasts for ever.

import { describe, expect, test } from 'vitest';
import { established, listening, open, Option, SYN_TIMEOUT, targets, USER_TIMEOUT } from '../vocabulary.ts';

describe.each(targets)('a neighbour that does not answer: $name', (target) => {
  test('ARP asks three times, a second apart; TCP asks anew, and the SYN goes as soon as the answer is there', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.connect();
    for (let i = 0; i < 3; i++) {
      t.expectArp({ opcode: 1, targetIp: t.peer.address });
      t.silence(999);
      t.advance(1);
    }
    t.forget();
    t.peer.answersArp = true;
    t.advance(2_000);
    t.expect('S', { seq: 0 });
    t.forget();
  });

  test('SYN-SENT ends with R2 of the SYN', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.connect();
    t.advance(SYN_TIMEOUT + 1_000);
    t.forget();
    expect(t.state()).toBe('CLOSED');
    expect(t.getsockopt(Option.SO_ERROR)).toBe(110);
    t.silence(10_000);
  });

  test('SYN-RECEIVED ends with R2 of the SYN', () => {
    const t = listening(target);
    t.peer.answersArp = false;
    t.peer.send('S');
    t.advance(SYN_TIMEOUT - 1);
    expect(t.state()).toBe('SYN-RECEIVED');
    t.advance(3_000);
    t.forget();
    expect(t.state()).toBe('CLOSED');
  });

  test('4987-1 synflood-bounded: SYNs from hosts that do not exist do not hold the table', () => {
    const t = listening(target);
    for (let i = 0; i < target.connections; i++) {
      const ghost = t.addPeer({ address: 0x0a000064 + i });
      ghost.answersArp = false;
      ghost.send('S');
    }
    t.advance(5_000);
    t.forget();
    t.peer.send('S');
    t.advance(1_000);
    t.peer.expect('SA', { seq: 0, ack: 1 });
    t.forget();
  });

  test('ESTABLISHED: text for a host that is gone ends with the user timeout', () => {
    const t = established(target);
    t.peer.answersArp = false;
    t.advance(200_000); // its address is forgotten
    t.forget();
    t.send('hello');
    t.advance(USER_TIMEOUT + 1_000);
    t.forget();
    expect(t.state()).toBe('CLOSED');
    expect(t.recv()).toBe('ETIMEDOUT');
  });

  test('1122-L3 arp-pending-packet-kept: a segment that could not be sent goes when the neighbour is back', () => {
    const t = established(target);
    t.peer.answersArp = false;
    t.advance(200_000);
    t.forget();
    t.send('hello');
    t.peer.answersArp = true;
    t.advance(3_000);
    t.expect('A', { text: 'hello' });
    t.forget();
  });

  test('the other connections go on meanwhile', () => {
    const t = established(target);
    const ghost = t.call('socket') as number;
    t.call('connect', ghost, 0x0a000064, 80);
    t.forget();
    t.send('hello');
    t.expect('A', { text: 'hello' });
    t.peer.send('A');
    t.advance(10_000);
    t.send('world');
    t.expect('A', { text: 'world' });
    t.forget();
  });
});
