// SPDX-License-Identifier: MIT
// The verb `bench`: what a segment costs, in time, in operations of wasm3, and in cycles of the emulated board.

import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { BenchFlags, Tools } from './bench.ts';
import { namesOf } from './choose.ts';
import { ENGINES, LINKS, WORKLOADS } from './result.ts';

const EXAMPLES = `
A row that --compare finds worse does not change the exit code.

Examples:
  $ sandwire bench                                   everything; the Pico where its compiler is there
  $ sandwire bench --engine wasm3 --link port --workload bulk-rx,bulk-tx
  $ sandwire bench --engine pico                     kB/s and cycles of the firmware, at three round trips
  $ sandwire bench --json > before.json
  $ sandwire bench --compare before.json             what a change cost
  $ sandwire bench --engine wasm3 --workload echo64 --profile    where its operations go
  $ sandwire bench --svg host/bench/speed.svg        the chart of the README`;

export function addBench(program: Command): void {
  program
    .command('bench')
    .description('what a segment costs: time, M3 ops by layer, cycles of the Pico; beside other stacks')
    .optionsGroup('Which rows (all unless told; repeatable, or with commas):')
    .addOption(choices('--engine <names>', ENGINES))
    .addOption(choices('--link <names>', LINKS))
    .addOption(choices('--workload <names>', WORKLOADS))
    .addOption(
      new Option('--interpreter <name>', 'of the Pico: ours, or wasm3 as it is').choices(['fast', 'stock']),
    )
    .optionsGroup('What is shown:')
    .option('--profile', 'the functions that take the most M3 ops, too')
    .option('--json', '{"machine", "commit", "results": […]} for programs')
    .option('--compare <file>', 'a verdict on each figure of an earlier --json')
    .option('--svg <file>', 'draw the chart of the README')
    .addHelpText('after', EXAMPLES)
    .action(runBench);
}

/** An option that takes names of a list. */
function choices<T extends string>(flags: string, known: readonly T[]): Option {
  const read = namesOf(known);
  return new Option(flags, known.join(', ')).argParser((text: string, before: T[] | undefined) => {
    try {
      return read(text, before);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  });
}

async function runBench(flags: BenchFlags): Promise<void> {
  const { bench } = await import('./bench.ts');
  await bench(flags, TOOLS);
}

const TOOLS: Tools = {
  measure: async (plan, onStep) => (await import('./measure.ts')).measure(plan, onStep),
  firmware: async (interpreter) => {
    const { buildEmulated, hasToolchain, PACKAGES } = await import('../firmware/build.ts');
    if (!hasToolchain()) throw new Error(`npm run firmware builds its image, and needs ${PACKAGES}`);
    return (await buildEmulated(interpreter)).uf2;
  },
  board: async (uf2, { workloads, roundTrips }, onStep) => {
    const { build } = await import('../build.ts');
    await build(['large-port']); // the other end
    const { benchPico } = await import('./pico.ts');
    return benchPico(uf2, workloads, roundTrips, onStep);
  },
  stdout: process.stdout,
  stderr: process.stderr,
};
