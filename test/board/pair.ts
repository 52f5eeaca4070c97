// SPDX-License-Identifier: MIT
// A board and another station on one wire in virtual time, and what tests of sockets ask of them.

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { Board, PortHost, settle, VirtualClock, Wire } from '../../host/index.ts';
import type { BoardOptions, Host, Server, ServerOptions, Socket } from '../../host/index.ts';

export interface Pair {
  clock: VirtualClock;
  wire: Wire;
  board: Board;
  peer: PortHost;
  /** Run the clock until the promise is settled. */
  until<T>(promise: Promise<T>): Promise<T>;
}

export function makePair(options: Partial<BoardOptions> = {}): Pair {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { rateBps: 10_000_000, delayMs: 0.1 });
  const board = new Board({ engine: 'v8', ...options, clock, wire }).start();
  const peer = new PortHost({ clock, wire, name: 'peer', address: '10.0.0.3' }).start();
  return { clock, wire, board, peer, until: (promise) => settle(clock, promise) };
}

/** A server on `host` that listens. */
export async function listening(host: Host, port: number, options: ServerOptions = {}): Promise<Server> {
  const server = host.createServer(options).listen(port);
  await once(server, 'listening');
  return server;
}

/** A connection from `from` to a listening server: its two ends, the client's first. */
export async function connection(
  from: Host,
  server: Server,
  options: { allowHalfOpen?: boolean } = {},
): Promise<[Socket, Socket]> {
  const { address, port } = server.address()!;
  const client = from.connect({ ...options, host: address, port });
  const [[served]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [Socket],
    [],
  ];
  return [client, served];
}

/** Everything until the end of the stream. */
export async function everything(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}
