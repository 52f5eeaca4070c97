// SPDX-License-Identifier: MIT
// A connection that has sent 2^31 octets since its last loss: RFC 6582's `recover`, a mark left at a sequence number, must not
// seem to lie ahead (RFC 9293 §3.4), or fast retransmit would be off for the next 2^31. Two gigabytes are not sent here:
// the mark is put where they would have left it.

import { expect, test } from 'vitest';
import { parse } from '../support/frames.ts';
import { octets, Peer } from '../support/peer.ts';
import { probe } from '../support/probe.ts';
import { Station } from '../support/station.ts';

const HOST = { mac: '02:00:00:00:00:09', address: 0x0a000009, port: 50_000, localPort: 4_000, irs: 5_000 };
const SMSS = 100;

test.each(['v8', 'wasm3'] as const)(
  'fast retransmit after 2^31 octets without a loss: %s',
  async (engine) => {
    const module = await probe('map', { use: { PORT: 1 }, pages: 2, noAssert: true });
    const station = new Station(engine, module, { address: 0x0a000002, mac: 2 });
    const peer = new Peer(station, HOST);
    station.onFrame = (frame) => {
      const packet = parse(frame);
      if (packet.kind === 'tcp') peer.hear(packet);
      else if (packet.kind === 'arp' && packet.targetIp === HOST.address) peer.answerArp();
    };
    const { call, memory } = station;
    const listener = call.socket!();
    call.bind!(listener, 0, HOST.localPort);
    call.listen!(listener, 1);
    peer.send('S', { mss: SMSS });
    peer.send('A');
    const s = call.accept!(listener);
    const send = (segments: number): void => {
      const staging = call.ioBuffer!() >>> 0;
      memory.set(Buffer.from(octets(segments * SMSS), 'latin1'), staging);
      expect(call.send!(s, staging, segments * SMSS, 0)).toBe(segments * SMSS);
      station.run();
    };

    const tcb = call.tcbs!() >>> 0;
    const recover = station.words(tcb + call.recover!(), 1);
    const iss = station.words(tcb + call.iss!(), 1)[0]!;
    expect(recover[0]).toBe(iss);
    recover[0] = iss - 0x7fffffff + 150;
    for (let i = 0; i < 4; i++) {
      send(1);
      peer.send('A');
    }
    send(4);
    peer.heard.length = 0;
    const lost = 1 + 4 * SMSS;
    for (let i = 0; i < 3; i++) peer.send('A', { ack: lost });
    peer.expect('A', { seq: lost, len: SMSS });
  },
);
