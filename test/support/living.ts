// SPDX-License-Identifier: MIT
// Who lives the lives of life.ts: a pair of builds as one host, the peer, and the user of the socket. What a step names is looked
// up in the connection when its turn comes. Between two lives the memory is put back.

import { INFO_FIELDS } from '../../host/machine/stack.ts';
import { parse } from './frames.ts';
import { MOST } from './life.ts';
import type { Beginning, SegmentStep, Step } from './life.ts';
import { octets, Peer } from './peer.ts';
import type { Sent } from './peer.ts';
import { Station } from './station.ts';
import type { Twins } from './twins.ts';

const US = { address: 0x0a000002, mac: 2 };
/** Its connection is there all the time, and the first one. By chance its sequence numbers lie ahead of the other's. */
const OTHER = { mac: '02:00:00:00:00:0a', address: 0x0a00000a, port: 50_005, localPort: 9, irs: 0x90000000 };
/** The number of the one that lives. */
const SECOND = 1;
const PEER = { mac: '02:00:00:00:00:09', address: 0x0a000009, port: 50_000, localPort: 4_000 };

type Field = (typeof INFO_FIELDS)[number];
const at = Object.fromEntries(INFO_FIELDS.map((name, i) => [name, i])) as Record<Field, number>;

/** A pair that lives one life after the other. */
export class Living {
  private readonly station: Station;
  private readonly twins: Twins;
  private readonly pristine: [Uint8Array, Uint8Array];
  /** A socket, bound. */
  private readonly first: number;
  private readonly began: number;
  private peer: Peer;
  private readonly other: Peer;
  private s = -1;

  /** Of a port build; `twins` says which pair was made last. */
  constructor(module: Uint8Array, twins: () => Twins) {
    const station = (this.station = new Station('v8', module, US));
    this.twins = twins();
    this.first = station.call.socket!();
    station.call.bind!(this.first, 0, PEER.localPort);
    this.peer = this.meet({ ...PEER, irs: 0 });
    this.other = this.meet(OTHER);
    station.onFrame = (frame) => {
      const packet = parse(frame);
      const peer = [this.peer, this.other].find(({ address }) =>
        packet.kind === 'arp' ? packet.targetIp === address : packet.destination === address,
      );
      if (packet.kind === 'arp' && packet.opcode === 1) peer?.answerArp();
      else if (packet.kind === 'tcp') peer!.hear(packet);
    };
    this.other.send('S', { sackOk: true, mss: MOST });
    this.other.send('A');
    this.pristine = this.twins.snapshot();
    this.began = station.now;
  }

  /** Throws when the two differ. */
  live([how, steps]: [Beginning, Step[]]): void {
    this.twins.restore(this.pristine);
    this.station.now = this.began;
    this.station.due = 0;
    this.station.holds = false;
    this.open(how);
    for (const each of steps) this.take(each, how);
    this.station.holds = false;
    this.station.run();
    this.station.advance(200_000);
    if (this.s >= 0) this.read(70_000);
    this.twins.compareAll();
  }

  private meet(who: typeof OTHER): Peer {
    const { station } = this;
    const line = {
      get now() {
        return station.now;
      },
      deliver: (frame: Uint8Array) => station.deliver(frame),
    };
    return new Peer(line, who);
  }

  private open({ irs, mss, win, sackOk, stamps, scale, ecn, active, delay, last, ...how }: Beginning): void {
    const { station } = this;
    const { call } = station;
    const peer = (this.peer = this.meet({ ...PEER, irs }));
    peer.win = win;
    if (how.isKnown) peer.arp(1);
    if (stamps) peer.tsVal = 1;
    const options: Sent = { mss, sackOk, ...(scale === null ? {} : { scale }) };
    if (active) {
      this.s = this.first;
      call.setsockopt!(this.s, 0x6f2, ecn ? 1 : 0);
      call.connect!(this.s, PEER.address, PEER.port);
      station.run();
    } else {
      call.listen!(this.first, 2);
      peer.send(ecn ? 'SEC' : 'S', options);
    }
    station.advance(delay);
    if (active) peer.send(ecn ? 'SAE' : 'SA', options);
    else {
      const { flags, len, options: others, ahead } = last;
      peer.send(flags, { seq: 1 + ahead, text: octets(len), ...optionsOf(others, 1, 1, 0) });
    }
    if (!active) this.s = call.accept!(this.first);
    if (how.nodelay) call.setsockopt!(this.s, 0x601, 1);
    if (how.keepAlive) call.setsockopt!(this.s, 0x109, 1);
    if (how.userTimeout > 0) call.setsockopt!(this.s, 0x612, how.userTimeout);
  }

