// SPDX-License-Identifier: MIT
// The verb `netsim`: goodput under loss and at a shared bottleneck, in virtual time, beside another stack's figures.

import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Selection } from './netsim.ts';

const EXAMPLES = `
Examples:
  $ sandwire netsim                              the whole: 72 cells and 4 × 5 runs of flows, 6 seeds each
  $ sandwire netsim --quick                      a sixth of it, one seed
  $ sandwire netsim --buffer 4096 --loss 5       one cell
  $ sandwire netsim --buffer 4096 --loss 5 --trace 40   where its time goes, and its first 40 frames
  $ sandwire netsim --flows 4                    four flows through one bottleneck
  $ sandwire netsim --json > netsim.json
  $ sandwire netsim --snapshot                   write the whole to test/netsim/grid.snapshot.txt`;

const MAX_SEEDS = 100;
const MAX_BUFFER = 262_144;
const MAX_LOSS = 50;
const MAX_FLOWS = 64;

interface NetsimFlags {
  quick?: boolean;
  buffer?: number;
  loss?: number;
  flows?: number;
  seeds?: number;
  engine: 'v8' | 'wasm3';
  trace?: number | true;
  json?: boolean;
  snapshot?: boolean;
}

export function addNetsim(program: Command): void {
  program
    .command('netsim')
    .description('goodput under loss and at a shared bottleneck, in virtual time')
    .option('--quick', 'a sixth of the cells, few flows, one seed')
    .addOption(number('--buffer <octets>', 'rings of this size only', 128, MAX_BUFFER, true))
    .addOption(number('--loss <percent>', 'this loss only', 0, MAX_LOSS, false))
    .addOption(number('--flows <count>', 'this number of flows only', 1, MAX_FLOWS, true))
    .addOption(
      number('--seeds <count>', 'runs of each, with other losses; 6 unless told', 1, MAX_SEEDS, true),
    )
    .addOption(new Option('--engine <name>', 'what runs the module').choices(['v8', 'wasm3']).default('v8'))
    .addOption(number('--trace [frames]', 'of one cell: silences, counters, its first frames', 0, 1e6, true))
    .option('--json', '{"grid": […], "flows": […], "targets": […]} for programs')
    .addOption(
      new Option('--snapshot', 'write the whole to where the tests compare it').conflicts([
        ...['quick', 'buffer', 'loss', 'flows', 'seeds', 'trace', 'json'],
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(runNetsim);
}

/** An option that takes a number of a range. */
function number(flags: string, description: string, least: number, most: number, isWhole: boolean): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (
      !/^\d+(\.\d+)?$/.test(text) ||
      value < least ||
      value > most ||
      (isWhole && !Number.isInteger(value))
    ) {
      throw new InvalidArgumentError(
        `Allowed are ${isWhole ? 'whole ' : ''}numbers from ${least} to ${most}`,
      );
    }
    return value;
  });
}

async function runNetsim(flags: NetsimFlags): Promise<void> {
  const { engine, json, snapshot } = flags;
  if (flags.trace !== undefined) return runTrace(flags, flags.trace === true ? 0 : flags.trace);
  const { netsim } = await import('./netsim.ts');
  const { Progress } = await import('../view/progress.ts');
  const progress = new Progress(process.stderr, 'netsim');
  const result = await netsim(await select(flags), engine, {
    onProgress: (done, total, what) => progress.update(done, total, what),
  }).finally(() => progress.clear());
  const { report } = await import('./report.ts');
  const { targetsOf } = await import('./targets.ts');
  if (snapshot === true) {
    const { writeSnapshot } = await import('./snapshot.ts');
    writeSnapshot(result);
  }
  print(
    json === true ? JSON.stringify({ ...result, targets: targetsOf(result) }) : report(result).join('\n'),
  );
}

/** Which runs the options ask for: a cell's leave out the flows, the flows' leave out the cells. */
async function select({ quick, buffer, loss, flows, seeds }: NetsimFlags): Promise<Selection> {
  const { EVERYTHING, QUICK } = await import('./netsim.ts');
  const all = quick === true ? QUICK : EVERYTHING;
  const isCell = buffer !== undefined || loss !== undefined;
  const isFlows = flows !== undefined;
  return {
    buffers: isFlows && !isCell ? [] : buffer === undefined ? all.buffers : [buffer],
    losses: loss === undefined ? all.losses : [loss],
    flows: isFlows ? [flows] : isCell ? [] : all.flows,
    seeds: seeds ?? all.seeds,
  };
}

async function runTrace({ buffer, loss, engine, json }: NetsimFlags, frames: number): Promise<void> {
  if (buffer === undefined || loss === undefined) {
    throw new Error('--trace is for one cell: say which by --buffer and --loss');
  }
  if (json === true) throw new Error('--trace is for people: leave out --json');
  const { readFileSync } = await import('node:fs');
  const { moduleFor } = await import('./modules.ts');
  const { trace } = await import('./trace.ts');
  const module = readFileSync(await moduleFor(buffer));
  print(trace({ engine, module, lossPercent: loss, seed: 0 }, frames).join('\n'));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
