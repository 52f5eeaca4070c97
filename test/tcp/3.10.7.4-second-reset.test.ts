// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.4, second check, with RFC 5961 §3: only a RST at exactly RCV.NXT ends a connection; one elsewhere in
// the window is challenged, one outside dropped.

import { describe, expect, test } from 'vitest';
import {
  inState,
  established,
  Option,
  Ready,
  synReceived,
  synReceivedActive,
  targets,
} from '../vocabulary.ts';

/** In TIME-WAIT it is ignored: 3.6.1-time-wait.test.ts. */
const STATES = Object.entries(inState).filter(([state]) => state !== 'SYN-SENT' && state !== 'TIME-WAIT');

describe.each(targets)('3.10.7.4 second, check the RST bit: $name', (target) => {
  describe.each(STATES)('%s', (state, begin) => {
    test('5961-1 rst-exact: at RCV.NXT it ends the connection, without a word', () => {
      for (const flags of ['R', 'RA']) {
        const t = begin(target);
        t.peer.send(flags, { seq: t.info()!.rcvNxt });
        t.silence(1_000);
        expect(t.state()).toBe('CLOSED');
      }
    });

    test('5961-1 rst-window: elsewhere in the window it is challenged by <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>', () => {
      const t = begin(target);
      const { sndMax, rcvNxt, rcvWnd } = t.info()!;
      for (const seq of [rcvNxt + 1, rcvNxt + rcvWnd - 1]) {
        t.peer.send('R', { seq });
        t.expect('A', { seq: sndMax, ack: rcvNxt, len: 0 });
      }
      expect(t.state()).toBe(state);
      expect(t.counter('TcpChallengeAcks')).toBe(2);
    });

    test('5961-1 rst-outside: outside it is dropped', () => {
      const t = begin(target);
      const { rcvNxt, rcvWnd } = t.info()!;
      for (const seq of [rcvNxt - 1, rcvNxt + rcvWnd, rcvNxt + 0x7fffffff]) t.peer.send('R', { seq });
      t.silence();
      expect(t.state()).toBe(state);
    });

    test('SHLD-2 rst-with-data-accepted: text in it is no matter', () => {
      const t = begin(target);
      t.peer.send('R', { seq: t.info()!.rcvNxt, text: 'go away' });
      t.silence();
      expect(t.state()).toBe('CLOSED');
    });
  });

  test('MUST-11 synrcvd-rst-returns-to-origin: after a passive OPEN back to LISTEN; the user does not hear of it', () => {
    const t = synReceived(target);
    t.peer.send('R');
    expect(t.watch.seen.at(-1)).toBe('SYN-RECEIVED → LISTEN');
    expect(t.ready()).toBe(0);
    expect(t.accept()).toBe('EAGAIN');
    t.peer.send('S', { seq: 500 });
    t.expect('SA', { ack: 501 });
  });

  test('MUST-11: after an active OPEN the user hears "connection refused"', () => {
    const t = synReceivedActive(target);
    t.peer.send('R');
    expect(t.watch.seen.at(-1)).toBe('SYN-RECEIVED → CLOSED');
    expect(Number(t.ready()) & Ready.Error).toBe(Ready.Error);
    expect(t.getsockopt(Option.SO_ERROR)).toBe(111);
    expect(t.recv()).toBe('ECONNREFUSED');
  });

  test('MUST-12 close-abort-is-told-apart: a reset is ECONNRESET, where the normal end is a recv of 0', () => {
    for (const state of ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT'] as const) {
      const t = inState[state](target);
      if (state === 'CLOSE-WAIT') expect(t.recv()).toBe('');
      t.peer.send('R');
      expect(t.recv(), state).toBe('ECONNRESET');
      expect(t.send('x'), state).toBe('ECONNRESET');
      expect(t.getsockopt(Option.SO_ERROR)).toBe(104);
      expect(Number(t.ready()) & Ready.Error).toBe(Ready.Error);
    }
  });

  test('in CLOSING, LAST-ACK and TIME-WAIT it is no error', () => {
    for (const state of ['CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const) {
      const t = inState[state](target);
      t.peer.send('R');
      expect(t.recv(), state).toBe('');
      expect(t.getsockopt(Option.SO_ERROR)).toBe(0);
    }
  });

  test('text that was not read yet goes with the connection, and so does text to send', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    t.send('world');
    t.expect('A', { text: 'world' });
    t.peer.send('R');
    expect(t.recv()).toBe('ECONNRESET');
    t.silence(10_000);
  });

  test('the socket of a reset connection can be closed', () => {
    const t = established(target);
    t.peer.send('R');
    expect(t.close()).toBe(0);
    expect(t.ready()).toBe('EBADF');
    t.silence();
  });
});
