// SPDX-License-Identifier: MIT
// Packets of a script: `< S 0:0(0) win 32792 <mss 1000,sackOK>`, `> [ect0] P. 1:1001(1000) ack 1`,
// `< icmp unreachable frag_needed mtu 1400 [1:1001(1000)]`.

import { icmpCode, icmpType } from './icmp-names.ts';
import type { Scanner } from './scanner.ts';
import type { Direction, Ecn, IcmpPacket, IpInfo, TcpOption, TcpPacket, Unsupported } from './syntax.ts';

const ECN = ['noecn', 'ect01', 'ect0', 'ect1', 'ce'];
const RANGE = /(\d+)\s*:\s*(\d+)\s*\(\s*(\d+)\s*\)/y;
/** What may stand in place of the flags and is not TCP over IPv4 or its ICMP. */
const FOREIGN = /(udp|sctp|icmpv6|ipv4|ipv6|gre|mpls|esp|psp|vxlan|addr)\b/y;
/** A line that may begin an event, after one that could not be read to its end. */
const NEXT_LINE = /[ \t]*(?:[+*`]|\d|\.\d|%\{|--|\/[/*]|\r?\n|$)/y;
const LIMIT = 2 ** 32;

export function parsePacket(scanner: Scanner): TcpPacket | IcmpPacket | Unsupported {
  const direction: Direction = scanner.take(/</y) ? 'in' : 'out';
  if (direction === 'out') scanner.expect(/>/y, '< or >');
  // An older form has the segment that an ICMP error quotes before the error.
  const quoted = scanner.take(/\[(?=\s*\d)/y) && parseRange(scanner);
  if (quoted !== undefined) scanner.expect(/\](?=\s*icmp\b)/y, '] and icmp after the quoted segment');
  const ip = parseIpInfo(scanner);
  const foreign = scanner.take(FOREIGN)?.[0];
  if (foreign !== undefined) {
    passOver(scanner);
    return { kind: 'unsupported', text: `${foreign} packets` };
  }
  if (!scanner.take(/icmp\b/y)) return parseTcp(scanner, direction, ip);
  const icmp = parseIcmp(scanner, direction, ip);
  return icmp.kind === 'icmp' && quoted !== undefined ? { ...icmp, quoted } : icmp;
}

function passOver(scanner: Scanner): void {
  do scanner.line();
  while (scanner.take(/\n/y) === undefined && !scanner.isAtEnd && !scanner.sees(NEXT_LINE));
}

function parseIpInfo(scanner: Scanner): IpInfo {
  const info: IpInfo = {};
  const open = scanner.take(/[[(]/y)?.[0];
  if (open === undefined) return info;
  do {
    const [item] = scanner.expect(/[a-z]\w*/y, `one of ${ECN.join(', ')}, ttl N, tos N, port N`);
    if (ECN.includes(item)) info.ecn = item as Ecn;
    else if (item === 'ttl' || item === 'hlim') info.ttl = numberAfter(scanner, item);
    else if (item === 'tos' || item === 'tclass') info.tos = numberAfter(scanner, item);
    else if (item === 'port') info.port = numberAfter(scanner, item);
    else if (item === 'flowlabel') numberAfter(scanner, item);
    else scanner.fail(`expected one of ${ECN.join(', ')}, ttl N, tos N, port N before here, not "${item}"`);
  } while (scanner.take(/,/y));
  scanner.expect(open === '[' ? /\]/y : /\)/y, open === '[' ? ', or ]' : ', or )');
  return info;
}

function parseTcp(scanner: Scanner, direction: Direction, ip: IpInfo): TcpPacket | Unsupported {
  const place = scanner.here();
  const flags = scanner.expect(
    /[A-Za-z0-9.-]+(?=\s)/y,
    'flags: letters of FSRPUEWC, . for ACK, - for none',
  )[0];
  if (/[A0-9]/.test(flags) && /^[FSRPUEWCA.0-9]+$/.test(flags)) {
    passOver(scanner);
    return { kind: 'unsupported', text: 'the ACE field of AccECN' };
  }
  if (!/^(-|[FSRPUEWC.]+)$/.test(flags)) {
    scanner.fail(`expected flags, letters of FSRPUEWC, . for ACK or - for none, before here, not ${place}`);
  }
  const { seq, length } = parseRange(scanner);
  const packet: TcpPacket = {
    ...{ kind: 'tcp', direction, ip, flags: flags.replace('C', 'W'), seq, length },
    ...{ ack: undefined, win: undefined, urg: undefined, options: undefined },
  };
  for (let word; (word = scanner.take(/(ack|win|urg)\b/y)?.[0]) !== undefined;) {
    packet[word as 'ack' | 'win' | 'urg'] = numberAfter(scanner, word);
  }
  if (scanner.take(/</y)) {
    if (scanner.take(/\.\.\.\s*>/y)) packet.options = 'any';
    else packet.options = parseOptions(scanner);
  }
  if (direction === 'in') checkInbound(scanner, packet);
  return packet;
}

function checkInbound(scanner: Scanner, { win, options }: TcpPacket): void {
  if (win === undefined) scanner.fail('expected win N: a packet that comes in has a window');
  if (options === 'any') scanner.fail('expected the options of a packet that comes in, not <...>');
  const isOpen = options?.some((option) => Object.values(option).includes(undefined));
  if (isOpen) scanner.fail('expected numbers in the options of a packet that comes in, not ...');
}

function parseRange(scanner: Scanner): { seq: number; length: number } {
  const [, first, last, given] = scanner.expect(RANGE, 'sequence numbers as 1:1001(1000)');
  const [seq, end, length] = [Number(first), Number(last), Number(given)];
  if (seq >= LIMIT || end >= LIMIT) scanner.fail('expected sequence numbers below 2^32');
  if ((seq + length) % LIMIT !== end) {
    scanner.fail(
      `expected ${seq}:${(seq + length) % LIMIT}(${length}): the end is the beginning and the length`,
    );
  }
  return { seq, length };
}

function numberAfter(scanner: Scanner, word: string): number {
  return Number(scanner.expect(/0x[0-9a-fA-F]+|\d+/y, `a number after ${word}`)[0]);
}

function parseOptions(scanner: Scanner): TcpOption[] {
  const options: TcpOption[] = [];
  if (scanner.take(/>/y)) return options;
  do options.push(parseOption(scanner));
  while (scanner.take(/,/y));
  scanner.expect(/>/y, ', or > in the options');
  return options;
}

/** A number, or `...` for any. */
function value(scanner: Scanner, word: string): number | undefined {
  return scanner.take(/\.\.\./y) ? undefined : numberAfter(scanner, word);
}

function parseOption(scanner: Scanner): TcpOption {
  const [word] = scanner.expect(
    /[a-zA-Z][\w-]*/y,
    'an option: mss N, wscale N, sackOK, sack A:B, TS val N ecr N',
  );
  switch (word) {
    case 'nop':
    case 'eol':
    case 'sackOK':
      return { kind: word };
    case 'mss':
    case 'wscale':
      return { kind: word, value: value(scanner, word) };
    case 'TS': {
      scanner.expect(/val\b/y, 'val after TS');
      const val = value(scanner, 'val');
      scanner.expect(/ecr\b/y, 'ecr after the value');
      return { kind: 'TS', val, ecr: value(scanner, 'ecr') };
    }
    case 'sack': {
      const blocks = [];
      for (let block; (block = scanner.take(/(\d+)\s*:\s*(\d+)/y)) !== undefined;) {
        blocks.push({ left: Number(block[1]), right: Number(block[2]) });
      }
      if (blocks.length === 0) scanner.fail('expected the blocks of sack as 1001:2001');
      return { kind: 'sack', blocks };
    }
    default: {
      const rest = scanner.take(/[^,>]*/y)?.[0] ?? '';
      return { kind: 'other', text: `${word} ${rest}`.trim() };
    }
  }
}

function parseIcmp(scanner: Scanner, direction: Direction, ip: IpInfo): IcmpPacket | Unsupported {
  const [typeName] = scanner.expect(/[a-z]\w*/y, 'the type of the ICMP message, such as unreachable');
  const type = icmpType(typeName);
  if (type === undefined) scanner.fail(`expected a type of ICMP message before here, not "${typeName}"`);
  const packet: IcmpPacket = {
    kind: 'icmp',
    direction,
    ip,
    type,
    code: 0,
    mtu: undefined,
    quoted: undefined,
  };
  const codeName = scanner.take(/(?!mtu\b)[a-z]\w*/y)?.[0];
  if (codeName !== undefined) {
    const code = icmpCode(type, codeName);
    if (code === undefined) scanner.fail(`expected a code of ${typeName} before here, not "${codeName}"`);
    packet.code = code;
  }
  for (;;) {
    if (scanner.take(/mtu\b/y)) packet.mtu = numberAfter(scanner, 'mtu');
    else if (scanner.take(/\[/y)) {
      const foreign = scanner.take(/(udp|sctp|raw|ipv6)\b/y)?.[0];
      if (foreign !== undefined) {
        scanner.until(']', 'a quoted packet');
        return { kind: 'unsupported', text: `ICMP about ${foreign}` };
      }
      scanner.take(/[FSRPUEWC.]+(?=\s)/y);
      packet.quoted = parseRange(scanner);
      scanner.expect(/\]/y, '] after the quoted segment');
    } else return packet;
  }
}
