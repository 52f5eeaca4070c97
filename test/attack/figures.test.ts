// SPDX-License-Identifier: MIT
// Every line of figures.txt has a test that keeps it current: none is left over from an attack that is no longer made.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recorded } from './figures.ts';

test('the attacks of figures.txt are those of the tests', () => {
  const folder = new URL('.', import.meta.url);
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  // Of names that a test puts together, the first words and what follows a colon.
  const orphans = [...recorded().values()]
    .map(([attack]) => attack!)
    .filter(
      (attack) =>
        !sources.includes(attack.split(/[,:]/)[0]!) ||
        !sources.includes(attack.split(': ').at(-1).split(', ')[0]!),
    );
  expect(orphans).toEqual([]);
});
