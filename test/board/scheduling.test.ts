// SPDX-License-Identifier: MIT
// When a host polls its stack: the contract of `poll` and of the link's attention. The stack is a stand-in whose polls
// are scripted, so that every instant is known.

import { describe, expect, test } from 'vitest';
import { MICROSECOND, MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import type { Clock } from '../../host/net/clock.ts';
import { Host } from '../../host/sockets/host.ts';

const NEVER = 0x7fffffff;

/** A host whose module answers each poll with `answer(now)`, and whose link is a switch. */
class Bench extends Host {
  readonly polledAt: number[];
  waiting = false;

  constructor(clock: Clock, answer: (nowMs: number) => number) {
    const polledAt: number[] = [];
    const stub = (): number => 0;
    const exports = new Proxy(
      {},
      {
        get: (_, name) =>
          name !== 'poll'
            ? stub
            : (now: number): number => {
                polledAt.push(now >>> 0);
                return answer(now >>> 0);
              },
      },
    );
    super(
      { name: 'bench', clock, address: '10.0.0.2' },
      { exports, memory: { buffer: new ArrayBuffer(65536) } },
    );
    this.polledAt = polledAt;
  }

  protected beforePoll(): void {}
  protected afterPoll(): void {}
  protected get attention(): boolean {
    return this.waiting;
  }
  protected detach(): void {}
}

describe('poll(now) returns the milliseconds until the next deadline', () => {
  test('it is called again at the deadline, not before', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, () => 250).start();
    clock.runUntil(1000 * MILLISECOND);
    expect(host.polledAt).toEqual([0, 250, 500, 750, 1000]);
  });

  test('0x7fffffff is never', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, () => NEVER).start();
    clock.runUntil(2 ** 32 * MILLISECOND);
    expect(host.polledAt).toEqual([0]);
  });

  test('a deadline counts from the whole millisecond that poll was told', () => {
    const clock = new VirtualClock();
    clock.runUntil(0.75 * MILLISECOND);
    const host = new Bench(clock, (now) => (now === 0 ? 1 : NEVER)).start();
    clock.runUntil(MILLISECOND);
    expect(host.polledAt).toEqual([0, 1]);
  });

  test('0 means at once', () => {
    const clock = new VirtualClock();
    const host: Bench = new Bench(clock, () => (host.polledAt.length < 4 ? 0 : NEVER)).start();
    clock.runUntil(0);
    expect(host.polledAt).toEqual([0, 0, 0, 0]);
  });

  test('a stack that always says so does not stop the clock: it rests 20 us after 4 polls', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, () => 0).start();
    clock.runUntil(39 * MICROSECOND);
    expect(host.polledAt.length).toBe(8);
  });

  test('the time wraps at 2^32 milliseconds', () => {
    const clock = new VirtualClock();
    clock.runUntil(2 ** 32 * MILLISECOND);
    const host = new Bench(clock, () => 5).start();
    clock.run(5 * MILLISECOND);
    expect(host.polledAt).toEqual([0, 5]);
  });
});

describe('what else makes a host poll', () => {
  test('while INT stays asserted it polls every 20 us, however far the deadline', () => {
    const clock = new VirtualClock();
    const host: Bench = new Bench(clock, () => {
      host.waiting = host.polledAt.length < 3;
      return NEVER;
    }).start();
    clock.runUntil(39 * MICROSECOND);
    expect(host.polledAt.length).toBe(2);
    clock.runUntil(MILLISECOND);
    expect(host.polledAt.length).toBe(3);
  });

  test('wake() polls in this instant, once, however often it is called', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, () => NEVER).start();
    clock.runUntil(7 * MILLISECOND);
    host.wake();
    host.wake();
    clock.run(0);
    expect(host.polledAt).toEqual([0, 7]);
  });

  test('wake() from within, by a socket that was served, polls again at once, but does not stop the clock', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, () => NEVER).start();
    host.watch({ descriptor: 0, service: () => host.wake(), abandon: () => undefined });
    clock.runUntil(19 * MICROSECOND);
    expect(host.polledAt.length).toBe(4);
  });

  test('wake() leaves a deadline in force that the poll renews', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, (now) => 10 - (now % 10)).start();
    clock.runUntil(7 * MILLISECOND);
    host.wake();
    clock.runUntil(20 * MILLISECOND);
    expect(host.polledAt).toEqual([0, 7, 10, 20]);
  });

  test('after stop() it polls no more', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, () => 10).start();
    clock.runUntil(10 * MILLISECOND);
    host.stop();
    host.wake();
    clock.runUntil(100 * MILLISECOND);
    expect(host.polledAt).toEqual([0, 10]);
  });
});

describe('a trap', () => {
  test("is an 'error' event with the engine's message, and the host stops", () => {
    const clock = new VirtualClock();
    const host: Bench = new Bench(clock, () => {
      throw new Error('out of bounds memory access');
    }).start();
    const messages: string[] = [];
    host.on('error', (error) => messages.push(error.message));
    clock.runUntil(100 * MILLISECOND);
    expect(messages).toEqual(['trap in poll: out of bounds memory access']);
    expect(host.running).toBe(false);
    expect(host.polledAt).toEqual([0]);
  });

  test('takes the sockets with it', () => {
    const clock = new VirtualClock();
    const host = new Bench(clock, () => {
      throw new Error('unreachable');
    }).start();
    const abandoned: (Error | undefined)[] = [];
    host.watch({
      descriptor: 0,
      service: () => undefined,
      abandon: (error) => abandoned.push(error),
    });
    host.on('error', () => undefined);
    clock.runUntil(0);
    expect(abandoned).toEqual([expect.objectContaining({ message: 'trap in poll: unreachable' })]);
  });

  test('is thrown when nobody listens', () => {
    const clock = new VirtualClock();
    new Bench(clock, () => {
      throw new Error('unreachable');
    }).start();
    expect(() => clock.runUntil(0)).toThrow('trap in poll: unreachable');
  });
});
