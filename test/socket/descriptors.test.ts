// SPDX-License-Identifier: MIT
// Sockets as numbers: where they come from, whose they are, and what every call says to a number that is none, to a
// socket of the wrong kind, and to arguments out of range.

import { describe, expect, test } from 'vitest';
import { established, listening, open, Option, PEER, Ready, targets, US } from '../vocabulary.ts';

/** Every call that takes a socket, with arguments that would do. */
const CALLS: readonly (readonly [string, ...number[]])[] = [
  ['bind', 0, 5000],
  ['listen', 1],
  ['accept'],
  ['connect', PEER.address, 80],
  ['send', 0, 0, 0],
  ['recv', 0, 0],
  ['shutdown', 1],
  ['close'],
  ['abort'],
  ['setsockopt', Option.TCP_NODELAY, 1],
  ['getsockopt', Option.TCP_NODELAY],
  ['ready'],
  ['sendRoom'],
  ['sendCommit', 0, 0],
  ['recvAvailable'],
  ['recvCommit', 0],
];

describe.each(targets)('socket numbers: $name', (target) => {
  const all = target.connections + target.listeners;

  test.each(CALLS.map((call) => [call[0], call] as const))(
    '%s of a number that is no socket: EBADF',
    (_, call) => {
      const t = open(target);
      const [name, ...operands] = call;
      for (const s of [all, all + 1, 0xffff, 0x7fffffff, -1, -2, all - 1]) {
        expect(t.call(name, s, ...operands), `${s}`).toBe('EBADF');
      }
      t.silence();
    },
  );

  test('the sockets of the programs are unreachable', () => {
    const t = open(target);
    // Somebody is connected to echo: the program holds its listener and a connection.
    const peer = t.addPeer({ localPort: 7 });
    peer.send('S');
    peer.expect('SA');
    peer.send('PA', { text: 'hello' });
    peer.expect('PA', { text: 'hello' });
    const ours = t.call('socket') as number;
    for (let s = 0; s < all; s++) {
      if (s === ours) continue;
      for (const [name, ...operands] of CALLS)
        expect(t.call(name, s, ...operands), `${name} ${s}`).toBe('EBADF');
      expect(t.raw('sendBuffer', s)).toBe(0);
      expect(t.raw('recvBuffer', s)).toBe(0);
    }
    peer.send('PA', { text: 'still here' });
    peer.expect('PA', { text: 'still here' });
  });

  test('a closed number is no socket until it is given out again', () => {
    const t = open(target);
    const s = t.call('socket') as number;
    expect(t.call('close', s)).toBe(0);
    expect(t.call('close', s)).toBe('EBADF');
    expect(t.call('socket')).toBe(s);
    expect(t.call('ready', s)).toBe(0);
  });

  test('when all are in use: ENFILE, from socket and from accept', () => {
    const t = listening(target);
    const listener = t.s;
    t.peer.send('S');
    t.expect('SA');
    t.peer.send('A');
    let count = 0;
    let last = t.call('socket');
    for (; typeof last === 'number'; last = t.call('socket')) count++;
    expect(last).toBe('ENFILE');
    expect(count).toBe(all - 4 - 1); // the programs' four, our listener
    expect(t.call('accept', listener)).toBe('ENFILE');
    expect(t.call('ready', listener)).toBe(Ready.Acceptable);
    const numbers = Array.from({ length: all }, (_, s) => s).filter(
      (s) => s !== listener && t.call('ready', s) === 0,
    );
    t.call('close', numbers[0]!);
    expect(t.call('accept', listener)).toBe(numbers[0]);
  });

  test('a fresh socket has nothing to say', () => {
    const t = open(target);
    const s = t.call('socket') as number;
    expect(t.call('ready', s)).toBe(0);
    for (const name of ['accept', 'sendRoom', 'recvAvailable']) {
      expect(t.call(name, s)).toBe(name === 'accept' ? 'EOPNOTSUPP' : 'ENOTCONN');
    }
    expect(t.call('listen', s, 1)).toBe('EINVAL');
    expect(t.call('shutdown', s, 1)).toBe('ENOTCONN');
    expect(t.call('abort', s)).toBe(0);
    t.silence();
  });

  test('calls of the wrong kind of socket: EOPNOTSUPP, EINVAL, ENOTCONN', () => {
    const t = listening(target);
    const listener = t.s;
    expect(t.call('listen', listener, 1)).toBe('EOPNOTSUPP');
    expect(t.call('bind', listener, 0, 5000)).toBe('EINVAL');
    for (const [name, ...operands] of [
      ['sendRoom'],
      ['sendCommit', 0, 0],
      ['recvAvailable'],
      ['recvCommit', 0],
      ['shutdown', 2],
    ] as const) {
      expect(t.call(name, listener, ...operands), name).toBe('ENOTCONN');
    }
    t.peer.send('S');
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    expect(t.call('listen', t.s, 1)).toBe('EOPNOTSUPP');
    expect(t.call('accept', t.s)).toBe('EOPNOTSUPP');
    expect(t.call('bind', t.s, 0, 5000)).toBe('EINVAL');
  });

  test('send and recv outside the staging area: EFAULT, and nothing is touched', () => {
    const t = established(target);
    const staging = t.raw('ioBuffer') as number;
    const size = t.raw('ioSize') as number;
    t.peer.send('PA', { text: 'hello' });
    const before = Buffer.from(t.memory);
    for (const [at, len] of [
      [0, 1],
      [staging - 1, 1],
      [staging, size + 1],
      [staging + size, 1],
      [staging + 1, size],
      [staging, -1],
      [staging, 0x7fffffff],
      [-1, 2],
      [-4, 4],
      [0x7fffffff, 1],
    ] as const) {
      expect(t.raw('send', t.s, at, len, 0), `send ${at} ${len}`).toBe('EFAULT');
      expect(t.raw('recv', t.s, at, len), `recv ${at} ${len}`).toBe('EFAULT');
    }
    expect(before.equals(Buffer.from(t.memory))).toBe(true);
    expect(t.recv()).toBe('hello');
    t.advance(100);
    t.expect('A');
  });

  test('the whole staging area is good, to its last octet', () => {
    const t = established(target);
    const staging = t.raw('ioBuffer') as number;
    const size = t.raw('ioSize') as number;
    expect(t.raw('send', t.s, staging, size, 0)).toBe(size);
    expect(t.raw('send', t.s, staging + size - 1, 1, 0)).toBe(1);
    expect(t.raw('send', t.s, staging + size, 0, 0)).toBe(0);
    t.run();
    t.expect('A', { seq: 1 });
    t.forget();
  });

  test('shutdown: how is 0, 1 or 2', () => {
    const t = established(target);
    for (const how of [3, 4, -1, 0x7fffffff]) expect(t.shutdown(how)).toBe('EINVAL');
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('bind: ports, once, 65535 the last; 0 finds one', () => {
    const t = open(target);
    const s = t.call('socket') as number;
    for (const port of [0x10000, -1, 0x7fffffff]) expect(t.call('bind', s, 0, port)).toBe('EINVAL');
    expect(t.call('bind', s, 0, 65535)).toBe(0);
    expect(t.call('bind', s, 0, 65535)).toBe('EINVAL');
    const other = t.call('socket') as number;
    expect(t.call('bind', other, 0, 65535)).toBe('EADDRINUSE');
    expect(t.call('bind', other, 0, 80)).toBe('EADDRINUSE');
    expect(t.call('bind', other, US.address, 0)).toBe(0);
    expect(t.call('listen', other, 1)).toBe(0);
  });

  test('listen: when all listeners are in use, ENOBUFS', () => {
    const t = open(target);
    const free = target.listeners - 4;
    for (let i = 0; i <= free; i++) {
      const s = t.call('socket') as number;
      t.call('bind', s, 0, 5000 + i);
      expect(t.call('listen', s, 1)).toBe(i < free ? 0 : 'ENOBUFS');
    }
  });

  test('listen: a backlog below 1 counts as 1', () => {
    for (const backlog of [1, 0, -1, -0x80000000]) {
      const t = listening(target, backlog);
      t.peer.send('S');
      t.peer.send('A');
      t.addPeer({ port: 50_001 }).send('S');
      expect(t.counter('TcpListenDropped')).toBe(1);
      t.forget();
    }
  });

  test('accept: what it gives begins with the listener’s options', () => {
    const t = listening(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    t.setsockopt(Option.SO_LINGER, 5);
    t.peer.send('S');
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    expect(t.getsockopt(Option.TCP_NODELAY)).toBe(1);
    expect(t.getsockopt(Option.SO_KEEPALIVE)).toBe(1);
    expect(t.getsockopt(Option.SO_LINGER)).toBe(5);
  });
});
