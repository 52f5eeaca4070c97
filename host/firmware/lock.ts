// SPDX-License-Identifier: MIT
// One process at a time: a file that holds the number of the process at work. Who finds it waits; who finds that the
// process is gone takes its place.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/** Do `action` while nobody else does anything under the same `path`. */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  while (!take(path)) await sleep(POLL_MS);
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isHeld(path)) rmSync(path, { force: true });
    return false;
  }
}

function isHeld(path: string): boolean {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch (error) {
    // Of somebody else's process one may not even ask.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
