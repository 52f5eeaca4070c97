// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.2: segments for a listener, in the RFC's order: RST, ACK, SYN, other.

import { describe, expect, test } from 'vitest';
import { established, listening, Option, synReceived, synSent, targets, US } from '../vocabulary.ts';

describe.each(targets)('3.10.7.2 LISTEN STATE: $name', (target) => {
  test('listen-rst: first, a RST is ignored', () => {
    const t = listening(target);
    for (const flags of ['R', 'RA', 'RS', 'RSA']) t.peer.send(flags);
    t.silence();
    expect(t.ready()).toBe(0);
  });

  test('listen-ack: second, an ACK is answered by <SEQ=SEG.ACK><CTL=RST>', () => {
    const t = listening(target);
    t.peer.send('A', { seq: 10, ack: 20 });
    t.expect('R', { seq: 20, absoluteAck: 0 });
    t.peer.send('SA', { seq: 10, ack: 21 });
    t.expect('R', { seq: 21, absoluteAck: 0 });
    t.peer.send('FA', { seq: 10, ack: 22, text: 'hello' });
    t.expect('R', { seq: 22, absoluteAck: 0 });
    t.silence();
  });

  test('listen-syn: third, a SYN is answered by <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>', () => {
    const t = listening(target);
    t.peer.send('S', { mss: 1000 });
    t.expect('SA', { seq: 0, ack: 1, win: target.ring, mss: target.mss, len: 0 });
    expect(t.state()).toBe('SYN-RECEIVED');
    t.silence();
  });

  test('listen-syn: text in the SYN is not acknowledged; it is taken when it comes again', () => {
    const t = listening(target);
    t.peer.send('S', { text: 'hello' });
    t.expect('SA', { ack: 1 });
    t.peer.send('PA', { seq: 1, text: 'hello' });
    t.accept();
    expect(t.recv()).toBe('hello');
    t.wait();
    t.expect('A', { ack: 6 });
  });

  test('listen-other: fourth, text and FIN without SYN and ACK are dropped', () => {
    const t = listening(target);
    t.peer.send('', { text: 'hello' });
    t.peer.send('P', { text: 'hello' });
    t.peer.send('F');
    t.peer.send('U', { up: 3 });
    t.silence();
  });

  test('a SYN with FIN opens nothing: no honest stack sends one', () => {
    const t = listening(target);
    t.peer.send('SF');
    t.silence();
    expect(t.state()).toBe('CLOSED');
    expect(t.counter('TcpListenDropped')).toBe(1);
  });

  test('a SYN from port 0 opens nothing', () => {
    const t = listening(target);
    t.addPeer({ port: 0 }).send('S');
    t.silence();
    expect(t.counter('TcpListenDropped')).toBe(1);
  });

  test('the SYN,ACK goes back the way the SYN came, and nobody is asked for by ARP', () => {
    const t = listening(target);
    t.peer.send('S', { ethernet: { source: '02:00:00:00:00:77' } });
    expect(t.expect('SA', { seq: 0, ack: 1 }).ethernet.destination).toBe('02:00:00:00:00:77');
    t.silence();
  });

  test('one that is sent again goes to whom ARP finds', () => {
    const t = listening(target);
    t.peer.answersArp = false;
    t.peer.send('S');
    t.expect('SA', { seq: 0, ack: 1 });
    t.advance(1_000);
    t.expectArp({ opcode: 1, targetIp: t.peer.address });
    t.silence();
    t.peer.answerArp();
    expect(t.wait()).toBeLessThanOrEqual(50);
    t.expect('SA', { seq: 0, ack: 1 });
  });

  test('MUST-41 listen-independent-of-connections: a new passive OPEN disturbs no existing connection', () => {
    const t = established(target);
    const first = t.s;
    const other = t.addPeer({ localPort: 4001 });
    const listener = t.call('socket') as number;
    t.call('bind', listener, 0, 4001);
    expect(t.call('listen', listener, 2)).toBe(0);
    other.send('S');
    other.expect('SA');
    t.peer.send('PA', { text: 'hello' });
    t.s = first;
    expect(t.recv()).toBe('hello');
    t.wait();
    t.expect('A', { ack: 6 });
  });

  test('MUST-42 listen-many-on-one-port: several connections on one port at once, each its own', () => {
    const t = listening(target);
    const listener = t.s;
    const peers = [50_001, 50_002].map((port) => t.addPeer({ port }));
    for (const peer of peers) {
      peer.send('S');
      peer.expect('SA', { seq: 0, ack: 1 });
      peer.send('A');
    }
    peers[1]!.send('PA', { text: 'second' });
    peers[0]!.send('PA', { text: 'first' });
    for (const text of ['first', 'second']) {
      t.s = listener;
      t.accept();
      expect(t.recv()).toBe(text);
    }
    t.advance(100);
    for (const peer of peers) peer.expect('A');
  });

  test('MUST-42 listen-beside-syn-received: the listener takes the next SYN while a connection is half open', () => {
    const t = synReceived(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA', { ack: 1 });
    expect(t.state()).toBe('SYN-RECEIVED');
    expect(t.state(other)).toBe('SYN-RECEIVED');
  });

  test('MUST-42 listen-beside-syn-sent: a port can be listened on whose connection is in SYN-SENT', () => {
    const t = synSent(target);
    const opening = t.s;
    const listener = t.call('socket') as number;
    t.call('setsockopt', listener, Option.SO_REUSEADDR, 1);
    expect(t.call('bind', listener, 0, US.port)).toBe(0);
    expect(t.call('listen', listener, 1)).toBe(0);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA', { ack: 1 });
    other.send('A');
    t.s = listener;
    expect(typeof t.accept()).toBe('number');
    t.s = opening;
    t.peer.send('SA');
    t.expect('A', { seq: 1, ack: 1 });
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('the same port of another host is another connection', () => {
    const t = synReceived(target);
    const other = t.addPeer({ address: t.peer.address + 1 });
    other.send('S');
    other.expect('SA');
    expect(t.state()).toBe('SYN-RECEIVED');
    expect(t.state(other)).toBe('SYN-RECEIVED');
  });

  test('a SYN beyond the backlog is dropped, and taken when there is room', () => {
    const t = listening(target, 1);
    const [first, second] = [50_001, 50_002].map((port) => t.addPeer({ port }));
    first!.send('S');
    first!.expect('SA');
    first!.send('A');
    second!.send('S');
    t.silence();
    expect(t.counter('TcpListenDropped')).toBe(1);
    t.accept();
    second!.send('S', { seq: 0 });
    second!.expect('SA', { ack: 1 });
  });

  test('the programs listen on every instance', () => {
    const t = listening(target);
    for (const port of [7, 9, 80]) {
      const peer = t.addPeer({ localPort: port });
      peer.send('S');
      peer.expect('SA', { ack: 1 });
    }
  });
});
