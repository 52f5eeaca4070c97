// SPDX-License-Identifier: MIT
// A dialogue: one stack on the port link, its peers and virtual milliseconds. It polls the stack as often as the stack
// asks for it, sorts what the stack says by whom it is for, and offers the calls of the ABI with the names of their
// answers. Tests reach it through vocabulary.ts.

import assert from 'node:assert/strict';
import { afterEach } from 'vitest';
import { instantiate } from '../../host/machine/machine.ts';
import type { Machine } from '../../host/machine/machine.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { INFO_FIELDS, STATES } from '../../host/machine/stack.ts';
import { Status } from '../../host/machine/status.ts';
import type { StatusName } from '../../host/machine/status.ts';
import { TransitionWatch } from './figure-5.ts';
import { parse } from './frames.ts';
import type { ArpPacket, IcmpMessage, Packet, TcpSegment } from './frames.ts';
import { describePacket, Peer } from './peer.ts';
import type { Expected } from './peer.ts';
import { GATEWAY, NETMASK, PEER, US } from './targets.ts';
import type { Target } from './targets.ts';

const SEED = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;
/** Where the peer's sequence numbers begin. */
const IRS = 5_000;
const IRS_WRAPPING = 0xfffffffc;

/** Where the programs on the board listen. */
const PROGRAM_PORTS = [7, 9, 19, 80];

/** A call's answer: a count or a number, or the name of its Status. */
export type Answer = number | StatusName;

const ERRNO_NAMES = new Map(Object.entries(Status).map(([name, errno]) => [-errno, name as StatusName]));

/** Polls after which a stack that does not come to rest never will. */
const POLLS = 20_000;

// --- instances -------------------------------------------------------------------------------------------------------

/** Instances by target, with their memory as it was before anything happened: the memory is the whole state. */
const idle = new Map<string, { machine: Machine; pristine: Uint8Array }[]>();
const modules = new Map<string, Uint8Array>();
const begun: Dialogue[] = [];

function poolKey({ module, engine }: Target): string {
  return `${module} ${engine}`;
}

function take(target: Target): { machine: Machine; pristine: Uint8Array } {
  const pool = idle.get(poolKey(target)) ?? [];
  idle.set(poolKey(target), pool);
  const used = pool.pop();
  if (used !== undefined) {
    new Uint8Array(used.machine.memory.buffer).set(used.pristine);
    return used;
  }
  let bytes = modules.get(target.module);
  if (bytes === undefined) modules.set(target.module, (bytes = readModule(target.module)));
  const machine = instantiate(target.engine, bytes, {});
  const end = machine.exports.memoryEnd!() >>> 0;
  return { machine, pristine: new Uint8Array(machine.memory.buffer.slice(0, end)) };
}

/** Whether a test has read everything the stack said is part of every test. */
afterEach(() => {
  const rest = [...begun].flatMap((t) => t.end());
  assert.deepEqual(rest, [], 'the stack said more than the test asked for');
});

// --- the dialogue ----------------------------------------------------------------------------------------------------

export interface DialogueOptions {
  /** 0 = none. */
  gateway?: number;
  /** Four words. */
  seed?: number[];
  /** Otherwise the ARP announcement at the start is heard already. */
  keepAnnouncement?: boolean;
}

/** A stack, what it says, and the time. */
export class Dialogue {
  readonly target: Target;
  /** The first peer; the short words of this class speak of it and of `s`. */
  readonly peer: Peer;
  /** The socket in hand: set by `listen`, `accept`, `connect`. */
  s = -1;
  /** The socket that listens on US.port: set by `listen`. */
  listener = -1;
  /** Every transition of the connections so far: `ESTABLISHED → CLOSE-WAIT`. */
  readonly watch = new TransitionWatch();
  /** ARP and ICMP of the stack that no test has taken yet, and segments to nobody known. */
  readonly others: Packet[] = [];
  private readonly machine: Machine;
  private readonly instance: ReturnType<typeof take>;
  private readonly peers: Peer[] = [];
  private readonly started: number;
  private readonly countersBefore: Record<string, number>;
  private clock: number;
  /** Milliseconds until the stack wants to be polled, as its last poll said. */
  private due = Infinity;

