// SPDX-License-Identifier: MIT
// RFC 7323 §2, window scale. Our own shift is 0 in the builds of asconfig.json, whose rings are smaller than 65,536 octets; what
// a shift of ours does is tested with rings of 256 KB.

import { describe, expect, test } from 'vitest';
import { moduleFor } from '../../host/netsim/modules.ts';
import { queue, SMSS } from '../support/flight.ts';
import {
  DELAYED_ACK,
  established,
  establishedActive,
  fullTargets,
  listening,
  newReno,
  octets,
  synReceived,
  synSent,
} from '../vocabulary.ts';

describe.each(fullTargets)('RFC 7323 §2 window scale: $name', (target) => {
  test('7323-1 wscale-negotiation-both: in our SYN; in a SYN,ACK when the SYN had it; in nothing else', () => {
    const t = synSent(target);
    t.advance(1_000);
    t.expect('S', { scale: 0 });
    const passive = listening(target);
    passive.peer.send('S', { scale: 7 });
    passive.expect('SA', { scale: 0 });
    passive.peer.send('A', { win: 2 });
    expect(passive.info()).toMatchObject({ sndWnd: 2 << 7, options: 4 });
    passive.accept();
    passive.send('hello');
    passive.expect('PA', { scale: undefined });
  });

  test('7323-1 wscale-negotiation-both: we asked, and the peer answered', () => {
    const t = establishedActive(target, { scale: 3, win: 1_000 });
    t.peer.send('A', { win: 1_000 });
    expect(t.info()!.sndWnd).toBe(8_000);
  });

  test('7323-1 wscale-negotiation-none: a SYN without it gets none, and windows are as they stand', () => {
    const t = listening(target);
    t.peer.send('S');
    t.expect('SA', { scale: undefined });
    t.peer.send('A', { win: 1_000 });
    expect(t.info()).toMatchObject({ sndWnd: 1_000, options: 0 });
  });

  test('7323-1 wscale-negotiation-one: we asked, the peer did not answer', () => {
    const t = synSent(target);
    t.peer.send('SA');
    t.expect('A', { win: target.ring });
    t.peer.send('A', { win: 1_000 });
    expect(t.info()!.sndWnd).toBe(1_000);
  });

  test('7323-1 wscale-negotiation-none: outside a SYN the option is nothing', () => {
    const t = established(target);
    t.peer.send('A', { scale: 7, win: 1_000 });
    expect(t.info()!.sndWnd).toBe(1_000);
  });

  test('7323-1: with a length of its own it is not the option', () => {
    for (const options of [
      [3, 2, 0, 0],
      [3, 4, 7, 7],
    ]) {
      const t = listening(target);
      t.peer.send('S', { options });
      t.expect('SA', { scale: undefined });
    }
  });

  test('7323-2 wscale-syn-unscaled: the windows of SYN and SYN,ACK are as they stand', () => {
    const passive = synReceived(target, { scale: 7, win: 1_000 });
    passive.peer.send('A', { win: 1_000 });
    expect(passive.info()!.sndWnd).toBe(128_000);
    const active = synSent(target);
    active.peer.send('SA', { scale: 7, win: 1_000 });
    active.expect('A');
    expect(active.info()!.sndWnd).toBe(1_000);
  });

  test('7323-2 wscale-syn-unscaled: text behind a small window of a SYN waits for the first scaled one', () => {
    const t = synSent(target);
    t.peer.send('SA', { mss: SMSS, scale: 7, win: 2 * SMSS });
    t.expect('A');
    queue(t, 5, 0);
    expect(t.peer.heard.splice(0).length).toBe(2);
    t.peer.send('A', { ack: 1, win: 10 });
    expect(t.peer.heard.splice(0).length).toBe(3);
  });

  test.each([14, 15, 255])('7323-3 wscale-over-14: a shift of %i counts as 14', (scale) => {
    const t = synReceived(target, { scale });
    t.peer.send('A', { win: 1 });
    expect(t.info()!.sndWnd).toBe(1 << 14);
  });

  test('the greatest window, 65,535 * 2^14', () => {
    const t = synReceived(target, { scale: 14 });
    t.peer.send('A', { win: 0xffff });
    expect(t.info()!.sndWnd).toBe(0xffff * 2 ** 14);
    t.accept();
    t.send(octets(100));
    t.expect('A', { len: 100 });
  });
});

