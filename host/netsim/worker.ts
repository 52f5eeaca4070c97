// SPDX-License-Identifier: MIT
// The other end of pool.ts: a process that carries out one job after another.

import { runJob } from './jobs.ts';
import type { Job } from './jobs.ts';

process.on('message', (job: Job) => {
  try {
    process.send!({ result: runJob(job) });
  } catch (error) {
    process.send!({ error: (error as Error).message });
  }
});
