// SPDX-License-Identifier: MIT
// A megabyte there and back over SPI at 0, 1, 5 and 20 % loss in each direction, with reordering and duplication: ten seeds
// each, contents compared. A run that fails says its seed: `echo(text(MEGABYTE, seed), …, seed)` repeats it.

import { describe, expect, test } from 'vitest';
import { echo, text } from './echo.ts';

const MEGABYTE = 1_048_576;
const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
/** Virtual seconds within which a megabyte is there and back, at each loss: about twice the worst of the ten. */
const LIMITS = [
  { loss: 0, seconds: 5 },
  { loss: 0.01, seconds: 20 },
  { loss: 0.05, seconds: 80 },
  { loss: 0.2, seconds: 1_600 },
];

describe.each(LIMITS)(
  '1 MB echoed over SPI, loss $loss, 2 % reordered, 2 % duplicated',
  ({ loss, seconds }) => {
    test.each(SEEDS)('seed %i', (seed) => {
      const run = echo(text(MEGABYTE, seed), { loss, reorder: 0.02, duplicate: 0.02 }, seed);
      expect(run.seconds).toBeLessThan(seconds);
      if (loss > 0) expect(run.retransmits).toBeGreaterThan(0);
    });
  },
);

test('the same seed gives the same run', () => {
  const content = text(100_000, 1);
  const impairments = { loss: 0.05, reorder: 0.02, duplicate: 0.02, jitterMs: 3, corrupt: 0.01 };
  expect(echo(content, impairments, 7)).toEqual(echo(content, impairments, 7));
  expect(echo(content, impairments, 8)).not.toEqual(echo(content, impairments, 7));
});

test('corrupted frames: what the FCS finds, and what only the Internet checksum finds', () => {
  const content = text(300_000, 1);
  echo(content, { corrupt: 0.05 }, 1);
  echo(content, { corrupt: 0.05, corruptPastFcs: true }, 2);
});
