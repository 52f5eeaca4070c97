// SPDX-License-Identifier: MIT
// RFC 9293 Figure 5: every edge of the table in support/figure-5.ts is walked once here. Every dialogue of the suite is
// watched besides: a transition that the table does not have fails the test that caused it.

import { expect, test } from 'vitest';
import { BY_COOKIE, BY_PROGRAM, COMPOSITE, FIGURE_5, TransitionWatch, UNDRAWN } from '../support/figure-5.ts';
import {
  closeWait,
  closing,
  established,
  establishedActive,
  finWait1,
  finWait2,
  inState,
  lastAck,
  MSL,
  synReceived,
  synReceivedActive,
  synSent,
  targets,
  timeWait,
} from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** What leads along each edge. */
const walks: Record<string, (target: Target) => Dialogue> = {
  'CLOSED → SYN-SENT': synSent,
  'LISTEN → SYN-RECEIVED': synReceived,
  'SYN-SENT → SYN-RECEIVED': synReceivedActive,
  'SYN-SENT → ESTABLISHED': establishedActive,
  'SYN-SENT → CLOSED': (target) => after(synSent(target), (t) => t.close()),
  'SYN-RECEIVED → LISTEN': (target) => after(synReceived(target), (t) => t.peer.send('R')),
  'SYN-RECEIVED → ESTABLISHED': established,
  'SYN-RECEIVED → FIN-WAIT-1': (target) =>
    after(synReceivedActive(target), (t) => {
      t.close();
      t.peer.send('A');
    }),
  'ESTABLISHED → FIN-WAIT-1': finWait1,
  'ESTABLISHED → CLOSE-WAIT': closeWait,
  'FIN-WAIT-1 → FIN-WAIT-2': finWait2,
  'FIN-WAIT-1 → CLOSING': closing,
  'FIN-WAIT-1 → TIME-WAIT': (target) => after(finWait1(target), (t) => t.peer.send('FA')),
  'FIN-WAIT-2 → TIME-WAIT': timeWait,
  'CLOSING → TIME-WAIT': (target) => after(closing(target), (t) => t.peer.send('A')),
  'CLOSE-WAIT → LAST-ACK': lastAck,
  'LAST-ACK → CLOSED': (target) => after(lastAck(target), (t) => t.peer.send('A')),
  'TIME-WAIT → CLOSED': (target) => after(timeWait(target), (t) => t.advance(2 * MSL)),
};

function after(t: Dialogue, step: (t: Dialogue) => unknown): Dialogue {
  step(t);
  return t;
}

test('the walks are the edges of the figure', () => {
  expect(Object.keys(walks).sort()).toEqual(Object.keys(FIGURE_5).sort());
});

test.each(Object.entries(walks))('%s', (edge, walk) => {
  for (const target of targets) {
    const t = walk(target);
    expect(t.watch.seen.at(-1)).toBe(edge);
    t.forget();
  }
});

test.each(UNDRAWN)('%s, by a reset', (edge) => {
  const state = edge.split(' ')[0] as keyof typeof inState;
  for (const target of targets) {
    const t = state === 'SYN-RECEIVED' ? synReceivedActive(target) : inState[state](target);
    t.peer.send('R');
    expect(t.watch.seen.at(-1)).toBe(edge);
  }
});

test('each step of several is made of edges of the figure', () => {
  for (const [step, edges] of Object.entries(BY_COOKIE)) {
    expect(edges.every((edge) => edge in FIGURE_5)).toBe(true);
    expect(edges[0]).toBe('LISTEN → SYN-RECEIVED');
    expect(edges.at(-1)!.split(' → ')[1]).toBe(step.split(' → ')[1]);
  }
  for (const [step, [first, second]] of Object.entries({ ...COMPOSITE, ...BY_PROGRAM })) {
    expect([first! in FIGURE_5, second! in FIGURE_5]).toEqual([true, true]);
    expect(`${first!.split(' → ')[0]} → ${second!.split(' → ')[1]}`).toBe(step);
    expect(first!.split(' → ')[1]).toBe(second!.split(' → ')[0]);
  }
});

test('the watcher finds what the figure does not have', () => {
  const watch = new TransitionWatch();
  const at = (state: string, iss = 1) => ({ state, iss, key: 'a' });
  watch.observe([at('SYN-SENT')]);
  watch.observe([at('ESTABLISHED')]);
  expect(() => watch.observe([at('LAST-ACK')])).toThrow('ESTABLISHED → LAST-ACK');
  expect(() => new TransitionWatch().observe([at('ESTABLISHED')])).toThrow('CLOSED → ESTABLISHED');
  new TransitionWatch().observe([at('ESTABLISHED')], () => 1);
  const other = new TransitionWatch();
  other.observe([at('SYN-RECEIVED')]);
  other.observe([at('SYN-SENT', 2)]);
  expect(other.seen).toEqual(['LISTEN → SYN-RECEIVED', 'SYN-RECEIVED → LISTEN', 'CLOSED → SYN-SENT']);
});
