// SPDX-License-Identifier: MIT
// Peers that lie with acknowledgments, Savage et al. 1999 and RFC 5961 §5: divided, duplicated, optimistic, and about
// blocks that never came (RFC 2018) or came twice (RFC 2883). A liar may harm his own transfer; he gets no more out of the
// sender than his windows allow, and ends that disagree fall silent.

import { describe, expect, test } from 'vitest';
import { at, queue, selective, selectiveFlight, small, SMSS } from '../support/flight.ts';
import { established, fullTargets, octets, selectiveTargets, targets } from '../vocabulary.ts';
import { expectFigure } from './figures.ts';

describe.each(targets)('the ACK field: $name', (target) => {
  test('ACK division: an ACK for each octet opens the window by no more than one for all', () => {
    const grown = (pieces: number): number => {
      const t = small(target);
      queue(t, target.initialWindow, 0);
      t.forget();
      for (let i = 1; i <= pieces; i++)
        t.peer.send('A', { ack: 1 + Math.floor((target.initialWindow * SMSS * i) / pieces) });
      const { cwnd } = t.info()!;
      t.forget();
      return cwnd - target.initialWindow * SMSS;
    };
    const fair = grown(target.initialWindow);
    const divided = grown(target.initialWindow * SMSS);
    expect(divided).toBeLessThanOrEqual(fair);
    if (target.name === 'default on v8')
      expectFigure({
        attack: 'ACK division, in slow start',
        rate: `${target.initialWindow * SMSS} ACKs for ${target.initialWindow} segments`,
        measure: 'growth of cwnd, octets',
        undisturbed: String(fair),
        attacked: String(divided),
      });
  });

  test('duplicates by the thousand: no more leaves than was in flight and a window of new text', () => {
    const t = small(target);
    queue(t, 3 * target.initialWindow, 0);
    t.forget();
    let sent = 0;
    for (let i = 0; i < 1_000; i++) {
      t.peer.send('A', { ack: 1 });
      sent += t.peer.heard.splice(0).length;
    }
    // One retransmission, and what was queued once.
    expect(sent).toBeLessThanOrEqual(1 + 2 * target.initialWindow);
    if (target.name === 'default on v8')
      expectFigure({
        attack: 'duplicate acknowledgments, spoofed',
        rate: '1,000 at once',
        measure: `segments sent, of ${2 * target.initialWindow} that wait`,
        undisturbed: '0',
        attacked: String(sent),
      });
    // The stream is whole for all that.
    t.peer.send('A', { ack: at(target.initialWindow) });
    t.forget();
    expect(t.state()).toBe('ESTABLISHED');
  });

  test('optimistic ACKs beyond what was sent: not believed, and answered within the limit only', () => {
    const t = small(target);
    queue(t, target.initialWindow, 0);
    t.forget();
    for (let i = 1; i <= 1_000; i++) t.peer.send('A', { ack: at(target.initialWindow) + i });
    const answers = t.peer.heard.splice(0).length;
    expect(answers).toBe(5);
    expect(t.info()!).toMatchObject({ sndUna: 1, cwnd: target.initialWindow * SMSS });
    if (target.name === 'default on v8')
      expectFigure({
        attack: 'optimistic ACKs, beyond SND.NXT',
        rate: '1,000 at once',
        measure: 'believed; ACKs that answer',
        undisturbed: '-',
        attacked: `0; ${answers}`,
      });
  });

  test('optimistic ACKs ahead of what arrived: each sets free what it acknowledges, and no more', () => {
    const t = small(target);
    const total = target.ring - (target.ring % SMSS);
    queue(t, total / SMSS, 0);
    let acknowledged = 0;
    let heard = t.peer.heard.splice(0).length * SMSS;
    while (heard < total) {
      acknowledged = Math.min(acknowledged + SMSS, heard);
      const before = heard;
      t.peer.send('A', { ack: 1 + acknowledged });
      heard += t.peer.heard.splice(0).length * SMSS;
      expect(heard - before).toBeLessThanOrEqual(2 * SMSS); // slow start
    }
  });
});

describe.each(targets)('ends that disagree: $name', (target) => {
  test('an ACK answered by an ACK: two such ends fall silent after the limit, and are heard again in the next second', () => {
    const t = established(target);
    let said = 0;
    for (let second = 0; second < 5; second++) {
      // The other end's numbers are not ours: each ACK of ours makes it send its own at once.
      t.peer.send('A', { seq: 100_000, ack: 50_000 });
      while (t.peer.heard.length > 0) {
        said += t.peer.heard.splice(0).length;
        expect(said).toBeLessThanOrEqual(5 * (second + 1));
        t.peer.send('A', { seq: 100_000, ack: 50_000 });
      }
      t.silence(1_000);
    }
    expect(said).toBe(25);
    if (target.name === 'default on v8')
      expectFigure({
        attack: 'ACK storm, ends that disagree',
        rate: 'each ACK answered at once',
        measure: 'ACKs a second',
        undisturbed: '0',
        attacked: String(said / 5),
      });
    t.peer.send('PA', { text: 'hello' });
    t.advance(100);
    t.forget();
    expect(t.recv()).toBe('hello');
  });
});

