// SPDX-License-Identifier: MIT
// What an observer remembers of TCP connections, so that each segment can be told in terms of its connection: sequence
// numbers that count from the SYN, windows in octets, and what kind of segment it is beyond its control bits (sent
// again, a probe, a duplicate ACK). Segments are judged in the order in which they were sent.

import { ACK, FIN, RST, SYN } from './decode.ts';
import type { Ipv4, Tcp } from './decode.ts';

/** A segment in terms of its connection. */
export interface Told {
  /** Counts connections from 1 in the order in which they were first seen. */
  connection: number;
  /** This segment is the connection's first. */
  isNew: boolean;
  /** `from > to`, of the first segment: `10.0.0.1:49152 > 10.0.0.2:80`. */
  name: string;
  /** Relative to the sender's SYN, which has 0. */
  seq: number;
  /** Relative to the receiver's SYN. */
  ack: number;
  /** The number that SACK blocks are relative to. */
  sackBase: number;
  /** In octets, scaled when both sides agreed to scale. */
  window: number;
  /** What is worth a remark, in a few words each. */
  remarks: string[];
}

/** What was sent in one direction. */
interface Side {
  /** Sequence number that is shown as 0: the SYN's. */
  base: number | undefined;
  /** One past the last number sent; undefined before anything was. */
  end: number | undefined;
  /** Last acknowledgment and window sent, the window as it stood in the header. */
  ack: number | undefined;
  window: number | undefined;
  scale: number | undefined;
  duplicateAcks: number;
  finSent: boolean;
}

interface Connection {
  number: number;
  name: string;
  sides: Map<string, Side>;
  wasReset: boolean;
}

/** Key of a connection, the same whichever end it is seen from. Addresses in dotted decimal. */
export function connectionKey(address: string, port: number, peerAddress: string, peerPort: number): string {
  return [`${address}:${port}`, `${peerAddress}:${peerPort}`].sort().join(' - ');
}

/** Connections beyond which the oldest is forgotten. */
const REMEMBERED = 4096;

/** All connections that were seen. */
export class Conversations {
  private readonly connections = new Map<string, Connection>();
  private count = 0;

  /** Connections seen so far. */
  get total(): number {
    return this.count;
  }

  /** Take note of a segment just sent. */
  tell(ip: Ipv4, tcp: Tcp): Told {
    const from = `${ip.source}:${tcp.sourcePort}`;
    const to = `${ip.destination}:${tcp.destinationPort}`;
    const key = connectionKey(ip.source, tcp.sourcePort, ip.destination, tcp.destinationPort);
    let connection = this.connections.get(key);
    const isNew = connection === undefined || startsAnew(connection, from, tcp);
    if (connection === undefined || isNew) {
      const sides = new Map([
        [from, newSide()],
        [to, newSide()],
      ]);
      connection = { number: ++this.count, name: `${from} > ${to}`, sides, wasReset: false };
      this.connections.set(key, connection);
      if (this.connections.size > REMEMBERED) this.connections.delete(this.connections.keys().next().value!);
    }
    const own = connection.sides.get(from)!;
    // A connection of a port with itself has one side only.
    const peer = connection.sides.get(to)!;
    const remarks = isNew ? [] : remarksOn(tcp, own, peer);
    remember(tcp, own, peer);
    connection.wasReset ||= (tcp.flags & RST) !== 0;
    const isScaled = own.scale !== undefined && peer.scale !== undefined && (tcp.flags & SYN) === 0;
    return {
      connection: connection.number,
      isNew,
      name: connection.name,
      seq: (tcp.seq - own.base!) >>> 0,
      ack: tcp.flags & ACK ? (tcp.ack - peer.base!) >>> 0 : 0,
      sackBase: peer.base ?? 0,
      window: isScaled ? tcp.window * 2 ** own.scale! : tcp.window,
      remarks,
    };
  }
}

function newSide(): Side {
  return {
    base: undefined,
    end: undefined,
    ack: undefined,
    window: undefined,
    scale: undefined,
    duplicateAcks: 0,
    finSent: false,
  };
}

