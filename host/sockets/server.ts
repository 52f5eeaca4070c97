// SPDX-License-Identifier: MIT
// A listening socket of a host's stack with the members of `net.Server`. Connections are accepted as soon as they are
// there. Not there: UNIX paths, clusters, `ref`/`unref` with an effect.

import { EventEmitter } from 'node:events';
import { parseIpv4 } from '../machine/address.ts';
import { Ready } from '../machine/stack.ts';
import { StackError } from '../machine/status.ts';
import type { Host, Watcher } from './host.ts';
import { Socket } from './socket.ts';
import type { Endpoint, SocketOptions } from './socket.ts';

export interface ServerOptions extends SocketOptions {
  /** Do not read before the program calls `resume`. */
  pauseOnConnect?: boolean;
  /** `setNoDelay` on every connection. */
  noDelay?: boolean;
  /** `setKeepAlive` on every connection. */
  keepAlive?: boolean;
}

export interface ListenOptions {
  /** 0 = the stack chooses. */
  port: number;
  /** Only connections to this address of the host; any by default. */
  host?: string;
  /** Connections that are open and not yet accepted. */
  backlog?: number;
}

/** RFC 6335 §6. */
const FIRST_DYNAMIC_PORT = 49152;
/** As many as a browser opens; the stack may keep fewer. */
const DEFAULT_BACKLOG = 6;

interface ServerEvents {
  listening: [];
  connection: [Socket];
  close: [];
  error: [Error];
}

/** A passive open. Made by `host.createServer`. */
export class Server extends EventEmitter<ServerEvents> implements Watcher {
  private readonly host: Host;
  private readonly options: ServerOptions;
  private readonly connections = new Set<Socket>();
  private s = -1;
  private port = 0;
  private closing = false;

  /** Programs use `host.createServer`. */
  constructor(host: Host, options: ServerOptions, listener?: (socket: Socket) => void) {
    super();
    this.host = host;
    this.options = options;
    if (listener !== undefined) this.on('connection', listener);
  }

  get descriptor(): number {
    return this.s;
  }

  get listening(): boolean {
    return this.s >= 0;
  }

  /** Start accepting. Refusals (EADDRINUSE, ENFILE, …) are 'error' events. */
  listen(target: number | ListenOptions, listener?: () => void): this {
    const { port, host, backlog } = typeof target === 'number' ? { port: target } : target;
    if (listener !== undefined) this.once('listening', listener);
    try {
      this.open(host === undefined ? 0 : parseIpv4(host), port, backlog ?? DEFAULT_BACKLOG);
      process.nextTick(() => this.listening && this.emit('listening'));
    } catch (error) {
      process.nextTick(() => this.emit('error', error as Error));
    }
    return this;
  }

  /** Stop accepting; 'close' when the last connection is gone. */
  close(listener?: (error?: Error) => void): this {
    if (listener !== undefined) {
      if (this.listening) this.once('close', listener);
      else process.nextTick(listener, new Error('the server is not listening'));
    }
    if (this.s >= 0) {
      this.host.unwatch(this);
      this.host.stack.close(this.s);
      this.host.wake();
      this.finish();
    }
    return this;
  }

  /** Where it listens; null when it does not. */
  address(): Endpoint | null {
    return this.listening ? { address: this.host.address, port: this.port, family: 'IPv4' } : null;
  }

  /** How many connections are open. */
  getConnections(callback: (error: Error | null, count: number) => void): void {
    process.nextTick(callback, null, this.connections.size);
  }

  service(ready: number): void {
    if ((ready & Ready.Acceptable) === 0) return;
    for (let s = this.accept(); s !== undefined; s = this.accept()) {
      this.welcome(s);
      if (!this.listening) return;
    }
  }

  abandon(): void {
    this.finish();
  }

  private open(address: number, port: number, backlog: number): void {
    const { stack } = this.host;
    this.host.checkRunning();
    if (this.listening) throw new Error('the server is listening already');
    this.s = stack.socket();
    try {
      this.port = this.bind(address, port);
      stack.listen(this.s, backlog);
    } catch (error) {
      stack.close(this.s);
      this.s = -1;
      throw error;
    }
    this.closing = false;
    this.host.watch(this);
  }

  /** The port it got. The first free one of RFC 6335's dynamic range for 0: the stack would not say which it chose. */
  private bind(address: number, port: number): number {
    for (let candidate = port === 0 ? FIRST_DYNAMIC_PORT : port; ; candidate++) {
      try {
        this.host.stack.bind(this.s, address, candidate);
        return candidate;
      } catch (error) {
        const isTaken = error instanceof StackError && error.code === 'EADDRINUSE';
        if (port !== 0 || !isTaken || candidate === 65535) throw error;
      }
    }
  }

  /** The next connection that waits. None when the stack has no socket for it yet: the next poll asks again. */
  private accept(): number | undefined {
    try {
      return this.host.stack.accept(this.s);
    } catch (error) {
      if (error instanceof StackError && error.code === 'ENFILE') return undefined;
      throw error;
    }
  }

  private welcome(s: number): void {
    const { allowHalfOpen, pauseOnConnect, noDelay, keepAlive } = this.options;
    const socket = new Socket(this.host, { allowHalfOpen });
    this.connections.add(socket);
    socket.once('close', () => {
      this.connections.delete(socket);
      this.closeIfDone();
    });
    socket.adopt(s);
    if (noDelay === true) socket.setNoDelay();
    if (keepAlive === true) socket.setKeepAlive(true);
    if (pauseOnConnect === true) socket.pause();
    this.host.wake();
    this.emit('connection', socket);
  }

  private finish(): void {
    this.s = -1;
    this.closing = true;
    this.closeIfDone();
  }

  private closeIfDone(): void {
    if (!this.closing || this.connections.size > 0) return;
    this.closing = false;
    process.nextTick(() => this.emit('close'));
  }
}
