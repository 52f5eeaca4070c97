// SPDX-License-Identifier: MIT
// The connection map: a script speaks of numbers that it made up, the stack of those it chose. Sequence numbers of the
// stack differ by the distance of the two ISNs, all modulo 2³², and so do acknowledgments, SACK blocks and quoted
// segments that speak of them; timestamps are looked up, or differ by the distance of the first two. What the remote
// host sends is live as it is written. Ports and addresses are wild.

import { ACK, FIN, SYN } from '../view/decode.ts';
import type { Tcp } from '../view/decode.ts';

/** a - b modulo 2³², signed. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** Octet `position` of every stream, either way: so that a hole or a repetition is seen. */
export function octetAt(position: number): number {
  return ((position * 31 + (position >>> 8) * 7) & 0x7fffffff) % 251;
}

/** `length` octets of a stream. */
export function streamOctets(position: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => octetAt(position + i)));
}

export class Flow {
  readonly localPort: number;
  readonly remotePort: number;
  /** ISNs: ours as it is and as the script has it, and the remote host's. */
  private liveIsn: number | undefined;
  private scriptIsn = 0;
  private remoteIsn: number | undefined;
  /** Timestamps of ours: script's to live. */
  private readonly timestamps = new Map<number, number>();
  private firstTimestamp: { script: number; live: number } | undefined;
  /** Which SYNs, ours and theirs, had the option. */
  private readonly offered = { ours: false, theirs: false };
  private readonly shifts: { ours: number | undefined; theirs: number | undefined } = {
    ours: undefined,
    theirs: undefined,
  };
  /** The newest of ours, live, and the newest of the remote host's. */
  lastLiveTimestamp = 0;
  lastRemoteTimestamp = 0;
  /** Acknowledgment and window of the last segment that the stack sent. */
  lastAck: number | undefined;
  lastWindow: number | undefined;
  /** Segments that the stack has sent, by their ends, each once; live. */
  private readonly sent: { start: number; end: number }[] = [];
  /** The first octet that the remote host has not acknowledged, live. */
  private una: number | undefined;
  private sackBlocks: { left: number; right: number }[] = [];

  constructor(localPort: number, remotePort: number) {
    this.localPort = localPort;
    this.remotePort = remotePort;
  }

  // --- numbers of the stack ---------------------------------------------------------------------------------------------

  /** A sequence number of the stack, script's to live. */
  toLive(seq: number): number {
    return ((this.liveIsn ?? 0) + (seq - this.scriptIsn)) >>> 0;
  }

  /** The same the other way. */
  toScript(seq: number): number {
    return (seq - (this.liveIsn ?? 0) + this.scriptIsn) >>> 0;
  }

  /** The script calls the ISN of the stack `seq`. */
  learnScriptIsn(seq: number): void {
    this.scriptIsn = seq;
  }

  /** Where in the stack's stream a live sequence number is. */
  streamPosition(seq: number): number {
    return distance(seq, (this.liveIsn ?? 0) + 1);
  }

  /** A segment of the stack passes. */
  noteSent(tcp: Tcp): void {
    if (tcp.flags & SYN) {
      if (this.liveIsn !== tcp.seq) {
        this.sent.length = 0;
        this.una = undefined;
        this.sackBlocks = [];
      }
      this.liveIsn = tcp.seq;
      this.offered.ours = tcp.options.timestamps !== undefined;
      this.shifts.ours = tcp.options.windowScale;
    }
    if (tcp.options.timestamps) this.lastLiveTimestamp = tcp.options.timestamps.value;
    if (tcp.flags & ACK) {
      this.lastAck = tcp.ack;
      this.lastWindow = tcp.window;
    }
    const length = tcp.payload.length + (tcp.flags & FIN ? 1 : 0);
    const end = (tcp.seq + length) >>> 0;
    if (length === 0 || this.sent.some((segment) => distance(segment.end, end) >= 0)) return;
    this.sent.push({ start: tcp.seq, end });
  }

  // --- numbers of the remote host ---------------------------------------------------------------------------------------

  /** Where in the remote host's stream a sequence number is. */
  remotePosition(seq: number): number {
    return distance(seq, (this.remoteIsn ?? 0) + 1);
  }

