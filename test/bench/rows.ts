// SPDX-License-Identifier: MIT
// Rows of a benchmark with made-up figures.

import { LAYERS, LINKS } from '../../host/bench/result.ts';
import type { BenchLink, BenchReport, BenchResult, BenchWorkload, Layer } from '../../host/bench/result.ts';

export const MACHINE = 'AMD EPYC, 2 cores, Node 20.20.2, Linux 6.18 x64';

/** A row of V8. */
export function v8(link: BenchLink, workload: BenchWorkload, ns: number, spread = 2): BenchResult {
  return { engine: 'v8', link, workload, ...time(ns, spread) };
}

/** A row of wasm3, with the operations of its layers from the wire upward. */
export function wasm3(
  link: BenchLink,
  workload: BenchWorkload,
  ns: number,
  layers: readonly number[],
): BenchResult {
  const named = LAYERS.map((layer, i): [Layer, number] => [layer, layers[i] ?? 0]);
  return {
    ...{ engine: 'wasm3', link, workload },
    ...time(ns, 3),
    m3OpsPerSegment: layers.reduce((sum, ops) => sum + ops, 0),
    m3OpsByLayer: Object.fromEntries(named),
  };
}

/** A row of the emulated Pico. */
export function pico(workload: BenchWorkload, rttMs: number, spi: number, kBps: number): BenchResult {
  return {
    ...{ engine: 'pico', link: 'enc28j60', workload, rttMs, kBps },
    segmentsPerSecond: Math.round((kBps * 1000) / 1460),
    cyclesPerSegment: { spi, interpreter: 14_064, c: 1_909, idle: 43_627 },
  };
}

function time(ns: number, spread: number): Partial<BenchResult> {
  return {
    segmentsPerSecond: Math.round(1e9 / ns),
    nsPerSegment: ns,
    nsP99: Math.round(ns * 1.2),
    nsSpread: spread,
  };
}

export function reportOf(results: BenchResult[], machine = MACHINE): BenchReport {
  return { machine, commit: '0123456789ab', load: 0.2, results };
}

/** All rows of the chart. */
export function chartRows(): BenchResult[] {
  const layers: Record<string, number[]> = {
    'bulk-rx': [1210, 90, 250, 60, 40],
    'bulk-tx': [1150, 120, 480, 80, 0],
    echo64: [330, 130, 560, 100, 60],
    churn: [520, 480, 1700, 340, 90],
  };
  return LINKS.flatMap((link) =>
    (['bulk-rx', 'bulk-tx', 'echo64', 'churn'] as const).map((workload) => {
      const [first, ...rest] = layers[workload]!;
      return wasm3(link, workload, 4000, [link === 'port' ? first! : Math.round(first! / 5), ...rest]);
    }),
  );
}
