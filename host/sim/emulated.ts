// SPDX-License-Identifier: MIT
// The emulated board of a run in real time. It boots before it is shown, to see how fast this computer emulates; its world
// then keeps to the computer's clock, or runs slow as a whole.

import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { buildEmulated, EMULATED, firmwareFiles, hasToolchain } from '../firmware/build.ts';
import { MILLISECOND, SECOND } from '../net/clock.ts';
import type { Clock } from '../net/clock.ts';
import { PacedClock } from '../net/paced-clock.ts';
import type { Wire } from '../net/wire.ts';
import { PicoBoard } from '../pico-board.ts';
import type { Subject } from './subject.ts';

/** Virtual time within which a board has booted, and that over which its speed is taken. */
const BOOT = 5 * SECOND;
const STRETCH = 20 * MILLISECOND;

/** Make the board and its world, and boot it. Rejects with one line when there is no image. */
export async function openPico(makeWire: (clock: Clock) => Wire): Promise<Subject> {
  const image = await imageForHere();
  const clock = new PacedClock();
  const wire = makeWire(clock);
  const board = new PicoBoard({ clock, wire, image, seed: randomInt(2 ** 31) });
  const said: string[] = [];
  let tell = (line: string): unknown => said.push(line);
  board.on('line', (line) => tell(line));
  const hz = boot(board, clock);
  const share = ((100 * hz) / board.pico.systemClock).toFixed(0);
  return {
    board,
    clock,
    wire,
    what: 'the firmware’s image on an emulated RP2040',
    greeting: [
      `It is emulated: ${(hz / 1e6).toFixed(0)} million cycles/s here, ${share} % of a real one. When it has more to do, its world runs slow.`,
    ],
    facts: { image: basename(image), cyclesPerSecond: Math.round(hz) },
    start: (to) => {
      tell = (line) => to(`UART ${line}`);
      said.forEach(tell);
      clock.start();
    },
    onError: (listener) =>
      board.once('error', (error) => {
        process.stderr.write(`${error.message}\n`); // the whole report
        listener(error);
      }),
    get emulation() {
      return { cycles: board.pico.cycles, pace: Math.round(clock.pace * 1000) / 1000 };
    },
    stop: () => {
      board.stop();
      clock.stop();
    },
  };
}

/** Run `board` until it polls. Returns cycles per second of real time, of the fastest stretch: the others warm up. */
function boot(board: PicoBoard, clock: PacedClock): number {
  const isBooting = (): boolean => board.running && board.polls === 0;
  board.start();
  let fastest = 0;
  for (const end = clock.now + BOOT; isBooting() && clock.now < end;) {
    const [cycles, began] = [board.pico.cycles, performance.now()];
    clock.runWhile(isBooting, STRETCH);
    fastest = Math.max(fastest, (board.pico.cycles - cycles) / ((performance.now() - began) / 1000));
  }
  return fastest;
}

/** The image with the addresses of the simulated network; without a compiler the one that was built before. */
async function imageForHere(): Promise<string> {
  const { uf2 } = firmwareFiles(EMULATED);
  const isBuilt = existsSync(uf2);
  if (isBuilt && !hasToolchain()) return uf2;
  if (!isBuilt && hasToolchain()) process.stderr.write('compiling the firmware\n'); // the first time takes a while
  return (await buildEmulated()).uf2;
}
