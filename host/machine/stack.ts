// SPDX-License-Identifier: MIT
// The module's exports as typed methods: numbers in, results or StackErrors out. `Stack` knows the ABI of
// assembly/index.ts and nothing of time, chips or streams. Every call is non-blocking. An IPv4 address is a u32 in host
// order; an address inside linear memory is an octet offset; a view that a method returns is good until the next call
// into the module.

import type { ExportedFunction, Machine } from './machine.ts';
import { checked, Status, Trap } from './status.ts';

/** Bits of `ready`. */
export const Ready = {
  /** Data waits, or the stream has ended. */
  Readable: 1,
  /** The send ring has room; a connection that was being opened is open. */
  Writable: 2,
  /** A listener has a connection to accept. */
  Acceptable: 4,
  /** The connection failed or is closed. */
  Error: 8,
  /** Urgent data is ahead. */
  Urgent: 16,
  /** The peer's FIN has been received: after the data that waits there is no more. */
  EndOfStream: 32,
  /** The handshake is done. */
  Connected: 64,
} as const;

/** The second argument of `shutdown`. */
export const Shutdown = { Read: 0, Write: 1, Both: 2 } as const;

/** Options of `setsockopt` and `getsockopt`: assembly/socket/options.ts says what each takes. */
export const Option = {
  IP_TOS: 0x001,
  IP_TTL: 0x002,
  SO_REUSEADDR: 0x102,
  /** Read only: why the connection ended, an errno. */
  SO_ERROR: 0x104,
  SO_KEEPALIVE: 0x109,
  SO_LINGER: 0x10d,
  TCP_NODELAY: 0x601,
  TCP_MAXSEG: 0x602,
  /** Seconds, 1…32767. */
  TCP_KEEPIDLE: 0x604,
  TCP_KEEPINTVL: 0x605,
  TCP_KEEPCNT: 0x606,
  TCP_USER_TIMEOUT: 0x612,
  TCP_URGENT: 0x6f0,
  TCP_SOFT_ERROR: 0x6f1,
  TCP_ECN: 0x6f2,
  TCP_USER_TIMEOUT_OPTION: 0x6f3,
} as const;

/** Flag of `send`: the last octet is urgent, RFC 9293 §3.8.5. */
export const MSG_OOB = 1;

/** The states of RFC 9293 §3.3.2 in its order, as `ConnectionInfo.state` counts them. */
export const STATES = [
  ...['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1'],
  ...['FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'],
] as const;

/** The words of the module's connection block, in its order. */
export const INFO_FIELDS = [
  ...(['state', 'socket', 'localPort', 'remoteAddress', 'remotePort'] as const),
  ...(['iss', 'sndUna', 'sndNxt', 'sndMax', 'sndWnd', 'irs', 'rcvNxt', 'rcvWnd'] as const),
  ...(['sendQueue', 'receiveQueue', 'mss', 'cwnd', 'ssthresh', 'srtt', 'rttvar', 'rto'] as const),
  ...(['backoff', 'retransmits', 'dupAcks', 'recovery', 'intervals', 'error', 'softError'] as const),
  ...(['sacked', 'lost', 'minRtt', 'options'] as const),
] as const;

/**
 * One connection, like TCP_INFO: the RFC's variables under its names; times in milliseconds, lengths in octets.
 * `socket` is the number of the socket that holds it, -1 when none does; `error` and `softError` are positive errnos.
 */
export type ConnectionInfo = Record<(typeof INFO_FIELDS)[number], number> & {
  /** `state` in words. */
  stateName: (typeof STATES)[number];
};

/** Who the stack is. */
export interface Identity {
  /** Six octets. */
  mac: Uint8Array;
  address: number;
  netmask: number;
  /** 0 = none. */
  gateway: number;
}

const EXPORTS = [
  ...['configure', 'seed', 'start', 'poll'],
  ...[
    'socket',
    'bind',
    'listen',
    'accept',
    'connect',
    'shutdown',
    'close',
    'abort',
    'setsockopt',
    'getsockopt',
  ],
  ...['send', 'recv', 'ioBuffer', 'ioSize'],
  ...['sendBuffer', 'sendRoom', 'sendCommit', 'recvBuffer', 'recvAvailable', 'recvCommit', 'ready'],
  ...['counters', 'counterCount', 'counterNames', 'connectionInfo', 'connectionCount', 'memoryEnd'],
];
const PORT_EXPORTS = [
  ...['portReceiveBuffer', 'portReceive'],
  ...['portTransmitBuffer', 'portTransmitLength', 'portTransmitDone'],
];

/** One instance of the module. */
export class Stack {
  private readonly machine: Machine;
  private readonly call: Readonly<Record<string, ExportedFunction>>;
  private view: Uint8Array<ArrayBuffer>;
  private names: string[] | undefined;

