// SPDX-License-Identifier: MIT
// The board of a run in real time, whatever runs it: the module on an engine of this computer, or the firmware's image in
// the emulated RP2040 (emulated.ts).

import { Board } from '../board.ts';
import type { Engine } from '../machine/machine.ts';
import { RealClock } from '../net/clock.ts';
import type { Clock } from '../net/clock.ts';
import type { Wire } from '../net/wire.ts';
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

/** Make the board and its world. Rejects with one line when there is no such module or image. */
export async function openSubject(
  options: { engine: SimEngine; module?: string },
  makeWire: (clock: Clock) => Wire,
): Promise<Subject> {
  const { engine, module } = options;
  if (engine !== 'pico') return openModule(engine, module, makeWire);
  // The emulator is loaded when it is wanted.
  const { openPico } = await import('./emulated.ts');
  return openPico(makeWire);
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
