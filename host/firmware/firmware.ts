// SPDX-License-Identifier: MIT
// `npm run firmware`: build the image for a board, and say who takes its flash and RAM and how it boots.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { table } from '../view/table.ts';
import { chooseAddresses } from './addresses.ts';
import { buildFirmware, INTERPRETERS } from './build.ts';
import type { Interpreter } from './build.ts';
import { total, usage } from './usage.ts';

function tableOf(title: string, owners: Record<string, number>): string {
  const rows = Object.entries(owners)
    .filter(([owner]) => owner !== 'free')
    .sort(([, a], [, b]) => b - a)
    .map(([owner, octets]) => [owner, octets]);
  return table([title, 'octets'], [...rows, ['free', owners.free!], ['in all', total(owners)]]).join('\n');
}

const HELP = `Usage: npm run firmware -- [options]

Builds build/sandwire-pico.uf2 (.elf, .bin) for the Raspberry Pi Pico and says what it takes.

  --address A.B.C.D     of the board; at first 10.0.0.2
  --netmask A.B.C.D     255.255.255.0
  --gateway A.B.C.D     10.0.0.1; 0.0.0.0 for none. Each stays until another is given, or build/ is deleted
  --interpreter NAME    fast, or stock: wasm3 as it is, build/sandwire-pico-stock.uf2
  --json                the table for programs

Examples:
  npm run firmware
  npm run firmware -- --address 192.168.1.9 --gateway 192.168.1.1
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      address: { type: 'string' },
      netmask: { type: 'string' },
      gateway: { type: 'string' },
      interpreter: { type: 'string', default: 'fast' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const { interpreter, ...addresses } = values;
  if (!INTERPRETERS.includes(interpreter as Interpreter)) {
    throw new RangeError(`no interpreter ${interpreter}: fast or stock`);
  }
  chooseAddresses(addresses); // wrong ones are refused before anything is compiled
  console.error('compiling the firmware, and booting it in the emulator');
  const { log, ...files } = await buildFirmware({ ...addresses, interpreter: interpreter as Interpreter });
  const { flash, ram } = usage(readFileSync(files.map, 'utf8'), log.join('\n'));
  if (values.json) {
    console.log(JSON.stringify({ ...files, flash, ram, log }, null, 2));
    return;
  }
  console.log(
    `\n${tableOf('flash', flash)}\n\n${tableOf('RAM', ram)}\n\n${log.join('\n')}\n\n${relative(process.cwd(), files.uf2)}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
