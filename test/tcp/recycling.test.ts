// SPDX-License-Identifier: MIT
// When all places are taken: connections that nobody owns give way to new ones, FIN-WAIT-2 as well as TIME-WAIT, and
// what gives way first sends the ACK it owes.

import { describe, expect, test } from 'vitest';
import { listening, targets } from '../vocabulary.ts';

describe.each(targets)('a full table: $name', (target) => {
  test('FIN-WAIT-2 without an owner gives way, the oldest first', () => {
    const t = listening(target);
    const closed = Array.from({ length: target.connections }, (_, i) => {
      const peer = t.addPeer({ port: 50_001 + i });
      peer.send('S');
      peer.expect('SA');
      peer.send('A');
      t.s = t.listener;
      t.accept();
      t.close();
      peer.expect('FA');
      peer.send('A', { ack: 2 });
      return peer;
    });
    expect(closed.map((peer) => t.state(peer))).toEqual(closed.map(() => 'FIN-WAIT-2'));
    const fresh = t.addPeer({ port: 51_000 });
    fresh.send('S');
    fresh.expect('SA');
    expect(t.state(closed[0])).toBe('CLOSED');
    expect(t.state(closed[1])).toBe('FIN-WAIT-2');
    expect(t.counter('TcpRecycled')).toBe(1);
  });
});
