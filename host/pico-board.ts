// SPDX-License-Identifier: MIT
// A board as it will be soldered: the firmware's image in the emulated RP2040, the simulated chip on its pins, the chip on
// a wire. The firmware polls its module by itself; who wants to watch looks at a mirror, an instance of the same module
// that has the board's memory of after the last poll. Sockets of the board are its programs': none can be opened here.

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Enc28j60 } from './enc28j60/chip.ts';
import type { Options as ChipOptions } from './enc28j60/chip.ts';
import { formatIpv4 } from './machine/address.ts';
import { instantiate } from './machine/machine.ts';
import type { Machine } from './machine/machine.ts';
import { Doing, Pico } from './machine/pico.ts';
import type { PicoOptions } from './machine/pico.ts';
import { ChipOnPins } from './machine/rp2040/chip-on-pins.ts';
import type { Cycles } from './machine/rp2040/profile.ts';
import { Divergence, Shadow } from './machine/shadow.ts';
import type { BusRecord } from './machine/shadow.ts';
import { Stack } from './machine/stack.ts';
import type { VirtualClock } from './net/clock.ts';
import type { Wire } from './net/wire.ts';

export interface PicoBoardOptions extends Omit<PicoOptions, 'uf2' | 'chip'> {
  wire: Wire;
  /** The UF2 file: a build by name, a path, or its octets. Default `sandwire-pico`. */
  image?: Uint8Array | string | undefined;
  /** Default `board`. */
  name?: string | undefined;
  /** The silicon of the ENC28J60: revision, faults. */
  chip?: Omit<ChipOptions, 'onTransmit' | 'spiHz'> | undefined;
  /** Compare every poll with the module on wasm3 here; a difference is an 'error' of the class Divergence. */
  verify?: boolean | undefined;
}

interface PicoBoardEvents {
  /** The run is over: a report, or a Divergence. */
  error: [Error];
  /** A line has left the UART. */
  line: [string];
  /** The RP2040 has been reset and boots again. */
  reset: [];
}

/** A board in the emulator. `start` it; then it boots and answers on the wire. */
export class PicoBoard extends EventEmitter<PicoBoardEvents> {
  readonly name: string;
  readonly clock: VirtualClock;
  /** Dotted decimal: the one that the image was built for. */
  readonly address: string;
  /** The simulated chip: its registers, link, faults. */
  readonly chip: Enc28j60;
  readonly pico: Pico;
  /** The mirror, to be looked at: counters, connections. All zero until the first poll. */
  readonly stack: Stack;
  /** Polls since power-on. */
  polls = 0;
  /** Called after each poll, with the mirror up to date. */
  onPolled: (() => void) | undefined;
  private readonly mirror: Uint8Array;
  private readonly port: ChipOnPins;
  private readonly memory: Uint8Array;
  private readonly module: Uint8Array;
  private readonly verifies: boolean;
  private shadow: Shadow | undefined;
  private provenBefore = 0;
  private isPolling = false;

  /** Throws one line when the image is missing or none. */
  constructor(options: PicoBoardOptions) {
    super();
    const { clock, wire } = options;
    this.clock = clock;
    this.name = options.name ?? 'board';
    const chip: Enc28j60 = new Enc28j60(clock, { ...options.chip, onTransmit: (frame) => port.send(frame) });
    const port = wire.attach(this.name, (frame, arrival) => chip.receive(frame, arrival), {
      checksFcs: true,
    });
    this.chip = chip;
    this.port = new ChipOnPins(chip);
    const uf2 = readImage(options.image ?? 'sandwire-pico');
    const pico = new Pico({ ...options, uf2, chip: this.port });
    this.pico = pico;
    this.address = formatIpv4(pico.image.address);
    this.module = pico.module;
    this.memory = pico.memory;
    const machine: Machine = instantiate('v8', this.module, { hal: NO_BUS });
    this.mirror = new Uint8Array(machine.memory.buffer, 0, this.memory.length);
    this.stack = new Stack(machine);
    this.verifies = options.verify ?? false;
    pico.onLine = (line) => this.emit('line', line);
    pico.onMark = (doing) => this.mark(doing);
    pico.onReset = () => this.reset();
    pico.onFailure = (failure) => this.fail(failure);
  }

  /** What the firmware did to the chip that its data sheet forbids: commands, and times of its pins. */
  get violations(): { rule: string; detail: string; at: number }[] {
    return [...this.chip.violations, ...this.pico.violations];
  }

  /** Cycles since power-on by owner; only those of sleep without the option `profile`. */
  get cycles(): Cycles {
    return this.pico.cyclesByOwner;
  }

  /** Polls that the shadow has proved equal. */
  get provenPolls(): number {
    return this.provenBefore + (this.shadow?.polls ?? 0);
  }

  get running(): boolean {
    return this.pico.running;
  }

  /** Power on. Once. */
  start(): this {
    this.beginShadow();
    this.pico.start();
    return this;
  }

  /** Power off. */
  stop(): void {
    this.pico.stop();
    this.chip.linkUp = false;
  }

  /** Write down what goes over the bus; not together with `verify`, which does so for itself. */
  recordBus(record: BusRecord | undefined): void {
    this.port.record = record;
  }

  private mark(doing: number): void {
    if (doing === Doing.Polling) {
      this.isPolling = true;
      this.shadow?.begin(this.pico.scratch(1), this.memory);
    } else if (doing === Doing.Between && this.isPolling) {
      this.isPolling = false;
      this.polls++;
      this.mirror.set(this.memory);
      try {
        this.shadow?.end(this.memory);
      } catch (error) {
        if (!(error instanceof Divergence)) throw error;
        this.fail(error);
        return;
      }
      this.onPolled?.();
    }
  }

  private reset(): void {
    this.isPolling = false;
    this.beginShadow();
    this.emit('reset');
  }

  private beginShadow(): void {
    this.provenBefore = this.provenPolls;
    this.shadow = this.verifies ? new Shadow(this.module, this.memory.length) : undefined;
    this.port.record = this.shadow?.record;
  }

  private fail(error: Error): void {
    this.stop();
    this.emit('error', error);
  }
}

const noBus = (): never => {
  throw new Error('the mirror of a board has no bus');
};
const NO_BUS = { command: noBus, bulkRead: noBus, bulkWrite: noBus };

/** The octets of an image: a build by name, a file, or the octets themselves. */
function readImage(image: Uint8Array | string): Uint8Array {
  if (typeof image !== 'string') return image;
  const isName = /^[\w-]+$/.test(image);
  const path = isName ? fileURLToPath(new URL(`../build/${image}.uf2`, import.meta.url)) : image;
  try {
    return readFileSync(path);
  } catch (error) {
    if (isName) throw new Error(`build/${image}.uf2 is missing: run npm run firmware`, { cause: error });
    throw new Error(`cannot read ${path}: ${(error as Error).message.split(',')[0]}`, { cause: error });
  }
}
