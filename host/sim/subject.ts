// SPDX-License-Identifier: MIT
// The board of a run in real time, whatever runs it: the module on an engine of this computer, or the firmware's image in
// the emulated RP2040. The emulated one boots before it is shown, to see how fast this computer emulates; its world then
// keeps to the computer's clock, or runs slow as a whole.

import { randomInt } from 'node:crypto';
import { Board } from '../board.ts';
import { buildFirmware, EMULATED, hasToolchain } from '../firmware/build.ts';
import type { Engine } from '../machine/machine.ts';
import { MILLISECOND, RealClock, SECOND } from '../net/clock.ts';
import type { Clock } from '../net/clock.ts';
import { PacedClock } from '../net/paced-clock.ts';
import type { Wire } from '../net/wire.ts';
import { PicoBoard } from '../pico-board.ts';
import { boardModule } from './modules.ts';
import { BOARD, PEER } from './peer.ts';
import type { Watched } from './states.ts';
import type { Emulation, Tallied } from './tally.ts';

export type SimEngine = Exclude<Engine, 'wasm3-counting'> | 'pico';

export interface Subject {
  board: Watched & Tallied;
  clock: Clock;
  wire: Wire;
  /** What it is, in a few words. */
  what: string;
  /** Further lines of the greeting. */
  greeting: string[];
  /** The same for programs. */
  facts: object;
  /** Power on. What the board says by itself goes to `tell`. */
  start(tell: (text: string) => void): void;
  onError(listener: (error: Error) => void): void;
  /** How it went; undefined when nothing is emulated. */
  readonly emulation: Emulation | undefined;
  stop(): void;
}

/** Virtual time within which a board has booted, and that over which its speed is taken. */
const BOOT = 5 * SECOND;
const STRETCH = 20 * MILLISECOND;

/** Make the board and its world. Rejects with one line when there is no such module or image. */
export async function openSubject(
  options: { engine: SimEngine; module?: string },
  makeWire: (clock: Clock) => Wire,
): Promise<Subject> {
  const { engine, module } = options;
  return engine === 'pico' ? openPico(await imageForHere(), makeWire) : openModule(engine, module, makeWire);
}

/** The image with the addresses of the simulated network, or without a compiler the one that there is. */
async function imageForHere(): Promise<string> {
  return hasToolchain() ? (await buildFirmware(EMULATED)).uf2 : 'sandwire-pico';
}

function openModule(
  engine: Exclude<SimEngine, 'pico'>,
  name: string | undefined,
  makeWire: (clock: Clock) => Wire,
): Subject {
  const module = boardModule(name);
  const clock = new RealClock();
  const wire = makeWire(clock);
  const board = new Board({ clock, wire, address: BOARD, gateway: PEER, engine, module });
  const shown = name ?? 'sandwire';
  return {
    board,
    clock,
    wire,
    what: `${shown.endsWith('.wasm') ? shown : `${shown}.wasm`} on ${engine}`,
    greeting: [],
    facts: { module: shown },
    start: () => board.start(),
    onError: (listener) => board.once('error', listener),
    emulation: undefined,
    stop: () => {
      board.stop();
      clock.stop();
    },
  };
}

function openPico(image: string, makeWire: (clock: Clock) => Wire): Subject {
  const clock = new PacedClock();
  const wire = makeWire(clock);
  const board = new PicoBoard({ clock, wire, image, address: BOARD, seed: randomInt(2 ** 31) });
  const said: string[] = [];
  let tell = (line: string): unknown => said.push(line);
  board.on('line', (line) => {
    tell(line);
    const own = /, address ([\d.]+),/.exec(line)?.[1];
    if (own !== undefined && own !== BOARD) {
      board.stop();
      const advice = `the simulated network wants ${BOARD}: run npm run firmware -- --address ${BOARD}`;
      board.emit('error', new Error(`the image is built for ${own}, ${advice}`));
    }
  });
  const hz = boot(board, clock);
  const share = ((100 * hz) / board.pico.systemClock).toFixed(0);
  return {
    board,
    clock,
    wire,
    what: 'sandwire-pico.uf2 on an emulated RP2040',
    greeting: [
      `It is emulated: ${(hz / 1e6).toFixed(0)} million cycles/s here, ${share} % of a real one. When it has more to do, its world runs slow.`,
    ],
    facts: { image: 'sandwire-pico', cyclesPerSecond: Math.round(hz) },
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
