// SPDX-License-Identifier: MIT
// What every host of the module shares: the stack, the turns in which it is polled, and the sockets that look after
// each poll whether they can go on. The subclass knows the link: a chip on SPI, or frames through memory. A trap stops
// the host and is reported as 'error'; it is never swallowed.

import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import { parseIpv4, parseMac } from '../machine/address.ts';
import type { Machine } from '../machine/machine.ts';
import { Stack } from '../machine/stack.ts';

import { StackError, Trap } from '../machine/status.ts';
import { MICROSECOND, MILLISECOND, VirtualClock } from '../net/clock.ts';
import type { Alarm, Clock } from '../net/clock.ts';
import { Server } from './server.ts';
import type { ServerOptions } from './server.ts';
import { Socket } from './socket.ts';
import type { ConnectOptions } from './socket.ts';

/** Who a host is and when it runs. */
export interface HostOptions {
  /** The time it lives in. */
  clock: Clock;
  /** Its name on the wire, in captures and messages. */
  name: string;
  /** Dotted decimal. */
  address: string;
  /** Default `255.255.255.0`. */
  netmask?: string;
  /** Where packets for other networks go; none by default. */
  gateway?: string;
  /** Default 02:00 and the IPv4 address. */
  mac?: string;
  /** 16 octets for keys and sequence numbers. Default: random in real time; in virtual time derived from the address. */
  seed?: Uint8Array;
}

/** Something with a socket number that wants to know after each poll what the socket can do. */
export interface Watcher {
  /** The socket's number. */
  readonly descriptor: number;
  /** `ready` is the socket's bits of `Ready`. */
  service(ready: number): void;
  /** The host has stopped. */
  abandon(error: Error | undefined): void;
}

interface HostEvents {
  error: [Error];
}

/** Polls in one turn. A stack or a program that never has enough then rests for PAUSE, so that time can go on. */
const POLLS_PER_TURN = 4;
/** Nanoseconds; a poll takes longer than this on the board. */
const PAUSE = 20 * MICROSECOND;

/** A stack that lives in time and offers sockets in the shape of `node:net`. */
export abstract class Host extends EventEmitter<HostEvents> {
  readonly name: string;
  readonly clock: Clock;
  /** Dotted decimal. */
  readonly address: string;
  /** As six octets in hexadecimal, with colons. */
  readonly mac: string;
  readonly stack: Stack;
  /** Polls so far. */
  polls = 0;
  /** Called after each poll, before the sockets are served: for those who watch states. */
  onPolled: (() => void) | undefined;

  private state: 'new' | 'running' | 'stopped' = 'new';
  private readonly watchers = new Map<number, Watcher>();
  private alarm: Alarm | undefined;
  private dueAt = Infinity;
  private inTurn = false;
  private wanted = false;

  protected constructor(options: HostOptions, machine: Machine) {
    super();
    this.name = options.name;
    this.clock = options.clock;
    this.address = options.address;
    const address = parseIpv4(options.address);
    this.mac = options.mac ?? `02:00:${address.toString(16).padStart(8, '0').match(/../g)!.join(':')}`;
    this.stack = new Stack(machine);
    this.stack.configure({
      mac: parseMac(this.mac),
      address,
      netmask: parseIpv4(options.netmask ?? '255.255.255.0'),
      gateway: options.gateway === undefined ? 0 : parseIpv4(options.gateway),
    });
    const repeats = options.clock instanceof VirtualClock && options.clock.repeats;
    this.stack.seed(...seedWords(options.seed ?? (repeats ? undefined : randomBytes(16)), address));
  }

  /** Hand in what has arrived. */
  protected abstract beforePoll(): void;
  /** Take what is to be sent. */
  protected abstract afterPoll(): void;
  /** Whether the link asks for another poll soon, although the last had nothing more to do. */
  protected abstract get attention(): boolean;
  /** Leave the wire. */
  protected abstract detach(): void;

  get running(): boolean {
    return this.state === 'running';
  }

  /** Power on. Once. */
  start(): this {
    if (this.state !== 'new') throw new Error(`${this.name} has been started before`);
    this.state = 'running';
    try {
      this.stack.start(this.nowMs);
    } catch (error) {
      this.state = 'stopped';
      throw error;
    }
    this.wake();
    return this;
  }

  /** Power off: nothing more is sent, sockets are destroyed, with `error` if there is one. */
  stop(error?: Error): void {
    if (this.state === 'stopped') return;
    this.state = 'stopped';
    this.alarm?.cancel();
    this.detach();
    for (const watcher of [...this.watchers.values()]) watcher.abandon(error);
    this.watchers.clear();
  }

