// SPDX-License-Identifier: MIT
// Sockets in the shape of node:net, over the stack: each behaviour with the board on one side and on the other.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../host/index.ts';
import type { Host, Server, Socket } from '../../host/index.ts';
import { connection, everything, listening, makePair } from './pair.ts';
import type { Pair } from './pair.ts';

const PORT = 8080;
let pair: Pair;

beforeEach(() => {
  pair = makePair();
});

afterEach(() => {
  pair.board.stop();
  pair.peer.stop();
});

describe.each(['board', 'peer'] as const)('the server on the %s', (serving) => {
  let server: Host;
  let client: Host;

  beforeEach(() => {
    server = pair[serving];
    client = serving === 'board' ? pair.peer : pair.board;
  });

  const run = <T>(scenario: () => Promise<T>): Promise<T> => pair.until(scenario());

  test('both ends know both ends', () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      expect(near.address()).toEqual({ address: client.address, port: far.remotePort, family: 'IPv4' });
      expect(far.address()).toEqual({ address: server.address, port: PORT, family: 'IPv4' });
      expect([near.remoteAddress, near.remotePort]).toEqual([server.address, PORT]);
      expect(far.remoteAddress).toBe(client.address);
      expect([near.readyState, far.readyState]).toEqual(['open', 'open']);
    }));

  test('octets pass both ways at once, unchanged, many rings long', () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      const [there, back] = [randomBytes(100_001), randomBytes(77_777)];
      near.end(there);
      far.end(back);
      const [atFar, atNear] = await Promise.all([everything(far), everything(near)]);
      expect(atFar.equals(there)).toBe(true);
      expect(atNear.equals(back)).toBe(true);
      expect([near.bytesWritten, far.bytesRead]).toEqual([there.length, there.length]);
    }));

  test('with allowHalfOpen the end of one direction leaves the other open', () =>
    run(async () => {
      const listener = await listening(server, PORT, { allowHalfOpen: true });
      const [near, far] = await connection(client, listener, { allowHalfOpen: true });
      near.end('question');
      expect((await everything(far)).toString()).toBe('question');
      expect(far.readyState).toBe('writeOnly');
      far.end('answer');
      expect((await everything(near)).toString()).toBe('answer');
    }));

  test('an end before the connection is open follows when it is', () =>
    run(async () => {
      const listener = await listening(server, PORT, { allowHalfOpen: true });
      const near = client.connect({ host: server.address, port: PORT, allowHalfOpen: true });
      near.end();
      const [far] = (await once(listener, 'connection')) as [Socket];
      expect((await everything(far)).length).toBe(0);
      expect(near.readyState).toBe('readOnly');
    }));

  test("without it our side ends at the peer's end, and both close", () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      far.resume();
      near.resume();
      near.end('x');
      await Promise.all([once(far, 'close'), once(near, 'close')]);
      expect(near.errored ?? far.errored).toBeNull();
    }));

  test('resetAndDestroy is ECONNRESET at the other end', () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      near.resetAndDestroy();
      const [error] = (await once(far, 'error')) as [NodeJS.ErrnoException];
      expect([error.code, error.errno, error.syscall]).toEqual(['ECONNRESET', -104, 'read']);
    }));

  test('RFC 2525 §2.17: destroy with unread data resets', () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      far.write('never read');
      await once(near, 'readable');
      near.destroy();
      const [error] = (await once(far, 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNRESET');
    }));

  test('destroy with everything read ends the stream and loses nothing that was taken', () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      near.write('last words', () => near.destroy());
      expect((await everything(far)).toString()).toBe('last words');
    }));

  test('a reader that does not read holds the writer at what both rings take', () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      const total = 1_000_000;
      near.end(Buffer.alloc(total));
      await once(far, 'readable');
      await pause(5000);
      expect(near.bytesWritten).toBeLessThan(total / 2);
      expect((await everything(far)).length).toBe(total);
    }));

  test('a port that nobody listens on is ECONNREFUSED', () =>
    run(async () => {
      const [error] = (await once(client.connect(81, server.address), 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
      expect(error.message).toBe(`connect ECONNREFUSED ${server.address}:81: connection refused`);
    }));

  test("'timeout' comes after so much idle time of the host's clock, and not before", () =>
    run(async () => {
      const [near, far] = await connection(client, await listening(server, PORT));
      const startedAt = pair.clock.now;
      near.setTimeout(700);
      far.resume();
      await pause(500);
      near.write('x');
      await once(near, 'timeout');
      expect((pair.clock.now - startedAt) / MILLISECOND).toBeCloseTo(1200, -1);
      expect(near.destroyed).toBe(false);
    }));

  test('a server closes when its last connection has', () =>
    run(async () => {
      const listener = await listening(server, PORT);
      const [near, far] = await connection(client, listener);
      far.resume();
      const order: string[] = [];
      near.once('close', () => order.push('connection'));
      listener.close(() => order.push('server'));
      await pause(100);
      expect(listener.listening).toBe(false);
      near.destroy();
      await once(listener, 'close');
      expect(order).toEqual(['connection', 'server']);
    }));

  test('after close the port refuses, and can be listened on again', () =>
    run(async () => {
      const first = await listening(server, PORT);
      first.close();
      await once(first, 'close');
      const [error] = (await once(client.connect(PORT, server.address), 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
      const [near] = await connection(client, await listening(server, PORT));
      expect(near.readyState).toBe('open');
    }));

  test('two servers on one port: EADDRINUSE', () =>
    run(async () => {
      await listening(server, PORT);
      const [error] = (await once(server.createServer().listen(PORT), 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('EADDRINUSE');
    }));

  test('a server that listens cannot listen again, and goes on listening', () =>
    run(async () => {
      const listener = await listening(server, PORT);
      const [error] = (await once(listener.listen(PORT + 1), 'error')) as [Error];
      expect(error.message).toBe('the server is listening already');
      const [near] = await connection(client, listener);
      expect(near.remotePort).toBe(PORT);
    }));

  test('port 0 is a free port, which the server knows', () =>
    run(async () => {
      const listener = await listening(server, 0);
      expect(listener.address()!.port).toBeGreaterThan(1023);
      const [near] = await connection(client, listener);
      expect(near.remotePort).toBe(listener.address()!.port);
      const second = await listening(server, 0);
      expect(second.address()!.port).not.toBe(listener.address()!.port);
    }));

  test('a host that stops closes its sockets', () =>
    run(async () => {
      const [near] = await connection(client, await listening(server, PORT));
      client.stop();
      await once(near, 'close');
      expect(near.destroyed).toBe(true);
    }));

  /** So many milliseconds of the simulation. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => pair.clock.at(pair.clock.now + ms * MILLISECOND, () => resolve()));
  }
});

describe('a host that does not run', () => {
  const failure = async (emitter: Socket | Server): Promise<string> =>
    ((await once(emitter, 'error')) as [Error])[0].message;

  test('does not connect', async () => {
    pair.board.stop();
    expect(await failure(pair.board.connect(PORT, '10.0.0.3'))).toBe('board is not running');
  });

  test('does not listen', async () => {
    pair.board.stop();
    expect(await failure(pair.board.createServer().listen(PORT))).toBe('board is not running');
  });
});

describe('connect', () => {
  const failure = async (socket: Socket): Promise<Error> => ((await once(socket, 'error')) as [Error])[0];

  test('a name is refused: there is no resolution', () =>
    pair.until(
      (async () => {
        const error = await failure(pair.board.connect(80, 'localhost'));
        expect(error.message).toBe('not an IPv4 address: localhost');
      })(),
    ));

  test.each([0, -1, 65536, 1.5, NaN])('port %s is refused', (port) =>
    pair.until(
      (async () => {
        const error = await failure(pair.board.connect(port, '10.0.0.3'));
        expect(error.message).toBe(`not a port to connect to: ${port}`);
      })(),
    ),
  );

  test('when all connections are in use: ENOBUFS', () =>
    pair.until(
      (async () => {
        const server = await listening(pair.peer, PORT);
        const sockets: Socket[] = [];
        let error: NodeJS.ErrnoException | undefined;
        while (error === undefined && sockets.length < 20) {
          const socket = pair.board.connect(PORT, server.address()!.address);
          sockets.push(socket);
          [error] = (await Promise.race([once(socket, 'error'), once(socket, 'connect')])) as [
            NodeJS.ErrnoException?,
          ];
        }
        expect(error?.code).toBe('ENOBUFS');
        expect(sockets.length).toBe(7);
      })(),
    ));
});