describe.each(selectiveTargets)('SACK: $name', (target) => {
  test('blocks of what was never sent, or long acknowledged, backwards, empty: nothing is believed', () => {
    const { t, una, nxt } = selectiveFlight(target);
    const before = t.info()!;
    const lies: [number, number][] = [
      [at(nxt), at(nxt + 1)],
      [at(nxt) - 1, at(nxt) + 1],
      [at(una) - 1, at(nxt)],
      [at(una + 2), at(una + 1)],
      [at(una + 1), at(una + 1)],
      [at(una + 1) + 2 ** 31, at(una + 2) + 2 ** 31],
    ];
    for (const lie of lies)
      t.peer.send('A', { ack: at(una), sack: [[at(nxt) + 5_000, at(nxt) + 6_000], lie] });
    expect(t.info()!).toMatchObject({ sacked: 0, lost: 0, sndUna: before.sndUna });
    t.forget();
  });

  test('all but the first is claimed and forgotten again: RFC 2018 §8, the timeout sends everything once more', () => {
    const { t, una, nxt } = selectiveFlight(target);
    t.peer.send('A', { ack: at(una), sack: [[at(una + 1), at(nxt)]] });
    t.advance(2_000);
    t.forget();
    // The liar acknowledges the first and nothing more: what he claimed must come again, in order, to the end.
    const from = t.info()!.sndUna;
    let heard = from;
    for (let i = 0; i < 400 && t.info()!.sendQueue > 0; i++) {
      t.peer.send('A', { ack: heard });
      if (t.peer.heard.length === 0 && t.info()!.sendQueue > 0) t.wait(70_000);
      for (const segment of t.peer.heard.splice(0)) {
        const seq = (segment.seq - t.peer.iss) >>> 0;
        expect(segment.text).toBe(octets(segment.text.length, seq - 1));
        if (seq === heard) heard += segment.text.length;
      }
    }
    expect(heard - 1).toBe(SMSS * (5 * target.initialWindow - 1));
    t.forget();
  });

  test('claims by the thousand cost a bounded number of segments', () => {
    const { t, una, nxt } = selectiveFlight(target);
    let sent = 0;
    for (let i = 0; i < 1_000; i++) {
      const first = una + 1 + (i % (nxt - una - 1));
      t.peer.send('A', { ack: at(una), sack: [[at(first), at(first) + 1 + (i % SMSS)]] });
      sent += t.peer.heard.splice(0).length;
    }
    // Each segment in flight at most once more, and each that waits.
    expect(sent).toBeLessThanOrEqual(nxt - una + 2 * target.initialWindow);
    if (target.name === 'default on v8')
      expectFigure({
        attack: 'SACK lies',
        rate: '1,000 at once',
        measure: 'segments sent',
        undisturbed: '0',
        attacked: String(sent),
      });
    t.forget();
  });

  test('reports of duplicates by the thousand: a loss after them is repaired within two round trips and the RTO', () => {
    const repair = (reports: number): number => {
      const { t, una, nxt } = selectiveFlight(target);
      for (let i = 0; i < reports; i++) {
        t.peer.send('A', { ack: at(una), sack: [[at(una) - SMSS, at(una)]] });
      }
      t.forget();
      const from = t.now;
      t.peer.send('A', { ack: at(una), sack: [[at(una + 1), at(nxt)]] });
      if (t.peer.heard.length === 0) t.wait();
      expect((t.peer.heard[0]!.seq - t.peer.iss) >>> 0).toBe(at(una));
      const took = t.now - from;
      t.forget();
      return took;
    };
    const peace = repair(0);
    const attacked = repair(1_000);
    expect(attacked).toBeLessThanOrEqual(1_100);
    if (target.name === 'default on v8')
      expectFigure({
        attack: 'D-SACK flood',
        rate: '1,000 at once',
        measure: 'ms until a loss is repaired',
        undisturbed: String(peace),
        attacked: String(attacked),
      });
  });
});

describe.each(fullTargets)('CUBIC: $name', (target) => {
  test('ACK division in avoidance: an ACK for each octet opens the window by no more than one for all', () => {
    const grown = (pieces: number): number => {
      const { t, una, nxt } = selectiveFlight(target);
      t.peer.send('A', { ack: at(una), sack: [[at(una + 1), at(nxt)]] }); // a loss: slow start is over
      t.advance(40);
      t.peer.send('A', { ack: at(nxt) });
      t.forget();
      const before = t.info()!;
      const out = before.sndNxt - before.sndUna;
      for (let i = 1; i <= pieces; i++)
        t.peer.send('A', { ack: before.sndUna + Math.floor((out * i) / pieces) });
      t.forget();
      return t.info()!.cwnd - before.cwnd;
    };
    expect(grown(1_000)).toBeLessThanOrEqual(grown(10) + SMSS);
  });
});

describe('NewReno', () => {
  test.each(targets.filter(({ isFull }) => !isFull))(
    'ACK division in avoidance: what is in flight stays within the send ring: $name',
    (target) => {
      const t = selective({ ...target });
      queue(t, Math.floor(target.ring / SMSS), 0);
      t.forget();
      for (let ack = 1; t.info()!.sendQueue > 0; ack++) {
        t.peer.send('A', { ack: Math.min(ack, t.peer.heardUpTo) });
        t.forget();
        const { sndNxt, sndUna } = t.info()!;
        expect(sndNxt - sndUna).toBeLessThanOrEqual(target.ring);
      }
    },
  );
});
