// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.2 to §3.10.6: SEND, RECEIVE, CLOSE, ABORT and STATUS in each state of Figure 5.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  established,
  finWait1,
  inState,
  lastAck,
  listening,
  octets,
  open,
  Option,
  Ready,
  synReceived,
  synReceivedActive,
  synSent,
  targets,
} from '../vocabulary.ts';

describe.each(targets)('3.10.2 SEND call: $name', (target) => {
  test('CLOSED and LISTEN: ENOTCONN', () => {
    const t = listening(target);
    expect(t.send('x')).toBe('ENOTCONN');
    t.s = t.call('socket') as number;
    expect(t.send('x')).toBe('ENOTCONN');
    t.silence();
  });

  test('SYN-SENT and SYN-RECEIVED: not yet, EAGAIN, and Writable when it is time', () => {
    for (const begin of [synSent, synReceivedActive]) {
      const t = begin(target);
      expect(t.send('x')).toBe('EAGAIN');
      expect(t.ready()).toBe(0);
      t.peer.send(begin === synSent ? 'SA' : 'A');
      t.forget();
      expect(t.ready()).toBe(Ready.Writable | Ready.Connected);
      expect(t.send('x')).toBe(1);
      t.expect('PA', { seq: 1, text: 'x' });
    }
  });

  test('ESTABLISHED and CLOSE-WAIT: segmentized and sent with a piggybacked ACK', () => {
    for (const begin of [established, closeWait]) {
      const t = begin(target);
      expect(t.send('hello')).toBe(5);
      t.expect('PA', { seq: 1, ack: t.info()!.rcvNxt, text: 'hello' });
    }
  });

  test.each(['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const)(
    '%s: EPIPE',
    (state) => {
      const t = inState[state](target);
      expect(t.send('x')).toBe('EPIPE');
      t.silence();
    },
  );

  test('as much is taken as there is room for, then EAGAIN and not Writable; ACKs make room', () => {
    const t = established(target, { win: 0 });
    expect(t.send(octets(target.ring + 1))).toBe(target.ring);
    expect(t.send('x')).toBe('EAGAIN');
    expect(Number(t.ready()) & Ready.Writable).toBe(0);
    t.peer.send('A', { win: 100 });
    t.expect('A', { seq: 1, len: 100 });
    t.peer.send('A', { win: 0 });
    expect(Number(t.ready()) & Ready.Writable).toBe(Ready.Writable);
    expect(t.send(octets(200))).toBe(100);
  });

  test('MUST-60 push-data-not-held-forever, MUST-61 push-on-last-segment: PSH with the last of what there is', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.send(octets(target.mss + 10));
    expect(t.expect('A', { len: target.mss }).flags).toBe('A');
    t.expect('PA', { len: 10 });
  });

  test('SHLD-27, MAY-16 push-collapsed: several SENDs in one segment have one PSH', () => {
    const t = established(target, { win: 0 });
    t.send('abc');
    t.send('def');
    t.peer.send('A', { win: 1000 });
    t.expect('PA', { seq: 1, text: 'abcdef' });
  });

  test('nothing sent is nothing said', () => {
    const t = established(target);
    expect(t.send('')).toBe(0);
    t.silence(1_000);
  });
});

