// SPDX-License-Identifier: MIT
// A report beside an earlier one: what became better or worse. Counts are exact, so any difference is one; a time must
// differ by more than its noise, and says nothing of another machine, nor of the same module.

import { table } from '../view/table.ts';
import type { BenchReport, BenchResult } from './result.ts';

export type Verdict = 'better' | 'same' | 'worse' | 'within noise' | 'only now' | 'only earlier';

/** One figure of one row, in both. A row that only one of them has stands without a figure. */
export interface Compared extends Pick<
  BenchResult,
  'engine' | 'link' | 'workload' | 'interpreter' | 'rttMs'
> {
  figure?: string;
  earlier?: number;
  now?: number;
  /** Of the earlier value; negative = less. */
  percent?: number;
  verdict: Verdict;
}

/** The figure that is not exact. */
const TIME = 'ns';

interface Figure {
  name: string;
  of: (result: BenchResult) => number | undefined;
  isTime?: true;
  /** Of most, less is better. */
  moreIsBetter?: true;
}

const FIGURES: readonly Figure[] = [
  { name: 'M3 ops', of: ({ m3OpsPerSegment }) => m3OpsPerSegment },
  { name: 'SPI octets', of: ({ spiOctetsPerSegment }) => spiOctetsPerSegment },
  { name: 'selects', of: ({ selectsPerSegment }) => selectsPerSegment },
  { name: 'cycles', of: ({ cyclesPerSegment: of }) => of && of.spi + of.interpreter + of.c },
  { name: 'kB/s', of: ({ kBps }) => kBps, moreIsBetter: true },
  { name: TIME, of: ({ nsPerSegment }) => nsPerSegment, isTime: true },
];

/**
 * A time has changed when its medians differ by more than three times both runs' spreads together, and by 5 %. The spread
 * is half the distance between the quartiles, two thirds of a standard deviation: three are two deviations of what two single
 * repetitions differ by. The medians of a run are much steadier than that, but runs differ by more than what is seen
 * within one: another load, clock or layout of memory moves them whole. That is also what the 5 % are for.
 */
const SPREADS = 3;
const LEAST_PERCENT = 5;

/** Verdicts on all figures that both have, in the order of `now`, then the rows that only one has. */
export function compare(now: BenchReport, earlier: BenchReport): Compared[] {
  const before = new Map(earlier.results.map((result) => [keyOf(result), result]));
  const after = new Set(now.results.map(keyOf));
  const both = now.results.flatMap((result) => {
    const old = before.get(keyOf(result));
    return old === undefined ? [] : figuresOf(result, old, now.machine === earlier.machine);
  });
  const added = now.results.filter((result) => !before.has(keyOf(result)));
  const gone = earlier.results.filter((result) => !after.has(keyOf(result)));
  return [
    ...both,
    ...added.map((result): Compared => ({ ...nameOf(result), verdict: 'only now' })),
    ...gone.map((result): Compared => ({ ...nameOf(result), verdict: 'only earlier' })),
  ];
}

function nameOf({ engine, link, workload, interpreter, rttMs }: BenchResult): Omit<Compared, 'verdict'> {
  return {
    ...{ engine, link, workload },
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(rttMs === undefined ? {} : { rttMs }),
  };
}

function keyOf({ engine, link, workload, interpreter, rttMs }: BenchResult): string {
  const board = [interpreter, rttMs === undefined ? undefined : `${rttMs} ms`];
  return [engine, link, workload, ...board].filter((part) => part !== undefined).join(' ');
}

function figuresOf(result: BenchResult, old: BenchResult, isSameMachine: boolean): Compared[] {
  return FIGURES.filter(({ isTime }) => isSameMachine || isTime !== true).flatMap((figure): Compared[] => {
    const [now, earlier] = [figure.of(result), figure.of(old)];
    if (now === undefined || earlier === undefined) return [];
    const percent = now === earlier ? 0 : (100 * (now - earlier)) / earlier;
    const noise = figure.isTime ? noiseOf(result, old) : 0;
    return [
      {
        ...nameOf(result),
        figure: figure.name,
        earlier,
        now,
        percent,
        verdict: judge(now - earlier, noise, figure),
      },
    ];
  });
}

