// SPDX-License-Identifier: MIT
// Windows that close: zero-window probes, RFC 9293 §3.8.6.1, windows that shrink, §3.8.6, and what a receiver without room
// still does.

import { describe, expect, test } from 'vitest';
import { at, expectSegments, queue, small, SMSS } from '../support/flight.ts';
import {
  closeWait,
  doubling,
  established,
  octets,
  Option,
  Ready,
  synSent,
  targets,
  USER_TIMEOUT,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** The peer's window is closed before anything was sent, and `text` is queued. */
function closed(target: Target, text = 'hello'): Dialogue {
  const t = established(target);
  t.peer.send('A', { win: 0 });
  t.send(text);
  t.silence();
  return t;
}

/** The next thing said is a probe: one octet at `seq`. Returns the time until it. */
function probe(t: Dialogue, seq = 1): number {
  const ms = t.wait();
  t.expect('A', { seq, text: octetAt(seq) });
  return ms;
}

/** Of 'hello', or of the stream of `octets`: only the length is looked at then. */
function octetAt(seq: number): string {
  return 'hello'[seq - 1]!;
}

describe.each(targets)('RFC 9293 §3.8.6.1 zero-window probes: $name', (target) => {
  test('MUST-36 zwp-probes-sent, SHLD-29 zwp-first-after-rto: an octet, one RTO after the window closed', () => {
    expect(probe(closed(target))).toBe(target.rto);
  });

  test('SHLD-29 zwp-first-after-rto: the RTO is that of the connection', () => {
    const t = synSent(target);
    t.advance(600);
    t.peer.send('SA', { win: 0 });
    t.expect('A');
    t.send('hello');
    expect(probe(t)).toBe(1_800);
  });

  test('SHLD-30 zwp-exponential: at intervals that double, a minute at most', () => {
    const t = closed(target);
    const intervals = Array.from({ length: 11 }, () => {
      const ms = probe(t);
      t.peer.send('A', { ack: 1, win: 0 });
      return ms;
    });
    expect(intervals).toEqual(doubling(target.rto, intervals.length));
  });

  test('MUST-37 zwp-connection-kept-open: for ever, as long as probes are answered', () => {
    const t = closed(target);
    for (let i = 0; i < 150; i++) {
      probe(t);
      t.peer.send('A', { ack: 1, win: 0 });
    }
    expect(t.now).toBeGreaterThan(2 * 3_600_000);
    expect(t.state()).toBe('ESTABLISHED');
    t.peer.send('A', { ack: 1, win: 1_000 });
    t.expect('A', { seq: 1, text: 'hello' });
  });

  test('the connection ends when probes are not answered for the user timeout', () => {
    const t = closed(target);
    while (t.state() === 'ESTABLISHED') {
      expect(t.now).toBeLessThan(2 * USER_TIMEOUT);
      t.advance(1_000);
    }
    t.forget();
    expect(t.now).toBeGreaterThanOrEqual(USER_TIMEOUT);
    expect(t.recv()).toBe('ETIMEDOUT');
  });

  test('answers tolerate loss: every other probe is answered', () => {
    const t = closed(target);
    for (let i = 0; i < 20; i++) {
      probe(t);
      if (i % 2 === 1) t.peer.send('A', { ack: 1, win: 0 });
    }
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('the window opens: all of the text follows at once, the octet of the probe first', () => {
    const t = closed(target);
    probe(t);
    t.peer.send('A', { ack: 1, win: 1_000 });
    t.expect('A', { seq: 1, text: 'hello' });
    t.peer.send('A');
    t.silence(100_000);
  });

  test('the window opens before the first probe', () => {
    const t = closed(target);
    t.silence(target.rto >>> 1);
    t.peer.send('A', { win: 1_000 });
    t.expect('A', { seq: 1, text: 'hello' });
    expect(t.wait()).toBe(target.rto); // not half of it: the timer is that of text now
    t.expect('A', { seq: 1, text: 'hello' });
  });

  test('the probe is accepted, the window stays closed: the next octet is probed', () => {
    const t = closed(target);
    probe(t, 1);
    t.peer.send('A', { ack: 2, win: 0 });
    probe(t, 2);
    t.peer.send('A', { ack: 3, win: 0 });
    probe(t, 3);
    t.peer.send('A', { ack: 3, win: 100 });
    t.expect('A', { seq: 3, text: 'llo' });
  });

  test('the probe is accepted and the window opens', () => {
    const t = closed(target);
    probe(t, 1);
    t.peer.send('A', { ack: 2, win: 100 });
    t.expect('A', { seq: 2, text: 'ello' });
    t.peer.send('A');
    t.silence(100_000);
  });

  test('answers to probes are no duplicates: nothing is retransmitted by them', () => {
    const t = closed(target, octets(3_000 < target.ring ? 3_000 : 1_000));
    for (let i = 0; i < 4; i++) {
      t.wait();
      t.expect('A', { seq: 1, len: 1 });
      for (let k = 0; k < 4; k++) t.peer.send('A', { ack: 1, win: 0 });
      t.silence();
    }
    expect(t.counter('TcpFastRetransmits')).toBe(0);
  });

  test('nothing to send, nothing to probe', () => {
    const t = established(target);
    t.peer.send('A', { win: 0 });
    t.silence(200_000);
  });

  test('closed after text is in flight and acknowledged: the rest is probed', () => {
    const t = small(target, { win: 2 * SMSS });
    queue(t, 4, 0);
    expectSegments(t, at(0), 2);
    t.peer.send('A', { ack: at(2), win: 0 });
    const { rto } = t.info()!;
    expect(t.wait()).toBe(rto);
    t.expect('A', { seq: at(2), len: 1 });
  });

  test('in CLOSE-WAIT too', () => {
    const t = closeWait(target);
    t.peer.send('A', { win: 0 });
    t.send('hello');
    expect(probe(t)).toBe(target.rto);
  });

  test('text and FIN wait together for the window', () => {
    const t = closed(target);
    t.shutdown(1);
    expect(probe(t)).toBe(target.rto);
    t.peer.send('A', { ack: 1, win: 100 });
    t.expect('FA', { seq: 1, text: 'hello' });
  });

  test('a FIN alone needs no window', () => {
    const t = established(target);
    t.peer.send('A', { win: 0 });
    t.shutdown(1);
    t.expect('FA', { seq: 1 });
    t.peer.send('A', { win: 0 });
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('6429-1 zwp-abortable: RFC 6429, the owner may give up', () => {
    const t = closed(target);
    probe(t);
    t.abort();
    t.expect('RA');
    expect(t.state()).toBe('CLOSED');
  });

  test('RFC 6429: nobody owns it any more: answers to probes do not keep it for ever', () => {
    const t = closed(target);
    t.close();
    t.silence();
    let probes = 0;
    while (t.state() !== 'CLOSED') {
      expect(t.now).toBeLessThan(3 * USER_TIMEOUT);
      t.advance(1_000);
      for (const segment of t.peer.heard.splice(0)) {
        if (segment.flags.includes('R')) continue;
        probes++;
        t.peer.send('A', { ack: 1, win: 0 });
      }
    }
    expect(probes).toBeGreaterThan(5);
  });
});

describe.each(targets)('RFC 9293 §3.8.6 a window that shrinks: $name', (target) => {
  /** Four segments are out, and the peer takes back all but `win` octets of the window. */
  function shrunk(win: number): Dialogue {
    const t = small(target);
    queue(t, 4, 0);
    expectSegments(t, at(0), 4);
    t.peer.send('A', { ack: at(0), win });
    queue(t, 4, 4 * SMSS);
    return t;
  }

  test('MUST-34 window-shrink-survived, SHLD-15 window-shrink-no-new-data: nothing new is sent beyond the edge', () => {
    const t = shrunk(2 * SMSS);
    t.silence();
    t.peer.send('A', { ack: at(1), win: 2 * SMSS });
    t.silence();
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('SHLD-16 window-shrink-rexmit-inside: what lies in the new window is retransmitted as ever', () => {
    const t = shrunk(2 * SMSS);
    expect(t.wait()).toBe(target.rto);
    expectSegments(t, at(0), 1);
    t.peer.send('A', { ack: at(1), win: SMSS });
    expectSegments(t, at(1), 1);
    t.silence();
  });

  test('MUST-35 window-shrink-to-zero-probed: probes from SND.UNA on', () => {
    const t = shrunk(0);
    expect(t.wait()).toBe(target.rto);
    t.expect('A', { seq: at(0), len: 1 });
    t.peer.send('A', { ack: at(0), win: 0 });
    expect(t.wait()).toBe(2 * target.rto);
    t.expect('A', { seq: at(0), len: 1 });
  });

  test('SHLD-17 window-shrink-no-timeout: what is out beyond the edge does not time the connection out', () => {
    const t = shrunk(0);
    while (t.now < 3 * USER_TIMEOUT) {
      t.wait();
      t.expect('A', { seq: at(0), len: 1 });
      t.peer.send('A', { ack: at(0), win: 0 });
    }
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('SHLD-17 window-shrink-no-timeout: nor when part of it was taken first', () => {
    const t = shrunk(4 * SMSS);
    t.peer.send('A', { ack: at(2), win: 0 });
    while (t.now < 3 * USER_TIMEOUT) {
      t.wait();
      t.expect('A', { seq: at(2), len: 1 });
      t.peer.send('A', { ack: at(2), win: 0 });
    }
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('it opens again: all is sent from SND.UNA on', () => {
    const t = shrunk(0);
    t.wait();
    t.expect('A', { seq: at(0), len: 1 });
    t.peer.send('A', { ack: at(0), win: 0xffff });
    let sent = 0;
    for (let turn = 0; turn < 20 && sent < 8 * SMSS; turn++) {
      for (const segment of t.peer.heard.splice(0)) {
        const from = (segment.seq - t.peer.iss - 1) >>> 0;
        expect(segment.text).toBe(octets(segment.text.length, from));
        sent = Math.max(sent, from + segment.text.length);
      }
      t.peer.send('A', { ack: 1 + sent });
    }
    expect(sent).toBe(8 * SMSS);
    t.silence(100_000);
  });

  test('a smaller window in an older segment is not believed', () => {
    const t = small(target);
    t.peer.send('A', { text: 'new', win: 0xffff });
    t.advance(200);
    t.forget();
    t.peer.send('A', { seq: 1, win: 0 });
    t.expect('A', { ack: 4, len: 0 });
    queue(t, 2, 0);
    expectSegments(t, at(0), 2);
  });
});

describe.each(targets)('RFC 9293 §3.4, §3.8.6.1 our own window is closed: $name', (target) => {
  function full(): { t: Dialogue; next: number } {
    const t = established(target);
    for (let seq = 1; seq <= target.ring; seq += target.mss) {
      const len = Math.min(target.mss, target.ring + 1 - seq);
      t.peer.send('A', { seq, text: octets(len, seq - 1) });
    }
    t.advance(200);
    t.forget();
    expect(t.info()!.rcvWnd).toBe(0);
    return { t, next: target.ring + 1 };
  }

  test('zwp-answered: a probe gets an ACK that names the octet and the window', () => {
    const { t, next } = full();
    for (let i = 0; i < 10; i++) {
      t.peer.send('A', { seq: next, text: 'x' });
      t.expect('A', { seq: 1, ack: next, win: 0 });
      t.silence(1_000);
    }
    expect(t.recv()).toBe(octets(target.ring));
    t.forget();
  });

  test('MAY-8 receiver-zero-window-forever: and it may stay closed', () => {
    const { t, next } = full();
    for (let i = 0; i < 100; i++) {
      t.advance(60_000);
      t.peer.send('A', { seq: next, text: 'x' });
      t.expect('A', { ack: next, win: 0 });
    }
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('MUST-66 zero-window-processes-rst-urg-ack: an ACK in a probe counts', () => {
    const { t, next } = full();
    t.send('question');
    t.expect('A', { text: 'question' });
    t.peer.send('A', { seq: next, text: 'x' });
    t.expect('A', { ack: next });
    expect(t.info()!.sendQueue).toBe(0);
    t.silence(10_000);
  });

  test('MUST-66 zero-window-processes-rst-urg-ack: a RST counts', () => {
    const { t, next } = full();
    t.peer.send('R', { seq: next });
    expect(t.state()).toBe('CLOSED');
    expect(t.getsockopt(Option.SO_ERROR)).toBe(104);
  });

  test('MUST-66 zero-window-processes-rst-urg-ack: urgent data is announced', () => {
    const { t, next } = full();
    t.peer.send('AU', { seq: next, up: 5 });
    t.forget();
    expect((t.ready() as number) & Ready.Urgent).toBe(Ready.Urgent);
  });

  test('the probe that comes when there is room again is taken', () => {
    const { t, next } = full();
    t.peer.send('A', { seq: next, text: 'x' });
    t.expect('A', { ack: next, win: 0 });
    t.recv();
    t.expect('A', { ack: next, win: target.ring });
    t.peer.send('A', { seq: next, text: 'xyz' });
    t.advance(200);
    t.expect('A', { ack: next + 3 });
    expect(t.recv()).toBe('xyz');
  });
});
