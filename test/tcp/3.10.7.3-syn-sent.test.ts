// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.3: what may answer our SYN, in the RFC's order: ACK, RST, SYN, other.

import { describe, expect, test } from 'vitest';
import { Option, Ready, synSent, targets } from '../vocabulary.ts';

describe.each(targets)('3.10.7.3 SYN-SENT STATE: $name', (target) => {
  test('the SYN is <SEQ=ISS><CTL=SYN> with our MSS and the whole window', () => {
    const t = synSent(target);
    expect(t.state()).toBe('SYN-SENT');
    t.advance(1_000);
    t.expect('S', { seq: 0, absoluteAck: 0, win: target.ring, mss: target.mss, len: 0 });
  });

  test('synsent-ack-at-iss: first, SEG.ACK =< ISS is answered by <SEQ=SEG.ACK><CTL=RST>', () => {
    const t = synSent(target);
    for (const ack of [0, -1, -70_000]) {
      t.peer.send('A', { ack });
      t.expect('R', { seq: ack, absoluteAck: 0 });
      t.peer.send('SA', { ack });
      t.expect('R', { seq: ack, absoluteAck: 0 });
    }
    expect(t.state()).toBe('SYN-SENT');
  });

  test('synsent-ack-above: SEG.ACK > SND.NXT is answered by <SEQ=SEG.ACK><CTL=RST>', () => {
    const t = synSent(target);
    t.peer.send('SA', { ack: 2 });
    t.expect('R', { seq: 2, absoluteAck: 0 });
    expect(t.state()).toBe('SYN-SENT');
    expect(t.counter('TcpBadAck')).toBe(1);
  });

  test('synsent-bad-ack-rst: with a bad ACK a RST is dropped', () => {
    const t = synSent(target);
    t.peer.send('RA', { ack: 0 });
    t.peer.send('RA', { ack: 2 });
    t.silence();
    expect(t.state()).toBe('SYN-SENT');
  });

  test('synsent-rst: second, a RST that acknowledges our SYN refuses the connection', () => {
    const t = synSent(target);
    t.peer.send('RA', { seq: 0, ack: 1 });
    t.silence();
    expect(t.state()).toBe('CLOSED');
    expect(t.ready()).toBe(Ready.Error | Ready.Readable | Ready.Writable | Ready.EndOfStream);
    expect(t.getsockopt(Option.SO_ERROR)).toBe(111);
    expect(t.recv()).toBe('ECONNREFUSED');
    expect(t.send('x')).toBe('ECONNREFUSED');
  });

  test('synsent-rst-no-ack: a RST without ACK is dropped', () => {
    const t = synSent(target);
    t.peer.send('R');
    t.silence();
    expect(t.state()).toBe('SYN-SENT');
  });

  test('synsent-syn-ack: fourth, SYN with an ACK of ours is answered by <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>', () => {
    const t = synSent(target);
    expect(t.ready()).toBe(0);
    t.peer.send('SA', { win: 1234 });
    t.expect('A', { seq: 1, ack: 1, win: target.ring, len: 0 });
    t.silence();
    expect(t.state()).toBe('ESTABLISHED');
    expect(t.ready()).toBe(Ready.Writable | Ready.Connected);
    expect(t.info()).toMatchObject({ sndUna: 1, sndNxt: 1, rcvNxt: 1, sndWnd: 1234 });
    expect(t.counter('TcpActiveOpens')).toBe(1);
  });

  test('synsent-syn: SYN without ACK leads to SYN-RECEIVED and <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>', () => {
    const t = synSent(target);
    t.peer.send('S');
    t.expect('SA', { seq: 0, ack: 1, mss: target.mss });
    expect(t.state()).toBe('SYN-RECEIVED');
    t.silence();
  });

  test('synsent-neither: fifth, without SYN and RST the segment is dropped, good ACK or none', () => {
    const t = synSent(target);
    t.peer.send('A', { ack: 1, text: 'hello' });
    t.peer.send('FA', { ack: 1 });
    t.peer.send('', { text: 'hello' });
    t.silence();
    expect(t.state()).toBe('SYN-SENT');
  });

  test('text with the SYN,ACK is not acknowledged; it is taken when it comes again', () => {
    const t = synSent(target);
    t.peer.send('SA', { text: 'hello' });
    t.expect('A', { ack: 1 });
    t.peer.send('PA', { seq: 1, text: 'hello' });
    expect(t.recv()).toBe('hello');
    t.wait();
    t.expect('A', { ack: 6 });
  });

  test('FIN with the SYN,ACK is not acknowledged; it is taken when it comes again', () => {
    const t = synSent(target);
    t.peer.send('SFA');
    t.expect('A', { ack: 1 });
    t.peer.send('FA', { seq: 1 });
    t.expect('A', { ack: 2 });
    expect(t.state()).toBe('CLOSE-WAIT');
  });

  test('what the peer sends to another port of ours has no part in it', () => {
    const t = synSent(target);
    const other = t.addPeer({ localPort: 4001 });
    other.send('SA', { ack: 1 });
    other.expect('R', { seq: 1 });
    expect(t.state()).toBe('SYN-SENT');
  });
});
