// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.4, eighth check: the FIN. It moves the states as Figure 5 has it, is acknowledged at once, and ends the
// stream behind the text that came before it.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  inState,
  lastAck,
  listening,
  MSL,
  open,
  Ready,
  synReceived,
  synSent,
  targets,
  timeWait,
} from '../vocabulary.ts';

describe.each(targets)('3.10.7.4 eighth, check the FIN bit: $name', (target) => {
  test('fin-closed, fin-listen, fin-syn-sent: it is not processed, SEG.SEQ cannot be validated', () => {
    const t = synSent(target);
    t.peer.send('FA', { ack: 1 });
    t.silence();
    expect(t.state()).toBe('SYN-SENT');
    const listener = listening(target);
    listener.peer.send('F');
    listener.silence();
    const closed = open(target);
    closed.peer.send('F');
    closed.expect('RA', { absoluteSeq: 0, ack: 1 });
  });

  test('fin-syn-received: with the ACK of our SYN it leads to CLOSE-WAIT', () => {
    const t = synReceived(target);
    t.peer.send('FA');
    t.expect('A', { seq: 1, ack: 2 });
    expect(t.state()).toBe('CLOSE-WAIT');
  });

  test('fin-established: it leads to CLOSE-WAIT; the user gets 0 from recv and may go on sending', () => {
    const t = established(target);
    t.peer.send('FA');
    t.expect('A', { seq: 1, ack: 2 });
    t.silence();
    expect(t.state()).toBe('CLOSE-WAIT');
    expect(t.ready()).toBe(Ready.Readable | Ready.Writable | Ready.EndOfStream | Ready.Connected);
    expect(t.recv()).toBe('');
    expect(t.recv()).toBe('');
    t.send('bye');
    t.expect('PA', { seq: 1, ack: 2, text: 'bye' });
  });

  test('fin-fin-wait-1: without an ACK of ours it leads to CLOSING', () => {
    const t = finWait1(target);
    t.peer.send('FA', { ack: 1 });
    t.expect('A', { seq: 2, ack: 2 });
    expect(t.state()).toBe('CLOSING');
  });

  test('fin-fin-wait-1: with an ACK of ours it leads to TIME-WAIT', () => {
    const t = finWait1(target);
    t.peer.send('FA', { ack: 2 });
    t.expect('A', { seq: 2, ack: 2 });
    t.silence();
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('fin-fin-wait-2: it leads to TIME-WAIT', () => {
    const t = finWait2(target);
    t.peer.send('FA');
    t.expect('A', { seq: 2, ack: 2 });
    expect(t.state()).toBe('TIME-WAIT');
    expect(t.recv()).toBe('');
  });

  test.each([
    ['CLOSE-WAIT', closeWait],
    ['CLOSING', closing],
    ['LAST-ACK', lastAck],
  ])('fin-%s: a FIN again changes nothing and is acknowledged again', (state, begin) => {
    const t = begin(target);
    const { sndMax } = t.info()!;
    t.peer.send('FA', { seq: 1, ack: 1 });
    t.expect('A', { seq: sndMax, ack: 2 });
    t.silence();
    expect(t.state()).toBe(state);
  });

  test('timewait-fin-restarts: in TIME-WAIT the FIN again is acknowledged and restarts 2 MSL', () => {
    const t = timeWait(target);
    t.advance(2 * MSL - 1_000);
    t.peer.send('FA', { seq: 1 });
    t.expect('A', { seq: 2, ack: 2 });
    t.silence(2 * MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('FIN with text: the text first, then the end', () => {
    const t = established(target);
    t.peer.send('FPA', { text: 'hello' });
    t.expect('A', { seq: 1, ack: 7 });
    expect(t.recv()).toBe('hello');
    expect(t.recv()).toBe('');
  });

  test('FIN with text that was received before: only the FIN is new', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    t.peer.send('FPA', { seq: 1, text: 'hello' });
    t.expect('A', { ack: 7 });
    expect(t.state()).toBe('CLOSE-WAIT');
    expect(t.recv()).toBe('hello');
    expect(t.recv()).toBe('');
  });

  test('FIN before the text it follows: it counts when the gap is filled, in every state that takes text', () => {
    for (const [state, after] of [
      ['ESTABLISHED', 'CLOSE-WAIT'],
      ['FIN-WAIT-1', 'CLOSING'],
      ['FIN-WAIT-2', 'TIME-WAIT'],
    ] as const) {
      const t = inState[state](target);
      const ack = t.info()!.sndUna;
      t.peer.send('FA', { seq: 6, ack });
      t.expect('A', { ack: 1 });
      expect(t.state()).toBe(state);
      t.peer.send('PA', { seq: 1, ack, text: 'hello' });
      t.expect('A', { ack: 7 });
      expect(t.state()).toBe(after);
      expect(t.recv()).toBe('hello');
      expect(t.recv()).toBe('');
    }
  });

  test('FIN out of order with text of its own', () => {
    const t = established(target);
    t.peer.send('FPA', { seq: 6, text: 'world' });
    t.expect('A', { ack: 1 });
    t.peer.send('PA', { seq: 1, text: 'hello' });
    t.expect('A', { ack: 12 });
    expect(t.state()).toBe('CLOSE-WAIT');
    expect(t.recv()).toBe('helloworld');
    expect(t.recv()).toBe('');
  });

  test('a FIN takes no room: it is taken with the window nearly closed', () => {
    const t = established(target);
    for (let sent = 0; sent < target.ring - 1;) {
      const len = Math.min(target.mss, target.ring - 1 - sent);
      t.peer.send('A', { text: 'x'.repeat(len) });
      sent += len;
    }
    t.forget();
    t.peer.send('FA');
    t.expect('A', { ack: target.ring + 1 });
    expect(t.state()).toBe('CLOSE-WAIT');
    expect(t.recv().length).toBe(target.ring - 1);
  });
});
