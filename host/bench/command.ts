// SPDX-License-Identifier: MIT
// The verb `bench`: counts under wasm3, cycles on the emulated board.

import type { Command } from 'commander';
import { Option } from 'commander';

const EXAMPLES = `
Examples:
  $ sandwire bench                         M3 ops, SPI octets, chip-selects per segment
  $ sandwire bench --engine pico           kB/s and cycles of the firmware, in the emulator
  $ sandwire bench --engine pico --json`;

interface BenchFlags {
  engine: 'wasm3' | 'pico';
  interpreter?: 'fast' | 'stock';
  json?: boolean;
}

export function addBench(program: Command): void {
  program
    .command('bench')
    .description('what a segment costs the board')
    .addOption(
      new Option('--engine <name>', 'wasm3 counts operations; pico counts cycles of the emulated board')
        .choices(['wasm3', 'pico'])
        .default('wasm3'),
    )
    .addOption(
      new Option('--interpreter <name>', 'of the board: ours, or wasm3 as it is').choices(['fast', 'stock']),
    )
    .option('--json', '{"results": […]} for programs')
    .addHelpText('after', EXAMPLES)
    .action(runBench);
}

async function runBench({ engine, interpreter, json }: BenchFlags): Promise<void> {
  if (engine === 'wasm3' && interpreter !== undefined) throw new Error('--interpreter is for --engine pico');
  const { build } = await import('../build.ts');
  await build(['sandwire', 'large-port']);
  if (engine === 'wasm3') {
    const { benchWasm3, wasm3Table } = await import('./wasm3.ts');
    const results = benchWasm3();
    print(json === true ? JSON.stringify({ results }) : wasm3Table(results).join('\n'));
    return;
  }
  const { buildEmulated } = await import('../firmware/build.ts');
  const { benchPico, picoTable } = await import('./pico.ts');
  const { Progress } = await import('../view/progress.ts');
  const { uf2 } = await buildEmulated(interpreter);
  const progress = new Progress(process.stderr, 'bench');
  const results = benchPico(uf2, (step, done, total) => progress.update(done, total, step));
  progress.clear();
  print(json === true ? JSON.stringify({ results }) : picoTable(results).join('\n'));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
