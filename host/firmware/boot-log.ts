// SPDX-License-Identifier: MIT
// What an image prints when it boots: in the emulator, with a chip and a cable, until its link is up.

import { readFileSync } from 'node:fs';

import { MILLISECOND, VirtualClock } from '../net/clock.ts';
import { Wire } from '../net/wire.ts';
import { PicoBoard } from '../pico-board.ts';

/** Longer than any boot. */
const LIMIT = 2_000 * MILLISECOND;

/** The lines of the UART. Throws when the board fails, reboots, or has no link after two seconds; in a line, if it says why. */
export function bootLog(uf2: string): string[] {
  const clock = new VirtualClock();
  const board = new PicoBoard({ clock, wire: new Wire(clock, {}), image: readFileSync(uf2) });
  const lines: string[] = [];
  let failure: Error | undefined;
  board.on('line', (line) => {
    lines.push(line);
    // What the boot after a reboot says of it.
    const reason = /restarted.*?: (.*), last poll/.exec(line)?.[1];
    if (reason !== undefined) failure ??= new Error(`the image does not boot: ${reason}`);
  });
  board.on('error', (error) => (failure = error));
  board.start();
  const isUp = clock.runWhile(
    () => failure === undefined && !lines.some((line) => line.endsWith('link up')),
    LIMIT,
  );
  board.stop();
  if (failure !== undefined) throw failure;
  if (!isUp) throw new Error(`the image does not boot:\n${lines.join('\n')}`);
  return lines;
}
