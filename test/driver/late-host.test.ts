// SPDX-License-Identifier: MIT
// A host that is slow or late: it polls when the driver's deadline has long passed, or takes its time for each poll, and is
// told at once, or soon, to come again; never to sleep while there is something to do.

import { expect, test } from 'vitest';
import { Enc28j60 } from '../../host/enc28j60/chip.ts';
import { hal } from '../../host/machine/hal.ts';
import { instantiate } from '../../host/machine/machine.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { Stack } from '../../host/machine/stack.ts';
import { MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import { differences, frameOut, readyRig } from './rig.ts';

/** ms, LINK_POLL of config.ts. */
const LINK_POLL = 20;

test('a frame behind one that ended long ago, unseen, goes at the next poll, and that is near', async () => {
  const bench = await readyRig({ interrupts: false });
  bench.run(50);
  bench.stop();
  const polledAt = bench.nowMs;
  bench.call.poll!(polledAt);
  const frames = [frameOut(1514, 1), frameOut(100, 2)];
  bench.compose(frames[0]!);
  bench.run(5);
  bench.compose(frames[1]!);
  const after = bench.call.nextAt!(polledAt) >>> 0;
  expect(after).toBeLessThanOrEqual(LINK_POLL);
  bench.run(after);
  bench.call.poll!(bench.nowMs);
  bench.run(2);
  expect(differences(bench.sent, frames)).toEqual([]);
});

test.each([5, 26, 40, 120, 1100])(
  'a host that is late by %i ms each time comes back by its deadline alone',
  async (ms) => {
    const bench = await readyRig({});
    bench.stop();
    bench.chip.linkUp = false;
    let deadline = 0;
    for (let i = 0; i < 200; i++) {
      bench.run(deadline + ms);
      const now = bench.nowMs;
      bench.call.poll!(now);
      bench.call.receive!();
      deadline = bench.call.nextAt!(now) >>> 0;
      expect(deadline).toBeLessThanOrEqual(LINK_POLL);
    }
    expect(bench.isUp).toBe(false);
    bench.chip.linkUp = true;
    bench.resume();
    expect(bench.until(() => bench.isUp, 200)).toBe(true);
  },
);

test.each([0, 1, 5, 30, 100])(
  'the whole module with a host that takes %i ms for a poll: up, down, and up again',
  (busy) => {
    const clock = new VirtualClock();
    const chip = new Enc28j60(clock, { onTransmit: () => {} });
    const stats = { octets: 0, selects: 0 };
    const machine = instantiate('v8', readModule('sandwire'), {
      hal: hal(chip, () => machine.memory.buffer, stats),
    });
    const { configure, seed, start, poll } = machine.exports;
    const now = (): number => Math.floor(clock.now / MILLISECOND);
    configure!(0x0200, 2, 0x0a000002, 0xffffff00, 0);
    seed!(1, 2, 3, 4);
    start!(now());
    const live = (ms: number): void => {
      for (const end = now() + ms; now() < end;) {
        const answer = poll!(now()) >>> 0;
        expect(answer).toBeLessThanOrEqual(LINK_POLL);
        clock.run(Math.max(0.01, chip.int ? busy : Math.max(busy, answer)) * MILLISECOND);
      }
    };
    const stack = new Stack(machine);
    const links = (): (number | undefined)[] => [stack.counters().LinkUp, stack.counters().LinkDown];
    live(10_000);
    expect(links()).toEqual([1, 0]);
    chip.linkUp = false;
    live(3_000);
    expect(links()).toEqual([1, 1]);
    chip.linkUp = true;
    live(3_000);
    expect(links()).toEqual([2, 1]);
    expect(chip.violations).toEqual([]);
  },
);
