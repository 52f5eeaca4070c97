// SPDX-License-Identifier: MIT
// Rows of the benchmark, measured in a hurry: counts are exact all the same, times are only sane.

import { expect, test } from 'vitest';
import { hostCopy } from '../../host/bench/host-copy.ts';
import { measure } from '../../host/bench/measure.ts';
import { nullModule } from '../../host/bench/null-module.ts';
import { quantile, Timing } from '../../host/bench/timing.ts';
import { record } from '../../host/bench/workloads.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { Random } from '../../host/net/random.ts';

const HURRY = { v8: { warmUp: 5, run: 5 }, wasm3: { warmUp: 1, run: 5 } };

test('rows in the order of the plan, with what each engine and link can say', async () => {
  const steps: [string, number, number][] = [];
  const plan = {
    engines: ['v8', 'wasm3'],
    links: ['port', 'enc28j60'],
    workloads: ['bulk-rx', 'scale-1'],
    profile: true,
  } as const;
  const { results, hot } = await measure(plan, (...step) => steps.push(step), HURRY);
  expect(results.map(({ engine, link, workload }) => `${engine} ${link} ${workload}`)).toEqual([
    'v8 port bulk-rx',
    'wasm3 port bulk-rx',
    'v8 port scale-1',
    'wasm3 port scale-1',
    'v8 enc28j60 bulk-rx',
    'wasm3 enc28j60 bulk-rx',
  ]);
  expect(steps.slice(0, 5)).toEqual([
    ['compiling', 0, 12],
    ['bulk-rx over port', 0, 12],
    ['scale-1 over port', 1, 12],
    ['bulk-rx over enc28j60', 2, 12],
    ['run 1 of 3', 3, 12],
  ]);
  expect(steps.at(-1)).toEqual(['run 3 of 3', 11, 12]);
  for (const row of results) {
    expect(row.nsPerSegment).toBeGreaterThan(0);
    expect(row.nsP99).toBeGreaterThanOrEqual(row.nsPerSegment!);
    expect(row.nsSpread).toBeGreaterThanOrEqual(0);
    expect(row.segmentsPerSecond! * row.nsPerSegment!).toBeCloseTo(1e9, -7);
    const isCounted = row.engine === 'wasm3';
    expect('m3OpsPerSegment' in row && 'm3OpsByLayer' in row).toBe(isCounted);
    expect('spiOctetsPerSegment' in row && 'selectsPerSegment' in row).toBe(
      isCounted && row.link === 'enc28j60',
    );
    expect('timesOfCLoop' in row).toBe(
      row.engine === 'v8' && row.link === 'port' && row.workload === 'bulk-rx',
    );
    if (!isCounted) continue;
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    expect(sum(Object.values(row.m3OpsByLayer!))).toBeCloseTo(row.m3OpsPerSegment!, 1);
    const functions = hot!.filter(({ link, workload }) => link === row.link && workload === row.workload);
    expect(sum(functions.map(({ opsPerSegment }) => opsPerSegment))).toBeCloseTo(row.m3OpsPerSegment!, 2);
    expect(functions.map(({ opsPerSegment }) => opsPerSegment)).toEqual(
      functions.map(({ opsPerSegment }) => opsPerSegment).toSorted((a, b) => b - a),
    );
  }
});

test('without profile there are no hot functions', async () => {
  const plan = { engines: ['wasm3'], links: ['port'], workloads: ['idle'] } as const;
  const { results, hot } = await measure(plan, () => {}, HURRY);
  expect(hot).toBeUndefined();
  expect(results).toHaveLength(1);
});

test('what is timed is the module alone: of one that does nothing nothing remains', () => {
  const [conversation] = record('port', 'bulk-rx');
  const timeOf = (timing: Timing): number => {
    timing.run(60);
    return timing.times.median;
  };
  const nothing = { ...conversation!, changed: [] };
  const real = timeOf(new Timing('wasm3', readModule('bench'), conversation!));
  expect(Math.abs(timeOf(new Timing('wasm3', nullModule(nothing), nothing)))).toBeLessThan(real / 10);
});

test('a playback that comes to another memory is not timed', () => {
  const [conversation] = record('port', 'bulk-rx');
  const timing = new Timing('v8', nullModule(conversation!), conversation!);
  expect(() => timing.run(5)).toThrow(/another memory/);
});

test('quantiles', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  expect(quantile([5], 0.99)).toBe(5);
});

test('the copy of a host in V8 copies and sums as the one of wasm3 does', () => {
  const memory = new Uint8Array(65_536);
  const chance = new Random(1);
  memory.forEach((_, i) => (memory[i] = chance.below(256)));
  const { copy } = hostCopy('v8', () => memory.buffer);
  for (let i = 0; i < 2_000; i++) {
    const len = 1 + chance.below(1514);
    const src = 1 + chance.below(30_000);
    const dst = chance.below(4) === 0 ? 0 : 32_000 + chance.below(30_000);
    const text = memory.slice(src, src + len);
    let sum = 0;
    text.forEach((octet, at) => (sum += at % 2 === 0 ? octet << 8 : octet));
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    expect(copy!(dst, src, len)).toBe(sum);
    if (dst !== 0) expect(Buffer.compare(memory.subarray(dst, dst + len), text)).toBe(0);
  }
  expect(() => copy!(1, 65_000, 1_000)).toThrow(RangeError);
});
