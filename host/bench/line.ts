// SPDX-License-Identifier: MIT
// What lies between the scripted peer and the module, as its host serves it: frames through memory, or the simulated chip.
// One frame at a time: what the stack has to say to it has left before the next one comes. Every call of the module goes
// through the recorder.

import { Enc28j60 } from '../enc28j60/chip.ts';
import { hal } from '../machine/hal.ts';
import { instantiate } from '../machine/machine.ts';
import type { Engine, Machine } from '../machine/machine.ts';
import { MILLISECOND, VirtualClock } from '../net/clock.ts';
import { copyOnHost } from './copy.ts';
import { Recorder } from './recorder.ts';

export interface Line {
  readonly recorder: Recorder;
  /** The module's milliseconds. */
  readonly now: number;
  /** A frame arrives; the frames that the stack sends. */
  give(frame: Uint8Array): Uint8Array[];
  /** The host polls: it has done something to a socket. The frames that the stack sends. */
  poll(): Uint8Array[];
  /** Let `ms` pass, with the polls that the module asks for. The frames that the stack sends. */
  rest(ms: number): Uint8Array[];
}

/** Frames on the port link after which a millisecond has passed, as in the recorded figures of other stacks. */
const FRAMES_PER_MS = 64;

/** Frames through memory. The host asks for each outbound frame until there is none. */
export class PortLine implements Line {
  readonly recorder: Recorder;
  /** Where frames go. It never moves: a host asks once. */
  private readonly inbound: number;
  private frames = 0;
  private rested = 0;

  constructor(engine: Engine, module: Uint8Array) {
    const machine: Machine = instantiate(engine, module, { hal: copyOnHost(() => machine.memory.buffer) });
    this.recorder = new Recorder(machine);
    this.inbound = this.recorder.demand('portReceiveBuffer');
  }

  get now(): number {
    return this.rested + Math.floor(this.frames / FRAMES_PER_MS);
  }

  give(frame: Uint8Array): Uint8Array[] {
    const { recorder } = this;
    recorder.write(this.inbound, frame);
    recorder.demand('portReceive', frame.length);
    recorder.frames.in++;
    this.frames++;
    return this.poll();
  }

  poll(): Uint8Array[] {
    const { recorder } = this;
    const sent: Uint8Array[] = [];
    for (let wait = 0; wait === 0;) {
      wait = recorder.call('poll', this.now);
      for (;;) {
        const len = recorder.call('portTransmitLength');
        if (len === 0) break;
        const at = recorder.call('portTransmitBuffer') >>> 0;
        sent.push(recorder.memory.slice(at, at + len));
        recorder.call('portTransmitDone');
      }
    }
    recorder.frames.out += sent.length;
    this.frames += sent.length;
    return sent;
  }

  rest(ms: number): Uint8Array[] {
    const sent: Uint8Array[] = [];
    for (let i = 0; i < ms; i++) {
      this.rested++;
      sent.push(...this.poll());
    }
    return sent;
  }
}

/** Octet times of a frame on the line besides its own: preamble, FCS, gap. */
const AROUND = 24;
const OCTET_TIME = 800;
/** Polls in a row at one instant: a module that never has enough. */
const POLLS_AT_ONCE = 1_000;

/** The simulated ENC28J60 on a 10 Mbit/s wire, half duplex as the boards' build: who sends waits for the other to end. */
export class ChipLine implements Line {
  readonly recorder: Recorder;
  readonly chip: Enc28j60;
  private readonly clock = new VirtualClock();
  private readonly sent: Uint8Array[] = [];
  /** When the module wants to be polled, ns. */
  private deadline = Infinity;

  constructor(engine: Engine, module: Uint8Array) {
    this.chip = new Enc28j60(this.clock, { onTransmit: (frame) => this.sent.push(frame) });
    const bus = hal(this.chip, () => machine.memory.buffer);
    const machine: Machine = instantiate(engine, module, { hal: Recorder.listen(bus, () => this.recorder) });
    this.recorder = new Recorder(machine);
  }

  get now(): number {
    return Math.floor(this.clock.now / MILLISECOND);
  }

  give(frame: Uint8Array): Uint8Array[] {
    this.runUntil(this.clock.now + (frame.length + AROUND) * OCTET_TIME);
    this.recorder.frames.in++;
    this.chip.receive(frame);
    this.serve();
    return this.quiet();
  }

  poll(): Uint8Array[] {
    this.deadline = this.clock.now;
    this.serve();
    return this.quiet();
  }

  rest(ms: number): Uint8Array[] {
    this.runUntil(this.clock.now + ms * MILLISECOND);
    return this.quiet();
  }

  /** Poll while INT is asserted or the module asks for it. */
  private serve(): void {
    for (let polls = 0; this.chip.int || this.deadline <= this.clock.now; polls++) {
      if (polls > POLLS_AT_ONCE) throw new Error('the module does not come to rest');
      const wait = this.recorder.call('poll', this.now);
      this.deadline = (this.now + wait) * MILLISECOND;
      if (wait === 0) this.deadline = this.clock.now;
    }
  }

  /** Until the wire is silent: the frames that went over it. */
  private quiet(): Uint8Array[] {
    while (this.clock.nextDue < Infinity) this.runUntil(this.clock.nextDue);
    const { recorder } = this;
    recorder.frames.out += this.sent.length;
    return this.sent.splice(0);
  }

  private runUntil(instant: number): void {
    do {
      this.clock.runUntil(Math.min(instant, this.deadline, this.clock.nextDue));
      this.serve();
    } while (this.clock.now < instant);
  }
}
