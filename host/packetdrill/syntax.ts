// SPDX-License-Identifier: MIT
// What a script of the packetdrill language is once it has been read: options, and events in the order of the file.
// Times are in microseconds. Numbers are as they were written: sequence numbers are the script's own, which the
// connection map (flow.ts) turns into live ones. Nothing here says whether the stack can do it.

/** Where something stands in the file; both count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** When an event happens. `from` and `to` are the same for a single instant. */
export type Time =
  | { kind: 'absolute' | 'relative'; from: number; to: number; isRange: boolean }
  /** `*`: whenever it happens. */
  | { kind: 'any' };

/** An argument or a result of a call. */
export type Expression =
  | { kind: 'ellipsis' }
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  /** A constant by its name, or some such joined by `|`. */
  | { kind: 'words'; names: string[] }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'struct'; fields: Field[] }
  | { kind: 'call'; name: string; operands: Expression[] };

/** `events=POLLIN`, `msg_iov(1)=[…]`, or a bare value. */
export interface Field {
  name: string | undefined;
  value: Expression;
}

/** One option of a TCP header. `undefined` for a number that was written as `...`. */
export type TcpOption =
  | { kind: 'mss'; value: number | undefined }
  | { kind: 'wscale'; value: number | undefined }
  | { kind: 'TS'; val: number | undefined; ecr: number | undefined }
  | { kind: 'sack'; blocks: { left: number; right: number }[] }
  | { kind: 'sackOK' }
  | { kind: 'nop' }
  | { kind: 'eol' }
  /** One that the language has and this stack does not. */
  | { kind: 'other'; text: string };

/** The two ECN bits of the IP header, RFC 3168 §5; `ect01` is either of ECT(0) and ECT(1). */
export type Ecn = 'noecn' | 'ect0' | 'ect1' | 'ce' | 'ect01';

/** What stands in brackets before the flags. */
export interface IpInfo {
  ecn?: Ecn;
  ttl?: number;
  tos?: number;
  /** The port of the peer: of this interpreter alone, for scripts with several connections. */
  port?: number;
}

export type Direction = 'in' | 'out';

export interface TcpPacket {
  kind: 'tcp';
  direction: Direction;
  ip: IpInfo;
  /** As written: letters of FSRPUEWC and `.` for ACK; `-` for none. */
  flags: string;
  seq: number;
  length: number;
  ack: number | undefined;
  win: number | undefined;
  urg: number | undefined;
  /** `any`: `<...>`. Undefined: none were written. */
  options: TcpOption[] | 'any' | undefined;
}

export interface IcmpPacket {
  kind: 'icmp';
  direction: Direction;
  ip: IpInfo;
  type: number;
  code: number;
  mtu: number | undefined;
  /** The segment that an error quotes. */
  quoted: { seq: number; length: number } | undefined;
}

/** Something that the language has and this interpreter cannot run; `text` says what. */
export interface Unsupported {
  kind: 'unsupported';
  text: string;
}

export interface Call {
  kind: 'call';
  name: string;
  operands: Expression[];
  /** When it returns, for one that blocks; counted from where the event's time counts. */
  end: number | undefined;
  result: Expression;
  errno: string | undefined;
}

export interface Shell {
  kind: 'shell';
  text: string;
}

export interface Code {
  kind: 'code';
  text: string;
}

export type Action = TcpPacket | IcmpPacket | Call | Shell | Code | Unsupported;

export interface Event {
  place: Place;
  /** The whole event as it was written, white space made single. */
  text: string;
  /** Undefined: right after the event before. */
  time: Time | undefined;
  action: Action;
}

export interface Script {
  file: string;
  /** `--name=value` lines. */
  options: { name: string; value: string; place: Place }[];
  events: Event[];
}

/** A script that cannot be read. The message begins with file, line and column. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';

  constructor(
    readonly file: string,
    readonly place: Place,
    problem: string,
  ) {
    super(`${file}:${place.line}:${place.column}: ${problem}`);
  }
}
