// SPDX-License-Identifier: MIT
// node:http through our sockets, as server and as client, and the example that shows it.

import { execFile } from 'node:child_process';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '../../host/index.ts';
import { listening, makePair } from './pair.ts';
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

/** One request from `from` to `to`: status and body. */
function request(
  from: Host,
  to: Host,
  options: http.RequestOptions,
  body?: Buffer,
): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const outgoing = http.request({ createConnection: () => from.connect(PORT, to.address), ...options });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve([response.statusCode!, text]));
    });
    outgoing.end(body);
  });
}

describe.each(['board', 'peer'] as const)('node:http serves on the %s', (serving) => {
  let server: Host;
  let client: Host;
  let connections = 0;
  const pages = http.createServer((incoming, response) => {
    let octets = 0;
    incoming.on('data', (chunk: Buffer) => (octets += chunk.length));
    incoming.on('end', () =>
      response.end(`${incoming.method} ${incoming.url} ${octets} ${'.'.repeat(30_000)}`),
    );
  });

  beforeEach(async () => {
    server = pair[serving];
    client = serving === 'board' ? pair.peer : pair.board;
    connections = 0;
    const listener = await pair.until(listening(server, PORT, { allowHalfOpen: true }));
    listener.on('connection', (socket) => {
      connections++;
      pages.emit('connection', socket);
    });
  });

  test('a GET', async () => {
    const [status, body] = await pair.until(request(client, server, { path: '/a' }));
    expect([status, body.slice(0, 9), body.length]).toEqual([200, 'GET /a 0 ', 30_009]);
  });

  test('a POST with a body of many segments', async () => {
    const [status, body] = await pair.until(
      request(client, server, { path: '/b', method: 'POST' }, Buffer.alloc(60_000)),
    );
    expect([status, body.slice(0, 13)]).toEqual([200, 'POST /b 60000']);
  });

  test('an agent that keeps connections alive uses one for three requests', async () => {
    const agent = Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), {
      createConnection: () => client.connect(PORT, server.address),
    });
    const answers = await pair.until(
      Promise.all(['/1', '/2', '/3'].map((path) => request(client, server, { path, agent }))),
    );
    expect(answers.map(([status]) => status)).toEqual([200, 200, 200]);
    expect(connections).toBe(1);
    agent.destroy();
  });
});

test('the example prints the same on every run', async () => {
  const example = fileURLToPath(new URL('../../host/examples/http.ts', import.meta.url));
  const once = async (): Promise<string> =>
    (await promisify(execFile)(process.execPath, ['--import', 'tsx', example])).stdout;
  const printed = await once();
  expect(printed).toContain('200 GET /hello, and a body of 0 octets\n');
  expect(printed).toContain('200 POST /hello, and a body of 100000 octets\n');
  expect(await once()).toBe(printed);
});
