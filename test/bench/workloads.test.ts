// SPDX-License-Identifier: MIT
// The workloads are what they are said to be: frames in and out of one operation, and on which links they run.

import { expect, test } from 'vitest';
import { WORKLOADS } from '../../host/bench/result.ts';
import type { BenchWorkload } from '../../host/bench/result.ts';
import { isOn, modulesOf, record } from '../../host/bench/workloads.ts';

/** In and out, of one operation. */
const FRAMES: Partial<Record<BenchWorkload, [number, number]>> = {
  'bulk-rx': [1, 0.5],
  'bulk-tx': [0.5, 1],
  echo64: [1, 1],
  churn: [4, 2],
  'bulk-rx-6': [1, 0.5],
  'write1-nagle': [0.25, 0.25],
  'write1-nodelay': [0.25, 1],
  'scale-1': [1, 0.5],
  'scale-64': [1, 0.5],
  idle: [0, 0],
};

test.each(Object.entries(FRAMES))('%s: frames in and out', (workload, frames) => {
  for (const { frames: actual, operations } of record('port', workload as BenchWorkload)) {
    expect([actual.in / operations, actual.out / operations]).toEqual(frames);
  }
});

test('bulk-rx-loss: in four hundred segments four that were lost or came again, and duplicate ACKs for eight holes', () => {
  const [{ frames, operations }] = record('port', 'bulk-rx-loss') as [ReturnType<typeof record>[0]];
  expect(operations).toBe(400);
  // A segment that came three places late has been asked for three times, and comes twice.
  expect(frames.in).toBeGreaterThanOrEqual(400);
  expect(frames.in).toBeLessThanOrEqual(404);
  expect(frames.out).toBeGreaterThan(208);
  expect(frames.out).toBeLessThan(230);
});

test('bulk-tx over the chip is acknowledged every second segment, as on the port', () => {
  const [{ frames, operations }] = record('enc28j60', 'bulk-tx') as [ReturnType<typeof record>[0]];
  expect(frames.out / operations).toBe(1);
  expect(frames.in / operations).toBeCloseTo(0.5, 2);
});

test('where each runs', () => {
  const on = (link: Parameters<typeof isOn>[0]): BenchWorkload[] =>
    WORKLOADS.filter((workload) => isOn(link, workload));
  const scale = WORKLOADS.filter((workload) => workload.startsWith('scale'));
  expect(on('port')).toEqual(WORKLOADS);
  expect(on('enc28j60')).toEqual(WORKLOADS.filter((workload) => !scale.includes(workload)));
  expect(on('port-host-sums')).toEqual(on('enc28j60').filter((workload) => workload !== 'idle'));
  expect(modulesOf('port', 'idle')).toEqual(['bench', 'large-port']);
  expect(modulesOf('port', 'scale-1')).toEqual(['large-port']);
});
