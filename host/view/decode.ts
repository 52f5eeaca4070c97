// SPDX-License-Identifier: MIT
// A frame as a plain object, for those who only watch: Ethernet II, ARP (RFC 826), IPv4 (RFC 791), ICMP (RFC 792), UDP
// (RFC 768), TCP (RFC 9293 §3.1). Written apart from the module's parsers, so that two readings check each other. Takes
// any octets and never throws: a layer that does not hold what it promises is left out, and `problem` says why.

export interface Decoded {
  /** Octets of the frame, without FCS. */
  length: number;
  /** MAC addresses, `02:00:0a:00:00:02`. */
  source: string;
  destination: string;
  etherType: number;
  arp?: Arp;
  ip?: Ipv4;
  icmp?: Icmp;
  udp?: Udp;
  tcp?: Tcp;
  /** Why the frame is not in order, in a few words. */
  problem?: string;
}

export interface Arp {
  /** 1 request, 2 reply. */
  operation: number;
  senderMac: string;
  senderAddress: string;
  targetMac: string;
  targetAddress: string;
}

export interface Ipv4 {
  /** Dotted decimal. */
  source: string;
  destination: string;
  protocol: number;
  ttl: number;
  identification: number;
  /** Header and data, in octets. */
  totalLength: number;
  dontFragment: boolean;
  moreFragments: boolean;
  /** In octets. */
  fragmentOffset: number;
}

export interface Icmp {
  type: number;
  code: number;
  /** Of echo and its reply. */
  identifier?: number;
  sequence?: number;
  /** Octets after the 8 of the header. */
  dataLength: number;
  /** The packet an error speaks of. */
  quoted?: {
    protocol: number;
    source: string;
    destination: string;
    sourcePort: number;
    destinationPort: number;
  };
}

export interface Udp {
  sourcePort: number;
  destinationPort: number;
  payload: Uint8Array;
}

export interface Tcp {
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  /** The control bits as they stand: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  flags: number;
  /** Unscaled. */
  window: number;
  urgentPointer: number;
  options: TcpOptions;
  payload: Uint8Array;
}

export interface TcpOptions {
  mss?: number;
  windowScale?: number;
  sackPermitted?: boolean;
  sack?: { left: number; right: number }[];
  timestamps?: { value: number; echo: number };
  /** Kinds that are not taken apart here. */
  others?: number[];
}

/** Control bits of TCP, RFC 9293 §3.1. */
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
export const URG = 32;

const ETHER_HEADER = 14;
const ETHER_IPV4 = 0x0800;
const ETHER_ARP = 0x0806;
const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;

/** In the order in which they are named. */
const FLAG_NAMES: readonly [number, string][] = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [PSH, 'PSH'],
  [URG, 'URG'],
  [64, 'ECE'],
  [128, 'CWR'],
  [ACK, 'ACK'],
];

const UNREACHABLE = ['network', 'host', 'protocol', 'port', 'fragmentation needed,', 'source route'];

/** Take a frame apart. */
export function decode(frame: Uint8Array): Decoded {
  const view = viewOf(frame);
  if (frame.length < ETHER_HEADER) {
    const none = { source: '', destination: '', etherType: 0 };
    return { length: frame.length, ...none, problem: 'shorter than an Ethernet header' };
  }
  const decoded: Decoded = {
    length: frame.length,
    source: mac(frame, 6),
    destination: mac(frame, 0),
    etherType: view.getUint16(12),
  };
  const body = frame.subarray(ETHER_HEADER);
  if (decoded.etherType === ETHER_ARP) decodeArp(decoded, body);
  else if (decoded.etherType === ETHER_IPV4) decodeIpv4(decoded, body);
  return decoded;
}

/** The names of control bits, `SYN,ACK`; `none` when there are none. */
export function flagNames(flags: number): string {
  const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return names.join(',') || 'none';
}

/** TCP options as text: `mss=1460`, `wscale=7`, `sackOK`, `sack=1:5`, `ts=1/2`. `base` is taken off SACK numbers. */
export function optionNames(options: TcpOptions, base = 0): string[] {
  const names: string[] = [];
  if (options.mss !== undefined) names.push(`mss=${options.mss}`);
  if (options.windowScale !== undefined) names.push(`wscale=${options.windowScale}`);
  if (options.sackPermitted) names.push('sackOK');
  for (const { left, right } of options.sack ?? []) {
    names.push(`sack=${(left - base) >>> 0}:${(right - base) >>> 0}`);
  }
  if (options.timestamps) names.push(`ts=${options.timestamps.value}/${options.timestamps.echo}`);
  for (const kind of options.others ?? []) names.push(`option=${kind}`);
  return names;
}

/** The frame in one line. */
export function describe(decoded: Decoded): string {
  const { problem } = decoded;
  return problem === undefined ? contents(decoded) : `${contents(decoded)} (${problem})`;
}

