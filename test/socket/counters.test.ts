// SPDX-License-Identifier: MIT
// The counters: their names in the module, in the order of the enumeration that counts.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../host/build.ts';
import { established, open, targets } from '../vocabulary.ts';

/** Members of `enum Counter` in assembly/counters.ts but the last, which is their count. */
const members = readFileSync(join(ROOT, 'assembly/counters.ts'), 'utf8')
  .match(/enum Counter \{([^}]*)\}/)![1]!
  .replace(/\/\/.*|\/\*[^]*?\*\//g, '')
  .split(',')
  .map((name) => name.trim())
  .filter((name) => name !== '' && name !== 'Count');

describe.each(targets)('counters: $name', (target) => {
  test('each has its name, in the order in which they count', () => {
    const t = open(target);
    const from = t.raw('counterNames') as number;
    const text = Buffer.from(t.memory.subarray(from, t.memory.indexOf(0, from))).toString('latin1');
    expect(text).toBe(members.map((name) => `${name}\n`).join(''));
    expect(t.raw('counterCount')).toBe(members.length);
    expect(new Set(members).size).toBe(members.length);
  });

  test('frames and segments, in and out', () => {
    const t = established(target);
    const before = ['LinkRxFrames', 'LinkTxFrames', 'TcpSegmentsIn', 'TcpSegmentsOut'].map((name) =>
      t.counter(name),
    );
    t.send('hello');
    t.expect('A');
    t.peer.send('A');
    t.peer.send('A');
    const after = ['LinkRxFrames', 'LinkTxFrames', 'TcpSegmentsIn', 'TcpSegmentsOut'].map((name) =>
      t.counter(name),
    );
    expect(after.map((value, i) => value - before[i]!)).toEqual([2, 1, 2, 1]);
  });
});
