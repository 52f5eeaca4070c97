// SPDX-License-Identifier: MIT
// The other way into the flash: a debug probe (CMSIS-DAP, such as the Raspberry Pi Debug Probe) on SWDIO and SWCLK, driven
// by openocd, an installed program. What it prints is shown; how it fails is said in one line.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hex } from './image.ts';
import type { Image } from './image.ts';

/** kHz on SWCLK: what the target's file says anyway for a probe of this kind, said here so that openocd does not ask. */
const SPEED = 5000;
/** The image, in a folder that lives as long as openocd does. */
export const BIN = 'sandwire-pico.bin';

/** What openocd says, and what it means. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/unable to find a matching CMSIS-DAP|No CMSIS-DAP device|no device found/i, 'no debug probe is connected'],
  [
    /LIBUSB_ERROR_ACCESS|could not open device|Permission denied/i,
    'the debug probe may not be opened: add a udev rule for it, or run this as root',
  ],
  [
    /cannot read (ID|DPID)R|Failed to connect multidrop|Error connecting DP|DAP init failed/i,
    'the probe does not reach the board: check SWDIO, SWCLK, GND and its power',
  ],
  [
    /verif(y|ication) failed|checksum mismatch|contents differ/i,
    'the flash is not what was written: try again',
  ],
];

/** The arguments of openocd for octets at an address. Braces keep Tcl from reading the path. */
export function openocdArguments(bin: string, address: number): string[] {
  const commands = [`adapter speed ${SPEED}`, `program {${bin}} verify reset exit ${hex(address)}`];
  const files = ['interface/cmsis-dap.cfg', 'target/rp2040.cfg'];
  return [...files.flatMap((file) => ['-f', file]), ...commands.flatMap((command) => ['-c', command])];
}

/** Program an image, verify it and start it; `show` gets what openocd prints. Rejects with one line. */
export async function programByOpenocd(image: Image, show: (text: string) => void): Promise<void> {
  // Out of the UF2 file, whichever it is: what was checked is what is programmed.
  const folder = mkdtempSync(join(tmpdir(), 'sandwire-'));
  try {
    const bin = join(folder, BIN);
    writeFileSync(bin, image.octets);
    await run(openocdArguments(bin, image.begin), show);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run(operands: string[], show: (text: string) => void): Promise<void> {
  const child = spawn('openocd', operands, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      show(text);
    });
  }
  const missing = 'openocd is missing: apt-get install openocd (macOS: brew install openocd)';
  const [code, signal] = (await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? missing : `cannot run openocd: ${error.message}`, {
      cause: error,
    });
  })) as [number | null, NodeJS.Signals | null];
  if (code === 0) return;
  const cause = CAUSES.find(([pattern]) => pattern.test(said))?.[1];
  const firstError = /^Error: *(.*)$/m.exec(said)?.[1];
  throw new Error(
    `openocd failed: ${cause ?? firstError ?? `it ended with ${signal ?? `exit code ${code}`}`}`,
  );
}
