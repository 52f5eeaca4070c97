// SPDX-License-Identifier: MIT
// The interpreter's source: every edit finds what it was made for in the package's files, once or as often as it says, and
// in other files none passes in silence.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { applyEdits, UnknownSourceError } from '../../host/firmware/interpreter/edit.ts';
import type { Variant } from '../../host/firmware/interpreter/source.ts';
import { packageSource, VARIANTS, writeSource } from '../../host/firmware/interpreter/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandwire-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Object.keys(VARIANTS) as Variant[])('%s', (variant) => {
  test('is made from the package', () => {
    writeSource(variant, join(folder, variant));
    for (const { file } of VARIANTS[variant]) {
      const [before, after] = [packageSource(), join(folder, variant)].map((from) =>
        readFileSync(join(from, file), 'utf8'),
      );
      expect(after, file).not.toBe(before);
    }
  });

  test.each(VARIANTS[variant].map((edit) => [edit.file, edit.find.trim().split('\n')[0]!, edit] as const))(
    'misses in %s: %s',
    (file, _, edit) => {
      const text = readFileSync(join(packageSource(), file), 'utf8').replaceAll(edit.find, '');
      expect(() => applyEdits(file, text, VARIANTS[variant])).toThrow(UnknownSourceError);
    },
  );
});

test('an edit counts', () => {
  const edit = { file: 'a.c', find: 'one', replace: 'two' };
  expect(applyEdits('a.c', 'one three', [edit])).toBe('two three');
  expect(applyEdits('a.c', 'one one', [{ ...edit, times: 2 }])).toBe('two two');
  expect(applyEdits('b.c', 'one one', [edit])).toBe('one one');
  expect(() => applyEdits('a.c', 'one one', [edit])).toThrow(
    'a.c: "one" occurs 2 times, not 1: not the source that the edits know',
  );
});

test('edits come one after the other', () => {
  const edits = [
    { file: 'a.c', find: 'one', replace: 'two' },
    { file: 'a.c', find: 'two', replace: 'three' },
  ];
  expect(applyEdits('a.c', 'one', edits)).toBe('three');
});

test('another version of a file is refused, and so is its absence', () => {
  const other = join(folder, 'other');
  cpSync(packageSource(), other, { recursive: true });
  writeFileSync(join(other, 'm3_env.c'), '// nothing\n');
  expect(() => writeSource('fast', join(folder, 'out'), other)).toThrow(/^m3_env\.c: .* occurs 0 times/);
  rmSync(join(other, 'm3_env.c'));
  expect(() => writeSource('fast', join(folder, 'out'), other)).toThrow('m3_env.c is not in');
});
