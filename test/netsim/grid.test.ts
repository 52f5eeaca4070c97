// SPDX-License-Identifier: MIT
// The loss grid and the shared bottleneck: what the snapshot says must be what is measured, for a part of the runs, and
// what the snapshot says must be good enough, for all.

import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { runCell } from '../../host/netsim/cell.ts';
import { FLOW_BUFFER, jain, runFlows } from '../../host/netsim/flows.ts';
import type { FlowsResult } from '../../host/netsim/flows.ts';
import { runJob } from '../../host/netsim/jobs.ts';
import { moduleFor, mssFor } from '../../host/netsim/modules.ts';
import { cellOf, entryOf, EVERYTHING, jobsFor, QUICK } from '../../host/netsim/netsim.ts';
import { readSnapshot, runLines } from '../../host/netsim/snapshot.ts';
import { targetsOf } from '../../host/netsim/targets.ts';

const module = async (buffer: number): Promise<Uint8Array> => readFileSync(await moduleFor(buffer));

describe('the snapshot', () => {
  const snapshot = readSnapshot();

  it('has every cell and every number of flows, with every seed', () => {
    const { buffers, losses, flows, seeds } = EVERYTHING;
    const cells = buffers.flatMap((buffer) => losses.map((loss) => `${buffer} ${loss}`));
    expect(snapshot.grid.map(({ buffer, lossPercent }) => `${buffer} ${lossPercent}`)).toEqual(cells);
    const shared = ['short', 'long', 'narrow', 'mixed'].flatMap((name) =>
      flows.map((count) => `${name} ${count}`),
    );
    expect(snapshot.flows.map((entry) => `${entry.scenario} ${entry.flows}`)).toEqual(shared);
    expect([...snapshot.grid, ...snapshot.flows].every((entry) => entry.seeds.length === seeds)).toBe(true);
  });

  it('is what is measured: a sixth of it, with the first seed', async () => {
    const { buffers } = QUICK;
    const files = new Map<number, string>();
    for (const buffer of [...buffers, FLOW_BUFFER]) files.set(buffer, await moduleFor(buffer));
    const jobs = jobsFor({ ...QUICK, seeds: 1 }, 'v8', files);
    const measured = jobs.flatMap((job) => {
      const result = runJob(job);
      return job.kind === 'cell'
        ? runLines({ grid: [cellOf(job.buffer, job.lossPercent, [result as number])], flows: [] })
        : runLines({ grid: [], flows: [entryOf(job.scenario, job.flows, [result as FlowsResult])] });
    });
    const first = {
      grid: snapshot.grid.map((cell) => ({ ...cell, seeds: cell.seeds.slice(0, 1) })),
      flows: snapshot.flows.map((entry) => ({ ...entry, seeds: entry.seeds.slice(0, 1) })),
    };
    const lines = new Set(runLines(first));
    expect(measured.filter((line) => !lines.has(line))).toEqual([]);
    expect(measured).toHaveLength(jobs.length);
  });

  test.each(targetsOf(snapshot))('at least $least $name', ({ worst, least, where }) => {
    expect(worst, where).toBeGreaterThanOrEqual(least);
  });

  it('says something of every target', () => {
    expect(targetsOf(snapshot)).toHaveLength(6);
  });
});

describe('a run', () => {
  it('is the same with the same seed, and another with another', async () => {
    const cell = { engine: 'v8', module: await module(4096), lossPercent: 10 } as const;
    const first = runCell({ ...cell, seed: 1 });
    expect(runCell({ ...cell, seed: 1 })).toBe(first);
    expect(runCell({ ...cell, seed: 2 })).not.toBe(first);
  });

  it('is the same under wasm3', async () => {
    const cell = { module: await module(4096), lossPercent: 5, seed: 0 };
    expect(runCell({ ...cell, engine: 'wasm3' })).toBe(runCell({ ...cell, engine: 'v8' }));
  });

  it('of flows is the same with the same seed', async () => {
    const flows = {
      engine: 'v8',
      module: await module(FLOW_BUFFER),
      scenario: 'short',
      flows: 2,
      seed: 5,
    } as const;
    expect(runFlows(flows)).toEqual(runFlows(flows));
  });
});

test('the MSS divides the ring into the fewest whole segments', () => {
  expect([128, 1024, 2048, 4096, 8192, 16384, 32768].map(mssFor)).toEqual([
    // The text of a segment, and twelve octets of timestamps.
    140, 1036, 1036, 1377, 1377, 1377, 1436,
  ]);
});

test("Jain's index", () => {
  expect(jain([5, 5, 5, 5])).toBe(1);
  expect(jain([1, 0, 0, 0])).toBe(0.25);
  expect(jain([1, 3])).toBe(0.8);
});
