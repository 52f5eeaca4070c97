// SPDX-License-Identifier: MIT
// The whole: which cells and flows, with how many seeds; compile, run, and put together what belongs together.

import type { Engine } from '../machine/machine.ts';
import type { FlowsResult, ScenarioName } from './flows.ts';
import { FLOW_BUFFER, SCENARIOS } from './flows.ts';
import { nameOf } from './jobs.ts';
import type { Job } from './jobs.ts';
import { moduleFor, mssFor } from './modules.ts';
import { runAll } from './pool.ts';
import { BUFFERS, LOSSES, recordedFlows, recordedGoodput } from './recorded.ts';
import type { RecordedFlows } from './recorded.ts';

/** Which runs. */
export interface Selection {
  buffers: readonly number[];
  losses: readonly number[];
  flows: readonly number[];
  /** Runs of each, with seeds from 0 on. */
  seeds: number;
}

export const EVERYTHING: Selection = { buffers: BUFFERS, losses: LOSSES, flows: [1, 2, 4, 8, 16], seeds: 6 };
/** A sixth of the cells, and the fewest and most flows of the requirement. */
export const QUICK: Selection = {
  buffers: [512, 4096, 32768],
  losses: [0, 1, 5, 20],
  flows: [1, 8],
  seeds: 1,
};

/** One cell of the grid; goodputs in octets per second. */
export interface GridCell {
  buffer: number;
  lossPercent: number;
  /** Mean of `seeds`. */
  bytesPerSecond: number;
  /** Of each seed. */
  seeds: number[];
  mss: number;
  /** The other stack's, where there is such a cell. */
  recorded: number | undefined;
}

/** Some flows in one scenario; `seeds` is what the other fields are the means of. */
export interface FlowsEntry extends FlowsResult {
  scenario: ScenarioName;
  flows: number;
  seeds: FlowsResult[];
  /** The other stack's, in the one scenario that it was measured in. */
  recorded: RecordedFlows | undefined;
}

export interface NetsimResult {
  grid: GridCell[];
  flows: FlowsEntry[];
}

export interface Reports {
  /** What is going on: so many of so many runs are done. */
  onProgress?: (done: number, total: number, what: string) => void;
}

export async function netsim(
  selection: Selection,
  engine: Engine,
  reports: Reports = {},
): Promise<NetsimResult> {
  const { buffers, flows, seeds } = selection;
  const needed = [...buffers, ...(flows.length > 0 ? [FLOW_BUFFER] : [])];
  const modules = new Map<number, string>();
  for (const buffer of needed) {
    reports.onProgress?.(0, 1, `compiling, rings of ${buffer}`);
    modules.set(buffer, await moduleFor(buffer));
  }
  const jobs = jobsFor(selection, engine, modules);
  const results = await runAll(jobs, (job, done) => reports.onProgress?.(done, jobs.length, nameOf(job)));

  const bySeed = Array.from({ length: results.length / seeds }, (_, i) => ({
    job: jobs[i * seeds]!,
    ofSeeds: results.slice(i * seeds, (i + 1) * seeds),
  }));
  const result: NetsimResult = { grid: [], flows: [] };
  for (const { job, ofSeeds } of bySeed) {
    if (job.kind === 'cell') result.grid.push(cellOf(job.buffer, job.lossPercent, ofSeeds as number[]));
    else result.flows.push(entryOf(job.scenario, job.flows, ofSeeds as FlowsResult[]));
  }
  return result;
}

/** The runs of a selection; those that differ in the seed alone stand together. */
export function jobsFor(
  { buffers, losses, flows, seeds }: Selection,
  engine: Engine,
  modules: ReadonlyMap<number, string>,
): Job[] {
  const numbers = Array.from({ length: seeds }, (_, seed) => seed);
  const cells = buffers.flatMap((buffer) =>
    losses.flatMap((lossPercent) =>
      numbers.map((seed): Job => ({
        kind: 'cell',
        engine,
        module: modules.get(buffer)!,
        buffer,
        lossPercent,
        seed,
      })),
    ),
  );
  const scenarios = Object.keys(SCENARIOS) as ScenarioName[];
  const shared = scenarios.flatMap((scenario) =>
    flows.flatMap((count) =>
      numbers.map((seed): Job => ({
        kind: 'flows',
        engine,
        module: modules.get(FLOW_BUFFER)!,
        scenario,
        flows: count,
        seed,
      })),
    ),
  );
  return [...cells, ...shared];
}

export function cellOf(buffer: number, lossPercent: number, seeds: number[]): GridCell {
  const recorded = recordedGoodput(buffer, lossPercent);
  return { buffer, lossPercent, bytesPerSecond: mean(seeds), seeds, mss: mssFor(buffer), recorded };
}

export function entryOf(scenario: ScenarioName, flows: number, seeds: FlowsResult[]): FlowsEntry {
  const of = (field: keyof FlowsResult): number => mean(seeds.map((result) => result[field]));
  return {
    scenario,
    flows,
    ...{ bytesPerSecond: of('bytesPerSecond'), slowest: of('slowest'), fastest: of('fastest') },
    ...{ jain: of('jain'), dropPercent: of('dropPercent'), limit: of('limit'), linkUse: of('linkUse') },
    seeds,
    recorded: scenario === 'short' ? recordedFlows(flows) : undefined,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
