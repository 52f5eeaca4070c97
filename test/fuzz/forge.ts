// SPDX-License-Identifier: MIT
// Frames that try to do harm. One is forged in two steps: something of every kind that a host may receive, made with
// knowledge of the connections' numbers so that it gets far; then, often, mutations: bits, octets, fields, lengths,
// truncation, mixtures; after which most checksums are put right again, so that the damage is not found at the door.

import type { Random } from '../../host/net/random.ts';

export const ETHERNET = 14;
const IP = 20;
export const MAX_FRAME = 1_514;
const MIN_FRAME = 14;

/** Protocols of IPv4. */
const ICMP = 1;
const TCP = 6;
const UDP = 17;

const SYN = 2;
const ACK = 16;
/** F S R P A U E C as bits, those that get somewhere more often. */
const FLAGS = [16, 16, 16, 16, 24, 24, 17, 17, 25, 80, 144, 2, 2, 18, 4, 20, 48, 56, 0, 1, 3, 6, 41, 63, 194];
const WINDOWS = [0, 1, 47, 100, 536, 1_460, 4_380, 30_000, 0xffff];
const LENGTHS = [0, 0, 0, 1, 1, 2, 3, 47, 100, 255, 536, 537, 1_024, 1_459, 1_460];
/** Values that programs trip over. */
const OCTETS = [0, 1, 2, 4, 5, 15, 16, 20, 40, 60, 64, 127, 128, 255];

const REQUESTS = [
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /status.json HTTP/1.0\r\n\r\n',
  'HEAD / HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  'POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n',
  'GET /\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'));

/** What the forger has to know of a connection; sequence numbers as they are. */
export interface Known {
  state: number;
  localPort: number;
  remoteAddress: number;
  remotePort: number;
  sndUna: number;
  sndNxt: number;
  sndMax: number;
  rcvNxt: number;
  rcvWnd: number;
}

export interface Identity {
  address: number;
  /** The last four octets of 02:00:… */
  mac: number;
}

