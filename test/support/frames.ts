// SPDX-License-Identifier: MIT
// Ethernet II, ARP (RFC 826), IPv4 (RFC 791), ICMP (RFC 792) and TCP (RFC 9293 §3.1) for the peer of the tests: written
// from the RFCs a second time, so that the module's own formats are checked by another reading. `parse` is strict: a
// frame with a wrong checksum, length, padding or reserved bit is an error. Text is latin1: a character is an octet.

import assert from 'node:assert/strict';

export const ARP = 0x0806;
export const IPV4 = 0x0800;
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

/** Control bits from the least significant on, RFC 9293 §3.1. */
const CONTROL = 'FSRPAUEC';

export interface Ethernet {
  destination: string;
  source: string;
  type: number;
}

export interface ArpPacket {
  kind: 'arp';
  ethernet: Ethernet;
  /** 1 request, 2 reply. */
  opcode: number;
  senderMac: string;
  senderIp: number;
  targetMac: string;
  targetIp: number;
}

export interface Datagram {
  ethernet: Ethernet;
  tos: number;
  ttl: number;
  protocol: number;
  source: number;
  destination: number;
  /** The whole datagram, header included, padding excluded. */
  octets: Buffer;
}

export interface IcmpMessage extends Datagram {
  kind: 'icmp';
  type: number;
  code: number;
  /** Second word of the header. */
  rest: number;
  data: Buffer;
}

export interface TcpSegment extends Datagram {
  kind: 'tcp';
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  /** Letters of the control bits that are set: F S R P A U, sorted. */
  flags: string;
  win: number;
  up: number;
  options: Buffer;
  text: string;
}

export type Packet = ArpPacket | IcmpMessage | TcpSegment;

