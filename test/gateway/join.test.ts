// SPDX-License-Identifier: MIT
// Two connections carried across as one: octets, ends of stream, resets, back-pressure.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { join } from '../../host/gateway/join.ts';

const open: Socket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** Both ends of a connection on loopback. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  const [near] = (await once(server, 'connection')) as [Socket];
  server.close();
  open.push(near, far);
  return [near, far];
}

/** A connection of two halves that `join` makes one: its two outer ends. */
async function joined(): Promise<[Socket, Socket]> {
  const [left, a] = await pair();
  const [b, right] = await pair();
  join(a, b);
  return [left, right];
}

async function received(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks).toString();
}

describe('two connections joined', () => {
  test('an end of stream passes by itself, and the other direction stays open', async () => {
    const [left, right] = await joined();
    left.end('question');
    expect(await received(right)).toBe('question');
    right.end('answer');
    expect(await received(left)).toBe('answer');
  });

  test('a reset on one side resets the other', async () => {
    const [left, right] = await joined();
    left.write('x');
    await once(right, 'data');
    left.resetAndDestroy();
    const [error] = (await once(right, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  test('a reader that does not read holds the writer', async () => {
    const [left, right] = await joined();
    right.pause();
    let written = 0;
    const fill = (): void => {
      while (written < 64e6 && left.write(Buffer.alloc(1e6))) written += 1e6;
    };
    left.on('drain', fill);
    fill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(32e6);
  });
});