function judge(difference: number, noise: number, { isTime, moreIsBetter }: Figure): Verdict {
  if (Math.abs(difference) <= noise) return isTime ? 'within noise' : 'same';
  return difference < 0 === (moreIsBetter !== true) ? 'better' : 'worse';
}

/** What times of both may differ by when nothing has changed, ns. Of the same octets none is better or worse. */
function noiseOf(result: BenchResult, old: BenchResult): number {
  if (result.module !== undefined && result.module === old.module) return Infinity;
  const spread = ({ nsPerSegment = 0, nsSpread = 0 }: BenchResult): number => (nsPerSegment * nsSpread) / 100;
  const together = Math.hypot(spread(result), spread(old));
  return Math.max(SPREADS * together, ((old.nsPerSegment ?? 0) * LEAST_PERCENT) / 100);
}

/** The rows of `now` whose time seems to have changed. */
export function doubtful(now: BenchReport, earlier: BenchReport): BenchResult[] {
  const changed = compare(now, earlier).filter(
    ({ figure, verdict }) => figure === TIME && (verdict === 'better' || verdict === 'worse'),
  );
  const keys = new Set(changed.map(keyOf));
  return now.results.filter((result) => keys.has(keyOf(result)));
}

/**
 * The rows of `now`; of those that `again` has, too, the times nearer to the earlier ones: what is a change must show
 * in both.
 */
export function steadier(
  now: readonly BenchResult[],
  again: readonly BenchResult[],
  earlier: readonly BenchResult[],
): BenchResult[] {
  const by = (rows: readonly BenchResult[]): Map<string, BenchResult> =>
    new Map(rows.map((row) => [keyOf(row), row]));
  const [second, before] = [by(again), by(earlier)];
  return now.map((row) => {
    const [other, old] = [second.get(keyOf(row)), before.get(keyOf(row))];
    if (other === undefined || old === undefined) return row;
    const distance = ({ nsPerSegment = 0 }: BenchResult): number =>
      Math.abs(nsPerSegment - (old.nsPerSegment ?? 0));
    return distance(other) < distance(row) ? other : row;
  });
}

/** For people; `file` is where the earlier report comes from. */
export function comparison(now: BenchReport, earlier: BenchReport, file: string): string[] {
  const compared = compare(now, earlier);
  const isSameMachine = now.machine === earlier.machine;
  const judged = compared.filter(({ figure }) => figure !== undefined);
  return [
    `Compared with ${file}: commit ${earlier.commit}, ` +
      (isSameMachine ? 'the same machine' : `another machine (${earlier.machine}): counts only, no times`),
    '',
    ...(judged.length === 0 ? [] : [...rowsOf(judged), '']),
    ...(['only now', 'only earlier'] as const).flatMap((verdict) => {
      const names = compared.filter((row) => row.verdict === verdict).map((row) => keyOf(row));
      return names.length === 0 ? [] : [`${verdict}: ${names.join(', ')}`];
    }),
    summaryOf(judged),
  ];
}

function rowsOf(judged: readonly Compared[]): string[] {
  const rows = judged.map((row, i) => {
    const { figure = '', earlier = 0, now = 0, percent = 0, verdict } = row;
    const isFirst = i === 0 || keyOf(row) !== keyOf(judged[i - 1]!);
    const numbers = [earlier, now, now - earlier, Math.round(percent * 10) / 10].map(tidy);
    return [isFirst ? keyOf(row) : '', figure, ...numbers, verdict];
  });
  return table(['', 'figure', 'earlier', 'now', 'difference', '%', 'verdict'], rows);
}

/** A decimal; three where the value is small, so that no difference looks like none. */
function tidy(value: number): number {
  const steps = Math.abs(value) < 10 ? 1000 : 10;
  return Math.round(value * steps) / steps;
}

function summaryOf(judged: readonly Compared[]): string {
  const verdicts = ['better', 'worse', 'same', 'within noise'] as const;
  const counts = verdicts.map(
    (verdict) => [verdict, judged.filter((row) => row.verdict === verdict).length] as const,
  );
  const said = counts.filter(([, count]) => count > 0).map(([verdict, count]) => `${count} ${verdict}`);
  return said.length === 0 ? 'nothing to compare' : said.join(', ');
}
