// SPDX-License-Identifier: MIT
// When a run ends, and what a terminal is shown.

import { afterEach, describe, expect, it, test, vi } from 'vitest';
import { Stop } from '../../host/sim/stop.ts';
import { outputWidth, wantsColor } from '../../host/sim/terminal.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('Ctrl-C', () => {
  /** A run that waits; afterwards no listener of it is left. */
  async function waiting(script: (stop: Stop, exit: () => number[]) => Promise<void>): Promise<void> {
    vi.useFakeTimers();
    const codes: number[] = [];
    vi.spyOn(process, 'exit').mockImplementation((code) => codes.push(Number(code)) as never);
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const before = signals.map((signal) => process.listeners(signal));
    await script(new Stop(10), () => codes);
    signals.forEach((signal, i) => {
      for (const listener of process.listeners(signal)) {
        if (!before[i]!.includes(listener)) process.off(signal, listener);
      }
    });
  }

  it('ends a run in good order', () =>
    waiting(async (stop, exit) => {
      process.emit('SIGINT');
      expect(await stop.told).toBeUndefined();
      expect(exit()).toEqual([]);
    }));

  it('that a package manager doubles is one', () =>
    waiting(async (_stop, exit) => {
      process.emit('SIGINT');
      await vi.advanceTimersByTimeAsync(20);
      process.emit('SIGINT');
      expect(exit()).toEqual([]);
    }));

  it('a second time ends the process at once', () =>
    waiting(async (_stop, exit) => {
      process.emit('SIGINT');
      await vi.advanceTimersByTimeAsync(1000);
      process.emit('SIGINT');
      expect(exit()).toEqual([130]);
    }));

  it('is not needed when the duration is over', () =>
    waiting(async (stop) => {
      let isOver = false;
      void stop.told.then(() => (isOver = true));
      await vi.advanceTimersByTimeAsync(9999);
      expect(isOver).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(isOver).toBe(true);
    }));
});

describe('colours', () => {
  const terminal = (isTTY: boolean): void => {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('TERM', 'xterm');
    vi.spyOn(process, 'stdout', 'get').mockReturnValue({ isTTY, columns: 200 } as typeof process.stdout);
  };

  test('on a terminal', () => {
    terminal(true);
    expect(wantsColor()).toBe(true);
  });

  test('not into a file', () => {
    terminal(false);
    expect(wantsColor()).toBe(false);
  });

  test('not with NO_COLOR', () => {
    terminal(true);
    vi.stubEnv('NO_COLOR', '1');
    expect(wantsColor()).toBe(false);
  });

  test('and 80 to 120 columns, 100 in a file', () => {
    terminal(true);
    expect(outputWidth()).toBe(120);
    terminal(false);
    expect(outputWidth()).toBe(100);
  });
});