/** The Internet checksum of RFC 1071. */
export function checksum(...parts: Uint8Array[]): number {
  const octets = Buffer.concat(
    parts.map((part) => (part.length % 2 ? Buffer.concat([part, Buffer.of(0)]) : part)),
  );
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += octets.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function macOctets(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

function macText(octets: Buffer): string {
  return octets.toString('hex').match(/../g)!.join(':');
}

/** Control bits as letters, sorted, so that they compare. */
export function sortFlags(flags: string): string {
  return [...flags].sort().join('');
}

function pseudoHeader(source: number, destination: number, len: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32BE(source, 0);
  header.writeUInt32BE(destination, 4);
  header.writeUInt16BE(TCP, 8);
  header.writeUInt16BE(len, 10);
  return header;
}

/** A frame without FCS, padded to 60 octets. `padding` is the value of the padding octets. */
export function emitEthernet(header: Ethernet, payload: Uint8Array, padding = 0): Buffer {
  const type = Buffer.alloc(2);
  type.writeUInt16BE(header.type);
  const frame = Buffer.concat([macOctets(header.destination), macOctets(header.source), type, payload]);
  return frame.length >= 60 ? frame : Buffer.concat([frame, Buffer.alloc(60 - frame.length, padding)]);
}

export function emitArp(packet: Omit<ArpPacket, 'kind' | 'ethernet'>): Buffer {
  const octets = Buffer.alloc(28);
  octets.writeUInt16BE(1, 0);
  octets.writeUInt16BE(IPV4, 2);
  octets[4] = 6;
  octets[5] = 4;
  octets.writeUInt16BE(packet.opcode, 6);
  macOctets(packet.senderMac).copy(octets, 8);
  octets.writeUInt32BE(packet.senderIp, 14);
  macOctets(packet.targetMac).copy(octets, 18);
  octets.writeUInt32BE(packet.targetIp, 24);
  return octets;
}

/** What a test may say of an IPv4 header; the rest is as it should be. */
export interface Ipv4Fields {
  source: number;
  destination: number;
  protocol: number;
  tos?: number;
  ttl?: number;
  id?: number;
  /** DF, MF and fragment offset as they lie in the header; default: DF. */
  fragment?: number;
  version?: number;
  /** In words of 32 bits, where it is to be wrong. */
  headerLen?: number;
  totalLen?: number;
  options?: number[];
  /** Added to the right checksum. */
  checksumError?: number;
}

export function emitIpv4(fields: Ipv4Fields, payload: Uint8Array): Buffer {
  const options = Buffer.from(fields.options ?? []);
  assert.equal(options.length % 4, 0, 'IP options come in words');
  const header = Buffer.concat([Buffer.alloc(20), options]);
  header[0] = ((fields.version ?? 4) << 4) | (fields.headerLen ?? header.length / 4);
  header[1] = fields.tos ?? 0;
  header.writeUInt16BE(fields.totalLen ?? header.length + payload.length, 2);
  header.writeUInt16BE(fields.id ?? 0, 4);
  header.writeUInt16BE(fields.fragment ?? 0x4000, 6);
  header[8] = fields.ttl ?? 64;
  header[9] = fields.protocol;
  header.writeUInt32BE(fields.source >>> 0, 12);
  header.writeUInt32BE(fields.destination >>> 0, 16);
  header.writeUInt16BE((checksum(header) + (fields.checksumError ?? 0)) & 0xffff, 10);
  return Buffer.concat([header, payload]);
}

/** `checksumError` is added to the right checksum. */
export function emitIcmp(
  type: number,
  code: number,
  rest: number,
  data: Uint8Array,
  checksumError = 0,
): Buffer {
  const header = Buffer.alloc(8);
  header[0] = type;
  header[1] = code;
  header.writeUInt32BE(rest >>> 0, 4);
  header.writeUInt16BE((checksum(header, data) + checksumError) & 0xffff, 2);
  return Buffer.concat([header, data]);
}

export interface TcpFields {
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  flags: string;
  win: number;
  up?: number;
  /** Whole options, filled up with zeroes to a word. */
  options?: number[];
  text?: string;
  /** In words of 32 bits, where it is to be wrong. */
  headerLen?: number;
  /** The three bits after the header's length, RFC 9293 §3.1 "reserved", and one more. */
  reserved?: number;
  /** Added to the right checksum. */
  checksumError?: number;
}

/** `addresses`: source and destination of the pseudo-header. */
export function emitTcp(fields: TcpFields, addresses: { source: number; destination: number }): Buffer {
  const given = fields.options ?? [];
  const options = Buffer.alloc(Math.ceil(given.length / 4) * 4);
  options.set(given);
  const header = Buffer.concat([Buffer.alloc(20), options]);
  header.writeUInt16BE(fields.srcPort, 0);
  header.writeUInt16BE(fields.dstPort, 2);
  header.writeUInt32BE(fields.seq >>> 0, 4);
  header.writeUInt32BE(fields.ack >>> 0, 8);
  header[12] = ((fields.headerLen ?? header.length / 4) << 4) | (fields.reserved ?? 0);
  header[13] = [...fields.flags].reduce((bits, letter) => bits | (1 << CONTROL.indexOf(letter)), 0);
  header.writeUInt16BE(fields.win, 14);
  header.writeUInt16BE(fields.up ?? 0, 18);
  const text = Buffer.from(fields.text ?? '', 'latin1');
  const pseudo = pseudoHeader(
    addresses.source >>> 0,
    addresses.destination >>> 0,
    header.length + text.length,
  );
  header.writeUInt16BE((checksum(pseudo, header, text) + (fields.checksumError ?? 0)) & 0xffff, 16);
  return Buffer.concat([header, text]);
}

/** Read a frame of the stack. Throws when anything about it is not as its RFC wants it. */
export function parse(frame: Buffer): Packet {
  assert.ok(frame.length >= 60 && frame.length <= 1514, `a frame of ${frame.length} octets`);
  const ethernet: Ethernet = {
    destination: macText(frame.subarray(0, 6)),
    source: macText(frame.subarray(6, 12)),
    type: frame.readUInt16BE(12),
  };
  const payload = frame.subarray(14);
  if (ethernet.type === ARP) return parseArp(ethernet, payload);
  assert.equal(ethernet.type, IPV4, 'EtherType');
  return parseIpv4(ethernet, payload);
}

function assertPadding(octets: Buffer): void {
  assert.ok(
    octets.every((octet) => octet === 0),
    'padding is zero',
  );
}

function parseArp(ethernet: Ethernet, octets: Buffer): ArpPacket {
  assert.equal(octets.subarray(0, 6).toString('hex'), '000108000604', 'ARP of IPv4 on Ethernet');
  assertPadding(octets.subarray(28));
  return {
    kind: 'arp',
    ethernet,
    opcode: octets.readUInt16BE(6),
    senderMac: macText(octets.subarray(8, 14)),
    senderIp: octets.readUInt32BE(14),
    targetMac: macText(octets.subarray(18, 24)),
    targetIp: octets.readUInt32BE(24),
  };
}

function parseIpv4(ethernet: Ethernet, payload: Buffer): IcmpMessage | TcpSegment {
  assert.equal(payload[0], 0x45, 'IP version 4, a header of five words');
  const totalLen = payload.readUInt16BE(2);
  assert.ok(totalLen >= 20 && totalLen <= payload.length, `total length ${totalLen} of ${payload.length}`);
  const octets = Buffer.from(payload.subarray(0, totalLen));
  assertPadding(payload.subarray(totalLen));
  assert.equal(checksum(octets.subarray(0, 20)), 0, 'IP checksum');
  assert.equal(octets.readUInt16BE(6), 0x4000, 'DF, no fragment');
  assert.notEqual(octets[8], 0, 'TTL of 0 is never sent');
  const datagram: Datagram = {
    ethernet,
    tos: octets[1]!,
    ttl: octets[8]!,
    protocol: octets[9]!,
    source: octets.readUInt32BE(12),
    destination: octets.readUInt32BE(16),
    octets,
  };
  if (datagram.protocol === ICMP) return parseIcmp(datagram, octets.subarray(20));
  assert.equal(datagram.protocol, TCP, 'protocol');
  return parseTcp(datagram, octets.subarray(20));
}

function parseIcmp(datagram: Datagram, octets: Buffer): IcmpMessage {
  assert.ok(octets.length >= 8, 'an ICMP header has eight octets');
  assert.equal(checksum(octets), 0, 'ICMP checksum');
  const [type, code] = octets as unknown as [number, number];
  return { kind: 'icmp', ...datagram, type, code, rest: octets.readUInt32BE(4), data: octets.subarray(8) };
}

function parseTcp(datagram: Datagram, octets: Buffer): TcpSegment {
  assert.ok(octets.length >= 20, 'a TCP header has twenty octets');
  assert.equal(
    checksum(pseudoHeader(datagram.source, datagram.destination, octets.length), octets),
    0,
    'MUST-2: TCP checksum',
  );
  const headerLen = (octets[12]! >>> 4) * 4;
  assert.ok(headerLen >= 20 && headerLen <= octets.length, `TCP header length ${headerLen}`);
  assert.equal(octets[12]! & 0x0f, 0, 'reserved bits');
  const segment: TcpSegment = {
    kind: 'tcp',
    ...datagram,
    srcPort: octets.readUInt16BE(0),
    dstPort: octets.readUInt16BE(2),
    seq: octets.readUInt32BE(4),
    ack: octets.readUInt32BE(8),
    flags: sortFlags([...CONTROL].filter((_, bit) => octets[13]! & (1 << bit)).join('')),
    win: octets.readUInt16BE(14),
    up: octets.readUInt16BE(18),
    options: octets.subarray(20, headerLen),
    text: octets.subarray(headerLen).toString('latin1'),
  };
  assertOptions(segment);
  if (!segment.flags.includes('A')) assert.equal(segment.ack, 0, 'no ACK, no acknowledgment number');
  if (!segment.flags.includes('U')) assert.equal(segment.up, 0, 'no URG, no urgent pointer');
  return segment;
}

/** MSS, window scale, SACK-permitted, timestamps, user timeout; outside of SYNs SACK with one to four blocks. */
const SYN_OPTIONS = /^(2: 4|3: 3|4: 2|8: 10|28: 4)$/;
const OTHER_OPTIONS = /^(5: (10|18|26|34)|8: 10|28: 4)$/;

/** MUST-65, MUST-68, MUST-69: the MSS, in SYNs only; a length for every option; after the end nothing but zeroes. */
function assertOptions({ options, flags }: TcpSegment): void {
  let i = 0;
  while (i < options.length) {
    const kind = options[i]!;
    if (kind === 0) {
      assertPadding(options.subarray(i));
      return;
    }
    if (kind === 1) {
      i++;
      continue;
    }
    const len = options[i + 1] ?? 0;
    assert.match(`${kind}: ${len}`, flags.includes('S') ? SYN_OPTIONS : OTHER_OPTIONS, 'kind and length');
    i += len;
  }
  assert.equal(i, options.length, 'the options end with the header');
}
