// SPDX-License-Identifier: MIT
// Ports of this computer and ports of the board, through the gateway, in real time over loopback.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Board, Gateway, RealClock, Wire } from '../../host/index.ts';
import type { GatewayOptions } from '../../host/index.ts';

const ECHO = 7;
const HTTP = 80;
/** Nobody listens there. */
const CLOSED = 81;

let clock: RealClock;
let wire: Wire;
let board: Board;
let gateway: Gateway | undefined;
const sockets: Socket[] = [];
const servers: Server[] = [];

beforeEach(() => {
  clock = new RealClock();
  wire = new Wire(clock);
  board = new Board({ clock, wire, engine: 'v8', gateway: '10.0.0.1' }).start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await gateway?.close();
  gateway = undefined;
  board.stop();
  clock.stop();
});

/** Open a gateway that forwards a free port to each of these of the board; the free ports. */
async function forwarding(ports: number[], options: Partial<GatewayOptions> = {}): Promise<number[]> {
  const forwards = ports.map((port) => ({
    host: '127.0.0.1',
    port: 0,
    to: { address: board.address, port },
  }));
  gateway = new Gateway({ clock, wire, address: '10.0.0.1', forwards, ...options });
  return gateway.open();
}

/** A program's connection to a port of this computer. */
function client(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  return socket;
}

async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

/** A server program on this computer; its port. */
async function program(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    serve(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a forwarded port', () => {
  test('serves the page of the board', async () => {
    const [port] = await forwarding([HTTP]);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('<title>Sandwire');
  });

  test('carries 300 kB both ways at once, unchanged, and both ends of stream', async () => {
    const [port] = await forwarding([ECHO]);
    const octets = randomBytes(300_000);
    const socket = client(port!);
    socket.end(octets);
    expect((await everything(socket)).equals(octets)).toBe(true);
  });

  test('two ports are two doors', async () => {
    const [first, second] = await forwarding([ECHO, HTTP]);
    const echo = client(first!);
    echo.end('x');
    expect((await everything(echo)).toString()).toBe('x');
    expect((await fetch(`http://127.0.0.1:${second}/`)).status).toBe(200);
  });

  test("a reset by the program resets the board's connection", async () => {
    const [port] = await forwarding([ECHO]);
    const socket = client(port!);
    socket.write('x');
    await once(socket, 'data');
    const before = board.stack.counters().TcpResetsIn!;
    socket.resetAndDestroy();
    await expect.poll(() => board.stack.counters().TcpResetsIn).toBe(before + 1);
  });

  test('a port that the board refuses is a reset for the program, and is told', async () => {
    const [port] = await forwarding([CLOSED]);
    const refused = once(gateway!, 'refused');
    const [error] = (await once(client(port!), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(((await refused) as [Error])[0].message).toBe(
      'connect ECONNREFUSED 10.0.0.2:81: connection refused',
    );
  });

  test('a program that does not read is not flooded, and gets everything later', async () => {
    const [port] = await forwarding([ECHO]);
    const octets = randomBytes(200_000);
    const socket = client(port!);
    socket.end(octets);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await everything(socket)).equals(octets)).toBe(true);
  });

  test('when the far side has no connection left, programs wait and are served in turn', async () => {
    const [port] = await forwarding([ECHO], { module: 'tiny-port' });
    const holders = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const socket = client(port!);
        socket.write('x');
        await once(socket, 'data');
        return socket;
      }),
    );
    const late = client(port!);
    late.end('late');
    await expect.poll(() => gateway!.waitingCount).toBe(1);
    holders[0]!.resetAndDestroy();
    expect((await everything(late)).toString()).toBe('late');
  });
});

describe('a port of this computer that cannot be had', () => {
  test('is refused in one line that names it', async () => {
    const taken = await program(() => undefined);
    const forwards = [{ host: '127.0.0.1', port: taken, to: { address: board.address, port: HTTP } }];
    gateway = new Gateway({ clock, wire, address: '10.0.0.1', forwards });
    await expect(gateway.open()).rejects.toThrow(`port ${taken} on 127.0.0.1 is in use by another program`);
  });

  test('leaves nothing half-open', async () => {
    const taken = await program(() => undefined);
    const free = await program(() => undefined);
    const server = servers.pop()!;
    server.close();
    await once(server, 'close');
    const to = { address: board.address, port: HTTP };
    const forwards = [free, taken].map((port) => ({ host: '127.0.0.1', port, to }));
    gateway = new Gateway({ clock, wire, address: '10.0.0.1', forwards });
    await expect(gateway.open()).rejects.toThrow();
    const [error] = (await once(client(free), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});

describe('an allowed host', () => {
  test("is reached by the board at a port of the gateway's address", async () => {
    const port = await program((socket) => socket.pipe(socket));
    await forwarding([], { allow: [{ port: 9000, to: { host: '127.0.0.1', port } }] });
    const socket = board.connect({ host: '10.0.0.1', port: 9000, allowHalfOpen: true });
    const octets = randomBytes(50_000);
    socket.end(octets);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'end');
    expect(Buffer.concat(chunks).equals(octets)).toBe(true);
  });

  test('that does not answer is a reset for the board, and is told', async () => {
    const port = await program(() => undefined);
    const server = servers.pop()!;
    server.close();
    await once(server, 'close');
    await forwarding([], { allow: [{ port: 9000, to: { host: '127.0.0.1', port } }] });
    const refused = once(gateway!, 'refused');
    const [error] = (await once(board.connect(9000, '10.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(((await refused) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
  });

  test('a port that was not allowed is refused', async () => {
    await forwarding([]);
    const [error] = (await once(board.connect(9001, '10.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});
