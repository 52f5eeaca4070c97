// SPDX-License-Identifier: MIT
// RFC 9293 §3.5, Figure 7: both ends send a SYN before either has heard the other's.

import { describe, expect, test } from 'vitest';
import { Ready, synReceivedActive, synSent, targets } from '../vocabulary.ts';

describe.each(targets)('3.5 simultaneous open: $name', (target) => {
  test('MUST-10 open-simultaneous: SYN meets SYN, SYN,ACK meets SYN,ACK, and one connection comes of it', () => {
    const t = synSent(target);
    t.peer.send('S', { mss: 1000, win: 2000 });
    t.expect('SA', { seq: 0, ack: 1, mss: target.mss, win: target.ring });
    // The peer's SYN,ACK lies before our window: it is answered by an ACK. Ours brings the peer to ESTABLISHED in the same way.
    t.peer.send('SA', { seq: 0, ack: 1 });
    t.expect('A', { seq: 1, ack: 1 });
    t.peer.send('A', { seq: 1, ack: 1 });
    t.silence();
    expect(t.state()).toBe('ESTABLISHED');
    expect(t.ready()).toBe(Ready.Writable | Ready.Connected);
    expect(t.watch.seen).toEqual([
      'CLOSED → SYN-SENT',
      'SYN-SENT → SYN-RECEIVED',
      'SYN-RECEIVED → ESTABLISHED',
    ]);
  });

  test('two SYN,ACKs do not chase each other', () => {
    const t = synReceivedActive(target);
    for (let i = 0; i < 3; i++) {
      t.peer.send('SA', { seq: 0, ack: 1 });
      for (const { flags } of t.peer.heard.splice(0)) expect(flags).toBe('A');
    }
  });

  test('an ACK of our SYN alone is enough', () => {
    const t = synReceivedActive(target);
    t.peer.send('A');
    t.silence();
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('text flows both ways', () => {
    const t = synReceivedActive(target);
    t.peer.send('PA', { text: 'hello' });
    expect(t.recv()).toBe('hello');
    t.send('world');
    t.expect('PA', { seq: 1, ack: 6, text: 'world' });
  });

  test('the SYN that comes again is answered by the SYN,ACK again', () => {
    const t = synReceivedActive(target);
    t.peer.send('S', { seq: 0 });
    t.expect('SA', { seq: 0, ack: 1 });
    t.silence();
  });

  test('a SYN,ACK that is lost is sent again', () => {
    const t = synReceivedActive(target);
    expect(t.wait()).toBe(1_000);
    t.expect('SA', { seq: 0, ack: 1 });
    t.peer.send('A');
    t.silence();
    expect(t.state()).toBe('ESTABLISHED');
  });
});
