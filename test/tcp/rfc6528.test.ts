// SPDX-License-Identifier: MIT
// RFC 9293 §3.4.1 and RFC 6528: initial sequence numbers, a clock of 4 µs plus a keyed hash of the connection.

import { describe, expect, test } from 'vitest';
import { listening, open, PEER, targets } from '../vocabulary.ts';
import type { Dialogue, Target } from '../vocabulary.ts';

/** ISS of a passive open by `port` of `address`, `after` ms. */
function iss(t: Dialogue, port: number, address: number = PEER.address): number {
  const peer = t.addPeer({ port, address });
  peer.send('S');
  return peer.expect('SA').seq;
}

function issOf(
  target: Target,
  options: { after?: number; seed?: number[]; port?: number; address?: number },
): number {
  const t = open(target, options.seed === undefined ? {} : { seed: options.seed });
  t.listen();
  t.advance(options.after ?? 0);
  return iss(t, options.port ?? 1000, options.address);
}

describe.each(targets)('3.4.1 initial sequence numbers: $name', (target) => {
  test('MUST-8 isn-advances-with-clock: 250 a millisecond, once round in 4.77 hours', () => {
    const first = issOf(target, {});
    expect((issOf(target, { after: 1 }) - first) >>> 0).toBe(250);
    expect((issOf(target, { after: 60_000 }) - first) >>> 0).toBe(15_000_000);
  });

  test('SHLD-1 isn-rfc6528, 6528-1 isn-same-tuple-monotonic: a later incarnation begins above', () => {
    const t = listening(target);
    let last = iss(t, 1000);
    for (let i = 0; i < 5; i++) {
      t.addPeer({ port: 1000 }).send('R', { seq: 1 });
      t.advance(10);
      const next = iss(t, 1000);
      expect((next - last) | 0).toBe(2_500);
      last = next;
    }
  });

  test('6528-1 isn-different-tuples-independent: neighbours in port or address tell nothing of each other', () => {
    const offsets = [
      issOf(target, { port: 1001 }),
      issOf(target, { port: 1002 }),
      issOf(target, { address: PEER.address + 1 }),
      issOf(target, { address: PEER.address + 2 }),
    ].map((seq) => (seq - issOf(target, {})) >>> 0);
    expect(new Set(offsets).size).toBe(4);
    for (const offset of offsets) expect(Math.min(offset, 2 ** 32 - offset)).toBeGreaterThan(100_000);
  });

  test('MUST-9 isn-not-predictable: another secret, other numbers; one bit of it is enough', () => {
    const secret = [1, 2, 3, 4];
    const numbers = [0, 1, 2, 3].map((word) =>
      issOf(target, { seed: secret.map((v, i) => (i === word ? v ^ 1 : v)) }),
    );
    numbers.push(issOf(target, { seed: secret }));
    expect(new Set(numbers).size).toBe(5);
    expect(issOf(target, { seed: secret })).toBe(numbers[4]);
  });
});
