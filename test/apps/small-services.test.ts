// SPDX-License-Identifier: MIT
// The small programs on the board, seen from the wire: echo (RFC 862), discard (RFC 863), character generator (RFC 864).

import { describe, expect, test } from 'vitest';
import { STATES } from '../../host/machine/stack.ts';
import { DELAYED_ACK, MSL, octets, open, targets } from '../vocabulary.ts';
import type { Answer, Dialogue, Target } from '../vocabulary.ts';

const ECHO = 7;
const DISCARD = 9;
const CHARGEN = 19;

/** Connected to the program on `localPort`. */
function connected(target: Target, localPort: number, win = 0xffff): { t: Dialogue; peer: Dialogue['peer'] } {
  const t = open(target);
  const peer = t.addPeer({ localPort });
  peer.win = win;
  peer.send('S', { mss: target.mss });
  peer.expect('SA', { seq: 0, ack: 1 });
  peer.send('A');
  return { t, peer };
}

/** The text heard since the last call, each octet once, acknowledged. */
function hear(peer: Dialogue['peer']): string {
  const text = peer.heard
    .splice(0)
    .map((segment) => segment.text)
    .join('');
  peer.send('A');
  return text;
}

describe.each(targets)('RFC 862 echo: $name', (target) => {
  test('what comes goes back, with the ACK', () => {
    const { peer } = connected(target, ECHO);
    peer.send('PA', { text: 'hello' });
    peer.expect('PA', { seq: 1, ack: 6, text: 'hello' });
  });

  test('a stream many times longer than the rings', () => {
    const { peer } = connected(target, ECHO);
    let sent = 0;
    let text = '';
    while (sent < 5 * target.ring) {
      peer.send('PA', { text: octets(target.mss, sent) });
      sent += target.mss;
      for (let rounds = 0; text.length < sent && rounds < 10; rounds++) text += hear(peer);
    }
    expect(text === octets(sent)).toBe(true);
  });

  test('until the peer closes: the rest goes back, then a FIN', () => {
    const { t, peer } = connected(target, ECHO);
    peer.send('FPA', { text: 'bye' });
    peer.expect('FPA', { seq: 1, ack: 5, text: 'bye' });
    peer.send('A');
    expect(t.state(peer)).toBe('CLOSED');
  });

  test('a peer that does not read holds up nobody else', () => {
    const { t, peer } = connected(target, ECHO, 0);
    for (let sent = 0; sent < 2 * target.ring; sent += target.mss) {
      peer.send('PA', { seq: 1 + sent, text: octets(target.mss, sent), win: 0 });
    }
    const other = t.addPeer({ localPort: ECHO, port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('PA', { text: 'hello' });
    other.expect('PA', { text: 'hello' });
    t.forget();
  });
});

describe.each(targets)('RFC 863 discard: $name', (target) => {
  test('everything is taken and nothing is said', () => {
    const { t, peer } = connected(target, DISCARD);
    for (let sent = 0; sent < 3 * target.ring; sent += target.mss) {
      peer.send('A', { text: octets(target.mss, sent) });
    }
    t.advance(DELAYED_ACK);
    for (const { flags, text } of peer.heard) expect([flags, text]).toEqual(['A', '']);
    expect((peer.heard.at(-1).ack - peer.irs) >>> 0).toBe(peer.nxt);
    t.forget();
  });

  test('until the peer closes', () => {
    const { t, peer } = connected(target, DISCARD);
    peer.send('FA');
    peer.expect('FA', { seq: 1, ack: 2 });
    peer.send('A');
    expect(t.state(peer)).toBe('CLOSED');
  });
});

describe.each(targets)('RFC 864 character generator: $name', (target) => {
  /** The pattern from its first octet: lines of 72 of the 95 printable characters, each beginning one further. */
  function pattern(len: number): string {
    let text = '';
    for (let line = 0; text.length < len; line++) {
      for (let column = 0; column < 72; column++) text += String.fromCharCode(32 + ((line + column) % 95));
      text += '\r\n';
    }
    return text.slice(0, len);
  }

  test('the pattern, for as long as the peer takes it', () => {
    const { t, peer } = connected(target, CHARGEN);
    let text = '';
    while (text.length < 20_000) text += hear(peer);
    expect(text).toBe(pattern(text.length));
    t.forget();
  });

  test('in pieces of any size: the window of the peer decides', () => {
    const { t, peer } = connected(target, CHARGEN, 73);
    let text = '';
    for (let i = 0; i < 200; i++) {
      peer.win = 60 + (i % 29);
      text += hear(peer);
      if (peer.heard.length === 0) t.wait(2_000);
    }
    expect(text.length).toBeGreaterThan(7_100);
    expect(text).toBe(pattern(text.length));
    t.forget();
  });

  test('what comes is forgotten; a FIN ends it behind what is queued', () => {
    const { t, peer } = connected(target, CHARGEN);
    let text = hear(peer);
    peer.send('FPA', { text: 'enough' });
    for (let rounds = 0; rounds < 100 && t.state(peer) !== 'CLOSED'; rounds++) text += hear(peer);
    expect(text).toBe(pattern(text.length));
    expect(t.state(peer)).toBe('CLOSED');
    t.silence(2 * MSL);
  });
});

describe.each(targets)('connections that find no socket free: $name', (target) => {
  test('wait, and each is served when one is closed', () => {
    const t = open(target);
    const sockets: Answer[] = [];
    for (let s = t.call('socket'); s !== 'ENFILE'; s = t.call('socket')) sockets.push(s);
    const clients = [0, 1].map((i) => {
      const peer = t.addPeer({ port: 50_001 + i, localPort: ECHO });
      peer.send('S', { mss: target.mss });
      peer.expect('SA');
      peer.send('PA', { text: 'hello' });
      return peer;
    });
    t.advance(DELAYED_ACK);
    for (const peer of clients) peer.expect('A', { ack: 6 });
    for (const peer of clients) {
      t.silence(1_000);
      t.call('close', sockets.pop() as number);
      peer.expect('PA', { text: 'hello' });
      peer.send('A');
    }
  });

  test('but not before the handshake is done', () => {
    const t = open(target);
    const s = t.call('socket') as number;
    const peer = t.addPeer({ localPort: ECHO });
    peer.send('S');
    peer.expect('SA');
    // The link is full, so what no check lets through waits to be answered.
    for (const port of [50_001, 50_002]) t.hand(t.addPeer({ port, localPort: ECHO }).frame('S'));
    t.hand(peer.frame('A', { seq: target.ring + 500, text: 'hello' }));
    t.raw('close', s);
    t.run();
    expect(t.info(peer)).toMatchObject({ state: STATES.indexOf('SYN-RECEIVED'), socket: 0 });
    peer.expect('A', { seq: 1, ack: 1 });
    peer.send('PA', { seq: 1, text: 'hello' });
    peer.expect('PA', { text: 'hello' });
    expect(t.counter('TcpActiveOpens')).toBe(0);
    t.forget();
  });
});

describe.each(targets)('RFC 9293 §3.8.5 and §3.9.2 on applications: $name', (target) => {
  test('SHLD-13 urgent-not-used: what was urgent comes back as text like any other', () => {
    const { t, peer } = connected(target, ECHO);
    peer.send('PAU', { text: 'hello', up: 5 });
    peer.expect('PA', { text: 'hello', up: 0 });
    const stream = t.addPeer({ port: 50_001, localPort: CHARGEN });
    stream.send('S', { mss: target.mss });
    stream.expect('SA');
    stream.send('AU', { up: 1 });
    expect(stream.heard.length).toBeGreaterThan(0);
    expect(new Set(stream.heard.map(({ flags, up }) => flags.includes('U') || up !== 0))).toEqual(
      new Set([false]),
    );
    t.forget();
  });

  test('SHLD-23 dscp-steady: all segments of a connection have one type of service, whatever the peer’s have', () => {
    const { t, peer } = connected(target, ECHO);
    peer.send('PA', { text: 'hello', ip: { tos: 0xb8 } });
    peer.expect('PA', { text: 'hello', tos: 0 });
    peer.send('FA', { ip: { tos: 0x20 } });
    peer.expect('FA', { tos: 0 });
    peer.send('A');
    expect(t.state(peer)).toBe('CLOSED');
  });
});
