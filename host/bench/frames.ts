// SPDX-License-Identifier: MIT
// What the scripted peer of a workload puts on the wire: Ethernet II, ARP (RFC 826), IPv4 (RFC 791) and TCP (RFC 9293
// §3.1) with no option but the MSS; who the two ends are; and the text that they exchange. Written apart from the module.
// Reading frames is view/decode.ts's.

import { parseIpv4, parseMac } from '../machine/address.ts';

export interface Station {
  mac: string;
  address: string;
}

export const STACK: Station = { mac: '02:00:0a:00:00:02', address: '10.0.0.2' };
export const PEER: Station = { mac: '02:00:0a:00:00:01', address: '10.0.0.1' };

/** Text of a full segment, octets: both ends' MSS. */
export const SEGMENT = 1460;
/** Least frame without FCS; the rest of a shorter one is padded with zeroes. */
const MIN_FRAME = 60;
const ETHERNET_HEADER = 14;
const IPV4_HEADER = 20;
const TCP_HEADER = 20;
const TCP = 6;
/** Kind 2, length 4. */
const MSS_OPTION = [2, 4, SEGMENT >> 8, SEGMENT & 0xff];

export interface Segment {
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  /** Control bits as they lie in the header. */
  flags: number;
  window: number;
  /** Whether the MSS is told. */
  mss?: boolean;
  text?: Uint8Array;
}

/** A frame from the peer to the stack. */
export function tcpFrame(segment: Segment): Uint8Array {
  const options = segment.mss === true ? MSS_OPTION : [];
  const text = segment.text ?? new Uint8Array(0);
  const tcpLen = TCP_HEADER + options.length + text.length;
  const frame = ethernetFrame(0x0800, IPV4_HEADER + tcpLen);
  const view = new DataView(frame.buffer);

  const ip = ETHERNET_HEADER;
  view.setUint16(ip, 0x4500);
  view.setUint16(ip + 2, IPV4_HEADER + tcpLen);
  view.setUint16(ip + 6, 0x4000); // DF
  view.setUint16(ip + 8, (64 << 8) | TCP);
  view.setUint32(ip + 12, parseIpv4(PEER.address));
  view.setUint32(ip + 16, parseIpv4(STACK.address));
  view.setUint16(ip + 10, ~sum(frame.subarray(ip, ip + IPV4_HEADER)));

  const tcp = ip + IPV4_HEADER;
  view.setUint16(tcp, segment.srcPort);
  view.setUint16(tcp + 2, segment.dstPort);
  view.setUint32(tcp + 4, segment.seq);
  view.setUint32(tcp + 8, segment.ack);
  view.setUint8(tcp + 12, ((TCP_HEADER + options.length) / 4) << 4);
  view.setUint8(tcp + 13, segment.flags);
  view.setUint16(tcp + 14, segment.window);
  frame.set(options, tcp + TCP_HEADER);
  frame.set(text, tcp + TCP_HEADER + options.length);
  const pseudo = sum(frame.subarray(ip + 12, ip + 20)) + TCP + tcpLen;
  view.setUint16(tcp + 16, ~sum(frame.subarray(tcp, tcp + tcpLen), pseudo));
  return frame;
}

/** The peer's answer to an ARP request of the stack. */
export function arpReply(): Uint8Array {
  const frame = ethernetFrame(0x0806, 28);
  const view = new DataView(frame.buffer, ETHERNET_HEADER);
  view.setUint32(0, 0x0001_0800); // Ethernet, IPv4
  view.setUint32(4, 0x0604_0002); // lengths of the addresses, reply
  frame.set(parseMac(PEER.mac), ETHERNET_HEADER + 8);
  view.setUint32(14, parseIpv4(PEER.address));
  frame.set(parseMac(STACK.mac), ETHERNET_HEADER + 18);
  view.setUint32(24, parseIpv4(STACK.address));
  return frame;
}

/**
 * The `len` octets from `position` of a stream that repeats itself after `period` octets: with the size of the ring that
 * they are sent from, that ring needs filling once.
 */
export function textAt(position: number, len: number, period = SEGMENT): Uint8Array {
  return Uint8Array.from({ length: len }, (_, i) => {
    // Mixed twice: the multiples of one factor nearly repeat themselves.
    const mixed = Math.imul((position + i) % period, 0x9e3779b1);
    return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 24;
  });
}

/** From the peer to the stack, padded, headers above Ethernet and their payload still to be written. */
function ethernetFrame(type: number, payload: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(Math.max(MIN_FRAME, ETHERNET_HEADER + payload));
  frame.set(parseMac(STACK.mac));
  frame.set(parseMac(PEER.mac), 6);
  frame.set([type >> 8, type & 0xff], 12);
  return frame;
}

/** RFC 1071: from `start` on, folded to 16 bits. */
function sum(octets: Uint8Array, start = 0): number {
  let total = start;
  for (let i = 0; i < octets.length; i++) total += i % 2 === 0 ? octets[i]! << 8 : octets[i]!;
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}
