// SPDX-License-Identifier: MIT
// setsockopt and getsockopt: defaults, ranges, and on which sockets each means something. What the timers then do is with
// the tests of TCP.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  DELAYED_ACK,
  established,
  finWait1,
  listening,
  MSL,
  open,
  Option,
  PEER,
  synSent,
  targets,
  timeWait,
  US,
  USER_TIMEOUT,
} from '../vocabulary.ts';

describe.each(targets)('socket options: $name', (target) => {
  test.each([
    ['IP_TOS', Option.IP_TOS, 0],
    ['IP_TTL', Option.IP_TTL, 64],
    ['SO_REUSEADDR', Option.SO_REUSEADDR, 0],
    ['SO_ERROR', Option.SO_ERROR, 0],
    ['SO_KEEPALIVE, MUST-25 keepalive-off-by-default', Option.SO_KEEPALIVE, 0],
    ['TCP_NODELAY, SHLD-7 nagle-on-by-default', Option.TCP_NODELAY, 0],
    ['TCP_MAXSEG', Option.TCP_MAXSEG, target.mss],
    ['TCP_KEEPIDLE, MUST-28 keepalive-default-2h', Option.TCP_KEEPIDLE, 7200],
    ['TCP_KEEPINTVL', Option.TCP_KEEPINTVL, 75],
    ['TCP_KEEPCNT', Option.TCP_KEEPCNT, 9],
    ['TCP_USER_TIMEOUT, SHLD-11 r2-at-least-100s', Option.TCP_USER_TIMEOUT, USER_TIMEOUT],
    ['TCP_URGENT', Option.TCP_URGENT, 0],
    ['TCP_SOFT_ERROR', Option.TCP_SOFT_ERROR, 0],
  ])('default of %s', (_, option, value) => {
    expect(established(target).getsockopt(option)).toBe(value);
  });

  test('default of SO_LINGER: off, -1', () => {
    const t = established(target);
    // -1 is a value here, not a Status.
    expect(t.getsockopt(Option.SO_LINGER)).toBe(-1);
  });

  test.each([
    ['IP_TOS', Option.IP_TOS, 0, 255],
    ['IP_TTL', Option.IP_TTL, 1, 255],
    ['SO_LINGER', Option.SO_LINGER, -1, 32767],
    ['TCP_KEEPIDLE', Option.TCP_KEEPIDLE, 1, 32767],
    ['TCP_KEEPINTVL', Option.TCP_KEEPINTVL, 1, 32767],
    ['TCP_KEEPCNT', Option.TCP_KEEPCNT, 1, 127],
    ['TCP_USER_TIMEOUT', Option.TCP_USER_TIMEOUT, 1000, 0x40000000],
  ])('range of %s', (_, option, least, most) => {
    const t = established(target);
    for (const value of [least, most]) {
      expect(t.setsockopt(option, value)).toBe(0);
      expect(t.getsockopt(option)).toBe(value);
    }
    for (const value of [least - 1, most + 1, -0x80000000, 0x7fffffff]) {
      expect(t.setsockopt(option, value), `${value}`).toBe('EINVAL');
    }
    expect(t.getsockopt(option)).toBe(most);
  });

  test('switches: anything but 0 is on', () => {
    const t = established(target);
    for (const option of [Option.SO_REUSEADDR, Option.SO_KEEPALIVE, Option.TCP_NODELAY]) {
      for (const value of [1, 7, -1, 0]) {
        expect(t.setsockopt(option, value)).toBe(0);
        expect(t.getsockopt(option)).toBe(Number(value !== 0));
      }
    }
  });

  test('what can only be read, and what there is not: ENOPROTOOPT', () => {
    const t = established(target);
    for (const option of [Option.SO_ERROR, Option.TCP_MAXSEG, Option.TCP_URGENT, Option.TCP_SOFT_ERROR]) {
      expect(t.setsockopt(option, 1)).toBe('ENOPROTOOPT');
    }
    const absent = target.isFull ? [] : [Option.TCP_ECN, Option.TCP_USER_TIMEOUT_OPTION];
    for (const option of [0, 3, 0x100, 0x600, 0x603, 0x607, 0x6f4, ...absent, -1, 0x7fffffff]) {
      expect(t.setsockopt(option, 1), `${option}`).toBe('ENOPROTOOPT');
      expect(t.getsockopt(option), `${option}`).toBe('ENOPROTOOPT');
    }
  });

  test('of a socket without a connection: those of the socket alone, else ENOTCONN', () => {
    const t = open(target);
    t.s = t.call('socket') as number;
    for (const option of [Option.SO_REUSEADDR, Option.SO_LINGER, Option.SO_KEEPALIVE, Option.TCP_NODELAY]) {
      expect(t.setsockopt(option, 1)).toBe(0);
      expect(t.getsockopt(option)).toBe(1);
    }
    for (const option of [Option.IP_TOS, Option.IP_TTL, Option.TCP_KEEPIDLE, Option.TCP_USER_TIMEOUT]) {
      expect(t.setsockopt(option, 2000)).toBe('ENOTCONN');
      expect(t.getsockopt(option)).toBe('ENOTCONN');
    }
    expect(t.getsockopt(Option.SO_ERROR)).toBe(0);
  });

  test('those of a fresh socket go into the connection that it opens', () => {
    const t = open(target);
    t.s = t.call('socket') as number;
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.call('bind', t.s, 0, US.port);
    t.call('connect', t.s, PEER.address, PEER.port);
    t.expect('S');
    t.peer.send('SA', { mss: target.mss });
    t.expect('A');
    t.send('a');
    t.send('b');
    t.expect('A', { text: 'a' });
    t.expect('A', { text: 'b' });
  });

  test('TCP_NODELAY at work: what Nagle’s algorithm held goes at once', () => {
    const t = established(target);
    t.send('a');
    t.send('b');
    t.expect('A', { text: 'a' });
    t.silence();
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.expect('A', { text: 'b' });
  });
});