  /** A server in the shape of `net.createServer`. It listens when told to. */
  createServer(
    options?: ServerOptions | ((socket: Socket) => void),
    listener?: (socket: Socket) => void,
  ): Server {
    return typeof options === 'function'
      ? new Server(this, {}, options)
      : new Server(this, options ?? {}, listener);
  }

  /** A connection in the shape of `net.connect`. Failure is an 'error' event, never an exception. */
  connect(options: ConnectOptions, listener?: () => void): Socket;
  connect(port: number, host: string, listener?: () => void): Socket;
  connect(target: ConnectOptions | number, host?: string | (() => void), listener?: () => void): Socket {
    const options = typeof target === 'number' ? { port: target, host: host as string } : target;
    const socket = new Socket(this, options);
    const connected = typeof host === 'function' ? host : listener;
    if (connected !== undefined) socket.once('connect', connected);
    socket.open(options);
    return socket;
  }

  /** Milliseconds as the module counts them: u32, wrapping. */
  get nowMs(): number {
    return Math.floor(this.clock.now / MILLISECOND) >>> 0;
  }

  // For sockets, servers and subclasses

  /** Poll as soon as possible: something was done to a socket. */
  wake(): void {
    if (this.inTurn) this.wanted = true;
    else if (this.running) this.schedule(this.clock.now);
  }

  /** Sockets are for hosts that run: `start` would forget what was done before. */
  checkRunning(): void {
    if (!this.running) throw new Error(`${this.name} is not running`);
  }

  watch(watcher: Watcher): void {
    this.watchers.set(watcher.descriptor, watcher);
  }

  unwatch(watcher: Watcher): void {
    this.watchers.delete(watcher.descriptor);
  }

  /** Report an exception out of the module and stop. */
  fail(error: Error): void {
    if (this.state === 'stopped') return;
    this.stop(error);
    this.emit('error', error);
  }

  private schedule(instant: number): void {
    if (this.dueAt <= instant) return;
    this.alarm?.cancel();
    this.dueAt = instant;
    this.alarm = this.clock.at(instant, () => this.turn());
  }

  private turn(): void {
    this.dueAt = Infinity;
    this.inTurn = true;
    let next = this.clock.now + PAUSE;
    try {
      for (let polls = 0; this.running && polls < POLLS_PER_TURN; polls++) {
        const wait = this.pollOnce();
        next = wait === 0 ? this.clock.now + PAUSE : wait;
        if (wait > 0) break;
      }
    } finally {
      // Also when a listener of the program threw: the program may catch it and go on.
      this.inTurn = false;
      if (this.running && next < Infinity) this.schedule(next);
    }
  }

  private serve(watcher: Watcher): void {
    let ready: number;
    try {
      ready = this.stack.ready(watcher.descriptor);
    } catch (error) {
      if (!(error instanceof StackError)) throw error;
      // Somebody wrote another state into the memory: the socket is not there any more.
      this.unwatch(watcher);
      watcher.abandon(error);
      return;
    }
    watcher.service(ready);
  }

  /** One poll and what follows from it. Returns the instant of the next, 0 = at once. */
  private pollOnce(): number {
    this.polls++;
    this.wanted = false;
    const startedMs = Math.floor(this.clock.now / MILLISECOND);
    let waitMs = Infinity;
    try {
      this.beforePoll();
      waitMs = this.stack.poll(startedMs >>> 0);
      this.afterPoll();
      this.onPolled?.();
      for (const watcher of this.watchers.values()) this.serve(watcher);
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      this.fail(error);
      return Infinity;
    }
    if (this.wanted || waitMs === 0) return 0;
    const deadline = (startedMs + waitMs) * MILLISECOND;
    return this.attention ? Math.min(deadline, this.clock.now + PAUSE) : deadline;
  }
}

/** 16 octets as four u32; without octets, a fixed expansion of the address, so that a virtual run repeats. */
function seedWords(octets: Uint8Array | undefined, address: number): [number, number, number, number] {
  if (octets === undefined) {
    const word = (k: number): number => Math.imul(address + k, 0x9e3779b1) >>> 0;
    return [word(1), word(2), word(3), word(4)];
  }
  if (octets.length !== 16) throw new RangeError(`the seed has 16 octets, not ${octets.length}`);
  const view = new DataView(octets.buffer, octets.byteOffset, 16);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}
