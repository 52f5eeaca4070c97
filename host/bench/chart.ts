// SPDX-License-Identifier: MIT
// The picture of the README: M3 ops of one operation of each workload, Sandwire as measured and split by layer, beside what
// is recorded of other stacks. One SVG without parts from elsewhere, on a card of its own that is light or dark as the
// reader's system is. The same results make the same octets.

import { OTHERS, STACKS } from './others.ts';
import { LAYERS } from './result.ts';
import type { BenchLink, BenchResult } from './result.ts';
import { box, escape, group, text, vertical } from './svg.ts';

/** Workloads of the chart, and what they are for those who do not know their names. */
const MEANINGS = {
  'bulk-rx': 'a segment of 1,460 octets received',
  'bulk-tx': 'a segment of 1,460 octets sent',
  echo64: '64 octets in, 64 octets out',
  churn: 'a connection opened and closed',
};
type Charted = keyof typeof MEANINGS;
const ALL = Object.keys(MEANINGS) as Charted[];

/** The panels, in the column where they stand. Each has an axis of its own. */
const PANELS: readonly { link: BenchLink; title: string; column: 0 | 1; workloads: readonly Charted[] }[] = [
  { link: 'port', title: 'Checksums made in the module', column: 0, workloads: ALL },
  {
    link: 'port-host-sums',
    title: 'Copied and summed by the host (others: no sums)',
    column: 1,
    workloads: ALL,
  },
  { link: 'enc28j60', title: 'With the ENC28J60 and its driver', column: 0, workloads: ALL },
];

const TITLE = 'What TCP costs in an interpreter';
const SUBTITLE =
  'M3 ops (operations of wasm3) for one operation of the workload, the peer not counted. Less is better.';
const NOTES = [
  'recorded in November 2026, not run here:',
  'lwIP 2.2.1, smoltcp 0.13.1, uIP 1.0',
  'tuned: unrolled checksums; lwIP: no copies',
  'uIP: one segment in flight and no congestion',
  'control; a floor, not an equal',
];

const WIDTH = 900;
const MARGIN = 28;
const GAP = 36;
const COLUMN = (WIDTH - 2 * MARGIN - GAP) / 2;
/** Left of the bars: their names; right of the longest: its number. */
const NAMES = 104;
const NUMBERS = 48;
const BARS = COLUMN - NAMES - NUMBERS;
/** From the top to the panels. */
const TOP = 92;
/** A bar, and from one to the next. */
const BAR = 14;
const ROW = 18;
/** A workload's title, and between workloads. */
const HEAD = 20;
const BETWEEN = 10;
/** A square of the legend. */
const KEY = 12;

// The colours of the layers keep their order for eyes that tell few colours apart. Numbers stand out from the axis.
const STYLE = `
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; fill: #1f2933 }
  .title { font-size: 19px; font-weight: 600 } .panel { font-size: 13px; font-weight: 600 } .small { font-size: 11px }
  .strong { font-weight: 600 } .soft { fill: #5f6c79 }
  .count { paint-order: stroke; stroke: #fbfcfd; stroke-width: 4px; stroke-linejoin: round }
  .card { fill: #fbfcfd; stroke: #d5dbe1 } .axis { stroke: #d5dbe1 } .other { fill: #b3bdc7 }
  .link { fill: #0b3c5d } .ip { fill: #1c6e8c } .tcp { fill: #2a9d8f } .socket { fill: #e9b44c } .app { fill: #e76f51 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .soft { fill: #9aa7b4 } .count { stroke: #161b22 }
    .card { fill: #161b22; stroke: #30363d } .axis { stroke: #30363d } .other { fill: #57626e }
    .link { fill: #4a8fc2 } .ip { fill: #5cc0dd } .tcp { fill: #3fc1ae }
  }`;

interface Drawing {
  lines: string[];
  height: number;
}

/** How long a bar of so many operations is. */
type Scale = (ops: number) => number;

/** Whether the chart shows this workload over this link. */
export function isCharted({ link, workload }: Pick<BenchResult, 'link' | 'workload'>): boolean {
  const panel = PANELS.find((one) => one.link === link);
  return panel?.workloads.some((name) => name === workload) === true;
}

/** The whole file. Panels and workloads that were not measured are left out; throws when that leaves none. */
export function chart(results: readonly BenchResult[]): string {
  const drawn = PANELS.flatMap(({ link, workloads }) =>
    workloads.flatMap((workload) =>
      results.filter((row) => isCharted(row) && row.link === link && row.workload === workload),
    ),
  ).filter(({ m3OpsPerSegment }) => m3OpsPerSegment !== undefined);
  if (drawn.length === 0) throw new Error('nothing to draw: no M3 ops of a workload of the chart');
  const ends = [TOP, TOP];
  const panels = PANELS.flatMap(({ link, title, column }) => {
    const own = drawn.filter((row) => row.link === link);
    if (own.length === 0) return [];
    const { lines, height } = panel(title, own);
    const [x, y] = [MARGIN + column * (COLUMN + GAP), ends[column]!];
    ends[column] = y + height;
    return [group(x, y, lines)];
  });
  const key = legend();
  const [x, y] = ends[1]! > TOP ? [MARGIN + COLUMN + GAP, ends[1]!] : [MARGIN, ends[0]!];
  const height = Math.max(ends[0]! - 10, y + key.height);
  const counts = drawn.map(
    ({ link, workload, m3OpsPerSegment }) => `${workload} over ${link} ${count(m3OpsPerSegment!)}`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
      'role="img" aria-labelledby="title desc">',
    `<title id="title">${escape(TITLE)}</title>`,
    `<desc id="desc">${escape(`M3 ops of Sandwire: ${counts.join(', ')}.`)}</desc>`,
    `<style>${STYLE}\n</style>`,
    box('card', [0.5, 0.5, WIDTH - 1, height - 1], { radius: 10 }),
    text(MARGIN, 40, 'title', TITLE),
    text(MARGIN, 62, 'soft', SUBTITLE),
    ...panels,
    group(x, y, key.lines),
    '</svg>\n',
  ].join('\n');
}

