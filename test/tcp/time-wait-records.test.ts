// SPDX-License-Identifier: MIT
// TIME-WAIT without an owner is a record: its TCB is free at once. What TIME-WAIT is: 3.6.1-time-wait.test.ts.

import { describe, expect, test } from 'vitest';
import { DELAYED_ACK, established, listening, MSL, targets, timeWait } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';
import type { Peer } from '../support/peer.ts';

/** ms. All that there are records for end within 2 MSL. */
const APART = 300;

/** `count` connections that were closed from here, one after the other. */
function ended(t: Dialogue, count: number, from = 51_000): Peer[] {
  return Array.from({ length: count }, (_, i) => {
    const peer = t.addPeer({ port: from + i });
    peer.send('S');
    peer.expect('SA');
    peer.send('A');
    t.s = t.listener;
    t.accept();
    t.close();
    peer.expect('FA');
    peer.send('FA');
    peer.expect('A', { seq: 2, ack: 2 });
    t.advance(APART);
    return peer;
  });
}

const states = (t: Dialogue, peers: Peer[]): string[] => peers.map((peer) => t.state(peer));
const all = (state: string, peers: Peer[]): string[] => peers.map(() => state);

describe.each(targets)('records of TIME-WAIT: $name', (target) => {
  test('they take no place of a connection', () => {
    const t = listening(target);
    const old = ended(t, target.timeWaits);
    expect(states(t, old)).toEqual(all('TIME-WAIT', old));
    const fresh = Array.from({ length: target.connections }, (_, i) => t.addPeer({ port: 52_000 + i }));
    for (const peer of fresh) {
      peer.send('S');
      peer.expect('SA');
      peer.send('A');
    }
    expect(states(t, fresh)).toEqual(all('ESTABLISHED', fresh));
    expect(states(t, old)).toEqual(all('TIME-WAIT', old));
    expect(t.counter('TcpRecycled')).toBe(0);
  });

  test('when all are in use the oldest gives way', () => {
    const t = listening(target);
    const [first, second, ...rest] = ended(t, target.timeWaits);
    const last = ended(t, 1, 52_000)[0]!;
    expect(t.state(first)).toBe('CLOSED');
    expect(states(t, [second!, ...rest, last])).toEqual(all('TIME-WAIT', [second!, ...rest, last]));
    expect(t.counter('TcpRecycled')).toBe(1);
  });

  test('MUST-13: each of them lasts its own 2 MSL', () => {
    const t = listening(target);
    const [first, second] = ended(t, 2);
    t.silence(2 * MSL - 2 * APART - 1);
    expect(states(t, [first!, second!])).toEqual(['TIME-WAIT', 'TIME-WAIT']);
    t.silence(1);
    expect(states(t, [first!, second!])).toEqual(['CLOSED', 'TIME-WAIT']);
    t.silence(APART);
    expect(states(t, [first!, second!])).toEqual(['CLOSED', 'CLOSED']);
  });

  test('a connection that a socket holds keeps its TCB, so that what came can be read; closed, it goes on as a record', () => {
    const t = established(target);
    t.shutdown(1);
    t.expect('FA');
    t.peer.send('FPA', { text: 'last words' });
    t.expect('A', { seq: 2, ack: 12 });
    t.advance(MSL);
    expect(t.recv()).toBe('last words');
    expect(t.info()!.socket).not.toBe(0);
    t.close();
    expect(t.info()).toMatchObject({ socket: 0, rcvNxt: 1 }); // relative to an IRS that a record does not have
    t.peer.send('FA', { seq: 11 });
    t.expect('A', { ack: 12 });
    t.silence(2 * MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('closed without anything said, its 2 MSL do not begin anew', () => {
    const t = timeWait(target);
    t.advance(MSL);
    t.close();
    t.silence(MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('its last ACK leaves before the TCB is gone, from CLOSING as well', () => {
    const t = established(target);
    t.close();
    t.expect('FA');
    t.peer.send('FA', { ack: 1 });
    t.expect('A', { seq: 2, ack: 2 });
    t.peer.send('A', { ack: 2 });
    expect(t.state()).toBe('TIME-WAIT');
    t.silence();
  });

  test('the ACKs for what does not belong there are limited, those for a FIN and for old text are not', () => {
    const t = listening(target);
    const [peer] = ended(t, 1);
    for (let i = 0; i < 20; i++) peer!.send('A', { seq: -100 });
    expect(peer!.heard.splice(0).length).toBe(5);
    for (let i = 0; i < 20; i++) peer!.send('FA', { seq: 1 });
    expect(peer!.heard.splice(0).length).toBe(20);
    for (let i = 0; i < 20; i++) peer!.send('PA', { seq: -100, text: 'old' });
    expect(peer!.heard.splice(0).length).toBe(20);
  });

  test('another connection between the same ends cannot be opened from here meanwhile', () => {
    const t = listening(target);
    const [peer] = ended(t, 1);
    t.call('close', t.listener);
    const s = t.call('socket') as number;
    t.call('setsockopt', s, 0x102, 1); // SO_REUSEADDR
    expect(t.call('bind', s, 0, 4000)).toBe(0);
    expect(t.call('connect', s, peer!.address, peer!.port)).toBe('EADDRINUSE');
    t.advance(2 * MSL);
    expect(t.call('connect', s, peer!.address, peer!.port)).toBe('EINPROGRESS');
    peer!.expect('S');
  });

  test('MAY-2, 6191-1: a new connection out of TIME-WAIT carries text both ways', () => {
    const t = listening(target);
    const [peer] = ended(t, 1);
    peer!.send('S', { seq: 1_000 });
    peer!.expect('SA', { seq: 0, ack: 1_001 });
    expect(t.state(peer)).toBe('SYN-RECEIVED');
    peer!.send('PA', { seq: 1_001, ack: 1, text: 'again' });
    t.s = t.listener;
    t.accept();
    expect(t.recv()).toBe('again');
    t.send('indeed');
    peer!.expect('A', { seq: 1, ack: 1_006, text: 'indeed' });
    t.advance(DELAYED_ACK);
    t.forget();
  });

  test('a forged SYN of before the end does not restart the 2 MSL', () => {
    const t = listening(target);
    const [peer] = ended(t, 1);
    t.advance(MSL);
    peer!.send('S', { seq: 1 });
    peer!.expect('A', { seq: 2, ack: 2 });
    t.silence(MSL - APART);
    expect(t.state(peer)).toBe('CLOSED');
  });
});
