// SPDX-License-Identifier: MIT
// When all connections are in use: those that nobody owns give way to new ones whose handshake is done, and so do those of
// programs whose peer has been silent.

import { describe, expect, test } from 'vitest';
import { listening, open, targets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';
import type { Peer } from '../support/peer.ts';

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
    expect(t.counter('TcpRecycled')).toBe(0);
    fresh.send('A');
    expect(t.state(fresh)).toBe('ESTABLISHED');
    expect(t.state(closed[0])).toBe('CLOSED');
    expect(t.state(closed[1])).toBe('FIN-WAIT-2');
    expect(t.counter('TcpRecycled')).toBe(1);
  });

  /** All connections are in use, each of the echo program, the first peer silent for longest. */
  function busy(): { t: Dialogue; clients: Peer[] } {
    const t = open(target);
    const clients = Array.from({ length: target.connections }, (_, i) => {
      const peer = t.addPeer({ port: 50_001 + i, localPort: 7 });
      peer.send('S');
      peer.expect('SA');
      peer.send('A');
      t.advance(1);
      return peer;
    });
    return { t, clients };
  }

  test('a program’s connection whose peer was silent for ten seconds is reset when others wait, and only then', () => {
    const { t, clients } = busy();
    t.silence(30_000);
    clients.slice(1).forEach((peer) => peer.send('A'));
    const late = t.addPeer({ port: 51_000, localPort: 7 });
    late.send('S');
    late.expect('SA');
    t.silence();
    late.send('A');
    clients[0]!.expect('RA', { seq: 1, ack: 1 });
    expect(t.counter('TcpRecycled')).toBe(1);
    // The program has let go of it meanwhile.
    late.send('PA', { seq: 1, text: 'hello' });
    late.expect('A', { seq: 1, ack: 6, text: 'hello' });
    expect(clients.slice(1).map((peer) => t.state(peer))).toEqual(clients.slice(1).map(() => 'ESTABLISHED'));
    t.forget();
  });

  test('those whose peers say a word now and then, too, ten seconds after the last place was taken', () => {
    const { t, clients } = busy();
    for (let seq = 1; seq < 4; seq++) {
      t.advance(4_000);
      clients.forEach((peer) => peer.send('PA', { seq, ack: seq, text: 'x' }));
    }
    const late = t.addPeer({ port: 51_000, localPort: 7 });
    late.send('S');
    late.send('A', { ack: 1 });
    expect(t.counter('TcpRecycled')).toBe(1);
    late.send('A', { ack: 1 });
    expect(t.state(late)).toBe('ESTABLISHED');
    t.forget();
  });

  test('the one that was silent for longest', () => {
    const { t, clients } = busy();
    t.advance(20_000);
    clients[0]!.send('A');
    t.advance(10_000);
    const late = t.addPeer({ port: 51_000, localPort: 7 });
    late.send('S');
    late.send('A', { ack: 1 });
    clients[1]!.expect('RA');
    expect(t.state(clients[0])).toBe('ESTABLISHED');
    t.forget();
  });

  test('not one that spoke within ten seconds: who waits goes on waiting', () => {
    const { t, clients } = busy();
    t.advance(9_900);
    const late = t.addPeer({ port: 51_000, localPort: 7 });
    late.send('S');
    late.expect('SA');
    late.send('A');
    t.silence();
    expect(clients.map((peer) => t.state(peer))).toEqual(clients.map(() => 'ESTABLISHED'));
    expect(t.counter('TcpListenDropped')).toBe(1);
  });

  test('never one of the host', () => {
    const t = listening(target);
    for (let i = 0; i < target.connections; i++) {
      const peer = t.addPeer({ port: 50_001 + i });
      peer.send('S');
      peer.expect('SA');
      peer.send('A');
      t.s = t.listener;
      t.accept();
    }
    t.advance(1_000_000);
    const late = t.addPeer({ port: 51_000 });
    late.send('S');
    late.expect('SA');
    late.send('A');
    t.silence();
    expect(t.counter('TcpRecycled')).toBe(0);
    expect(t.counter('TcpListenDropped')).toBe(1);
  });
});