describe.each(targets)('SO_REUSEADDR: $name', (target) => {
  test('a port that a connection in TIME-WAIT uses: EADDRINUSE without it, good with it', () => {
    const t = timeWait(target);
    t.close();
    t.call('close', t.listener); // only TIME-WAIT holds the port now
    const s = t.call('socket') as number;
    expect(t.call('bind', s, 0, US.port)).toBe('EADDRINUSE');
    expect(t.call('setsockopt', s, Option.SO_REUSEADDR, 1)).toBe(0);
    expect(t.call('bind', s, 0, US.port)).toBe(0);
    expect(t.call('listen', s, 1)).toBe(0);
    t.peer.send('S', { seq: 100 });
    t.expect('SA', { ack: 101 });
  });

  test('without it the port is free after 2 MSL', () => {
    const t = timeWait(target);
    t.close();
    t.call('close', t.listener);
    const s = t.call('socket') as number;
    t.advance(2 * MSL);
    expect(t.call('bind', s, 0, US.port)).toBe(0);
  });

  test('a port that listens, or that another socket is bound to, stays in use', () => {
    const t = established(target);
    const [s, other] = [t.call('socket') as number, t.call('socket') as number];
    t.call('setsockopt', s, Option.SO_REUSEADDR, 1);
    expect(t.call('bind', s, 0, US.port)).toBe('EADDRINUSE');
    expect(t.call('bind', other, 0, 4001)).toBe(0);
    expect(t.call('bind', s, 0, 4001)).toBe('EADDRINUSE');
  });

  test('a server that begins anew: good with it, though connections of the old one live on', () => {
    const t = established(target);
    t.call('close', t.listener);
    const s = t.call('socket') as number;
    expect(t.call('bind', s, 0, US.port)).toBe('EADDRINUSE');
    t.call('setsockopt', s, Option.SO_REUSEADDR, 1);
    expect(t.call('bind', s, 0, US.port)).toBe(0);
    expect(t.call('listen', s, 1)).toBe(0);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    t.peer.send('PA', { text: 'hello' });
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6 });
  });
});

describe.each(targets)('SO_LINGER: $name', (target) => {
  test('off: close goes on in the background', () => {
    const t = established(target);
    t.send('hello');
    t.close();
    t.expect('A', { text: 'hello' });
    t.expect('FA', { seq: 6 });
  });

  test('0: close is a reset, and what was not sent is lost', () => {
    for (const begin of [established, finWait1, closeWait]) {
      const t = begin(target);
      t.setsockopt(Option.SO_LINGER, 0);
      const { sndNxt, rcvNxt } = t.info()!;
      t.close();
      t.expect('RA', { seq: sndNxt, ack: rcvNxt });
      expect(t.state()).toBe('CLOSED');
    }
  });

  test('0 in SYN-SENT, LISTEN and TIME-WAIT says nothing', () => {
    for (const begin of [synSent, listening, timeWait]) {
      const t = begin(target);
      const state = t.state();
      t.setsockopt(Option.SO_LINGER, 0);
      expect(t.close()).toBe(0);
      t.silence();
      expect(t.state()).toBe(state === 'TIME-WAIT' ? 'TIME-WAIT' : 'CLOSED');
    }
  });

  test('a time: text that is not acknowledged by then is given up with a reset', () => {
    const t = established(target);
    t.setsockopt(Option.SO_LINGER, 5);
    t.send('hello');
    t.close();
    t.advance(4_999);
    t.forget();
    expect(t.state()).toBe('FIN-WAIT-1');
    t.advance(1);
    t.expect('RA');
    expect(t.state()).toBe('CLOSED');
    t.silence(10_000);
  });

  test('a time: acknowledged before, it ends as it should', () => {
    const t = established(target);
    t.setsockopt(Option.SO_LINGER, 5);
    t.send('hello');
    t.close();
    t.forget();
    t.peer.send('A');
    t.silence(30_000);
    expect(t.state()).toBe('FIN-WAIT-2');
    t.peer.send('FA');
    t.expect('A', { ack: 2 });
    expect(t.state()).toBe('TIME-WAIT');
  });
});

describe.each(targets)('SO_ERROR and ready: $name', (target) => {
  test('the error stays until the socket is closed', () => {
    const t = established(target);
    t.peer.send('R');
    for (let i = 0; i < 2; i++) {
      expect(t.getsockopt(Option.SO_ERROR)).toBe(104);
      expect(t.recv()).toBe('ECONNRESET');
      expect(t.raw('sendRoom', t.s)).toBe('ECONNRESET');
      expect(t.raw('recvAvailable', t.s)).toBe('ECONNRESET');
    }
    expect(t.call('connect', t.s, PEER.address, 80)).toBe('EISCONN');
  });

  test('options can be asked for and set on a connection that has ended', () => {
    const t = established(target);
    t.peer.send('R');
    expect(t.setsockopt(Option.TCP_NODELAY, 1)).toBe(0);
    expect(t.setsockopt(Option.SO_KEEPALIVE, 1)).toBe(0);
    expect(t.setsockopt(Option.TCP_USER_TIMEOUT, 5000)).toBe(0);
    expect(t.setsockopt(Option.IP_TTL, 5)).toBe(0);
    t.silence(10_000_000);
  });
});
