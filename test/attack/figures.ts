// SPDX-License-Identifier: MIT
// What the attacks cost, a line each in figures.txt: which attack, how fast, what is measured, without and with it. A test
// hands in its line, which must be the one that is recorded. To record anew:
//
//   FIGURES=write npx vitest run --no-file-parallelism test/attack

import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const FILE = new URL('figures.txt', import.meta.url);
const HEADINGS = ['attack', 'rate', 'measure', 'undisturbed', 'under attack'];

export interface Figure {
  /** What tells it from the others. */
  attack: string;
  /** How often, or how many. */
  rate: string;
  measure: string;
  undisturbed: string;
  attacked: string;
}

/** The lines of the record, by attack and measure. */
export function recorded(): Map<string, string[]> {
  const lines = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.includes('|'))
    .slice(1);
  const rows = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function keyOf([attack, , measure]: string[]): string {
  return `${attack} | ${measure}`;
}

/** `figure` is what is recorded. */
export function expectFigure({ attack, rate, measure, undisturbed, attacked }: Figure): void {
  const row = [attack, rate, measure, undisturbed, attacked];
  const rows = recorded();
  if (process.env.FIGURES === 'write') write(rows.set(keyOf(row), row));
  else expect(rows.get(keyOf(row)), 'figures.txt is out of date: see figures.ts').toEqual(row);
}

function write(rows: Map<string, string[]>): void {
  const table = [HEADINGS, ...[...rows.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))];
  const widths = HEADINGS.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join(' | ')
      .trimEnd(),
  );
  writeFileSync(FILE, `${lines.join('\n')}\n`);
}

/** A share, in whole per cent. */
export function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

export function kilobytes(octetsPerSecond: number): string {
  return `${Math.round(octetsPerSecond / 1000)} kB/s`;
}
