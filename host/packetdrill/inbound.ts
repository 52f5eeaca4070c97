// SPDX-License-Identifier: MIT
// Packets of the script as frames that arrive: numbers of the stack are turned into live ones. A packet that is longer
// than Ethernet carries is cut, as a peer with a smaller MSS would have sent it. Where timestamps are agreed on and the
// script's packet has none, one is added unless in strict mode: RFC 7323 §3.2 has the stack drop what comes without.

import { icmpMessage, ICMP, ipv4Datagram, ipv4Frame, optionOctets, TCP, tcpSegment } from './emit.ts';
import type { TcpFields } from './emit.ts';
import { streamOctets } from './flow.ts';
import type { Flow } from './flow.ts';
import { ecnBits } from './heard.ts';
import { REMOTE } from './subject.ts';
import type { Subject } from './subject.ts';
import type { IcmpPacket, IpInfo, TcpOption, TcpPacket } from './syntax.ts';

/** Octets of text in the longest segment that Ethernet carries, with options. */
const LONGEST = 1460;
const TTL = 64;

/** What goes to the stack. */
interface Addressee {
  subject: Subject;
  flow: Flow;
}

function ipFields({ subject }: Addressee, ip: IpInfo, protocol: number): Parameters<typeof ipv4Frame>[1] {
  const tos = (ip.tos ?? 0) | ecnBits(ip.ecn);
  return { source: REMOTE.address, destination: subject.address, protocol, tos, ttl: ip.ttl ?? TTL };
}

/** The frames of a segment, more than one when it is longer than `cut`. */
export function tcpFrames(
  to: Addressee,
  packet: TcpPacket,
  rules: { strict: boolean; cut: number | undefined },
): Uint8Array[] {
  const { subject, flow } = to;
  const options = liveOptions(packet, flow, rules.strict);
  const octets = optionOctets(options);
  const cut = Math.min(rules.cut ?? LONGEST, LONGEST - Math.ceil(octets.length / 4) * 4);
  note(packet, options, flow);
  const ip = ipFields(to, packet.ip, TCP);
  const frames: Uint8Array[] = [];
  const isCut = packet.length > LONGEST - Math.ceil(octets.length / 4) * 4;
  for (let from = 0; from === 0 || from < packet.length; from += cut) {
    const length = isCut ? Math.min(cut, packet.length - from) : packet.length;
    const isLast = from + length === packet.length;
    const seq = (packet.seq + from) >>> 0;
    const firstOctet = seq + (packet.flags.includes('S') ? 1 : 0);
    const fields: TcpFields = {
      ...{ sourcePort: flow.remotePort, destinationPort: flow.localPort, seq, options: octets },
      ack: packet.ack === undefined ? 0 : flow.toLive(packet.ack),
      flags: isLast ? packet.flags : packet.flags.replace(/[PF]/g, ''),
      ...{ win: packet.win ?? 0, urg: packet.urg ?? 0 },
      text: streamOctets(flow.remotePosition(firstOctet), length),
    };
    frames.push(ipv4Frame({ to: subject.mac, from: REMOTE.mac }, ip, tcpSegment(fields, ip)));
    if (!isCut) break;
  }
  return frames;
}

function note({ flags, seq, ack }: TcpPacket, options: readonly TcpOption[], flow: Flow): void {
  const stamp = options.find((option) => option.kind === 'TS');
  const scale = options.find((option) => option.kind === 'wscale');
  flow.noteReceived({
    ...{ flags, seq, ack: ack === undefined ? 0 : flow.toLive(ack) },
    ...(stamp?.val === undefined ? {} : { timestamp: stamp.val }),
    ...(scale?.value === undefined ? {} : { scale: scale.value }),
  });
  for (const option of options) if (option.kind === 'sack') flow.noteSack(option.blocks);
}

/** The options with live numbers. */
function liveOptions({ flags, options }: TcpPacket, flow: Flow, strict: boolean): TcpOption[] {
  const given = options === undefined || options === 'any' ? [] : options;
  const live = given.map((option): TcpOption => {
    if (option.kind === 'sack') {
      const block = ({ left, right }: { left: number; right: number }): { left: number; right: number } => ({
        left: flow.toLive(left),
        right: flow.toLive(right),
      });
      return { kind: 'sack', blocks: option.blocks.map(block) };
    }
    if (option.kind !== 'TS') return option;
    const isAnswer = flags.includes('.');
    const ecr = isAnswer && option.ecr !== undefined ? flow.liveTimestamp(option.ecr) : (option.ecr ?? 0);
    return { kind: 'TS', val: option.val, ecr };
  });
  const lacksTimestamp =
    flow.hasTimestamps && !/[SR]/.test(flags) && !given.some(({ kind }) => kind === 'TS');
  if (strict || !lacksTimestamp) return live;
  const stamp: TcpOption = { kind: 'TS', val: flow.lastRemoteTimestamp, ecr: flow.lastLiveTimestamp };
  return [{ kind: 'nop' }, { kind: 'nop' }, stamp, ...live];
}

/** An ICMP message; an error quotes the header of a segment of the stack. */
export function icmpFrame(to: Addressee, packet: IcmpPacket): Uint8Array {
  const { subject, flow } = to;
  const { type, code, mtu, quoted } = packet;
  const isError = [3, 4, 5, 11, 12].includes(type);
  const data = isError ? quote(to, flow.toLive(quoted?.seq ?? 0), quoted?.length ?? 0) : Buffer.alloc(8);
  const message = icmpMessage(type, code, mtu ?? 0, data);
  return ipv4Frame({ to: subject.mac, from: REMOTE.mac }, ipFields(to, packet.ip, ICMP), message);
}

/** IP header and the first 8 octets, RFC 792, of what the stack sent. */
function quote({ subject, flow }: Addressee, seq: number, length: number): Buffer {
  const ip = { source: subject.address, destination: REMOTE.address, protocol: TCP, tos: 0, ttl: TTL };
  const ports = { sourcePort: flow.localPort, destinationPort: flow.remotePort };
  const rest = { ack: 0, flags: '.', win: 0, urg: 0, options: Buffer.of(), text: Buffer.alloc(length) };
  const datagram = ipv4Datagram(ip, tcpSegment({ ...ports, seq, ...rest }, ip));
  return datagram.subarray(0, 28);
}
