// SPDX-License-Identifier: MIT
// RFC 9293 §3.1: the checksum. That every segment sent has a good one (MUST-2) every dialogue checks, in frames.ts.

import { describe, expect, test } from 'vitest';
import { established, lastAck, listening, octets, open, targets } from '../vocabulary.ts';

describe.each(targets)('3.1 checksum: $name', (target) => {
  test('MUST-2 checksum-sent-always: for text of every length, odd and even, and across the end of the ring', () => {
    const t = established(target);
    let sent = 0;
    for (let len = 1; sent < 2 * target.ring; len = (len % (target.mss - 1)) + 7) {
      t.send(octets(len, sent));
      t.expect('A', { seq: 1 + sent, text: octets(len, sent) });
      t.peer.send('A');
      sent += len;
    }
  });

  test('MUST-3 checksum-bad-is-dropped-silently: in every state, with every control bit', () => {
    for (const flags of ['S', 'A', 'SA', 'FA', 'R', 'RA', 'PA']) {
      const closed = open(target);
      closed.peer.send(flags, { checksumError: 1, text: 'hello' });
      closed.silence();
      expect(closed.counter('TcpChecksumError')).toBe(1);
      const listener = listening(target);
      listener.peer.send(flags, { checksumError: 1 });
      listener.silence();
      const t = established(target);
      t.peer.send(flags, { checksumError: 0x8000, text: 'hello' });
      t.silence();
      expect(t.state()).toBe('ESTABLISHED');
      expect(t.recv()).toBe('EAGAIN');
      expect(t.counter('TcpChecksumError')).toBe(1);
    }
  });

  test('MUST-3 checksum-bad-is-dropped-silently: the ACK of our FIN, too', () => {
    const t = lastAck(target);
    t.peer.send('A', { ack: 2, checksumError: 1 });
    t.silence();
    expect(t.state()).toBe('LAST-ACK');
    expect(t.counter('TcpChecksumError')).toBe(1);
    t.peer.send('A', { ack: 2 });
    expect(t.state()).toBe('CLOSED');
  });

  test('one bit anywhere in the segment is found', () => {
    const t = established(target);
    const good = t.peer.frame('PA', { seq: 1, text: 'hello, world' });
    for (let bit = 34 * 8; bit < 66 * 8; bit += 13) {
      const bad = Buffer.from(good);
      bad[bit >>> 3]! ^= 1 << (bit & 7);
      t.deliver(bad);
    }
    t.silence();
    expect(t.recv()).toBe('EAGAIN');
    t.deliver(good);
    expect(t.recv()).toBe('hello, world');
    t.advance(100);
    t.expect('A');
  });

  test('the pseudo-header is part of it: a segment that was made for other addresses is dropped', () => {
    const t = listening(target);
    const other = t.addPeer({ address: t.peer.address + 1 });
    const frame = other.frame('S');
    // The source address of another host, with the IP checksum made good again: 16-bit sum moves by one.
    frame.writeUInt32BE(t.peer.address, 26);
    frame.writeUInt16BE(frame.readUInt16BE(24) + 1, 24);
    t.deliver(frame);
    t.silence();
    expect(t.counter('TcpChecksumError')).toBe(1);
  });

  test('a segment shorter than its header is malformed', () => {
    const t = listening(target);
    t.deliver(t.peer.datagram({ protocol: 6 }, Buffer.alloc(19)));
    t.deliver(t.peer.datagram({ protocol: 6 }, Buffer.alloc(0)));
    t.silence();
    expect(t.counter('TcpMalformed')).toBe(2);
  });
});
