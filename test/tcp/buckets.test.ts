// SPDX-License-Identifier: MIT
// Finding connections and records of them (tcp/buckets.ts) where ports are such as no honest stack uses, or fall together.

import { describe, expect, test } from 'vitest';
import { listening, targets } from '../vocabulary.ts';

const NEIGHBOUR = 0x0a000009;

describe.each(targets)('buckets: $name', (target) => {
  test('an ACK with both ports 0 is nobody’s, and hides no half-open connection', () => {
    const t = listening(target);
    for (let address = 0x0a000010; address < 0x0a000060; address++) {
      const peer = t.addPeer({ address, port: 50_000 });
      peer.send('S');
      t.addPeer({ address: NEIGHBOUR, port: 0, localPort: 0 }).send('A', { seq: 1, ack: 1 });
      peer.send('A');
      expect(t.state(peer)).toBe('ESTABLISHED');
      peer.send('R');
      t.advance(1_100);
      t.forget();
    }
  });

  test('a queue that is full, cookies, and such ACKs between them: every frame is answered or dropped', () => {
    const t = listening(target);
    const nobody = t.addPeer({ address: NEIGHBOUR, port: 0, localPort: 0 });
    nobody.send('A', { seq: 1, ack: 1 });
    for (let i = 0; i < target.halfOpen; i++) t.addPeer({ port: 51_000 + i }).send('S');
    for (let port = 40_000; port < 40_200; port++) {
      t.addPeer({ port }).send('S');
      if (port % 10 === 0) nobody.send('A', { seq: 1, ack: 1 });
      t.forget();
    }
    expect(t.counter('TcpCookiesOut')).toBeGreaterThan(100);
  });
});
