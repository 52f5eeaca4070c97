// SPDX-License-Identifier: MIT
// An end of a path: a port build of the module in virtual time, whose frames are handed over whole, and a program that is
// asked after every poll. Leaner than PortHost, which serves sockets in the shape of Node's: here a poll costs little more
// than the module's own work.

import { parseIpv4, parseMac } from '../machine/address.ts';
import { instantiate } from '../machine/machine.ts';
import type { Engine } from '../machine/machine.ts';
import { Stack } from '../machine/stack.ts';
import { MILLISECOND } from '../net/clock.ts';
import type { Alarm, Clock } from '../net/clock.ts';
import type { Random } from '../net/random.ts';

export interface StationOptions {
  clock: Clock;
  engine: Engine;
  /** A port build. */
  module: Uint8Array;
  /** 10.0.0.`host`, 1 … 254. */
  host: number;
  /** For the module's keys and sequence numbers. */
  chance: Random;
}

/** What a station does with its socket: called after every poll. True: something was written or read. */
export type Program = (stack: Stack) => boolean;

/** Polls in a row at one instant, beyond all that full rings can ask for: a module that never has enough. */
const POLLS_AT_ONCE = 1_000_000;

export class Station {
  readonly stack: Stack;
  /** Where its frames go. */
  send: (frame: Uint8Array) => void = () => {};
  program: Program = () => false;
  /** Told of each turn, with whether a frame was the cause: otherwise it was a deadline of the module. */
  onTurn: ((hasArrived: boolean) => void) | undefined;
  private readonly clock: Clock;
  private readonly arrived: Uint8Array[] = [];
  private alarm: Alarm | undefined;
  private dueAt = Infinity;

  constructor({ clock, engine, module, host, chance }: StationOptions) {
    this.clock = clock;
    this.stack = new Stack(instantiate(engine, module, {}));
    this.stack.configure({
      mac: parseMac(`02:00:00:00:00:${host.toString(16).padStart(2, '0')}`),
      address: parseIpv4(`10.0.0.${host}`),
      netmask: parseIpv4('255.255.255.0'),
      gateway: 0,
    });
    this.stack.seed(chance.u32(), chance.u32(), chance.u32(), chance.u32());
    this.stack.start(this.nowMs);
    this.schedule(clock.now);
  }

  /** A frame is here. Those of one instant are taken in together, in one turn. */
  arrive(frame: Uint8Array): void {
    this.arrived.push(frame);
    this.schedule(this.clock.now);
  }

  private get nowMs(): number {
    return Math.floor(this.clock.now / MILLISECOND);
  }

  private schedule(instant: number): void {
    if (this.dueAt <= instant) return;
    this.alarm?.cancel();
    this.dueAt = instant;
    this.alarm = this.clock.at(instant, () => this.turn());
  }

  /** Poll until there is nothing left to be done now. */
  private turn(): void {
    this.dueAt = Infinity;
    this.onTurn?.(this.arrived.length > 0);
    const { stack, arrived, nowMs } = this;
    let waitMs = 0;
    let taken = 0;
    for (let polls = 0, isBusy = true; isBusy; polls++) {
      if (polls > POLLS_AT_ONCE) throw new Error('the module does not come to rest');
      if (taken < arrived.length && stack.portReceive(arrived[taken]!)) taken++;
      waitMs = stack.poll(nowMs >>> 0);
      isBusy = waitMs === 0;
      for (let frame = stack.portTransmit(); frame !== undefined; frame = stack.portTransmit()) {
        this.send(frame);
        isBusy = true; // there is room for another
      }
      if (this.program(stack)) isBusy = true;
      isBusy ||= taken < arrived.length;
    }
    arrived.length = 0;
    if (waitMs < Infinity) this.schedule((nowMs + waitMs) * MILLISECOND);
  }
}
