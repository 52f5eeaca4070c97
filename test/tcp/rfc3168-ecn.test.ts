// SPDX-License-Identifier: MIT
// RFC 3168 §6.1, explicit congestion notification: what is agreed on, which datagrams say that they can be marked, what marks
// and their echoes do. A connection is accepted with ECN when the peer asks; we ask where the socket is told to.

import { describe, expect, test } from 'vitest';
import { at, blocksOf, drain, queue, RTT, SMSS } from '../support/flight.ts';
import type { Sent } from '../support/peer.ts';
import {
  DELAYED_ACK,
  fullTargets,
  listening,
  newReno,
  octets,
  open,
  Option,
  synSent,
  US,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

const NOT_ECT = 0;
const ECT0 = 2;
const CE = 3;

/** ESTABLISHED by the peer's SYN after `rtt` ms, both ends capable. */
function capable(target: Target, syn: Sent = {}, rtt = 0): Dialogue {
  const t = listening(target);
  t.peer.send('SEC', { mss: target.mss, ...syn });
  t.expect('SAE', { tos: NOT_ECT });
  t.advance(rtt);
  t.peer.send('A');
  t.accept();
  t.silence();
  return t;
}

/** Our SYN that asks is out, and is the next segment. */
function asking(target: Target): Dialogue {
  const t = open(target);
  t.s = t.call('socket') as number;
  t.call('bind', t.s, 0, US.port);
  expect(t.setsockopt(Option.TCP_ECN, 1)).toBe(0);
  expect(t.call('connect', t.s, t.peer.address, t.peer.port)).toBe('EINPROGRESS');
  return t;
}

describe.each(fullTargets)('RFC 3168 §6.1.1 negotiation: $name', (target) => {
  test('3168-1 ecn-negotiation-passive, SHLD-8 ecn-supported: SYN with ECE and CWR is answered by SYN,ACK with ECE alone', () => {
    const t = capable(target);
    expect(t.info()!.options & 8).toBe(8);
  });

  test.each(['S', 'SE', 'SC'])('3168-1 ecn-negotiation-refused: %s is no request', (flags) => {
    const t = listening(target);
    t.peer.send(flags);
    t.expect('SA', { tos: NOT_ECT });
    t.peer.send('A');
    t.accept();
    t.send('hello');
    t.expect('PA', { tos: NOT_ECT });
  });

  test('3168-1 ecn-negotiation-active: our SYN has both bits and no ECT; SYN,ACK with ECE agrees', () => {
    const t = asking(target);
    t.expect('SEC', { tos: NOT_ECT });
    t.peer.send('SAE');
    t.expect('A', { tos: NOT_ECT });
    t.send('hello');
    t.expect('PA', { tos: ECT0 });
  });

  test.each(['SA', 'SAEC', 'SAC'])('3168-1 ecn-negotiation-broken-peer: %s agrees to nothing', (flags) => {
    const t = asking(target);
    t.expect('SEC');
    t.peer.send(flags);
    t.expect('A');
    t.send('hello');
    t.expect('PA', { tos: NOT_ECT });
  });

  test('3168-1: nor does SYN,ACK with ECE, when we did not ask', () => {
    const t = synSent(target);
    t.peer.send('SAE');
    t.expect('A');
    t.send('hello');
    t.expect('PA', { tos: NOT_ECT });
    expect(t.info()!.options & 8).toBe(0);
  });

  test('3168-1 ecn-negotiation: the switch is off unless it is set, and tells what was agreed on', () => {
    const t = synSent(target);
    t.wait();
    t.expect('S');
    const asked = asking(target);
    asked.expect('SEC');
    asked.peer.send('SA');
    asked.expect('A');
    expect(asked.getsockopt(Option.TCP_ECN)).toBe(0);
    const granted = asking(target);
    granted.expect('SEC');
    granted.peer.send('SAE');
    granted.expect('A');
    expect(granted.getsockopt(Option.TCP_ECN)).toBe(1);
  });

  test('3168-5 ecn-syn-fallback: a SYN that got no answer goes again without', () => {
    const t = asking(target);
    t.expect('SEC');
    t.wait();
    t.expect('S', { tos: NOT_ECT });
    t.peer.send('SA');
    t.expect('A');
    expect(t.state()).toBe('ESTABLISHED');
  });
});

describe.each(newReno)('RFC 3168 where it is not in the binary: $name', (target) => {
  test('3168-7 ecn-ignored-when-not-negotiated: it is not granted, nothing is marked or echoed', () => {
    const t = listening(target);
    t.peer.send('SEC', { mss: SMSS });
    t.expect('SA', { tos: NOT_ECT });
    t.peer.send('A');
    t.accept();
    t.peer.send('A', { text: 'a', ip: { tos: CE } });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 2 });
    queue(t, 1, 0);
    t.expect('PA', { tos: NOT_ECT });
    const { cwnd } = t.info()!;
    t.peer.send('AE');
    expect(t.info()!.cwnd).toBe(cwnd);
  });
});

