// SPDX-License-Identifier: MIT
// Finding connections and records of them (tcp/buckets.ts) where ports are such as no honest stack uses, or fall together.

import { describe, expect, test } from 'vitest';
import { DELAYED_ACK, listening, PEER, targets, US } from '../vocabulary.ts';

const NEIGHBOUR = 0x0a000009;

/** Ports of the peer whose connections with us stand in one bucket, whatever the number of buckets is. */
const CROWDED = Array.from({ length: 8_192 }, (_, i) => 50_000 + i).filter((port) => bucketOf(port) === 0);

/** Of 128: the seven highest bits of what spreads them. */
function bucketOf(port: number): number {
  const swap = (v: number): number => ((v & 0xff) << 8) | (v >>> 8);
  const portsKey = swap(port) | (swap(US.port) << 16);
  const address = Buffer.alloc(4);
  address.writeUInt32BE(PEER.address);
  return Math.imul(portsKey ^ address.readInt32LE(), 0x9e3779b1) >>> 25;
}

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

  test('connections and half-open ones of one bucket: each is found, whichever came first and whichever goes', () => {
    const t = listening(target);
    const peers = CROWDED.slice(0, 8).map((port) => t.addPeer({ port }));
    const [kept, ...others] = peers.map((peer, i) => ({ peer, isOpen: i % 2 === 0 }));
    const open = [kept!, ...others.filter(({ isOpen }) => isOpen).slice(0, target.connections - 2)];
    for (const { peer } of [kept!, ...others]) {
      peer.send('S');
      if (open.some((one) => one.peer === peer)) peer.send('A');
    }
    const check = (): void => {
      for (const { peer } of [kept!, ...others]) {
        const isOpen = open.some((one) => one.peer === peer);
        expect(t.state(peer)).toBe(isOpen ? 'ESTABLISHED' : 'SYN-RECEIVED');
      }
    };
    check();
    t.forget();
    // Behind and before all of them: text is taken, and a half-open one ends its handshake where a connection has gone.
    kept!.peer.send('PA', { text: 'one' });
    const gone = open.pop()!;
    gone.peer.send('R', { seq: 1 });
    expect(t.state(gone.peer)).toBe('CLOSED');
    others.splice(others.indexOf(gone), 1);
    const late = others.find((one) => !open.includes(one))!;
    late.peer.send('A');
    open.push(late);
    check();
    kept!.peer.send('PA', { text: 'two' });
    t.accept();
    expect(t.recv()).toBe('onetwo');
    t.advance(DELAYED_ACK);
    kept!.peer.expect('A', { ack: 7 });
    t.forget();
  });
});
