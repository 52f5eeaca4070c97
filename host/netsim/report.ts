// SPDX-License-Identifier: MIT
// The figures as text: tables for people, ours beside the other stack's, and what the targets say. Goodputs are octets
// per second.

import { table } from '../view/table.ts';
import { SCENARIOS } from './flows.ts';
import type { ScenarioName } from './flows.ts';
import type { FlowsEntry, GridCell, NetsimResult } from './netsim.ts';
import { targetsOf } from './targets.ts';

const COMPARED = 'Ours with congestion control; smoltcp as it comes, without; one run of theirs';

/** The tables and the targets, without line ends. */
export function report(result: NetsimResult): string[] {
  const blocks = [gridLines(result.grid), ...flowsLines(result.flows), targetLines(result)];
  return blocks.filter((block) => block.length > 0).flatMap((block, i) => (i > 0 ? ['', ...block] : block));
}

function gridLines(grid: readonly GridCell[]): string[] {
  if (grid.length === 0) return [];
  const buffers = [...new Set(grid.map(({ buffer }) => buffer))];
  const losses = [...new Set(grid.map(({ lossPercent }) => lossPercent))];
  const rows = buffers.flatMap((buffer) => {
    const cells = losses.map((loss) =>
      grid.find((cell) => cell.buffer === buffer && cell.lossPercent === loss)!,
    );
    const theirs = cells.map(({ recorded }) => (recorded === undefined ? '' : goodput(recorded)));
    const ratios = cells.map(({ bytesPerSecond, recorded }) =>
      recorded === undefined ? '' : `× ${(bytesPerSecond / recorded).toFixed(2)}`,
    );
    const ours = cells.map(({ bytesPerSecond }) => goodput(bytesPerSecond));
    const spreads = cells.map(({ bytesPerSecond, seeds }) => spread(bytesPerSecond, seeds));
    const own = [
      [`${buffer}`, 'ours', ...ours],
      ...(cells[0]!.seeds.length > 1 ? [['', '', ...spreads]] : []),
    ];
    const isKnown = cells.some(({ recorded }) => recorded !== undefined);
    return isKnown ? [...own, ['', 'smoltcp', ...theirs], ['', '', ...ratios]] : own;
  });
  return [
    `One connection, round trip 100 ms, 10 MiB, rings of both ends as in the row; octets per second${ofSeeds(grid[0]!)}`,
    ...(grid.some(({ recorded }) => recorded !== undefined) ? [COMPARED] : []),
    '',
    ...table(['ring', 'loss', ...losses.map((loss) => `${loss} %`)], rows),
  ];
}

function flowsLines(flows: readonly FlowsEntry[]): string[][] {
  return (Object.keys(SCENARIOS) as ScenarioName[]).flatMap((scenario) => {
    const entries = flows.filter((entry) => entry.scenario === scenario);
    if (entries.length === 0) return [];
    const rows = entries.map((entry) => [
      `${entry.flows}`,
      ...[entry.bytesPerSecond, entry.slowest, entry.fastest].map(goodput),
      ...[entry.jain.toFixed(4), `${entry.dropPercent.toFixed(2)} %`],
      ...[goodput(entry.limit), `${(100 * entry.linkUse).toFixed(1)} %`],
      ...(entry.recorded === undefined
        ? []
        : [
            goodput(entry.recorded.bytesPerSecond),
            entry.recorded.jain.toFixed(4),
            `${entry.recorded.dropPercent} %`,
          ]),
    ]);
    const headings = ['flows', 'together', 'slowest', 'fastest', 'Jain', 'dropped', 'limit', 'used'];
    const theirs = rows.some((row) => row.length > headings.length) ? ['smoltcp', 'Jain', 'dropped'] : [];
    const title = `Flows through one bottleneck: ${SCENARIOS[scenario].title}${ofSeeds(entries[0]!)}`;
    return [[title, '', ...table([...headings, ...theirs], rows)]];
  });
}

function targetLines(result: NetsimResult): string[] {
  return targetsOf(result).map(({ name, least, worst, where, holds }) => {
    const verdict = holds ? 'holds ' : 'MISSED';
    return `${verdict}  at least ${least.toFixed(2)} ${name}: ${worst.toFixed(3)} (${where})`;
  });
}

function ofSeeds({ seeds }: { seeds: readonly unknown[] }): string {
  return seeds.length === 1 ? '' : `; mean of ${seeds.length} runs`;
}

/** How far the runs lie from their mean at most, in percent of it. */
function spread(mean: number, seeds: readonly number[]): string {
  const most = Math.max(...seeds.map((value) => Math.abs(value - mean)));
  return `± ${((100 * most) / mean).toFixed(1)} %`;
}

/** With commas; a decimal where it matters. */
function goodput(octetsPerSecond: number): string {
  return octetsPerSecond.toLocaleString('en-US', { maximumFractionDigits: octetsPerSecond < 100 ? 1 : 0 });
}
