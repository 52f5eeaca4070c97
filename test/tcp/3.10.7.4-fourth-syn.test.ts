// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.4, fourth check, with RFC 5961 §4: a SYN in a synchronized state is challenged whatever its sequence
// number; a peer that really began anew answers the challenge with a reset.

import { describe, expect, test } from 'vitest';
import { established, inState, synReceived, synReceivedActive, targets } from '../vocabulary.ts';

const SYNCHRONIZED = Object.entries(inState).filter(([state]) => !state.startsWith('SYN-'));

describe.each(targets)('3.10.7.4 fourth, check the SYN bit: $name', (target) => {
  test.each(SYNCHRONIZED)('5961-2 syn-in-established-challenge: in %s, wherever it lies', (state, begin) => {
    const t = begin(target);
    const { sndMax, rcvNxt, rcvWnd } = t.info()!;
    for (const seq of [rcvNxt, rcvNxt + 1, rcvNxt - 1, 0, rcvNxt + rcvWnd + 100]) {
      t.peer.send('S', { seq });
      t.expect('A', { seq: sndMax, ack: rcvNxt, len: 0 });
    }
    expect(t.state()).toBe(state);
  });

  test('a SYN,ACK is challenged too', () => {
    const t = established(target);
    t.peer.send('SA', { seq: 0 });
    t.expect('A', { seq: 1, ack: 1 });
    t.peer.send('SA', { seq: 1 });
    t.expect('A', { seq: 1, ack: 1 });
  });

  test('the peer that began anew resets the old connection by its answer', () => {
    const t = established(target);
    t.peer.send('S', { seq: 70_000 });
    t.expect('A', { seq: 1, ack: 1 });
    t.peer.send('R', { seq: 1 }); // <SEQ=SEG.ACK><CTL=RST>
    expect(t.state()).toBe('CLOSED');
    expect(t.recv()).toBe('ECONNRESET');
    t.peer.send('S', { seq: 70_000 });
    t.expect('SA', { ack: 70_001 });
  });

  test('text with the SYN is not taken', () => {
    const t = established(target);
    t.peer.send('SA', { seq: 1, text: 'hello' });
    t.expect('A', { ack: 1 });
    expect(t.recv()).toBe('EAGAIN');
  });

  test('in SYN-RECEIVED from a passive OPEN a SYN in the window returns to LISTEN', () => {
    const t = synReceived(target);
    t.peer.send('S', { seq: 1 });
    t.silence();
    expect(t.watch.seen.at(-1)).toBe('SYN-RECEIVED → LISTEN');
    t.peer.send('S', { seq: 100 });
    t.expect('SA', { ack: 101 });
  });

  test('in SYN-RECEIVED from an active OPEN it is challenged', () => {
    const t = synReceivedActive(target);
    t.peer.send('S', { seq: 1 });
    t.expect('A', { seq: 1, ack: 1 });
    expect(t.state()).toBe('SYN-RECEIVED');
  });

  test('in SYN-RECEIVED the same SYN again brings the same SYN,ACK again', () => {
    const t = synReceived(target);
    t.peer.send('S', { seq: 0 });
    t.expect('SA', { seq: 0, ack: 1, mss: target.mss });
    t.silence();
    t.peer.send('A', { seq: 1 });
    expect(t.state()).toBe('ESTABLISHED');
  });
});
