// SPDX-License-Identifier: MIT
// The module in a host of one's own: nothing but the WebAssembly API. Two modules whose link is frames through memory, and a
// cable between them; the one runs the programs that are in it, the other connects to its echo. Time is a number that we count
// up. Every call answers at once: a result below 0 is the negative of an errno.
//
//   npm run build && node host/examples/embed.mjs

import { existsSync, readFileSync } from 'node:fs';

const module = new URL('../../build/port.wasm', import.meta.url);
if (!existsSync(module)) throw new Error('build/port.wasm is missing: npm run build');
const bytes = readFileSync(module);
const NETMASK = 0xffffff00;
const ECHO = 7;

/** A module that has started, with the address 10.0.0.`number`. */
function station(number) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes)); // this build imports nothing
  exports.configure(0x0200, number, 0x0a000000 + number, NETMASK, 0); // MAC 02:00:…, no gateway
  exports.seed(...crypto.getRandomValues(new Uint32Array(4))); // what nobody may guess: sequence numbers, ports
  exports.start(0);
  return exports;
}

/** `length` octets of the module's memory. Its buffer never moves: memory does not grow. */
const octets = (module, address, length) => new Uint8Array(module.memory.buffer, address >>> 0, length);

/** Take the frame that `from` has composed, if any, to `to`. False: there was none, or no room for it yet. */
function carry(from, to) {
  const length = from.portTransmitLength();
  if (length === 0) return false;
  octets(to, to.portReceiveBuffer(), length).set(octets(from, from.portTransmitBuffer(), length));
  if (to.portReceive(length) < 0) return false;
  from.portTransmitDone();
  return true;
}

const [server, client] = [station(2), station(3)];
const socket = client.socket();
client.connect(socket, 0x0a000002, ECHO);
let text = 'hello\n';
let answer = '';

for (let now = 0; answer === ''; now++) {
  // `poll` says how many ms it can be left alone. Until a timer wakes us we may sleep; frames and calls of sockets end the sleep.
  do [server, client].forEach((module) => module.poll(now));
  while ([carry(client, server), carry(server, client)].includes(true));

  const io = client.ioBuffer(); // what is sent and received passes here
  if (text !== '' && client.ready(socket) & 2) {
    octets(client, io, text.length).set(new TextEncoder().encode(text));
    const taken = client.send(socket, io, text.length, 0);
    if (taken > 0) text = text.slice(taken);
  }
  const received = client.recv(socket, io, 512);
  if (received > 0) answer = new TextDecoder().decode(octets(client, io, received));
  if (now > 10_000) throw new Error('no answer within 10 s of virtual time');
  if (answer !== '') console.log(`after ${now} ms: ${answer.trim()}`);
}
client.close(socket);