  private take(step: Step, how: Beginning): void {
    const { call } = this.station;
    switch (step.kind) {
      case 'segment':
        for (let i = 0; i < step.times; i++) this.segment(step, how);
        return;
      case 'other':
        this.other.send('A', { seq: 1, ack: 1, sack: [[1, 2]] });
        return;
      case 'write':
        this.write(step.len, step.urgent);
        break;
      case 'read':
        this.read(step.len);
        break;
      case 'time':
        if (how.stamps) this.peer.tsVal! += step.ms;
        this.pass(step.ms);
        return;
      case 'hold':
        this.station.holds = step.on;
        break;
      case 'shutdown':
        call.shutdown!(this.s, step.how);
        break;
      case 'patience':
        call.setsockopt!(this.s, 0x612, step.ms);
        break;
      case 'close':
        call.close!(this.s);
        break;
    }
    this.station.run();
  }

  /** Time passes. While the link is full the host sleeps through it: the stack would ask for a poll each millisecond. */
  private pass(ms: number): void {
    if (!this.station.holds) {
      this.station.advance(ms);
      return;
    }
    this.station.now += ms;
    this.station.run();
  }

  private segment(step: SegmentStep, how: Beginning): void {
    const { peer } = this;
    const words = this.station.words(this.station.call.connectionInfo!(SECOND), INFO_FIELDS.length);
    const [una, nxt, max] = [words[at.sndUna]!, words[at.sndNxt]!, words[at.sndMax]!];
    const wnd = words[at.rcvWnd]!;
    const next = (words[at.rcvNxt]! - peer.irs) >>> 0;
    const out = (nxt - una) >>> 0;
    const seq = {
      next: 0,
      gap: step.by,
      old: -step.by,
      overlap: -step.by,
      edge: wnd - step.by,
      far: 0x7fff0000,
    }[step.seq];
    const ack = {
      all: out,
      half: out >>> 1,
      one: 1,
      same: 0,
      old: -step.by,
      future: max - una + 1,
      far: -100_000,
    }[step.ack];
    const most = MOST - (how.stamps ? 12 : 0) - (step.options === 'none' ? 0 : 20); // the frame has no room for more
    const plain = step.len === 'window' ? wnd : step.len === 'more' ? wnd + 1 : step.len;
    const len = Math.min(plain, step.seq === 'old' ? step.by : most, most);
    const win = { same: peer.win, zero: 0, small: 40, most: 65_535 };
    peer.win = typeof step.win === 'number' ? step.win : win[step.win];
    const relative = (una - peer.iss) | 0;
    const sent: Sent = {
      seq: (next + seq) | 0,
      ack: relative + ack,
      text: octets(len, (next + seq) & 0xffff),
      reserved: step.reserved,
      checksumError: step.checksumError,
      ip: { tos: step.tos },
      ...(step.flags.includes('U') ? { up: step.by } : {}),
      ...optionsOf(step.options, step.by, relative, out),
    };
    if (how.stamps && step.options === 'stale') sent.ts = [0, 0];
    const stamp = peer.tsVal;
    if (step.options === 'bare') peer.tsVal = undefined;
    peer.send(step.flags, sent);
    peer.tsVal = stamp;
  }

  private write(len: number, urgent: boolean): void {
    const { call, memory } = this.station;
    for (let rest = len; rest > 0;) {
      const room = call.sendRoom!(this.s);
      if (room <= 0) return;
      const part = Math.min(room, rest);
      const start = call.sendBuffer!(this.s) >>> 0;
      for (let i = 0; i < part; i++) memory[start + i] = (len + i) % 249;
      rest -= part;
      call.sendCommit!(this.s, part, urgent && rest === 0 ? 1 : 0);
    }
  }

  private read(len: number): void {
    const { call } = this.station;
    for (let rest = len; rest > 0;) {
      const there = call.recvAvailable!(this.s);
      if (there <= 0) return;
      const part = Math.min(there, rest);
      call.recvCommit!(this.s, part);
      rest -= part;
    }
  }
}

function optionsOf(options: SegmentStep['options'], by: number, una: number, out: number): Sent {
  switch (options) {
    case 'nop':
      return { options: [1, 1, 1, 1] };
    case 'sack':
      return { sack: [[una + Math.min(by, out >>> 1), una + out]] };
    case 'uto':
      return { uto: 2 };
    default:
      return {};
  }
}
