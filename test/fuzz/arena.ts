// SPDX-License-Identifier: MIT
// Where frames are thrown at a stack: connections in every state, set up once and put back for each round (the memory is
// the state), and among them a witness, whose stream in both directions and whose numbers nothing of it may touch.

import assert from 'node:assert/strict';
import { INFO_FIELDS, STATES } from '../../host/machine/stack.ts';
import type { Engine } from '../../host/machine/machine.ts';
import { Random } from '../../host/net/random.ts';
import { parse } from '../support/frames.ts';
import { octets, Peer } from '../support/peer.ts';
import type { Sent } from '../support/peer.ts';
import { Station } from '../support/station.ts';
import { Forger } from './forge.ts';
import type { Known } from './forge.ts';

const US = { address: 0x0a000002, mac: 2 };
const MAC = '02:00:00:00:00:09';
const ATTACKER = 0x0a000020;
const LISTENER = 4_000;
const MSS = 536;

/** Frames that name it are not thrown: it is its peer alone who may speak to it. */
const WITNESS = { mac: '02:00:00:00:00:bb', address: 0x0a0000bb, port: 0xbbbb, localPort: LISTENER, irs: 77 };
const WITNESS_OCTETS = Buffer.from('0a0000bb', 'hex');

const LISTENERS = [LISTENER, 7, 9, 19, 80, 4_001];

type Field = (typeof INFO_FIELDS)[number];
const at = Object.fromEntries(INFO_FIELDS.map((name, i) => [name, i])) as Record<Field, number>;

/** Counters of which every frame that was taken in moves exactly one. */
const FATES = [
  ...['EthernetUnknownType', 'ArpMalformed', 'ArpRequestsIn', 'ArpRepliesIn'],
  ...[
    'IpHeaderError',
    'IpChecksumError',
    'IpNotOurs',
    'IpBadSource',
    'IpFragment',
    'IpFragmentHeld',
    'IpUnknownProtocol',
    'UdpNoPort',
  ],
  ...['IcmpMalformed', 'IcmpChecksumError', 'IcmpEchoes', 'IcmpUnknownType', 'IcmpErrorsIn'],
  ...['TcpMalformed', 'TcpChecksumError', 'TcpSegmentsIn'],
];

/** What the sizes of the build are. */
export interface Build {
  engine: Engine;
  module: Uint8Array;
  ring: number;
  connections: number;
  listeners: number;
}

