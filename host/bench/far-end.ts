// SPDX-License-Identifier: MIT
// One connection as the scripted peer sees it: what it sends next, and a check of every frame of the stack, octet by octet:
// headers, checksums, sequence numbers, text. It opens the connection, offers no option but the MSS and a window of 8 × MSS,
// and acknowledges when the workload tells it to. Left out: timers, and loss on the way to the peer.

import { ACK, decode, describe, FIN, PSH, RST, SYN } from '../view/decode.ts';
import type { Decoded, Ipv4, Tcp } from '../view/decode.ts';
import { PEER, SEGMENT, STACK, tcpFrame, textAt } from './frames.ts';

/** What the peer offers, octets: as the other stacks had it in the recorded figures. */
export const PEER_WINDOW = 8 * SEGMENT;

const TTL = 64;

/** A frame of the stack that is not what the workload expects. */
export class WrongFrame extends Error {
  override name = 'WrongFrame';

  constructor(why: string, decoded: Decoded) {
    super(`${why}: ${describe(decoded)}`);
  }
}

/** The decoded frame, when all below TCP is as a frame from the stack to the peer must be. Throws WrongFrame. */
export function checked(frame: Uint8Array): Decoded & { ip: Ipv4; tcp: Tcp } {
  const decoded = decode(frame);
  const { ip, tcp, problem } = decoded;
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new WrongFrame(`the stack sent a frame with ${what}`, decoded);
  };
  check(problem === undefined, problem ?? '');
  check(decoded.source === STACK.mac && decoded.destination === PEER.mac, 'wrong Ethernet addresses');
  check(ip?.source === STACK.address && ip.destination === PEER.address, 'wrong IPv4 addresses');
  check(ip!.ttl === TTL && ip!.dontFragment && !ip!.moreFragments, 'a wrong TTL or fragment field');
  check(tcp !== undefined, 'something else than TCP');
  const used = 14 + ip!.totalLength;
  check(frame.length === Math.max(60, used), 'a wrong length');
  check(
    frame.subarray(used).every((octet) => octet === 0),
    'padding that is not zero',
  );
  return decoded as Decoded & { ip: Ipv4; tcp: Tcp };
}

export class FarEnd {
  readonly port: number;
  readonly stackPort: number;
  /** SND.UNA, SND.NXT and RCV.NXT of the peer. */
  sndUna: number;
  sndNxt: number;
  rcvNxt = 0;
  /** What the stack offers. */
  window = 0;
  /** ACKs in a row that acknowledged nothing new while text was out. */
  duplicates = 0;
  /** Segments with text since the peer's last ACK. */
  unacknowledged = 0;
  /** The period of the stack's text; see `textAt`. */
  period = SEGMENT;
  isOpen = false;
  hasFin = false;
  private readonly iss: number;
  private irs = 0;

  /** From the peer's `port` to the stack's. */
  constructor(port: number, stackPort: number) {
    this.port = port;
    this.stackPort = stackPort;
    this.iss = Math.imul(port, 0x01000193) >>> 0;
    this.sndUna = this.iss;
    this.sndNxt = this.iss;
  }

  syn(): Uint8Array {
    this.sndNxt = add(this.iss, 1);
    return this.frame(this.iss, SYN, undefined, true);
  }

  ack(): Uint8Array {
    return this.frame(this.sndNxt, ACK);
  }

  fin(): Uint8Array {
    const seq = this.sndNxt;
    this.sndNxt = add(seq, 1);
    return this.frame(seq, FIN | ACK);
  }

  /** The next `len` octets of text. Throws when the stack's window has no room for them. */
  text(len: number): Uint8Array {
    if (len > this.room) throw new Error(`the stack's window has room for ${this.room} octets of ${len}`);
    const seq = this.sndNxt;
    this.sndNxt = add(seq, len);
    return this.textFrame(seq, len);
  }

  /** The first segment that is not acknowledged, again. */
  again(): Uint8Array {
    return this.textFrame(this.sndUna, Math.min(SEGMENT, less(this.sndNxt, this.sndUna)));
  }

  /** Octets that the window has room for. */
  get room(): number {
    return this.window - less(this.sndNxt, this.sndUna);
  }

  /** A frame of the stack for this connection has come. Throws WrongFrame. */
  take(decoded: Decoded & { tcp: Tcp }): void {
    const { tcp } = decoded;
    const check = (holds: boolean, what: string): void => {
      if (!holds) throw new WrongFrame(`the stack sent a segment with ${what}`, decoded);
    };
    const len = tcp.payload.length;
    check((tcp.flags & RST) === 0, 'a reset');
    // Its SYN says where the stack's sequence numbers begin.
    const irs = this.isOpen ? this.irs : tcp.seq;
    const rcvNxt = this.isOpen ? this.rcvNxt : tcp.seq;
    const isSyn = (tcp.flags & SYN) !== 0;
    const expected = (isSyn ? SYN : 0) | ACK | (tcp.flags & FIN) | (len > 0 ? tcp.flags & PSH : 0);
    check(isSyn === !this.isOpen && tcp.flags === expected, 'wrong control bits');
    check(tcp.urgentPointer === 0, 'an urgent pointer');
    check(Object.keys(tcp.options).length === (isSyn ? 1 : 0), 'wrong options');
    check(!isSyn || tcp.options.mss === SEGMENT, 'a wrong MSS');
    check(tcp.seq === rcvNxt, `a wrong sequence number, not ${rcvNxt}`);
    check(less(tcp.ack, this.sndUna) <= less(this.sndNxt, this.sndUna), 'an ACK of what was never sent');
    const text = textAt(less(rcvNxt, add(irs, 1)), len, this.period);
    check(Buffer.compare(tcp.payload, text) === 0, 'wrong text');

    const isDuplicate = tcp.ack === this.sndUna && this.sndUna !== this.sndNxt && len === 0;
    this.duplicates = isDuplicate ? this.duplicates + 1 : 0;
    this.sndUna = tcp.ack;
    this.window = tcp.window;
    this.irs = irs;
    this.rcvNxt = add(rcvNxt, len + (isSyn ? 1 : 0) + (tcp.flags & FIN ? 1 : 0));
    if (len > 0) this.unacknowledged++;
    if ((tcp.flags & FIN) !== 0) this.hasFin = true;
    this.isOpen = true;
  }

  private textFrame(seq: number, len: number): Uint8Array {
    return this.frame(seq, ACK, textAt(less(seq, add(this.iss, 1)), len));
  }

  private frame(seq: number, flags: number, text?: Uint8Array, mss = false): Uint8Array {
    if (flags & ACK) this.unacknowledged = 0;
    return tcpFrame({
      srcPort: this.port,
      dstPort: this.stackPort,
      seq,
      ack: flags & ACK ? this.rcvNxt : 0,
      flags,
      window: PEER_WINDOW,
      mss,
      ...(text === undefined ? {} : { text }),
    });
  }
}

/** Sequence numbers are u32 and wrap. */
export function add(a: number, b: number): number {
  return (a + b) >>> 0;
}

export function less(a: number, b: number): number {
  return (a - b) >>> 0;
}
