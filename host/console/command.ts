// SPDX-License-Identifier: MIT
// The verb `console` of the command line: its arguments.

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { ConsoleOptions } from './console.ts';

const EXAMPLES = `
The board's UART: GP0 (pin 1, TX) to the RX of a 3.3 V USB-serial adapter or debug probe, GND to GND.

Examples:
  $ sandwire console                        the only port there is
  $ sandwire console --port /dev/ttyUSB1    one of several; on Windows COM3
  $ sandwire console --json | jq -r .text   for programs`;

const MAX_BAUD = 4_000_000;

/** Add `console` to the command line. */
export function addConsole(program: Command): void {
  program
    .command('console')
    .description('show what a board says on its UART')
    .addOption(new Option('--port <path>', 'the serial port; without it the only one there is'))
    .addOption(new Option('--baud <rate>', 'its speed').default(115_200).argParser(baud))
    .addOption(new Option('--json', 'one JSON object per line'))
    .addHelpText('after', EXAMPLES)
    .action(async (options: ConsoleOptions) => {
      const { watch } = await import('./console.ts');
      return watch(options);
    });
}

function baud(text: string): number {
  const rate = Number(text);
  if (!/^\d+$/.test(text) || rate < 1 || rate > MAX_BAUD) {
    throw new InvalidArgumentError(`Allowed are whole numbers from 1 to ${MAX_BAUD}`);
  }
  return rate;
}
