// SPDX-License-Identifier: MIT
// RFC 6582, NewReno: fast recovery of a peer without SACK from several losses in one window, and what keeps old duplicates from
// starting it. Of the window in the meantime RFC 9937 has the say.

import { describe, expect, test } from 'vitest';
import { at, drain, duplicates, expectSegments, flying, queue, small, SMSS } from '../support/flight.ts';
import { newReno, octets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/**
 * Recovery has begun: ten segments are out from `una` on (eight, and two of limited transmit), the first was sent again,
 * ssthresh is four segments; seven are in the network.
 */
function recovering(target: Target): { t: Dialogue; una: number; recover: number } {
  const { t, base } = flying(target, 8);
  duplicates(t, at(base), 3);
  expectSegments(t, at(12), 2);
  expectSegments(t, at(base), 1);
  return { t, una: base, recover: 14 };
}

describe.each(newReno)('RFC 6582 §3.2 partial acknowledgments: $name', (target) => {
  test('6582-1 newreno-partial-ack: the next hole is sent again at once, without duplicates', () => {
    const { t, una } = recovering(target);
    t.peer.send('A', { ack: at(una + 3) });
    expectSegments(t, at(una + 3), 1);
    t.silence();
    t.peer.send('A', { ack: at(una + 5) });
    expectSegments(t, at(una + 5), 1);
    t.silence();
    expect(t.info()!.recovery).toBe(1);
    expect(t.counter('TcpFastRetransmits')).toBe(1);
  });

  test('6582-1 newreno-partial-ack: cwnd is deflated to what is left in the network, and a segment added', () => {
    const { t, una } = recovering(target);
    t.peer.send('A', { ack: at(una + 3) });
    t.forget();
    // Three were acknowledged; two of them were held already. The next is lost.
    expect(t.info()!.cwnd).toBe((7 - 1 - 1 + 1) * SMSS);
  });

  test('6582-1 newreno-partial-ack: of less than a segment: it is deflated by that, and nothing is sent', () => {
    const { t, una } = recovering(target);
    t.peer.send('A', { ack: at(una) + 40 });
    t.silence();
    expect(t.info()!.cwnd).toBe(7 * SMSS - 40);
  });

  test('6582-1 newreno-partial-ack: ssthresh stays: one reduction for all losses of a window', () => {
    const { t, una } = recovering(target);
    for (let n = 1; n <= 3; n++) t.peer.send('A', { ack: at(una + 2 * n) });
    t.forget();
    expect(t.info()!.ssthresh).toBe(4 * SMSS);
  });

  test('6582-1 newreno-partial-ack: new text follows when the deflated window permits', () => {
    const { t, una } = recovering(target);
    duplicates(t, at(una), 5);
    // Ten were out, eight are held: four may be in the network.
    expectSegments(t, at(14), 2);
    t.peer.send('A', { ack: at(una + 2) });
    // Ten are out from the new SND.UNA on, seven are held, one is lost.
    expectSegments(t, at(una + 2), 1);
    expectSegments(t, at(16), 1);
    t.silence();
  });

  test('6582-1 newreno-partial-ack: the first restarts the timer, the next do not ("impatient")', () => {
    const { t, una } = recovering(target);
    const { rto } = t.info()!;
    const part = Math.floor(rto / 3);
    t.advance(part);
    t.peer.send('A', { ack: at(una + 2) });
    expectSegments(t, at(una + 2), 1);
    t.advance(part);
    t.peer.send('A', { ack: at(una + 4) });
    expectSegments(t, at(una + 4), 1);
    expect(t.wait()).toBe(rto - part);
    expectSegments(t, at(una + 4), 1);
    expect(t.info()).toMatchObject({ recovery: 2, cwnd: SMSS });
  });

  test('fast retransmit restarts the timer: the retransmission has a whole RTO', () => {
    const { t, base } = flying(target, 8);
    const { rto } = t.info()!;
    t.advance(rto - 100);
    duplicates(t, at(base), 3);
    t.forget();
    expect(t.wait()).toBe(rto);
    expectSegments(t, at(base), 1);
  });
});

describe.each(newReno)('RFC 6582 §3.2 full acknowledgment: $name', (target) => {
  test('6582-2 newreno-full-ack, 9937-4 prr-exit: ends recovery, cwnd = ssthresh', () => {
    const { t, recover } = recovering(target);
    t.peer.send('A', { ack: at(recover) });
    expectSegments(t, at(recover), 4);
    t.silence();
    expect(t.info()).toMatchObject({ recovery: 0, cwnd: 4 * SMSS });
  });

  test('6582-2 newreno-full-ack: with text in flight too', () => {
    const { t, una, recover } = recovering(target);
    duplicates(t, at(una), 6);
    expectSegments(t, at(14), 3);
    t.peer.send('A', { ack: at(recover) });
    expectSegments(t, at(17), 1);
    t.silence();
    expect(t.info()).toMatchObject({ recovery: 0, cwnd: 4 * SMSS });
  });

  test('6582-2 newreno-full-ack: one octet less is partial', () => {
    const { t, recover } = recovering(target);
    t.peer.send('A', { ack: at(recover) - 1 });
    expect(t.info()!.recovery).toBe(1);
    t.expect('A', { seq: at(recover) - 1, text: octets(1, at(recover) - 2) });
    t.forget();
  });

  test('6582-2 newreno-full-ack: the timer runs anew for what is in flight beyond, as for any new ACK', () => {
    const { t, una, recover } = recovering(target);
    duplicates(t, at(una), 6);
    expectSegments(t, at(14), 3);
    const part = Math.floor(t.info()!.rto / 3);
    t.advance(part);
    t.peer.send('A', { ack: at(una + 2) });
    t.forget();
    t.advance(part);
    t.peer.send('A', { ack: at(recover) });
    t.forget();
    const { rto } = t.info()!;
    expect(t.wait()).toBe(rto);
    expectSegments(t, at(recover), 1);
  });
});

describe.each(newReno)('RFC 6582 §3.2 step 4 and §4, after a timeout: $name', (target) => {
  test('a timeout ends recovery', () => {
    const { t, una } = recovering(target);
    t.wait();
    expectSegments(t, at(una), 1);
    expect(t.info()).toMatchObject({ recovery: 2, cwnd: SMSS });
  });

  test('6582-3 newreno-no-refrexmit-after-rto: duplicates below what had been sent by then start no fast retransmit', () => {
    const { t, base } = flying(target, 8);
    t.wait();
    expectSegments(t, at(base), 1);
    t.peer.send('A', { ack: at(base + 2) });
    expectSegments(t, at(base + 2), 2);
    // What is sent again was not lost: it brings duplicates.
    duplicates(t, at(base + 2), 6);
    expect(t.counter('TcpFastRetransmits')).toBe(0);
    expect(t.info()!.recovery).toBe(2);
    t.forget();
  });

  test('6582-3 newreno-no-refrexmit-after-rto: nor do they send anything twice more', () => {
    const { t, base } = flying(target, 8);
    t.wait();
    expectSegments(t, at(base), 1);
    t.peer.send('A', { ack: at(base + 2) });
    expectSegments(t, at(base + 2), 2);
    duplicates(t, at(base + 2), 6);
    t.silence();
  });

  test('beyond it a new loss is answered again', () => {
    const { t, base } = flying(target, 8);
    t.wait();
    expectSegments(t, at(base), 1);
    t.peer.send('A', { ack: at(base + 8) });
    const end = drain(t);
    t.send(octets(4 * SMSS, end));
    t.forget();
    t.peer.send('A', { ack: end + 1 + SMSS });
    t.forget();
    duplicates(t, end + 1 + SMSS, 3);
    t.expect('A', { seq: end + 1 + SMSS, len: SMSS });
    expect(t.counter('TcpFastRetransmits')).toBe(1);
  });

  test('after recovery too: a second loss of a later window', () => {
    const { t, recover } = recovering(target);
    t.peer.send('A', { ack: at(recover) });
    const end = drain(t);
    t.send(octets(4 * SMSS, end));
    t.forget();
    t.peer.send('A', { ack: end + 1 + SMSS });
    t.forget();
    duplicates(t, end + 1 + SMSS, 3);
    t.expect('A', { seq: end + 1 + SMSS, len: SMSS });
    expect(t.counter('TcpFastRetransmits')).toBe(2);
  });

  test('before any loss: duplicates of the first segment count', () => {
    const t = small(target);
    queue(t, 4, 0);
    expectSegments(t, at(0), 4);
    duplicates(t, at(0), 3);
    expectSegments(t, at(0), 1);
  });
});