/** A title, the workloads, and one axis under them. */
function panel(title: string, own: readonly BenchResult[]): Drawing {
  const recorded = own.flatMap(({ link, workload }) => Object.values(OTHERS[link]?.[workload] ?? {}));
  const most = Math.max(
    ...own.map(({ m3OpsPerSegment }) => m3OpsPerSegment!),
    ...recorded.map(({ m3Ops }) => m3Ops),
  );
  const step = stepOf(most);
  const ticks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
  const scale: Scale = (ops) => (ops / ticks.at(-1)) * BARS;
  const lines = [text(0, 12, 'panel', title)];
  let y = 28;
  for (const result of own) {
    const { lines: bars, height } = workload(result, ticks, scale);
    lines.push(group(0, y, bars));
    y += height;
  }
  if (recorded.length > 0) y -= BETWEEN;
  lines.push(...ticks.map((ops) => text(NAMES + scale(ops), y + 12, 'soft small', count(ops), 'middle')));
  return { lines, height: y + 44 };
}

/** One bar a stack, ours on top. Where nobody stands beside it, it bears the workload's name. */
function workload(result: BenchResult, ticks: readonly number[], scale: Scale): Drawing {
  const { link, workload: name, m3OpsPerSegment = 0 } = result;
  const figures = OTHERS[link]?.[name];
  const others = figures === undefined ? [] : STACKS.map((stack) => [stack, figures[stack].m3Ops] as const);
  const isAlone = others.length === 0;
  const top = isAlone ? 0 : HEAD;
  const end = top + ROW * (1 + others.length);
  const head = [
    text(0, 12, 'strong', name),
    text(NAMES, 12, 'soft small', MEANINGS[name as keyof typeof MEANINGS]),
  ];
  const lines = [
    ...(isAlone ? [] : head),
    ...ticks.map((ops) => vertical('axis', NAMES + scale(ops), top - 2, end - 2)),
    ...stacked(result, top, scale),
    ...labels(top, isAlone ? name : 'Sandwire', m3OpsPerSegment, scale, 'strong'),
    ...others.flatMap(([stack, ops], i) => {
      const y = top + ROW * (i + 1);
      return [box('other', [NAMES, y, scale(ops), BAR]), ...labels(y, stack, ops, scale, 'soft')];
    }),
  ];
  return { lines, height: end + (isAlone ? 0 : BETWEEN) };
}

/** Sandwire's bar: a piece for each layer. */
function stacked({ m3OpsByLayer, m3OpsPerSegment = 0 }: BenchResult, y: number, scale: Scale): string[] {
  if (m3OpsByLayer === undefined) return [box('tcp', [NAMES, y, scale(m3OpsPerSegment), BAR])];
  let before = 0;
  return LAYERS.flatMap((layer) => {
    const [from, ops] = [before, m3OpsByLayer[layer] ?? 0];
    before += ops;
    const place = [NAMES + scale(from), y, scale(ops), BAR] as const;
    return ops === 0 ? [] : [box(layer, place, { title: `${layer}: ${count(ops)}` })];
  });
}

function labels(y: number, name: string, ops: number, scale: Scale, style: string): string[] {
  return [
    text(NAMES - 8, y + 11, style, name, 'end'),
    text(NAMES + scale(ops) + 6, y + 11, `${style} count`, count(ops)),
  ];
}

function legend(): Drawing {
  const words = ['link', 'IP', 'TCP', 'socket', 'program'];
  const square = (x: number, y: number, style: string): string => box(style, [x, y, KEY, KEY], { radius: 2 });
  return {
    lines: [
      text(0, 14, 'strong small', 'Sandwire'),
      ...LAYERS.flatMap((layer, i) => {
        const x = 80 + i * 60;
        return [square(x, 4, layer), text(x + KEY + 5, 14, 'small', words[i]!)];
      }),
      ...[text(0, 38, 'strong small', 'Others'), square(80, 28, 'other')],
      ...NOTES.map((note, i) => text(80 + KEY + 5, 38 + i * 16, 'soft small', note)),
    ],
    height: 38 + NOTES.length * 16,
  };
}

/** Steps of an axis: 1, 2 or 5 times a power of ten, so that there are three to seven. */
function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 2.5));
  return power * ([5, 2].find((times) => most / (power * times) >= 2.5) ?? 1);
}

const count = (ops: number): string => Math.round(ops).toLocaleString('en-US');
