// SPDX-License-Identifier: MIT
// Keep-alives, RFC 9293 §3.8.4: ours, and those of others.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  doubling,
  established,
  finWait2,
  listening,
  octets,
  Option,
  Ready,
  targets,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

const HOUR = 3_600_000;

/** Keep-alives after 60 s, every 10 s, three of them. */
function alive(target: Target): Dialogue {
  const t = established(target);
  t.setsockopt(Option.TCP_KEEPIDLE, 60);
  t.setsockopt(Option.TCP_KEEPINTVL, 10);
  t.setsockopt(Option.TCP_KEEPCNT, 3);
  t.setsockopt(Option.SO_KEEPALIVE, 1);
  return t;
}

describe.each(targets)('RFC 9293 §3.8.4 keep-alives: $name', (target) => {
  test('MUST-25 keepalive-off-by-default: silence for days', () => {
    const t = established(target);
    expect(t.getsockopt(Option.SO_KEEPALIVE)).toBe(0);
    t.silence(100 * HOUR);
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('MUST-28 keepalive-default-2h, SHLD-12 keepalive-no-data: the first after two hours, without text, one octet back', () => {
    const t = established(target);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    expect(t.wait(3 * HOUR)).toBe(2 * HOUR);
    t.expect('A', { seq: 0, ack: 1, len: 0 });
  });

  test('MUST-29 keepalive-tolerates-loss: nine of them, 75 s apart, then a reset', () => {
    const t = established(target);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    t.wait(3 * HOUR);
    t.expect('A', { seq: 0 });
    for (let i = 0; i < 8; i++) {
      expect(t.wait()).toBe(75_000);
      t.expect('A', { seq: 0, len: 0 });
    }
    expect(t.wait()).toBe(75_000);
    t.expect('RA', { seq: 1 });
    expect(t.state()).toBe('CLOSED');
    expect(t.recv()).toBe('ETIMEDOUT');
    expect((t.ready() as number) & Ready.Error).toBe(Ready.Error);
    t.silence(HOUR);
  });

  test('MUST-24, MAY-5 keepalive-per-connection: one of two', () => {
    const t = established(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    t.wait(3 * HOUR);
    t.expect('A', { seq: 0 });
    expect(other.heard).toEqual([]);
  });

  test('MUST-24, MAY-5 keepalive-per-connection: connections inherit it from their listener', () => {
    const t = listening(target);
    expect(t.setsockopt(Option.SO_KEEPALIVE, 1)).toBe(0);
    t.peer.send('S');
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    expect(t.getsockopt(Option.SO_KEEPALIVE)).toBe(1);
    expect(t.wait(3 * HOUR)).toBe(2 * HOUR);
    t.expect('A', { seq: 0 });
  });

  test('MUST-27 keepalive-interval-configurable: idle time, interval and count', () => {
    const t = alive(target);
    expect(t.getsockopt(Option.TCP_KEEPIDLE)).toBe(60);
    expect(t.getsockopt(Option.TCP_KEEPINTVL)).toBe(10);
    expect(t.getsockopt(Option.TCP_KEEPCNT)).toBe(3);
    expect(t.wait()).toBe(60_000);
    t.expect('A', { seq: 0 });
    expect(t.wait()).toBe(10_000);
    t.expect('A', { seq: 0 });
    expect(t.wait()).toBe(10_000);
    t.expect('A', { seq: 0 });
    expect(t.wait()).toBe(10_000);
    t.expect('RA');
  });

  test('MUST-27 keepalive-interval-configurable: what makes no sense is refused', () => {
    const t = established(target);
    for (const option of [Option.TCP_KEEPIDLE, Option.TCP_KEEPINTVL, Option.TCP_KEEPCNT]) {
      expect(t.setsockopt(option, 0)).toBe('EINVAL');
      expect(t.setsockopt(option, -1)).toBe('EINVAL');
      expect(t.setsockopt(option, 32_768)).toBe('EINVAL');
    }
    expect(t.setsockopt(Option.TCP_KEEPCNT, 128)).toBe('EINVAL');
  });

  test('MUST-26 keepalive-only-when-idle: the time runs from the last segment of the peer', () => {
    const t = alive(target);
    t.advance(50_000);
    t.peer.send('A', { text: 'hello' });
    t.advance(100);
    t.expect('A', { ack: 6 });
    expect(t.wait()).toBe(59_900);
    t.expect('A', { seq: 0 });
  });

  test('MUST-26 keepalive-only-when-idle: not while text is outstanding; its timer is at work', () => {
    const t = alive(target);
    t.setsockopt(Option.TCP_KEEPIDLE, 5);
    t.send('x');
    t.expect('A', { seq: 1, len: 1 });
    for (const ms of doubling(target.rto, 6)) {
      expect(t.wait()).toBe(ms);
      t.expect('A', { seq: 1, len: 1 });
    }
    expect(t.counter('TcpKeepAlives')).toBe(0);
  });

  test('an answer begins the idle time anew, and the count', () => {
    const t = alive(target);
    for (let i = 0; i < 3; i++) {
      expect(t.wait()).toBe(60_000);
      t.expect('A', { seq: 0 });
      expect(t.wait()).toBe(10_000);
      t.expect('A', { seq: 0 });
      t.peer.send('A', { ack: 1 });
    }
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('text of the peer is an answer too', () => {
    const t = alive(target);
    t.wait();
    t.expect('A', { seq: 0 });
    t.peer.send('A', { text: 'hello' });
    t.advance(100);
    t.expect('A', { ack: 6 });
    expect(t.wait()).toBe(59_900);
    t.expect('A', { seq: 0 });
  });

  test('a RST is one as well', () => {
    const t = alive(target);
    t.wait();
    t.expect('A', { seq: 0 });
    t.peer.send('R');
    expect(t.state()).toBe('CLOSED');
    expect(t.getsockopt(Option.SO_ERROR)).toBe(104);
  });

  test('switched off, it is off', () => {
    const t = alive(target);
    t.advance(59_000);
    t.setsockopt(Option.SO_KEEPALIVE, 0);
    t.silence(HOUR);
  });

  test('switched off between two of them', () => {
    const t = alive(target);
    t.wait();
    t.expect('A', { seq: 0 });
    t.setsockopt(Option.SO_KEEPALIVE, 0);
    t.silence(HOUR);
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('switched on late, for a connection that has been idle for long', () => {
    const t = established(target);
    t.silence(10 * HOUR);
    t.setsockopt(Option.TCP_KEEPIDLE, 60);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    expect(t.wait()).toBeLessThanOrEqual(60_000);
    t.expect('A', { seq: 0 });
  });

  test('in CLOSE-WAIT', () => {
    const t = closeWait(target);
    t.setsockopt(Option.TCP_KEEPIDLE, 60);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    expect(t.wait()).toBe(60_000);
    t.expect('A', { seq: 0, ack: 2 });
  });

  test('in FIN-WAIT-2', () => {
    const t = finWait2(target);
    t.setsockopt(Option.TCP_KEEPIDLE, 20);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    expect(t.wait()).toBe(20_000);
    t.expect('A', { seq: 1, ack: 1 });
  });
});

describe.each(targets)('RFC 9293 §3.8.4 keep-alives of the peer: $name', (target) => {
  test('one octet back without text: acknowledged', () => {
    const t = established(target);
    t.peer.send('A', { seq: 0 });
    t.expect('A', { seq: 1, ack: 1, len: 0 });
  });

  test('keepalive-garbage-octet-accepted: one octet back with an octet: acknowledged, and not delivered', () => {
    const t = established(target);
    t.peer.send('A', { text: 'hello' });
    t.advance(100);
    t.expect('A', { ack: 6 });
    t.peer.send('A', { seq: 5, text: '\xff' });
    t.expect('A', { seq: 1, ack: 6, len: 0 });
    expect(t.recv()).toBe('hello');
    expect(t.recv()).toBe('EAGAIN');
  });

  test('for days', () => {
    const t = established(target);
    for (let i = 0; i < 50; i++) {
      t.silence(2 * HOUR);
      t.peer.send('A', { seq: 0 });
      t.expect('A', { seq: 1, ack: 1 });
    }
    t.peer.send('A', { text: octets(10) });
    expect(t.recv()).toBe(octets(10));
    t.forget();
  });
});

describe.each(targets)('keep-alives of the programs on the board: $name', (target) => {
  test('a client that has vanished is found out after a minute, and its connection is free', () => {
    const t = established(target);
    const client = t.addPeer({ port: 50_001, localPort: 9 });
    client.send('S');
    client.expect('SA');
    client.send('A');
    expect(t.wait()).toBe(60_000);
    client.expect('A', { seq: 0 });
    t.advance(9 * 75_000);
    expect(client.heard.at(-1)?.flags).toContain('R');
    expect(t.state(client)).toBe('CLOSED');
    t.forget();
  });
});
