// SPDX-License-Identifier: MIT
// When a connection is given up: R1 and R2, RFC 9293 §3.8.3, and the user timeout of §3.9.1 and §3.10.8.

import { describe, expect, test } from 'vitest';
import {
  closing,
  doubling,
  established,
  finWait1,
  lastAck,
  listening,
  octets,
  open,
  Option,
  Ready,
  RTO_INITIAL,
  RTO_MAX,
  SYN_TIMEOUT,
  synReceived,
  synSent,
  targets,
  US,
  USER_TIMEOUT,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** Milliseconds until the connection is CLOSED, by steps of `step`; nobody reads what is said meanwhile. */
function lifetime(t: Dialogue, step = 1_000): number {
  const from = t.now;
  while (t.state() !== 'CLOSED') {
    expect(t.now - from).toBeLessThan(2_000_000);
    t.advance(step);
  }
  t.forget();
  return t.now - from;
}

/** When text is sent again that nobody acknowledges, in milliseconds after it was sent, before `limit`. */
function resendsWithin(target: Target, limit: number): number[] {
  let at = 0;
  return doubling(target.rto, 50)
    .map((ms) => (at += ms))
    .filter((ms) => ms < limit);
}

describe.each(targets)('RFC 9293 §3.8.3 R2: $name', (target) => {
  test('MUST-20, SHLD-11 r2-at-least-100s: text that is not acknowledged ends the connection after ten minutes', () => {
    const t = established(target);
    t.send('x');
    expect(lifetime(t)).toBe(USER_TIMEOUT);
    expect(USER_TIMEOUT).toBeGreaterThanOrEqual(100_000);
  });

  test('the owner hears of it: ready, SO_ERROR, recv, send', () => {
    const t = established(target);
    t.send('x');
    lifetime(t);
    expect((t.ready() as number) & Ready.Error).toBe(Ready.Error);
    expect(t.getsockopt(Option.SO_ERROR)).toBe(110);
    expect(t.recv()).toBe('ETIMEDOUT');
    expect(t.send('more')).toBe('ETIMEDOUT');
    expect(t.close()).toBe(0);
  });

  test('text that arrived before can still be read', () => {
    const t = established(target);
    t.peer.send('A', { text: 'last words' });
    t.send('x');
    lifetime(t);
    expect(t.recv()).toBe('last words');
    expect(t.recv()).toBe('ETIMEDOUT');
  });

  test('§3.10.8: the peer is told nothing, then and later', () => {
    const t = established(target);
    t.send('x');
    t.advance(USER_TIMEOUT - 1);
    t.forget();
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
    t.silence(200_000);
  });

  test('segments go out until the end, at last a minute apart', () => {
    const t = established(target);
    t.send('x');
    t.advance(USER_TIMEOUT);
    const at = t.peer.heard.map((segment) => segment.at - t.peer.heard[0]!.at);
    expect(at).toEqual([0, ...resendsWithin(target, USER_TIMEOUT)]);
    expect(at.at(-1) - at.at(-2)).toBe(RTO_MAX);
    t.forget();
  });

  test('progress begins the time anew', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_NODELAY, 1);
    t.send('first');
    t.send('second');
    t.advance(USER_TIMEOUT - 10_000);
    t.forget();
    t.peer.send('A', { ack: 6 });
    expect(lifetime(t)).toBe(USER_TIMEOUT);
  });

  test('an acknowledgment of nothing new does not', () => {
    const t = established(target);
    t.send('x');
    t.advance(60_000);
    t.peer.send('A', { ack: 1, text: 'still here' });
    expect(lifetime(t)).toBe(USER_TIMEOUT - 60_000);
  });

  test('all acknowledged: it does not run', () => {
    const t = established(target);
    t.send('x');
    t.expect('A', { len: 1 });
    t.peer.send('A');
    t.silence(10 * USER_TIMEOUT);
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('it is the time of the text in flight, not of the connection', () => {
    const t = established(target);
    t.silence(10 * USER_TIMEOUT);
    t.send('x');
    expect(lifetime(t)).toBe(USER_TIMEOUT);
  });

  for (const [name, begin] of Object.entries({ finWait1, closing, lastAck })) {
    test(`a FIN that is not acknowledged ends it too: ${name}`, () => {
      const t = begin(target);
      expect(lifetime(t)).toBe(USER_TIMEOUT);
    });
  }

  test('of two connections only the one whose peer is gone ends', () => {
    const t = established(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    t.send('x');
    expect(lifetime(t)).toBe(USER_TIMEOUT);
    expect(t.state(other)).toBe('ESTABLISHED');
  });
});

describe.each(targets)('RFC 9293 §3.8.3 MUST-21 rexmit-r2-settable: $name', (target) => {
  test('TCP_USER_TIMEOUT, in milliseconds', () => {
    const t = established(target);
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(USER_TIMEOUT);
    expect(t.setsockopt(Option.TCP_USER_TIMEOUT, 5_000)).toBe(0);
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(5_000);
    t.send('x');
    expect(lifetime(t)).toBe(5_000);
  });

  test('shorter than the RTO', () => {
    const t = listening(target);
    t.peer.send('S');
    t.peer.expect('SA');
    t.advance(RTO_INITIAL); // the SYN,ACK again: RFC 6298 §5.7 makes the RTO three seconds
    t.forget();
    t.peer.send('A');
    t.accept();
    t.setsockopt(Option.TCP_USER_TIMEOUT, 1_000);
    t.send('x');
    expect(t.info()!.rto).toBeGreaterThan(1_000);
    expect(lifetime(t, 100)).toBe(1_000);
  });

  test('longer too: retransmissions go on, a minute apart', () => {
    const t = established(target);
    t.setsockopt(Option.TCP_USER_TIMEOUT, 1_200_000);
    t.send('x');
    expect(lifetime(t)).toBe(1_200_000);
    expect(t.counter('TcpRetransmits')).toBe(resendsWithin(target, 1_200_000).length);
  });

  test('while the time runs it can be changed', () => {
    const t = established(target);
    t.send('x');
    t.advance(50_000);
    t.setsockopt(Option.TCP_USER_TIMEOUT, 20_000);
    expect(lifetime(t)).toBeLessThanOrEqual(20_000);
  });

  test('less than a second, and what is no time, are refused', () => {
    const t = established(target);
    for (const value of [0, -1, 999, 0x7fffffff, -0x80000000]) {
      expect(t.setsockopt(Option.TCP_USER_TIMEOUT, value)).toBe('EINVAL');
    }
    expect(t.getsockopt(Option.TCP_USER_TIMEOUT)).toBe(USER_TIMEOUT);
  });
});

describe.each(targets)('RFC 9293 §3.8.3 R2 of a SYN: $name', (target) => {
  test('MUST-23 syn-r2-at-least-180s: an active open fails after 180 s', () => {
    const t = synSent(target);
    expect(lifetime(t)).toBe(SYN_TIMEOUT);
    expect(SYN_TIMEOUT).toBeGreaterThanOrEqual(180_000);
    expect(t.getsockopt(Option.SO_ERROR)).toBe(110);
    expect((t.ready() as number) & Ready.Error).toBe(Ready.Error);
  });

  test('MUST-22 syn-rexmit-r1-r2: SYNs at 1, 3, 7, 15, 31, 63 and 123 s', () => {
    const t = synSent(target);
    const from = t.now;
    t.advance(SYN_TIMEOUT);
    expect(t.peer.heard.map(({ flags, at }) => [flags, at - from])).toEqual(
      [1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 123_000].map((ms) => ['S', ms]),
    );
    t.forget();
  });

  test('the owner can close sooner', () => {
    const t = synSent(target);
    t.advance(500);
    expect(t.close()).toBe(0);
    t.silence(SYN_TIMEOUT);
  });

  test('a half-open passive connection is given up as well', () => {
    const t = synReceived(target);
    // Sent at 0, 1, 3, 7, 15, 31, 63 and 123 s, and ARP in between: given up when it would be sent again.
    expect(lifetime(t) / 1_000).toBeCloseTo(SYN_TIMEOUT / 1_000 + 3, -1);
    // The listener is as it was.
    t.peer.send('S', { seq: 0 });
    t.expect('SA');
  });
});

describe.each(targets)('RFC 9293 §3.8.3 R1: $name', (target) => {
  test('MUST-20 rexmit-r1-r2-thresholds, SHLD-10 r1-at-least-3: with the third retransmission the neighbour is asked for anew', () => {
    const t = established(target);
    t.peer.answersArp = false;
    t.send('x');
    t.expect('A', { len: 1 });
    for (let i = 0; i < 2; i++) {
      t.wait();
      t.expect('A', { seq: 1, len: 1 });
    }
    expect(t.others).toEqual([]);
    t.wait();
    t.expect('A', { seq: 1, len: 1 });
    t.advance(1);
    t.expectArp({ opcode: 1, targetIp: t.peer.address, senderIp: US.address });
    t.forget();
  });

  test.each([
    ['text', established],
    ['a SYN', synSent],
  ] as const)('SHLD-9 r1-reported: the user that asks is told of it, before R2: %s', (_, begin) => {
    const t = begin(target);
    t.send('x');
    for (let i = 0; i < 2; i++) t.wait();
    expect(t.getsockopt(Option.TCP_SOFT_ERROR)).toBe(0);
    t.wait();
    if (begin === established) t.wait(); // the text itself was the first
    expect(t.getsockopt(Option.TCP_SOFT_ERROR)).toBe(110);
    expect(t.getsockopt(Option.SO_ERROR)).toBe(0);
    expect(t.state()).toBe(begin === established ? 'ESTABLISHED' : 'SYN-SENT');
    t.forget();
  });

  test('the answer is believed: a neighbour that has got another MAC address is found again', () => {
    const t = established(target);
    t.peer.mac = '02:00:00:00:00:77';
    t.send('x');
    t.expect('A', { len: 1 });
    for (let i = 0; i < 3; i++) t.wait();
    t.advance(1);
    t.forget();
    t.wait();
    expect(t.expect('A', { seq: 1 }).ethernet.destination).toBe('02:00:00:00:00:77');
  });

  test('three retransmissions are of one segment: progress begins the count anew', () => {
    const t = established(target);
    t.peer.answersArp = false;
    let seq = 1;
    for (let i = 0; i < 5; i++) {
      t.send('x');
      t.expect('A', { seq });
      t.wait();
      t.expect('A', { seq });
      seq++;
      t.peer.send('A', { ack: seq });
    }
    expect(t.others).toEqual([]);
  });
});

describe.each(targets)('RFC 9293 §3.9.1 a neighbour that is not there: $name', (target) => {
  test('an active open fails after 180 s, though no SYN ever left', () => {
    const t = open(target);
    t.peer.answersArp = false;
    expect(t.connect()).toBe('EINPROGRESS');
    expect(lifetime(t)).toBe(SYN_TIMEOUT);
    expect(t.getsockopt(Option.SO_ERROR)).toBe(110);
  });

  test('1122-L2 arp-flood-limited: it is asked for once a second, no more', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.connect();
    t.advance(20_000);
    expect(t.others.length).toBeGreaterThanOrEqual(18);
    expect(t.others.length).toBeLessThanOrEqual(21);
    t.forget();
  });

  test('it comes late: the SYN leaves then', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.connect();
    t.advance(10_000);
    t.forget();
    t.peer.arp(2);
    t.expect('S', { seq: 0 });
  });

  test('text for a neighbour that has gone ends the connection after the user timeout', () => {
    const t = established(target);
    t.peer.answersArp = false;
    // Idle until nobody remembers its address.
    t.advance(300_000);
    t.forget();
    t.send(octets(10));
    expect(lifetime(t)).toBe(USER_TIMEOUT);
    expect(t.recv()).toBe('ETIMEDOUT');
  });
});
