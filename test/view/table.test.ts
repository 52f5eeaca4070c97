// SPDX-License-Identifier: MIT
// Tables and the progress meter.

import { describe, expect, test } from 'vitest';
import { Progress } from '../../host/view/progress.ts';
import { table } from '../../host/view/table.ts';

describe('a table', () => {
  test('pads columns, numbers to the right', () => {
    const rows = [
      ['echo', 1234567, 'as fast as the wire'],
      ['discard', 9, 'x'],
    ];
    expect(table(['program', 'octets', 'remark'], rows)).toEqual([
      'program     octets  remark',
      '───────  ─────────  ───────────────────',
      'echo     1,234,567  as fast as the wire',
      'discard          9  x',
    ]);
  });

  test('a column with any word in it stands to the left', () => {
    expect(
      table(
        ['a', 'limit'],
        [
          ['x', 'none'],
          ['y', 5],
        ],
      ).slice(2),
    ).toEqual(['x  none', 'y  5']);
  });

  test('missing cells are empty, in columns of numbers too', () => {
    expect(table(['a', 'count'], [['x', 10], ['y']]).slice(2)).toEqual(['x     10', 'y']);
  });

  test('without rows has its headings', () => {
    expect(table(['a', 'b'], [])).toEqual(['a  b', '─  ─']);
  });

  test('a row with more cells than headings is refused', () => {
    expect(() => table(['a'], [['x', 1]])).toThrow(new RangeError('a row of 2 cells under 1 headings'));
  });
});

describe('the progress meter', () => {
  function setUp(screen: { isTTY?: boolean; columns?: number }) {
    let writes = '';
    const time = { ms: 0 };
    const write = (text: string): void => void (writes += text);
    const progress = new Progress({ ...screen, write }, 'bench', () => time.ms);
    const written = (): string => {
      const text = writes;
      writes = '';
      return text;
    };
    return { progress, time, written };
  }

  test('draws in place', () => {
    const { progress, written } = setUp({ isTTY: true });
    progress.update(1, 4, 'seed 7');
    expect(written()).toBe('\rbench █████░░░░░░░░░░░░░░░  25 % seed 7\x1b[K');
  });

  test('where there is no terminal, says nothing of what is done soon, and else a line four times a minute', () => {
    const { progress, time, written } = setUp({});
    progress.update(1, 4);
    time.ms = 14_999;
    progress.update(2, 4);
    expect(written()).toBe('');
    time.ms = 15_000;
    progress.update(3, 4, 'echo64');
    expect(written()).toBe('bench 75 % echo64\n');
    time.ms = 29_999;
    progress.update(4, 4);
    progress.clear();
    expect(written()).toBe('');
  });

  test('draws at most ten times a second', () => {
    const { progress, time, written } = setUp({ isTTY: true });
    progress.update(1, 100);
    written();
    time.ms = 99;
    progress.update(2, 100);
    expect(written()).toBe('');
    time.ms = 100;
    progress.update(3, 100);
    expect(written()).toContain('3 %');
  });

  test('draws the end whatever the time', () => {
    const { progress, written } = setUp({ isTTY: true });
    progress.update(99, 100);
    progress.update(100, 100);
    expect(written()).toContain('100 %');
  });

  test('keeps to one line', () => {
    const { progress, written } = setUp({ isTTY: true, columns: 30 });
    progress.update(1, 2, 'x'.repeat(100));
    expect(written().replace('\r', '').replace('\x1b[K', '')).toHaveLength(29);
  });

  test('nothing to do is done', () => {
    const { progress, written } = setUp({ isTTY: true });
    progress.update(0, 0);
    expect(written()).toContain('100 %');
  });

  test('clears what it has drawn, once', () => {
    const { progress, written } = setUp({ isTTY: true });
    progress.update(1, 2);
    written();
    progress.clear();
    progress.clear();
    expect(written()).toBe('\r\x1b[K');
  });
});
