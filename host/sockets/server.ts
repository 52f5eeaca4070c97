// SPDX-License-Identifier: MIT
// A listening socket of a host's stack with the members of `net.Server`. Connections are accepted as soon as they are
// there. Not there: UNIX paths, clusters, `ref`/`unref` with an effect.

import { EventEmitter } from 'node:events';
import { parseIpv4 } from '../machine/address.ts';
import { Ready } from '../machine/stack.ts';
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
    const { stack } = this.host;
    if (listener !== undefined) this.once('listening', listener);
    try {
      if (this.s >= 0) throw new Error('the server is listening already');
      this.s = stack.socket();
      stack.bind(this.s, host === undefined ? 0 : parseIpv4(host), port);
      stack.listen(this.s, backlog ?? DEFAULT_BACKLOG);
      this.port = stack.ends(this.s).localPort;
      this.host.watch(this);
      process.nextTick(() => this.listening && this.emit('listening'));
    } catch (error) {
      if (this.s >= 0) stack.close(this.s);
      this.s = -1;
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
    for (let s = this.host.stack.accept(this.s); s !== undefined; s = this.host.stack.accept(this.s)) {
      this.welcome(s);
      if (!this.listening) return;
    }
  }

  abandon(): void {
    this.finish();
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
