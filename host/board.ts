// SPDX-License-Identifier: MIT
// A board as an object: the release module on an engine, its bus calls as SPI octets into a simulated ENC28J60, the chip
// on a wire. The chip's INT pin is a level: its assertion causes a poll, and
// while it stays asserted (frames wait, but both transmit slots are full) polls follow one another closely.

import { Enc28j60 } from './enc28j60/chip.ts';
import type { Options as ChipOptions, Violation } from './enc28j60/chip.ts';
import { hal } from './machine/hal.ts';
import type { BusStats } from './machine/hal.ts';
import { instantiate } from './machine/machine.ts';
import type { Engine, Machine } from './machine/machine.ts';
import { readModule } from './machine/module-file.ts';
import type { Wire } from './net/wire.ts';
import { Host } from './sockets/host.ts';
import type { HostOptions } from './sockets/host.ts';

export interface BoardOptions extends Omit<HostOptions, 'name' | 'address'> {
  wire: Wire;
  /** Default `board`. */
  name?: string;
  /** Default 10.0.0.2. */
  address?: string;
  /** What runs the module. Default `wasm3`, as on the hardware. */
  engine?: Engine;
  /** A build with the ENC28J60 link: its name, its file or its octets. Default `sandwire`. */
  module?: Uint8Array | string;
  /** The silicon: revision, faults. */
  chip?: Omit<ChipOptions, 'onTransmit'>;
}

/** A board. `start` it; then it answers on the wire, and its sockets can be used. */
export class Board extends Host {
  /** The simulated chip: its registers, pins, link and the misuses it saw. */
  readonly chip: Enc28j60;
  /** What went over SPI. */
  readonly bus: BusStats;

  constructor(options: BoardOptions) {
    const { wire, clock } = options;
    const name = options.name ?? 'board';
    const chip: Enc28j60 = new Enc28j60(clock, {
      ...options.chip,
      onTransmit: (frame) => port.send(frame),
    });
    const port = wire.attach(name, (frame, arrival) => chip.receive(frame, arrival), { checksFcs: true });
    const bus: BusStats = { octets: 0, selects: 0 };
    const machine: Machine = instantiate(
      options.engine ?? 'wasm3',
      readModule(options.module ?? 'sandwire'),
      { hal: hal(chip, () => machine.memory.buffer, bus) },
    );
    super({ ...options, name, address: options.address ?? '10.0.0.2' }, machine);
    this.chip = chip;
    this.bus = bus;
    chip.onInt = () => this.wake();
  }

  /** What the driver did to the chip that the documents forbid. */
  get violations(): readonly Violation[] {
    return this.chip.violations;
  }

  protected beforePoll(): void {}

  protected afterPoll(): void {}

  protected get attention(): boolean {
    return this.chip.int;
  }

  protected detach(): void {
    this.chip.onInt = undefined;
    this.chip.linkUp = false;
  }
}