/** The Internet checksum of `len` octets at `from`, `sum` already added; RFC 1071. */
export function checksum(octets: Buffer, from: number, len: number, sum = 0): number {
  const end = from + len - 1;
  let i = from;
  for (; i < end; i += 2) sum += (octets[i]! << 8) | octets[i + 1]!;
  if (i === end) sum += octets[i]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Forges one frame after the other into the same buffer. */
export class Forger {
  /** The frame that was forged last; its length is `length`. */
  readonly frame = Buffer.alloc(MAX_FRAME);
  length = 0;
  private readonly random: Random;
  private readonly us: Identity;
  private readonly listeners: readonly number[];
  /** The frame before, for mixtures. */
  private readonly before = Buffer.alloc(MAX_FRAME);
  /** The other half of the frame before, where that was the one half of a datagram. */
  private rest: Buffer | undefined;

  /** `us`: whom the frames are for; `listeners`: ports worth a SYN. */
  constructor(random: Random, us: Identity, listeners: readonly number[]) {
    this.random = random;
    this.us = us;
    this.listeners = listeners;
  }

  /** The next frame, about the connection `known` if there is one. */
  forge(known: Known | undefined): Buffer {
    const { random } = this;
    this.frame.copy(this.before, 0, 0, this.length);
    if (this.rest !== undefined) {
      this.length = this.rest.copy(this.frame);
      this.rest = undefined;
      return this.frame.subarray(0, this.length);
    }
    const kind = random.below(100);
    if (kind < 72 && known !== undefined) this.segment(known);
    else if (kind < 80) this.opening();
    else if (kind < 84) this.arp(known);
    else if (kind < 88) this.echo();
    else if (kind < 93) this.icmpError(known);
    else if (kind < 96) this.otherProtocol();
    else if (kind < 98) this.noise();
    else this.fragment(known);
    if (random.below(10) < 6) {
      for (let n = 1 + random.below(4); n > 0; n--) this.mutate();
      if (random.below(8) < 7) this.repair();
    }
    return this.frame.subarray(0, this.length);
  }

  // --- something of every kind ---------------------------------------------------------------------------------------

  private pick<T>(from: readonly T[]): T {
    return from[this.random.below(from.length)]!;
  }

  /** Ethernet and IPv4 headers; `len` octets of payload follow. */
  private datagram(source: number, protocol: number, len: number): void {
    const { frame } = this;
    frame.writeUInt16BE(0x0200, 0);
    frame.writeUInt32BE(this.us.mac, 2);
    frame.writeUInt16BE(0x0200, 6);
    frame.writeUInt32BE(source, 8);
    frame.writeUInt16BE(0x0800, 12);
    // Now and then congestion was experienced.
    frame.writeUInt32BE(0x45000000 + (this.random.below(16) === 0 ? 0x30000 : 0) + IP + len, 14);
    frame.writeUInt32BE(0x00004000, 18);
    frame.writeUInt32BE(0x40000000 | (protocol << 16), 22);
    frame.writeUInt32BE(source, 26);
    frame.writeUInt32BE(this.us.address, 30);
    frame.writeUInt16BE(checksum(frame, ETHERNET, IP), 24);
    this.length = ETHERNET + IP + len;
    this.pad();
  }

  private pad(): void {
    if (this.length >= 60) return;
    this.frame.fill(0, this.length, 60);
    this.length = 60;
  }

  /** A segment of a connection: numbers at the edges of what is acceptable, any flags, options, text. */
  private segment(known: Known): void {
    const { random } = this;
    const flags = this.pick(FLAGS);
    const options = this.options(flags, known);
    const len = Math.min(this.pick(LENGTHS), MAX_FRAME - ETHERNET - IP - 20 - options.length);
    const { rcvNxt, rcvWnd, sndUna, sndNxt, sndMax } = known;
    const seqs = [
      0,
      0,
      0,
      0,
      -1,
      1,
      len,
      -len,
      100,
      rcvWnd - 1,
      rcvWnd,
      rcvWnd - len,
      rcvWnd + 1,
      0x80000000,
    ];
    const acks = [
      sndUna,
      sndUna,
      sndNxt,
      sndMax,
      sndMax,
      sndUna + 1,
      sndUna - 1,
      sndMax + 1,
      sndUna - 70_000,
    ];
    const inside = random.below(rcvWnd + 1);
    const seq = random.below(20) === 0 ? random.u32() : rcvNxt + this.pick([...seqs, inside, inside, inside]);
    const ack = random.below(20) === 0 ? random.u32() : this.pick(acks) - random.below(3);
    this.tcp(known.remoteAddress, known.remotePort, known.localPort, seq, ack, flags, options, len);
  }

  /** A SYN, or something else, from a port that is not known. */
  private opening(): void {
    const { random } = this;
    const flags = random.below(4) > 0 ? SYN : this.pick(FLAGS);
    const source = 0x0a000020 + random.below(random.below(4) === 0 ? 64 : 4);
    const options = this.options(flags);
    const port = 1 + random.below(0xfffe);
    const len = this.pick([0, 0, 0, 1, 100]);
    this.tcp(source, port, this.pick(this.listeners), random.u32(), random.u32(), flags, options, len);
  }

  private tcp(
    source: number,
    srcPort: number,
    dstPort: number,
    seq: number,
    ack: number,
    flags: number,
    options: Uint8Array,
    len: number,
  ): void {
    const { frame, random } = this;
    const headerLen = 20 + options.length;
    const t = ETHERNET + IP;
    frame.writeUInt16BE(srcPort, t);
    frame.writeUInt16BE(dstPort, t + 2);
    frame.writeUInt32BE(seq >>> 0, t + 4);
    frame.writeUInt32BE(flags & ACK ? ack >>> 0 : 0, t + 8);
    frame[t + 12] = (headerLen / 4) << 4;
    frame[t + 13] = flags;
    frame.writeUInt16BE(this.pick(WINDOWS), t + 14);
    frame.writeUInt32BE(random.below(3) === 0 ? random.below(0x10000) : 0, t + 16);
    frame.set(options, t + 20);
    this.text(t + headerLen, len);
    this.datagram(source, TCP, headerLen + len);
    this.transportChecksum(t, headerLen + len, TCP, 16);
  }

  /** `len` octets of something, now and then a request. */
  private text(at: number, len: number): void {
    const { frame, random } = this;
    if (len > 16 && random.below(3) === 0) {
      const request = this.pick(REQUESTS);
      for (let i = 0; i < len; i += request.length)
        frame.set(request.subarray(0, Math.min(len - i, request.length)), at + i);
    } else {
      frame.fill(random.below(256), at, at + len);
    }
  }

  private options(flags: number, known?: Known): Uint8Array {
    const { random } = this;
    const mss = random.below(2) === 0 ? 1_460 : random.below(0x10000);
    switch (random.below(flags & SYN ? 8 : 24)) {
      case 0:
        return Uint8Array.of(2, 4, mss >>> 8, mss & 0xff);
      case 1:
        return Uint8Array.of(1, 1, 1, 2, 4, mss >>> 8, mss & 0xff, 0);
      case 2: // window scale, SACK permitted, timestamps
        return Uint8Array.of(3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 2, 4, mss >>> 8, mss & 0xff, 1);
      case 3: // lengths of 0, 1, too much
        return Uint8Array.of(this.pick([2, 8, 254]), this.pick([0, 1, 3, 5, 40, 255]), 2, 4, 5, 180, 0, 2);
      case 4: // ends in the middle of an option
        return Uint8Array.of(1, 1, 1, 2);
      case 5:
      case 6:
        return this.timestamps();
      case 7:
      case 8:
      case 9:
      case 10:
      case 11:
        return known === undefined ? new Uint8Array(0) : this.sack(known);
      case 12:
        return Uint8Array.of(28, 4, random.below(256), random.below(256));
      default:
        return new Uint8Array(0);
    }
  }

  /** TSval and TSecr, small as the peers of the arena have them, or anything. */
  private timestamps(): Uint8Array {
    const { random } = this;
    const option = Buffer.from([1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
    option.writeUInt32BE(random.below(4) === 0 ? random.u32() : random.below(32), 4);
    option.writeUInt32BE(random.u32(), 8);
    return option;
  }

  /** One to four blocks, with edges at and around what is in flight. */
  private sack({ sndUna, sndNxt }: Known): Uint8Array {
    const { random } = this;
    const count = 1 + random.below(4);
    const option = Buffer.alloc(4 + 8 * count);
    option.set([1, 1, 5, 2 + 8 * count]);
    const out = (sndNxt - sndUna) >>> 0;
    const edge = (): number => {
      const place = random.below(8);
      if (place === 0) return random.u32();
      const base =
        place === 1
          ? sndNxt
          : sndUna + (place < 5 ? 100 * random.below(1 + out / 100) : random.below(out + 2));
      return (base + (random.below(6) === 0 ? random.below(3) - 1 : 0)) >>> 0;
    };
    for (let i = 0; i < 2 * count; i += 2) {
      const [a, b] = [edge(), edge()];
      const inOrder = random.below(8) === 0 || ((b - a) | 0) > 0;
      option.writeUInt32BE(inOrder ? a : b, 4 + 4 * i);
      option.writeUInt32BE(inOrder ? b : a, 8 + 4 * i);
    }
    return option;
  }

  private arp(known: Known | undefined): void {
    const { frame, random, us } = this;
    const sender = this.pick([
      0x0a000020,
      0x0a000021,
      us.address,
      0,
      0xffffffff,
      known?.remoteAddress ?? 0x0a000022,
    ]);
    frame.fill(0xff, 0, 6);
    if (random.below(2) === 0) {
      frame.writeUInt16BE(0x0200, 0);
      frame.writeUInt32BE(us.mac, 2);
    }
    frame.writeUInt16BE(0x0200, 6);
    frame.writeUInt32BE(sender, 8);
    frame.writeUInt16BE(0x0806, 12);
    frame.writeUInt32BE(0x00010800, 14);
    frame.writeUInt32BE(0x06040000 | this.pick([1, 1, 2, 2, 3, 0]), 18);
    frame.writeUInt16BE(this.pick([0x0200, 0x0200, 0x0300]), 22);
    frame.writeUInt32BE(sender, 24);
    frame.writeUInt32BE(sender, 28);
    frame.fill(0, 32, 38);
    frame.writeUInt32BE(this.pick([us.address, us.address, 0x0a000020, 0]), 38);
    this.length = 42;
    this.pad();
  }

  private echo(): void {
    const len = Math.min(this.pick(LENGTHS), MAX_FRAME - ETHERNET - IP - 8);
    const t = ETHERNET + IP;
    this.frame.writeUInt32BE(
      this.pick([0x08000000, 0x08000000, 0, 0x08010000, 0x0d000000, 0x05000000, 0x11000000]),
      t,
    );
    this.frame.writeUInt32BE(this.random.u32(), t + 4);
    this.text(t + 8, len);
    this.datagram(0x0a000020, ICMP, 8 + len);
    this.icmpChecksum(8 + len);
  }

  /** An error that quotes a segment of ours, in flight or not. */
  private icmpError(known: Known | undefined): void {
    const { frame, random } = this;
    const t = ETHERNET + IP;
    const type = this.pick([3, 3, 3, 4, 11, 12]);
    const code = this.pick([0, 1, 2, 3, 4, 4, 4, 13]);
    frame.writeUInt32BE((type << 24) | (code << 16), t);
    frame.writeUInt32BE(this.pick([0, 1, 67, 68, 88, 296, 576, 1_006, 1_500, 0xffff]), t + 4);
    const q = t + 8;
    frame.writeUInt32BE(0x45000000 + 40 + random.below(1_461), q);
    frame.writeUInt32BE(0x00004000, q + 4);
    frame.writeUInt32BE(0x3f060000, q + 8);
    frame.writeUInt32BE(this.us.address, q + 12);
    frame.writeUInt32BE(known?.remoteAddress ?? 0x0a000020, q + 16);
    frame.writeUInt16BE(known?.localPort ?? 80, q + 20);
    frame.writeUInt16BE(known?.remotePort ?? 50_000, q + 22);
    const seq =
      known === undefined ? 0 : this.pick([known.sndUna, known.sndMax - 1, known.sndMax, known.sndUna - 1]);
    frame.writeUInt32BE(seq >>> 0, q + 24);
    const len = 28 + this.pick([0, 0, 12, 12, -1, -8, -28, 500]);
    if (len > 28) frame.fill(0, q + 28, q + len);
    this.datagram(0x0a000020, ICMP, 8 + len);
    this.icmpChecksum(8 + len);
  }

  private otherProtocol(): void {
    const { frame, random } = this;
    const len = 8 + random.below(200);
    const t = ETHERNET + IP;
    this.text(t + 8, len - 8);
    frame.writeUInt32BE(random.u32(), t);
    frame.writeUInt32BE(this.pick([len, len, len, 0, 7, 8, len + 1, 0xffff]) * 0x10000, t + 4);
    const protocol = this.pick([UDP, UDP, UDP, 2, 41, 255]);
    this.datagram(0x0a000020, protocol, len);
    if (protocol === UDP && random.below(2) === 0) this.transportChecksum(t, len, UDP, 6);
  }

  /** Any octets, behind an Ethernet header for us or not. */
  private noise(): void {
    const { frame, random } = this;
    this.length = MIN_FRAME + random.below(300);
    for (let i = 0; i < this.length; i++) frame[i] = random.u32();
    if (random.below(4) > 0) {
      frame.writeUInt16BE(0x0200, 0);
      frame.writeUInt32BE(this.us.mac, 2);
      frame.writeUInt16BE(this.pick([0x0800, 0x0800, 0x0806, 0x86dd, 46, 1_500]), 12);
    }
  }

  private fragment(known: Known | undefined): void {
    if (known === undefined) this.echo();
    else this.segment(known);
    if (this.random.below(2) === 0 && this.length >= ETHERNET + IP + 16) {
      this.half();
      return;
    }
    this.frame.writeUInt16BE(this.pick([0x2000, 0x2001, 0x0001, 0x1fff, 0xa000, 0x8000]), 20);
    this.ipChecksum();
  }

  /** One half of what was forged; the other one follows. */
  private half(): void {
    const { frame } = this;
    const t = ETHERNET + IP;
    const cut = t + (((this.length - t) >>> 1) & ~7);
    const whole = Buffer.from(frame.subarray(0, this.length));
    const halves = [
      { fragment: 0x2000, text: whole.subarray(t, cut) },
      { fragment: (cut - t) >>> 3, text: whole.subarray(cut) },
    ];
    const [now, next] = this.random.below(2) === 0 ? halves : halves.reverse();
    const write = ({ fragment, text }: (typeof halves)[number]): void => {
      frame.writeUInt16BE(fragment, 20);
      frame.writeUInt16BE(IP + text.length, 16);
      text.copy(frame, t);
      this.length = t + text.length;
      this.ipChecksum();
    };
    write(next!);
    this.rest = Buffer.from(frame.subarray(0, this.length));
    write(now!);
  }

  // --- mutations -----------------------------------------------------------------------------------------------------

  private mutate(): void {
    const { frame, random } = this;
    // Headers more often than text.
    const span = random.below(3) > 0 ? Math.min(this.length, 74) : this.length;
    const at = random.below(span);
    switch (random.below(9)) {
      case 0:
      case 1:
        frame[at]! ^= 1 << random.below(8);
        break;
      case 2:
        frame[at] = this.pick(OCTETS);
        break;
      case 3:
        if (at + 2 <= this.length) frame.writeUInt16BE(random.below(0x10000), at);
        break;
      case 4: // the lengths: total length, header lengths
        if (this.length > 46) {
          if (random.below(2) === 0) frame.writeUInt16BE(this.near(this.length - ETHERNET), 16);
          else frame[this.pick([14, 46])] = random.below(256);
        }
        break;
      case 5: // cut short
        this.length = Math.max(
          MIN_FRAME,
          this.pick([MIN_FRAME, 15, 33, 34, 35, 42, 53, 54, 60, at, this.length - 1]),
        );
        break;
      case 6: {
        // longer than it says
        const longer = Math.min(MAX_FRAME, this.length + this.pick([1, 2, 6, 100, 1_000, MAX_FRAME]));
        frame.fill(random.below(256), this.length, longer);
        this.length = longer;
        break;
      }
      case 7: // the rest of another frame
        this.before.copy(frame, at, at, this.length);
        break;
      default: {
        // octets twice
        const len = random.below(20);
        frame.copyWithin(Math.min(at + len, this.length), at, Math.max(at, this.length - len));
        break;
      }
    }
    this.length = Math.max(MIN_FRAME, Math.min(this.length, MAX_FRAME));
  }

  private near(n: number): number {
    return (n + this.pick([-41, -40, -21, -20, -2, -1, 0, 1, 2, 40, 1_460, 60_000])) & 0xffff;
  }

  // --- checksums -----------------------------------------------------------------------------------------------------

  /** Put right what checksums can be found, by what the frame says its lengths are. */
  private repair(): void {
    const { frame } = this;
    if (this.length < ETHERNET + IP || frame.readUInt16BE(12) !== 0x0800) return;
    const headerLen = (frame[14]! & 15) * 4;
    if (headerLen < IP || this.length < ETHERNET + headerLen) return;
    this.ipChecksum(headerLen);
    const t = ETHERNET + headerLen;
    const len = Math.min(frame.readUInt16BE(16), this.length - ETHERNET) - headerLen;
    const protocol = frame[23]!;
    if (protocol === TCP && len >= 20) this.transportChecksum(t, len, TCP, 16);
    else if (protocol === UDP && len >= 8) this.transportChecksum(t, len, UDP, 6);
    else if (protocol === ICMP && len >= 8) this.icmpChecksum(len, t);
  }

  private ipChecksum(headerLen = IP): void {
    this.frame.writeUInt16BE(0, 24);
    this.frame.writeUInt16BE(checksum(this.frame, ETHERNET, headerLen), 24);
  }

  private icmpChecksum(len: number, t = ETHERNET + IP): void {
    this.frame.writeUInt16BE(0, t + 2);
    this.frame.writeUInt16BE(checksum(this.frame, t, len), t + 2);
  }

  private transportChecksum(t: number, len: number, protocol: number, offset: number): void {
    const { frame } = this;
    frame.writeUInt16BE(0, t + offset);
    let pseudo = protocol + len;
    for (let i = 26; i < 34; i += 2) pseudo += frame.readUInt16BE(i);
    frame.writeUInt16BE(checksum(frame, t, len, pseudo), t + offset);
  }
}
