// SPDX-License-Identifier: MIT
// RFC 9293 §3.6: closing. The three cases of §3.6, Figures 12 and 13, and half of a connection closed, both ways.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  DELAYED_ACK,
  established,
  finWait2,
  MSL,
  octets,
  Ready,
  Shutdown,
  targets,
} from '../vocabulary.ts';

describe.each(targets)('3.6 closing a connection: $name', (target) => {
  test('Case 1, Figure 12: we begin', () => {
    const t = established(target);
    expect(t.close()).toBe(0);
    t.expect('FA', { seq: 1, ack: 1, len: 0 });
    t.peer.send('A', { ack: 2 });
    t.peer.send('FA', { ack: 2 });
    t.expect('A', { seq: 2, ack: 2 });
    t.silence(2 * MSL);
    expect(t.watch.seen.slice(-4)).toEqual([
      'ESTABLISHED → FIN-WAIT-1',
      'FIN-WAIT-1 → FIN-WAIT-2',
      'FIN-WAIT-2 → TIME-WAIT',
      'TIME-WAIT → CLOSED',
    ]);
  });

  test('Case 2, Figure 12: the peer begins', () => {
    const t = established(target);
    t.peer.send('FA');
    t.expect('A', { seq: 1, ack: 2 });
    expect(t.recv()).toBe('');
    expect(t.close()).toBe(0);
    t.expect('FA', { seq: 1, ack: 2 });
    t.peer.send('A', { ack: 2 });
    t.silence();
    expect(t.watch.seen.slice(-3)).toEqual([
      'ESTABLISHED → CLOSE-WAIT',
      'CLOSE-WAIT → LAST-ACK',
      'LAST-ACK → CLOSED',
    ]);
    expect(t.info()).toBeUndefined();
  });

  test('Case 3, Figure 13: both close at once', () => {
    const t = established(target);
    t.close();
    t.expect('FA', { seq: 1, ack: 1 });
    t.peer.send('FA', { seq: 1, ack: 1 });
    t.expect('A', { seq: 2, ack: 2 });
    t.peer.send('A', { seq: 2, ack: 2 });
    t.silence(2 * MSL);
    expect(t.watch.seen.slice(-4)).toEqual([
      'ESTABLISHED → FIN-WAIT-1',
      'FIN-WAIT-1 → CLOSING',
      'CLOSING → TIME-WAIT',
      'TIME-WAIT → CLOSED',
    ]);
  });

  test('Case 3: the peer’s ACK is lost; our FIN again brings it', () => {
    const t = established(target);
    t.close();
    t.expect('FA');
    t.peer.send('FA', { ack: 1 });
    t.expect('A', { seq: 2, ack: 2 });
    t.wait();
    t.expect('FA', { seq: 1, ack: 2 });
    t.peer.send('A', { ack: 2 });
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('our FIN and ACK of the peer’s in one segment: FIN-WAIT-1 to TIME-WAIT', () => {
    const t = established(target);
    t.close();
    t.expect('FA');
    t.peer.send('FA', { ack: 2 });
    t.expect('A', { seq: 2, ack: 2 });
    expect(t.watch.seen.at(-1)).toBe('FIN-WAIT-1 → TIME-WAIT');
  });

  test('a FIN that is lost is sent again', () => {
    const t = established(target);
    t.close();
    t.expect('FA', { seq: 1 });
    expect(t.wait()).toBe(target.rto);
    t.expect('FA', { seq: 1, ack: 1 });
    t.peer.send('A');
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('text that was sent before CLOSE is delivered first, and the FIN goes with the last of it', () => {
    const t = established(target);
    t.send(octets(target.mss + 10));
    t.close();
    t.expect('A', { seq: 1, len: target.mss });
    t.expect('FA', { seq: 1 + target.mss, len: 10 });
    expect(t.state()).toBe('FIN-WAIT-1');
    t.peer.send('A');
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('with a closed window the FIN waits behind the text', () => {
    const t = established(target, { win: 0 });
    t.send('hello');
    t.close();
    t.silence(target.rto - 1);
    t.peer.send('A', { win: 1000 });
    t.expect('FA', { seq: 1, text: 'hello' });
  });

  test('MAY-1 close-half-duplex, SHLD-3 close-with-unread-data-rst: text that was not read is told by a reset', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    t.close();
    t.expect('RA', { seq: 1, ack: 6 });
    expect(t.state()).toBe('CLOSED');
    t.silence(1_000);
  });

  test('SHLD-3: so is text that comes after CLOSE', () => {
    const t = established(target);
    t.close();
    t.expect('FA', { seq: 1 });
    t.peer.send('PA', { text: 'hello' });
    t.expect('R', { seq: 2 });
    expect(t.state()).toBe('CLOSED');
    expect(t.counter('TcpTextAfterClose')).toBe(1);
  });

  test('a connection that nobody owns leaves FIN-WAIT-2 after a while', () => {
    const t = established(target);
    t.close();
    t.expect('FA');
    t.peer.send('A');
    expect(t.state()).toBe('FIN-WAIT-2');
    t.silence(60_000);
    expect(t.state()).toBe('CLOSED');
  });
});

describe.each(targets)('3.6 half of a connection: $name', (target) => {
  test('ours is closed: the peer may go on sending for as long as it likes', () => {
    const t = finWait2(target);
    expect(t.send('more')).toBe('EPIPE');
    let seq = 1;
    for (let i = 0; i < 20; i++) {
      t.peer.send('PA', { text: octets(100, i) });
      expect(t.recv()).toBe(octets(100, i));
      seq += 100;
      t.advance(30_000);
      t.expect('A', { seq: 2, ack: seq });
    }
    expect(t.state()).toBe('FIN-WAIT-2');
    expect(t.ready()).toBe(Ready.Connected);
    t.peer.send('FA');
    t.expect('A', { seq: 2, ack: seq + 1 });
    expect(t.recv()).toBe('');
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('the peer’s is closed: we may go on sending for as long as we like', () => {
    const t = closeWait(target);
    for (let i = 0; i < 20; i++) {
      expect(t.send(octets(100, i))).toBe(100);
      t.expect('PA', { seq: 1 + 100 * i, ack: 2, text: octets(100, i) });
      t.advance(target.rto >>> 1);
      t.peer.send('A');
      t.advance(30_000);
    }
    expect(t.state()).toBe('CLOSE-WAIT');
    t.shutdown(Shutdown.Write);
    t.expect('FA', { seq: 2001, ack: 2 });
    t.peer.send('A');
    expect(t.state()).toBe('CLOSED');
  });

  test('text of the peer that crosses our FIN is taken', () => {
    const t = established(target);
    t.shutdown(Shutdown.Write);
    t.expect('FA', { seq: 1 });
    t.peer.send('PA', { text: 'hello', ack: 1 });
    t.peer.send('PA', { text: 'world', ack: 2 });
    t.expect('A', { seq: 2, ack: 11 });
    expect(t.recv()).toBe('helloworld');
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('shutdown of reading alone: what comes is acknowledged and dropped, and we may send', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'unread' });
    expect(t.shutdown(Shutdown.Read)).toBe(0);
    expect(t.recv()).toBe('');
    t.send('hello');
    t.expect('PA', { ack: 7, text: 'hello' });
    t.peer.send('PA', { text: octets(100) });
    t.peer.send('PA', { text: octets(100) });
    t.expect('A', { seq: 6, ack: 207 });
    expect(t.recv()).toBe('');
    t.peer.send('FA');
    t.expect('A', { ack: 208 });
    expect(t.state()).toBe('CLOSE-WAIT');
  });

  test('shutdown of both: a FIN, and the end of the stream', () => {
    const t = established(target);
    expect(t.shutdown(Shutdown.Both)).toBe(0);
    t.expect('FA', { seq: 1 });
    expect(t.recv()).toBe('');
    expect(t.send('x')).toBe('EPIPE');
  });

  test('shutdown of writing twice changes nothing', () => {
    const t = established(target);
    t.shutdown(Shutdown.Write);
    t.expect('FA');
    expect(t.shutdown(Shutdown.Write)).toBe(0);
    t.silence(DELAYED_ACK);
    expect(t.state()).toBe('FIN-WAIT-1');
  });
});