/** The states a victim can be in, and how it gets there. `s`: its socket once accepted. */
const VICTIMS: Record<string, (arena: Arena, peer: Peer) => void> = {
  'SYN-SENT': (arena, peer) => arena.connect(peer),
  'SYN-RECEIVED': (_, peer) => peer.send('S', { mss: MSS }),
  'SYN-RECEIVED, active': (arena, peer) => {
    arena.connect(peer);
    peer.send('S', { mss: MSS });
  },
  ESTABLISHED: (arena, peer) => void arena.accept(peer),
  'ESTABLISHED, text in flight': (arena, peer) => {
    arena.write(arena.accept(peer), 1_900);
  },
  'ESTABLISHED, recovering': (arena, peer) => {
    arena.write(arena.accept(peer), 1_900);
    for (let i = 0; i < 3; i++) peer.send('A', { ack: 1 });
  },
  'ESTABLISHED, SACK': (arena, peer) => {
    arena.write(arena.accept(peer, { sackOk: true }), 1_900);
    peer.send('A', { ack: 1, sack: [[201, 301]] });
  },
  'ESTABLISHED, SACK, many runs': (arena, peer) => {
    const s = arena.accept(peer, { sackOk: true });
    arena.station.call.setsockopt!(s, 0x601, 1);
    for (let n = 0; n < 9; n++) {
      arena.write(s, 100, 100 * n);
      arena.station.advance(1);
    }
    for (const from of [101, 301, 501]) peer.send('A', { ack: 1, sack: [[from, from + 50]] });
  },
  'ESTABLISHED, SACK, gaps': (arena, peer) => {
    arena.accept(peer, { sackOk: true });
    for (const seq of [101, 301, 601, 301]) peer.send('A', { seq, text: octets(100) });
  },
  'ESTABLISHED, every option': (arena, peer) => {
    peer.tsVal = 7;
    arena.write(arena.accept(peer, { sackOk: true, scale: 7, uto: 300 }, 'SEC'), 1_900);
    peer.send('A', { ack: 101, sack: [[201, 301]] });
  },
  'ESTABLISHED, gaps': (arena, peer) => {
    arena.accept(peer);
    for (const seq of [101, 301, 601]) peer.send('A', { seq, text: octets(100) });
  },
  'ESTABLISHED, no room': (arena, peer) => {
    arena.accept(peer);
    for (let seq = 1; seq <= arena.build.ring; seq += MSS) {
      peer.send('A', { seq, text: octets(Math.min(MSS, arena.build.ring + 1 - seq)) });
    }
  },
  'ESTABLISHED, probing': (arena, peer) => {
    const s = arena.accept(peer);
    peer.send('A', { win: 0 });
    arena.write(s, 100);
    arena.station.advance(1_500);
  },
  'ESTABLISHED, urgent': (arena, peer) => {
    arena.accept(peer);
    peer.send('AU', { text: octets(10), up: 20 });
  },
  'ESTABLISHED, timed out once': (arena, peer) => {
    arena.write(arena.accept(peer), 1_500);
    arena.station.advance(1_100);
  },
  'ESTABLISHED, keep-alive': (arena, peer) => {
    const s = arena.accept(peer);
    arena.station.call.setsockopt!(s, 0x604, 1);
    arena.station.call.setsockopt!(s, 0x109, 1);
  },
  'FIN-WAIT-1': (arena, peer) => {
    arena.station.call.shutdown!(arena.accept(peer), 1);
  },
  'FIN-WAIT-1, no owner': (arena, peer) => {
    const s = arena.accept(peer);
    arena.write(s, 700);
    arena.station.call.close!(s);
  },
  'FIN-WAIT-2': (arena, peer) => {
    arena.finWait2(peer);
  },
  'FIN-WAIT-2, no owner': (arena, peer) => {
    arena.station.call.close!(arena.finWait2(peer));
  },
  'CLOSE-WAIT': (arena, peer) => {
    arena.write(arena.accept(peer), 700);
    peer.send('FA');
  },
  CLOSING: (arena, peer) => {
    arena.station.call.shutdown!(arena.accept(peer), 1);
    arena.rest();
    peer.send('FA', { ack: 1 });
  },
  'LAST-ACK': (arena, peer) => {
    const s = arena.accept(peer);
    peer.send('FA');
    arena.station.call.shutdown!(s, 1);
  },
  'TIME-WAIT': (arena, peer) => {
    arena.finWait2(peer);
    peer.send('FA');
  },
  'TIME-WAIT, no owner': (arena, peer) => {
    const s = arena.finWait2(peer);
    peer.send('FA');
    arena.station.call.close!(s);
  },
  echo: (_, peer) => open(peer),
  discard: (_, peer) => open(peer),
  chargen: (_, peer) => open(peer),
  http: (_, peer) => {
    open(peer);
    peer.send('A', { text: 'GET / HTTP/1.1\r\nHo' });
  },
};
const PORTS: Record<string, number> = { echo: 7, discard: 9, chargen: 19, http: 80 };

function open(peer: Peer, syn: Sent = {}, flags = 'S'): void {
  peer.send(flags, { mss: MSS, ...syn });
  peer.send('A');
}

/** Memory, and what the witness knows, when all victims stand. */
interface Situation {
  memory: Uint8Array;
  now: number;
  due: number;
  witness: Pick<Peer, 'nxt' | 'heardUpTo' | 'iss'>;
}

