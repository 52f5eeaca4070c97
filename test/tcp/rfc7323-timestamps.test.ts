// SPDX-License-Identifier: MIT
// RFC 7323: timestamps (§3), which one to echo and what round trips they give (§4), protection against wrapped sequence
// numbers (§5). What RACK reads out of them (RFC 8985 §6.2) is here as well.

import { describe, expect, test } from 'vitest';
import { at, iwOf, queue, RTT, SMSS } from '../support/flight.ts';
import { readOptions } from '../support/options.ts';
import type { TcpSegment } from '../support/frames.ts';
import type { Sent } from '../support/peer.ts';
import {
  DELAYED_ACK,
  established,
  fullTargets,
  listening,
  newReno,
  octets,
  Option,
  synSent,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

const DAY = 86_400_000;
/** Octets of the option with its padding, RFC 7323 Appendix A. */
const ROOM = 12;
/** Octets of a full segment to a peer that takes SMSS. */
const TEXT = SMSS - ROOM;

/** ESTABLISHED with timestamps, after `rtt` ms; the peer's clock, which stands unless a test moves it, is at `clock`. */
function stamped(target: Target, syn: Sent = {}, clock = 1, rtt = 0): Dialogue {
  const t = listening(target);
  t.peer.tsVal = clock;
  t.peer.send('S', { mss: target.mss, ...syn });
  t.expect('SA');
  t.advance(rtt);
  t.peer.send('A');
  t.accept();
  t.silence();
  return t;
}

/** TSval and TSecr. */
function stamps(segment: TcpSegment): readonly [number, number] | undefined {
  return readOptions(segment.options, 0).ts;
}

/** The next segment echoes this. */
function expectEcho(
  t: Dialogue,
  flags: string,
  echo: number,
  fields: Parameters<Dialogue['expect']>[1] = {},
): void {
  expect(stamps(t.expect(flags, fields))?.[1]).toBe(echo);
}

describe.each(fullTargets)('RFC 7323 §3.2 the option: $name', (target) => {
  test('7323-5 ts-always: agreed on, in every segment', () => {
    const t = listening(target);
    t.peer.send('S', { ts: [1_000, 0] });
    const [clock, echo] = stamps(t.expect('SA'))!;
    expect(echo).toBe(1_000);
    t.peer.send('A', { ts: [1_001, clock] });
    t.accept();
    t.send('hello');
    expectEcho(t, 'PA', 1_001, { text: 'hello' });
    t.wait();
    expectEcho(t, 'PA', 1_001, { text: 'hello' }); // sent again
    t.peer.send('PA', { text: 'world', ts: [1_002, clock] });
    t.advance(DELAYED_ACK);
    expectEcho(t, 'A', 1_002);
    t.setsockopt(Option.TCP_KEEPIDLE, 5);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    t.wait();
    expectEcho(t, 'A', 1_002, { seq: 5 }); // a keep-alive
    t.shutdown(1);
    expectEcho(t, 'FA', 1_002);
    t.peer.send('A', { ts: [1_003, clock] });
    t.peer.send('FA', { ts: [1_004, clock] });
    expectEcho(t, 'A', 1_004);
  });

  test('7323-5 ts-always: in a window probe', () => {
    const t = stamped(target);
    t.peer.send('A', { win: 0 });
    t.send('hello');
    t.wait();
    expectEcho(t, 'A', 1, { len: 1 });
  });

  test('7323-5 ts-never: a SYN without gets none, nor does anything later', () => {
    const t = established(target);
    t.send('hello');
    t.expect('PA', { ts: undefined });
    const active = synSent(target);
    active.peer.send('SA');
    active.expect('A', { ts: undefined });
    active.send('hello');
    active.expect('PA', { ts: undefined });
  });

  test('7323-5 ts-never: those of a peer that did not agree are passed over', () => {
    const t = established(target);
    t.peer.send('A', { text: 'new', ts: [100, 0] });
    t.peer.send('A', { text: 'old', ts: [99, 0] });
    expect(t.recv()).toBe('newold');
    t.expect('A', { ack: 7, ts: undefined });
  });

  test('7323-6 ts-missing-dropped: agreed on, a segment without it is not taken', () => {
    const t = stamped(target);
    t.peer.tsVal = undefined;
    t.peer.send('PA', { seq: 1, text: 'hello' });
    t.peer.send('FA', { seq: 1 });
    t.silence(DELAYED_ACK);
    expect(t.recv()).toBe('EAGAIN');
    expect(t.state()).toBe('ESTABLISHED');
    expect(t.counter('TcpUnacceptable')).toBe(2);
    t.peer.send('PA', { seq: 1, text: 'hello', ts: [2, 0] });
    expect(t.recv()).toBe('hello');
    t.forget();
  });

  test('7323-6 ts-missing-dropped: so it is with the ACK that ends the handshake', () => {
    const t = listening(target);
    t.peer.send('S', { ts: [1, 0] });
    t.expect('SA');
    t.peer.send('A');
    t.silence();
    expect(t.state()).toBe('SYN-RECEIVED');
    t.peer.send('A', { ts: [2, 0] });
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('7323-6 ts-missing-dropped: but a RST is', () => {
    const t = stamped(target);
    t.peer.tsVal = undefined;
    t.peer.send('R', { seq: 1 });
    expect(t.state()).toBe('CLOSED');
  });

  test('7323-7 ts-ecr-without-ack: in our SYN the echo is 0', () => {
    const t = synSent(target);
    t.advance(1_000);
    expectEcho(t, 'S', 0);
  });

  test('7323-7 ts-ecr-without-ack: the SYN,ACK of an active open is echoed', () => {
    const t = synSent(target);
    t.peer.send('SA', { ts: [77, 0] });
    expectEcho(t, 'A', 77);
  });

  test('7323-11 ts-clock-rate: a tick is a millisecond, and it goes on between segments', () => {
    const t = stamped(target);
    const clock = (): number => {
      t.send('x');
      const [value] = stamps(t.expect('PA'))!;
      t.peer.send('A');
      return value;
    };
    const first = clock();
    t.advance(100_000);
    expect((clock() - first) >>> 0).toBe(100_000);
  });

  test('7323-11 ts-offset-random: the clocks of two connections tell nothing of each other', () => {
    const t = listening(target);
    const values = [50_001, 50_002, 50_003].map((port) => {
      const peer = t.addPeer({ port });
      peer.send('S', { ts: [1, 0] });
      return stamps(peer.expect('SA'))![0];
    });
    expect(Math.abs((values[1]! - values[0]!) | 0)).toBeGreaterThan(1_000_000);
    expect(Math.abs((values[2]! - values[1]!) | 0)).toBeGreaterThan(1_000_000);
    expect(values[2]! - values[1]!).not.toBe(values[1]! - values[0]!);
  });

  test('7323-12 ts-reduces-payload: the MSS knows nothing of options, the text is shorter by twelve octets', () => {
    const t = stamped(target);
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(target.mss);
    t.send(octets(3 * target.mss));
    for (let i = 0; i < 3; i++) t.expect('A', { seq: 1 + i * (target.mss - ROOM), len: target.mss - ROOM });
    t.forget();
  });

  test('7323-12 ts-reduces-payload: three SACK blocks fit beside them', () => {
    const t = stamped(target, { mss: SMSS, sackOk: true });
    for (const from of [101, 301, 501, 701]) t.peer.send('A', { seq: from, text: octets(50) });
    t.peer.heard.splice(0, 3);
    const { options } = t.expect('A', {
      sack: [
        [701, 751],
        [501, 551],
        [301, 351],
      ],
    });
    expect(options.length).toBe(40);
    queue(t, 1, 0);
    t.send('x');
    t.expect('A', { len: SMSS - 40 });
    t.forget();
  });
});

describe.each(newReno)('RFC 7323 §3 where it is not in the binary: $name', (target) => {
  test('7323-5 ts-never: not offered, not granted, and what comes is passed over', () => {
    const t = synSent(target);
    t.advance(1_000);
    t.expect('S', { ts: undefined });
    const passive = listening(target);
    passive.peer.send('S', { ts: [5, 0] });
    passive.expect('SA', { ts: undefined });
    passive.peer.send('A', { ts: [4, 0] });
    expect(passive.state()).toBe('ESTABLISHED');
  });
});

describe.each(fullTargets)('RFC 7323 §4.3 which timestamp to echo: $name', (target) => {
  const send = (t: Dialogue, i: number, value: number): void =>
    t.peer.send('A', { seq: 1 + 100 * i, text: octets(100, 100 * i), ts: [value, 0] });

  test('7323-8 ts-recent-update-delack: of segments that share an ACK the first', () => {
    const t = stamped(target);
    send(t, 0, 10);
    send(t, 1, 20);
    expectEcho(t, 'A', 10, { ack: at(2) });
    send(t, 2, 30);
    send(t, 3, 40);
    expectEcho(t, 'A', 30, { ack: at(4) });
  });

  test('7323-8 ts-recent-update-hole, ts-recent-update-fill: behind a gap the last before it, then the one that fills it', () => {
    const t = stamped(target);
    send(t, 0, 10);
    t.advance(DELAYED_ACK);
    expectEcho(t, 'A', 10, { ack: at(1) });
    send(t, 2, 30);
    expectEcho(t, 'A', 10, { ack: at(1) });
    send(t, 1, 20);
    expectEcho(t, 'A', 20, { ack: at(3) });
    send(t, 4, 50);
    expectEcho(t, 'A', 20, { ack: at(3) });
    send(t, 3, 40);
    expectEcho(t, 'A', 40, { ack: at(5) });
  });

  test('7323-8 ts-recent-update: a segment before the window that comes again does not turn it back', () => {
    const t = stamped(target);
    send(t, 0, 10);
    t.advance(DELAYED_ACK);
    expectEcho(t, 'A', 10);
    send(t, 1, 20);
    t.advance(DELAYED_ACK);
    expectEcho(t, 'A', 20);
    send(t, 0, 10);
    expectEcho(t, 'A', 20, { ack: at(2) });
  });
});

describe.each(fullTargets)('RFC 7323 §4.1 round trips: $name', (target) => {
  test('7323-9 rttm-only-on-advance: an ACK of nothing new gives no sample, whatever it echoes', () => {
    const t = stamped(target, { mss: SMSS });
    t.send(octets(2 * TEXT));
    t.forget();
    const { srtt, rttvar } = t.info()!;
    t.advance(90);
    for (let i = 0; i < 2; i++) t.peer.send('A', { ack: at(0), win: 9_000 + i });
    expect(t.info()).toMatchObject({ srtt, rttvar });
    t.peer.send('A');
    expect(t.info()!.srtt).toBeGreaterThan(srtt);
  });

  test('7323-9 rttm-only-on-advance: an ACK of text that was sent again is one, if it echoes the retransmission', () => {
    const t = stamped(target, { mss: SMSS });
    t.send(octets(TEXT));
    t.forget();
    t.wait();
    t.forget(); // heard again: the peer echoes that one
    t.advance(80);
    t.peer.send('A');
    const { srtt, rto } = t.info()!;
    expect(srtt).toBe(10); // an eighth of 80 and seven eighths of 1
    expect(rto).toBeLessThan(2 * target.rto); // the back-off is over
  });

  test('7323-9: not if it echoes the first: that it took so long may be the ACK’s fault', () => {
    const t = stamped(target, { mss: SMSS });
    t.send(octets(TEXT));
    t.forget();
    const echo = t.peer.tsRecent;
    const before = t.info()!;
    t.wait();
    t.forget();
    t.advance(80);
    t.peer.send('A', { ts: [2, echo] });
    expect(t.info()).toMatchObject({ srtt: before.srtt, rttvar: before.rttvar });
  });

  test('7323-9: an echo of what was never sent is no sample', () => {
    const t = stamped(target, { mss: SMSS });
    t.send(octets(TEXT));
    t.forget();
    t.wait();
    t.forget();
    const { srtt } = t.info()!;
    for (const echo of [0, 1, t.peer.tsRecent + 1_000_000]) {
      t.advance(20);
      t.peer.send('A', { ts: [2, echo], ack: at(0) + 10 + (echo & 7) });
      expect(t.info()!.srtt).toBeLessThan(srtt + 20);
      expect(t.info()!.rto).toBeLessThan(10_000);
    }
    t.peer.send('A');
    t.forget();
  });

  test('8985-2: the echo of the first transmission tells that it was not the second that arrived', () => {
    const t = stamped(target, { mss: SMSS, sackOk: true }, 1, RTT);
    t.send(octets(8 * TEXT));
    t.forget();
    const first = t.peer.tsRecent;
    t.advance(RTT);
    t.peer.send('A', { ack: 1, sack: [[1 + TEXT, 1 + 4 * TEXT]] });
    t.expect('A', { seq: 1, len: TEXT });
    t.forget();
    // Longer than the least round trip: by time alone it might be the second.
    t.advance(RTT);
    t.peer.send('A', { ack: 1 + 4 * TEXT, ts: [2, first] });
    expect(t.info()!.retransmits).toBe(1);
    t.peer.send('A', { ack: 1 + 8 * TEXT });
    t.forget();
  });
});

describe.each(fullTargets)('RFC 7323 §5 PAWS: $name', (target) => {
  test('7323-10 paws-drop: an older timestamp is acknowledged and dropped, though the sequence number is right', () => {
    const t = stamped(target);
    t.peer.send('PA', { text: 'new', ts: [100, 0] });
    expect(t.recv()).toBe('new');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 4 });
    t.peer.send('PA', { seq: 4, text: 'old', ts: [99, 0] });
    t.expect('A', { ack: 4 });
    expect(t.recv()).toBe('EAGAIN');
    t.peer.send('PA', { seq: 4, text: 'now', ts: [100, 0] });
    expect(t.recv()).toBe('now');
    t.forget();
  });

  test('7323-10 paws-drop: nor is its ACK, its window or its FIN looked at', () => {
    const t = stamped(target);
    t.peer.send('A', { ts: [100, 0] });
    t.send('hello');
    t.forget();
    t.peer.send('FA', { ack: 6, win: 7, ts: [99, 0] });
    t.expect('A', { ack: 1 });
    expect(t.info()).toMatchObject({ sendQueue: 5, sndWnd: 0xffff });
    expect(t.state()).toBe('ESTABLISHED');
    t.peer.send('A', { ack: 6, ts: [100, 0] });
  });

  test('7323-10 paws-drop: before the sequence number is looked at', () => {
    const t = stamped(target);
    t.peer.send('A', { ts: [100, 0] });
    t.peer.send('PA', { seq: 1 + 2 * target.ring, text: 'old', ts: [99, 0] });
    expectEcho(t, 'A', 100, { ack: 1 });
  });

  test('7323-10 paws-wraps: older is meant modulo 2^32', () => {
    const t = stamped(target, {}, 0xfffffff0);
    t.peer.send('PA', { text: 'hello', ts: [5, 0] });
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    expectEcho(t, 'A', 5);
    t.peer.send('PA', { text: 'old', ts: [0xfffffff5, 0] });
    t.expect('A', { ack: 6 });
    expect(t.recv()).toBe('EAGAIN');
  });

  test('7323-10 paws-rst-exempt: a RST is not looked at so, and its timestamp is not taken', () => {
    const t = stamped(target);
    t.peer.send('A', { ts: [100, 0] });
    t.peer.send('R', { seq: 1, ts: [0, 0] });
    expect(t.state()).toBe('CLOSED');
  });

  test('7323-10 paws-24days: after 24 days TS.Recent tells nothing any more, and is replaced', () => {
    const t = stamped(target, {}, 1_000);
    t.advance(25 * DAY);
    t.peer.tsVal = 10;
    t.peer.send('PA', { text: 'hello' });
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    expectEcho(t, 'A', 10);
    t.peer.send('PA', { text: 'old', ts: [9, 0] });
    t.expect('A', { ack: 6 });
    expect(t.recv()).toBe('EAGAIN');
  });

  test('7323-10 paws-24days: a day before it does', () => {
    const t = stamped(target, {}, 1_000);
    t.advance(23 * DAY);
    t.peer.send('PA', { text: 'hello', ts: [10, 0] });
    t.expect('A', { ack: 1 });
    expect(t.recv()).toBe('EAGAIN');
  });

  test('a segment from the last time round the sequence space is not taken for text', () => {
    const t = stamped(target, { mss: SMSS });
    t.peer.send('A', { text: octets(SMSS), ts: [100, 0] });
    t.peer.send('A', { text: octets(SMSS, SMSS), ts: [200, 0] });
    t.forget();
    t.peer.send('A', { seq: at(2), text: 'X'.repeat(SMSS), ts: [50, 0] }); // seq as 2^32 octets ago
    t.expect('A', { ack: at(2) });
    t.peer.send('A', { seq: at(2), text: octets(SMSS, 2 * SMSS), ts: [201, 0] });
    expect(t.recv()).toBe(octets(3 * SMSS));
    t.forget();
  });

  test('a connection goes on across 2^32 milliseconds of both clocks', () => {
    const t = stamped(target, { mss: SMSS }, 0xffffff00);
    let from = 0;
    for (let day = 0; day < 60; day++) {
      t.advance(DAY);
      t.peer.tsVal = (0xffffff00 + (day + 1) * DAY) >>> 0;
      t.send(octets(10, from));
      t.expect('PA', { seq: 1 + from, len: 10 });
      from += 10;
      t.advance(RTT);
      t.peer.send('A', { text: 'x' });
      expect(t.recv()).toBe('x');
      t.advance(DELAYED_ACK);
      t.forget();
    }
    expect(t.info()).toMatchObject({ retransmits: 0, cwnd: iwOf(target) });
  });
});
