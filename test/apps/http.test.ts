// SPDX-License-Identifier: MIT
// The HTTP server on the board, RFC 9110 and 9112: what it serves, what it refuses, and that connections live as they
// should. A client on the same wire speaks to it octet by octet.

import { describe, expect, test } from 'vitest';
import { PortHost, settle, VirtualClock, Wire } from '../../host/index.ts';

interface Answer {
  status: string;
  headers: Record<string, string>;
  body: string;
}

const HOST = 'Host: board\r\n';

/** What the server says to `request` until it closes, or until nothing more comes for two seconds; and whether it closed. */
async function ask(
  module: string,
  ...pieces: (string | Buffer)[]
): Promise<{ text: string; closed: boolean }> {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { delayMs: 0.1 });
  const server = new PortHost({ clock, wire, name: 'server', address: '10.0.0.2', module }).start();
  const client = new PortHost({ clock, wire, name: 'client', address: '10.0.0.3' }).start();
  const chunks: Buffer[] = [];
  let closed = false;
  const socket = client.connect({ port: 80, host: '10.0.0.2' });
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => (closed = true));
  for (const piece of pieces) socket.write(piece);
  await settle(clock, new Promise<void>((resolve) => clock.at(2_000_000_000, resolve)));
  server.stop();
  client.stop();
  return { text: Buffer.concat(chunks).toString('latin1'), closed };
}

/** The answers in `text`, one after the other; those to HEAD have no body. */
function parse(text: string, isHead = false): Answer[] {
  const answers: Answer[] = [];
  while (text.length > 0) {
    const end = text.indexOf('\r\n\r\n');
    const [status, ...lines] = text.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => line.toLowerCase().split(': ') as [string, string]),
    );
    const length = isHead ? 0 : Number(headers['content-length'] ?? 0);
    answers.push({ status: status!, headers, body: text.slice(end + 4, end + 4 + length) });
    text = text.slice(end + 4 + length);
  }
  return answers;
}

const one = async (module: string, ...pieces: (string | Buffer)[]): Promise<Answer & { closed: boolean }> => {
  const { text, closed } = await ask(module, ...pieces);
  const answers = parse(text);
  expect(answers).toHaveLength(1);
  return { ...answers[0]!, closed };
};

