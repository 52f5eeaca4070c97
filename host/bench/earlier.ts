// SPDX-License-Identifier: MIT
// An earlier report, as `--json` wrote it, from a file. What is none of ours is refused with the reason, in a line.

import { readFileSync } from 'node:fs';
import { ENGINES, LAYERS, LINKS, WORKLOADS } from './result.ts';
import type { BenchReport, BenchResult } from './result.ts';

type Fields = Record<string, unknown>;
/** What is wrong with a value, or nothing. */
type Check = (value: unknown) => string | undefined;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const aNumber: Check = (value) => (Number.isFinite(value) ? undefined : 'is not a number');
const aText: Check = (value) => (typeof value === 'string' ? undefined : 'is not a text');
const notNegative: Check = (value) => aNumber(value) ?? (Number(value) < 0 ? 'is negative' : undefined);
/** What is divided by. */
const positive: Check = (value) => aNumber(value) ?? (Number(value) <= 0 ? 'is not positive' : undefined);
const oneOf =
  (names: readonly string[]): Check =>
  (value) =>
    names.some((name) => name === value) ? undefined : `is not one of ${names.join(', ')}`;
const numbersOf =
  (names: readonly string[]): Check =>
  (value) =>
    isFields(value) && Object.entries(value).every(([name, n]) => names.includes(name) && !notNegative(n))
      ? undefined
      : `does not have numbers of ${names.join(', ')}`;

/** Every row has these. */
const NAMES: Readonly<Record<'engine' | 'link' | 'workload', Check>> = {
  engine: oneOf(ENGINES),
  link: oneOf(LINKS),
  workload: oneOf(WORKLOADS),
};

/** What was measured of it. */
const FIGURES: Readonly<Record<Exclude<keyof BenchResult, keyof typeof NAMES>, Check>> = {
  interpreter: oneOf(['stock']),
  segmentsPerSecond: positive,
  nsPerSegment: positive,
  nsP99: positive,
  nsSpread: notNegative,
  module: aText,
  m3OpsPerSegment: positive,
  m3OpsByLayer: numbersOf(LAYERS),
  cyclesPerSegment: numbersOf(['spi', 'interpreter', 'c', 'idle']),
  spiOctetsPerSegment: positive,
  selectsPerSegment: positive,
  kBps: positive,
  rttMs: notNegative,
  roundTripMs: notNegative,
  timesOfCLoop: positive,
};

/** The report in the file at `path`. Throws one line. */
export function readReport(path: string): BenchReport {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${(error as Error).message.split(',')[0]}`, { cause: error });
  }
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: write one with npm run --silent bench -- --json`, { cause: error });
  }
  const wrong = wrongWith(report);
  if (wrong !== undefined) throw new Error(`${path} is not a report of bench --json: ${wrong}`);
  return report as BenchReport;
}

function wrongWith(report: unknown): string | undefined {
  if (!isFields(report) || !Array.isArray(report.results)) return 'it has no results';
  for (const name of ['machine', 'commit']) {
    if (typeof report[name] !== 'string') return `it has no ${name}`;
  }
  const busy = report.load === undefined ? undefined : notNegative(report.load);
  if (busy !== undefined) return `its load ${busy}`;
  if (report.results.length === 0) return 'its results are empty';
  for (const [i, row] of (report.results as unknown[]).entries()) {
    const wrong = wrongWithRow(row);
    if (wrong !== undefined) return `results[${i}]${wrong}`;
  }
  return undefined;
}

/** What is measured by a later version, under a name that is not known here, does no harm. */
function wrongWithRow(row: unknown): string | undefined {
  if (!isFields(row)) return ' is not a row';
  for (const [name, check] of Object.entries(NAMES)) {
    const wrong = check(row[name]);
    if (wrong !== undefined) return `.${name} ${wrong}`;
  }
  for (const [name, check] of Object.entries(FIGURES)) {
    const wrong = row[name] === undefined ? undefined : check(row[name]);
    if (wrong !== undefined) return `.${name} ${wrong}`;
  }
  return undefined;
}
