// SPDX-License-Identifier: MIT
// A packet that the stack has sent, as the runner keeps it until the script asks for it, and how packets look in the
// language of the scripts.

import { decode } from '../view/decode.ts';
import type { Icmp, Tcp, TcpOptions } from '../view/decode.ts';
import { FLAG_BITS } from './emit.ts';
import type { Flow } from './flow.ts';
import { icmpText } from './icmp-names.ts';
import type { Ecn, IcmpPacket, TcpOption, TcpPacket } from './syntax.ts';

interface HeardBase {
  /** Microseconds since the script began. */
  at: number;
  tos: number;
  ttl: number;
}

export interface HeardTcp extends HeardBase {
  kind: 'tcp';
  tcp: Tcp;
  flow: Flow;
  /** Of the segment before it on its connection. */
  previous: { ack: number; window: number } | undefined;
}

export interface HeardIcmp extends HeardBase {
  kind: 'icmp';
  icmp: Icmp;
}

export interface HeardOther extends HeardBase {
  kind: 'other';
  text: string;
}

export type Heard = HeardTcp | HeardIcmp | HeardOther;

const ECN_BITS: Readonly<Record<Exclude<Ecn, 'ect01'>, number>> = { noecn: 0, ect1: 1, ect0: 2, ce: 3 };
const ECN_NAMES: readonly Ecn[] = ['noecn', 'ect1', 'ect0', 'ce'];

export function ecnBits(ecn: Ecn | undefined): number {
  return ecn === undefined ? 0 : ecn === 'ect01' ? 2 : ECN_BITS[ecn];
}

export function ecnName(tos: number): Ecn {
  return ECN_NAMES[tos & 3]!;
}

/** Take a frame of the stack apart. `flowOf` finds the connection by its ports. */
export function hear(
  frame: Uint8Array,
  at: number,
  flowOf: (localPort: number, remotePort: number) => Flow,
): Heard {
  const { ip, tcp, icmp, problem } = decode(frame);
  const base = { at, tos: frame[15] ?? 0, ttl: ip?.ttl ?? 0 };
  if (problem !== undefined)
    return { kind: 'other', ...base, text: `a frame that is not in order: ${problem}` };
  if (tcp !== undefined) {
    const flow = flowOf(tcp.sourcePort, tcp.destinationPort);
    const { lastAck, lastWindow } = flow;
    const previous = lastAck === undefined ? undefined : { ack: lastAck, window: lastWindow ?? 0 };
    return { kind: 'tcp', ...base, tcp, flow, previous };
  }
  if (icmp !== undefined) return { kind: 'icmp', ...base, icmp };
  return { kind: 'other', ...base, text: 'a frame that is neither TCP nor ICMP' };
}

/** Control bits as the letters of a script, in its usual order. */
export function flagLetters(bits: number): string {
  const letters = ['S', 'F', 'R', 'P', 'U', 'E', 'W', '.'].filter((letter) => bits & FLAG_BITS[letter]!);
  return letters.join('') || '-';
}

/** The letters in the order of `flagLetters`. */
export function sortedFlags(flags: string): string {
  return flagLetters([...flags].reduce((bits, letter) => bits | (FLAG_BITS[letter] ?? 0), 0));
}

export function rangeText(seq: number, length: number): string {
  return `${seq}:${(seq + length) % 2 ** 32}(${length})`;
}

/** Options of a real segment in the shape of a script's; numbers stay live. */
export function optionsOf(options: TcpOptions): TcpOption[] {
  const list: TcpOption[] = [];
  if (options.mss !== undefined) list.push({ kind: 'mss', value: options.mss });
  if (options.sackPermitted) list.push({ kind: 'sackOK' });
  if (options.timestamps) {
    list.push({ kind: 'TS', val: options.timestamps.value, ecr: options.timestamps.echo });
  }
  if (options.windowScale !== undefined) list.push({ kind: 'wscale', value: options.windowScale });
  if (options.sack) list.push({ kind: 'sack', blocks: options.sack });
  for (const kind of options.others ?? []) list.push({ kind: 'other', text: `option ${kind}` });
  return list;
}

export function optionText(option: TcpOption): string {
  const number = (value: number | undefined): string => (value === undefined ? '...' : String(value));
  switch (option.kind) {
    case 'mss':
    case 'wscale':
      return `${option.kind} ${number(option.value)}`;
    case 'TS':
      return `TS val ${number(option.val)} ecr ${number(option.ecr)}`;
    case 'sack':
      return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(' ')}`;
    case 'other':
      return option.text;
    default:
      return option.kind;
  }
}

/** A packet of the script in one line. */
export function packetText(packet: TcpPacket | IcmpPacket): string {
  const ip = Object.entries<string | number>({ ...packet.ip }).map(([name, value]) =>
    name === 'ecn' ? value : `${name} ${value}`,
  );
  const prefix = `${packet.direction === 'in' ? '<' : '>'}${ip.length > 0 ? ` [${ip.join(', ')}]` : ''}`;
  if (packet.kind === 'icmp') {
    const mtu = packet.mtu === undefined ? '' : ` mtu ${packet.mtu}`;
    const quoted = packet.quoted;
    const quote = quoted === undefined ? '' : ` [${rangeText(quoted.seq, quoted.length)}]`;
    return `${prefix} icmp ${icmpText(packet.type, packet.code)}${mtu}${quote}`;
  }
  const words = [prefix, packet.flags, rangeText(packet.seq, packet.length)];
  if (packet.ack !== undefined) words.push(`ack ${packet.ack}`);
  if (packet.win !== undefined) words.push(`win ${packet.win}`);
  if (packet.urg !== undefined) words.push(`urg ${packet.urg}`);
  if (packet.options === 'any') words.push('<...>');
  else if (packet.options !== undefined) words.push(`<${packet.options.map(optionText).join(',')}>`);
  return words.join(' ');
}

/** What the stack sent, in one line, with the script's numbers. */
export function heardText(heard: Heard): string {
  if (heard.kind === 'other') return heard.text;
  if (heard.kind === 'icmp') return `> icmp ${icmpText(heard.icmp.type, heard.icmp.code)}`;
  const { tcp, flow } = heard;
  const options = optionsOf(tcp.options);
  return packetText({
    ...{
      kind: 'tcp',
      direction: 'out',
      ip: tcp.flags & 0x40 || heard.tos & 3 ? { ecn: ecnName(heard.tos) } : {},
    },
    ...{ flags: flagLetters(tcp.flags), seq: flow.toScript(tcp.seq), length: tcp.payload.length },
    ack: tcp.flags & FLAG_BITS['.']! ? tcp.ack : undefined,
    ...{ win: tcp.window, urg: tcp.flags & FLAG_BITS.U! ? tcp.urgentPointer : undefined },
    options: options.length > 0 ? options : undefined,
  });
}
