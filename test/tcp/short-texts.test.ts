// SPDX-License-Identifier: MIT
// Text of few octets, of every length that the sums of the port link take in another step, with the octets that make sums
// large: it is taken in, and it leaves under a checksum that a station accepts (test/support checks each segment).

import { describe, expect, test } from 'vitest';
import { established, targets } from '../vocabulary.ts';

const LENGTHS = Array.from({ length: 72 }, (_, i) => i + 1);

/** Ones; ones at odd places; at even ones; what a sum of 56 bits cannot hold. */
const FILLS: ((i: number) => number)[] = [
  () => 0xff,
  (i) => (i & 1 ? 0xff : 0),
  (i) => (i & 1 ? 0 : 0xff),
  (i) => [1, 2, 3, 4, 5, 0xff, 0xfe][i % 7]!,
];

const textOf = (length: number, fill: (i: number) => number): string =>
  Buffer.from(Array.from({ length }, (_, i) => fill(i))).toString('latin1');

describe.each(targets)('text of 1 to 72 octets: $name', (target) => {
  test.each(FILLS.map((fill, i) => [i, fill] as const))('received, pattern %i', (_, fill) => {
    const t = established(target);
    for (const length of LENGTHS) {
      const text = textOf(length, fill);
      t.peer.send('PA', { text });
      expect(t.recv(), String(length)).toBe(text);
      t.forget();
    }
    expect(t.counter('TcpChecksumError')).toBe(0);
  });

  test.each(FILLS.map((fill, i) => [i, fill] as const))('sent, pattern %i', (_, fill) => {
    const t = established(target);
    for (const length of LENGTHS) {
      const text = textOf(length, fill);
      t.send(text);
      t.expect('PA', { text });
      t.peer.send('A');
    }
  });
});
