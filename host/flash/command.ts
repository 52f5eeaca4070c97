// SPDX-License-Identifier: MIT
// The verb `flash` of the command line: its arguments.

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { seconds } from '../sim/arguments.ts';
import type { FlashOptions } from './flash.ts';

const EXAMPLES = `
Hold BOOTSEL down while you plug the Pico in: it shows up as the drive RPI-RP2.

Examples:
  $ sandwire flash                                build, copy, reboot
  $ sandwire flash --wait                         the same, and the board may come later
  $ sandwire flash --mount /media/$USER/RPI-RP2   one of several boards
  $ sandwire flash --file some.uf2 --dry-run      only look at both
  $ sandwire flash --via openocd                  by a debug probe on SWDIO and SWCLK`;

/** Add `flash` to the command line. */
export function addFlash(program: Command): void {
  program
    .command('flash')
    .description('build the firmware if needed and bring it onto a Raspberry Pi Pico')
    .addOption(
      new Option('--file <file>', 'this UF2 file; without it build/sandwire-pico.uf2, built if needed'),
    )
    .addOption(
      new Option('--mount <dir>', 'the folder of the board’s drive; without it the only one there is'),
    )
    .addOption(
      new Option('--via <way>', 'the drive of BOOTSEL mode, or a debug probe')
        .choices(['drive', 'openocd'])
        .default('drive'),
    )
    .addOption(new Option('--wait', 'wait for a board to appear'))
    .addOption(
      new Option(
        '--timeout <seconds>',
        'for the reboot (without it 30), and for a board to appear',
      ).argParser((text) => {
        try {
          return seconds(text);
        } catch (error) {
          throw new InvalidArgumentError((error as Error).message);
        }
      }),
    )
    .addOption(
      new Option('--dry-run', 'check everything and say what would be done; write nothing to the board'),
    )
    .addOption(new Option('--json', 'one JSON object per line'))
    .addHelpText('after', EXAMPLES)
    .action(async (options: FlashOptions) => {
      const { flash } = await import('./flash.ts');
      return flash(options, async () => {
        const { buildFirmware } = await import('../firmware/build.ts');
        return (await buildFirmware()).uf2;
      });
    });
}