export class Arena {
  readonly build: Build;
  readonly station: Station;
  /** Frames thrown so far. */
  thrown = 0;
  /** The counters of all rounds together. */
  readonly counted = new Map<string, number>();
  /** How often a connection was met in each state. */
  readonly met = new Map<string, number>();
  private readonly situations: Situation[] = [];
  private readonly end: number;
  private readonly names: string[];
  private witness!: Peer;
  /** The socket that only the test itself uses. */
  witnessSocket = -1;
  private listener = -1;
  private readonly peers = new Map<number, Peer>();
  private readonly questions: number[] = [];
  private said = 0;
  private isPreparing = true;

  constructor(build: Build) {
    this.build = build;
    this.station = new Station(build.engine, build.module, US);
    this.station.onFrame = (frame) => this.hear(frame);
    this.end = this.station.call.memoryEnd!() >>> 0;
    this.names = this.counterNames();
    const pristine = this.station.memory.slice(0, this.end);
    const { now, due } = this.station;
    // All victims in turn, as many at once as there is room for beside the witness and a connection to come.
    const kinds = Object.keys(VICTIMS);
    const atOnce = Math.min(kinds.length, build.connections - 2);
    for (let from = 0; from < kinds.length; from += atOnce) {
      this.station.memory.set(pristine);
      Object.assign(this.station, { now, due });
      this.prepare(kinds.slice(from, from + atOnce));
    }
    this.isPreparing = false;
  }

  /**
   * Throw `frames` frames that follow from `seed`. Throws with the seed when something is not as it must be. The same seed
   * leaves the same memory, on any engine.
   */
  round(seed: number, frames: number): void {
    const random = this.begin(seed);
    const forger = new Forger(random.fork('forger'), US, LISTENERS);
    let last: Buffer = Buffer.alloc(0);
    try {
      const before = this.counters();
      for (let i = 0; i < frames; i++) {
        last = forger.forge(this.known(random));
        if (!last.includes(WITNESS_OCTETS)) {
          // Now and then it comes again, as on any network.
          for (let times = random.below(16) === 0 ? 3 : 1; times > 0; times--) {
            this.thrown++;
            this.deliver(last, random);
          }
        }
        if (i % 16 === 0) this.check();
        // Now and then the link takes nothing for a while.
        if (random.below(40) === 0) this.station.holds = true;
        else if (random.below(5) === 0) this.station.holds = false;
        if (i % 32 === 0) this.testify(random);
        if (i % 8 === 0) {
          this.station.advance(this.pause(random));
          this.answer();
        }
        if (i % 50 === 0) this.meddle(random);
      }
      this.testify(random);
      this.check();
      this.account(before);
    } catch (error) {
      const { message } = error as Error;
      const where = `round(${seed}, ${frames}) on ${this.build.engine}`;
      throw new Error(`${message}: ${where}, last frame ${last.toString('hex')}`, { cause: error });
    }
  }

  /** Put back one of the situations; `seed` says which, and gives the stream of chance for what follows. */
  begin(seed: number): Random {
    const random = new Random(seed, 'round');
    this.restore(this.situations[random.below(this.situations.length)]!);
    return random;
  }

  /** The module's memory, as far as it is used. */
  get image(): Buffer {
    return Buffer.from(this.station.memory.buffer, 0, this.end);
  }

  // --- setting up ----------------------------------------------------------------------------------------------------

  private prepare(kinds: string[]): void {
    const { station } = this;
    const { socket, bind, listen } = station.call;
    this.peers.clear();
    this.listener = socket!();
    assert.equal(bind!(this.listener, 0, LISTENER), 0);
    assert.equal(listen!(this.listener, 3), 0);
    this.witness = new Peer(this, WITNESS);
    this.peers.set(WITNESS.port, this.witness);
    this.witnessSocket = this.accept(this.witness);
    for (const kind of kinds) {
      const port = 50_000 + Object.keys(VICTIMS).indexOf(kind);
      const localPort = PORTS[kind] ?? LISTENER;
      const peer = new Peer(this, { mac: MAC, address: ATTACKER, port, localPort, irs: 0xfffffe00 });
      this.peers.set(port, peer);
      VICTIMS[kind]!(this, peer);
      this.rest();
      const state = kind.split(',')[0]!;
      if (STATES.includes(state as (typeof STATES)[number])) {
        assert.equal(STATES[this.find(port)![at.state]!], state, kind);
      }
    }
    const { nxt, heardUpTo, iss } = this.witness;
    this.situations.push({
      memory: station.memory.slice(0, this.end),
      now: station.now,
      due: station.due,
      witness: { nxt, heardUpTo, iss },
    });
  }

