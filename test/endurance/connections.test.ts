// SPDX-License-Identifier: MIT
// Ten thousand connections, opened and ended in every way, after which memory equals the memory after the first, octet by
// octet, but for the list below. The module is the port build with its memory map for exports (test/probe/map.ts).

import { expect, test } from 'vitest';
import { Station } from '../support/station.ts';
import { probe } from '../support/probe.ts';
import { Connections } from './connections.ts';

const CONNECTIONS = 10_000;

/** Octets that may differ: where, how many, why. Nothing else may. */
function regions(station: Station): { name: string; from: number; octets: number; why: string }[] {
  const { call } = station;
  const address = (name: string): number => call[name]!() >>> 0;
  const inbound = address('portReceiveBuffer');
  const tcp = address('tcpState');
  const answer = address('reply') + 48;
  return [
    { name: 'TIME', from: address('time'), octets: 8, why: 'the clock, and the earliest deadline' },
    { name: 'COUNTERS', from: address('counters'), octets: 4 * call.counterCount!(), why: 'counters' },
    { name: 'PORT_STATE', from: address('portState') + 4, octets: 8, why: 'which buffers send next' },
    { name: 'PORT_BUFFERS', from: inbound, octets: 3 * 1_520, why: 'the last frames in and out' },
    { name: 'REPLY.seq', from: answer + 4, octets: 4, why: 'our ISS is a clock' },
    { name: 'REPLY.checksum', from: answer + 16, octets: 2, why: 'therefore' },
    { name: 'SEGMENT.ack', from: address('segment') + 4, octets: 4, why: 'therefore' },
    { name: 'SEGMENT.fack', from: address('segment') + 68, octets: 4, why: 'therefore' },
    { name: 'OPTIONS', from: address('segment') + 80, octets: 40, why: 'of the last segment that had some' },
    { name: 'ARP[0].at', from: address('neighbours') + 16, octets: 4, why: 'when it was to be asked again' },
    { name: 'ARP[0].changes', from: address('neighbours') + 28, octets: 4, why: 'how often it was learnt' },
    { name: 'OPENED', from: tcp + 16, octets: 4, why: 'tells ephemeral ports apart' },
    { name: 'BIRTH', from: tcp + 56, octets: 4, why: 'rank of the next connection' },
  ];
}

test.each(['v8', 'wasm3'] as const)(
  `${CONNECTIONS} connections opened and closed leave nothing behind: %s`,
  async (engine) => {
    const module = await probe('map', { use: { PORT: 1 }, pages: 2, noAssert: true });
    const station = new Station(engine, module, { address: 0x0a000002, mac: 2 });
    const end = station.call.memoryEnd!() >>> 0;
    const connections = new Connections(station);
    connections.one(0);
    connections.settle();
    const first = Buffer.from(station.memory.slice(0, end));
    for (let n = 1; n < CONNECTIONS; n++) connections.one(n);
    connections.settle();
    // The last is like the first, so that what stays of a frame in hand is alike.
    connections.one(0);
    connections.settle();
    const last = Buffer.from(station.memory.slice(0, end));

    const allowed = regions(station);
    const differing: string[] = [];
    for (let at = 0; at < end; at++) {
      if (first[at] === last[at]) continue;
      const region = allowed.find(({ from, octets }) => at >= from && at < from + octets);
      if (region === undefined) differing.push(`${at}: ${first[at]} → ${last[at]}`);
    }
    expect(differing).toEqual([]);
    expect(connections.kinds.size).toBe(3 * 8 + 3);
  },
);
