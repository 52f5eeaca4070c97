// SPDX-License-Identifier: MIT
// SYN cookies, RFC 4987 §3.6: what is answered when the SYN queue is full, and which ACKs are believed.

import { describe, expect, test } from 'vitest';
import { readOptions } from '../support/options.ts';
import { DELAYED_ACK, listening, targets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';
import type { Peer } from '../support/peer.ts';

/** The minute of assembly/tcp/cookies.ts, ms. */
const MINUTE = 65_536;

/** The queue is full of half-open ones that are a moment old. */
function flooded(target: Target, backlog?: number): Dialogue {
  const t = listening(target, backlog);
  fill(t);
  return t;
}

function fill(t: Dialogue, from = 51_000): void {
  for (let i = 0; i < t.target.halfOpen; i++) t.addPeer({ port: from + i }).send('S');
  t.forget();
}

/** A SYN that is answered with a cookie, and one more, so that nothing is known of it. */
function cookie(t: Dialogue, peer: Peer = t.peer, mss?: number): number {
  peer.send('S', mss === undefined ? {} : { mss });
  const { seq } = peer.expect('SA', { seq: 0, ack: 1 });
  const other = t.addPeer({ port: 60_001 });
  other.send('S');
  other.expect('SA');
  expect(t.state(peer)).toBe('CLOSED');
  return seq;
}

describe.each(targets)('RFC 4987 §3.6 SYN cookies: $name', (target) => {
  test('4987-1 syncookie-valid: the ACK that brings one back is the end of a handshake', () => {
    const t = flooded(target);
    cookie(t);
    t.peer.send('A');
    expect(t.state()).toBe('ESTABLISHED');
    expect(t.accept()).toBeTypeOf('number');
    t.peer.send('PA', { text: 'hello' });
    expect(t.recv()).toBe('hello');
    t.send('world');
    t.expect('A', { seq: 1, ack: 6, text: 'world' });
    expect([t.counter('TcpCookiesOut'), t.counter('TcpCookiesIn')]).toEqual([2, 1]);
  });

  test('with text and FIN, when the ACK itself was lost', () => {
    const t = flooded(target);
    cookie(t);
    t.peer.send('FPA', { text: 'all of it' });
    expect(t.state()).toBe('CLOSE-WAIT');
    t.accept();
    expect(t.recv()).toBe('all of it');
    t.expect('A', { ack: 11 });
  });

  test('corrupt: nothing', () => {
    const t = flooded(target);
    cookie(t);
    t.peer.send('PA', { text: 'hello', checksumError: 1 });
    t.silence();
    expect(t.state()).toBe('CLOSED');
    expect(t.counter('TcpCookiesIn')).toBe(0);
  });

  test('MUST-16: the MSS is the next below the peer’s of the four that a cookie tells', () => {
    for (const [told, used] of [
      [undefined, 536],
      [48, 48],
      [535, 48],
      [536, 536],
      [1_299, 536],
      [1_300, 1_300],
      [1_459, 1_300],
      [1_460, 1_460],
      [9_000, 1_460],
    ] as const) {
      const t = flooded(target);
      cookie(t, t.peer, told);
      t.peer.send('A');
      expect(t.info()!.mss).toBe(
        Math.min(used, target.mss > used ? used : target.mss === 1_024 ? 536 : used),
      );
      t.forget();
    }
  });

  test('what the options agree on comes back with it: SACK, timestamps, window scale', () => {
    const t = flooded(target);
    t.peer.tsVal = 1_000;
    t.peer.win = 1_000;
    t.peer.send('S', { mss: 1_460, sackOk: true, scale: 5 });
    const { sackOk, ts, scale } = readOptions(t.expect('SA').options, 0);
    expect([sackOk, ts !== undefined, scale !== undefined]).toEqual([
      target.hasSack || undefined,
      target.isFull,
      target.isFull,
    ]);
    t.addPeer({ port: 60_001 }).send('S');
    t.peer.tsVal = 1_010;
    t.peer.send('A');
    t.accept();
    expect(t.info()!.sndWnd).toBe(target.isFull ? 32_000 : 1_000);
    t.peer.send('A', { seq: 11, text: 'later' });
    const answer = readOptions(t.expect('A', { ack: 1 }).options, t.peer.irs);
    expect(answer.sack).toEqual(target.hasSack ? [[11, 16]] : undefined);
    expect(answer.ts?.[1]).toBe(target.isFull ? 1_010 : undefined);
    t.forget();
  });

  test('a greater window scale than the RFC allows, and none', () => {
    for (const [scale, shift] of [
      [undefined, 0],
      [14, 14],
      [255, 14],
    ] as const) {
      const t = flooded(target);
      t.peer.win = 100;
      t.peer.send('S', { mss: 1_460, ...(scale === undefined ? {} : { scale }) });
      t.expect('SA');
      t.addPeer({ port: 60_001 }).send('S');
      t.peer.send('A');
      expect(t.info()!.sndWnd).toBe(target.isFull ? 100 << shift : 100);
      t.forget();
    }
  });

  test('4987-1 syncookie-forged: any other acknowledgment is reset', () => {
    const t = flooded(target);
    const iss = cookie(t);
    // The lowest ten bits, at most, are no secret.
    for (const ack of [1 - 1_024, 1 + 1_024, 1 + 0x10000, 0x80000001, 1 + (1 << 30), 1 - (1 << 30)]) {
      t.peer.send('A', { seq: 1, ack });
      t.expect('R', { absoluteSeq: (iss + ack) >>> 0 });
      expect(t.state()).toBe('CLOSED');
    }
    expect(t.counter('TcpBadAck')).toBe(6);
    expect(t.counter('TcpCookiesIn')).toBe(0);
  });

  test('4987-1 syncookie-forged: nor is one good for another port, another host or another sequence number', () => {
    const t = flooded(target);
    const iss = cookie(t);
    const port = t.addPeer({ port: t.peer.port + 1 });
    const host = t.addPeer({ address: t.peer.address + 1 });
    for (const thief of [port, host]) {
      thief.iss = iss;
      thief.send('A', { seq: 1, ack: 1 });
      thief.expect('R', { seq: 1 });
    }
    t.peer.send('A', { seq: 2, ack: 1 });
    t.expect('R', { seq: 1 });
    expect(t.counter('TcpBadAck')).toBe(3);
  });

  test('4987-1 syncookie-expired: good for a minute, and not for two', () => {
    const t = flooded(target);
    cookie(t);
    t.advance(MINUTE - 1);
    t.forget();
    t.peer.send('A', { seq: 1, ack: 1 });
    expect(t.state()).toBe('ESTABLISHED');

    const late = flooded(target);
    cookie(late);
    for (let i = 0; i < 4; i++) {
      late.advance(MINUTE / 2);
      fill(late, 52_000 + 100 * i); // cookies are being sent all the time
      late.addPeer({ port: 60_002 }).send('S');
      late.forget();
    }
    late.peer.send('A', { seq: 1, ack: 1 });
    late.expect('R', { seq: 1 });
    expect(late.counter('TcpBadAck')).toBe(1);
  });

  test('none is believed when none was sent for two minutes', () => {
    const t = flooded(target);
    cookie(t);
    t.advance(2 * MINUTE);
    t.forget();
    t.peer.send('A', { seq: 1, ack: 1 });
    t.expect('R', { seq: 1 });
    expect(t.counter('TcpBadAck')).toBe(0);
  });

  test('while there is room in the queue there are no cookies', () => {
    const t = listening(target);
    t.peer.send('S');
    t.expect('SA');
    expect(t.state()).toBe('SYN-RECEIVED');
    expect(t.counter('TcpCookiesOut')).toBe(0);
  });

  test('when no connection is free: the ACK is dropped, and the text that follows brings it back', () => {
    const t = listening(target);
    const first = Array.from({ length: target.connections }, (_, i) => t.addPeer({ port: 55_000 + i }));
    for (const peer of first) {
      peer.send('S');
      peer.expect('SA');
      peer.send('A');
    }
    fill(t);
    cookie(t);
    t.peer.send('A');
    t.silence();
    expect(t.counter('TcpListenDropped')).toBe(1);
    first[0]!.send('R');
    t.peer.send('PA', { seq: 1, text: 'hello' });
    expect(t.state()).toBe('ESTABLISHED');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6 });
    t.forget();
  });

  test('a listener whose backlog is full sends none', () => {
    const t = listening(target, 1);
    const other = t.addPeer({ port: 55_000 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    fill(t);
    t.peer.send('S');
    t.silence();
    expect(t.counter('TcpCookiesOut')).toBe(0);
  });

  test('two cookies for the same SYN are the same within a minute, and another SYN has another', () => {
    const t = flooded(target);
    const first = cookie(t);
    t.peer.send('S', { seq: 0 });
    expect(t.expect('SA').seq).toBe(first);
    cookie(t, t.addPeer({ port: 60_002 }));
    t.peer.send('S', { seq: 77 });
    expect(t.expect('SA').seq).not.toBe(first);
  });
});
