// SPDX-License-Identifier: MIT
// A life of one connection as chance has it, but plausible: handshake, then segments of the peer, calls of the user and time, in
// any order. A step names places, not numbers: "what was waited for", "half of what is out"; the numbers are those of
// the connection when its turn comes, so that a life can be made shorter and stays one.

import fc from 'fast-check';
import { INFO_FIELDS } from '../../host/machine/stack.ts';
import { parse } from './frames.ts';
import { octets, Peer } from './peer.ts';
import type { Sent } from './peer.ts';
import { Station } from './station.ts';
import type { Twins } from './twins.ts';

const US = { address: 0x0a000002, mac: 2 };
const PEER = { mac: '02:00:00:00:00:09', address: 0x0a000009, port: 50_000, localPort: 4_000 };
/** The longest text of a segment. */
const MOST = 1_460;

/** How the connection begins. */
export interface Beginning {
  irs: number;
  mss: number;
  win: number;
  sackOk: boolean;
  stamps: boolean;
  scale: number | null;
  ecn: boolean;
  nodelay: boolean;
  keepAlive: boolean;
  /** ms, 0 = as it is. */
  userTimeout: number;
  /** The stack knows the peer's MAC address before. */
  isKnown: boolean;
  /** The stack opens; else the peer. */
  active: boolean;
  /** The handshake takes so long, ms: beyond a second our SYN has to be repeated. */
  delay: number;
  /** Of the ACK that ends the handshake: control bits, octets of text, what is in it besides, how far ahead it is. */
  last: { flags: string; len: number; options: SegmentStep['options']; ahead: number };
}

/** A segment of the peer. */
export interface SegmentStep {
  kind: 'segment';
  seq: 'next' | 'gap' | 'old' | 'overlap' | 'edge' | 'far';
  by: number;
  len: number | 'window' | 'more';
  ack: 'all' | 'half' | 'one' | 'same' | 'old' | 'future' | 'far';
  win: 'same' | 'zero' | 'small' | 'most' | number;
  flags: string;
  options: 'none' | 'nop' | 'sack' | 'uto' | 'stale';
  reserved: number;
  checksumError: number;
  tos: number;
}

export type Step =
  | SegmentStep
  | { kind: 'write'; len: number; urgent: boolean }
  | { kind: 'read'; len: number }
  | { kind: 'time'; ms: number }
  | { kind: 'hold'; on: boolean }
  | { kind: 'shutdown'; how: number }
  | { kind: 'close' };

const often = <T>(usual: T, rate: number, rest: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: rate, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rest });

export const beginning: fc.Arbitrary<Beginning> = fc.record({
  irs: fc.constantFrom(5_000, 0xffffffff, 0xfffffc00, 0x7ffffff0),
  mss: often(MOST, 2, fc.constantFrom(64, 536)),
  win: fc.constantFrom(0, 100, 3_000, 20_000, 65_535),
  sackOk: fc.boolean(),
  stamps: often(false, 3, fc.constant(true)),
  scale: often<number | null>(null, 1, fc.constantFrom(0, 2, 7)),
  ecn: often(false, 4, fc.constant(true)),
  nodelay: fc.boolean(),
  keepAlive: often(false, 4, fc.constant(true)),
  userTimeout: often(0, 1, fc.constantFrom(1_000, 3_000, 90_000)),
  isKnown: fc.boolean(),
  active: often(false, 3, fc.constant(true)),
  delay: often(0, 3, fc.constantFrom(100, 1_200)),
  last: fc.record({
    flags: often('A', 4, fc.constantFrom('PA', 'FA', 'UA', 'EA', 'CA')),
    len: often(0, 5, fc.constantFrom(1, 10)),
    options: often<SegmentStep['options']>('none', 5, fc.constantFrom('nop', 'sack', 'uto')),
    ahead: often(0, 8, fc.constantFrom(-1, 1, 100)),
  }),
});

const segment: fc.Arbitrary<SegmentStep> = fc.record({
  kind: fc.constant('segment' as const),
  seq: often<SegmentStep['seq']>(
    'next',
    4,
    fc.constantFrom('gap', 'gap', 'gap', 'old', 'overlap', 'edge', 'far'),
  ),
  by: fc.constantFrom(1, 1, 7, 64, 500, 1_460, 2_920),
  len: fc.oneof(
    { weight: 4, arbitrary: fc.constant<SegmentStep['len']>(0) },
    { weight: 5, arbitrary: fc.constantFrom<SegmentStep['len'][]>(1, 7, 64, 500, 1_459, 1_460, 1_460) },
    { weight: 1, arbitrary: fc.constantFrom<SegmentStep['len'][]>('window', 'more') },
  ),
  ack: often<SegmentStep['ack']>(
    'all',
    2,
    fc.constantFrom('half', 'one', 'same', 'same', 'old', 'future', 'far'),
  ),
  win: often<SegmentStep['win']>(
    'same',
    3,
    fc.constantFrom<SegmentStep['win'][]>('zero', 'small', 'most', 1_000, 9_000),
  ),
  flags: often(
    'A',
    6,
    fc.constantFrom(
      ...['PA', 'PA', 'PA', 'PA', 'PA', 'UA', 'EA', 'CA', 'ECPA', 'FA', 'FPA', 'SA', 'S', 'F', '', 'RA', 'R'],
    ),
  ),
  options: often<SegmentStep['options']>(
    'none',
    8,
    fc.constantFrom('nop', 'sack', 'sack', 'sack', 'uto', 'stale'),
  ),
  reserved: often(0, 40, fc.constantFrom(1, 2, 8)),
  checksumError: often(0, 20, fc.constantFrom(1, 0x8000)),
  tos: often(0, 12, fc.constant(3)),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: segment },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      len: fc.constantFrom(1, 64, 500, 1_460, 3_000, 20_000),
      urgent: often(false, 12, fc.constant(true)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('read' as const), len: fc.constantFrom(1, 100, 1_460, 70_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      ms: fc.constantFrom(1, 3, 10, 50, 100, 100, 200, 251, 700, 1_000, 1_000, 3_000, 61_000, 700_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('shutdown' as const), how: fc.constantFrom(0, 1, 2) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
    ),
  },
);

export const life: fc.Arbitrary<[Beginning, Step[]]> = fc.tuple(
  beginning,
  fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
);

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
  private s = -1;

  /** Of a port build; `twins` says which pair was made last. */
  constructor(module: Uint8Array, twins: () => Twins) {
    const station = (this.station = new Station('v8', module, US));
    this.twins = twins();
    this.first = station.call.socket!();
    station.call.bind!(this.first, 0, PEER.localPort);
    this.peer = this.meet(0);
    station.onFrame = (frame) => {
      const packet = parse(frame);
      if (packet.kind === 'arp' && packet.opcode === 1) this.peer.answerArp();
      else if (packet.kind === 'tcp') this.peer.hear(packet);
    };
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

  private meet(irs: number): Peer {
    const { station } = this;
    const line = {
      get now() {
        return station.now;
      },
      deliver: (frame: Uint8Array) => station.deliver(frame),
    };
    return new Peer(line, { ...PEER, irs });
  }

  private open({ irs, mss, win, sackOk, stamps, scale, ecn, active, delay, last, ...how }: Beginning): void {
    const { station } = this;
    const { call } = station;
    const peer = (this.peer = this.meet(irs));
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
        this.segment(step, how);
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
    const words = this.station.words(this.station.call.connectionInfo!(0), INFO_FIELDS.length);
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
    peer.send(step.flags, sent);
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
