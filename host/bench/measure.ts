// SPDX-License-Identifier: MIT
// All rows of V8 and wasm3: each workload is recorded and counted, played back and compared on each engine, and timed. The
// emulated Pico is pico.ts's.

import { build } from '../build.ts';
import { readModule } from '../machine/module-file.ts';
import { copyAndSum } from '../machine/wasm3.ts';
import type { Conversation } from './conversation.ts';
import { count, countsOf } from './count.ts';
import { SEGMENT } from './frames.ts';
import type { BenchEngine, BenchLink, BenchResult, BenchWorkload, Layer } from './result.ts';
import { time } from './timing.ts';
import type { Patience } from './timing.ts';
import { verify } from './verify.ts';
import { isOn, modulesOf } from './workloads.ts';

export interface Plan {
  engines: readonly Exclude<BenchEngine, 'pico'>[];
  links: readonly BenchLink[];
  workloads: readonly BenchWorkload[];
  /** Say which functions the M3 ops go to. */
  profile?: boolean;
}

/** What a function of the module takes of one operation of a workload. */
export interface HotFunction {
  link: BenchLink;
  workload: BenchWorkload;
  name: string;
  file: string;
  line: number;
  layer: Layer;
  opsPerSegment: number;
}

export interface Measured {
  results: BenchResult[];
  /** Of each workload the dearest first. */
  hot?: HotFunction[];
}

/** V8 translates what runs often once more, in the background. */
const PATIENCE: Readonly<Record<Plan['engines'][number], Patience>> = {
  v8: { warmUpMs: 250, measuredMs: 200 },
  wasm3: { warmUpMs: 30, measuredMs: 220 },
};

/**
 * The rows of `plan`, in its order; of workloads that a link does not have there are none. `onStep` hears of each that
 * begins, how many are done, and how many there are. Throws when the stack does what it must not.
 */
export async function measure(
  plan: Plan,
  onStep: (step: string, done: number, total: number) => void,
  patience = PATIENCE,
): Promise<Measured> {
  const pairs = plan.links.flatMap((link) =>
    plan.workloads.filter((workload) => isOn(link, workload)).map((workload) => ({ link, workload })),
  );
  onStep('compiling', 0, pairs.length);
  await build([...new Set(pairs.flatMap(({ link, workload }) => modulesOf(link, workload)))]);

  const results: BenchResult[] = [];
  const hot: HotFunction[] = [];
  for (const [done, { link, workload }] of pairs.entries()) {
    onStep(`${workload} over ${link}`, done, pairs.length);
    const counted = await count(link, workload);
    const { conversation, costs } = counted;
    for (const engine of plan.engines) {
      const hasLoop = engine === 'v8' && link === 'port' && LOOPED.includes(workload);
      results.push({
        ...{ engine, link, workload },
        ...timesOf(engine, conversation, patience[engine], hasLoop),
        ...(engine === 'wasm3' ? countsOf(counted) : {}),
      });
    }
    hot.push(
      ...costs.map(({ name, file, line, layer, ops }) => {
        return { link, workload, name, file, line, layer, opsPerSegment: ops / conversation.operations };
      }),
    );
  }
  return plan.profile === true ? { results, hot } : { results };
}

/** Workloads whose octets the C loop copies and sums beside them. */
const LOOPED: readonly BenchWorkload[] = ['bulk-rx', 'bulk-tx'];

function timesOf(
  engine: Plan['engines'][number],
  conversation: Conversation,
  patience: Patience,
  hasLoop: boolean,
): Partial<BenchResult> {
  const module = readModule(conversation.module);
  verify(engine, module, conversation);
  const [to, from] = [new Uint8Array(SEGMENT), new Uint8Array(SEGMENT).fill(0xa5)];
  const loop = hasLoop ? (times: number): void => void copyAndSum(to, from, times) : undefined;
  const { median, p99, spread, timesOfLoop } = time(engine, module, conversation, patience, loop);
  return {
    segmentsPerSecond: Math.round(1e9 / median),
    nsPerSegment: rounded(median, 1),
    nsP99: rounded(p99, 1),
    nsSpread: rounded(spread, 1),
    ...(timesOfLoop === undefined ? {} : { timesOfCLoop: rounded(timesOfLoop, 2) }),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
