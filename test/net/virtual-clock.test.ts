// SPDX-License-Identifier: MIT
// Virtual time for what takes time itself, and virtual time that keeps to the computer's clock.

import { afterEach, describe, expect, test } from 'vitest';
import { MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import { PacedClock } from '../../host/net/paced-clock.ts';

describe('an event that takes time', () => {
  test('sees when the next is due, and how far the run goes', () => {
    const clock = new VirtualClock();
    const seen: number[][] = [];
    clock.at(10, () => seen.push([clock.nextDue, clock.horizon]));
    clock.at(30, () => seen.push([clock.nextDue, clock.horizon]));
    clock.runUntil(50);
    expect(seen).toEqual([
      [30, 50],
      [Infinity, 50],
    ]);
    expect(clock.horizon).toBe(Infinity);
  });

  test('moves on, but not past the next', () => {
    const clock = new VirtualClock();
    const instants: number[] = [];
    clock.at(10, () => {
      for (const instant of [20, 15, 40]) {
        clock.advance(instant);
        instants.push(clock.now);
      }
    });
    clock.at(30, () => instants.push(clock.now));
    clock.runUntil(50);
    expect(instants).toEqual([20, 20, 30, 30]);
  });
});

describe('a paced clock', () => {
  let clock: PacedClock;
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  /** Keep the processor busy. */
  const work = (ms: number): void => {
    for (const end = performance.now() + ms; performance.now() < end;);
  };
  afterEach(() => clock.stop());

  test('is never ahead of the computer’s', async () => {
    clock = new PacedClock();
    const early: number[] = [];
    const began = performance.now();
    const tick = (n: number): void => {
      const ahead = clock.now / MILLISECOND - (performance.now() - began);
      if (ahead > 0) early.push(ahead);
      if (n < 20) clock.at(clock.now + 2 * MILLISECOND, () => tick(n + 1));
    };
    clock.start();
    tick(0);
    await sleep(100);
    expect(early).toEqual([]);
    expect(clock.nextDue).toBe(Infinity);
  });

  test('goes on with the time that passes outside, up to the next event', async () => {
    clock = new PacedClock();
    clock.at(1000 * MILLISECOND, () => undefined);
    clock.start();
    await sleep(50);
    expect(clock.now).toBeGreaterThan(49 * MILLISECOND);
    expect(clock.now).toBeLessThan(1000 * MILLISECOND);
  });

  test('runs slow when the work takes longer, and lets others have their turn', async () => {
    clock = new PacedClock();
    let turns = 0;
    const other = setInterval(() => turns++, 5);
    // A millisecond of the world takes five.
    const toil = (): void => {
      work(5);
      clock.at(clock.now + MILLISECOND, toil);
    };
    clock.at(0, toil);
    clock.start();
    await sleep(300);
    clearInterval(other);
    expect(clock.pace).toBeLessThan(0.5);
    expect(turns).toBeGreaterThan(3);
  });

  test('does not make up for what was lost', async () => {
    clock = new PacedClock();
    clock.at(MILLISECOND, () => work(200));
    clock.start();
    await sleep(250);
    let events = 0;
    const count = (): void => {
      events++;
      clock.at(clock.now + MILLISECOND, count);
    };
    count();
    await sleep(50);
    expect(events).toBeLessThan(50 + 50 + 20);
  });

  test('stands still when it is stopped', async () => {
    clock = new PacedClock();
    let events = 0;
    clock.at(20 * MILLISECOND, () => events++);
    clock.start();
    clock.stop();
    await sleep(50);
    expect(events).toBe(0);
  });
});
