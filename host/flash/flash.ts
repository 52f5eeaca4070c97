// SPDX-License-Identifier: MIT
// The way of the firmware onto a board: the file is built or read and looked at, the board is found, the file is copied to
// its drive or given to openocd, the board reboots. Nothing is written before all that can be checked is checked.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { ROOT } from '../build.ts';
import { print } from '../sim/terminal.ts';
import { Progress } from '../view/progress.ts';
import { chooseBoard } from './choose.ts';
import { awaitReboot, copyToDrive } from './copy.ts';
import type { Drive } from './drives.ts';
import { checkBoot2, factsOf, hex, sha256 } from './image.ts';
import type { FirmwareFacts, Image } from './image.ts';
import { BIN, openocdArguments, programByOpenocd } from './openocd.ts';
import { readUf2 } from './uf2.ts';

export interface FlashOptions {
  /** A UF2 file. Default: what `build` makes. */
  file?: string;
  /** The folder of the board's drive. */
  mount?: string;
  dryRun?: boolean;
  via: 'drive' | 'openocd';
  json?: boolean;
  /** Seconds for the reboot (default 30), and for a board to appear (default: no limit). */
  timeout?: number;
  /** Wait for a board. */
  wait?: boolean;
}

const REBOOT_S = 30;
/** The simulation's module. */
const MODULE = join(ROOT, 'build', 'sandwire.wasm');
const WATCH = 'npx sandwire console';

/** A firmware file, looked at. */
interface Firmware {
  path: string;
  /** For people. */
  name: string;
  octets: Uint8Array;
  image: Image;
  facts?: FirmwareFacts;
}

/** Bring a firmware onto a board. `build` makes the firmware and names its UF2 file. Rejects with one line. */
export async function flash(options: FlashOptions, build: () => Promise<string>): Promise<void> {
  const tell = teller(options);
  if (options.via === 'openocd' && (options.mount !== undefined || options.wait === true)) {
    throw new Error('--mount and --wait are for the drive: a debug probe finds the board by its wires');
  }
  if (options.file === undefined) tell.line('Building the firmware, if it is not up to date.');
  const firmware = readFirmware(options.file ?? (await build()));
  const { path, name, image, facts } = firmware;
  tell.event('firmware', {
    file: path,
    begin: image.begin,
    octets: image.octets.length,
    module: facts?.module ?? null,
    address: facts?.address ?? null,
  });
  tell.line(`${name}: ${count(image.octets.length)} octets at ${hex(image.begin)}`);
  for (const line of factLines(facts)) tell.line(`  ${line}`);
  if (options.via === 'openocd') return viaOpenocd(firmware, options, tell);

  const waitMs = options.wait === true ? (options.timeout ?? Infinity) * 1000 : 0;
  if (waitMs > 0) tell.line('Waiting for a board: hold BOOTSEL down while you plug it in.');
  const drive = await chooseBoard({ mount: options.mount, waitMs });
  tell.event('board', { path: drive.path, boardId: drive.boardId, model: drive.model, device: drive.device });
  tell.line(`Board: ${drive.model} (${drive.boardId}) at ${drive.path}`);
  if (options.dryRun === true) {
    tell.event('dry-run', { to: join(drive.path, targetName(firmware)) });
    tell.line(
      `A dry run: ${count(firmware.octets.length)} octets would go to ${join(drive.path, targetName(firmware))}`,
    );
    return;
  }
  const begin = performance.now();
  const complaint = await copy(firmware, drive);
  await awaitReboot(drive, (options.timeout ?? REBOOT_S) * 1000, complaint);
  const seconds = Math.round(performance.now() - begin) / 1000;
  tell.event('done', { seconds });
  tell.line(`Done in ${seconds.toFixed(1)} s: the board has rebooted. Watch it: ${WATCH}`);
}

async function viaOpenocd({ image }: Firmware, { dryRun, json }: FlashOptions, tell: Teller): Promise<void> {
  const command = ['openocd', ...openocdArguments(BIN, image.begin)];
  if (dryRun === true) {
    tell.event('dry-run', { command });
    tell.line(`A dry run: ${command.map((word) => (/[\s{]/.test(word) ? `"${word}"` : word)).join(' ')}`);
    return;
  }
  const begin = performance.now();
  // Of a program that reads JSON, openocd's talk would be in the way.
  const stream = json === true ? process.stderr : process.stdout;
  await programByOpenocd(image, (text) => stream.write(text));
  const seconds = Math.round(performance.now() - begin) / 1000;
  tell.event('done', { seconds });
  tell.line(`Done in ${seconds.toFixed(1)} s: the board has been reset. Watch it: ${WATCH}`);
}

function readFirmware(file: string): Firmware {
  const path = resolve(file);
  const near = relative(process.cwd(), path);
  const name = near.startsWith(`..${sep}`) ? path : near;
  let octets: Uint8Array;
  try {
    octets = readFileSync(path);
  } catch (error) {
    throw new Error(`cannot read ${name}: ${(error as Error).message.split(',')[0]}`, { cause: error });
  }
  const image = readUf2(octets, name);
  checkBoot2(image, name);
  return { path, name, octets, image, facts: factsOf(image) };
}

function factLines(facts: FirmwareFacts | undefined): string[] {
  if (facts === undefined) return ['no Sandwire module is in it: another firmware'];
  const { module, address } = facts;
  const words = `module of ${count(module.octets)} octets, sha256 ${module.sha256.slice(0, 16)}`;
  const isHere = existsSync(MODULE);
  const isSame = isHere && sha256(readFileSync(MODULE)) === module.sha256;
  const comparison = isHere ? `: ${isSame ? 'the same as' : 'another than'} build/sandwire.wasm` : '';
  return [`${words}${comparison}`, `the board's address will be ${address}`];
}

async function copy(firmware: Firmware, drive: Drive): Promise<string | undefined> {
  const { octets } = firmware;
  const progress = new Progress(process.stderr, 'flash');
  try {
    return await copyToDrive(octets, drive, targetName(firmware), (done) =>
      progress.update(
        done,
        octets.length,
        `${Math.round(done / 1000)} of ${Math.round(octets.length / 1000)} kB`,
      ),
    );
  } finally {
    progress.clear();
  }
}

/** The name on the drive; it means nothing to the boot ROM. */
const targetName = ({ path }: Firmware): string => basename(path);

const count = (value: number): string => value.toLocaleString('en');

/** Says what happens, in lines for people or in JSON objects for programs. */
interface Teller {
  line(text: string): void;
  event(type: string, fields: object): void;
}

function teller({ json }: FlashOptions): Teller {
  return json === true
    ? { line: () => undefined, event: (type, fields) => print(JSON.stringify({ type, ...fields })) }
    : { line: print, event: () => undefined };
}
