// SPDX-License-Identifier: MIT
// Virtual time for programs written with streams and promises. The clock jumps; what a program does in answer to an
// event (a tick, a promise) must happen before the next event. So Node gets a turn after each one. No real time is
// waited for, and two runs of the same program give the same frames at the same instants.

import { SECOND } from '../net/clock.ts';
import type { VirtualClock } from '../net/clock.ts';

/**
 * Run `clock` until `promise` is settled; returns or throws what it does. Throws when `limit` nanoseconds have passed
 * or no event is left, which without this would be a program that waits for ever.
 */
export async function settle<T>(clock: VirtualClock, promise: Promise<T>, limit = 3600 * SECOND): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  promise.then(done, done);
  const end = clock.now + limit;
  await turn();
  while (!settled) {
    if (clock.now > end) throw new Error(`not settled after ${limit / SECOND} s of virtual time`);
    if (!clock.step()) throw new Error('not settled, and nothing is left to happen');
    await turn();
  }
  return promise;
}

/** All ticks and promises that are due, and those that follow from them. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
