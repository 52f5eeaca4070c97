// SPDX-License-Identifier: MIT
// What one operation of each workload takes, as a file that is reviewed: a change that costs M3 ops shows in its diff. The
// counts are exact and the same on every machine. To record anew, after a look at the difference:
//
//   OPS=write npx vitest run test/bench/ops.test.ts

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { count, countsOf } from '../../host/bench/count.ts';
import { LAYERS, LINKS, WORKLOADS } from '../../host/bench/result.ts';
import type { BenchLink, BenchWorkload } from '../../host/bench/result.ts';
import { isOn } from '../../host/bench/workloads.ts';
import { table } from '../../host/view/table.ts';
import type { Cell } from '../../host/view/table.ts';

const FILE = new URL('ops.snapshot.txt', import.meta.url);
const HOW =
  'M3 ops of an operation have changed; if that is right: OPS=write npx vitest run test/bench/ops.test.ts';

/** What an operation may cost at most. */
const MOST: Partial<Record<BenchLink, Partial<Record<BenchWorkload, number>>>> = {
  port: { 'bulk-rx': 2_000, 'bulk-tx': 2_200, echo64: 1_500, churn: 4_000, idle: 60 },
  'port-host-sums': { 'bulk-rx': 700, 'bulk-tx': 900 },
  enc28j60: { 'bulk-rx': 1_400, 'bulk-tx': 1_600 },
};
/** How much more it may cost with 64 connections than with one. */
const GROWTH = 1.1;

test('the M3 ops of each workload are those of ops.snapshot.txt', { timeout: 120_000 }, async () => {
  const rows: Cell[][] = [];
  const ops = new Map<string, number>();
  for (const link of LINKS) {
    for (const workload of WORKLOADS.filter((it) => isOn(link, it))) {
      const counts = countsOf(await count(link, workload));
      ops.set(`${link} ${workload}`, counts.m3OpsPerSegment!);
      const layers = LAYERS.map((layer) => counts.m3OpsByLayer?.[layer] ?? 0);
      const bus = [counts.spiOctetsPerSegment ?? '', counts.selectsPerSegment ?? ''];
      rows.push([link, workload, counts.m3OpsPerSegment!, ...layers, ...bus]);
    }
  }
  const lines = table(['link', 'workload', 'M3 ops', ...LAYERS, 'SPI octets', 'selects'], rows);
  const text = ['One operation of each workload: host/bench/scripts.ts.', '', ...lines, ''].join('\n');
  if (process.env.OPS === 'write') writeFileSync(FILE, text);
  else expect(text, HOW).toBe(readFileSync(FILE, 'utf8'));
  for (const [link, most] of Object.entries(MOST)) {
    for (const [workload, limit] of Object.entries(most)) {
      expect(ops.get(`${link} ${workload}`), `${link} ${workload}`).toBeLessThanOrEqual(limit);
    }
  }
  for (const connections of [8, 32, 64]) {
    const growth = ops.get(`port scale-${connections}`)! / ops.get('port scale-1')!;
    expect(growth, `${connections} connections`).toBeLessThanOrEqual(GROWTH);
  }
});
