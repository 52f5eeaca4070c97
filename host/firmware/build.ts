// SPDX-License-Identifier: MIT
// The firmware: the module, and board/Makefile around it. An image for a board boots once in the emulator before anybody
// gets it.

import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { build, BUILD, ROOT } from '../build.ts';
import { chooseAddresses, DEFAULTS, keepAddresses } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { bootLog } from './boot-log.ts';
import { withLock } from './lock.ts';

export const INTERPRETERS = ['fast', 'stock'] as const;
export type Interpreter = (typeof INTERPRETERS)[number];

export interface FirmwareOptions extends Partial<Addresses> {
  /** wasm3 with operations of our own, or as it is. Default `fast`. */
  interpreter?: Interpreter | undefined;
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

/** Where the image `name` is built. */
export function firmwareFiles(name: string): Firmware {
  const base = join(BUILD, name);
  return { elf: `${base}.elf`, bin: `${base}.bin`, uf2: `${base}.uf2`, map: `${base}.map` };
}

const suffix = (interpreter: Interpreter): string => (interpreter === 'fast' ? '' : `-${interpreter}`);

/** Build what has changed of the image `name`. Throws one line when the compiler is missing; what make said when it fails. */
export async function buildImage(
  name: string,
  interpreter: Interpreter,
  addresses: Addresses,
): Promise<Firmware> {
  if (!hasToolchain()) throw new Error(`the compiler for the board is missing: ${PACKAGES}`);
  await build(['sandwire']);
  const files = firmwareFiles(name);
  const { address, netmask, gateway } = addresses;
  await withLock(join(BUILD, 'firmware.lock'), () =>
    make([
      `INTERPRETER=${interpreter}`,
      `OUT=../build/${name}`, // relative: make takes the space in a path for its end
      ...[`ADDRESS=${address}`, `NETMASK=${netmask}`, `GATEWAY=${gateway}`],
    ]),
  );
  return files;
}

/** The image for the emulator: at the address where tests, benchmark and simulation look for it, whatever the board's is. */
export const EMULATED = 'emulated-pico';

export function buildEmulated(interpreter: Interpreter = 'fast'): Promise<Firmware> {
  return buildImage(`${EMULATED}${suffix(interpreter)}`, interpreter, DEFAULTS);
}

/**
 * The image for a board; addresses that are not given stay as they were in the last build. It has booted in the emulator,
 * and `log` is what it said; one that does not boot is taken away. Throws one line.
 */
export async function buildFirmware({ interpreter = 'fast', ...given }: FirmwareOptions = {}): Promise<
  Firmware & { log: string[] }
> {
  const addresses = chooseAddresses(given);
  const files = await buildImage(`sandwire-pico${suffix(interpreter)}`, interpreter, addresses);
  try {
    const log = bootLog(files.uf2);
    keepAddresses(addresses);
    return { ...files, log };
  } catch (error) {
    rmSync(files.uf2, { force: true });
    throw error;
  }
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
      const reason = said.replace(/^(make|Makefile:\d+: \*\*\*).*\n?/gm, '');
      if (code === 0) resolve();
      else reject(new Error(reason.trim() || said.trim() || `make ended with ${code}`));
    });
  });
}
