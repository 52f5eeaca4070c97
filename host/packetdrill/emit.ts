// SPDX-License-Identifier: MIT
// Frames of the remote host of a script: Ethernet II, ARP replies (RFC 826), IPv4 (RFC 791), ICMP (RFC 792), TCP
// (RFC 9293 §3.1), written from the RFCs. Whatever a script asks for is put on the wire, right or wrong.

import type { TcpOption } from './syntax.ts';

const ETHER_IPV4 = 0x0800;
const ETHER_ARP = 0x0806;
export const ICMP = 1;
export const TCP = 6;
const MIN_FRAME = 60;

/** Control bits by the letters of a script, RFC 9293 §3.1 and RFC 3168 §6.1. */
export const FLAG_BITS: Readonly<Record<string, number>> = {
  F: 0x01,
  S: 0x02,
  R: 0x04,
  P: 0x08,
  '.': 0x10,
  U: 0x20,
  E: 0x40,
  W: 0x80,
};

/** The Internet checksum, RFC 1071. */
function checksum(octets: Buffer, start = 0): number {
  let sum = start;
  for (let i = 0; i < octets.length; i++) sum += i % 2 === 0 ? octets[i]! << 8 : octets[i]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

export function ethernetFrame(
  destination: Uint8Array,
  source: Uint8Array,
  type: number,
  data: Buffer,
): Buffer {
  const frame = Buffer.alloc(Math.max(MIN_FRAME, 14 + data.length));
  frame.set(destination, 0);
  frame.set(source, 6);
  frame.writeUInt16BE(type, 12);
  data.copy(frame, 14);
  return frame;
}

/** Answers the ARP request in `frame` with `mac`, whatever address it asks for; undefined when it is none. */
export function arpReply(frame: Uint8Array, mac: Uint8Array): Buffer | undefined {
  const request = Buffer.from(frame);
  if (request.readUInt16BE(12) !== ETHER_ARP || request.readUInt16BE(20) !== 1) return undefined;
  const isAnnouncement = request.subarray(28, 32).equals(request.subarray(38, 42));
  if (isAnnouncement) return undefined;
  const reply = Buffer.alloc(28);
  request.copy(reply, 0, 14, 20);
  reply.writeUInt16BE(2, 6);
  reply.set(mac, 8);
  request.copy(reply, 14, 38, 42);
  request.copy(reply, 18, 22, 32);
  return ethernetFrame(request.subarray(6, 12), mac, ETHER_ARP, reply);
}

export interface Ipv4Fields {
  source: number;
  destination: number;
  protocol: number;
  tos: number;
  ttl: number;
}

/** An IPv4 datagram with DF set, without its frame. */
export function ipv4Datagram(fields: Ipv4Fields, data: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header[1] = fields.tos;
  header.writeUInt16BE(20 + data.length, 2);
  header.writeUInt16BE(0x4000, 6);
  header[8] = fields.ttl;
  header[9] = fields.protocol;
  header.writeUInt32BE(fields.source >>> 0, 12);
  header.writeUInt32BE(fields.destination >>> 0, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, data]);
}

export function ipv4Frame(
  macs: { to: Uint8Array; from: Uint8Array },
  fields: Ipv4Fields,
  data: Buffer,
): Buffer {
  return ethernetFrame(macs.to, macs.from, ETHER_IPV4, ipv4Datagram(fields, data));
}

export interface TcpFields {
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  /** Letters of FLAG_BITS. */
  flags: string;
  win: number;
  urg: number;
  options: Buffer;
  text: Buffer;
}

/** A TCP segment; `addresses` are those of the pseudo-header. */
export function tcpSegment(
  fields: TcpFields,
  { source, destination }: Pick<Ipv4Fields, 'source' | 'destination'>,
): Buffer {
  const options = Buffer.alloc(Math.ceil(fields.options.length / 4) * 4);
  fields.options.copy(options);
  const segment = Buffer.concat([Buffer.alloc(20), options, fields.text]);
  segment.writeUInt16BE(fields.sourcePort, 0);
  segment.writeUInt16BE(fields.destinationPort, 2);
  segment.writeUInt32BE(fields.seq >>> 0, 4);
  segment.writeUInt32BE(fields.ack >>> 0, 8);
  segment[12] = ((20 + options.length) / 4) << 4;
  segment[13] = [...fields.flags].reduce((bits, letter) => bits | (FLAG_BITS[letter] ?? 0), 0);
  segment.writeUInt16BE(fields.win, 14);
  segment.writeUInt16BE(fields.urg, 18);
  const pseudo = Buffer.alloc(12);
  pseudo.writeUInt32BE(source >>> 0, 0);
  pseudo.writeUInt32BE(destination >>> 0, 4);
  pseudo.writeUInt16BE(TCP, 8);
  pseudo.writeUInt16BE(segment.length, 10);
  segment.writeUInt16BE(checksum(segment, ~checksum(pseudo) & 0xffff), 16);
  return segment;
}

export function icmpMessage(type: number, code: number, rest: number, data: Buffer): Buffer {
  const message = Buffer.concat([Buffer.alloc(8), data]);
  message[0] = type;
  message[1] = code;
  message.writeUInt32BE(rest >>> 0, 4);
  message.writeUInt16BE(checksum(message), 2);
  return message;
}

/** Options as octets, in the order of the script, where all numbers are live ones already. RFC 9293, 2018, 7323. */
export function optionOctets(options: readonly TcpOption[]): Buffer {
  return Buffer.concat(options.map(octetsOf));
}

function octetsOf(option: TcpOption): Buffer {
  switch (option.kind) {
    case 'eol':
      return Buffer.of(0);
    case 'nop':
      return Buffer.of(1);
    case 'mss':
      return Buffer.of(2, 4, (option.value ?? 0) >>> 8, (option.value ?? 0) & 0xff);
    case 'wscale':
      return Buffer.of(3, 3, option.value ?? 0);
    case 'sackOK':
      return Buffer.of(4, 2);
    case 'sack':
      return words(5, ...option.blocks.flatMap(({ left, right }) => [left, right]));
    case 'TS':
      return words(8, option.val ?? 0, option.ecr ?? 0);
    case 'other':
      throw new Error(`no octets for the option ${option.text}`);
  }
}

function words(kind: number, ...values: number[]): Buffer {
  const octets = Buffer.alloc(2 + 4 * values.length);
  octets[0] = kind;
  octets[1] = octets.length;
  values.forEach((value, i) => octets.writeUInt32BE(value >>> 0, 2 + 4 * i));
  return octets;
}
