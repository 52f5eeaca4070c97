// SPDX-License-Identifier: MIT
// The way of the loss grid: chance, delay, and a bottleneck with a drop-tail queue.

import { describe, expect, it } from 'vitest';
import { MICROSECOND, MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import { Random } from '../../host/net/random.ts';
import { Bottleneck, Path } from '../../host/netsim/path.ts';
import type { PathOptions } from '../../host/netsim/path.ts';

/** A path, and when what was sent over it arrived, in microseconds. */
function pathOf(options: Partial<PathOptions>): {
  clock: VirtualClock;
  path: Path;
  arrivals: [number, number][];
} {
  const clock = new VirtualClock();
  const arrivals: [number, number][] = [];
  const all = { delayMs: 50, loss: 0, chance: new Random(0), ...options };
  const path = new Path(clock, all, (frame) => arrivals.push([frame[0]!, clock.now / MICROSECOND]));
  return { clock, path, arrivals };
}

const frame = (first: number, length = 1250): Uint8Array => new Uint8Array(length).fill(first, 0, 1);

describe('a path', () => {
  it('takes its delay, and frames of one instant arrive together, in order', () => {
    const { clock, path, arrivals } = pathOf({});
    path.send(frame(1));
    path.send(frame(2));
    clock.run(49 * MILLISECOND);
    expect({ arrivals, inTransit: path.inTransit }).toEqual({ arrivals: [], inTransit: 2 });
    clock.run(MILLISECOND);
    expect(arrivals).toEqual([
      [1, 50_000],
      [2, 50_000],
    ]);
    expect(path.inTransit).toBe(0);
  });

  it('loses frames as often as it is told, each on its own', () => {
    const { clock, path, arrivals } = pathOf({ loss: 0.05 });
    const fates: string[] = [];
    path.onFrame = (_, fate) => fates.push(fate);
    for (let i = 0; i < 20_000; i++) path.send(frame(0, 60));
    clock.run(50 * MILLISECOND);
    expect(path.losses).toBe(20_000 - arrivals.length);
    expect(path.losses / 20_000).toBeCloseTo(0.05, 2);
    const pairs = fates.filter((fate, i) => fate === 'lost' && fates[i + 1] === 'lost').length;
    expect(pairs / 20_000).toBeCloseTo(0.05 ** 2, 3);
  });

  it('loses the same frames again with the same seed, and others with another', () => {
    const lost = (seed: number): number[] => {
      const { path } = pathOf({ loss: 0.2, chance: new Random(seed) });
      const fates: string[] = [];
      path.onFrame = (_, fate) => fates.push(fate);
      for (let i = 0; i < 100; i++) path.send(frame(0));
      return fates.flatMap((fate, i) => (fate === 'lost' ? [i] : []));
    };
    expect(lost(7)).toEqual(lost(7));
    expect(lost(7)).not.toEqual(lost(8));
  });
});

describe('a bottleneck', () => {
  it('lets frames through one after the other at its rate, those of all flows', () => {
    const bottleneck = new Bottleneck(10e6, 10_000); // 1,250 octets: 1 ms
    const one = pathOf({ bottleneck });
    one.path.send(frame(1));
    one.path.send(frame(2));
    expect(bottleneck.admit(0, 1250)).toBe(3 * MILLISECOND);
    one.clock.run(60 * MILLISECOND);
    expect(one.arrivals).toEqual([
      [1, 51_000],
      [2, 52_000],
    ]);
  });

  it('drops what finds no room in the queue, and takes in again as it drains', () => {
    const bottleneck = new Bottleneck(10e6, 2500);
    const admitted = [0, 0, 0, 0.5, 1].map((ms) => bottleneck.admit(ms * MILLISECOND, 1250) !== undefined);
    expect(admitted).toEqual([true, true, false, false, true]);
    expect({ frames: bottleneck.frames, drops: bottleneck.drops, octets: bottleneck.octets }).toEqual({
      ...{ frames: 5, drops: 2, octets: 3750 },
    });
  });
});
