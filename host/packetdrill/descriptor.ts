// SPDX-License-Identifier: MIT
// File descriptors: what POSIX keeps of a socket and the module does not. Whether calls block; an error that is told
// once; options that are set before there is a connection to set them on; text that a blocking write has promised to
// send and the ring has no room for yet; how far the streams have been read and written, so that the text can be checked.

import { Option, Ready } from '../machine/stack.ts';
import type { Stack } from '../machine/stack.ts';
import { StackError } from '../machine/status.ts';
import { octetAt, streamOctets } from './flow.ts';
import type { Flow } from './flow.ts';
import { Difference } from './outcome.ts';
import type { Settings } from './settings.ts';

/** What a call answers: a result, an errno by name, or that it has to wait. */
export type Answer = number | { errno: string } | 'wait';

/** Errors that end a connection: told by one call, then the stream is at its end. */
const FATAL = ['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];
/** Options that the module takes only of a connection. */
const OF_CONNECTIONS: readonly number[] = [
  ...[Option.TCP_KEEPIDLE, Option.TCP_KEEPINTVL, Option.TCP_KEEPCNT, Option.TCP_USER_TIMEOUT],
  ...[Option.IP_TOS, Option.IP_TTL],
];

/** Octets that are handed over at once; the module may take fewer. */
const PIECE = 512;

/** `action`, its StackErrors as answers. */
export function attempt(action: () => Answer): Answer {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return { errno: error.code };
  }
}

export class Descriptor {
  readonly fd: number;
  /** The module's number. */
  readonly socket: number;
  isBlocking = true;
  flow: Flow | undefined;
  kind: 'fresh' | 'listener' | 'connection' = 'fresh';
  isConnecting = false;
  /** An error has been told. */
  isDead = false;
  /** Port of bind, 0 before. */
  port = 0;
  /** Text that write has taken and the ring has not. */
  backlog = 0;
  /** News for edge-triggered epoll: of what can be read, and of room to write. */
  news = { in: 0, out: 0 };
  private seen = { rcvNxt: -1, ready: 0 };
  private readonly deferred = new Map<number, number>();
  private written = 0;
  private read = 0;

  constructor(fd: number, socket: number) {
    this.fd = fd;
    this.socket = socket;
  }

  // --- options ----------------------------------------------------------------------------------------------------------

  setOption(stack: Stack, option: number, value: number): Answer {
    if (this.kind !== 'connection' && OF_CONNECTIONS.includes(option)) {
      this.deferred.set(option, value);
      return 0;
    }
    return attempt(() => {
      stack.setsockopt(this.socket, option, value);
      return 0;
    });
  }

  /** The value, or an errno. */
  getOption(stack: Stack, option: number): Answer {
    const deferred = this.deferred.get(option);
    if (deferred !== undefined) return deferred;
    return attempt(() => {
      const value = stack.getsockopt(this.socket, option);
      if (option !== Option.SO_ERROR) return value;
      if (this.isDead) return 0;
      if (value !== 0) this.isDead = true;
      return value;
    });
  }

  /** There is a connection now. Options that wait for one are `from` this socket or its listener. */
  becomeConnection(stack: Stack, settings: Settings, from: Descriptor = this): void {
    this.kind = 'connection';
    const defaults = new Map<number, number | undefined>([
      [Option.TCP_KEEPIDLE, settings.keepIdle],
      [Option.TCP_KEEPINTVL, settings.keepInterval],
      [Option.TCP_KEEPCNT, settings.keepCount],
    ]);
    for (const [option, value] of [...defaults, ...from.deferred]) {
      if (value !== undefined) stack.setsockopt(this.socket, option, value);
    }
    this.deferred.clear();
  }

  // --- text -------------------------------------------------------------------------------------------------------------

  /** Queue `length` octets. With `mayLag`, what finds no room goes later, and the answer is as if it had gone. */
  send(stack: Stack, length: number, flags: number, mayLag: boolean): Answer {
    return this.told(() => {
      if (this.isDead) return { errno: 'EPIPE' };
      if (this.backlog > 0) {
        if (!mayLag) return 'wait';
        this.backlog += length;
        return length;
      }
      const sent = this.push(stack, length, flags);
      if (sent === length) return length;
      if (!mayLag) return sent > 0 ? sent : 'wait';
      const isOpen = (stack.ready(this.socket) & Ready.Connected) !== 0;
      if (sent === 0 && !isOpen) return 'wait';
      this.backlog = length - sent;
      return length;
    });
  }

  /** Give the ring what it has room for now of what is promised. */
  catchUp(stack: Stack): boolean {
    if (this.backlog === 0) return false;
    try {
      const sent = this.push(stack, this.backlog, 0);
      this.backlog -= sent;
      return sent > 0;
    } catch (error) {
      if (!(error instanceof StackError)) throw error;
      this.backlog = 0; // the connection has ended
      return false;
    }
  }

  private push(stack: Stack, length: number, flags: number): number {
    let sent = 0;
    while (sent < length) {
      const part = Math.min(PIECE, length - sent);
      const isLast = sent + part === length;
      const taken = stack.send(this.socket, streamOctets(this.written, part), isLast ? flags : 0);
      if (taken === 0) break;
      this.written += taken;
      sent += taken;
    }
    return sent;
  }

  /** Take up to `max` octets, and check that they are those that were sent. `peek`: and leave them there. */
  receive(stack: Stack, max: number, peek: boolean): Answer {
    if (this.isDead) return 0;
    return this.told(() => {
      if (peek) return this.peek(stack, max);
      let got = 0;
      while (got < max) {
        const octets = stack.recv(this.socket, max - got);
        if (octets === undefined) break;
        if (octets.length === 0) return got;
        this.check(octets, this.read);
        this.read += octets.length;
        got += octets.length;
      }
      return got > 0 || max === 0 ? got : 'wait';
    });
  }

  private peek(stack: Stack, max: number): Answer {
    const span = stack.recvSpan(this.socket);
    this.check(span, this.read);
    const waiting = stack.connectionOf(this.socket)?.receiveQueue ?? 0;
    if (waiting > 0) return Math.min(max, waiting);
    return (stack.ready(this.socket) & Ready.EndOfStream) !== 0 ? 0 : 'wait';
  }

  private check(octets: Uint8Array, from: number): void {
    const wrong = octets.findIndex((octet, i) => octet !== octetAt(from + i));
    if (wrong >= 0) {
      throw new Difference(`octet ${from + wrong} of the stream is not the one that was sent`);
    }
  }

  /** An error that ends the connection is told once. */
  private told(action: () => Answer): Answer {
    const answer = attempt(action);
    if (typeof answer === 'object' && FATAL.includes(answer.errno)) this.isDead = true;
    return answer;
  }

  // --- news -------------------------------------------------------------------------------------------------------------

  /** Look whether something has come that an edge-triggered epoll would tell. */
  notice(stack: Stack): void {
    const ready = stack.ready(this.socket);
    const rcvNxt = stack.connectionOf(this.socket)?.rcvNxt ?? -1;
    const risen = ready & ~this.seen.ready;
    if (rcvNxt !== this.seen.rcvNxt || risen & ~Ready.Writable) this.news.in++;
    if (risen & (Ready.Writable | Ready.Error)) this.news.out++;
    this.seen = { rcvNxt, ready };
  }
}