  accept(peer: Peer, syn: Sent = {}, flags = 'S'): number {
    open(peer, syn, flags);
    const s = this.station.call.accept!(this.listener);
    assert.ok(s >= 0, `accept ${s}`);
    return s;
  }

  connect(peer: Peer): void {
    const { socket, bind, connect, setsockopt } = this.station.call;
    const s = socket!();
    setsockopt!(s, 0x102, 1);
    Object.assign(peer, { localPort: 4_100 + peer.port });
    assert.equal(bind!(s, 0, peer.localPort), 0);
    assert.equal(connect!(s, peer.address, peer.port), -115);
    this.rest();
  }

  finWait2(peer: Peer): number {
    const s = this.accept(peer);
    this.station.call.shutdown!(s, 1);
    this.rest();
    peer.send('A');
    return s;
  }

  /** Queue `count` octets of the stream of `octets`, from `from` on. */
  write(s: number, count: number, from = 0): void {
    const { sendRoom, sendBuffer, sendCommit } = this.station.call;
    const text = Buffer.from(octets(count, from), 'latin1');
    for (let sent = 0; sent < count;) {
      const room = Math.min(sendRoom!(s), count - sent);
      assert.ok(room > 0, `room ${room}`);
      this.station.memory.set(text.subarray(sent, sent + room), sendBuffer!(s) >>> 0);
      sendCommit!(s, room, 0);
      sent += room;
    }
    this.rest();
  }

  private restore(situation: Situation): void {
    this.station.memory.set(situation.memory);
    this.station.now = situation.now;
    this.station.due = situation.due;
    this.station.holds = false;
    Object.assign(this.witness, situation.witness);
    this.witness.heard.length = 0;
    this.questions.length = 0;
  }

  // --- during a round ------------------------------------------------------------------------------------------------

  private info(i: number): Uint32Array {
    return this.station.words(this.station.call.connectionInfo!(i), INFO_FIELDS.length);
  }

  /** Place of the witness in the table of connections. */
  get witnessIndex(): number {
    for (let i = 0; i < this.build.connections; i++)
      if (this.info(i)[at.remotePort] === WITNESS.port) return i;
    return -1;
  }

  private find(port: number): Uint32Array | undefined {
    const count = this.station.call.connectionCount!();
    for (let i = 0; i < count; i++) {
      const info = this.info(i);
      if (info[at.state] !== 0 && info[at.remotePort] === port) return info;
    }
    return undefined;
  }

  /** A connection to be attacked, if the one that was drawn is in use. */
  private known(random: Random): Known | undefined {
    const { connections } = this.build;
    const records = this.station.call.connectionCount!() - connections;
    const info = this.info(
      random.below(4) > 0
        ? random.below(Math.min(connections, Object.keys(VICTIMS).length + 2))
        : connections + random.below(records),
    );
    const state = info[at.state]!;
    if (state === 0 || info[at.remoteAddress] === WITNESS.address) return undefined;
    const name = STATES[state]!;
    this.met.set(name, (this.met.get(name) ?? 0) + 1);
    return {
      state,
      localPort: info[at.localPort]!,
      remoteAddress: info[at.remoteAddress]!,
      remotePort: info[at.remotePort]!,
      sndUna: info[at.sndUna]!,
      sndNxt: info[at.sndNxt]!,
      sndMax: info[at.sndMax]!,
      rcvNxt: info[at.rcvNxt]!,
      rcvWnd: info[at.rcvWnd]!,
    };
  }

