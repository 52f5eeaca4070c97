// SPDX-License-Identifier: MIT
// The scoreboard as a whole: transfers through a network in which segments and acknowledgments are lost, doubled and late, held
// against a model that knows every octet (test/support/lossy.ts). All of it arrives; sacked and lost are never more than is in
// flight; no more is in the network than cwnd lets; and, where the table has runs enough, what the peer has told of is known
// to the octet and never sent again.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../host/net/random.ts';
import { LossyReceiver } from '../support/lossy.ts';
import type { Weather } from '../support/lossy.ts';
import { octets, Option, selectiveTargets, synReceived } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

const TRANSFER = 12_000;
/** ms after which it should long be there, even when the timer has backed off to a minute a few times. */
const PATIENCE = 1_200_000;

const weather: fc.Arbitrary<Weather> = fc.record({
  loss: fc.constantFrom(0, 2, 10, 25),
  ackLoss: fc.constantFrom(0, 5, 20),
  duplicate: fc.constantFrom(0, 5),
  delay: fc.constantFrom(1, 20, 150),
  jitter: fc.constantFrom(0, 0, 3, 40),
  renege: fc.constant(0),
});

interface Kind {
  mss: number;
  noDelay: boolean;
  /** Whether all runs find a place in the table. */
  isExact: boolean;
  /** Octets that one call of send takes at most. */
  piece: number;
}

/** The whole transfer. */
function transfer(target: Target, kind: Kind, seed: number, given: Weather): void {
  const random = new Random(seed, 'scoreboard');
  const t = synReceived(target, { mss: kind.mss, sackOk: true });
  t.advance(2 * given.delay);
  t.peer.send('A');
  t.accept();
  if (kind.noDelay) t.setsockopt(Option.TCP_NODELAY, 1);
  const receiver = new LossyReceiver(t, random, given);
  let written = 0;
  for (const end = t.now + PATIENCE; receiver.una < TRANSFER;) {
    expect(t.now, `${receiver.una} of ${TRANSFER} octets`).toBeLessThan(end);
    if (written < TRANSFER) {
      const len = Math.min(1 + random.below(kind.piece), TRANSFER - written);
      const answer = t.send(octets(len, written));
      if (typeof answer === 'number') written += answer;
    }
    // When nothing is on its way, a timer will have to do something.
    if (receiver.isQuiet && t.peer.heard.length === 0) t.advance(10);
    receiver.advance(1 + random.below(given.delay));
    check(t, receiver, kind, given);
  }
  expect(t.info()).toMatchObject({ sendQueue: 0, sacked: 0, lost: 0, sndUna: 1 + TRANSFER });
  expect(receiver.next).toBe(TRANSFER);
  t.forget();
  expect(t.end()).toEqual([]);
}

function check(t: Dialogue, receiver: LossyReceiver, kind: Kind, { renege }: Weather): void {
  const { sndNxt, sndUna, sacked, lost, cwnd, mss, state } = t.info()!;
  expect(state).toBe(4);
  const flight = sndNxt - sndUna;
  expect(sacked + lost).toBeLessThanOrEqual(flight);
  if (renege > 0) return;
  // A segment more is out when the first retransmission was forced, or a probe has left.
  expect(flight - sacked - lost).toBeLessThanOrEqual(
    Math.max(cwnd, 0) + 3 * mss + flightBefore(cwnd, flight),
  );
  expect(sacked).toBeLessThanOrEqual(receiver.sacked);
  if (!kind.isExact) return;
  expect(sacked).toBe(receiver.sacked);
  expect(receiver.needless).toBe(0);
}

/** What was out when cwnd was reduced stays out until it is acknowledged. */
function flightBefore(cwnd: number, flight: number): number {
  return Math.max(flight - cwnd, 0);
}

const small = { mss: 100, noDelay: true, piece: 250 };
const whole = { mss: 1_460, noDelay: false, piece: 3_000 };

describe.each(selectiveTargets)('the scoreboard: $name', (target) => {
  const isExact = target.isFull;
  const runs = target.engine === 'v8' ? 40 : 12;

  test('2018-5, 6675-2: small segments of any length, many in flight', () => {
    fc.assert(
      fc.property(fc.nat(), weather, (seed, given) => transfer(target, { ...small, isExact }, seed, given)),
      { seed: 6675, numRuns: runs },
    );
  });

  test('2018-5, 6675-2: segments as large as they get', () => {
    const kind = { ...whole, mss: target.mss, isExact: true };
    fc.assert(
      fc.property(fc.nat(), weather, (seed, given) => transfer(target, kind, seed, given)),
      { seed: 2018, numRuns: runs },
    );
  });

  test('2018-5 sack-reneging-survived: a peer that throws away what it told of', () => {
    fc.assert(
      fc.property(fc.nat(), weather, (seed, given) =>
        transfer(target, { ...small, isExact: false }, seed, { ...given, renege: 3 }),
      ),
      { seed: 8, numRuns: runs / 2 },
    );
  });
});
