// SPDX-License-Identifier: MIT
// The stack under test, in virtual time: calls and frames in, frames out. Here it is a port build, whose frames go
// through memory, on V8 or wasm3; pico-subject.ts has the firmware. ARP is no part of any script: requests are answered
// at once, for whatever address. The stack is polled when it asked to be, and after everything that is done to it until
// it is at rest.

import { instantiate } from '../machine/machine.ts';
import type { Engine } from '../machine/machine.ts';
import { Stack } from '../machine/stack.ts';
import { MILLISECOND, VirtualClock } from '../net/clock.ts';
import type { Alarm } from '../net/clock.ts';
import { arpReply } from './emit.ts';

/** Who takes part. */
export const LOCAL = { mac: Uint8Array.of(2, 0, 10, 0, 0, 2), address: 0x0a000002 };
export const REMOTE = { mac: Uint8Array.of(2, 0, 10, 0, 0, 9), address: 0x0a000009 };
const NETMASK = 0xffffff00;
const SEED = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;

/** Nanoseconds that the stack has to come up before a script begins; on a whole millisecond. */
const WARM_UP = 2_000 * MILLISECOND;
/** Polls after which a stack that does not come to rest never will. */
const POLLS = 20_000;

export interface Subject {
  readonly clock: VirtualClock;
  /** Microseconds that everything may be late in, besides what the script allows: the machine's own time. */
  readonly latencyUs: number;
  /** The stack's MAC address. */
  readonly mac: Uint8Array;
  /** Its IPv4 address. */
  readonly address: number;
  /** Called with each frame that the stack sends, ARP left out, at the instant at which it does. */
  onFrame: (frame: Uint8Array) => void;
  /** Called after each poll. */
  onPolled: () => void;
  /** Do something with the sockets; then the stack has acted on it. */
  call<T>(action: (stack: Stack) => T): T;
  /** Look at the stack, and change nothing. */
  readonly stack: Stack;
  /** Frames arrive; then the stack has acted on them. */
  deliver(frames: readonly Uint8Array[]): void;
  stop(): void;
}

/** A port build of the module. */
export class PortSubject implements Subject {
  readonly clock = new VirtualClock();
  readonly latencyUs = 0;
  readonly mac = LOCAL.mac;
  readonly address = LOCAL.address;
  readonly stack: Stack;
  onFrame: (frame: Uint8Array) => void = () => undefined;
  onPolled: () => void = () => undefined;
  private readonly arrived: Uint8Array[] = [];
  private alarm: Alarm | undefined;

  constructor(engine: Engine, module: Uint8Array) {
    this.stack = new Stack(instantiate(engine, module, {}));
    this.stack.configure({ ...LOCAL, netmask: NETMASK, gateway: 0 });
    this.stack.seed(...SEED);
    this.clock.runUntil(MILLISECOND);
    this.stack.start(this.nowMs);
    this.run();
    this.clock.runUntil(WARM_UP);
  }

  call<T>(action: (stack: Stack) => T): T {
    try {
      return action(this.stack);
    } finally {
      this.run();
    }
  }

  deliver(frames: readonly Uint8Array[]): void {
    this.arrived.push(...frames);
    this.run();
  }

  stop(): void {
    this.alarm?.cancel();
  }

  private get nowMs(): number {
    return Math.floor(this.clock.now / MILLISECOND) >>> 0;
  }

  private run(): void {
    this.alarm?.cancel();
    const now = this.nowMs;
    for (let polls = 0; ; polls++) {
      if (polls > POLLS) throw new Error('the stack does not come to rest');
      if (this.arrived.length > 0 && this.stack.portReceive(this.arrived[0]!)) this.arrived.shift();
      const wait = this.stack.poll(now);
      const sent = this.drain();
      this.onPolled();
      if (this.arrived.length > 0 || sent > 0 || wait === 0) continue;
      if (wait < Infinity) this.alarm = this.clock.at((now + wait) * MILLISECOND, () => this.run());
      return;
    }
  }

  /** Take what the stack has to send. Returns how many frames that was. */
  private drain(): number {
    let sent = 0;
    for (let frame = this.stack.portTransmit(); frame !== undefined; frame = this.stack.portTransmit()) {
      sent++;
      const isArp = frame[12] === 8 && frame[13] === 6;
      const reply = isArp ? arpReply(frame, REMOTE.mac) : undefined;
      if (reply !== undefined) this.arrived.push(reply);
      if (!isArp) this.onFrame(frame);
    }
    return sent;
  }
}
