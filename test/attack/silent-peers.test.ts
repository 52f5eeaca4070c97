// SPDX-License-Identifier: MIT
// Peers that hold connections and give nothing: never acknowledge, never read, say an octet now and then, shrink their
// window, or keep everything idle for ever. They have all the connections of a program; an honest client comes and tries
// again as TCP does. How long he waits: the policy is in tcp/tcbs.ts, `take`, and PROGRAM_YIELD in config.

import { describe, expect, test } from 'vitest';
import { targets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';
import { open } from '../vocabulary.ts';
import type { Peer } from '../support/peer.ts';
import { expectFigure } from './figures.ts';

const ECHO = 7;
const CHARGEN = 19;
const HTTP = 80;
/** Honest clients repeat their SYN after 1, 2, 4 s …, RFC 6298: looked at each of these seconds. */
const TRIES = 40;

interface Siege {
  t: Dialogue;
  holders: Peer[];
}

/** Every connection is held by a peer at `program`. */
function siege(target: Target, program: number): Siege {
  const t = open(target);
  const holders = Array.from({ length: target.connections }, (_, i) => {
    const peer = t.addPeer({ port: 50_001 + i, localPort: program });
    peer.send('S');
    peer.expect('SA');
    peer.send('A');
    return peer;
  });
  t.forget();
  return { t, holders };
}

/**
 * Seconds until an honest client at `program` is served, from his SYN: text, or the echo of his. `meanwhile` is what the holders
 * do each second. Infinity: not within TRIES.
 */
function timeToService({ t, holders }: Siege, program: number, meanwhile: (second: number) => void): number {
  const from = t.now;
  const honest = t.addPeer({ port: 60_000, localPort: program });
  const request = program === HTTP ? 'GET /chargen/5 HTTP/1.0\r\n\r\n' : 'hello';
  honest.send('S');
  let isAnswered = false;
  for (let second = 0; second < TRIES; second++) {
    for (let tenth = 0; tenth < 10; tenth++) {
      const heard = honest.heard.splice(0);
      if (heard.some(({ text }) => text.length > 0)) {
        t.forget();
        return (t.now - from) / 1000;
      }
      if (heard.some(({ flags }) => flags.includes('S'))) isAnswered = true;
      t.advance(100);
    }
    for (const peer of holders) peer.heard.length = 0;
    meanwhile(second);
    // Its ACK with the request, again and again, as long as the connection seems to be there.
    if (isAnswered) honest.send('PA', { seq: 1, ack: 1, text: request });
    else honest.send('S', { seq: 0 });
  }
  t.forget();
  return Infinity;
}

function record(name: string, rate: string, seconds: number): void {
  expectFigure({
    attack: name,
    rate,
    measure: 'seconds until an honest client is served',
    undisturbed: '-',
    attacked: Number.isFinite(seconds) ? seconds.toFixed(0) : `more than ${TRIES}`,
  });
}

describe.each(targets.filter(({ connections }) => connections < 64))('$name', (target) => {
  const isFirst = target.name === 'default on v8';

  test.each([
    [ECHO, 'echo'],
    [CHARGEN, 'chargen'],
    [HTTP, 'HTTP'],
  ])('port %i, all idle for ever', (program, name) => {
    const held = siege(target, program);
    const seconds = timeToService(held, program, () => {});
    expect(seconds).toBeLessThanOrEqual(15);
    if (isFirst) record(`all connections idle, ${name}`, 'for ever', seconds);
  });

  test('chargen, peers that never acknowledge a thing', () => {
    const held = siege(target, CHARGEN);
    held.t.advance(3_000);
    const seconds = timeToService(held, CHARGEN, () => {});
    expect(seconds).toBeLessThanOrEqual(15);
    if (isFirst) record('peers that never acknowledge', 'for ever', seconds);
  });

  test('chargen, peers whose window is zero for ever: they answer every probe', () => {
    const held = siege(target, CHARGEN);
    const answer = (): void => {
      for (const peer of held.holders) peer.send('A', { win: 0 });
    };
    answer();
    held.t.advance(1_000);
    answer();
    let last = 0;
    const seconds = timeToService(held, CHARGEN, (second) => {
      // Once for each probe; probes back off to a minute.
      if (second < 2 * last + 1) return;
      last = second;
      answer();
    });
    expect(seconds).toBeLessThanOrEqual(30);
    if (isFirst) record('peers that never read, zero window', 'each probe answered', seconds);
  });

  test('chargen, peers that shrink their window to nothing and say so every second', () => {
    const held = siege(target, CHARGEN);
    const seconds = timeToService(held, CHARGEN, (second) => {
      for (const peer of held.holders) peer.send('A', { win: Math.max(0, 5 - second) });
    });
    expect(seconds).toBeLessThanOrEqual(30);
    if (isFirst) record('peers that shrink their window', 'an ACK a second each', seconds);
  });

  test('echo, peers that say an ACK every second and nothing else', () => {
    const held = siege(target, ECHO);
    const seconds = timeToService(held, ECHO, () => {
      for (const peer of held.holders) peer.send('A');
    });
    expect(seconds).toBeLessThanOrEqual(30);
    if (isFirst) record('idle peers with keep-alives, echo', 'an ACK a second each', seconds);
  });

  test('HTTP, a header line without an end, an octet every five seconds (Slowloris)', () => {
    const held = siege(target, HTTP);
    for (const peer of held.holders) peer.send('PA', { text: 'GET / HTTP/1.1\r\nHost: b\r\nX: ' });
    const seconds = timeToService(held, HTTP, (second) => {
      if (second % 5 === 0) for (const peer of held.holders) peer.send('PA', { text: 'a' });
    });
    expect(seconds).toBeLessThanOrEqual(30);
    if (isFirst) record('Slowloris, HTTP', 'an octet in 5 s each', seconds);
  });

  test('HTTP, a whole request and then an answer that is taken an octet a second', () => {
    const held = siege(target, HTTP);
    for (const peer of held.holders) {
      peer.win = 1;
      peer.send('PA', { win: 1, text: 'GET /chargen/100000 HTTP/1.1\r\nHost: b\r\n\r\n' });
    }
    const seconds = timeToService(held, HTTP, () => {
      for (const peer of held.holders) peer.send('A', { win: 1 });
    });
    expect(seconds).toBeLessThanOrEqual(30);
    if (isFirst) record('answers read an octet at a time, HTTP', 'an octet a second each', seconds);
  });
});
