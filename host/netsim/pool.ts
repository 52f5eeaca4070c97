// SPDX-License-Identifier: MIT
// Carries out jobs in as many processes as there are processors.

import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { costOf } from './jobs.ts';
import type { Job, JobResult } from './jobs.ts';

type Answer = { result: JobResult } | { error: string };

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/**
 * The results in the jobs' order. `onDone` hears of every job that is done. Rejects with the first error, when all
 * processes have been stopped.
 */
export async function runAll(
  jobs: readonly Job[],
  onDone: (job: Job, done: number) => void = () => {},
): Promise<JobResult[]> {
  const results: JobResult[] = [];
  const queue = jobs.map((job, index) => ({ job, index })).sort((a, b) => costOf(b.job) - costOf(a.job));
  let done = 0;
  const stop = new AbortController();
  const serve = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(WORKER, { execArgv: ['--import', 'tsx'], signal: stop.signal });
      let current: (typeof queue)[number] | undefined;
      const next = (): void => {
        current = queue.shift();
        if (current === undefined) child.disconnect();
        else child.send(current.job);
      };
      child.on('message', (answer: Answer) => {
        if ('error' in answer) {
          reject(new Error(answer.error));
          return;
        }
        results[current!.index] = answer.result;
        onDone(current!.job, ++done);
        next();
      });
      child.on('error', reject);
      child.on('exit', (code) => {
        if (current === undefined) resolve();
        else reject(new Error(`a process of the simulation ended with ${code}`));
      });
      next();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, serve));
  } finally {
    stop.abort();
  }
  return results;
}
