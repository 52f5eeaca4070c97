// SPDX-License-Identifier: MIT
// The SYN queue, RFC 4987 §3.5: a half-open connection of a passive OPEN is a record until its handshake is done. What RFC
// 9293 asks for in SYN-RECEIVED is in the tests of §3.10.7; here is what a queue adds. Cookies: syn-cookies.test.ts.

import { describe, expect, test } from 'vitest';
import { DELAYED_ACK, established, listening, octets, synReceived, targets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';
import type { Peer } from '../support/peer.ts';

/** `count` half-open ones. */
function halfOpen(t: Dialogue, count: number, from = 51_000): Peer[] {
  return Array.from({ length: count }, (_, i) => {
    const peer = t.addPeer({ port: from + i });
    peer.send('S');
    peer.expect('SA', { seq: 0, ack: 1 });
    return peer;
  });
}

const states = (t: Dialogue, peers: Peer[]): string[] => peers.map((peer) => t.state(peer));

describe.each(targets)('a queue of half-open connections: $name', (target) => {
  test('4987-1 synflood-bounded: they take no place of a connection', () => {
    const t = listening(target);
    const flood = halfOpen(t, target.halfOpen);
    for (let i = 0; i < target.connections; i++) {
      const peer = t.addPeer({ port: 52_000 + i });
      t.advance(1_000); // so that one of the flood gives way
      t.forget();
      peer.send('S');
      peer.expect('SA');
      peer.send('A');
      expect(t.state(peer)).toBe('ESTABLISHED');
    }
    expect(states(t, flood).filter((state) => state === 'SYN-RECEIVED').length).toBeGreaterThan(0);
  });

  test('4987-1: one that was not answered for a second makes room, the oldest first; a younger one stays', () => {
    const t = listening(target);
    const [oldest] = halfOpen(t, 1);
    t.advance(500);
    const rest = halfOpen(t, target.halfOpen - 1, 51_100);
    t.advance(500);
    t.forget();
    halfOpen(t, 1, 51_500);
    expect(t.state(oldest)).toBe('CLOSED');
    expect(states(t, rest)).toEqual(rest.map(() => 'SYN-RECEIVED'));
    expect(t.counter('TcpRecycled')).toBe(1);
  });

  test('a connection in use is never among those that make room', () => {
    const t = established(target);
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < target.halfOpen; i++) t.addPeer({ port: 51_000 + 100 * round + i }).send('S');
      t.advance(1_000);
    }
    t.forget();
    expect(t.state()).toBe('ESTABLISHED');
    t.peer.send('PA', { text: 'still here' });
    expect(t.recv()).toBe('still here');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 11 });
    t.forget();
  });

  test('rto-syn: the SYN,ACK is sent again at 1, 3, 7, 15, 31, 63 and 123 s', () => {
    const t = synReceived(target);
    const at: number[] = [];
    while (t.state() === 'SYN-RECEIVED') {
      t.peer.arp(2); // known, so that it waits for nothing
      t.advance(100);
      for (const { flags } of t.peer.heard.splice(0)) {
        expect(flags).toBe('AS');
        at.push(Math.round(t.now / 1_000));
      }
    }
    expect(at).toEqual([1, 3, 7, 15, 31, 63, 123]);
    expect(t.counter('TcpFailedOpens')).toBe(1);
    t.forget();
  });

  test('a SYN that comes 300 times: one SYN,ACK for each, then one a minute; and the handshake can still end', () => {
    const t = synReceived(target);
    for (let i = 1; i < 300; i++) {
      t.peer.send('S', { seq: 0 });
      t.expect('SA', { seq: 0, ack: 1 });
      t.silence();
    }
    t.peer.arp(2);
    t.advance(59_000);
    t.silence();
    t.peer.arp(2);
    t.advance(1_000);
    t.expect('SA', { seq: 0, ack: 1 });
    t.silence();
    t.peer.send('A', { seq: 1, ack: 1 });
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('rtt-first-sample: the handshake is one', () => {
    const t = synReceived(target);
    t.advance(40);
    t.peer.send('A');
    expect(t.info()!.srtt).toBe(40);
    t.forget();
  });

  test('rto-karn: but not when the SYN,ACK was sent again', () => {
    const t = synReceived(target);
    t.advance(40);
    t.peer.send('S', { seq: 0 });
    t.expect('SA', { seq: 0, ack: 1 });
    t.advance(40);
    t.peer.send('A', { seq: 1, ack: 1 });
    expect(t.info()!.srtt).toBe(0);
  });
});