function contents({ arp, ip, icmp, udp, tcp, etherType, length, source }: Decoded): string {
  if (arp) return describeArp(arp);
  if (!ip) {
    if (length < ETHER_HEADER) return `frame of ${length} octets`;
    return `type 0x${etherType.toString(16).padStart(4, '0')} from ${source}, ${length} octets`;
  }
  if (ip.moreFragments || ip.fragmentOffset > 0) {
    const more = ip.moreFragments ? ', more follow' : '';
    return `IPv4 ${ip.source} > ${ip.destination} fragment at ${ip.fragmentOffset}${more}`;
  }
  if (icmp) return `ICMP ${ip.source} > ${ip.destination} ${describeIcmp(icmp)}`;
  if (udp) {
    const { sourcePort, destinationPort, payload } = udp;
    return `UDP ${ip.source}:${sourcePort} > ${ip.destination}:${destinationPort} len=${payload.length}`;
  }
  if (tcp) {
    const ends = `${ip.source}:${tcp.sourcePort} > ${ip.destination}:${tcp.destinationPort}`;
    const options = optionNames(tcp.options);
    const fields = [`TCP ${ends} ${flagNames(tcp.flags)} seq=${tcp.seq}`];
    if (tcp.flags & ACK) fields.push(`ack=${tcp.ack}`);
    if (tcp.payload.length > 0) fields.push(`len=${tcp.payload.length}`);
    fields.push(`win=${tcp.window}`);
    if (tcp.flags & URG) fields.push(`urg=${tcp.urgentPointer}`);
    if (options.length > 0) fields.push(`<${options.join(' ')}>`);
    return fields.join(' ');
  }
  return `IPv4 ${ip.source} > ${ip.destination} protocol ${ip.protocol}, ${ip.totalLength} octets`;
}

/** An ARP packet in one line; probes and announcements as RFC 5227 §1.1 calls them. */
export function describeArp({ operation, senderMac, senderAddress, targetAddress }: Arp): string {
  if (operation === 1 && senderAddress === '0.0.0.0') return `ARP probe: has anyone ${targetAddress}?`;
  if (senderAddress === targetAddress) return `ARP announcement: ${senderAddress} is at ${senderMac}`;
  if (operation === 1) return `ARP who has ${targetAddress}? tell ${senderAddress}`;
  if (operation === 2) return `ARP ${senderAddress} is at ${senderMac}`;
  return `ARP operation ${operation}`;
}

/** An ICMP message in a few words. */
export function describeIcmp(icmp: Icmp): string {
  const { type, code, identifier, sequence, dataLength, quoted } = icmp;
  const about = quoted === undefined ? '' : ` for ${describeQuoted(quoted)}`;
  switch (type) {
    case 0:
      return `echo reply id=${identifier} seq=${sequence} len=${dataLength}`;
    case 8:
      return `echo request id=${identifier} seq=${sequence} len=${dataLength}`;
    case 3:
      return `${UNREACHABLE[code] ?? `code ${code}`} unreachable${about}`;
    case 11:
      return `time exceeded${about}`;
    case 12:
      return `parameter problem${about}`;
    default:
      return `type ${type} code ${code}`;
  }
}

function describeQuoted({
  protocol,
  source,
  destination,
  sourcePort,
  destinationPort,
}: NonNullable<Icmp['quoted']>) {
  const names: Record<number, string> = { [PROTOCOL_TCP]: 'TCP', [PROTOCOL_UDP]: 'UDP' };
  const name = names[protocol];
  if (name === undefined) return `protocol ${protocol} ${source} > ${destination}`;
  return `${name} ${source}:${sourcePort} > ${destination}:${destinationPort}`;
}

function decodeArp(decoded: Decoded, body: Uint8Array): void {
  const view = viewOf(body);
  if (body.length < 28) decoded.problem = 'ARP cut short';
  else if (view.getUint32(0) !== 0x0001_0800 || view.getUint16(4) !== 0x0604) {
    decoded.problem = 'ARP for other than IPv4 on Ethernet';
  } else {
    decoded.arp = {
      operation: view.getUint16(6),
      senderMac: mac(body, 8),
      senderAddress: address(body, 14),
      targetMac: mac(body, 18),
      targetAddress: address(body, 24),
    };
  }
}

function decodeIpv4(decoded: Decoded, body: Uint8Array): void {
  const view = viewOf(body);
  const headerLength = ((body[0] ?? 0) & 15) * 4;
  if (body.length < 20 || headerLength < 20 || body.length < headerLength) {
    decoded.problem = 'IPv4 header cut short';
    return;
  }
  if (body[0]! >> 4 !== 4) {
    decoded.problem = `IP version ${body[0]! >> 4}`;
    return;
  }
  const totalLength = view.getUint16(2);
  const fragment = view.getUint16(6);
  const ip: Ipv4 = {
    source: address(body, 12),
    destination: address(body, 16),
    protocol: body[9]!,
    ttl: body[8]!,
    identification: view.getUint16(4),
    totalLength,
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
  };
  decoded.ip = ip;
  if (sum(body.subarray(0, headerLength)) !== 0xffff) decoded.problem = 'bad IPv4 checksum';
  if (totalLength < headerLength || totalLength > body.length) {
    decoded.problem = 'IPv4 length does not fit the frame';
    return;
  }
  if (ip.moreFragments || ip.fragmentOffset > 0) return;
  const data = body.subarray(headerLength, totalLength);
  const pseudo = sum(body.subarray(12, 20)) + ip.protocol;
  if (ip.protocol === PROTOCOL_ICMP) decodeIcmp(decoded, data);
  else if (ip.protocol === PROTOCOL_UDP) decodeUdp(decoded, data, pseudo);
  else if (ip.protocol === PROTOCOL_TCP) decodeTcp(decoded, data, pseudo);
}

