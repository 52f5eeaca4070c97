// SPDX-License-Identifier: MIT
// Frames in both directions: data sheet section 7, through the ring's end and through both slots.

import { afterEach, describe, expect, test } from 'vitest';
import { MICROSECOND } from '../../host/net/clock.ts';
import { BROADCAST, differences, frameIn, frameOut, padded, readyRig } from './rig.ts';
import type { Rig, RigOptions } from './rig.ts';

/** Time of a frame on the wire with preamble, FCS and gap, ns. */
const onWire = (len: number): number => (8 + Math.max(len, 60) + 4 + 12) * 800;

/** Let frames arrive one behind the other, as fast as the wire allows; returns how long the last of them takes, ns. */
function arrive(bench: Rig, frames: Uint8Array[]): number {
  let at = bench.clock.now;
  for (const frame of frames) {
    at += onWire(frame.length);
    bench.clock.at(at, () => bench.chip.receive(frame));
  }
  return at - bench.clock.now;
}

const lengths = (count: number): number[] => Array.from({ length: count }, (_, i) => 60 + ((i * 389) % 1455));

let bench: Rig;
const make = async (options: RigOptions): Promise<Rig> => (bench = await readyRig(options));
afterEach(() => expect(bench.chip.violations).toEqual([]));

describe.each(['v8', 'wasm3'] as const)('reception on %s', (engine) => {
  test('every length from 60 to 1514 octets, contents compared', async () => {
    await make({ engine });
    const frames = Array.from({ length: 1455 }, (_, i) => frameIn(60 + i, i));
    bench.run(arrive(bench, frames) / 1e6 + 5);
    expect(differences(bench.received, frames)).toEqual([]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 1455 });
  });

  test('thousands of frames round the ring', async () => {
    await make({ engine });
    const frames = lengths(3000).map((len, i) => frameIn(len, i, i % 5 === 0 ? BROADCAST : undefined));
    bench.run(arrive(bench, frames) / 1e6 + 5);
    expect(differences(bench.received, frames)).toEqual([]);
  });
});

describe('reception', () => {
  test('a short frame comes padded to 60 octets', async () => {
    await make({});
    bench.chip.receive(frameIn(42, 1));
    bench.run(5);
    expect(bench.received).toEqual([padded(frameIn(42, 1))]);
  });

  test('runts, shorter than what is read with the chip’s header of a frame, are left behind', async () => {
    await make({});
    for (let len = 18; len < 60; len++) bench.chip.receive(frameIn(len, len), { runt: true });
    bench.chip.receive(frameIn(100, 1));
    bench.run(20);
    expect(bench.received).toEqual([frameIn(100, 1)]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 1, LinkRxBad: 42 });
  });

  test.each([
    ['nothing', (): number[] => []],
    ['the first 14 octets', (): number[] => [14]],
    ['all but 20 octets', (len: number): number[] => [len - 20]],
    ['all but 21 octets', (len: number): number[] => [len - 21]],
  ])('the next frame is found when of each frame was read: %s', async (_, reads) => {
    await make({ reads });
    const frames = lengths(200).map((len, i) => frameIn(len, i));
    bench.run(arrive(bench, frames) / 1e6 + 5);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 200 });
  });

  test('a frame can be read octet by octet', async () => {
    await make({ reads: (len) => new Array<number>(len).fill(1) });
    const frames = lengths(50).map((len, i) => frameIn(len, i));
    for (const frame of frames) {
      bench.chip.receive(frame);
      bench.run(10);
    }
    expect(differences(bench.received, frames)).toEqual([]);
  });

  test('frames that are not for us do not arrive', async () => {
    await make({});
    bench.chip.receive(frameOut(100, 1));
    bench.chip.receive(frameIn(100, 2), { badFcs: true });
    bench.chip.receive(frameIn(100, 3));
    bench.run(5);
    expect(bench.received).toEqual([frameIn(100, 3)]);
  });

  test('a burst that fills the ring to its last octets is delivered whole', async () => {
    await make({});
    const frames = [1514, 1514, 1514, 532].map((len, i) => frameIn(len, i));
    for (const frame of frames) bench.chip.receive(frame);
    bench.run(5);
    expect(differences(bench.received, frames)).toEqual([]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 4 });
  });

  test('more than the ring holds: the rest is lost and counted, and reception goes on', async () => {
    await make({});
    const frames = [1514, 1514, 1514, 1514].map((len, i) => frameIn(len, i));
    for (const frame of frames) bench.chip.receive(frame);
    bench.run(50);
    for (const frame of frames.slice(0, 3)) bench.chip.receive(frame);
    bench.run(50);
    expect(bench.received).toEqual([...frames.slice(0, 3), ...frames.slice(0, 3)]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 6, LinkRxOverflow: 1 });
    expect(bench.chip.register('EIR') & 1).toBe(0);
  });

  test('what the host left waiting it takes at once, even without INT', async () => {
    await make({ interrupts: false });
    const frames = Array.from({ length: 20 }, (_, i) => frameIn(100, i));
    for (const frame of frames) bench.chip.receive(frame);
    bench.until(() => bench.received.length > 0, 21);
    expect(bench.received.length).toBeLessThan(20);
    bench.run(5);
    expect(differences(bench.received, frames)).toEqual([]);
  });

  test('without INT no frame waits longer than 20 ms', async () => {
    await make({ interrupts: false });
    bench.run(100);
    for (let i = 0; i < 50; i++) {
      bench.run(3.7);
      bench.chip.receive(frameIn(100, i));
      const before = bench.received.length;
      expect(bench.until(() => bench.received.length > before, 21)).toBe(true);
    }
  });
});

