// SPDX-License-Identifier: MIT
// What a run of scripts comes to, for people: a line for each, and for one that fails the expected packet above the real
// one with the fields that differ marked, the script's line, and the ladder so far.

import type { Result } from './drill.ts';
import type { Compared } from './outcome.ts';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

export function totalsOf(results: readonly Result[]): Totals {
  const count = (verdict: Result['verdict']): number =>
    results.filter((result) => result.verdict === verdict).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** `name: verdict`, with the reason. */
export function verdictLine({ file, verdict, reason, line }: Result): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return verdict === 'passed' ? `passed   ${file}` : `${verdict.padEnd(8)} ${place}: ${reason}`;
}

/** The lines below that of a script that has failed. */
export function explain({ difference, line }: Result, ladder: readonly string[]): string[] {
  if (difference === undefined) return [];
  const event = difference.event;
  const script = event === undefined ? [] : [`  line ${String(line).padEnd(5)} ${event.text}`];
  const drawn = ladder.length > 0 ? ['', ...ladder.map((text) => `  ${text}`)] : [];
  return [...script, ...sideBySide(difference.fields).map((text) => `  ${text}`), ...drawn, ''];
}

/** Three lines: what was expected, what came, and marks below what differs. */
function sideBySide(fields: readonly Compared[]): string[] {
  if (fields.length === 0) return [];
  const cells = fields.map(({ expected, real, differs }) => {
    const width = Math.max(expected.length, real.length);
    const marks = differs ? '^'.repeat(width) : '';
    return { expected: expected.padEnd(width), real: real.padEnd(width), marks: marks.padEnd(width) };
  });
  const row = (label: string, key: 'expected' | 'real' | 'marks'): string =>
    `${label.padEnd(10)} ${cells.map((cell) => cell[key]).join('  ')}`.trimEnd();
  return [row('expected', 'expected'), row('real', 'real'), row('', 'marks')];
}

export function summaryLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** What `--json` prints. */
export function jsonReport(results: readonly Result[]): object {
  const scripts = results.map(({ difference: _, ...result }) => result);
  return { ...totalsOf(results), scripts };
}
