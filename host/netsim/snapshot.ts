// SPDX-License-Identifier: MIT
// The whole result as a file that is reviewed and kept with the tests: the report, then a line for every run, with all its
// digits, which the tests read back and compare.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../build.ts';
import type { FlowsResult, ScenarioName } from './flows.ts';
import { cellOf, entryOf } from './netsim.ts';
import type { NetsimResult } from './netsim.ts';
import { report } from './report.ts';

const SNAPSHOT = join(ROOT, 'test/netsim/grid.snapshot.txt');

const CELL = /^ring (\d+) loss ([\d.]+): ([\d. ]+)$/gm;
const FLOWS =
  /^flows (\d+) (\w+) seed \d+: ([\d.]+) ([\d.]+) ([\d.]+) jain ([\d.]+) dropped ([\d.]+) % of ([\d.]+)$/gm;

export function writeSnapshot(result: NetsimResult): void {
  const head = ['Made by `npm run netsim -- --snapshot`; do not edit.', ''];
  writeFileSync(SNAPSHOT, `${[...head, ...report(result), '', ...runLines(result)].join('\n')}\n`);
}

/** A line for each cell, with the goodput of every seed, and one for each run of flows. */
export function runLines({ grid, flows }: NetsimResult): string[] {
  const cells = grid.map(
    ({ buffer, lossPercent, seeds }) =>
      `ring ${buffer} loss ${lossPercent}: ${seeds.map((value) => value.toFixed(3)).join(' ')}`,
  );
  const runs = flows.flatMap(({ flows: count, scenario, seeds }) =>
    seeds.map((one, seed) => {
      const goodputs = [one.bytesPerSecond, one.slowest, one.fastest]
        .map((value) => value.toFixed(1))
        .join(' ');
      const rest = `jain ${one.jain.toFixed(6)} dropped ${one.dropPercent.toFixed(4)} % of ${one.limit.toFixed(1)}`;
      return `flows ${count} ${scenario} seed ${seed}: ${goodputs} ${rest}`;
    }),
  );
  return [...cells, ...runs];
}

/** What the snapshot says, as `netsim` would return it. */
export function readSnapshot(): NetsimResult {
  const text = readFileSync(SNAPSHOT, 'utf8');
  const grid = [...text.matchAll(CELL)].map(([, buffer, loss, seeds]) =>
    cellOf(Number(buffer), Number(loss), seeds!.split(' ').map(Number)),
  );
  const runs = new Map<string, { scenario: ScenarioName; count: number; seeds: FlowsResult[] }>();
  for (const [, count, scenario, ...figures] of text.matchAll(FLOWS)) {
    const [bytesPerSecond, slowest, fastest, jain, dropPercent, limit] = figures.map(Number) as Six;
    const result = { bytesPerSecond, slowest, fastest, jain, dropPercent, limit };
    const key = `${count} ${scenario}`;
    const entry = runs.get(key) ?? { scenario: scenario as ScenarioName, count: Number(count), seeds: [] };
    entry.seeds.push({ ...result, linkUse: bytesPerSecond / limit });
    runs.set(key, entry);
  }
  return {
    grid,
    flows: [...runs.values()].map(({ scenario, count, seeds }) => entryOf(scenario, count, seeds)),
  };
}

type Six = [number, number, number, number, number, number];
