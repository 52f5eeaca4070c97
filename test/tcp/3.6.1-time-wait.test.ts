// SPDX-License-Identifier: MIT
// RFC 9293 §3.6.1 and §3.10.8: TIME-WAIT, its 2 MSL, and how it ends sooner: by a new SYN (MAY-2). Where it is kept when
// nobody owns it: time-wait-records.test.ts.

import { describe, expect, test } from 'vitest';
import { established, finWait2, MSL, octets, targets, timeWait } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** TIME-WAIT that no socket holds; there is a listener on the port. */
function timeWaitUnowned(target: Target): Dialogue {
  const t = established(target);
  t.close();
  t.expect('FA', { seq: 1 });
  t.peer.send('FA', { ack: 2 });
  t.expect('A', { seq: 2, ack: 2 });
  expect(t.state()).toBe('TIME-WAIT');
  return t;
}

describe.each(targets)('3.6.1 TIME-WAIT: $name', (target) => {
  test('MUST-13 timewait-lasts-2msl: to the millisecond', () => {
    for (const begin of [timeWait, timeWaitUnowned]) {
      const t = begin(target);
      t.silence(2 * MSL - 1);
      expect(t.state()).toBe('TIME-WAIT');
      t.silence(1);
      expect(t.state()).toBe('CLOSED');
    }
  });

  test('the FIN again is acknowledged each time and begins the 2 MSL anew', () => {
    const t = timeWaitUnowned(target);
    for (let i = 0; i < 20; i++) {
      t.advance(50_000);
      t.peer.send('FA', { seq: 1, ack: 2 });
      t.expect('A', { seq: 2, ack: 2 });
    }
    t.silence(2 * MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
    t.silence(1);
    expect(t.state()).toBe('CLOSED');
  });

  test('the FIN again, with its text', () => {
    const t = finWait2(target);
    t.peer.send('FPA', { text: 'hello' });
    t.expect('A', { ack: 7 });
    t.advance(MSL);
    t.peer.send('FPA', { seq: 1, text: 'hello' });
    t.expect('A', { seq: 2, ack: 7 });
    t.silence(2 * MSL - 1);
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('old text is acknowledged and does not begin the 2 MSL anew', () => {
    const t = timeWaitUnowned(target);
    t.advance(MSL);
    t.peer.send('PA', { seq: -10, text: 'old' });
    t.expect('A', { seq: 2, ack: 2 });
    t.silence(MSL);
    expect(t.state()).toBe('CLOSED');
  });

  test('MAY-2 timewait-new-syn, 6191-1 timewait-syn-seq: a SYN beyond the old connection opens a new one', () => {
    const t = timeWaitUnowned(target);
    const oldIss = t.peer.iss;
    t.advance(10);
    t.peer.send('S', { seq: 3 });
    const syn = t.expect('SA', { seq: 0, ack: 4 });
    expect((syn.seq - oldIss) | 0).toBeGreaterThan(2);
    t.peer.send('A', { seq: 4, ack: 1 });
    expect(t.state()).toBe('ESTABLISHED');
    t.silence(2 * MSL);
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('MAY-2: the new ISS lies above all that the old connection sent, however fast that was', () => {
    const t = established(target);
    t.send(octets(target.ring));
    for (let rounds = 0; t.info()!.sendQueue > 0; rounds++) {
      expect(rounds).toBeLessThan(100);
      t.forget();
      t.peer.send('A');
    }
    t.close();
    t.forget();
    const last = (t.peer.iss + t.peer.heardUpTo) >>> 0;
    t.peer.send('FA');
    t.forget();
    expect(t.state()).toBe('TIME-WAIT');
    t.peer.send('S', { seq: 3 });
    const { seq } = t.peer.heard.shift()!;
    expect((seq - last) | 0).toBeGreaterThan(0);
  });

  test('6191-1 timewait-syn-old: a SYN from before the end of the old connection is acknowledged and ignored', () => {
    const t = timeWaitUnowned(target);
    for (const seq of [0, 1, -1000]) {
      t.peer.send('S', { seq });
      t.expect('A', { seq: 2, ack: 2 });
    }
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('a new SYN when nobody listens any more is challenged: it cannot open anything', () => {
    const t = timeWaitUnowned(target);
    t.call('close', t.listener);
    t.peer.send('S', { seq: 100 });
    t.expect('A', { seq: 2, ack: 2 });
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('a new SYN for a connection that a socket still holds is challenged', () => {
    const t = timeWait(target);
    t.peer.send('S', { seq: 100 });
    t.expect('A', { seq: 2, ack: 2 });
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('a SYN,ACK is no new SYN', () => {
    const t = timeWaitUnowned(target);
    t.peer.send('SA', { seq: 100 });
    t.expect('A', { seq: 2, ack: 2 });
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('1337-1 timewait-rst-ignored: a RST does not end it, wherever it lies', () => {
    for (const begin of [timeWait, timeWaitUnowned]) {
      const t = begin(target);
      for (const seq of [2, 3, 100, 1]) t.peer.send('R', { seq });
      t.silence();
      expect(t.state()).toBe('TIME-WAIT');
    }
  });

  test('one that a socket still holds stays', () => {
    const t = timeWait(target);
    for (let i = 0; i < target.connections; i++) {
      const peer = t.addPeer({ port: 50_001 + i });
      peer.send('S');
      peer.send('A');
    }
    t.forget();
    expect(t.counter('TcpListenDropped')).toBe(1);
    expect(t.state()).toBe('TIME-WAIT');
  });
});
