// SPDX-License-Identifier: MIT
// RFC 9293 §3.5: recovery from old duplicate SYNs (Figure 8), half-open connections (Figures 9 to 11) and the rules of
// reset generation (§3.5.2).

import { describe, expect, test } from 'vitest';
import {
  established,
  establishedActive,
  inState,
  listening,
  open,
  synReceived,
  synSent,
  targets,
} from '../vocabulary.ts';

describe.each(targets)('3.5 three-way handshake: $name', (target) => {
  test('Figure 6, the basic handshake, from the side of LISTEN', () => {
    const t = listening(target);
    t.peer.send('S');
    t.expect('SA', { seq: 0, ack: 1 });
    t.peer.send('A', { seq: 1, ack: 1 });
    t.peer.send('PA', { seq: 1, ack: 1, text: 'hello' });
    t.accept();
    expect(t.recv()).toBe('hello');
    expect(t.watch.seen).toEqual(['LISTEN → SYN-RECEIVED', 'SYN-RECEIVED → ESTABLISHED']);
    t.wait();
    t.expect('A', { ack: 6 });
  });

  test('Figure 6 from the side of the active OPEN', () => {
    const t = establishedActive(target);
    expect(t.watch.seen).toEqual(['CLOSED → SYN-SENT', 'SYN-SENT → ESTABLISHED']);
  });

  test('the third segment is lost: text with its ACK establishes the connection', () => {
    const t = synReceived(target);
    t.peer.send('PA', { text: 'hello' });
    expect(t.state()).toBe('ESTABLISHED');
    t.wait();
    t.expect('A', { ack: 6 });
  });

  test('Figure 8: an old duplicate SYN reaches LISTEN; the peer resets it, then the new one comes', () => {
    const t = listening(target);
    t.peer.send('S', { seq: -100 });
    t.expect('SA', { ack: -99 });
    t.peer.send('R', { seq: -99 });
    expect(t.watch.seen).toEqual(['LISTEN → SYN-RECEIVED', 'SYN-RECEIVED → LISTEN']);
    t.peer.send('S');
    t.expect('SA', { ack: 1 });
    t.peer.send('A');
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('Figure 8: an old duplicate SYN, and the new one while it is still half open', () => {
    const t = listening(target);
    t.peer.send('S', { seq: -100 });
    t.expect('SA', { ack: -99 });
    t.peer.send('S', { seq: 1000 }); // in the window: back to LISTEN, as the fourth check has it
    t.silence();
    t.peer.send('S', { seq: 1000 });
    t.expect('SA', { ack: 1001 });
  });

  test('an old SYN,ACK for a SYN of ours that was never sent is reset', () => {
    const t = synSent(target);
    t.peer.send('SA', { seq: 300, ack: -50 });
    t.expect('R', { seq: -50 });
    t.peer.send('SA', { seq: 0 });
    t.expect('A', { seq: 1, ack: 1 });
  });
});

describe.each(targets)('3.5.1 half-open connections: $name', (target) => {
  test('Figure 9: we crashed and open anew; the peer’s ACK of the old connection is reset, then the SYN again', () => {
    const t = synSent(target);
    t.peer.send('A', { seq: 300, ack: -1000 });
    t.expect('R', { seq: -1000 });
    expect(t.state()).toBe('SYN-SENT');
    expect(t.wait()).toBe(1_000);
    t.expect('S', { seq: 0 });
    t.peer.send('SA', { seq: 700 });
    t.expect('A', { seq: 1, ack: 701 });
  });

  test('Figure 9, the other side: the peer crashed and opens anew; our ACK makes it reset the old connection', () => {
    const t = established(target);
    t.peer.send('S', { seq: 400_000 });
    t.expect('A', { seq: 1, ack: 1 });
    t.peer.send('R', { seq: 1 });
    expect(t.state()).toBe('CLOSED');
    t.peer.send('S', { seq: 400_000 });
    t.expect('SA', { seq: 0, ack: 400_001 });
  });

  test('Figure 10: we crashed; text of the old connection is reset', () => {
    const t = open(target);
    t.peer.send('PA', { seq: 300, ack: 100, text: 'hello' });
    t.expect('R', { seq: 100 });
  });

  test('Figure 10, the other side: the peer crashed; our text brings its reset', () => {
    const t = established(target);
    t.send('hello');
    t.expect('A', { seq: 1, ack: 1, text: 'hello' });
    t.peer.send('R', { seq: 1 });
    expect(t.state()).toBe('CLOSED');
    expect(t.recv()).toBe('ECONNRESET');
  });

  test('Figure 11: an old duplicate SYN between two passive ends leaves both in LISTEN', () => {
    const t = listening(target);
    t.peer.send('S', { seq: 200 });
    t.expect('SA', { seq: 0, ack: 201 });
    t.peer.send('R', { seq: 201 }); // the other LISTEN's answer to our ACK: <SEQ=SEG.ACK><CTL=RST>
    t.silence(200_000);
    expect(t.ready()).toBe(0);
    expect(t.watch.seen.at(-1)).toBe('SYN-RECEIVED → LISTEN');
  });
});

describe.each(targets)('3.5.2 reset generation: $name', (target) => {
  test('1: for no connection, a reset; never for a reset', () => {
    const t = open(target);
    t.peer.send('S');
    t.expect('RA', { absoluteSeq: 0, ack: 1 });
    t.peer.send('A', { ack: 5 });
    t.expect('R', { seq: 5 });
    t.peer.send('R');
    t.silence();
  });

  test('2: in a non-synchronized state, a reset for an ACK of something not sent; the state stays', () => {
    for (const begin of [synSent, synReceived]) {
      const t = begin(target);
      const state = t.state();
      t.peer.send('A', { ack: 1000 });
      t.expect('R', { seq: 1000 });
      expect(t.state()).toBe(state);
    }
    const t = listening(target);
    t.peer.send('A', { ack: 1000 });
    t.expect('R', { seq: 1000 });
  });

  test('3: in a synchronized state, an ACK and never a reset', () => {
    for (const [state, begin] of Object.entries(inState)) {
      if (state.startsWith('SYN-')) continue;
      const t = begin(target);
      const { rcvNxt, sndMax } = t.info()!;
      t.peer.send('A', { seq: rcvNxt - 100 });
      t.expect('A', { seq: sndMax, ack: rcvNxt, len: 0 });
      t.peer.send('A', { seq: rcvNxt, ack: sndMax + 100 });
      t.expect('A', { seq: sndMax, ack: rcvNxt, len: 0 });
      expect(t.counter('TcpResetsOut')).toBe(0);
      expect(t.state()).toBe(state);
    }
  });
});
