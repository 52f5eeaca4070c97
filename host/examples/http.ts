// SPDX-License-Identifier: MIT
// node:http on both ends of a TCP connection that never leaves this process: a web server written for Node serves
// through a board's stack (the module under wasm3, the chip on SPI), and a client fetches from it through another
// station on the same wire. In virtual time: two runs print the same, to the nanosecond.
//
//   npx tsx host/examples/http.ts          virtual time
//   npx tsx host/examples/http.ts --real   the same in real time

import http from 'node:http';
import { Board, PortHost, RealClock, settle, VirtualClock, Wire } from '../index.ts';

const clock = process.argv.includes('--real') ? new RealClock() : new VirtualClock();
const wire = new Wire(clock, { rateBps: 10_000_000, delayMs: 0.05 });
const board = new Board({ clock, wire, address: '10.0.0.2' }).start();
const laptop = new PortHost({ clock, wire, name: 'laptop', address: '10.0.0.3' }).start();

const pages = http.createServer((request, response) => {
  let octets = 0;
  request.on('data', (chunk: Buffer) => (octets += chunk.length));
  request.on('end', () => response.end(`${request.method} ${request.url}, and a body of ${octets} octets\n`));
});
board.createServer({ allowHalfOpen: true }, (socket) => pages.emit('connection', socket)).listen(8080);

function fetchPage(path: string, body?: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      path,
      method: body === undefined ? 'GET' : 'POST',
      createConnection: () => laptop.connect(8080, board.address),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(`${response.statusCode} ${Buffer.concat(chunks).toString().trim()}`));
    });
    request.end(body);
  });
}

async function main(): Promise<void> {
  for (const body of [undefined, Buffer.alloc(100_000)]) {
    const startedAt = clock.now;
    const answer = await fetchPage('/hello', body);
    console.log(`${((clock.now - startedAt) / 1e6).toFixed(3)} ms: ${answer}`);
  }
  const { TcpSegmentsIn, TcpSegmentsOut } = board.stack.counters();
  console.log(`the board received ${TcpSegmentsIn} TCP segments and sent ${TcpSegmentsOut}`);
}

await (clock instanceof VirtualClock ? settle(clock, main()) : main());
board.stop();
laptop.stop();
if (clock instanceof RealClock) clock.stop();
