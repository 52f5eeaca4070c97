// SPDX-License-Identifier: MIT
// The report for people: a table for each link, the emulated board's, and what is recorded of other stacks beside ours, in
// 120 columns. A column or a table in which nothing was measured is left out.

import { table } from '../view/table.ts';
import type { Cell } from '../view/table.ts';
import { OTHERS, PEER, STACKS } from './others.ts';
import type { Recorded } from './others.ts';
import { ENGINES, LAYERS, LINKS, WORKLOADS } from './result.ts';
import type { BenchEngine, BenchLink, BenchReport, BenchResult, BenchWorkload } from './result.ts';

/** What a link is, for its title. */
const TITLES: Readonly<Record<BenchLink, string>> = {
  port: 'frames through memory, sums in the module',
  'port-host-sums': 'the same, copied and summed by one call of the host',
  enc28j60: 'the driver and what it asks of the chip, which sums',
};

/** A spread, in per cent, above which the machine was busy with something else. */
const LOUD = 15;

/** A load that leaves no processor of two to the benchmark alone. */
const BUSY = 1.5;

type Column = readonly [heading: string, of: (result: BenchResult) => number | string | undefined];

/** Of V8 and wasm3. */
const COLUMNS: readonly Column[] = [
  ['segments/s', ({ segmentsPerSecond }) => rounded(segmentsPerSecond)],
  ['ns', ({ nsPerSegment }) => rounded(nsPerSegment)],
  ['p99', ({ nsP99 }) => rounded(nsP99)],
  ['± %', ({ nsSpread }) => noise(nsSpread)],
  ['M3 ops', ({ m3OpsPerSegment }) => rounded(m3OpsPerSegment)],
  ...LAYERS.map((layer): Column => [layer, ({ m3OpsByLayer }) => rounded(m3OpsByLayer?.[layer])]),
  ['SPI', ({ spiOctetsPerSegment }) => rounded(spiOctetsPerSegment)],
  ['CS', ({ selectsPerSegment }) => decimal(selectsPerSegment)],
  ['× C loop', ({ timesOfCLoop }) => decimal(timesOfCLoop)],
];

/** Of the emulated board. */
const PICO_COLUMNS: readonly Column[] = [
  ['RTT ms', ({ rttMs }) => rttMs],
  ['segments/s', ({ segmentsPerSecond }) => rounded(segmentsPerSecond)],
  ['kB/s', ({ kBps }) => kBps],
  ['SPI', ({ cyclesPerSegment }) => cyclesPerSegment?.spi],
  ['interpreter', ({ cyclesPerSegment }) => cyclesPerSegment?.interpreter],
  ['C', ({ cyclesPerSegment }) => cyclesPerSegment?.c],
  ['idle', ({ cyclesPerSegment }) => cyclesPerSegment?.idle],
  ['there and back ms', ({ roundTripMs }) => roundTripMs],
];

/** Headings and what they mean; one without a heading goes on. */
const LEGEND: readonly (readonly [heading: string, meaning: string])[] = [
  ['segments/s', 'operations of the workload: 1,460 octets, 64 there and back, a connection, a poll …'],
  ['ns, p99', 'of one of them in the module, median and 99th percentile of the repetitions; ±: half the'],
  ['', 'distance between their quartiles, with ! where times say little. The peer and the simulated chip'],
  ['', 'are not counted'],
  ['M3 ops', 'operations of wasm3, exact and the same on every computer; then by the layer they serve'],
  ['SPI, CS', 'octets on the bus, chip-selects'],
  ['× C loop', 'the time that C at -O2 takes to copy and sum the same octets, in the same process'],
  ['kB/s', 'text, over 10 Mbit/s full duplex; SPI … idle: cycles of the Pico at 120 MHz'],
  ['recorded', 'in November 2026: lwIP 2.2.1, smoltcp 0.13.1, uIP 1.0 (one segment in flight); tuned: with'],
  [
    '',
    'unrolled sums, lwIP without copies, too; AMD EPYC. Without the peer’s share; times ± 30 %, the fastest',
  ],
  ['', 'of many repetitions, where ours are medians'],
];

/** All tables and their legend, without line ends. */
export function report({ machine, commit, load = 0, results }: BenchReport): string[] {
  const local = sorted(results.filter(({ engine }) => engine !== 'pico'));
  const links = LINKS.map((link) =>
    linkLines(
      link,
      local.filter((result) => result.link === link),
    ),
  );
  const board = results.filter(({ engine }) => engine === 'pico');
  const blocks = [
    [`${machine}, commit ${commit}`, ...busyLine(load)],
    ...links,
    picoLines(board),
    othersLines(local),
  ];
  const shown = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, i) => (i > 0 ? ['', ...block] : block));
  return [...shown, ...legendLines(shown)];
}

