// SPDX-License-Identifier: MIT
// Where the demos are played: a laptop (the stack on V8, its frames through memory) and a board (the stack on wasm3, SPI,
// ENC28J60) on a wire with a delay, in virtual time. The script makes the socket calls itself, so that what happens, and
// when, is written in one place. Every call stands in the diagram beside its host.

import type { Host } from '../sockets/host.ts';
import { Shutdown } from '../machine/stack.ts';
import { parseIpv4 } from '../machine/address.ts';
import { Board } from '../board.ts';
import { PortHost } from '../port-host.ts';
import { MILLISECOND, SECOND, VirtualClock } from '../net/clock.ts';
import { Random } from '../net/random.ts';
import { Wire } from '../net/wire.ts';
import type { Engine } from '../machine/machine.ts';
import type { Observer } from '../sim/observer.ts';
import { decode } from '../view/decode.ts';
import { watchStates } from '../sim/states.ts';

export interface StageOptions {
  engine: Engine;
  /** The board's module. */
  module: Uint8Array;
  seed: number;
}

/** One way, in milliseconds: long enough that segments can be seen to cross. */
const DELAY_MS = 5;
/** A port on which nobody listens. */
export const CLOSED_PORT = 4;

/** The two hosts and their time. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly wire: Wire;
  readonly laptop: Actor;
  readonly board: Actor;
  private observer: Observer | undefined;

  /** Both are up and know each other's Ethernet addresses when this returns. */
  constructor({ engine, module, seed }: StageOptions) {
    const { clock } = this;
    const wire = new Wire(clock, { delayMs: DELAY_MS, seed });
    this.wire = wire;
    const keys = (name: string): Uint8Array => {
      const random = new Random(seed, name);
      return Uint8Array.from({ length: 16 }, () => random.below(256));
    };
    const board = new Board({ clock, wire, address: '10.0.0.2', engine, module, seed: keys('board') });
    const laptop = new PortHost({ clock, wire, name: 'laptop', address: '10.0.0.1', seed: keys('laptop') });
    const observer = (): Observer | undefined => this.observer;
    this.laptop = new Actor(laptop.start(), observer);
    this.board = new Actor(board.start(), observer);
    this.run(1000);
    // A refused connection makes them acquainted, and leaves nothing behind.
    this.laptop.connect(this.board, CLOSED_PORT);
    this.run(1000);
    this.laptop.forget();
  }

  /** From now on `observer` sees what happens; neighbours that ask each other's addresses again are no part of it. */
  show(observer: Observer): void {
    this.observer = observer;
    this.wire.onFrame((seen) => {
      if (decode(seen.frame).arp === undefined) observer.frame(seen);
    });
    for (const { host } of [this.laptop, this.board]) watchStates(host, observer);
  }

  /** Let so many milliseconds pass. */
  run(ms: number): void {
    this.clock.run(ms * MILLISECOND);
  }

  /** Let time pass until `condition` holds. Throws when it does not within two minutes: the script is wrong. */
  until(condition: () => boolean): void {
    if (!this.clock.runWhile(() => !condition(), 120 * SECOND)) {
      throw new Error(`the script waits for what does not happen: ${String(condition)}`);
    }
  }

  /** The next frame that `sender` sends is lost. */
  loseNext(sender: Actor): void {
    this.wire.script = (_frame, name) => {
      if (name !== sender.host.name) return 'delivered';
      this.wire.script = undefined;
      return 'lost';
    };
  }

  /** A line across the diagram. */
  note(text: string): void {
    this.observer?.note(text);
  }
}

/** A host that does what the script says, with one connection at a time. */
export class Actor {
  private socket = -1;
  private listener = -1;

  constructor(
    readonly host: PortHost | Board,
    private readonly observer: () => Observer | undefined,
  ) {}

  /** The state of its connection, `CLOSED` without one. */
  get state(): string {
    return this.host.stack.connections()[0]?.stateName ?? 'CLOSED';
  }

  /** Octets that wait to be read. */
  get waiting(): number {
    return this.host.stack.connections()[0]?.receiveQueue ?? 0;
  }

  /** Octets that were sent, or wait to be, and are not acknowledged. */
  get outstanding(): number {
    return this.host.stack.connections()[0]?.sendQueue ?? 0;
  }

  /** Passive open. */
  listen(port: number): void {
    const { stack } = this.host;
    this.listener = stack.socket();
    stack.bind(this.listener, 0, port);
    stack.listen(this.listener, 1);
    this.observer()?.state(this.host.name, 'LISTEN');
  }

  /** Take the connection that the listener has. False while there is none. */
  accept(): boolean {
    const socket = this.host.stack.accept(this.listener);
    if (socket === undefined) return false;
    this.socket = socket;
    return true;
  }

  /** Active open; from `localPort`, if it matters. */
  connect(to: Actor, port: number, localPort = 0): void {
    const { stack } = this.host;
    this.socket = stack.socket();
    if (localPort > 0) stack.bind(this.socket, 0, localPort);
    stack.connect(this.socket, parseIpv4(to.host.address), port);
    this.remark('connect()');
  }

  /** Set an option of the socket, silently. */
  set(option: number, value: number): void {
    this.host.stack.setsockopt(this.socket, option, value);
  }

  /** SEND so many octets of text; the script sends no more than the ring takes. */
  send(octets: number): void {
    const taken = fill(this.host, this.socket, octets);
    if (taken < octets) throw new Error(`the send ring took ${taken} of ${octets} octets`);
    this.remark(`send(${octets})`);
  }

  /** RECEIVE everything that waits; returns how much that was. */
  receive(): number {
    const { stack } = this.host;
    let octets = 0;
    for (let span = stack.recvSpan(this.socket); span.length > 0; span = stack.recvSpan(this.socket)) {
      stack.recvCommit(this.socket, span.length);
      octets += span.length;
    }
    this.remark('recv()');
    return octets;
  }

  /** CLOSE this side's direction and keep reading. */
  shutdown(): void {
    this.host.stack.shutdown(this.socket, Shutdown.Write);
    this.remark('shutdown()');
  }

  close(): void {
    this.host.stack.close(this.socket);
    this.remark('close()');
  }

  abort(): void {
    this.host.stack.abort(this.socket);
    this.remark('abort()');
  }

  /** Close what is left of the socket, silently. */
  forget(): void {
    if (this.socket >= 0) this.host.stack.close(this.socket);
    this.socket = -1;
    this.host.wake();
  }

  /** Put back an earlier memory: to the peer, a crash and a restart. */
  crash(memory: Uint8Array): void {
    this.host.stack.restore(memory);
    this.remark('(crash)');
  }

  private remark(text: string): void {
    this.observer()?.remark(this.host.name, text);
    this.host.wake();
  }
}

/** Letters into the send ring. Returns how many it took. */
function fill({ stack }: Host, socket: number, octets: number): number {
  let taken = 0;
  for (let span = stack.sendSpan(socket); span.length > 0 && taken < octets; span = stack.sendSpan(socket)) {
    const length = Math.min(span.length, octets - taken);
    span.subarray(0, length).forEach((_, i) => (span[i] = 0x61 + ((taken + i) % 26)));
    stack.sendCommit(socket, length);
    taken += length;
  }
  return taken;
}