  constructor(target: Target, start: number, options: DialogueOptions = {}) {
    this.target = target;
    this.instance = take(target);
    this.machine = this.instance.machine;
    this.started = start;
    this.clock = start;
    this.peer = this.addPeer({});
    const { configure, seed, start: begin } = this.machine.exports;
    assert.equal(configure!(0x0200, 2, US.address, NETMASK, options.gateway ?? GATEWAY), 0);
    seed!(...(options.seed ?? SEED));
    assert.equal(begin!(start), 0);
    this.run();
    if (!options.keepAnnouncement) this.others.length = 0;
    this.countersBefore = this.counters();
    begun.push(this);
  }

  /** Milliseconds since the start. */
  get now(): number {
    return (this.clock - this.started) >>> 0;
  }

  /** Another host, or another port of one; or the same once more, which then hears in place of the old one. */
  addPeer(options: {
    address?: number;
    port?: number;
    localPort?: number;
    irs?: number;
    mac?: string;
  }): Peer {
    const peer = new Peer(this, {
      ...PEER,
      localPort: US.port,
      irs: this.target.wraps ? IRS_WRAPPING : IRS,
      ...options,
    });
    this.peers.push(peer);
    return peer;
  }

  // --- what the stack says -------------------------------------------------------------------------------------------

  /** The next segment to the first peer has these control bits and fields. Returns it. */
  expect(flags: string, fields: Expected = {}): TcpSegment {
    return this.peer.expect(flags, fields);
  }

  /** The next ICMP message has these fields. Returns it. */
  expectIcmp(
    fields: Partial<Pick<IcmpMessage, 'type' | 'code' | 'rest' | 'destination' | 'ttl'>>,
  ): IcmpMessage {
    return this.expectOther('icmp', fields);
  }

  /** The next ARP packet has these fields. Returns it. */
  expectArp(fields: Partial<Omit<ArpPacket, 'kind' | 'ethernet'>>): ArpPacket {
    return this.expectOther('arp', fields);
  }

  private expectOther<K extends 'arp' | 'icmp'>(kind: K, fields: object): Extract<Packet, { kind: K }> {
    const packet = this.others.shift();
    assert.ok(packet !== undefined, `expected ${kind}, but the stack said nothing`);
    assert.equal(packet.kind, kind, describePacket(packet));
    for (const [name, value] of Object.entries(fields)) {
      assert.equal(packet[name as keyof Packet], value, `${name} of ${describePacket(packet)}`);
    }
    return packet as Extract<Packet, { kind: K }>;
  }

  /** The stack says nothing; with `ms`, for so long. */
  silence(ms = 0): void {
    this.advance(ms);
    assert.deepEqual(this.unread(), [], 'expected silence');
  }

  /** Forget what the stack has said and no test has read. */
  forget(): void {
    this.others.length = 0;
    for (const peer of this.peers) peer.heard.length = 0;
  }

  private unread(): string[] {
    return [...this.peers.flatMap((peer) => peer.heard), ...this.others].map(describePacket);
  }

  // --- time ----------------------------------------------------------------------------------------------------------

  /** Let `ms` milliseconds pass; the stack is polled whenever it asked to be, and at the end. */
  advance(ms: number): void {
    let rest = ms;
    while (rest > 0) {
      const step = Math.min(rest, this.due);
      this.clock = (this.clock + step) >>> 0;
      rest -= step;
      this.run();
    }
  }

  /** Let time pass until the stack says something. Returns the milliseconds that took; throws after `limit`. */
  wait(limit = 1_000_000): number {
    const from = this.now;
    const before = this.unread().length;
    while (this.unread().length === before) {
      const left = limit - (this.now - from);
      assert.ok(left > 0, `the stack said nothing for ${limit} ms`);
      this.advance(Math.min(left, Math.max(this.due, 1)));
    }
    return this.now - from;
  }

  /** Hand `frame` in and let the stack act on it. */
  deliver(frame: Uint8Array): void {
    this.put(frame);
    this.run();
  }