function busyLine(load: number): string[] {
  return load <= BUSY
    ? []
    : [`the machine was busy with something else, load ${load}: times say little, counts hold`];
}

/** Engines of a workload together. */
function sorted(results: readonly BenchResult[]): BenchResult[] {
  const rank = ({ workload, engine }: BenchResult): number =>
    WORKLOADS.indexOf(workload) * ENGINES.length + ENGINES.indexOf(engine);
  return results.toSorted((a, b) => rank(a) - rank(b));
}

function linkLines(link: BenchLink, results: readonly BenchResult[]): string[] {
  if (results.length === 0) return [];
  return [`${link}: ${TITLES[link]}`, ...grid(results, COLUMNS, true)];
}

function picoLines(results: readonly BenchResult[]): string[] {
  if (results.length === 0) return [];
  return ['enc28j60: the firmware in the emulated Pico', ...grid(results, PICO_COLUMNS, false)];
}

/** One row a result; the workload is named where it changes. Columns that no result fills are left out. */
function grid(results: readonly BenchResult[], columns: readonly Column[], namesEngine: boolean): string[] {
  const filled = columns.filter(([, of]) => results.some((result) => of(result) !== undefined));
  const headings = ['workload', ...(namesEngine ? ['engine'] : []), ...filled.map(([heading]) => heading)];
  const rows = results.map((result, i): Cell[] => [
    result.workload === results[i - 1]?.workload ? '' : result.workload,
    ...(namesEngine ? [result.engine] : []),
    ...filled.map(([, of]) => of(result) ?? ''),
  ]);
  return table(headings, rows);
}

/** Ours beside the recorded figures, for each link and workload that has both. */
function othersLines(results: readonly BenchResult[]): string[] {
  return LINKS.flatMap((link) => {
    const rows = WORKLOADS.flatMap((workload) => {
      const ours = results.filter((result) => result.link === link && result.workload === workload);
      return ours.length === 0 ? [] : besideOthers(link, workload, ours);
    });
    if (rows.length === 0) return [];
    const sums = link === 'port' ? 'with sums' : 'without sums';
    return [
      '',
      `${link}, beside other stacks ${sums}: recorded, not run`,
      ...table(['workload', '', 'Sandwire', ...STACKS], rows),
    ];
  }).slice(1);
}

function besideOthers(link: BenchLink, workload: BenchWorkload, ours: readonly BenchResult[]): Cell[][] {
  const others = OTHERS[link]?.[workload];
  if (others === undefined) return [];
  const peer: Recorded = { m3Ops: 0, ...PEER[workload]! };
  const of = (engine: BenchEngine): BenchResult | undefined =>
    ours.find((result) => result.engine === engine);
  const line = (name: string, own: number | undefined, figure: keyof Recorded): Cell[][] =>
    own === undefined ? [] : [[name, own, ...STACKS.map((stack) => others[stack][figure] - peer[figure])]];
  const lines = [
    ...line('M3 ops', rounded(of('wasm3')?.m3OpsPerSegment), 'm3Ops'),
    // Where the host sums for V8, it is JavaScript that does: a time that stands beside nobody's.
    ...(link === 'port' ? line('V8 ns', rounded(of('v8')?.nsPerSegment), 'v8Ns') : []),
    ...line('wasm3 ns', rounded(of('wasm3')?.nsPerSegment), 'wasm3Ns'),
  ];
  return lines.map((cells, i) => [i === 0 ? workload : '', ...cells]);
}

/** The meaning of those headings that are there. */
function legendLines(shown: readonly string[]): string[] {
  const text = shown.join('\n');
  const width = Math.max(...LEGEND.map(([heading]) => heading.length));
  let isShown = false;
  const lines = LEGEND.filter(([heading]) => {
    if (heading !== '') isShown = heading.split(', ').every((word) => text.includes(word));
    return isShown;
  });
  return lines.length === 0
    ? []
    : ['', ...lines.map(([heading, meaning]) => `${heading.padEnd(width)}  ${meaning}`)];
}

/** Per cent, and a mark where there are too many. */
function noise(spread: number | undefined): number | string | undefined {
  const value = decimal(spread);
  return value === undefined || value <= LOUD ? value : `${value} !`;
}

/** Whole, or with a decimal where that matters. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined || value < 100 ? decimal(value) : Math.round(value);
}

function decimal(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10;
}
