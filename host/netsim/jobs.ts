// SPDX-License-Identifier: MIT
// A run as a plain object that can be handed to another process, and what comes of it.

import { readFileSync } from 'node:fs';
import type { Engine } from '../machine/machine.ts';
import { runCell } from './cell.ts';
import { runFlows } from './flows.ts';
import type { FlowsResult, ScenarioName } from './flows.ts';

interface Run {
  engine: Engine;
  /** File of the module. */
  module: string;
  seed: number;
}

export interface CellJob extends Run {
  kind: 'cell';
  buffer: number;
  lossPercent: number;
}

export interface FlowsJob extends Run {
  kind: 'flows';
  scenario: ScenarioName;
  flows: number;
}

export type Job = CellJob | FlowsJob;

/** Of a cell: octets per second. */
export type JobResult = number | FlowsResult;

/** Its name in a meter or an error. */
export function nameOf(job: Job): string {
  return job.kind === 'cell'
    ? `ring ${job.buffer}, ${job.lossPercent} % loss, seed ${job.seed}`
    : `${job.flows} flows, ${job.scenario}, seed ${job.seed}`;
}

/** Carry it out. Throws an Error that names the job. */
export function runJob(job: Job): JobResult {
  const module = readFileSync(job.module);
  try {
    return job.kind === 'cell' ? runCell({ ...job, module }) : runFlows({ ...job, module });
  } catch (error) {
    throw new Error(`${nameOf(job)}: ${(error as Error).message}`, { cause: error });
  }
}

/** About how long it takes, in arbitrary units: long jobs go first, so that the processes end together. */
export function costOf(job: Job): number {
  return job.kind === 'cell' ? 1 / Math.min(job.buffer, 1460) : job.flows / 2000;
}