  /** What the stack says is well-formed (one in sixteen is looked at); the witness hears what is for it. */
  private hear(frame: Buffer): void {
    if (frame[12] === 8 && frame[13] === 6) {
      if (frame[21] === 1) this.questions.push(frame.readUInt32BE(38));
      return;
    }
    const destination = frame.readUInt32BE(30);
    if (destination === WITNESS.address || this.isPreparing) {
      const packet = parse(frame);
      if (packet.kind === 'tcp') this.peers.get(packet.dstPort)?.hear(packet);
      else assert.notEqual(destination, WITNESS.address, 'ICMP to the witness');
    } else if (this.said++ % 16 === 0) {
      parse(frame);
    }
  }

  get now(): number {
    return this.station.now;
  }

  /** Hand a frame in. Who is asked for by ARP answers; with `random`, others than the witness do not always. */
  deliver(frame: Uint8Array, random?: Random): void {
    this.station.deliver(frame);
    this.answer(random);
  }

  rest(random?: Random): void {
    this.station.run();
    this.answer(random);
  }

  private answer(random?: Random): void {
    for (let address = this.questions.pop(); address !== undefined; address = this.questions.pop()) {
      if (address !== WITNESS.address && random !== undefined && random.below(8) === 0) continue;
      const mac = address === WITNESS.address ? WITNESS.mac : MAC;
      new Peer(this, { mac, address, port: 1, localPort: 1, irs: 0 }).answerArp();
    }
  }

  /** The witness says something and is told something; both arrive whole. */
  testify(random: Random): void {
    const { station, witness, witnessSocket: s } = this;
    const { recvAvailable, recvBuffer, recvCommit } = station.call;
    station.holds = false;
    this.rest();
    const spoken = 1 + random.below(400);
    const position = witness.nxt - 1;
    witness.send('A', { text: octets(spoken, position) });
    let got = '';
    for (let n = recvAvailable!(s); n > 0; n = recvAvailable!(s)) {
      const from = recvBuffer!(s) >>> 0;
      got += Buffer.from(station.memory.subarray(from, from + n)).toString('latin1');
      recvCommit!(s, n);
    }
    this.rest();
    assert.equal(got, octets(spoken, position), 'what the witness said');
    const heard = witness.heardUpTo - 1;
    witness.heard.length = 0;
    const told = 1 + random.below(400);
    this.write(s, told, heard);
    // Strangers may have pushed the witness out of the ARP table; as long as all of it is being asked for, it waits.
    for (let ms = 0; witness.heard.length === 0 && ms < 5_000; ms += 500) {
      station.advance(500);
      this.answer();
    }
    const text = witness.heard.map((segment) => segment.text).join('');
    assert.equal(text, octets(told, heard), 'what the witness was told');
    witness.heard.length = 0;
    witness.send('A');
    const info = this.find(WITNESS.port);
    assert.ok(info !== undefined, 'the witness is connected');
    const found = Object.fromEntries(
      ['state', 'retransmits', 'backoff', 'error', 'softError', 'intervals', 'sendQueue', 'receiveQueue'].map(
        (name) => [name, info[at[name as Field]]],
      ),
    );
    const quiet = {
      retransmits: 0,
      backoff: 0,
      error: 0,
      softError: 0,
      intervals: 0,
      sendQueue: 0,
      receiveQueue: 0,
    };
    assert.deepEqual(found, { state: 4, ...quiet }, 'state of the witness');
    assert.equal(info[at.rcvNxt], (WITNESS.irs + witness.nxt) >>> 0);
    assert.equal(info[at.sndUna], (witness.iss + witness.heardUpTo) >>> 0);
    assert.equal(info[at.mss], MSS);
  }

  /** Mostly milliseconds, sometimes what makes a retransmission, rarely what ends a connection. */
  private pause(random: Random): number {
    const rare = random.below(400);
    if (rare === 0) return random.below(1_000_000);
    return rare < 20 ? random.below(3_000) : random.below(20);
  }