  /** Throws when `machine` does not run a Sandwire module. */
  constructor(machine: Machine) {
    this.machine = machine;
    const missing = EXPORTS.filter((name) => typeof machine.exports[name] !== 'function');
    if (missing.length > 0) throw new TypeError(`not a Sandwire module: it exports no ${missing.join(', ')}`);
    this.call = Object.fromEntries(
      [...EXPORTS, ...PORT_EXPORTS].map((name) => [name, guarded(name, machine.exports[name]!)]),
    );
    this.view = new Uint8Array(machine.memory.buffer);
  }

  /** The whole linear memory, live. */
  get memory(): Uint8Array<ArrayBuffer> {
    if (this.view.buffer !== this.machine.memory.buffer)
      this.view = new Uint8Array(this.machine.memory.buffer);
    return this.view;
  }

  // Life

  /** Set the addresses. Before `start`. Throws EINVAL on what cannot be a host's address. */
  configure(identity: Identity): void {
    const mac = new DataView(identity.mac.buffer, identity.mac.byteOffset, 6);
    const { address, netmask, gateway } = identity;
    checked(this.call.configure!(mac.getUint16(0), mac.getUint32(2), address, netmask, gateway), 'configure');
  }

  /** Give the 128 bits that keys and sequence numbers come from. Once, before `start`. */
  seed(a: number, b: number, c: number, d: number): void {
    this.call.seed!(a, b, c, d);
  }

  /** Begin. `now` is u32 milliseconds, which may wrap. */
  start(now: number): void {
    checked(this.call.start!(now), 'start');
  }

  /** Receive, run timers, send. Returns the milliseconds until it wants to run again: 0 = at once, Infinity = never. */
  poll(now: number): number {
    const wait = this.call.poll!(now) >>> 0;
    return wait >= 0x7fffffff ? Infinity : wait;
  }

  // Sockets

  /** A new socket's number. ENFILE: all are in use. */
  socket(): number {
    return checked(this.call.socket!(), 'socket');
  }

  /** Address 0 = any of ours; port 0 = one of the ephemeral range. EADDRINUSE, EADDRNOTAVAIL. */
  bind(s: number, address: number, port: number): void {
    checked(this.call.bind!(s, address, port), 'bind');
  }

  /** Passive OPEN. `backlog` counts connections that nobody has accepted yet. ENOBUFS: no listener is free. */
  listen(s: number, backlog: number): void {
    checked(this.call.listen!(s, backlog), 'listen');
  }

  /** A connection's socket, or undefined while none waits. */
  accept(s: number): number | undefined {
    return unlessPending(this.call.accept!(s), 'accept');
  }

  /** Active OPEN. Done when `ready` says Connected, failed when it says Error. ENOBUFS: no connection is free. */
  connect(s: number, address: number, port: number): void {
    unlessPending(this.call.connect!(s, address, port), 'connect');
  }

  /** Close one side or both; `how` is one of `Shutdown`. */
  shutdown(s: number, how: number): void {
    checked(this.call.shutdown!(s, how), 'shutdown');
  }

  /** CLOSE and forget the number; what is in the send ring is still delivered. */
  close(s: number): void {
    checked(this.call.close!(s), 'close');
  }

  /** ABORT: reset the connection and forget the number. */
  abort(s: number): void {
    checked(this.call.abort!(s), 'abort');
  }

  setsockopt(s: number, option: number, value: number): void {
    checked(this.call.setsockopt!(s, option, value), 'setsockopt');
  }

  getsockopt(s: number, option: number): number {
    return checked(this.call.getsockopt!(s, option), 'getsockopt');
  }

  /** What the socket can do now: bits of `Ready`. */
  ready(s: number): number {
    return checked(this.call.ready!(s), 'ready');
  }

  // Data, copied

  /** Queue what fits of `octets`; returns how many that was, 0 when the send ring is full. EPIPE, ENOTCONN, … */
  send(s: number, octets: Uint8Array, flags = 0): number {
    const length = Math.min(octets.length, this.call.ioSize!());
    const staging = this.call.ioBuffer!() >>> 0;
    this.memory.set(octets.subarray(0, length), staging);
    return unlessPending(this.call.send!(s, staging, length, flags), 'send') ?? 0;
  }

  /** At most `max` octets that have arrived; empty at the end of the stream, undefined while none wait. */
  recv(s: number, max = Infinity): Uint8Array | undefined {
    const staging = this.call.ioBuffer!() >>> 0;
    const length = unlessPending(this.call.recv!(s, staging, Math.min(max, this.call.ioSize!())), 'recv');
    return length === undefined ? undefined : this.memory.slice(staging, staging + length);
  }

  // Data, in place