describe.each(['port', 'tiny-port'])('HTTP on %s', (module) => {
  test('GET / is a page with counters and connections, and the connection stays', async () => {
    const { status, headers, body, closed } = await one(module, `GET / HTTP/1.1\r\n${HOST}\r\n`);
    expect(status).toBe('HTTP/1.1 200 OK');
    expect(headers['content-type']).toBe('text/html');
    expect(body.length).toBe(Number(headers['content-length']));
    expect(body).toMatch(
      /^<!doctype html>[^]*ESTABLISHED +80 10\.0\.0\.3:\d+ [^]*\nHttpRequests +1\n[^]*<\/script>\n$/,
    );
    expect(closed).toBe(false);
  });

  test('GET /status.json is JSON with the same', async () => {
    const { headers, body } = await one(module, `GET /status.json?x=1 HTTP/1.1\r\n${HOST}\r\n`);
    expect(headers['content-type']).toBe('application/json');
    const status = JSON.parse(body) as {
      connections: { state: string; port: number; remote: string }[];
      counters: Record<string, number>;
    };
    expect(status.connections[0]).toMatchObject({ state: 'ESTABLISHED', port: 80 });
    expect(status.counters).toMatchObject({ HttpRequests: 1, HttpErrors: 0 });
  });

  test('HEAD has the headers of GET and no content', async () => {
    const { text } = await ask(module, `HEAD / HTTP/1.1\r\n${HOST}\r\n`);
    const get = await one(module, `GET / HTTP/1.1\r\n${HOST}\r\n`);
    expect(text.endsWith('\r\n\r\n')).toBe(true);
    expect(parse(text, true)[0]).toMatchObject({ status: 'HTTP/1.1 200 OK', headers: get.headers });
  });

  test('GET /chargen/N is N octets', async () => {
    const { body } = await one(module, `GET /chargen/10000 HTTP/1.1\r\n${HOST}\r\n`);
    expect(body).toHaveLength(10_000);
    expect(body.slice(0, 74)).toMatch(/^ !"#.*g\r\n$/);
    expect((await one(module, `GET /chargen/0 HTTP/1.1\r\n${HOST}\r\n`)).body).toBe('');
  });

  test.each(['PUT', 'POST'])('%s /discard counts the content', async (method) => {
    const content = Buffer.alloc(20_000, 'x');
    const head = `${method} /discard HTTP/1.1\r\n${HOST}Content-Length: ${content.length}\r\n\r\n`;
    expect((await one(module, head, content)).body.trim()).toBe('20000');
  });

  test('Expect: 100-continue is answered before the content is read', async () => {
    const { text } = await ask(
      module,
      `PUT /discard HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
    );
    expect(text).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  test('pipelined requests are answered in order', async () => {
    const { text } = await ask(
      module,
      [1, 2, 3].map((n) => `GET /chargen/${n} HTTP/1.1\r\n${HOST}\r\n`).join(''),
    );
    expect(parse(text).map(({ body }) => body)).toEqual([' ', ' !', ' !"']);
  });

  test('a request in pieces of one octet', async () => {
    const { status } = await one(module, ...`GET /status.json HTTP/1.1\r\n${HOST}\r\n`);
    expect(status).toBe('HTTP/1.1 200 OK');
  });

  test.each([
    ['Connection: close', `GET /chargen/1 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`],
    ['close in a list', `GET /chargen/1 HTTP/1.1\r\n${HOST}Connection: TE, close\r\n\r\n`],
    ['HTTP/1.0', 'GET /chargen/1 HTTP/1.0\r\n\r\n'],
  ])('%s: closed after the answer', async (_, request) => {
    expect(await one(module, request)).toMatchObject({
      status: 'HTTP/1.1 200 OK',
      body: ' ',
      closed: true,
      headers: { connection: 'close' },
    });
  });

  test('HTTP/1.0 with keep-alive stays', async () => {
    const answer = await one(module, 'GET /chargen/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(answer).toMatchObject({ closed: false, headers: { connection: 'keep-alive' } });
  });

  test.each([
    ['404', 'an unknown path', `GET /nothing HTTP/1.1\r\n${HOST}\r\n`],
    ['404', 'chargen without a number', `GET /chargen/x HTTP/1.1\r\n${HOST}\r\n`],
    ['404', 'chargen with a number too long', `GET /chargen/1234567890 HTTP/1.1\r\n${HOST}\r\n`],
    ['405', 'DELETE of a page', `DELETE / HTTP/1.1\r\n${HOST}\r\n`],
    ['405', 'GET of discard', `GET /discard HTTP/1.1\r\n${HOST}\r\n`],
    ['411', 'chunked content', `PUT /discard HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`],
    ['400', 'no version', 'GET /\r\n\r\n'],
    ['400', 'another protocol', `GET / SIP/2.0\r\n${HOST}\r\n`],
    ['400', 'no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['400', 'two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
    ['400', 'a length that is none', `PUT /discard HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`],
    ['400', 'two lengths', `PUT /discard HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    ['400', 'a request line without end', 'G'.repeat(9000)],
  ])('%s for %s', async (code, _, request) => {
    const { text } = await ask(module, request);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${code} `));
    expect(text.match(/Allow: (.*)\r\n/)?.[1]).toBe(
      code !== '405' ? undefined : request.startsWith('GET') ? 'PUT, POST' : 'GET, HEAD',
    );
  });

  test.each([0, 700, 1400])(
    'a header line of any length is passed over, %i octets behind another',
    async (before) => {
      const filler = `A: ${'a'.repeat(before)}\r\n`;
      for (const length of [500, 2900, 4300, 20_000]) {
        const { status } = await one(
          module,
          `GET /chargen/1 HTTP/1.1\r\n${HOST}${filler}Cookie: ${'c'.repeat(length)}\r\n\r\n`,
        );
        expect(status).toBe('HTTP/1.1 200 OK');
      }
    },
  );

  test('the absolute form of a target', async () => {
    expect((await one(module, `GET http://board/chargen/2 HTTP/1.1\r\n${HOST}\r\n`)).body).toBe(' !');
  });
});
