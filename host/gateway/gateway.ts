// SPDX-License-Identifier: MIT
// Ports of this computer become ports of the simulated network, and back. The far side is a second instance of the
// stack on the same wire: for every connection that a program makes to a forwarded port it opens one to the board, and
// for every connection that the board makes to one of its allowed ports it opens one to the host that the user named.
// Octets, end of stream and resets are carried across; back-pressure too. No rights are needed.

import { EventEmitter, once } from 'node:events';
import { connect as connectHost, createServer } from 'node:net';
import type { AddressInfo, Server as HostServer, Socket as HostSocket } from 'node:net';
import { MILLISECOND } from '../net/clock.ts';
import type { Alarm } from '../net/clock.ts';
import { PortHost } from '../port-host.ts';
import type { PortHostOptions } from '../port-host.ts';
import type { Socket } from '../sockets/socket.ts';
import { join } from './join.ts';

/** A port of this computer that leads to a port on the wire. */
export interface Forward {
  /** Address of this computer to listen on. */
  host: string;
  /** Port of this computer; 0 = any free one. */
  port: number;
  to: { address: string; port: number };
}

/** A port of the gateway's address on the wire that leads to a host the user allowed. */
export interface Allow {
  /** Port on the wire. */
  port: number;
  to: { host: string; port: number };
}

/** The far side's place on the wire, and what is carried across. */
export interface GatewayOptions extends Omit<PortHostOptions, 'name'> {
  forwards?: Forward[];
  allow?: Allow[];
}

/** While the far side has no free connection, how often it is asked again, in milliseconds. */
const RETRY_MS = 50;
/** Connections from the board that may wait to be accepted; they never wait long. */
const BACKLOG = 8;

interface GatewayEvents {
  /** A connection could not be carried across and was reset: why, in one line. */
  refused: [Error];
}

/** The gateway. `open` it, and `close` it in the end. */
export class Gateway extends EventEmitter<GatewayEvents> {
  /** The far side. Its traps are its own 'error' events. */
  readonly far: PortHost;
  private readonly forwards: Forward[];
  private readonly allow: Allow[];
  private readonly hostServers: HostServer[] = [];
  private readonly guests = new Set<HostSocket>();
  private waiting: { guest: HostSocket; forward: Forward }[] = [];
  private retry: Alarm | undefined;

  constructor(options: GatewayOptions) {
    super();
    const { forwards, allow, ...far } = options;
    this.forwards = forwards ?? [];
    this.allow = allow ?? [];
    this.far = new PortHost({ name: 'gateway', ...far });
  }

  /**
   * Start the far side and listen on every forwarded port. Rejects with one line that names the port when one cannot be
   * had (EADDRINUSE, EACCES); nothing is left open then. Returns the ports listened on, in the order of `forwards`.
   */
  async open(): Promise<number[]> {
    this.far.start();
    try {
      for (const allowed of this.allow) await this.listenFar(allowed);
      for (const forward of this.forwards) await this.listenHost(forward);
    } catch (error) {
      await this.close();
      throw error;
    }
    return this.hostServers.map((server) => (server.address() as AddressInfo).port);
  }

  /** Stop listening, reset what is open, stop the far side. */
  async close(): Promise<void> {
    this.retry?.cancel();
    this.waiting = [];
    const closed = this.hostServers
      .filter((server) => server.listening)
      .map((server) => once(server, 'close'));
    for (const server of this.hostServers) server.close();
    for (const guest of this.guests) guest.resetAndDestroy();
    await Promise.all(closed);
    this.far.stop();
  }

  /** Connections of this computer's programs that wait for a free connection of the far side. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  private async listenHost(forward: Forward): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (guest) => {
      this.welcome(guest);
      this.waiting.push({ guest, forward });
      this.admit();
    });
    server.listen(forward.port, forward.host);
    try {
      await once(server, 'listening');
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, forward);
    }
    this.hostServers.push(server);
  }

  private async listenFar(allowed: Allow): Promise<void> {
    const server = this.far.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (remote) => {
      const guest = connectHost({ ...allowed.to, allowHalfOpen: true, noDelay: true });
      this.tellRefusal(guest);
      this.welcome(guest);
      join(guest, remote);
    });
    server.listen({ port: allowed.port, backlog: BACKLOG });
    await once(server, 'listening');
  }

  /** An error before 'connect' is a refusal. */
  private tellRefusal(socket: HostSocket | Socket): void {
    const tell = (error: Error): unknown => this.emit('refused', error);
    const typed: EventEmitter = socket;
    typed.once('error', tell);
    typed.once('connect', () => typed.off('error', tell));
  }

  private welcome(guest: HostSocket): void {
    this.guests.add(guest);
    guest.on('error', () => undefined); // what it means is decided at 'close'
    guest.once('close', () => this.guests.delete(guest));
  }

  /** Connect those that wait, in their order, as long as the far side has free connections. */
  private admit(): void {
    while (this.waiting.length > 0 && this.connectAcross(this.waiting[0]!)) this.waiting.shift();
    if (this.waiting.length === 0 || this.retry !== undefined) return;
    // Asked again in a while: a connection in TIME-WAIT becomes free without an event.
    this.retry = this.far.clock.at(this.far.clock.now + RETRY_MS * MILLISECOND, () => {
      this.retry = undefined;
      this.admit();
    });
  }

  /** False when the far side has no connection to spare. */
  private connectAcross({ guest, forward }: { guest: HostSocket; forward: Forward }): boolean {
    if (guest.destroyed) return true;
    const { address, port } = forward.to;
    const remote = this.far.connect({ host: address, port, allowHalfOpen: true });
    const refusal: NodeJS.ErrnoException | null = remote.errored;
    if (refusal?.code === 'ENOBUFS' || refusal?.code === 'ENFILE') {
      remote.on('error', () => undefined);
      return false;
    }
    this.tellRefusal(remote);
    remote.on('error', () => guest.resetAndDestroy());
    remote.once('connect', () => join(guest, remote));
    return true;
  }
}

function listenError(error: NodeJS.ErrnoException, { host, port }: Forward): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'is in use by another program',
    EACCES: 'needs more rights (ports below 1024 belong to root)',
    EADDRNOTAVAIL: 'is not on this computer',
  };
  const reason = reasons[error.code ?? ''] ?? `cannot be listened on (${error.message})`;
  return Object.assign(new Error(`port ${port} on ${host} ${reason}`, { cause: error }), {
    code: error.code,
  });
}