/** Numbers a segment takes up, SEG.LEN of RFC 9293 §3.3.1. */
function segmentLength({ flags, payload }: Tcp): number {
  return payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
}

/** A new SYN on the ports of a connection that has ended begins another one. */
function startsAnew({ sides, wasReset }: Connection, from: string, tcp: Tcp): boolean {
  if ((tcp.flags & (SYN | ACK | RST)) !== SYN) return false;
  const hasEnded = wasReset || [...sides.values()].every(({ finSent }) => finSent);
  return hasEnded && tcp.seq !== sides.get(from)?.base;
}

function remarksOn(tcp: Tcp, own: Side, peer: Side): string[] {
  const { flags, seq, window, payload } = tcp;
  if (flags & RST) return [];
  const length = segmentLength(tcp);
  const isPlain = (flags & (SYN | FIN)) === 0;
  const behind = own.end === undefined ? 0 : (own.end - seq) | 0;
  // All is acknowledged, and yet the last number is named again (RFC 9293 §3.8.4); Linux probes windows so, too.
  const isReminder = isPlain && behind === 1 && length <= 1 && peer.ack === own.end;
  if (isBeyondWindow(tcp, peer) || (isReminder && peer.window === 0)) return ['window probe'];
  if (isReminder) return ['keep-alive'];
  // A simultaneous open says its SYN a second time, now with an acknowledgment (RFC 9293 Figure 7).
  const isAnswer = (flags & SYN) !== 0 && (flags & ACK) !== 0 && own.ack === undefined;
  if (length > 0 && behind > 0 && !isAnswer) return ['retransmission'];
  const remarks: string[] = [];
  if (payload.length > 0 && behind < 0) remarks.push('out of order');
  if (window === 0) remarks.push('zero window');
  if (isDuplicateAck(tcp, own, peer)) remarks.push(`duplicate ACK ${own.duplicateAcks + 1}`);
  else if (isPlain && length === 0 && own.ack === tcp.ack && window > own.window!)
    remarks.push('window update');
  return remarks;
}

/** Text for a window of zero: a probe, RFC 9293 §3.8.6.1. */
function isBeyondWindow({ flags, seq, payload }: Tcp, peer: Side): boolean {
  const isText = payload.length > 0 && (flags & (SYN | FIN | RST)) === 0;
  return isText && peer.window === 0 && ((seq - peer.ack!) | 0) >= 0;
}

/** RFC 5681 §2: data outstanding, none carried, no SYN or FIN, the same acknowledgment and window as the last. */
function isDuplicateAck(tcp: Tcp, own: Side, peer: Side): boolean {
  const isOutstanding = peer.end !== undefined && ((peer.end - tcp.ack) | 0) > 0;
  const isSame = own.ack === tcp.ack && own.window === tcp.window;
  return isOutstanding && isSame && segmentLength(tcp) === 0;
}

function remember(tcp: Tcp, own: Side, peer: Side): void {
  const { flags, seq, ack, window } = tcp;
  const end = (seq + segmentLength(tcp)) >>> 0;
  if (flags & SYN) {
    own.base = seq;
    own.end = end;
    own.scale = tcp.options.windowScale;
  }
  // Connections that were there before the observer: what comes next is shown as 1, as it would be after a SYN.
  own.base ??= (seq - (flags & RST ? 0 : 1)) >>> 0;
  // What probes a closed window is not expected to stay: it counts as sent when it is sent into an open one.
  const isNews = own.end === undefined || ((end - own.end) | 0) > 0;
  if (isNews && !isBeyondWindow(tcp, peer)) own.end = end;
  own.finSent ||= (flags & FIN) !== 0;
  if ((flags & ACK) === 0) return;
  peer.base ??= (ack - 1) >>> 0;
  if (peer.end === undefined || ((ack - peer.end) | 0) > 0) peer.end = ack;
  own.duplicateAcks = isDuplicateAck(tcp, own, peer) ? own.duplicateAcks + 1 : 0;
  own.ack = ack;
  own.window = window;
}
