// SPDX-License-Identifier: MIT
// RFC 5482, the user timeout option: what is told, what is taken over, and within what limits. A socket is told to use it.

import { describe, expect, test } from 'vitest';
import { readOptions } from '../support/options.ts';
import {
  established,
  fullTargets,
  listening,
  newReno,
  open,
  Option,
  synSent,
  US,
  USER_TIMEOUT,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** The granularity bit: minutes. */
const MINUTES = 0x8000;

/** ESTABLISHED, and the option is in use. */
function using(target: Target): Dialogue {
  const t = established(target);
  expect(t.setsockopt(Option.TCP_USER_TIMEOUT_OPTION, 1)).toBe(0);
  t.forget();
  return t;
}

/** Our SYN is out, with the option. */
function asking(target: Target): Dialogue {
  const t = open(target);
  t.s = t.call('socket') as number;
  t.call('bind', t.s, 0, US.port);
  t.setsockopt(Option.TCP_USER_TIMEOUT_OPTION, 1);
  t.call('connect', t.s, t.peer.address, t.peer.port);
  t.expect('S', { uto: USER_TIMEOUT / 1_000 });
  return t;
}

describe.each(fullTargets)('RFC 5482 §3: $name', (target) => {
  test('5482-1 user-timeout: unless it is asked for, nothing is told and nothing taken over', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_USER_TIMEOUT, 300_000);
    t.send('hello');
    t.expect('PA', { uto: undefined });
    t.peer.send('A', { uto: 3_000 });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(300_000);
    const active = synSent(target);
    active.wait();
    active.expect('S', { uto: undefined });
  });

  test('5482-1 user-timeout: asked for before OPEN it is in the SYN, in seconds; the peer’s SYN,ACK counts', () => {
    const t = asking(target);
    t.peer.send('SA', { uto: 1_200 });
    t.expect('A');
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(1_200_000);
  });

  test('5482-1: it is in a SYN that is repeated', () => {
    const t = asking(target);
    t.wait();
    t.expect('S', { uto: USER_TIMEOUT / 1_000 });
  });

  test.each([
    [120_000, 120],
    [32_767_000, 32_767],
    [32_768_000, MINUTES | 546],
    [360_000_000, MINUTES | 6_000],
  ])('5482-1: a change to %i ms is told as %i, once', (ms, value) => {
    const t = using(target);
    t.setsockopt(Option.TCP_USER_TIMEOUT, ms);
    t.expect('A', { uto: value });
    t.send('hello');
    t.expect('PA', { uto: undefined });
  });

  test('5482-1: the longer of ours and the peer’s is in force', () => {
    const t = using(target);
    t.peer.send('A', { uto: USER_TIMEOUT / 1_000 + 60 });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(USER_TIMEOUT + 60_000);
    t.peer.send('A', { uto: 200 });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(USER_TIMEOUT + 60_000);
    t.peer.send('A', { uto: MINUTES | 12 });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(720_000);
  });

  test('5482-1: with text it counts, too; not in a segment that is not acceptable', () => {
    const t = using(target);
    t.peer.send('A', { seq: 1 + 2 * target.ring, text: 'x', uto: 3_000 });
    t.forget();
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(USER_TIMEOUT);
    t.peer.send('A', { text: 'x', uto: 3_000 });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(3_000_000);
    t.advance(200);
    t.forget();
  });

  test('5482-1: no peer makes it shorter than a hundred seconds', () => {
    const t = using(target);
    t.setsockopt(Option.TCP_USER_TIMEOUT, 1_000);
    t.forget();
    t.peer.send('A', { uto: 5 });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(100_000);
  });

  test('5482-1: 0 is reserved, and other lengths are no option', () => {
    const t = using(target);
    for (const options of [
      [28, 4, 0, 0],
      [28, 3, 255],
      [28, 6, 255, 255, 255, 255],
    ])
      t.peer.send('A', { options });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(USER_TIMEOUT);
  });

  test('5482-1: what is in force ends the connection', () => {
    const t = using(target);
    t.setsockopt(Option.TCP_USER_TIMEOUT, 1_000);
    t.forget();
    t.peer.send('A', { uto: 150 });
    t.send('x');
    t.advance(150_000 - 1);
    expect(t.state()).toBe('ESTABLISHED');
    t.advance(1);
    t.forget();
    expect(t.state()).toBe('CLOSED');
    expect(t.recv()).toBe('ETIMEDOUT');
  });

  test('5482-1: a listener’s connections take it over, and tell what is in force', () => {
    const t = listening(target);
    t.setsockopt(Option.TCP_USER_TIMEOUT_OPTION, 1);
    t.peer.send('S', { uto: 1_200 });
    t.expect('SA', { uto: 1_200 });
    t.peer.send('A');
    t.accept();
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(1_200_000);
  });

  test('5482-1: beside all other options', () => {
    const t = listening(target);
    t.setsockopt(Option.TCP_USER_TIMEOUT_OPTION, 1);
    t.peer.send('S', { mss: 1_460, sackOk: true, ts: [1, 0], scale: 7, uto: 700 });
    const syn = readOptions(t.expect('SA').options, 0);
    expect(Object.keys(syn).sort()).toEqual(['mss', 'sackOk', 'scale', 'ts', 'uto']);
    t.peer.tsVal = 2;
    t.peer.send('A');
    t.accept();
    t.setsockopt(Option.TCP_USER_TIMEOUT, 900_000);
    for (const segment of t.peer.heard.splice(0)) expect(readOptions(segment.options, 0).uto).toBe(900);
    t.send('x'.repeat(2_000));
    t.expect('A', { len: 1_448 });
    t.forget();
  });
});

describe.each(newReno)('RFC 5482 where it is not in the binary: $name', (target) => {
  test('5482-1 user-timeout: what comes is passed over, the socket knows no such option', () => {
    const t = established(target, { uto: 3_000 });
    expect(t.setsockopt(Option.TCP_USER_TIMEOUT_OPTION, 1)).toBe('ENOPROTOOPT');
    t.peer.send('A', { uto: 3_000 });
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(USER_TIMEOUT);
  });
});
