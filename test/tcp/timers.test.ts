// SPDX-License-Identifier: MIT
// Timers of connections that end: SO_LINGER with seconds, FIN-WAIT-2 without an owner, TIME-WAIT; and all of them where the
// milliseconds wrap, and without the neighbour's address.

import { describe, expect, test } from 'vitest';
import {
  Dialogue,
  doubling,
  established,
  finWait2,
  MSL,
  octets,
  Option,
  targets,
  timeWait,
  USER_TIMEOUT,
} from '../vocabulary.ts';

const FIN_WAIT_2_TIMEOUT = 60_000;

describe.each(targets)('RFC 9293 §3.10.4 CLOSE with SO_LINGER of seconds: $name', (target) => {
  function closedLingering(seconds: number): Dialogue {
    const t = established(target);
    expect(t.setsockopt(Option.SO_LINGER, seconds)).toBe(0);
    t.send('hello');
    t.expect('A', { text: 'hello' });
    expect(t.close()).toBe(0);
    t.expect('FA', { seq: 6 });
    return t;
  }

  test('text that is not acknowledged by then: a reset', () => {
    const t = closedLingering(5);
    t.advance(4_999);
    t.forget();
    expect(t.state()).toBe('FIN-WAIT-1');
    t.advance(1);
    t.expect('RA', { seq: 7 });
    expect(t.state()).toBe('CLOSED');
    t.silence(USER_TIMEOUT);
  });

  test('all acknowledged in time: it ends as ever', () => {
    const t = closedLingering(5);
    t.peer.send('A');
    expect(t.state()).toBe('FIN-WAIT-2');
    t.peer.send('FA');
    t.expect('A');
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(2 * MSL - 1);
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('the peer’s FIN crosses ours, which is not acknowledged', () => {
    const t = closedLingering(5);
    t.peer.send('FA', { ack: 6 });
    t.expect('A');
    expect(t.state()).toBe('CLOSING');
    t.advance(5_000);
    expect(t.state()).toBe('CLOSED');
    expect(t.peer.heard.at(-1)?.flags).toContain('R');
    t.forget();
  });

  test('without it the user timeout is the bound', () => {
    const t = closedLingering(-1);
    t.advance(USER_TIMEOUT - 1);
    t.forget();
    expect(t.state()).toBe('FIN-WAIT-1');
    t.advance(1);
    expect(t.state()).toBe('CLOSED');
    t.forget();
  });

  test('a linger time longer than the user timeout does not prolong it', () => {
    const t = closedLingering(1_000);
    t.advance(USER_TIMEOUT);
    expect(t.state()).toBe('CLOSED');
    t.forget();
  });

  test('0 seconds: a reset at once', () => {
    const t = established(target);
    t.setsockopt(Option.SO_LINGER, 0);
    t.send('hello');
    t.expect('A', { text: 'hello' });
    t.close();
    t.expect('RA', { seq: 6 });
    expect(t.state()).toBe('CLOSED');
  });
});

describe.each(targets)('FIN-WAIT-2: $name', (target) => {
  test('with an owner it lasts as long as the peer likes', () => {
    const t = finWait2(target);
    t.silence(100 * FIN_WAIT_2_TIMEOUT);
    t.peer.send('A', { text: 'late' });
    expect(t.recv()).toBe('late');
    t.advance(200);
    t.forget();
  });

  test('without one a minute', () => {
    const t = finWait2(target);
    t.silence(30_000);
    t.close();
    t.silence(FIN_WAIT_2_TIMEOUT - 1);
    expect(t.state()).toBe('FIN-WAIT-2');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('the minute begins with the ACK of the FIN when the owner has gone before', () => {
    const t = established(target);
    t.close();
    t.expect('FA');
    t.advance(target.rto >>> 1);
    t.peer.send('A');
    t.silence(FIN_WAIT_2_TIMEOUT - 1);
    expect(t.state()).toBe('FIN-WAIT-2');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('a FIN within the minute leads on to TIME-WAIT', () => {
    const t = finWait2(target);
    t.close();
    t.advance(FIN_WAIT_2_TIMEOUT - 1);
    t.peer.send('FA');
    t.expect('A');
    t.silence(2 * MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });
});

describe.each(targets)('RFC 9293 §3.6.1 TIME-WAIT: $name', (target) => {
  test('MUST-13 timewait-lasts-2msl: to the millisecond', () => {
    const t = timeWait(target);
    t.silence(2 * MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('timewait-fin-restarts: the FIN once more is acknowledged, and the time begins anew', () => {
    const t = timeWait(target);
    t.silence(50_000);
    t.peer.send('FA', { seq: 1 });
    t.expect('A', { seq: 2, ack: 2 });
    t.silence(2 * MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('other segments do not prolong it', () => {
    const t = timeWait(target);
    t.advance(50_000);
    t.peer.send('A', { ack: 2 });
    t.advance(10_000);
    expect(t.state()).toBe('CLOSED');
    t.forget();
  });
});

describe.each(targets)('the milliseconds wrap after 49 days: $name', (target) => {
  /** ESTABLISHED, `ms` before the clock wraps. */
  function before(ms: number): Dialogue {
    const t = new Dialogue(target, (0x1_0000_0000 - ms) >>> 0);
    expect(t.listen()).toBe(0);
    t.peer.send('S', { mss: target.mss });
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    return t;
  }

  test('retransmissions keep their intervals', () => {
    const t = before(1_500);
    t.send('x');
    t.expect('A', { len: 1 });
    for (const ms of doubling(target.rto, 5)) {
      expect(t.wait()).toBe(ms);
      t.expect('A', { seq: 1 });
    }
  });

  for (const ms of [1, 50, 99, 100, 101]) {
    test(`an ACK is delayed by 100 ms, ${ms} ms before`, () => {
      const t = before(ms);
      t.peer.send('A', { text: 'hello' });
      // A deadline that falls on 0, which means none, comes a millisecond late.
      expect(t.wait()).toBe(ms === 100 ? 101 : 100);
      t.expect('A', { ack: 6 });
    });
  }

  test('a sample across the wrap is right', () => {
    const t = before(80);
    t.send('x');
    t.expect('A', { len: 1 });
    t.advance(160);
    t.peer.send('A');
    // SRTT was 1, now 1/8 of 160 and 7/8 of that.
    expect(t.info()!.srtt).toBeGreaterThan(18);
    expect(t.info()!.srtt).toBeLessThan(24);
  });

  test('keep-alives come after two hours', () => {
    const t = before(3_600_000);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    expect(t.wait(10_000_000)).toBe(7_200_000);
    t.expect('A', { seq: 0 });
    t.peer.send('A', { ack: 1 });
    expect(t.wait(10_000_000)).toBe(7_200_000);
    t.expect('A', { seq: 0 });
  });

  test('the user timeout is ten minutes', () => {
    const t = before(60_000);
    t.send('x');
    t.advance(USER_TIMEOUT - 1);
    expect(t.state()).toBe('ESTABLISHED');
    t.advance(1);
    expect(t.state()).toBe('CLOSED');
    t.forget();
  });

  test('a connection that has been idle for the half of it, 25 days, goes on', () => {
    const t = before(1_000);
    t.silence(25 * 24 * 3_600_000);
    t.send('still here');
    t.expect('A', { seq: 1, text: 'still here' });
    expect(t.wait()).toBe(target.rto);
    t.expect('A', { seq: 1 });
    t.peer.send('A', { text: 'so am I' });
    expect(t.recv()).toBe('so am I');
    t.advance(100);
    t.forget();
  });
});

describe.each(targets)('the neighbour’s MAC address is lost while connected: $name', (target) => {
  /** Idle so long that the address is forgotten. */
  function forgotten(): Dialogue {
    const t = established(target);
    t.peer.answersArp = false;
    t.advance(200_000);
    t.forget();
    return t;
  }

  test('text waits for ARP, and leaves with the answer', () => {
    const t = forgotten();
    t.send('hello');
    t.expectArp({ opcode: 1, targetIp: t.peer.address });
    expect(t.peer.heard).toEqual([]);
    t.peer.arp(2);
    t.expect('A', { seq: 1, text: 'hello' });
  });

  test('an answer that is lost is asked for again after a second', () => {
    const t = forgotten();
    t.send('hello');
    t.expectArp({ opcode: 1 });
    expect(t.wait()).toBe(1_000);
    t.expectArp({ opcode: 1 });
    t.peer.arp(2);
    t.expect('A', { seq: 1, text: 'hello' });
  });

  test('the peer speaks, and its ACK waits for ARP as well', () => {
    const t = forgotten();
    t.peer.send('A', { text: 'hello' });
    t.advance(100);
    t.expectArp({ opcode: 1, targetIp: t.peer.address });
    t.peer.arp(2);
    t.expect('A', { seq: 1, ack: 6 });
    expect(t.recv()).toBe('hello');
  });

  test('a connection in use never waits: the address is asked for again while it is still good', () => {
    const t = established(target);
    let from = 0;
    for (let second = 0; second < 200; second++) {
      t.send(octets(10, from));
      t.expect('A', { seq: 1 + from, len: 10 });
      from += 10;
      t.peer.send('A');
      t.advance(1_000);
    }
    expect(t.counter('ArpRequestsOut')).toBeGreaterThanOrEqual(2);
    expect(t.counter('TcpRetransmits')).toBe(0);
  });

  test('retransmissions go on with the answer, without a loss of the connection', () => {
    const t = established(target);
    t.send('hello');
    t.expect('A', { text: 'hello' });
    t.peer.answersArp = false;
    t.advance(90_000);
    t.forget();
    expect(t.state()).toBe('ESTABLISHED');
    t.peer.arp(2);
    t.advance(30_000 - 1);
    const last = t.peer.heard.at(-1);
    if (last !== undefined) expect(last.text).toBe('hello');
    t.peer.send('A', { ack: 6 });
    t.forget();
    t.peer.answersArp = true;
    t.silence(USER_TIMEOUT);
    expect(t.state()).toBe('ESTABLISHED');
  });
});
