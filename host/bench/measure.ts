// SPDX-License-Identifier: MIT
// All rows of V8 and wasm3: each workload is recorded and counted, played back and compared on each engine, and timed, in a few
// runs with those of all others in between: a spell in which the computer is slower then shows in the spread, instead of
// passing for the time of one workload. The emulated Pico is pico.ts's.

import { build } from '../build.ts';
import { readModule } from '../machine/module-file.ts';
import { copyAndSum } from '../machine/wasm3.ts';
import type { Conversation } from './conversation.ts';
import { count, countsOf } from './count.ts';
import { SEGMENT } from './frames.ts';
import { moduleHash } from './origin.ts';
import type { BenchEngine, BenchLink, BenchResult, BenchWorkload, Layer } from './result.ts';
import { Timing } from './timing.ts';
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

/** How long each row is timed on an engine, ms. */
export interface Patience {
  /** Before what counts. */
  warmUp: number;
  /** In each run. */
  run: number;
}

/** V8 translates what runs often once more, in the background. */
const PATIENCE: Readonly<Record<Plan['engines'][number], Patience>> = {
  v8: { warmUp: 250, run: 60 },
  wasm3: { warmUp: 20, run: 70 },
};

const RUNS = 3;

/** Workloads whose octets the C loop copies and sums beside them, in V8 on the port link. */
const LOOPED: readonly BenchWorkload[] = ['bulk-rx', 'bulk-tx'];

/** A row that is being timed. */
interface Row {
  engine: Plan['engines'][number];
  result: BenchResult;
  timing: Timing;
}

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
  const steps = pairs.length * (1 + RUNS);
  let done = 0;
  onStep('compiling', done, steps);
  await build([...new Set(pairs.flatMap(({ link, workload }) => modulesOf(link, workload)))]);

  const hot: HotFunction[] = [];
  const rows: Row[][] = [];
  for (const { link, workload } of pairs) {
    onStep(`${workload} over ${link}`, done++, steps);
    const counted = await count(link, workload);
    const { conversation, costs } = counted;
    const module = moduleHash(readModule(conversation.module));
    rows.push(
      plan.engines.map((engine) => {
        const counts = engine === 'wasm3' ? countsOf(counted) : {};
        const hasLoop = engine === 'v8' && link === 'port' && LOOPED.includes(workload);
        const timing = timingOf(engine, conversation, hasLoop);
        timing.warmUp(patience[engine].warmUp);
        return { engine, result: { engine, link, workload, module, ...counts }, timing };
      }),
    );
    hot.push(
      ...costs.map(({ name, file, line, layer, ops }) => {
        return { link, workload, name, file, line, layer, opsPerSegment: ops / conversation.operations };
      }),
    );
  }
  for (let run = 1; run <= RUNS; run++) {
    for (const ofPair of rows) {
      onStep(`run ${run} of ${RUNS}`, done++, steps);
      for (const { engine, timing } of ofPair) timing.run(patience[engine].run);
    }
  }
  const results = rows.flat().map(({ result, timing }) => ({ ...result, ...timesOf(timing) }));
  return plan.profile === true ? { results, hot } : { results };
}

/** To be timed, after one playback in which everything is compared. */
function timingOf(engine: Plan['engines'][number], conversation: Conversation, hasLoop: boolean): Timing {
  const module = readModule(conversation.module);
  verify(engine, module, conversation);
  const [to, from] = [new Uint8Array(SEGMENT), new Uint8Array(SEGMENT).fill(0xa5)];
  const loop = (times: number): void => void copyAndSum(to, from, times);
  return new Timing(engine, module, conversation, hasLoop ? loop : undefined);
}

function timesOf(timing: Timing): Partial<BenchResult> {
  const { median, p99, spread, timesOfLoop } = timing.times;
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