  /** The same, but what the stack says stays in the link, which is full with two frames; `run` takes them. */
  hand(frame: Uint8Array): void {
    this.put(frame);
    this.machine.exports.poll!(this.clock);
    this.observe();
  }

  private put(frame: Uint8Array): void {
    const { portReceive, portReceiveBuffer } = this.machine.exports;
    assert.equal(portReceive!(frame.length), 0, 'the port takes the frame');
    this.memory.set(frame, portReceiveBuffer!() >>> 0);
  }

  /** Poll until the stack is at rest. Peers answer ARP meanwhile. */
  run(): void {
    const { poll, portTransmitLength, portTransmitBuffer, portTransmitDone } = this.machine.exports;
    for (let polls = 0; polls < POLLS; polls++) {
      const wait = poll!(this.clock) >>> 0;
      this.observe();
      let sent = 0;
      for (let len = portTransmitLength!(); len > 0; len = portTransmitLength!()) {
        const from = portTransmitBuffer!() >>> 0;
        const frame = Buffer.from(this.memory.slice(from, from + len));
        portTransmitDone!();
        this.sort(parse(frame));
        sent++;
      }
      if (wait > 0 && sent === 0) {
        this.due = wait >= 0x7fffffff ? Infinity : wait;
        return;
      }
    }
    throw new Error('the stack does not come to rest');
  }

  /** To whom is this said? */
  private sort(packet: Packet): void {
    assert.equal(packet.ethernet.source, US.mac);
    if (packet.kind === 'arp') {
      const asked = this.peers.find((peer) => peer.answersArp && peer.address === packet.targetIp);
      if (packet.opcode === 1 && asked !== undefined) asked.answerArp();
      else this.others.push(packet);
      return;
    }
    assert.equal(packet.source, US.address);
    const peer =
      packet.kind === 'tcp' ? this.peers.findLast((candidate) => candidate.isFor(packet)) : undefined;
    if (peer === undefined) this.others.push(packet);
    else peer.hear(packet as TcpSegment);
  }

  // --- the socket in hand ----------------------------------------------------------------------------------------------

  /** Listen on US.port. */
  listen(backlog = 100): Answer {
    this.listener = this.call('socket') as number;
    this.s = this.listener;
    assert.equal(this.call('bind', this.s, 0, US.port), 0);
    return this.call('listen', this.s, backlog);
  }

  /** Take a connection that waits; it becomes the socket in hand. */
  accept(): Answer {
    const answer = this.call('accept', this.s);
    if (typeof answer === 'number') this.s = answer;
    return answer;
  }

  /** Open from US.port to the first peer. */
  connect(): Answer {
    this.s = this.call('socket') as number;
    assert.equal(this.call('bind', this.s, 0, US.port), 0);
    return this.call('connect', this.s, this.peer.address, this.peer.port);
  }

  /** Send all of `text`, as far as there is room. Returns how many octets were taken, or what the first call answered. */
  send(text: string, flags = 0): Answer {
    const staging = this.machine.exports.ioBuffer!() >>> 0;
    const piece = this.machine.exports.ioSize!();
    let sent = 0;
    do {
      const part = Buffer.from(text.slice(sent, sent + piece), 'latin1');
      this.memory.set(part, staging);
      const answer = this.raw('send', this.s, staging, part.length, flags);
      if (typeof answer !== 'number') {
        if (sent === 0) return answer;
        break;
      }
      sent += answer;
    } while (sent < text.length);
    this.run();
    return sent;
  }

  /** The text that waits; '' at the end of the stream; the name of a Status when there is neither. */
  recv(max = Infinity): string {
    const staging = this.machine.exports.ioBuffer!() >>> 0;
    const piece = this.machine.exports.ioSize!();
    let text = '';
    while (text.length < max) {
      const answer = this.raw('recv', this.s, staging, Math.min(piece, max - text.length));
      if (typeof answer !== 'number') {
        if (text === '') text = answer;
        break;
      }
      if (answer === 0) break;
      text += Buffer.from(this.memory.slice(staging, staging + answer)).toString('latin1');
    }
    this.run();
    return text;
  }

