// SPDX-License-Identifier: MIT
// A host on the port link: what its adapter does with frames, beside what the board tests show of it.

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { MILLISECOND, PortHost, SECOND, settle, VirtualClock, Wire } from '../../host/index.ts';

function bench(): { clock: VirtualClock; wire: Wire; host: PortHost; sent: Uint8Array[] } {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { rateBps: 0, delayMs: 0.01 });
  const host = new PortHost({ clock, wire, name: 'host', address: '10.0.0.3' }).start();
  const sent: Uint8Array[] = [];
  wire.onFrame(({ sender, frame }) => sender === 'host' && sent.push(frame));
  clock.run(SECOND);
  sent.length = 0;
  return { clock, wire, host, sent };
}

/** Who has 10.0.0.3? asks 10.0.0.9. */
const ARP_REQUEST = Buffer.from(
  'ffffffffffff020000000009080600010800060400010200000000090a0000090000000000000a000003'.padEnd(120, '0'),
  'hex',
);

test('it speaks up when it starts', () => {
  const clock = new VirtualClock();
  const wire = new Wire(clock);
  const types: string[] = [];
  wire.onFrame(({ frame }) => types.push(Buffer.from(frame).toString('hex', 12, 14)));
  new PortHost({ clock, wire, name: 'host', address: '10.0.0.3' }).start();
  clock.run(SECOND);
  expect(types).toEqual(['0806']);
});

test('frames that come at one instant are all taken, one with each poll', () => {
  const { clock, wire, host, sent } = bench();
  const port = wire.attach('asker', () => undefined);
  for (let i = 0; i < 100; i++) port.send(ARP_REQUEST);
  clock.run(SECOND);
  expect([sent.length, host.framesLost]).toEqual([100, 0]);
});

test('frames that need no answer are taken at once, too', () => {
  const { clock, wire, host } = bench();
  const before = host.stack.counters().LinkRxFrames!;
  const port = wire.attach('talker', () => undefined);
  for (let i = 0; i < 100; i++) port.send(new Uint8Array(60).fill(0xff));
  clock.run(MILLISECOND);
  expect(host.stack.counters().LinkRxFrames).toBe(before + 100);
});

test('three segments leave in one instant, although the module holds two frames', async () => {
  const { clock, wire, host, sent } = bench();
  const peer = new PortHost({ clock, wire, name: 'peer', address: '10.0.0.4' }).start();
  const socket = host.connect(9, peer.address);
  await settle(clock, once(socket, 'connect'));
  clock.run(SECOND);
  sent.length = 0;
  socket.write(new Uint8Array(3 * 1460));
  clock.run(0);
  expect(sent.map(({ length }) => length)).toEqual([1514, 1514, 1514]);
});

test('more than 256 that wait are lost', () => {
  const { clock, wire, host, sent } = bench();
  const port = wire.attach('asker', () => undefined);
  for (let i = 0; i < 300; i++) port.send(ARP_REQUEST);
  clock.run(SECOND);
  expect(sent.length + host.framesLost).toBe(300);
  expect(host.framesLost).toBeGreaterThan(0);
});

test('a frame longer than 1514 octets is lost, and the next is not', () => {
  const { clock, wire, host, sent } = bench();
  const port = wire.attach('asker', () => undefined);
  port.send(new Uint8Array(1515));
  port.send(ARP_REQUEST);
  clock.run(SECOND);
  expect([sent.length, host.framesLost]).toEqual([1, 1]);
});

test('after stop it is silent', () => {
  const { clock, wire, host, sent } = bench();
  host.stop();
  wire.attach('asker', () => undefined).send(ARP_REQUEST);
  clock.run(SECOND);
  expect(sent).toEqual([]);
});