describe.each(fullTargets)('RFC 3168 §6.1.4 to §6.1.6, what is marked as capable: $name', (target) => {
  test('3168-2 ecn-ect-only-on-new-data: text is; its retransmission, ACKs and FINs are not', () => {
    const t = capable(target);
    t.send('hello');
    t.expect('PA', { tos: ECT0 });
    t.wait();
    t.expect('PA', { seq: 1, tos: NOT_ECT });
    t.peer.send('PA', { text: 'world' });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6, tos: NOT_ECT });
    t.shutdown(1);
    t.expect('FA', { tos: NOT_ECT });
  });

  test('3168-2: nor is a window probe, a keep-alive, a challenge ACK, a reset', () => {
    const t = capable(target);
    t.setsockopt(Option.TCP_KEEPIDLE, 1);
    t.setsockopt(Option.SO_KEEPALIVE, 1);
    t.wait();
    t.expect('A', { seq: 0, tos: NOT_ECT });
    t.peer.send('S', { seq: 0 });
    t.expect('A', { tos: NOT_ECT });
    t.peer.send('A', { seq: 1, win: 0 });
    t.send('hello');
    t.wait();
    t.expect('A', { len: 1, tos: NOT_ECT });
    t.abort();
    t.expect('RA', { tos: NOT_ECT });
  });

  test('3168-2: nor what fast retransmit or the tail loss probe sends again; the type of service is kept beside it', () => {
    const t = capable(target, { mss: SMSS, sackOk: true }, RTT);
    t.setsockopt(Option.IP_TOS, 0xb8);
    queue(t, 5, 0);
    for (let n = 0; n < 5; n++) t.expect('A', { seq: at(n), tos: 0xb8 + ECT0 });
    t.wait();
    t.expect('A', { seq: at(4), tos: 0xb8 });
    t.peer.send('A', { ack: at(0), sack: blocksOf([1, 4]) });
    t.expect('A', { seq: at(0), tos: 0xb8 });
    t.peer.send('A', { ack: at(5) });
    queue(t, 1, 5 * SMSS);
    t.expect('A', { seq: at(5), tos: 0xb8 + ECT0 });
  });
});

describe.each(fullTargets)('RFC 3168 §6.1.3, the receiver: $name', (target) => {
  test('3168-3 ecn-echo-until-cwr: every ACK has ECE until CWR comes', () => {
    const t = capable(target);
    t.peer.send('PA', { text: 'a', ip: { tos: CE } });
    t.advance(DELAYED_ACK);
    t.expect('AE', { ack: 2 });
    for (const [text, ack] of [
      ['b', 3],
      ['c', 4],
    ] as const) {
      t.peer.send('PA', { text, ip: { tos: ECT0 } });
      t.advance(DELAYED_ACK);
      t.expect('AE', { ack });
    }
    t.send('hello');
    t.expect('AE', { text: 'hello', tos: ECT0 });
    t.peer.send('PAC', { text: 'd', ip: { tos: ECT0 } });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 5 });
  });

  test('3168-3: a mark on the segment with CWR itself begins anew', () => {
    const t = capable(target);
    t.peer.send('PA', { text: 'a', ip: { tos: CE } });
    t.advance(DELAYED_ACK);
    t.expect('AE');
    t.peer.send('PAC', { text: 'b', ip: { tos: CE } });
    t.advance(DELAYED_ACK);
    t.expect('AE', { ack: 3 });
  });

  test('3168-3: a mark on text out of order is echoed', () => {
    const t = capable(target);
    t.peer.send('A', { seq: 101, text: 'a', ip: { tos: CE } });
    t.expect('AE', { ack: 1 });
  });

  test('3168-3: ECT(0) and ECT(1) are no marks', () => {
    const t = capable(target);
    for (const [i, tos] of [1, 2].entries()) {
      t.peer.send('PA', { text: 'a', ip: { tos } });
      t.advance(DELAYED_ACK);
      t.expect('A', { ack: 2 + i });
    }
  });

  test('3168-7 ecn-ignored-when-not-negotiated: without an agreement a mark is no matter', () => {
    const t = listening(target);
    t.peer.send('S');
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    t.peer.send('PA', { text: 'a', ip: { tos: CE } });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 2 });
  });
});

