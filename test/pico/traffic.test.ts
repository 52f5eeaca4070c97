// SPDX-License-Identifier: MIT
// The firmware's image on the wire: who it is, that it answers, serves and carries data, with the module's memory equal to
// that of wasm3 on this computer after every poll.

import http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasToolchain } from '../../host/firmware/build.ts';
import type { PortHost } from '../../host/index.ts';
import { SECOND } from '../../host/index.ts';
import { everything, pattern, Rig } from './board.ts';

describe.skipIf(!hasToolchain())('the emulated board', () => {
  let rig: Rig;
  let peer: PortHost;

  beforeAll(() => {
    rig = new Rig().boot();
    peer = rig.peer();
  });
  afterAll(() => {
    peer.stop();
    rig.board.stop();
  });

  test('answers ARP with the MAC address it has announced', () => {
    const reply = rig.arp();
    expect(reply).toMatchObject({ kind: 'arp', opcode: 2, senderIp: 0x0a000002 });
    expect(rig.lines.join('\n')).toContain(reply?.kind === 'arp' ? reply.senderMac : 'no reply');
    rig.expectProven();
  });

  test.each([0, 1, 56, 1472])('answers a ping of %d octets', (size) => {
    expect(rig.ping(size)).toBe(true);
    rig.expectProven();
  });

  test('serves its page and its counters over HTTP', async () => {
    const get = async (path: string): Promise<[number, string]> => {
      const request = http.get({ createConnection: () => peer.connect(80, rig.board.address), path });
      const response = await rig.until(
        new Promise<http.IncomingMessage>((resolve, reject) => {
          request.on('response', resolve);
          request.on('error', reject);
        }),
      );
      const body = await rig.until(everything(response as unknown as Parameters<typeof everything>[0]));
      return [response.statusCode!, body.toString('latin1')];
    };
    const [status, page] = await get('/');
    expect([status, page]).toEqual([200, expect.stringContaining('<title>Sandwire</title>')]);
    const [, counters] = await get('/status.json');
    expect(counters).toContain('TcpSegmentsIn');
    // The mirror tells the same as the board itself.
    expect(rig.board.stack.counters().HttpRequests).toBe(2);
    rig.expectProven();
  });

  test('the mirror shows its connections', async () => {
    const socket = peer.connect(7, rig.board.address);
    socket.write('x');
    await rig.until(new Promise((resolve) => socket.once('data', resolve)));
    expect(
      rig.board.stack.connections().map(({ stateName, localPort }) => [stateName, localPort]),
    ).toContainEqual(['ESTABLISHED', 7]);
    socket.resetAndDestroy();
    rig.clock.run(SECOND / 10);
    rig.expectProven();
  });

  test('echoes 256 KB', async () => {
    const sent = pattern(256 * 1024);
    const began = rig.clock.now;
    const socket = peer.connect(7, rig.board.address);
    socket.end(sent);
    expect((await rig.until(everything(socket))).equals(sent)).toBe(true);
    expect((rig.clock.now - began) / SECOND).toBeLessThan(1);
    rig.expectProven();
  });

  test('follows the link down and up, and answers again', () => {
    rig.board.chip.linkUp = false;
    rig.says(/link down/);
    expect(rig.ping()).toBe(false);
    rig.board.chip.linkUp = true;
    rig.says(/link up/);
    expect(rig.ping()).toBe(true);
    rig.expectProven();
  });

  test('sleeps when there is nothing to do', () => {
    const before = rig.board.cycles.idle;
    rig.clock.run(SECOND);
    expect((rig.board.cycles.idle - before) / 120e6).toBeGreaterThan(0.95);
  });
});

describe.skipIf(!hasToolchain())('on a wire that loses one frame in a hundred', () => {
  test('256 KB come back whole', async () => {
    const rig = new Rig({}, { loss: 0.01, seed: 11 }).boot();
    let lost = 0;
    rig.wire.onFrame(({ fate }) => (lost += fate === 'lost' ? 1 : 0));
    const sent = pattern(256 * 1024);
    const socket = rig.peer().connect(7, rig.board.address);
    socket.end(sent);
    expect((await rig.until(everything(socket))).equals(sent)).toBe(true);
    expect(lost).toBeGreaterThan(1);
    expect(rig.board.stack.counters().TcpRetransmits).toBeGreaterThan(0);
    rig.expectProven();
  });
});
