// SPDX-License-Identifier: MIT
// Peers that make much work of little: a tiny MSS, tiny windows, text an octet at a time, text out of order that never
// becomes whole. How many frames they get out of the stack, and that what is honest still goes through.

import { describe, expect, test } from 'vitest';
import { established, MIN_MSS, octets, targets } from '../vocabulary.ts';
import { expectFigure } from './figures.ts';

describe.each(targets)('$name', (target) => {
  const isFirst = target.name === 'default on v8';

  test.each([0, 1, 10, 47])('an MSS of %i: segments are not smaller than the floor', (mss) => {
    const t = established(target, { mss });
    t.send(octets(960));
    let sent = 0;
    while (t.info()!.sendQueue > 0) {
      sent += t.peer.heard.splice(0).length;
      t.peer.send('A');
    }
    const least = mss === 0 ? 536 : MIN_MSS; // RFC 9293 §3.7.1: 0 is as good as none
    expect(sent).toBe(Math.ceil(960 / least));
    if (isFirst && mss === 1)
      expectFigure({
        attack: 'MSS of 1',
        rate: '-',
        measure: 'segments for 960 octets',
        undisturbed: '1',
        attacked: String(sent),
      });
    t.forget();
  });

  test('a window of one octet, after an honest one: an octet each OVERRIDE_TIMEOUT', () => {
    const t = established(target);
    t.peer.send('A', { win: 1 });
    t.peer.win = 1;
    t.send(octets(100));
    let sent = 0;
    for (const end = t.now + 10_000; t.now < end; t.advance(1)) {
      const heard = t.peer.heard.splice(0).length;
      sent += heard;
      if (heard > 0) t.peer.send('A');
    }
    expect(sent).toBeLessThanOrEqual(51);
    if (isFirst)
      expectFigure({
        attack: 'a window of one octet',
        rate: 'each octet acknowledged at once',
        measure: 'segments a second',
        undisturbed: '-',
        attacked: (sent / 10).toFixed(1),
      });
    t.forget();
  });

  test('the window shrinks while text is in flight: nothing is sent beyond, nothing is lost', () => {
    const t = established(target, { win: target.mss });
    t.peer.win = target.mss;
    t.send(octets(target.ring));
    t.forget();
    for (let win = target.mss; win >= 0; win -= Math.ceil(target.mss / 7)) {
      t.peer.win = win;
      t.peer.send('A', { ack: 1 });
      t.advance(10);
      for (const { seq, text } of t.peer.heard.splice(0))
        expect(((seq - t.peer.iss) >>> 0) + text.length).toBeLessThanOrEqual(1 + target.mss);
    }
    t.peer.win = 0xffff;
    t.peer.send('A', { ack: 1 });
    let heard = 1;
    for (let i = 0; i < 100 && t.info()!.sendQueue > 0; i++) {
      if (t.peer.heard.length === 0) t.wait(70_000);
      for (const segment of t.peer.heard.splice(0)) {
        const seq = (segment.seq - t.peer.iss) >>> 0;
        expect(segment.text).toBe(octets(segment.text.length, seq - 1));
        if (seq <= heard) heard = Math.max(heard, seq + segment.text.length);
      }
      t.peer.send('A', { ack: heard });
    }
    expect(heard - 1).toBe(target.ring);
    t.forget();
  });

  test('text an octet at a time: an ACK for two, and every octet counts', () => {
    const t = established(target);
    const count = 1_000;
    for (let i = 0; i < count; i++) t.peer.send('A', { text: octets(1, i) });
    const acks = t.peer.heard.splice(0).length;
    expect(acks).toBe(count / 2);
    expect(t.recv()).toBe(octets(count));
    if (isFirst)
      expectFigure({
        attack: 'one-octet segments',
        rate: '1,000 at once',
        measure: 'ACKs that answer; text kept',
        undisturbed: '-',
        attacked: `${acks}; all`,
      });
    t.advance(200);
    t.forget();
  });

  test('text out of order, in as many pieces as fit: an ACK each, four runs kept, and the stream is whole at the end', () => {
    const t = established(target);
    const size = Math.min(target.ring - 1, 4_379);
    let answers = 0;
    for (let seq = 3; seq < size; seq += 2) {
      t.peer.send('A', { seq, text: octets(1, seq - 1) });
      answers += t.peer.heard.splice(0).length;
      expect(t.info()!.intervals).toBeLessThanOrEqual(4);
    }
    const sent = Math.ceil((size - 3) / 2);
    expect(answers).toBe(sent);
    for (let from = 0; from < target.ring; from += target.mss) {
      t.peer.send('A', { seq: 1 + from, text: octets(Math.min(target.mss, target.ring - from), from) });
      t.forget();
    }
    expect(t.recv()).toBe(octets(target.ring));
    if (isFirst)
      expectFigure({
        attack: 'out-of-order flood',
        rate: `${sent} at once`,
        measure: 'ACKs that answer; runs kept',
        undisturbed: '-',
        attacked: `${answers}; 4`,
      });
    t.forget();
  });
});
