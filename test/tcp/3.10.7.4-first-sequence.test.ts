// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.4, first check: the acceptability test with its four rows, the answer to what is not acceptable, and
// the trimming of what lies partly outside the window. An acceptable segment without text is met with silence, an
// unacceptable one with an ACK.

import { describe, expect, test } from 'vitest';
import { DELAYED_ACK, established, inState, octets, targets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

const ACK_NOW = { seq: 1, len: 0 };

/** Text up to `room` octets before the end of the receive ring; nobody reads it. The window is `room` then. */
function fill(t: Dialogue, room = 0): void {
  const { ring, mss } = t.target;
  for (let sent = 0; sent < ring - room;) {
    const len = Math.min(mss, ring - room - sent);
    t.peer.send('A', { text: octets(len, sent) });
    sent += len;
  }
  t.advance(DELAYED_ACK);
  const last = t.peer.heard.at(-1);
  expect([(last.ack - t.peer.irs) >>> 0, last.win]).toEqual([1 + ring - room, room]);
  t.forget();
}

describe.each(targets)('3.10.7.4 first, check sequence number: $name', (target) => {
  test('acceptable-len0-win0: SEG.SEQ = RCV.NXT, and nothing else', () => {
    const t = established(target);
    fill(t);
    const next = t.peer.nxt;
    t.peer.send('A', { seq: next });
    t.silence();
    for (const seq of [next - 1, next + 1]) {
      t.peer.send('A', { seq });
      t.expect('A', { ...ACK_NOW, ack: next, win: 0 });
    }
  });

  test('acceptable-len0-win: RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND', () => {
    const t = established(target);
    for (const seq of [1, 2, target.ring]) t.peer.send('A', { seq });
    t.silence();
    expect(t.counter('TcpUnacceptable')).toBe(0);
    for (const seq of [0, 1 + target.ring, -100_000, 100_000]) {
      t.peer.send('A', { seq });
      t.expect('A', { ...ACK_NOW, ack: 1 });
    }
    expect(t.counter('TcpUnacceptable')).toBe(4);
  });

  test('acceptable-len-win0: never, and the answer says that the window is closed', () => {
    const t = established(target);
    fill(t);
    const next = t.peer.nxt;
    for (const seq of [next - 1, next, next + 1]) {
      t.peer.send('A', { seq, text: 'xy' });
      t.expect('A', { ...ACK_NOW, ack: next, win: 0 });
    }
    expect(t.recv()).toBe(octets(target.ring));
    t.forget();
  });

  test('acceptable-len-win: the first or the last octet lies in the window', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'abcd' });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 5 });
    t.peer.send('A', { seq: 1, text: 'abcd' }); // all of it before the window
    t.expect('A', { ...ACK_NOW, ack: 5 });
    t.peer.send('A', { seq: 1, text: 'abcde' }); // the last octet in it
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6 });
    t.peer.send('A', { seq: target.ring, text: 'xy' }); // the first octet in it, out of order
    t.expect('A', { ack: 6 });
    expect(t.info()?.intervals).toBe(1);
    t.peer.send('A', { seq: 1 + target.ring, text: 'xy' }); // all of it behind the window
    t.expect('A', { ack: 6 });
    expect(t.recv()).toBe('abcde');
    expect(t.counter('TcpUnacceptable')).toBe(2);
  });

  test('unacceptable-gets-ack: in each state <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, and the state stays', () => {
    for (const [state, begin] of Object.entries(inState)) {
      if (state === 'SYN-SENT') continue;
      const t = begin(target);
      const { sndMax, rcvNxt } = t.info()!;
      t.peer.send('A', { seq: rcvNxt - 1000, text: 'x' });
      t.expect('A', { seq: sndMax, ack: rcvNxt, len: 0 });
      t.silence();
      expect(t.state()).toBe(state);
    }
  });

  test('unless the RST bit is set', () => {
    for (const [state, begin] of Object.entries(inState)) {
      if (state === 'SYN-SENT') continue;
      const t = begin(target);
      for (const flags of ['R', 'RA']) t.peer.send(flags, { seq: t.info()!.rcvNxt - 1 });
      t.silence();
      expect(t.state()).toBe(state);
    }
  });

  test('nothing else of an unacceptable segment is looked at: its ACK, its window, its FIN', () => {
    const t = established(target);
    t.send('hello');
    t.expect('A', { len: 5 });
    t.peer.send('FA', { seq: -5, ack: 6, win: 100 });
    t.expect('A', { seq: 6, ack: 1 });
    expect(t.info()).toMatchObject({ sndUna: 1, sndWnd: 65535 });
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('overlap-trim-left: of text that is partly old only the new is taken', () => {
    const t = established(target);
    t.peer.send('A', { text: 'abcdef' });
    t.peer.send('PA', { seq: 4, text: 'XXXghi' });
    t.expect('A', { ack: 10 });
    expect(t.recv()).toBe('abcdefghi');
    expect(t.counter('TcpDuplicateText')).toBe(1);
  });

  test('overlap-trim-right: of text that reaches beyond the window the rest is left', () => {
    const t = established(target);
    fill(t, 100);
    const start = t.peer.nxt;
    t.peer.send('A', { text: octets(150, target.ring - 100) });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: start + 100, win: 0 });
    expect(t.recv()).toBe(octets(target.ring));
    t.expect('A', { ack: start + 100, win: target.ring });
    t.peer.send('A', { seq: start + 100, text: octets(50, target.ring) });
    expect(t.recv()).toBe(octets(50, target.ring));
  });

  test('text that reaches beyond the window at both ends is unacceptable by the letter of the four rows', () => {
    const t = established(target);
    fill(t, 4);
    const next = t.peer.nxt;
    t.peer.send('A', { seq: next - 3, text: 'XXX1234YYY' });
    t.expect('A', { ack: next, win: 4 });
    t.peer.send('A', { seq: next, text: '1234' });
    expect(t.recv()).toBe(octets(target.ring - 4) + '1234');
    t.forget();
  });

  test('a FIN beyond the window is trimmed with the text before it', () => {
    const t = established(target);
    fill(t, 4);
    const next = t.peer.nxt;
    t.peer.send('FA', { text: '1234YYY' });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: next + 4, win: 0 });
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('a FIN just behind a full window is trimmed too; it is taken when the window has opened', () => {
    const t = established(target);
    fill(t, 4);
    const next = t.peer.nxt;
    t.peer.send('FA', { text: '1234' });
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: next + 4, win: 0 });
    expect(t.state()).toBe('ESTABLISHED');
    t.recv();
    t.expect('A', { ack: next + 4, win: target.ring });
    t.peer.send('FA', { seq: next + 4 });
    t.expect('A', { ack: next + 5 });
    expect(t.state()).toBe('CLOSE-WAIT');
  });

  test('MUST-66 zero-window-processes-rst-urg-ack: an ACK that comes with text the window has no room for counts', () => {
    const t = established(target);
    t.send('hello');
    t.expect('A', { len: 5 });
    fill(t);
    const next = t.peer.nxt;
    t.peer.send('A', { text: 'x', ack: 6 });
    t.expect('A', { seq: 6, ack: next, win: 0 });
    expect(t.info()?.sndUna).toBe(6);
  });

  test('MUST-66: so does an urgent pointer', () => {
    const t = established(target);
    fill(t);
    t.peer.send('UA', { text: 'x', up: 5 });
    t.expect('A', { win: 0 });
    expect(Number(t.ready()) & 16).toBe(16);
  });

  test('MUST-66: and a RST', () => {
    const t = established(target);
    fill(t);
    t.peer.send('R');
    t.silence();
    expect(t.state()).toBe('CLOSED');
  });

  test('SHLD-14 window-right-edge-never-retreats: while the reader sleeps the edge stays', () => {
    const t = established(target);
    const chunk = Math.floor(target.mss / 3);
    for (let sent = 0; sent + chunk <= target.ring; sent += chunk) {
      t.peer.send('A', { text: octets(chunk, sent) });
      for (const { ack, win } of t.peer.heard.splice(0)) {
        expect(((ack - t.peer.irs) >>> 0) + win).toBe(1 + target.ring);
      }
    }
    t.advance(DELAYED_ACK);
    t.forget();
  });
});