  close(): Answer {
    return this.call('close', this.s);
  }

  shutdown(how: number): Answer {
    return this.call('shutdown', this.s, how);
  }

  abort(): Answer {
    return this.call('abort', this.s);
  }

  setsockopt(option: number, value: number): Answer {
    return this.call('setsockopt', this.s, option, value);
  }

  getsockopt(option: number): Answer {
    return this.call('getsockopt', this.s, option);
  }

  /** Bits of Ready. */
  ready(): Answer {
    return this.call('ready', this.s);
  }

  /** Any call of the ABI, and the polls after it. */
  call(name: string, ...operands: number[]): Answer {
    const answer = this.raw(name, ...operands);
    this.run();
    return answer;
  }

  /** Any call of the ABI, and no poll. */
  raw(name: string, ...operands: number[]): Answer {
    const answer = this.machine.exports[name]!(...operands);
    this.observe();
    return ERRNO_NAMES.get(answer) ?? answer;
  }

  // --- looking inside ------------------------------------------------------------------------------------------------

  /** The module's memory, live. */
  get memory(): Uint8Array {
    return new Uint8Array(this.machine.memory.buffer);
  }

  /** State of the connection with `peer`; CLOSED when there is none. */
  state(peer = this.peer): string {
    return STATES[this.info(peer)?.state ?? 0]!;
  }

  /** connectionInfo of the connection with `peer`, sequence numbers relative to `iss` and `irs`; undefined: there is none. */
  info(peer = this.peer): Record<(typeof INFO_FIELDS)[number], number> | undefined {
    for (const words of this.connections()) {
      if (words[0] === 0 || words[2] !== peer.localPort) continue;
      if (words[3] !== peer.address || words[4] !== peer.port) continue;
      const info = Object.fromEntries(INFO_FIELDS.map((name, i) => [name, words[i]!])) as ReturnType<
        typeof this.info
      >;
      for (const name of ['sndUna', 'sndNxt', 'sndMax'] as const)
        info![name] = (info![name] - info!.iss) >>> 0;
      info!.rcvNxt = (info!.rcvNxt - info!.irs) >>> 0;
      return info;
    }
    return undefined;
  }

  /** How often `name` was counted since the dialogue began. */
  counter(name: string): number {
    const now = this.counters()[name];
    assert.ok(now !== undefined, `no counter ${name}`);
    return (now - this.countersBefore[name]!) >>> 0;
  }

  private counters(): Record<string, number> {
    const { counters, counterCount, counterNames } = this.machine.exports;
    const from = counterNames!() >>> 0;
    const names = Buffer.from(this.memory.slice(from, this.memory.indexOf(0, from))).toString('latin1');
    const values = new Uint32Array(this.machine.memory.buffer, counters!() >>> 0, counterCount!());
    return Object.fromEntries(
      names
        .trimEnd()
        .split('\n')
        .map((name, i) => [name, values[i]!]),
    );
  }

  private *connections(): Generator<Uint32Array> {
    const { connectionCount, connectionInfo } = this.machine.exports;
    const count = connectionCount!();
    for (let i = 0; i < count; i++) {
      yield new Uint32Array(this.machine.memory.buffer, connectionInfo!(i) >>> 0, INFO_FIELDS.length);
    }
  }

  private observe(): void {
    const seen = [];
    for (const [state, , localPort, address, port, iss] of this.connections()) {
      if (state === 0) continue;
      seen.push({
        state: STATES[state!]!,
        key: `${localPort} ${address} ${port}`,
        iss: iss!,
        isProgram: PROGRAM_PORTS.includes(localPort!),
      });
    }
    this.watch.observe(seen, () => this.counter('TcpCookiesIn'));
  }

  /** No more of this: the instance is free for another dialogue. Returns what nobody has read. */
  end(): string[] {
    begun.splice(begun.indexOf(this), 1);
    idle.get(poolKey(this.target))!.push(this.instance);
    return this.unread();
  }
}
