// SPDX-License-Identifier: MIT
// Which build and which line each workload runs on, how many operations of it are measured, and its recording: in V8, the
// stack's every frame checked. What one operation is: scripts.ts.

import { readModule } from '../machine/module-file.ts';
import type { Conversation } from './conversation.ts';
import { ChipLine, PortLine } from './line.ts';
import type { BenchLink, BenchWorkload } from './result.ts';
import { bulkRx, bulkRxLoss, bulkTx, churn, echo64, idle, write1 } from './scripts.ts';
import type { Script } from './scripts.ts';
import { Stage } from './stage.ts';

/** One recording. */
interface Take {
  script: Script;
  /** Operations before those that count: windows, rings and caches are as they will stay. */
  warmUp: number;
  operations: number;
  /** In place of the link's build. */
  module?: string;
}

/** The build of each link. */
const MODULES: Readonly<Record<BenchLink, string>> = {
  port: 'bench',
  'port-host-sums': 'bench-sums',
  enc28j60: 'sandwire',
};
/** The one with many connections. */
const LARGE = 'large-port';
const MANY = 64;

/** More than one: the dearest counts. */
const TAKES: Readonly<Record<BenchWorkload, readonly Take[]>> = {
  'bulk-rx': [{ script: bulkRx(1), warmUp: 64, operations: 768 }],
  'bulk-tx': [{ script: bulkTx, warmUp: 64, operations: 768 }],
  echo64: [{ script: echo64, warmUp: 384, operations: 384 }],
  churn: [{ script: churn, warmUp: 64, operations: 128 }],
  'bulk-rx-loss': [{ script: bulkRxLoss, warmUp: 100, operations: 400 }],
  'bulk-rx-6': [{ script: bulkRx(6), warmUp: 96, operations: 384 }],
  'write1-nagle': [{ script: write1(false), warmUp: 64, operations: 384 }],
  'write1-nodelay': [{ script: write1(true), warmUp: 64, operations: 384 }],
  'scale-1': [scale(1)],
  'scale-8': [scale(8)],
  'scale-32': [scale(32)],
  'scale-64': [scale(MANY)],
  idle: [idleFor(1, 0), idleFor(1, 1), idleFor(MANY, 0, LARGE), idleFor(MANY, 1, LARGE)],
};

function scale(connections: number): Take {
  return { script: bulkRx(connections), warmUp: 4 * MANY, operations: 8 * MANY, module: LARGE };
}

function idleFor(connections: number, step: 0 | 1, module?: string): Take {
  return { script: idle(connections, step), warmUp: 8, operations: 64, ...(module ? { module } : {}) };
}

function takesOf(link: BenchLink, workload: BenchWorkload): readonly Take[] {
  const takes = TAKES[workload];
  if (link === 'port') return takes;
  // What names a build of its own is a matter of the port link, and how the sums are made is none of an idle stack.
  if (link === 'port-host-sums' && workload === 'idle') return [];
  return takes.filter(({ module }) => module === undefined);
}

/** Whether the workload is one of that link. */
export function isOn(link: BenchLink, workload: BenchWorkload): boolean {
  return takesOf(link, workload).length > 0;
}

/** The builds that its recordings are of. */
export function modulesOf(link: BenchLink, workload: BenchWorkload): string[] {
  return [...new Set(takesOf(link, workload).map(({ module }) => module ?? MODULES[link]))];
}

/** The recordings of a workload. Throws when the stack does not what the workload expects. */
export function record(link: BenchLink, workload: BenchWorkload): Conversation[] {
  return takesOf(link, workload).map((take) => {
    const module = take.module ?? MODULES[link];
    return recordTake(link, module, readModule(module), take);
  });
}

/** One recording, of the octets `bytes` of the build `module`. */
export function recordTake(
  link: BenchLink,
  module: string,
  bytes: Uint8Array,
  { script, warmUp, operations }: Omit<Take, 'module'>,
): Conversation {
  const line = link === 'enc28j60' ? new ChipLine('v8', bytes) : new PortLine('v8', bytes);
  const operate = script(new Stage(line));
  operate(warmUp);
  line.recorder.begin();
  const done = operate(operations);
  return line.recorder.end(module, done);
}
