// SPDX-License-Identifier: MIT
// Words for dialogues about many segments in flight: a peer with a small MSS, so that the rings hold many, and text whose
// every octet tells its place in the stream.

import assert from 'node:assert/strict';
import { established, establishedActive, octets, synReceived } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';
import type { Sent } from './peer.ts';

/** The peer's MSS in these dialogues: a ring of 2,048 octets holds twenty segments. */
export const SMSS = 100;
/** The initial window for it, RFC 5681 §3.1 or RFC 6928 §2. */
export function iwOf(target: Target): number {
  return target.initialWindow * SMSS;
}

/** Round trip time of the dialogues that have one, ms. */
export const RTT = 40;

/** ESTABLISHED with a peer that takes segments of SMSS octets. Nagle's algorithm is on, nothing was sent. */
export function small(target: Target, syn: Sent = {}): Dialogue {
  return established(target, { mss: SMSS, ...syn });
}

/** The same from an active open. */
export function smallActive(target: Target, syn: Sent = {}): Dialogue {
  return establishedActive(target, { mss: SMSS, ...syn });
}

/** ESTABLISHED with such a peer that knows SACK. The first round trip took `rtt` ms. */
export function selective(target: Target, rtt = RTT, syn: Sent = {}): Dialogue {
  const t = synReceived(target, { mss: SMSS, sackOk: true, ...syn });
  t.advance(rtt);
  t.peer.send('A', syn.win === undefined ? {} : { win: syn.win });
  assert.equal(typeof t.accept(), 'number');
  return t;
}

/**
 * The same with twice the initial window in flight, sent at one instant, from segment `una` to before segment `nxt`; not quite
 * as much more is queued behind. Every round trip so far took `rtt` ms, and slow start has filled the window.
 */
export function selectiveFlight(
  target: Target,
  rtt = RTT,
  syn: Sent = {},
): { t: Dialogue; una: number; nxt: number } {
  const t = selective(target, rtt, syn);
  const iw = target.initialWindow;
  queue(t, 5 * iw - 1, 0);
  expectSegments(t, at(0), iw);
  t.advance(rtt);
  for (let n = 1; n <= iw; n++) t.peer.send('A', { ack: at(n) });
  expectSegments(t, at(iw), 2 * iw);
  t.silence();
  return { t, una: iw, nxt: 3 * iw };
}

/** The blocks of a SACK option that tell of the segments from `first` to before `last`, each. */
export function blocksOf(...runs: [number, number][]): [number, number][] {
  return runs.map(([first, last]) => [at(first), at(last)]);
}

/** Queue `segments` segments of text that begins `from` octets into the stream. The stack sends what it may. */
export function queue(t: Dialogue, segments: number, from: number): void {
  assert.equal(t.send(octets(segments * SMSS, from)), segments * SMSS, 'the ring has room');
}

/** The next `count` segments are full, of the stream of `octets`, and begin at the sequence number `seq`. */
export function expectSegments(t: Dialogue, seq: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const at = seq + i * SMSS;
    t.expect('A', { seq: at, len: SMSS, text: octets(SMSS, at - 1) });
  }
}

/** Sequence number of segment `n`, the first being 0. */
export function at(n: number): number {
  return 1 + n * SMSS;
}

/** `count` duplicate acknowledgments of `ack`. */
export function duplicates(t: Dialogue, ack: number, count: number): void {
  for (let i = 0; i < count; i++) t.peer.send('A', { ack });
}

/**
 * A connection with cwnd of `segments` segments, all of them in flight, none acknowledged, and more queued behind; slow
 * start has grown it by one segment for each ACK. `base` is the number of the first segment in flight. Twice the initial
 * window unless told: then as many were sent before, and one less than that is queued behind.
 */
export function flying(
  target: Target,
  segments = 2 * target.initialWindow,
): { t: Dialogue; base: number; nxt: number } {
  const t = small(target);
  const acks = segments - target.initialWindow;
  queue(t, 5 * target.initialWindow - 1, 0);
  let sent = target.initialWindow;
  expectSegments(t, at(0), sent);
  for (let i = 1; i <= acks; i++) {
    t.peer.send('A', { ack: at(i) });
    expectSegments(t, at(sent), 2);
    sent += 2;
  }
  assert.equal(t.info()!.cwnd, segments * SMSS);
  t.silence();
  return { t, base: acks, nxt: sent };
}

/** Everything queued goes out and is acknowledged, after `ms` each; nobody reads it. Returns how long the stream is now. */
export function drain(t: Dialogue, ms = 0): number {
  while (t.info()!.sendQueue > 0) {
    t.advance(ms);
    t.forget();
    t.peer.send('A');
  }
  t.forget();
  return t.info()!.sndNxt - 1;
}

/** Queue `segments` full segments more of the stream. */
export function feed(t: Dialogue, segments: number): void {
  const { sndUna, sendQueue } = t.info()!;
  assert.equal(t.send(octets(segments * SMSS, sndUna - 1 + sendQueue)), segments * SMSS, 'the ring has room');
}

/** Whole windows go out and are acknowledged, a round trip each, until cwnd is `segments` segments at least. */
export function grow(t: Dialogue, segments: number, rtt = RTT): void {
  for (let rounds = 0; t.info()!.cwnd < segments * SMSS; rounds++) {
    assert.ok(rounds < 20, 'the window grows');
    feed(t, Math.min(Math.floor(t.info()!.cwnd / SMSS), segments));
    t.advance(rtt);
    const { sndUna, sndNxt } = t.info()!;
    for (let ack = sndUna + SMSS; ack <= sndNxt; ack += SMSS) t.peer.send('A', { ack });
  }
  t.forget();
}

/**
 * `segments` segments leave at one instant, all before them being acknowledged; the window has room for `window`. Returns the
 * number of the first.
 */
export function volley(t: Dialogue, segments: number, window = segments, rtt = RTT): number {
  grow(t, window, rtt);
  const first = (t.info()!.sndNxt - 1) / SMSS;
  feed(t, segments);
  expectSegments(t, at(first), segments);
  t.silence();
  return first;
}