describe.each(targets)('the ACK that ends the handshake: $name', (target) => {
  test('corrupt, with text and without: nothing has happened; then right', () => {
    const t = synReceived(target);
    for (const flags of ['A', 'PA']) {
      for (const text of ['', 'hello']) {
        t.peer.send(flags, { text, checksumError: 1 });
        expect(t.state()).toBe('SYN-RECEIVED');
        expect(t.ready()).toBe(0);
      }
    }
    t.silence();
    expect(t.counter('TcpChecksumError')).toBe(4);
    t.peer.send('PA', { text: 'hello' });
    t.accept();
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    t.expect('A', { seq: 1, ack: 6 });
  });

  test('before the SYN,ACK has left, for the link was full: it can only be a guess, and opens nothing', () => {
    const { iss } = synReceived(target).peer; // at the same instant it is the same
    const t = listening(target);
    for (const port of [51_000, 51_001]) t.hand(t.addPeer({ port }).frame('S'));
    t.hand(t.peer.frame('S'));
    t.peer.iss = iss;
    t.hand(t.peer.frame('A', { ack: 1 }));
    expect(t.state()).toBe('SYN-RECEIVED');
    expect(t.ready()).toBe(0);
    t.run();
    t.advance(1);
    t.peer.arp(2);
    t.wait();
    t.expect('SA', { absoluteSeq: iss });
    t.peer.send('A');
    expect(t.state()).toBe('ESTABLISHED');
    t.forget();
  });

  test('with more text than the ring holds: what there is room for', () => {
    const t = synReceived(target, { mss: target.mss });
    const text = octets(target.mss);
    t.peer.send('A', { text });
    t.accept();
    expect(t.recv()).toBe(text);
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('lost, and text beyond that was lost as well: held out of order, and acknowledged when the gap is filled', () => {
    const t = synReceived(target);
    t.peer.send('PA', { seq: 6, text: ' world' });
    t.expect('A', { seq: 1, ack: 1 });
    expect(t.state()).toBe('ESTABLISHED');
    t.peer.send('PA', { seq: 1, text: 'hello' });
    t.expect('A', { ack: 12 });
    t.accept();
    expect(t.recv()).toBe('hello world');
  });

  test('with text that begins before the window: the rest is taken', () => {
    const t = synReceived(target);
    t.peer.send('PA', { seq: 0, text: '?hello' });
    expect(t.state()).toBe('ESTABLISHED');
    t.accept();
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6 });
  });

  test('outside the window: an ACK, and it stays half-open; then right', () => {
    const t = synReceived(target);
    t.peer.send('A', { seq: target.ring + 500 });
    t.expect('A', { seq: 1, ack: 1 });
    expect(t.state()).toBe('SYN-RECEIVED');
    t.peer.send('A', { seq: 1 });
    expect(t.state()).toBe('ESTABLISHED');
    expect(t.accept()).toBeTypeOf('number');
  });

  test('outside the window, and its challenges are used up: silence, and no connection is taken', () => {
    const t = synReceived(target);
    for (let i = 0; i < 20; i++) t.peer.send('R', { seq: 100 });
    t.forget();
    t.peer.send('A', { seq: target.ring + 500 });
    t.silence();
    for (const peer of halfOpen(t, target.connections)) peer.send('A');
    expect(t.counter('TcpListenDropped')).toBe(0);
    t.peer.send('A', { seq: 1 });
    expect(t.counter('TcpListenDropped')).toBe(1);
  });

  test('when nobody listens any more: a reset', () => {
    const t = synReceived(target);
    t.close();
    t.peer.send('PA', { text: 'hello' });
    t.expect('R', { seq: 1 });
    t.silence(10_000);
  });

  test('when no connection is free: dropped; the SYN,ACK comes again, and with the next ACK it is there', () => {
    const t = listening(target);
    const first = halfOpen(t, target.connections);
    for (const peer of first) peer.send('A');
    const [late] = halfOpen(t, 1, 52_000);
    late!.arp(2);
    late!.send('PA', { text: 'hello' });
    t.silence();
    expect(t.state(late)).toBe('SYN-RECEIVED');
    expect(t.counter('TcpListenDropped')).toBe(1);
    t.accept();
    t.abort();
    first[0]!.expect('RA');
    t.advance(1_000);
    late!.expect('SA', { seq: 0, ack: 1 });
    late!.send('PA', { seq: 1, text: 'hello' });
    expect(t.state(late)).toBe('ESTABLISHED');
    t.advance(DELAYED_ACK);
    late!.expect('A', { ack: 6 });
  });

  test('when the backlog is full: the same', () => {
    const t = listening(target, 1);
    const [first, second] = halfOpen(t, 2);
    first!.send('A');
    second!.send('A');
    t.silence();
    expect(t.state(second)).toBe('SYN-RECEIVED');
    t.accept();
    second!.send('A');
    expect(t.state(second)).toBe('ESTABLISHED');
    expect(t.counter('TcpListenDropped')).toBe(1);
  });

  test('accept takes the connection that waited longest, whatever place it has', () => {
    const t = listening(target);
    const [first, second] = halfOpen(t, 2);
    for (const peer of [first!, second!]) peer.send('A');
    t.accept();
    t.abort();
    first!.expect('RA');
    const [third] = halfOpen(t, 1, 52_000); // where the first was
    third!.send('A');
    for (const peer of [second!, third!]) {
      t.s = t.listener;
      expect(t.accept()).toBe(t.info(peer)!.socket - 1);
    }
  });
});

describe.each(targets)('other segments of a half-open connection: $name', (target) => {
  test('the challenges of one are limited', () => {
    const t = synReceived(target);
    for (let i = 0; i < 20; i++) t.peer.send('R', { seq: 100 });
    expect(t.peer.heard.splice(0).map(({ flags }) => flags)).toEqual(Array.from({ length: 5 }, () => 'A'));
    t.peer.send('A', { seq: 1 });
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('RFC 5681 §3.1: the SYN again tells of a loss, so the initial window is one segment', () => {
    const t = synReceived(target, { mss: 100 });
    t.peer.send('S', { seq: 0, mss: 100 });
    t.expect('SA', { seq: 0, ack: 1 });
    t.peer.send('A', { seq: 1, ack: 1 });
    expect(t.info()!.cwnd).toBe(100);
  });
});
