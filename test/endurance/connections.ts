// SPDX-License-Identifier: MIT
// Connections in every way they can be opened, used and ended, one after the other or several at once, between an instance
// of the stack and a scripted peer. What a connection does follows from its number alone.

import assert from 'node:assert/strict';
import { Random } from '../../host/net/random.ts';
import { parse } from '../support/frames.ts';
import type { TcpSegment } from '../support/frames.ts';
import { octets, Peer } from '../support/peer.ts';
import type { Station } from '../support/station.ts';

const HOST = { mac: '02:00:00:00:00:09', address: 0x0a000009 };
const PORT = 4_000;
const IN_PROGRESS = -115;
const MSL = 30_000;
const FIRST_PORT = 10_000;
const PORTS = 50_000;

/** How a connection begins. */
const OPENINGS = ['passive', 'active', 'echo', 'simultaneous', 'half-open', 'refused'] as const;
/** How it ends. */
const ENDINGS = [
  'ours first',
  'theirs first',
  'crossed',
  'our reset',
  'their reset',
  'unread',
  'linger 0',
  'half-closed',
] as const;

export class Connections {
  /** How many of each kind there were, for the report. */
  readonly kinds = new Map<string, number>();
  private readonly station: Station;
  private readonly listener: number;
  private readonly peers = new Map<number, Peer>();
  /** Said to nobody who is known: SYNs of active opens. */
  private readonly strays: TcpSegment[] = [];
  /** The peer's, of the connection in hand. */
  private port = FIRST_PORT;

  constructor(station: Station) {
    this.station = station;
    station.onFrame = (frame) => this.sort(frame);
    const { socket, bind, listen } = station.call;
    this.listener = socket!();
    assert.equal(bind!(this.listener, 0, PORT), 0);
    assert.equal(listen!(this.listener, 4), 0);
  }

  /** Connection number `n` from its opening to its end; it may leave a TIME-WAIT behind. */
  one(n: number): void {
    const random = new Random(n, 'connection');
    const opening = OPENINGS[n % OPENINGS.length]!;
    const ending = ENDINGS[Math.floor(n / OPENINGS.length) % ENDINGS.length]!;
    const isShort = opening === 'echo' || opening === 'half-open' || opening === 'refused';
    const kind = isShort ? opening : `${opening}, ${ending}`;
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    this.port = FIRST_PORT + (n % PORTS);
    if (isShort) {
      this[opening](random);
      this.peers.clear();
      return;
    }
    const { peer, s } = opening === 'passive' ? this.passive() : this.active(opening === 'simultaneous');
    this.exchange(peer, s, random);
    this.end(peer, s, ending, random);
    this.peers.clear();
  }

  /** Everything that is left ends: TIME-WAITs, retransmissions, memories of neighbours. */
  settle(): void {
    this.station.advance(20 * MSL);
    const { connectionCount, connectionInfo } = this.station.call;
    for (let i = 0; i < connectionCount!(); i++) {
      assert.equal(this.station.words(connectionInfo!(i), 1)[0], 0, 'all connections are CLOSED');
    }
  }

  // --- openings ------------------------------------------------------------------------------------------------------

  private passive(): { peer: Peer; s: number } {
    const peer = this.peer(PORT);
    peer.send('S', { mss: 1_460 });
    assert.match(this.heard(peer).flags, /S/);
    peer.send('A');
    const s = this.station.call.accept!(this.listener);
    assert.ok(s >= 0, `accept ${s}`);
    return { peer, s };
  }

  private active(simultaneous: boolean): { peer: Peer; s: number } {
    const { call } = this.station;
    const s = call.socket!();
    assert.equal(call.connect!(s, HOST.address, this.port), IN_PROGRESS);
    this.station.run();
    const syn = this.strays.pop();
    assert.equal(syn?.flags, 'S');
    const peer = this.peer(syn.srcPort);
    peer.hear(syn);
    peer.send(simultaneous ? 'S' : 'SA', { mss: 1_460 });
    if (simultaneous) peer.send('SA', { seq: 0 });
    peer.heard.length = 0;
    return { peer, s };
  }

  /** A client of the echo program, which closes when the client does. */
  private echo(random: Random): void {
    const peer = this.peer(7);
    peer.send('S', { mss: 536 });
    this.heard(peer);
    peer.send('A');
    const text = octets(1 + random.below(2_000));
    let back = '';
    for (let from = 0; from < text.length; from += 536) {
      peer.send('A', { text: text.slice(from, from + 536) });
      for (const segment of peer.heard.splice(0)) back += segment.text;
    }
    while (back.length < text.length) {
      peer.send('A');
      assert.ok(peer.heard.length > 0, 'the echo comes');
      for (const segment of peer.heard.splice(0)) back += segment.text;
    }
    assert.equal(back, text);
    peer.send('FA');
    assert.match(peer.heard.at(-1).flags, /F/);
    peer.send('A');
  }

  /** A SYN, and then nothing, or a reset. */
  private 'half-open'(random: Random): void {
    const peer = this.peer(PORT);
    peer.send('S');
    assert.match(this.heard(peer).flags, /S/);
    if (random.below(2) === 0) this.station.advance(181_000);
    else peer.send('R');
  }