describe.each(newReno)('RFC 7323 §2 where it is not in the binary: $name', (target) => {
  test('7323-1 wscale-negotiation-none: it is not offered, not granted, and windows are as they stand', () => {
    const t = synSent(target);
    t.advance(1_000);
    t.expect('S', { scale: undefined });
    const passive = listening(target);
    passive.peer.send('S', { scale: 7 });
    passive.expect('SA', { scale: undefined });
    passive.peer.send('A', { win: 1_000 });
    expect(passive.info()!.sndWnd).toBe(1_000);
  });
});

describe('RFC 7323 §2 with rings of 256 KB', async () => {
  const ring = 0x40000;
  const SHIFT = 3; // the least by which 16 bits can tell it
  const [large] = fullTargets;
  const module = await moduleFor(ring);
  const target = { ...large!, module, ring, connections: 1, listeners: 5 };

  test('7323-1 wscale-negotiation-both: the shift lets the whole ring be offered', () => {
    const t = synSent(target);
    t.advance(1_000);
    t.expect('S', { scale: SHIFT, win: 0xffff });
    t.peer.send('SA', { mss: 1_460, scale: 0 });
    t.expect('A', { win: ring >>> SHIFT });
  });

  test('7323-2 wscale-syn-unscaled: the SYN,ACK offers what 16 bits can', () => {
    const t = listening(target);
    t.peer.send('S', { scale: 0 });
    t.expect('SA', { scale: SHIFT, win: 0xffff });
  });

  test('7323-1 wscale-negotiation-none: to a peer without it too', () => {
    const t = established(target);
    t.peer.send('A', { text: 'hello' });
    t.advance(DELAYED_ACK);
    t.expect('A', { win: 0xffff });
  });

  test('a window of more than 65,535 octets is sent into, and received into', () => {
    const t = synReceived(target, { mss: 1_460, scale: 4 });
    t.peer.send('A', { win: 0xffff });
    t.accept();
    let heard = 0;
    t.send(octets(200_000));
    while (heard < 200_000) {
      const segments = t.peer.heard.splice(0);
      expect(segments.length).toBeGreaterThan(0);
      for (const { text } of segments) {
        expect(text).toBe(octets(text.length, heard));
        heard += text.length;
      }
      if (heard < 200_000) t.peer.send('A');
    }
    t.peer.send('A');
    for (let from = 0; from < 200_000; from += 1_000) t.peer.send('A', { text: octets(1_000, from) });
    expect(t.recv()).toBe(octets(200_000));
    t.forget();
  });

  test('7323-4 wscale-no-retreat: the edge never goes back, and what is told of it is rounded up', () => {
    const t = synReceived(target, { mss: 1_460, scale: 0 });
    t.peer.send('A');
    t.accept();
    let edge = 0;
    let from = 0;
    for (let turn = 0; turn < 300; turn++) {
      const len = 1 + ((turn * 7) % 13);
      t.peer.send('A', { text: octets(len, from) });
      from += len;
      if (turn % 5 === 0) t.recv();
      t.advance(turn % 3 === 0 ? DELAYED_ACK : 0);
      const { rcvNxt, rcvWnd } = t.info()!;
      expect(rcvNxt + rcvWnd).toBeGreaterThanOrEqual(edge);
      edge = rcvNxt + rcvWnd;
      const told = t.peer.heard.splice(0).map(({ ack, win }) => ((ack - t.peer.irs) >>> 0) + (win << SHIFT));
      for (const right of told.slice(-1)) {
        expect(right).toBeGreaterThanOrEqual(edge);
        expect(right).toBeLessThan(edge + (1 << SHIFT));
      }
    }
    expect(edge).toBeGreaterThan(0);
  });
});
