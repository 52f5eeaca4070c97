// SPDX-License-Identifier: MIT
// What lies between the scripted peer and the module, as its host serves it: frames through memory, or the simulated chip.
// The peer has its turn when the stack has nothing more to say, or has said two frames. Every call of the module goes through
// the recorder.

import { Enc28j60 } from '../enc28j60/chip.ts';
import { hal } from '../machine/hal.ts';
import { instantiate } from '../machine/machine.ts';
import type { Engine, Machine } from '../machine/machine.ts';
import { MILLISECOND, VirtualClock } from '../net/clock.ts';
import { hostCopy } from './host-copy.ts';
import { Recorder } from './recorder.ts';

export interface Line {
  readonly recorder: Recorder;
  /** The module's milliseconds. */
  readonly now: number;
  /** The host's program, called after every poll. True: it has done something to a socket. */
  program: () => boolean;
  /** A frame arrives; the frames that the stack sends. */
  give(frame: Uint8Array): Uint8Array[];
  /** The host polls: it has done something to a socket. The frames that the stack sends. */
  poll(): Uint8Array[];
  /** Let `ms` pass, with the polls that the module asks for. The frames that the stack sends. */
  rest(ms: number): Uint8Array[];
}

/** Frames on the port link after which a millisecond has passed, as in the recorded figures of other stacks. */
const FRAMES_PER_MS = 64;

/**
 * Frames through memory. After each poll the host takes the outbound frames until there is none, then has its program run;
 * what that wants is for the next turn, which the peer's next frame may share.
 */
export class PortLine implements Line {
  readonly recorder: Recorder;
  program = (): boolean => false;
  /** Where frames go. It never moves: a host asks once. */
  private readonly inbound: number;
  private frames = 0;
  private rested = 0;

  constructor(engine: Engine, module: Uint8Array) {
    const machine: Machine = instantiate(engine, module, {
      hal: hostCopy(engine, () => machine.memory.buffer),
    });
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
      this.program();
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

/** Octets of a frame on the line besides its own: before it the preamble, behind it FCS and gap. */
const PREAMBLE = 8;
const FCS = 4;
const GAP = 12;
const OCTET_TIME = 800;
/** Frames after which the peer may answer: so many segments are acknowledged by one ACK. */
const ANSWERED = 2;
/** Polls in a row at one instant: a module that never has enough. */
const POLLS_AT_ONCE = 1_000;

/** The simulated ENC28J60 on a 10 Mbit/s wire. The host polls when INT is asserted, and when module or program want it. */
export class ChipLine implements Line {
  readonly recorder: Recorder;
  readonly chip: Enc28j60;
  program = (): boolean => false;
  private readonly clock = new VirtualClock();
  /** Frames that have reached the peer. */
  private readonly arrived: Uint8Array[] = [];
  /** When the module wants to be polled, ns. */
  private deadline = Infinity;

  constructor(engine: Engine, module: Uint8Array) {
    const { clock, arrived } = this;
    this.chip = new Enc28j60(clock, {
      onTransmit: (frame) => {
        clock.at(clock.now + (PREAMBLE + frame.length + FCS) * OCTET_TIME, () => arrived.push(frame));
      },
    });
    const bus = hal(this.chip, () => machine.memory.buffer);
    const machine: Machine = instantiate(engine, module, { hal: Recorder.listen(bus, () => this.recorder) });
    this.recorder = new Recorder(machine);
  }

  get now(): number {
    return Math.floor(this.clock.now / MILLISECOND);
  }

  give(frame: Uint8Array): Uint8Array[] {
    this.runUntil(this.clock.now + (PREAMBLE + frame.length + FCS + GAP) * OCTET_TIME);
    this.recorder.frames.in++;
    this.chip.receive(frame);
    this.serve();
    return this.listen();
  }

  poll(): Uint8Array[] {
    this.deadline = this.clock.now;
    this.serve();
    return this.listen();
  }

  rest(ms: number): Uint8Array[] {
    this.runUntil(this.clock.now + ms * MILLISECOND);
    return this.listen();
  }

  /** Poll while INT is asserted or somebody asks for it. */
  private serve(): void {
    for (let polls = 0; this.chip.int || this.deadline <= this.clock.now; polls++) {
      if (polls > POLLS_AT_ONCE) throw new Error('the module does not come to rest');
      const wait = this.recorder.call('poll', this.now);
      const isWanted = this.program() || wait === 0;
      this.deadline = isWanted ? this.clock.now : (this.now + wait) * MILLISECOND;
    }
  }

  /** Until the wire is silent or the peer may answer: the frames that have come over it. */
  private listen(): Uint8Array[] {
    while (this.arrived.length < ANSWERED && this.clock.nextDue < Infinity) this.runUntil(this.clock.nextDue);
    this.recorder.frames.out += this.arrived.length;
    return this.arrived.splice(0);
  }

  private runUntil(instant: number): void {
    do {
      this.clock.runUntil(Math.min(instant, this.deadline, this.clock.nextDue));
      this.serve();
    } while (this.clock.now < instant);
  }
}