  /** Nobody listens there. */
  private refused(): void {
    const { call } = this.station;
    const s = call.socket!();
    assert.equal(call.connect!(s, HOST.address, this.port), IN_PROGRESS);
    this.station.run();
    const syn = this.strays.pop()!;
    const peer = this.peer(syn.srcPort);
    peer.hear(syn);
    peer.send('RA');
    assert.equal(call.recvAvailable!(s), -111);
    this.close(s);
  }

  // --- use -----------------------------------------------------------------------------------------------------------

  /** Some text each way; some of it out of order, some of it lost at first. */
  private exchange(peer: Peer, s: number, random: Random): void {
    const length = random.below(1_400);
    const trouble = random.below(4);
    const at = peer.nxt;
    if (length > 1 && trouble === 1) {
      const half = length >> 1;
      peer.send('A', { seq: at + half, text: octets(length - half, half) });
      peer.send('A', { seq: at, text: octets(half) });
      peer.nxt = at + length;
    } else if (length > 0) {
      peer.send('A', { text: octets(length) });
    }
    this.read(s, length);
    const answer = random.below(1_400);
    if (answer === 0) return;
    assert.equal(this.write(s, answer), answer);
    if (trouble === 2) this.station.advance(1_000); // the first is lost, the second comes
    const said = peer.heard.splice(0).filter(({ text }) => text !== '');
    assert.equal(said.at(-1).text, octets(answer));
    peer.send('A');
  }

  private read(s: number, length: number): void {
    const { recvAvailable, recvBuffer, recvCommit } = this.station.call;
    let got = '';
    for (let n = recvAvailable!(s); n > 0; n = recvAvailable!(s)) {
      const from = recvBuffer!(s) >>> 0;
      got += Buffer.from(this.station.memory.subarray(from, from + n)).toString('latin1');
      recvCommit!(s, n);
    }
    assert.equal(got, octets(length));
    this.station.run();
  }

  private write(s: number, length: number): number {
    const { send, ioBuffer, ioSize } = this.station.call;
    const staging = ioBuffer!() >>> 0;
    const text = Buffer.from(octets(length), 'latin1');
    let sent = 0;
    while (sent < length) {
      const part = text.subarray(sent, sent + ioSize!());
      this.station.memory.set(part, staging);
      const taken = send!(s, staging, part.length, 0);
      if (taken <= 0) break;
      sent += taken;
    }
    this.station.run();
    return sent;
  }

  // --- endings -------------------------------------------------------------------------------------------------------

  private end(peer: Peer, s: number, ending: (typeof ENDINGS)[number], random: Random): void {
    const { call } = this.station;
    peer.heard.length = 0;
    switch (ending) {
      case 'ours first':
        this.close(s);
        peer.send('A');
        peer.send('FA');
        assert.match(this.heard(peer).flags, /A/);
        break;
      case 'theirs first':
        peer.send('FA');
        this.close(s);
        peer.send('A');
        break;
      case 'crossed': {
        const before = peer.heardUpTo;
        this.close(s);
        peer.send('FA', { ack: before });
        peer.send('A', { ack: before + 1 });
        break;
      }
      case 'our reset':
        assert.equal(call.abort!(s), 0);
        this.station.run();
        assert.match(this.heard(peer).flags, /R/);
        break;
      case 'their reset':
        peer.send('R');
        assert.equal(call.recvAvailable!(s), -104);
        this.close(s);
        break;
      case 'unread':
        peer.send('A', { text: octets(10) });
        this.close(s);
        assert.match(peer.heard.at(-1).flags, /R/);
        break;
      case 'linger 0':
        assert.equal(call.setsockopt!(s, 0x10d, 0), 0);
        this.close(s);
        assert.match(this.heard(peer).flags, /R/);
        break;
      case 'half-closed':
        call.shutdown!(s, 1);
        this.station.run();
        peer.send('A', { text: octets(50) });
        this.read(s, 50);
        peer.send('FA');
        this.close(s);
        break;
    }
    // Sometimes time passes, sometimes the next connection meets what this one left.
    if (random.below(3) === 0) this.station.advance(random.below(3 * MSL));
  }

  private close(s: number): void {
    assert.equal(this.station.call.close!(s), 0);
    this.station.run();
  }

  // --- the peer ------------------------------------------------------------------------------------------------------

  private peer(localPort: number): Peer {
    const peer = new Peer(this.station, { ...HOST, port: this.port, localPort, irs: 5_000 });
    this.peers.set(peer.port, peer);
    return peer;
  }

  private heard(peer: Peer): Peer['heard'][number] {
    const segment = peer.heard.shift();
    assert.ok(segment !== undefined, 'the stack says something');
    return segment;
  }

  private sort(frame: Buffer): void {
    const packet = parse(frame);
    if (packet.kind === 'arp') {
      if (packet.opcode === 1 && packet.targetIp === HOST.address) {
        new Peer(this.station, { ...HOST, port: 1, localPort: 1, irs: 0 }).answerArp();
      }
    } else if (packet.kind === 'tcp') {
      const peer = this.peers.get(packet.dstPort);
      if (peer === undefined) this.strays.push(packet);
      else peer.hear(packet);
    }
  }
}
