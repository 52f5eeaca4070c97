// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.1: segments that arrive for no connection and no listener. Every port without a listener is CLOSED.

import { describe, expect, test } from 'vitest';
import { open, targets } from '../vocabulary.ts';

describe.each(targets)('3.10.7.1 CLOSED STATE: $name', (target) => {
  test('closed-rst-form-ack: with an ACK <SEQ=SEG.ACK><CTL=RST>', () => {
    const t = open(target);
    t.peer.send('A', { seq: 77, ack: 300 });
    t.expect('R', { seq: 300, absoluteAck: 0, win: 0, len: 0 });
    t.silence();
  });

  test('closed-rst-form-noack: without one <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>', () => {
    const t = open(target);
    t.peer.send('S', { seq: 77 });
    t.expect('RA', { absoluteSeq: 0, ack: 78 });
    t.peer.send('', { seq: 77, text: 'hello' });
    t.expect('RA', { absoluteSeq: 0, ack: 82 });
    t.peer.send('SF', { seq: 77, text: 'hello' });
    t.expect('RA', { absoluteSeq: 0, ack: 84 });
  });

  test('a RST is dropped, whatever else it says', () => {
    const t = open(target);
    for (const flags of ['R', 'RA', 'RS', 'RFA']) t.peer.send(flags, { text: 'hello' });
    t.silence(1_000);
  });

  test('SYN with ACK, FIN and text all get a reset of the form with SEG.ACK', () => {
    const t = open(target);
    for (const flags of ['SA', 'FA', 'PA', 'UA']) {
      t.peer.send(flags, { seq: 9, ack: 4, text: 'hello' });
      t.expect('R', { seq: 4, absoluteAck: 0 });
    }
    expect(t.counter('TcpResetsOut')).toBe(4);
    expect(t.counter('TcpNoConnection')).toBe(4);
  });

  test('the reset goes back to the station that it answers, without a question by ARP', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.peer.send('S');
    expect(t.expect('RA').ethernet.destination).toBe(t.peer.mac);
    t.silence();
  });

  test('state of another connection has no part in it', () => {
    const t = open(target);
    expect(t.state()).toBe('CLOSED');
    t.peer.send('A', { ack: 1 });
    t.expect('R');
    expect(t.state()).toBe('CLOSED');
    expect(t.watch.seen).toEqual([]);
  });
});