describe.each(fullTargets)('RFC 3168 §6.1.2, the sender: $name', (target) => {
  test('3168-4 ecn-reduce-once-per-window: ECE reduces the window once, and the next new segment has CWR', () => {
    const t = capable(target, { mss: SMSS });
    const iw = target.initialWindow;
    queue(t, 3 * iw, 0);
    const { cwnd, sndMax } = t.info()!;
    expect(sndMax).toBe(1 + cwnd);
    t.forget();
    t.peer.send('AE', { ack: at(1) });
    const reduced = t.info()!;
    expect(reduced.cwnd).toBeLessThan(cwnd);
    expect(reduced.cwnd).toBe(reduced.ssthresh);
    for (let ack = at(2); ack <= sndMax; ack += SMSS) {
      t.peer.send('AE', { ack });
      expect(t.info()!).toMatchObject({ ssthresh: reduced.ssthresh, cwnd: reduced.cwnd });
    }
    const fresh = t.peer.heard.map(({ flags }) => flags.includes('C'));
    expect(fresh.length).toBeGreaterThan(1);
    expect(fresh).toEqual(fresh.map((_, i) => i === 0));
    t.forget();
    // A window later the next echo counts again.
    t.peer.send('AE');
    expect(t.info()!.ssthresh).toBeLessThan(reduced.ssthresh);
    t.forget();
  });

  test('3168-4: an ACK with ECE makes nothing grow; one without does again', () => {
    const t = capable(target, { mss: SMSS });
    queue(t, 5 * target.initialWindow, 0);
    t.forget();
    t.peer.send('AE', { ack: at(1) });
    const { cwnd } = t.info()!;
    t.peer.send('AE', { ack: at(3) });
    expect(t.info()!.cwnd).toBe(cwnd);
    const end = t.info()!.sndNxt;
    t.peer.send('A', { ack: at(target.initialWindow) });
    expect(t.info()!.cwnd).toBeGreaterThan(cwnd);
    expect(end).toBeGreaterThan(at(target.initialWindow) - 1);
    t.forget();
  });

  test('3168-4: a loss in the window that was reduced for ECE reduces it no more', () => {
    const t = capable(target, { mss: SMSS, sackOk: true }, RTT);
    queue(t, 2 * target.initialWindow, 0);
    t.forget();
    t.advance(RTT);
    t.peer.send('AE', { ack: at(1) });
    const { ssthresh } = t.info()!;
    t.forget();
    t.peer.send('AE', { ack: at(1), sack: blocksOf([2, 6]) });
    expect(t.peer.heard.map(({ seq }) => (((seq - t.peer.iss) >>> 0) - 1) / SMSS)).toContain(1);
    t.forget();
    expect(t.info()!.ssthresh).toBe(ssthresh);
    t.peer.send('A');
    drain(t);
  });

  test('3168-4: and ECE during a recovery reduces it no more', () => {
    const t = capable(target, { mss: SMSS, sackOk: true }, RTT);
    queue(t, 2 * target.initialWindow, 0);
    t.forget();
    t.advance(RTT);
    t.peer.send('A', { ack: at(0), sack: blocksOf([1, 5]) });
    t.forget();
    const { ssthresh } = t.info()!;
    t.advance(RTT);
    t.peer.send('AE', { ack: at(1), sack: blocksOf([2, 5]) });
    t.forget();
    expect(t.info()!.ssthresh).toBe(ssthresh);
    t.peer.send('A');
    drain(t);
  });

  test('3168-4: a window of a segment is not widened by it', () => {
    const t = listening(target);
    t.peer.send('SEC', { mss: SMSS });
    t.expect('SAE');
    t.wait();
    t.expect('SAE');
    t.peer.send('A');
    t.accept();
    expect(t.info()!.cwnd).toBe(SMSS);
    queue(t, 5, 0);
    t.expect('A', { seq: at(0), len: SMSS });
    t.peer.send('AE', { ack: at(1) });
    expect(t.info()!.cwnd).toBe(SMSS);
    t.forget();
  });

  test('3168-4: without an agreement ECE is no matter', () => {
    const t = listening(target);
    t.peer.send('S', { mss: SMSS });
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    queue(t, 3, 0);
    t.forget();
    const { cwnd } = t.info()!;
    t.peer.send('AE');
    expect(t.info()!.cwnd).toBeGreaterThanOrEqual(cwnd);
    t.send(octets(10, 3 * SMSS));
    t.expect('PA', { len: 10 });
  });
});