  /** A segment of the remote host passes; numbers are live. */
  noteReceived(segment: {
    flags: string;
    seq: number;
    ack: number;
    timestamp?: number;
    scale?: number;
  }): void {
    const { flags, seq, ack, timestamp } = segment;
    if (flags.includes('S')) {
      this.remoteIsn = seq;
      this.offered.theirs = timestamp !== undefined;
      this.shifts.theirs = segment.scale;
    }
    if (timestamp !== undefined) this.lastRemoteTimestamp = timestamp;
    if (flags.includes('.') && (this.una === undefined || distance(ack, this.una) > 0)) this.una = ack;
  }

  /** The remote host reports these, live. */
  noteSack(blocks: { left: number; right: number }[]): void {
    this.sackBlocks = [...this.sackBlocks, ...blocks].filter(
      ({ right }) => this.una === undefined || distance(right, this.una) > 0,
    );
  }

  // --- timestamps and windows -------------------------------------------------------------------------------------------

  /** Whether every segment is to have timestamps. RFC 7323 §3.2. */
  get hasTimestamps(): boolean {
    return this.offered.ours && this.offered.theirs;
  }

  /** The stack's timestamp `live` is called `script`. */
  learnTimestamp(script: number, live: number): void {
    this.firstTimestamp ??= { script, live };
    this.timestamps.set(script, live);
  }

  /** What the stack's timestamp is that the script calls so. */
  liveTimestamp(script: number): number {
    const known = this.timestamps.get(script);
    if (known !== undefined) return known;
    if (this.firstTimestamp === undefined) return this.lastLiveTimestamp;
    return (this.firstTimestamp.live + (script - this.firstTimestamp.script)) >>> 0;
  }

  /** Milliseconds from the first timestamp of the stack that the script named to this one. */
  timestampStep(live: number): number | undefined {
    return this.firstTimestamp && distance(live, this.firstTimestamp.live);
  }

  scriptTimestampStep(script: number): number | undefined {
    return this.firstTimestamp && script - this.firstTimestamp.script;
  }

  /** By how many bits the stack's windows are shifted. */
  get windowShift(): number {
    const { ours, theirs } = this.shifts;
    return ours === undefined || theirs === undefined ? 0 : ours;
  }

  // --- what is on the way -----------------------------------------------------------------------------------------------

  /** Whether the remote host has acknowledged the stack's octet `seq`. */
  isAcknowledged(seq: number): boolean {
    return this.una !== undefined && distance(this.una, seq) > 0;
  }

  /** Segments that were sent and are not acknowledged, and how many of them the remote host has reported by SACK. */
  get outstanding(): { unacked: number; sacked: number } {
    const { una } = this;
    const out = una === undefined ? this.sent : this.sent.filter(({ end }) => distance(end, una) > 0);
    const sacked = out.filter(({ start, end }) =>
      this.sackBlocks.some(({ left, right }) => distance(start, left) >= 0 && distance(right, end) >= 0),
    );
    return { unacked: out.length, sacked: sacked.length };
  }
}

/** The connections of one script. */
export class Flows {
  /** The one that packets without a port are of. */
  current: Flow | undefined;
  /** Where connections to a listener arrive; set by listen. */
  listenPort: number;
  /** The next SYN that comes in is a new connection. */
  awaitsSyn = false;
  private readonly all: Flow[] = [];
  private nextPort = 40_000;

  constructor(defaultPort: number) {
    this.listenPort = defaultPort;
  }

  /** A connection that becomes the current one. */
  add(localPort: number, remotePort = this.nextPort++): Flow {
    this.current = this.addAside(localPort, remotePort);
    return this.current;
  }

  /** A connection that the script has not begun. */
  addAside(localPort: number, remotePort: number): Flow {
    const flow = new Flow(localPort, remotePort);
    this.all.push(flow);
    return flow;
  }

  find(localPort: number, remotePort: number): Flow | undefined {
    return this.all.findLast((flow) => flow.localPort === localPort && flow.remotePort === remotePort);
  }

  /** The connection that a packet of the script belongs to. */
  forInbound(flags: string, port: number | undefined): Flow {
    if (port !== undefined) {
      const flow = this.all.findLast(({ remotePort }) => remotePort === port);
      this.current = flow ?? this.add(this.listenPort, port);
      return this.current;
    }
    const isOpening = flags.includes('S') && !flags.includes('.') && this.awaitsSyn;
    if (this.current !== undefined && !isOpening) return this.current;
    this.awaitsSyn = false;
    return this.add(this.listenPort);
  }
}