describe.each([
  ['v8', false],
  ['v8', true],
  ['wasm3', false],
  ['wasm3', true],
] as const)('transmission on %s, full duplex: %s', (engine, fullDuplex) => {
  test('every length from 14 to 1514 octets, contents compared', async () => {
    await make({ engine, fullDuplex });
    const frames = Array.from({ length: 1501 }, (_, i) => frameOut(14 + i, i));
    for (const frame of frames) bench.send(frame);
    bench.until(() => bench.sent.length === frames.length, 5000);
    bench.run(50);
    expect(differences(bench.sent, frames.map(padded))).toEqual([]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkTxFrames: 1501 });
  });
});

describe('transmission', () => {
  test.each([false, true])('two slots keep the wire full; full duplex: %s', async (fullDuplex) => {
    await make({ fullDuplex });
    const instants: number[] = [];
    bench.onTransmit = () => instants.push(bench.clock.now);
    for (let i = 0; i < 100; i++) bench.send(frameOut(1514, i));
    bench.until(() => bench.sent.length === 100, 500);
    const each = (instants[99]! - instants[0]!) / 99;
    expect(each).toBeLessThan(1.01 * onWire(1514));
    const frames = Array.from({ length: 100 }, (_, i) => frameOut(1514, i));
    expect(differences(bench.sent, frames)).toEqual([]);
  });

  test('the frame that waits goes when the next received one is looked for, too', async () => {
    await make({});
    bench.run(10);
    bench.stop();
    bench.compose(frameOut(1514, 1));
    bench.compose(frameOut(1514, 2));
    bench.run(2);
    expect(bench.sent.length).toBe(1);
    bench.call.receive!();
    bench.run(2);
    expect(bench.sent.length).toBe(2);
  });

  test('one frame at a time leaves INT alone: its end wakes nobody', async () => {
    await make({});
    bench.run(10);
    bench.send(frameOut(100, 1));
    bench.until(() => bench.sent.length === 1, 5);
    const polls = bench.polls;
    bench.run(5);
    expect(bench.polls).toBe(polls);
    bench.send(frameOut(100, 2));
    bench.run(5);
    expect(bench.sent.length).toBe(2);
  });

  test.each([false, true])('both directions at once, full duplex: %s', async (fullDuplex) => {
    await make({ fullDuplex });
    const incoming = lengths(500).map((len, i) => frameIn(len, i));
    const outgoing = lengths(500).map((len, i) => frameOut(len, 1000 + i));
    for (const frame of outgoing) bench.send(frame);
    bench.run(arrive(bench, incoming) / 1e6 + 100);
    expect(differences(bench.sent, outgoing)).toEqual([]);
    expect(differences(bench.received, incoming)).toEqual([]);
    expect(bench.counters).toEqual({ LinkUp: 1, LinkRxFrames: 500, LinkTxFrames: 500 });
  });
});

test('INT is released when nothing is left to do', async () => {
  await make({});
  for (let i = 0; i < 20; i++) {
    for (let k = 0; k <= i % 4; k++) bench.send(frameOut(200, i));
    bench.chip.receive(frameIn(300, i));
    bench.run(7);
    expect(bench.chip.int).toBe(false);
  }
});

test('an idle driver looks every 20 ms', async () => {
  await make({});
  bench.run(100);
  const { polls } = bench;
  const { octets } = bench.stats;
  bench.run(10_000);
  expect(bench.polls - polls).toBeLessThan(560);
  expect(bench.stats.octets - octets).toBeLessThan(5_000);
  expect(bench.counters).toEqual({ LinkUp: 1 });
  expect(bench.clock.now % MICROSECOND).toBe(0);
});
