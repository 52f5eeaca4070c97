// SPDX-License-Identifier: MIT
// A scripted peer of the dialogues: it says what it is told and remembers what it hears. It has no TCP of its own but
// two numbers, so that a test names only what matters: where its next octet goes, and what it has heard up to. Sequence
// numbers are relative: its own to `irs`, the stack's to `iss`.

import assert from 'node:assert/strict';
import {
  ARP,
  emitArp,
  emitEthernet,
  emitIcmp,
  emitIpv4,
  emitTcp,
  ICMP,
  IPV4,
  sortFlags,
  TCP,
} from './frames.ts';
import type { Ethernet, Ipv4Fields, Packet, TcpSegment } from './frames.ts';
import { emitOptions, readOptions } from './options.ts';
import type { Options } from './options.ts';

/** The stack's address and MAC, as every peer knows them. */
const STACK = { mac: '02:00:00:00:00:02', address: 0x0a000002 };

/** What a test may say of a segment that the peer sends. Its SACK blocks are relative to the stack's ISS. */
export interface Sent extends Options {
  /** Default: where the peer's last segment ended. */
  seq?: number;
  /** Default: all that was heard. */
  ack?: number;
  /** Default: the peer's `win`. */
  win?: number;
  up?: number;
  text?: string;
  /** Whole options, behind those that are named. */
  options?: number[];
  headerLen?: number;
  reserved?: number;
  /** Added to the right TCP checksum. */
  checksumError?: number;
  ip?: Partial<Ipv4Fields>;
  ethernet?: Partial<Ethernet>;
}

/**
 * What a test may ask of a segment that the stack sends. `len` and `text` are of the text alone. An option that is undefined
 * must not be there; one that is not named is no matter. SACK blocks are relative to the peer's `irs`.
 */
export interface Expected extends Options {
  seq?: number;
  ack?: number;
  /** Sequence and acknowledgment number as they are, not relative. */
  absoluteSeq?: number;
  absoluteAck?: number;
  len?: number;
  text?: string;
  win?: number;
  up?: number;
  tos?: number;
  ttl?: number;
}

/** What a peer needs of the dialogue it is in. */
interface Line {
  readonly now: number;
  deliver(frame: Uint8Array): void;
}

/** `n` octets of text that differ from place to place; `from` octets into the same. */
export function octets(n: number, from = 0): string {
  return Buffer.from(Uint8Array.from({ length: n }, (_, i) => (from + i) % 251)).toString('latin1');
}

export class Peer {
  readonly address: number;
  readonly port: number;
  readonly localPort: number;
  readonly irs: number;
  mac: string;
  /** The stack's ISS: taken from its SYN; until then something that is good enough. */
  iss: number;
  /** Where the next octet goes, relative. */
  nxt = 0;
  /** The octet after the last that was heard, relative. */
  heardUpTo = 0;
  /** The window it offers. */
  win = 0xffff;
  /** Its timestamp clock: when set, its segments bear a timestamps option. */
  tsVal: number | undefined;
  /** The timestamp that it echoes: TS.Recent of RFC 7323, as far as a test does not say other. */
  tsRecent = 0;
  answersArp = true;
  /** What was heard and no test has read yet, oldest first, with when. */
  readonly heard: (TcpSegment & { at: number })[] = [];
  private readonly line: Line;

  constructor(
    line: Line,
    options: { mac: string; address: number; port: number; localPort: number; irs: number },
  ) {
    this.line = line;
    this.mac = options.mac;
    this.address = options.address;
    this.port = options.port;
    this.localPort = options.localPort;
    this.irs = options.irs;
    this.iss = options.irs;
  }

  // --- speaking --------------------------------------------------------------------------------------------------------

  /** A segment; its control bits are the letters F S R P A U. */
  send(flags: string, fields: Sent = {}): void {
    this.line.deliver(this.frame(flags, fields));
  }

  /** The frame that `send` would send; the peer's numbers go on as if it had. */
  frame(flags: string, fields: Sent = {}): Buffer {
    const hasAck = flags.includes('A');
    const seq = fields.seq ?? this.nxt;
    const text = fields.text ?? '';
    const segment = emitTcp(
      {
        srcPort: this.port,
        dstPort: this.localPort,
        seq: (this.irs + seq) >>> 0,
        ack: hasAck || fields.ack !== undefined ? (this.iss + (fields.ack ?? this.heardUpTo)) >>> 0 : 0,
        flags,
        win: fields.win ?? this.win,
        options: [...emitOptions({ ...this.stamps(), ...fields }, this.iss), ...(fields.options ?? [])],
        text,
        ...(fields.up === undefined ? {} : { up: fields.up }),
        ...(fields.headerLen === undefined ? {} : { headerLen: fields.headerLen }),
        ...(fields.reserved === undefined ? {} : { reserved: fields.reserved }),
        ...(fields.checksumError === undefined ? {} : { checksumError: fields.checksumError }),
      },
      {
        source: fields.ip?.source ?? this.address,
        destination: fields.ip?.destination ?? STACK.address,
      },
    );
    if (seq === this.nxt && fields.checksumError === undefined) {
      this.nxt += text.length + Number(flags.includes('S')) + Number(flags.includes('F'));
    }
    return this.datagram({ protocol: TCP, ...fields.ip }, segment, fields.ethernet);
  }

