// SPDX-License-Identifier: MIT
// `npm run firmware`: the module, then board/Makefile around it, and a table of who takes the board's flash and RAM. The
// image boots once in the emulator, for what only shows at run time, and because an image that does not should not leave
// the house.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build, BUILD, ROOT } from '../build.ts';
import { table } from '../view/table.ts';
import { bootLog } from './boot-log.ts';
import { heapUse, total, usageOf } from './usage.ts';
import type { Usage } from './usage.ts';

export const INTERPRETERS = ['fast', 'stock'] as const;
export type Interpreter = (typeof INTERPRETERS)[number];

export interface FirmwareOptions {
  /** Name of the files in build/. Default `sandwire-pico`, `sandwire-pico-stock`. */
  name?: string;
  /** wasm3 with real tail jumps, or as it is. Default `fast`. */
  interpreter?: Interpreter;
  /** Dotted decimal. What is not given stays as it was in the last build; in the first, board/Makefile's defaults hold. */
  address?: string;
  netmask?: string;
  gateway?: string;
}

/** Files of an image. */
export interface Firmware {
  elf: string;
  bin: string;
  uf2: string;
  map: string;
}

/** How to get the compiler. */
export const PACKAGES = 'apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi make';

/** Whether the cross compiler is there. */
export function hasToolchain(): boolean {
  const folders = (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':');
  return ['arm-none-eabi-gcc', 'make'].every((tool) =>
    folders.some((folder) => existsSync(join(folder, tool)) || existsSync(join(folder, `${tool}.exe`))),
  );
}

/** The image for the emulator: at the address where tests, benchmark and simulation look for it, whatever the product's is. */
export const EMULATED: FirmwareOptions = {
  name: 'emulated-pico',
  address: '10.0.0.2',
  netmask: '255.255.255.0',
  gateway: '10.0.0.1',
};

/** Where an image is built. */
export function firmwareFiles({ interpreter = 'fast', name }: FirmwareOptions = {}): Firmware {
  const base = join(BUILD, name ?? (interpreter === 'fast' ? 'sandwire-pico' : 'sandwire-pico-stock'));
  return { elf: `${base}.elf`, bin: `${base}.bin`, uf2: `${base}.uf2`, map: `${base}.map` };
}

/** Build what has changed. Throws one line when the compiler is missing; what make said when it fails. */
export async function buildFirmware(options: FirmwareOptions = {}): Promise<Firmware> {
  const { interpreter = 'fast', address, netmask, gateway } = options;
  if (!hasToolchain()) throw new Error(`the compiler for the board is missing: ${PACKAGES}`);
  await build(['sandwire']);
  const files = firmwareFiles(options);
  const settings = Object.entries({ ADDRESS: address, NETMASK: netmask, GATEWAY: gateway })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`);
  await make([`INTERPRETER=${interpreter}`, `OUT=${files.elf.replace(/\.elf$/, '')}`, ...settings]);
  return files;
}

function make(settings: string[]): Promise<void> {
  const child = spawn('make', ['-s', '-j2', '-C', join(ROOT, 'board'), ...settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      // What the tools said of it, without make's own remarks.
      const reason = said
        .replace(/^make.*\n/gm, '')
        .replace(/^Makefile:\d+: \*\*\* (.*?)\.? *Stop\.$/gm, '$1');
      if (code === 0) resolve();
      else reject(new Error(reason.trim() || said.trim() || `make ended with ${code}`));
    });
  });
}

/** Flash and RAM of an image that has been built; what is in the heap from the log of a boot. */
export function usage(files: Firmware, log: string): Usage {
  const { flash, ram } = usageOf(readFileSync(files.map, 'utf8'));
  const inHeap = heapUse(log);
  if (inHeap === undefined) return { flash, ram };
  const parts = Object.entries(inHeap).map(([part, octets]) => [`heap of wasm3: ${part}`, octets] as const);
  const others = Object.entries(ram).filter(([owner]) => owner !== 'heap of wasm3');
  return { flash, ram: Object.fromEntries([...parts, ...others]) };
}

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
  --gateway A.B.C.D     10.0.0.1; each stays until another is given
  --interpreter NAME    fast, or stock: wasm3 without tail jumps, build/sandwire-pico-stock.uf2
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
  console.error('compiling the firmware');
  const files = await buildFirmware({ ...addresses, interpreter: interpreter as Interpreter });
  console.error('booting it in the emulator');
  const log = bootLog(files.uf2);
  const { flash, ram } = usage(files, log.join('\n'));
  if (values.json) {
    console.log(JSON.stringify({ ...files, flash, ram, log }, null, 2));
    return;
  }
  console.log(`\n${tableOf('flash', flash)}\n\n${tableOf('RAM', ram)}\n\n${log.join('\n')}\n\n${files.uf2}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
