// SPDX-License-Identifier: MIT
// The firmware under test: its image in the emulated Pico, the simulated chip on its pins, a wire to the script. Sockets of
// the board are its programs', but its memory is the whole state: so a call is made on an instance of the same module
// that gets the board's memory, between two polls, and speaks to the very chip; then the board gets the memory back. It
// polls by itself and takes its time: everything may be some milliseconds late. Scripts must leave ports 7, 9, 19 and 80
// to the board's programs.

import { parseIpv4 } from '../machine/address.ts';
import { hal } from '../machine/hal.ts';
import { instantiate } from '../machine/machine.ts';
import type { Machine } from '../machine/machine.ts';
import { Doing } from '../machine/pico.ts';
import { Stack } from '../machine/stack.ts';
import { MILLISECOND, VirtualClock } from '../net/clock.ts';
import { Wire } from '../net/wire.ts';
import type { Port } from '../net/wire.ts';
import { PicoBoard } from '../pico-board.ts';
import { arpReply, ethernetFrame } from './emit.ts';
import { REMOTE } from './subject.ts';
import type { Subject } from './subject.ts';

/** What calls and frames may take on the board, and the 20 ms within which it looks at everything. */
const LATENCY_US = 25_000;
/** Until the link is up. */
const BOOT_LIMIT = 4_000 * MILLISECOND;
/** After the boot: the board has asked for nobody and announced itself. */
const WARM_UP = 100 * MILLISECOND;
/** How long one poll may take, and how long the board gets for what has arrived. */
const POLL_LIMIT = 50 * MILLISECOND;
const ARRIVAL_LIMIT = 2 * MILLISECOND;
const DIGEST_LIMIT = 20 * MILLISECOND;
/** A type that no stack knows, IEEE 802 local experimental: the frame wakes the board and says nothing. */
const NUDGE = 0x88b5;

export class PicoSubject implements Subject {
  readonly clock = new VirtualClock();
  readonly latencyUs = LATENCY_US;
  readonly address: number;
  onFrame: (frame: Uint8Array) => void = () => undefined;
  onPolled: () => void = () => undefined;
  private readonly board: PicoBoard;
  /** The module for calls. */
  private readonly caller: Stack;
  private readonly port: Port;
  private boardMac: Uint8Array | undefined;
  private failure: Error | undefined;

  /** `uf2`: the image for the emulator, by name, path or octets. Throws when it does not boot. */
  constructor(uf2: string | Uint8Array) {
    const { clock } = this;
    const wire = new Wire(clock, { rateBps: 10_000_000 });
    this.board = new PicoBoard({ clock, wire, image: uf2 });
    this.address = parseIpv4(this.board.address);
    const { chip, pico } = this.board;
    const bus = hal(chip, () => machine.memory.buffer, { octets: 0, selects: 0 });
    const machine: Machine = instantiate('v8', pico.module, { hal: bus });
    this.caller = new Stack(machine);
    this.port = wire.attach('script', (frame) => this.hear(frame));
    this.board.onPolled = () => this.onPolled();
    this.board.on('error', (error) => (this.failure = error));
    this.board.start();
    this.runWhile(() => this.boardMac === undefined, BOOT_LIMIT);
    if (this.boardMac === undefined) throw new Error('the image does not announce itself: does it boot?');
    // A script's times are of whole milliseconds of the board's clock, which began with its power.
    this.clock.runUntil(Math.ceil((clock.now + WARM_UP) / MILLISECOND) * MILLISECOND);
  }

  get mac(): Uint8Array {
    return this.boardMac!;
  }

  /** The mirror of the board after its last poll. */
  get stack(): Stack {
    return this.board.stack;
  }

  call<T>(action: (stack: Stack) => T): T {
    this.awaitRest();
    const { memory } = this.board.pico;
    this.caller.memory.set(memory);
    try {
      return action(this.caller);
    } finally {
      memory.set(this.caller.memory.subarray(0, memory.length));
      this.send(ethernetFrame(this.mac, REMOTE.mac, NUDGE, Buffer.alloc(0)));
      this.digest();
    }
  }

  deliver(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.send(frame);
    this.digest();
  }

  stop(): void {
    this.board.stop();
  }

  private send(frame: Uint8Array): void {
    this.port.send(frame);
  }

  private hear(frame: Uint8Array): void {
    const isArp = frame[12] === 8 && frame[13] === 6;
    this.boardMac ??= frame.slice(6, 12);
    const reply = isArp ? arpReply(frame, REMOTE.mac) : undefined;
    if (reply !== undefined) this.send(reply);
    if (!isArp) this.onFrame(frame);
  }

  /** Between two polls the memory belongs to nobody. */
  private awaitRest(): void {
    this.runWhile(() => this.board.pico.scratch(0) !== Doing.Between, POLL_LIMIT);
  }

  /** Until what has been sent has arrived, and the board has taken it and is done. */
  private digest(): void {
    const { chip, pico } = this.board;
    this.runWhile(() => !chip.int, ARRIVAL_LIMIT);
    this.runWhile(() => chip.int || pico.scratch(0) !== Doing.Between, DIGEST_LIMIT);
  }

  private runWhile(condition: () => boolean, limit: number): void {
    this.clock.runWhile(() => condition() && this.failure === undefined, limit);
    if (this.failure !== undefined) throw this.failure;
  }
}