  private stamps(): Options {
    return this.tsVal === undefined ? {} : { ts: [this.tsVal, this.tsRecent] };
  }

  /** A datagram of any protocol, in its frame. */
  datagram(
    ip: Partial<Ipv4Fields> & { protocol: number },
    payload: Uint8Array,
    ethernet: Partial<Ethernet> = {},
  ): Buffer {
    const datagram = emitIpv4({ source: this.address, destination: STACK.address, ...ip }, payload);
    return emitEthernet({ destination: STACK.mac, source: this.mac, type: IPV4, ...ethernet }, datagram);
  }

  /** An ICMP message from this host. */
  icmp(
    type: number,
    code: number,
    fields: {
      rest?: number;
      data?: Uint8Array;
      checksumError?: number;
      ip?: Partial<Ipv4Fields>;
      ethernet?: Partial<Ethernet>;
    } = {},
  ): void {
    const message = emitIcmp(type, code, fields.rest ?? 0, fields.data ?? Buffer.of(), fields.checksumError);
    this.line.deliver(this.datagram({ protocol: ICMP, ...fields.ip }, message, fields.ethernet));
  }

  /** An ARP packet from this host, to the stack alone unless told. */
  arp(
    opcode: number,
    fields: {
      targetIp?: number;
      targetMac?: string;
      senderIp?: number;
      senderMac?: string;
      destination?: string;
    } = {},
  ): void {
    const packet = emitArp({
      opcode,
      senderMac: fields.senderMac ?? this.mac,
      senderIp: fields.senderIp ?? this.address,
      targetMac: fields.targetMac ?? STACK.mac,
      targetIp: fields.targetIp ?? STACK.address,
    });
    const destination = fields.destination ?? STACK.mac;
    this.line.deliver(emitEthernet({ destination, source: fields.senderMac ?? this.mac, type: ARP }, packet));
  }

  answerArp(): void {
    this.arp(2);
  }

  // --- hearing ---------------------------------------------------------------------------------------------------------

  isFor(segment: TcpSegment): boolean {
    return (
      segment.destination === this.address &&
      segment.dstPort === this.port &&
      segment.srcPort === this.localPort
    );
  }

  hear(segment: TcpSegment): void {
    if (segment.flags.includes('S')) this.iss = segment.seq;
    const len = segment.text.length + Number(/S/.test(segment.flags)) + Number(/F/.test(segment.flags));
    const end = (segment.seq + len - this.iss) | 0;
    if (!segment.flags.includes('R')) this.heardUpTo = Math.max(this.heardUpTo, end);
    const { ts } = readOptions(segment.options, this.irs);
    if (ts !== undefined) [this.tsRecent] = ts;
    this.heard.push({ ...segment, at: this.line.now });
  }

  /** The next segment has these control bits (P only if named, or else no matter) and fields. Returns it. */
  expect(flags: string, fields: Expected = {}): TcpSegment & { at: number } {
    const segment = this.heard.shift();
    assert.ok(
      segment !== undefined,
      `expected ${flags} ${JSON.stringify(fields)}, but the stack said nothing`,
    );
    const actual: Expected & { flags: string } = {
      flags: flags.includes('P') ? segment.flags : segment.flags.replace('P', ''),
      seq: (segment.seq - this.iss) | 0,
      ack: (segment.ack - this.irs) | 0,
      absoluteSeq: segment.seq,
      absoluteAck: segment.ack,
      len: segment.text.length,
      text: segment.text,
      win: segment.win,
      up: segment.up,
      tos: segment.tos,
      ttl: segment.ttl,
      ...readOptions(segment.options, this.irs),
    };
    const wanted = { flags: sortFlags(flags), ...fields };
    const found = Object.fromEntries(
      Object.keys(wanted).map((name) => [name, actual[name as keyof Expected]]),
    );
    assert.deepEqual(found, wanted, `the stack said ${describePacket(segment)}`);
    return segment;
  }
}

/** One line for people. */
export function describePacket(packet: Packet): string {
  switch (packet.kind) {
    case 'arp':
      return `ARP ${packet.opcode} for ${packet.targetIp.toString(16)}`;
    case 'icmp':
      return `ICMP ${packet.type}/${packet.code}`;
    default: {
      const { flags, seq, ack, win, text, srcPort, dstPort } = packet;
      return `${flags} ${srcPort} > ${dstPort} seq ${seq} ack ${ack} win ${win} len ${text.length}`;
    }
  }
}