describe.each(targets)('3.10.3 RECEIVE call: $name', (target) => {
  test('CLOSED and LISTEN: ENOTCONN', () => {
    const t = listening(target);
    expect(t.recv()).toBe('ENOTCONN');
    t.s = t.call('socket') as number;
    expect(t.recv()).toBe('ENOTCONN');
  });

  test.each(['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'] as const)(
    '%s: nothing is there, EAGAIN',
    (state) => {
      const t = inState[state](target);
      expect(t.recv()).toBe('EAGAIN');
    },
  );

  test.each(['CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const)(
    '%s: the stream has ended, 0',
    (state) => {
      const t = inState[state](target);
      expect(t.recv()).toBe('');
      expect(Number(t.ready()) & Ready.EndOfStream).toBe(Ready.EndOfStream);
    },
  );

  test('CLOSE-WAIT: text that is there comes first', () => {
    const t = established(target);
    t.peer.send('FPA', { text: 'hello' });
    t.expect('A', { ack: 7 });
    expect(t.recv(3)).toBe('hel');
    expect(t.recv()).toBe('lo');
    expect(t.recv()).toBe('');
  });

  test('text that came before the connection was accepted waits', () => {
    const t = synReceived(target);
    t.peer.send('PA', { text: 'hello' });
    t.peer.send('FA');
    t.expect('A', { ack: 7 });
    t.accept();
    expect(t.recv()).toBe('hello');
    expect(t.recv()).toBe('');
    expect(t.send('answer')).toBe(6);
    t.expect('PA', { text: 'answer' });
  });
});

describe.each(targets)('3.10.4 CLOSE call: $name', (target) => {
  test('LISTEN: SYNs are reset, and connections that nobody accepted', () => {
    const t = synReceived(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    expect(t.close()).toBe(0);
    other.expect('RA', { seq: 1, ack: 1 });
    t.silence();
    // The half-open one hears of it when it speaks.
    t.peer.send('A');
    t.expect('R', { seq: 1 });
    t.silence(1_000);
    t.peer.send('S', { seq: 500 });
    t.expect('RA', { absoluteSeq: 0, ack: 501 });
  });

  test('SYN-SENT: the TCB is deleted, without a word', () => {
    const t = synSent(target);
    expect(t.close()).toBe(0);
    t.silence(10_000);
    expect(t.state()).toBe('CLOSED');
    t.peer.send('SA', { seq: 0, ack: 1 });
    t.expect('R', { seq: 1 });
  });

  test('SYN-RECEIVED: the FIN waits for the handshake, then FIN-WAIT-1', () => {
    const t = synReceivedActive(target);
    expect(t.close()).toBe(0);
    t.silence();
    expect(t.state()).toBe('SYN-RECEIVED');
    t.peer.send('A');
    t.expect('FA', { seq: 1, ack: 1 });
    expect(t.state()).toBe('FIN-WAIT-1');
  });

  test('ESTABLISHED: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>, FIN-WAIT-1', () => {
    const t = established(target);
    t.close();
    t.expect('FA', { seq: 1, ack: 1 });
    expect(t.state()).toBe('FIN-WAIT-1');
  });

  test('CLOSE-WAIT: the FIN follows the text, LAST-ACK', () => {
    const t = closeWait(target);
    t.send('bye');
    t.expect('A', { text: 'bye' });
    t.close();
    t.expect('FA', { seq: 4, ack: 2, len: 0 });
    expect(t.state()).toBe('LAST-ACK');
    t.peer.send('A');
    expect(t.state()).toBe('CLOSED');
  });

  test.each(['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const)(
    '%s: nothing more to say',
    (state) => {
      const t = inState[state](target);
      expect(t.close()).toBe(0);
      t.silence();
      expect(t.state()).toBe(state);
      expect(t.ready()).toBe('EBADF');
    },
  );

  test('the socket’s number is free at once and used again', () => {
    const t = established(target);
    const number = t.s;
    t.close();
    t.forget();
    expect(t.call('socket')).toBe(number);
    expect(t.recv()).toBe('ENOTCONN');
  });
});

describe.each(targets)('3.10.5 ABORT call: $name', (target) => {
  test.each(['SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT'] as const)(
    '%s: <SEQ=SND.NXT><CTL=RST>, CLOSED',
    (state) => {
      const t = state === 'SYN-RECEIVED' ? synReceivedActive(target) : inState[state](target);
      const { sndNxt, rcvNxt } = t.info()!;
      expect(t.abort()).toBe(0);
      t.expect('RA', { seq: sndNxt, ack: rcvNxt, len: 0 });
      t.silence(100_000);
      expect(t.state()).toBe('CLOSED');
      expect(t.info()).toBeUndefined();
    },
  );

  test.each(['SYN-SENT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const)(
    '%s: CLOSED, without a word',
    (state) => {
      const t = inState[state](target);
      expect(t.abort()).toBe(0);
      t.silence(100_000);
      expect(t.state()).toBe('CLOSED');
    },
  );

  test('LAST-ACK with text that was not sent: the RFC is still in CLOSE-WAIT then, a reset', () => {
    const t = closeWait(target);
    t.peer.send('A', { seq: 2, win: 0 });
    t.send('hello');
    t.shutdown(1);
    expect(t.state()).toBe('LAST-ACK');
    t.abort();
    t.expect('RA', { seq: 1, ack: 2 });
  });

  test('what was queued is gone', () => {
    const t = established(target, { win: 3 });
    t.send('hello');
    t.expect('A', { text: 'hel' });
    t.abort();
    t.expect('RA', { seq: 4 });
    t.silence(100_000);
  });

  test('afterwards the peer’s segments are answered by a reset', () => {
    const t = established(target);
    t.abort();
    t.expect('RA');
    t.peer.send('PA', { text: 'hello', ack: 1 });
    t.expect('R', { seq: 1 });
  });
});

describe.each(targets)('3.10.6 STATUS call: $name', (target) => {
  test('state, sequence numbers, windows, queues', () => {
    const t = established(target, { win: 5000 });
    t.peer.send('PA', { text: 'hello', win: 5000 });
    t.send('world!!');
    t.expect('A');
    expect(t.info()).toMatchObject({
      state: 4,
      socket: t.s + 1,
      localPort: t.peer.localPort,
      remoteAddress: t.peer.address,
      remotePort: t.peer.port,
      sndUna: 1,
      sndNxt: 8,
      sndWnd: 5000,
      rcvNxt: 6,
      sendQueue: 7,
      receiveQueue: 5,
      mss: target.mss,
      error: 0,
    });
  });

  test('no connection, no block', () => {
    const t = open(target);
    expect(t.info()).toBeUndefined();
    const count = target.connections + target.halfOpen + 1 + target.timeWaits; // one of a SYN cookie
    expect(t.raw('connectionInfo', count)).toBe(0);
    expect(t.raw('connectionInfo', -1)).toBe(0);
    expect(t.raw('connectionCount')).toBe(count);
  });

  test('why it ended, for a socket that still holds it', () => {
    const t = finWait1(target);
    t.peer.send('R');
    expect(t.getsockopt(Option.SO_ERROR)).toBe(104);
    const other = lastAck(target);
    other.peer.send('A');
    expect(other.getsockopt(Option.SO_ERROR)).toBe(0);
    expect(other.state()).toBe('CLOSED');
  });
});