function decodeIcmp(decoded: Decoded, data: Uint8Array): void {
  if (data.length < 8) {
    decoded.problem = 'ICMP cut short';
    return;
  }
  const view = viewOf(data);
  const icmp: Icmp = { type: data[0]!, code: data[1]!, dataLength: data.length - 8 };
  if (icmp.type === 0 || icmp.type === 8) {
    icmp.identifier = view.getUint16(4);
    icmp.sequence = view.getUint16(6);
  } else {
    const quote = data.subarray(8);
    const portsAt = ((quote[0] ?? 0) & 15) * 4;
    if (portsAt >= 20 && quote.length >= portsAt + 4) {
      icmp.quoted = {
        protocol: quote[9]!,
        source: address(quote, 12),
        destination: address(quote, 16),
        sourcePort: viewOf(quote).getUint16(portsAt),
        destinationPort: viewOf(quote).getUint16(portsAt + 2),
      };
    }
  }
  decoded.icmp = icmp;
  if (sum(data) !== 0xffff) decoded.problem ??= 'bad ICMP checksum';
}

function decodeUdp(decoded: Decoded, data: Uint8Array, pseudo: number): void {
  const view = viewOf(data);
  if (data.length < 8 || view.getUint16(4) < 8 || view.getUint16(4) > data.length) {
    decoded.problem = 'UDP cut short';
    return;
  }
  const length = view.getUint16(4);
  const datagram = data.subarray(0, length);
  const payload = datagram.subarray(8);
  decoded.udp = { sourcePort: view.getUint16(0), destinationPort: view.getUint16(2), payload };
  if (view.getUint16(6) !== 0 && sum(datagram, pseudo + length) !== 0xffff)
    decoded.problem ??= 'bad UDP checksum';
}

function decodeTcp(decoded: Decoded, data: Uint8Array, pseudo: number): void {
  const view = viewOf(data);
  const headerLength = data.length < 20 ? 0 : (data[12]! >> 4) * 4;
  if (headerLength < 20 || headerLength > data.length) {
    decoded.problem = 'TCP header cut short';
    return;
  }
  decoded.tcp = {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: data[13]!,
    window: view.getUint16(14),
    urgentPointer: view.getUint16(18),
    options: {},
    payload: data.subarray(headerLength),
  };
  const options = parseOptions(data.subarray(20, headerLength));
  if (options === undefined) decoded.problem ??= 'malformed TCP options';
  else decoded.tcp.options = options;
  if (sum(data, pseudo + data.length) !== 0xffff) decoded.problem ??= 'bad TCP checksum';
}

/** Undefined when a length leads astray (RFC 9293 §3.2). */
function parseOptions(area: Uint8Array): TcpOptions | undefined {
  const view = viewOf(area);
  const options: TcpOptions = {};
  for (let at = 0; at < area.length;) {
    const kind = area[at]!;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = area[at + 1] ?? 0;
    if (length < 2 || at + length > area.length) return undefined;
    if (kind === 2 && length === 4) options.mss = view.getUint16(at + 2);
    else if (kind === 3 && length === 3) options.windowScale = area[at + 2]!;
    else if (kind === 4 && length === 2) options.sackPermitted = true;
    else if (kind === 5 && length % 8 === 2) {
      options.sack = [];
      for (let i = at + 2; i < at + length; i += 8) {
        options.sack.push({ left: view.getUint32(i), right: view.getUint32(i + 4) });
      }
    } else if (kind === 8 && length === 10) {
      options.timestamps = { value: view.getUint32(at + 2), echo: view.getUint32(at + 6) };
    } else (options.others ??= []).push(kind);
    at += length;
  }
  return options;
}

/** The one's complement sum of RFC 1071, from `start` on, folded to 16 bits; 0xffff over what bears a good checksum. */
function sum(octets: Uint8Array, start = 0): number {
  let total = start;
  for (let i = 0; i < octets.length; i++) total += i % 2 === 0 ? octets[i]! << 8 : octets[i]!;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return total;
}

function mac(octets: Uint8Array, at: number): string {
  return Array.from(octets.subarray(at, at + 6), (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

function address(octets: Uint8Array, at: number): string {
  return octets.subarray(at, at + 4).join('.');
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}
