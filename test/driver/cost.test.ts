// SPDX-License-Identifier: MIT
// What a frame costs: chip-selects and octets on the bus, operations of wasm3. The figures are what the driver was measured
// at; who makes it cheaper lowers them, who makes it dearer says why.

import { ops } from 'wasm3-binding/counting';
import { expect, test } from 'vitest';
import { frameIn, readyRig } from './rig.ts';
import type { Rig } from './rig.ts';

interface Cost {
  selects: number;
  octets: number;
  ops: number;
}

/** The cost of `action`, done a second time: the first passage through a call costs one operation more. */
function costOf(bench: Rig, action: () => void): Cost {
  action();
  const { selects, octets } = bench.stats;
  const before = ops();
  action();
  return { selects: bench.stats.selects - selects, octets: bench.stats.octets - octets, ops: ops() - before };
}

/** The bus exactly; operations at most. */
function expectCost(actual: Cost, expected: Cost): void {
  expect(actual).toMatchObject({ selects: expected.selects, octets: expected.octets });
  expect(actual.ops).toBeLessThanOrEqual(expected.ops);
}

/** A bench on which nothing happens by itself. */
async function still(fullDuplex: boolean): Promise<Rig> {
  const bench = await readyRig({ engine: 'wasm3-counting', fullDuplex });
  bench.run(50);
  bench.stop();
  return bench;
}

const HEADER = 54;

test('receiving a full frame alone, with the look that finds no other', async () => {
  const bench = await still(false);
  const { receive, read, release, buffer } = bench.call;
  const at = buffer!();
  const cost = costOf(bench, () => {
    bench.chip.receive(frameIn(1514, 1));
    receive!();
    read!(at, 1514 - HEADER);
    release!();
    receive!();
  });
  expectCost(cost, { selects: 11, octets: 1543, ops: 170 });
});

test('receiving a full frame in a batch', async () => {
  const bench = await still(false);
  const { receive, read, release, buffer } = bench.call;
  const at = buffer!();
  for (let i = 0; i < 3; i++) bench.chip.receive(frameIn(1514, i));
  const cost = costOf(bench, () => {
    receive!();
    read!(at, 1514 - HEADER);
    release!();
  });
  expectCost(cost, { selects: 6, octets: 1533, ops: 109 });
});

test.each([
  ['a full one', 1514, { selects: 6, octets: 71, ops: 109 }],
  ['an ACK', 60, { selects: 5, octets: 78, ops: 99 }],
])('leaving a frame of which only the head was read: %s', async (_, len, expected) => {
  const bench = await still(false);
  const { receive, release } = bench.call;
  for (let i = 0; i < 3; i++) bench.chip.receive(frameIn(len, i));
  const cost = costOf(bench, () => {
    receive!();
    release!();
  });
  expectCost(cost, expected);
});

test.each([
  [false, { selects: 13, octets: 1538, ops: 189 }],
  [true, { selects: 11, octets: 1534, ops: 181 }],
])('sending a full frame behind another, full duplex: %s', async (fullDuplex, expected) => {
  const bench = await still(fullDuplex);
  const { poll, write, send, buffer } = bench.call;
  const at = buffer!();
  const compose = (): void => {
    write!(HEADER, at, 1514 - HEADER);
    send!(at, HEADER, 1514);
  };
  compose();
  const cost = costOf(bench, () => {
    compose();
    bench.run(2);
    poll!(bench.nowMs);
  });
  expectCost(cost, expected);
});

test('an idle poll, with its look for frames', async () => {
  const bench = await still(false);
  const { poll, receive, nextAt } = bench.call;
  const now = bench.nowMs;
  const cost = costOf(bench, () => {
    poll!(now);
    receive!();
    nextAt!(now);
  });
  expectCost(cost, { selects: 1, octets: 2, ops: 53 });
});

test('the audit', async () => {
  const bench = await still(false);
  bench.run(2_000);
  const { poll } = bench.call;
  const { selects, octets } = bench.stats;
  const before = ops();
  poll!(bench.nowMs);
  const cost = {
    selects: bench.stats.selects - selects,
    octets: bench.stats.octets - octets,
    ops: ops() - before,
  };
  expectCost(cost, { selects: 48, octets: 112, ops: 1703 });
});
