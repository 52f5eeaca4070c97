// SPDX-License-Identifier: MIT
// A stack under attack without a wire: frames go in one at a time, what they do is read from connectionInfo and from the
// answer. The memory is the whole state, so each hostile frame can meet the same connection: `mark` and `again`.

import assert from 'node:assert/strict';
import type { Engine } from '../../host/machine/machine.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { INFO_FIELDS, STATES } from '../../host/machine/stack.ts';
import {
  ARP,
  emitArp,
  emitEthernet,
  emitIcmp,
  emitIpv4,
  emitTcp,
  ICMP,
  IPV4,
  parse,
  TCP,
} from '../support/frames.ts';
import type { Packet, TcpSegment } from '../support/frames.ts';
import { Station } from '../support/station.ts';
import { PEER, US } from '../support/targets.ts';

export type Info = Record<(typeof INFO_FIELDS)[number], number>;

/** A segment with absolute numbers, as an attacker makes it. */
export interface Forged {
  seq: number;
  ack?: number;
  flags: string;
  win?: number;
  text?: string;
  options?: number[];
  port?: number;
  address?: number;
}

export class Victim {
  readonly station: Station;
  /** What it has said since it was last looked at, but for ARP, which is answered. */
  said: Packet[] = [];
  private marked: Uint8Array | undefined;

  constructor(module: string, engine: Engine = 'v8') {
    this.station = new Station(engine, readModule(module), { address: US.address, mac: 2 });
    this.station.onFrame = (frame) => {
      const packet = parse(frame);
      if (packet.kind !== 'arp') this.said.push(packet);
      else if (packet.opcode === 1 && packet.targetIp !== US.address) this.deliver(answer(packet.targetIp));
    };
  }

  deliver(frame: Uint8Array): void {
    this.station.deliver(frame);
  }

  /** The segments said since the last call. */
  segments(): TcpSegment[] {
    return this.said.splice(0).filter((packet): packet is TcpSegment => packet.kind === 'tcp');
  }

  /** ESTABLISHED from `port` of PEER to the program on `program`. Its own numbers are `seq` from now on. */
  connect(program: number, syn: Partial<Forged> = {}, address: number = PEER.address): Info {
    const port = syn.port ?? PEER.port;
    this.deliver(frameOf({ seq: 4_999, flags: 'S', port, address, ...syn }, program));
    const answered = this.segments().find(({ flags }) => flags === 'AS');
    assert.ok(answered !== undefined, 'no SYN,ACK');
    const { win = 0xffff } = syn;
    this.deliver(
      frameOf({ seq: 5_000, ack: (answered.seq + 1) >>> 0, flags: 'A', win, port, address }, program),
    );
    const info = this.info(port, address);
    assert.equal(STATES[info?.state ?? 0], 'ESTABLISHED');
    return info!;
  }

  /** Of the connection with `port` of `address`; undefined: there is none. */
  info(port: number = PEER.port, address: number = PEER.address): Info | undefined {
    const { connectionCount, connectionInfo } = this.station.call;
    for (let i = 0, count = connectionCount!(); i < count; i++) {
      const words = this.station.words(connectionInfo!(i), INFO_FIELDS.length);
      if (words[0] === 0 || words[3] !== address || words[4] !== port) continue;
      return Object.fromEntries(INFO_FIELDS.map((name, n) => [name, words[n]!])) as Info;
    }
    return undefined;
  }

  counter(name: string): number {
    const { counters, counterNames, counterCount } = this.station.call;
    const from = counterNames!() >>> 0;
    const names = Buffer.from(this.station.memory.subarray(from, this.station.memory.indexOf(0, from)))
      .toString('latin1')
      .split('\n');
    return this.station.words(counters!(), counterCount!())[names.indexOf(name)]!;
  }

  /** Remember how things are. */
  mark(): void {
    this.marked = this.station.memory.slice();
  }

  /** Back to where `mark` was. */
  again(): void {
    this.station.memory.set(this.marked!);
    this.said = [];
  }
}

function answer(senderIp: number): Buffer {
  const packet = emitArp({
    opcode: 2,
    senderMac: PEER.mac,
    senderIp,
    targetMac: US.mac,
    targetIp: US.address,
  });
  return emitEthernet({ destination: US.mac, source: PEER.mac, type: ARP }, packet);
}

/** The frame of a segment to `program` that seems to come from PEER unless told. */
export function frameOf(forged: Forged, program: number): Buffer {
  const { seq, ack = 0, flags, win = 0xffff, text = '', options = [] } = forged;
  const { port = PEER.port, address = PEER.address } = forged;
  const addresses = { source: address, destination: US.address };
  const fields = {
    srcPort: port,
    dstPort: program,
    seq: seq >>> 0,
    ack: ack >>> 0,
    flags,
    win,
    options,
    text,
  };
  const segment = emitTcp(fields, addresses);
  const datagram = emitIpv4({ ...addresses, protocol: TCP }, segment);
  return emitEthernet({ destination: US.mac, source: PEER.mac, type: IPV4 }, datagram);
}

/** An ICMP error from a router that quotes a segment of ours to PEER. */
export function errorFrame(
  type: number,
  code: number,
  rest: number,
  quoted: { program: number; seq: number; port?: number; address?: number },
  victim: { address: number; mac: string } = US,
): Buffer {
  const { program, seq, port = PEER.port, address = PEER.address } = quoted;
  const addresses = { source: victim.address, destination: address };
  const segment = emitTcp(
    { srcPort: program, dstPort: port, seq: seq >>> 0, ack: 0, flags: 'A', win: 1 },
    addresses,
  );
  const data = emitIpv4({ ...addresses, protocol: TCP }, segment.subarray(0, 8));
  const router = { source: 0x0a0000fe, destination: victim.address, protocol: ICMP };
  const datagram = emitIpv4(router, emitIcmp(type, code, rest, data));
  return emitEthernet({ destination: victim.mac, source: '02:00:00:00:00:fe', type: IPV4 }, datagram);
}