  /** The owner of some socket does something. */
  private meddle(random: Random): void {
    const s = random.below(this.build.connections + this.build.listeners);
    if (s === this.witnessSocket || s === this.listener) return;
    const { accept, close, abort, shutdown, recvAvailable, recvCommit, sendRoom, sendCommit } =
      this.station.call;
    switch (random.below(8)) {
      case 0:
        accept!(this.listener);
        break;
      case 1:
        close!(s);
        break;
      case 2:
        abort!(s);
        break;
      case 3:
        shutdown!(s, random.below(3));
        break;
      case 4:
      case 5:
        recvCommit!(s, Math.max(0, recvAvailable!(s)));
        break;
      default:
        sendCommit!(s, Math.max(0, sendRoom!(s)), random.below(2));
        break;
    }
    this.rest();
  }

  // --- what always holds ---------------------------------------------------------------------------------------------

  /** Throws when a connection's numbers cannot be. */
  check(): void {
    const { ring, connections, listeners } = this.build;
    for (let i = 0; i < connections; i++) {
      const info = this.info(i);
      const state = info[at.state]!;
      const queued = info[at.sendQueue]!;
      const waits = info[at.receiveQueue]!;
      if (state > 10 || state === 1) this.broken(i, 'state');
      if (info[at.socket]! > connections + listeners) this.broken(i, 'socket');
      if (queued > ring) this.broken(i, 'send queue');
      if (waits > ring) this.broken(i, 'receive queue');
      if (state === 0) continue;
      const flight = (info[at.sndMax]! - info[at.sndUna]!) >>> 0;
      const next = (info[at.sndNxt]! - info[at.sndUna]!) >>> 0;
      if (next > flight) this.broken(i, 'SND.UNA =< SND.NXT =< SND.MAX');
      if (info[at.sacked]! + info[at.lost]! > next) this.broken(i, 'more sacked and lost than is in flight');
      if (flight > queued + 2) this.broken(i, 'more in flight than is queued');
      if (info[at.rcvWnd]! > ring || waits + info[at.rcvWnd]! > ring + 1) this.broken(i, 'receive window');
      if (info[at.mss]! < 48 || info[at.mss]! > 1_460) this.broken(i, 'MSS');
      if (info[at.rto]! < 200 || info[at.rto]! > 60_000) this.broken(i, 'RTO');
      if (info[at.intervals]! > 4) this.broken(i, 'intervals');
      if (state >= 4 && info[at.cwnd] === 0) this.broken(i, 'cwnd');
    }
  }

  private broken(i: number, what: string): never {
    const info = this.info(i);
    throw new Error(`${what}: ${INFO_FIELDS.map((name, k) => `${name} ${info[k]}`).join(', ')}`);
  }

  /** Every frame has been counted under one reason; names and what lies beyond the memory map are untouched. */
  private account(before: Uint32Array): void {
    const now = this.counters();
    const delta = (name: string): number => {
      const i = this.names.indexOf(name);
      assert.ok(i >= 0, `a counter ${name}`);
      return (now[i]! - before[i]!) >>> 0;
    };
    const fates = FATES.reduce((sum, name) => sum + delta(name), 0);
    assert.equal(fates, delta('LinkRxFrames'), 'every frame is counted once');
    for (const name of this.names) this.counted.set(name, (this.counted.get(name) ?? 0) + delta(name));
    assert.deepEqual(this.counterNames(), this.names);
    const beyond = this.station.memory.subarray(this.end);
    assert.ok(
      beyond.every((octet) => octet === 0),
      'beyond the memory map',
    );
  }

  private counters(): Uint32Array {
    const { counters, counterCount } = this.station.call;
    return this.station.words(counters!(), counterCount!()).slice();
  }

  private counterNames(): string[] {
    const { memory } = this.station;
    const from = this.station.call.counterNames!() >>> 0;
    return Buffer.from(memory.subarray(from, memory.indexOf(0, from)))
      .toString('latin1')
      .trimEnd()
      .split('\n');
  }
}
