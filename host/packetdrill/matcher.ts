// SPDX-License-Identifier: MIT
// Whether a packet that the stack has sent is the one that the script expects. Always compared: flags, sequence number,
// acknowledgment, length, text, SACK blocks, the set of options (their order and padding are free), and what the script
// names beside: ECN, TTL, TOS, urgent pointer. What lawfully differs from stack to stack is compared only in strict mode:
// PSH, windows, the values of MSS and window scale, how many ticks a timestamp has gone on, and what our SYN offers
// beyond what the script knows.

import { FLAG_BITS } from './emit.ts';
import { octetAt } from './flow.ts';
import { ecnName, flagLetters, optionsOf, optionText, rangeText, sortedFlags } from './heard.ts';
import type { HeardIcmp, HeardTcp } from './heard.ts';
import { icmpText } from './icmp-names.ts';
import type { Compared } from './outcome.ts';
import type { IcmpPacket, TcpOption, TcpPacket } from './syntax.ts';

export interface MatchRules {
  strict: boolean;
  /** Of times, and of timestamps in strict mode. */
  toleranceUs: number;
}

/** Milliseconds that a timestamp may be off besides the tolerance: the stack's clock is as coarse. */
const TICK_MS = 1;

/** Field by field. Learns from a SYN what the script calls our ISN, and from timestamps what it calls them. */
export function compareTcp(expected: TcpPacket, heard: HeardTcp, rules: MatchRules): Compared[] {
  const { tcp, flow } = heard;
  if (tcp.flags & FLAG_BITS.S! && expected.flags.includes('S')) flow.learnScriptIsn(expected.seq);
  const fields: Compared[] = [];
  const field = (name: string, wanted: string, real: string, differs = wanted !== real): void => {
    fields.push({ name, expected: wanted, real, differs });
  };
  compareIp(expected, heard, field);
  const isSyn = (tcp.flags & FLAG_BITS.S!) !== 0 && (tcp.flags & FLAG_BITS['.']!) === 0;
  const free = rules.strict ? '' : 'P';
  const letters = (flags: string): string =>
    sortedFlags([...flags].filter((c) => !free.includes(c)).join(''));
  const [wantedFlags, realFlags] = [sortedFlags(expected.flags), flagLetters(tcp.flags)];
  field('flags', wantedFlags, realFlags, letters(wantedFlags) !== letters(realFlags));
  const real = rangeText(flow.toScript(tcp.seq), tcp.payload.length);
  field('seq', rangeText(expected.seq, expected.length), real);
  const hasAck = (tcp.flags & FLAG_BITS['.']!) !== 0;
  if (expected.ack !== undefined || hasAck) {
    field('ack', ackText(expected.ack), ackText(hasAck ? tcp.ack : undefined));
  }
  if (expected.win !== undefined) {
    const differs = rules.strict && expected.win !== tcp.window;
    field('win', `win ${expected.win}`, `win ${tcp.window}`, differs);
  }
  if (expected.urg !== undefined || tcp.flags & FLAG_BITS.U!) {
    field('urg', `urg ${expected.urg ?? 0}`, `urg ${tcp.urgentPointer}`);
  }
  if (expected.options !== 'any') compareOptions(expected.options ?? [], heard, isSyn, rules, field);
  learnTimestamp(expected, heard);
  compareText(heard, field);
  return fields;
}

function ackText(ack: number | undefined): string {
  return ack === undefined ? 'no ack' : `ack ${ack}`;
}

type Field = (name: string, wanted: string, real: string, differs?: boolean) => void;

function compareIp({ ip }: TcpPacket | IcmpPacket, heard: HeardTcp | HeardIcmp, field: Field): void {
  if (ip.ecn !== undefined) {
    const real = ecnName(heard.tos);
    field('ecn', ip.ecn, real, ip.ecn === 'ect01' ? !real.startsWith('ect') : ip.ecn !== real);
  }
  if (ip.ttl !== undefined) field('ttl', `ttl ${ip.ttl}`, `ttl ${heard.ttl}`);
  if (ip.tos !== undefined) field('tos', `tos ${ip.tos}`, `tos ${heard.tos}`);
  if (ip.port !== undefined && heard.kind === 'tcp') {
    field('port', `port ${ip.port}`, `port ${heard.tcp.destinationPort}`);
  }
}

/** Without order, `nop` and `eol`. */
function compareOptions(
  expected: TcpOption[],
  { tcp, flow }: HeardTcp,
  isSyn: boolean,
  { strict, toleranceUs }: MatchRules,
  field: Field,
): void {
  const wanted = expected.filter(({ kind }) => kind !== 'nop' && kind !== 'eol');
  const real = optionsOf(tcp.options);
  const isSame = (a: TcpOption, b: TcpOption): boolean => {
    if (a.kind === 'TS' && b.kind === 'TS') {
      const step = a.val === undefined ? undefined : flow.scriptTimestampStep(a.val);
      const realStep = flow.timestampStep(b.val!);
      const isOff =
        strict &&
        step !== undefined &&
        realStep !== undefined &&
        Math.abs(realStep - step) > toleranceUs / 1000 + TICK_MS;
      return !isOff && (a.ecr === undefined || a.ecr === b.ecr);
    }
    if ((a.kind === 'mss' && b.kind === 'mss') || (a.kind === 'wscale' && b.kind === 'wscale')) {
      return !strict || a.value === undefined || a.value === b.value;
    }
    return optionText(a) === optionText(b);
  };
  const isThere = (option: TcpOption, others: TcpOption[]): boolean =>
    others.some((other) => other.kind === option.kind && isSame(option, other));
  const missing = wanted.some((option) => !isThere(option, real));
  const surplus =
    (!isSyn || strict) && real.some((option) => !wanted.some(({ kind }) => kind === option.kind));
  const text = (list: TcpOption[]): string =>
    list.length > 0 ? `<${list.map(optionText).join(',')}>` : 'no options';
  if (wanted.length > 0 || real.length > 0) field('options', text(wanted), text(real), missing || surplus);
}

function learnTimestamp({ options }: TcpPacket, { tcp, flow }: HeardTcp): void {
  const real = tcp.options.timestamps;
  if (real === undefined || options === 'any') return;
  const wanted = options?.find((option) => option.kind === 'TS')?.val;
  if (wanted !== undefined) flow.learnTimestamp(wanted, real.value);
}

/** The text is what the script's calls wrote. */
function compareText({ tcp, flow }: HeardTcp, field: Field): void {
  const from = flow.streamPosition(tcp.seq);
  const wrong = tcp.payload.findIndex((octet, i) => from + i >= 0 && octet !== octetAt(from + i));
  // A keep-alive may carry one octet of garbage that has been acknowledged, and so may a window probe.
  if (wrong < 0 || (tcp.payload.length === 1 && flow.isAcknowledged(tcp.seq))) return;
  field('text', 'as written', `octet ${wrong} differs`);
}

export function compareIcmp(expected: IcmpPacket, heard: HeardIcmp): Compared[] {
  const fields: Compared[] = [];
  const field: Field = (name, wanted, real, differs = wanted !== real) => {
    fields.push({ name, expected: wanted, real, differs });
  };
  compareIp(expected, heard, field);
  field('type', icmpText(expected.type, expected.code), icmpText(heard.icmp.type, heard.icmp.code));
  return fields;
}