  /** The free part of the send ring that lies in one piece; empty when the ring is full. EPIPE, ENOTCONN, … */
  sendSpan(s: number): Uint8Array {
    const room = unlessPending(this.call.sendRoom!(s), 'write') ?? 0;
    if (room === 0) return this.memory.subarray(0, 0);
    const start = this.call.sendBuffer!(s) >>> 0;
    return this.memory.subarray(start, start + room);
  }

  /** Queue the first `length` octets of `sendSpan`. */
  sendCommit(s: number, length: number, flags = 0): void {
    checked(this.call.sendCommit!(s, length, flags), 'write');
  }

  /** The received octets that lie in one piece; empty when none wait. */
  recvSpan(s: number): Uint8Array {
    const available = unlessPending(this.call.recvAvailable!(s), 'read') ?? 0;
    if (available === 0) return this.memory.subarray(0, 0);
    const start = this.call.recvBuffer!(s) >>> 0;
    return this.memory.subarray(start, start + available);
  }

  /** Done with the first `length` octets of `recvSpan`. */
  recvCommit(s: number, length: number): void {
    checked(this.call.recvCommit!(s, length), 'read');
  }

  // Inspection

  /** Every counter by name. They wrap at 2³². */
  counters(): Record<string, number> {
    this.names ??= this.textAt(this.call.counterNames!() >>> 0).split('\n');
    const words = this.words(this.call.counters!() >>> 0, this.call.counterCount!());
    return Object.fromEntries(Array.from(words, (word, i) => [this.names![i] ?? `counter${i}`, word]));
  }

  /** Every connection that is not CLOSED. */
  connections(): ConnectionInfo[] {
    const all = Array.from({ length: this.call.connectionCount!() }, (_, i) => this.connection(i));
    return all.filter((info) => info !== undefined);
  }

  /** The connection that socket `s` holds; undefined when it holds none. */
  connectionOf(s: number): ConnectionInfo | undefined {
    const count = this.call.connectionCount!();
    for (let i = 0; i < count; i++) {
      const info = this.connection(i);
      if (info?.socket === s) return info;
    }
    return undefined;
  }

  private connection(i: number): ConnectionInfo | undefined {
    const address = this.call.connectionInfo!(i) >>> 0;
    if (address === 0) return undefined;
    const words = this.words(address, INFO_FIELDS.length);
    if (words[0] === 0) return undefined; // CLOSED: asked often, so nothing is built
    const info = Object.fromEntries(
      INFO_FIELDS.map((name, k) => [name, words[k]]),
    ) as unknown as ConnectionInfo;
    info.stateName = STATES[info.state] ?? 'CLOSED';
    info.socket--;
    info.error = Math.abs(info.error | 0);
    info.softError = Math.abs(info.softError | 0);
    return info;
  }

  /** Octets of linear memory in use: the end of the last static region. */
  memoryEnd(): number {
    return this.call.memoryEnd!() >>> 0;
  }

  /** A copy of linear memory: the module's whole state. */
  snapshot(): Uint8Array {
    return this.memory.slice();
  }

  /** Put back what `snapshot` took of a module of the same build. */
  restore(snapshot: Uint8Array): void {
    if (snapshot.length !== this.memory.length) {
      throw new RangeError(`the snapshot holds ${snapshot.length} octets, the memory ${this.memory.length}`);
    }
    this.memory.set(snapshot);
  }

  // The port link: frames through memory, without FCS

  /** Hand in a frame that has arrived. False: the one before has not been taken, poll first. EINVAL: no frame's length. */
  portReceive(frame: Uint8Array): boolean {
    if (unlessPending(this.call.portReceive!(frame.length), 'portReceive') === undefined) return false;
    this.memory.set(frame, this.call.portReceiveBuffer!() >>> 0);
    return true;
  }

  /** Take the next frame to transmit, as a copy; undefined when there is none. */
  portTransmit(): Uint8Array | undefined {
    const length = this.call.portTransmitLength!();
    if (length === 0) return undefined;
    const start = this.call.portTransmitBuffer!() >>> 0;
    const frame = this.memory.slice(start, start + length);
    this.call.portTransmitDone!();
    return frame;
  }

  private words(address: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, count);
  }

  /** ASCII up to the zero, without a last line end. */
  private textAt(address: number): string {
    const end = this.memory.indexOf(0, address);
    return Buffer.from(this.memory.subarray(address, end)).toString('latin1').trimEnd();
  }
}

/** Exceptions out of the module become a Trap that names the call. */
function guarded(name: string, call: ExportedFunction): ExportedFunction {
  return (...operands) => {
    try {
      return call(...operands);
    } catch (cause) {
      throw new Trap(name, cause);
    }
  };
}

/** As `checked`, but undefined for what is merely not yet possible. */
function unlessPending(result: number, syscall: string): number | undefined {
  if (result === -Status.EAGAIN || result === -Status.EINPROGRESS) return undefined;
  return checked(result, syscall);
}
