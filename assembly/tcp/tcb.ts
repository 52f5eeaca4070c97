// SPDX-License-Identifier: MIT
// The transmission control block, RFC 9293 §3.3.1: everything known of one connection, under the RFC's names.
// Instants are deadlines as time.ts has them, 0 = off. Sequence numbers are positions in the peer's or our own space.

import {
  PATH_MTU_AGING,
  RECEIVE_RING,
  SEND_RING,
  TCP_CUBIC,
  TCP_RUNS,
  TCP_SACK,
  TCP_TIMESTAMPS,
} from '../config';
import { Outgoing, OUTGOING_OCTETS } from '../ip/outgoing';
import { State } from './state';
import { INTERVALS_OCTETS, Intervals } from '../storage/intervals';
import { Net } from '../wire/net';

/** Bits of `Tcb.flags`. */
export enum Flag {
  /** An ACK goes out with the next output. */
  AckNow = 1 << 0,
  /** CLOSE was called or the sending side shut down: FIN follows the text in the ring. */
  FinQueued = 1 << 3,
  /** The peer's FIN was seen, at `rcvFin`; it counts when RCV.NXT gets there. */
  FinSeen = 1 << 24,
  /** Its owner is a program: when others wait and the peer is silent, it may be taken from it. */
  Yields = 1 << 21,
  /** Something may be missing, here or there: without it `intervals` is empty, and `sacked` and `lost` are 0. */
  Gaps = 1 << 11,
  /** In fast recovery, RFC 5681 §3.2 and RFC 9937; until SND.UNA reaches `recover`. */
  Recovery = 1 << 1,
  /** The first retransmission of a recovery leaves whatever the window says. RFC 9937 §6.2. */
  Force = 1 << 18,
  /** A tail loss probe is out, up to `tlpEnd`; RFC 8985 §7. */
  Probe = 1 << 19,
  /** Nagle's algorithm is off. */
  NoDelay = 1 << 16,
  /** Keep-alives are on. */
  KeepAlive = 1 << 10,
  /** The reader is gone: text that arrives is answered by a reset. */
  NoReader = 1 << 12,
  /** SND.UP is in force. */
  UrgentOut = 1 << 13,
  /** RCV.UP is in force. */
  UrgentIn = 1 << 9,
  /** Our SYN, or the one with the ACK, had to be repeated. */
  SynRepeated = 1 << 14,
  /** The retransmission timer runs for a window probe or the override timeout, not for text in flight. */
  Probing = 1 << 2,
  /** The peer's FIN was processed: RCV.NXT is past it. */
  FinReceived = 1 << 8,
  /** In this recovery a partial acknowledgment has come or, with SACK, the rescue retransmission has left. */
  PartialSeen = 1 << 15,
  /** A keep-alive is to be sent. */
  KeepAliveDue = 1 << 22,
  /** Agreed in the SYNs: selective acknowledgment, timestamps, window scale, ECN. */
  SackOk = 1 << 4,
  TimestampsOk = 1 << 5,
  ScaleOk = 1 << 6,
  EcnOk = 1 << 7,
  /** Congestion was experienced: every ACK says so until the peer has reduced its window. RFC 3168 §6.1.3. */
  EcnEcho = 1 << 25,
  /** The window was reduced for an echo: the next new text says so. */
  EcnReduced = 1 << 26,
  /** `lossAt` is the reordering timer, RFC 8985 §6.2; else the probe timeout, §7. */
  Reordering = 1 << 20,
  /** The path was seen to reorder. */
  Reorders = 1 << 27,
  /** `dsackStart` … `dsackEnd` came twice and is to be reported, RFC 2883. */
  Duplicate = 1 << 23,
  /** The tail loss probe resent something. */
  ProbeResent = 1 << 28,
  /** The user timeout option is in use; it is to be sent. RFC 5482. */
  UserTimeout = 1 << 29,
  UserTimeoutDue = 1 << 30,
}

/** What was agreed in the SYNs. */
export const AGREED: u32 = Flag.SackOk | Flag.TimestampsOk | Flag.ScaleOk | Flag.EcnOk;

/** A TCB at an address. */
@final
@unmanaged
export class Tcb {
  // These words are, in this order, some of socket/info.ts, which copies them.

  /** As in `Entry`: buckets.ts. */
  next: u32;
  netRemote: u32;
  portsKey: u32;

  // Send sequence variables
  iss: u32;
  sndUna: u32;
  sndNxt: u32;
  /** What may be acknowledged: SND.NXT, or one more when a window probe is out beyond it. */
  sndMax: u32;
  /** In octets, scaled already. */
  sndWnd: u32;

  // Receive sequence variables
  irs: u32;
  rcvNxt: u32;
  /** Right edge of the window we offered: RCV.NXT + RCV.WND. */
  rcvEdge: u32;

  /** Octets in the send ring. */
  sndLen: u32;
  /** Octets in order that were not yet read. */
  rcvLen: u32;
  /** Effective send MSS but for options, RFC 9293 §3.7.1. */
  mss: u32;

  // Congestion control, RFC 5681
  cwnd: u32;
  ssthresh: u32;

  // Retransmission timer, RFC 6298
  /** ms, times 8. */
  srtt: u32;
  /** ms, times 4. */
  rttvar: u32;
  /** ms, backed off. */
  rto: u32;

  // Small numbers
  /** `state`. */
  private stateOctet: u8;
  /** Socket that holds this connection: its number + 1, 0 = none. */
  socket: u8;
  /** Listener that it waits on to be accepted: its number + 1, 0 = none. */
  listener: u8;
  /** Timeouts in a row without progress. */
  backoff: u8;
  /** Why it ended, a Status; 0 = it did not, or as it should. */
  error: i8;
  /** Last soft error that ICMP reported, a Status. */
  softError: i8;
  /** Duplicate acknowledgments in a row, of a peer without SACK. */
  dupAcks: u8;
  /** Segments with text since our last ACK. */
  unacked: u8;
  /** Challenge ACKs in the second from `challengeAt` on. */
  challenges: u8;
  /** Keep-alives without an answer; how many end the connection. */
  keepProbes: u8;
  keepCount: u8;
  /** Runs of the scoreboard in use. */
  runCount: u8;
  /** RACK.reo_wnd_mult, and recoveries until it falls back to 1. RFC 8985 §6.2. */
  reoMult: u8;
  reoPersist: u8;
  /** Shift of the windows that the peer tells, Snd.Wind.Shift of RFC 7323. */
  sndShift: u8;

  // What is asked for most often lies within the first 128 octets, where an offset takes one octet of code.

  /** Bits of `Flag`. */
  flags: u32;
  /** Sequence number of the first octet in the send ring. */
  sndSeq: u32;
  /** Retransmission, or with `Probing` window probe and override timeout. */
  retransmitAt: u32;
  /** SND.NXT when recovery, the last timeout or the last reduction began. */
  recover: u32;
  /** Octets of the scoreboard that the peer holds, and that are lost and not yet resent. */
  sacked: u32;
  lost: u32;
  /** R2, the user timeout. */
  giveUpAt: u32;
  /** End of the segment that is timed, if it lies beyond SND.UNA. */
  rttSeq: u32;
  /** Offset in the send ring of its first octet. */
  sndHead: u32;
  /** Probe timeout or, with `Reordering`, reordering timer. RFC 8985. */
  lossAt: u32;

  /** Segments retransmitted. */
  retransmits: u32;
  sndWl1: u32;
  sndWl2: u32;
  /** Largest SND.WND so far: MAX.SND.WND of RFC 5961 §5, Max(SND.WND) of RFC 9293 §3.8.6.2.1. */
  sndWndMax: u32;
  sndUp: u32;
  rcvUp: u32;
  /** Sequence number of the peer's FIN, if `FinSeen`. */
  rcvFin: u32;
  /** Offset in the receive ring of the first octet that was not yet read. */
  rcvHead: u32;
  /** Pseudo-header but for the length, and the ports: what the checksums of all its segments share. */
  pseudoSum: u32;

  // PRR
  /** prr_delivered, prr_out, RecoverFS of RFC 9937. */
  prrDelivered: u32;
  prrOut: u32;
  recoverFs: u32;

  // Deadlines
  /** Delayed ACK. */
  ackAt: u32;
  /** TIME-WAIT; FIN-WAIT-2 without an owner; linger. */
  waitAt: u32;
  /** Keep-alive. */
  keepAt: u32;
  /** Keep-alive: idle time and interval, s. */
  keepIdle: u16;
  keepInterval: u16;
  /** RTT of the segment that was delivered last, and the least of all; ms. RACK.rtt, RACK.min_RTT. */
  rackRtt: u16;
  minRtt: u16;

  /** Start of the second that `challenges` counts. */
  challengeAt: u32;
  /** When text was last sent. */
  sentAt: u32;
  /** When the last segment from the peer arrived. */
  heardAt: u32;
  /** User timeout, ms. */
  userTimeout: u32;
  /** RCV.NXT + SND.UNA when others last waited for a connection, and when that was. */
  mark: u32;
  markAt: u32;
  /** Rank by age, for accept. */
  birth: u32;
  /** The bit that stands for this connection in sets of them. */
  bit: u64;

  @inline get remoteAddress(): u32 {
    return Net.swap32(this.netRemote);
  }

  /** Written by `Tcbs.enter` only. */
  @inline get state(): State {
    return <State>(<i32>this.stateOctet);
  }

  /** Whether its state is one from `first` to `last`, in the order of the list. */
  @inline isFrom(first: State, last: State): bool {
    return <u32>(this.state - first) <= <u32>(last - first);
  }
  @inline setState(v: State): void {
    this.stateOctet = <u8>v;
  }

  /** What the receive ring holds beyond RCV.NXT. */
  @inline get intervals(): Intervals {
    return Intervals.at(changetype<usize>(this) + INTERVALS);
  }
  /** Runs of octets in flight: scoreboard.ts. */
  @inline get runs(): usize {
    return changetype<usize>(this) + RUNS;
  }
  /** Of TCP_SACK: sack.ts, rack.ts. */
  @inline get selective(): Selective {
    return changetype<Selective>(changetype<usize>(this) + SELECTIVE);
  }
  /** Of TCP_TIMESTAMPS: options.ts. */
  @inline get timestamps(): Timestamps {
    return changetype<Timestamps>(changetype<usize>(this) + TIMESTAMPS_AT);
  }
  /** Of TCP_CUBIC: cubic.ts. */
  @inline get cubic(): Curve {
    return changetype<Curve>(changetype<usize>(this) + CUBIC_AT);
  }
  /** Of PATH_MTU_AGING: network-errors.ts. */
  @inline get pathMtu(): PathMtu {
    return changetype<PathMtu>(changetype<usize>(this) + PATH_MTU_AT);
  }
  /** The header that all its segments share. */
  @inline get outgoing(): Outgoing {
    return Outgoing.at(changetype<usize>(this) + OUTGOING);
  }
  @inline get receiveRing(): usize {
    return changetype<usize>(this) + RECEIVE;
  }
  @inline get sendRing(): usize {
    return changetype<usize>(this) + SEND;
  }

  @inline has(flag: Flag): bool {
    return (this.flags & flag) != 0;
  }
  @inline set(flags: u32): void {
    this.flags |= flags;
  }
  @inline clear(flags: u32): void {
    this.flags &= ~flags;
  }
}

/** What a connection with SACK, and RACK-TLP, knows: RFC 2018, 2883, 8985. */
@final
@unmanaged
export class Selective {
  /** Start of the text that came out of order last; what came twice, if `Duplicate`. */
  sackSeq: u32;
  dsackStart: u32;
  dsackEnd: u32;
  /** When the segment was sent that was delivered last, as runs have it, and its end. RACK.xmit_ts, RACK.end_seq. */
  rackSent: u32;
  rackEnd: u32;
  /** RACK.fack. */
  fack: u32;
  /** SND.NXT at the last widening of the reordering window: RACK.dsack_round. */
  dsackRound: u32;
  tlpEnd: u32;
}

/** What a connection with timestamps knows, RFC 7323 §4.3. */
@final
@unmanaged
export class Timestamps {
  /** TS.Recent, and when it was set, ms. */
  recent: u32;
  recentAt: u32;
  /** Last.ACK.sent. */
  lastAckSent: u32;
  /** Added to our clock, so that it tells nobody for how long we have been up. §7.1. */
  offset: u32;
}

/** The cubic curve, RFC 9438 §4.1; windows in octets. */
@final
@unmanaged
export class Curve {
  /** W_max. */
  most: u32;
  /** K, ms. */
  k: u32;
  /** When this stage of avoidance began, 0 = it has not. */
  epochAt: u32;
  /** W_est. */
  estimate: u32;
  /** When an ACK last let it grow. */
  grownAt: u32;
}

/** A path MTU that ICMP has made smaller. */
@final
@unmanaged
export class PathMtu {
  /** The MSS before. */
  most: u32;
  /** When it is tried again, 0 = nothing was made smaller. */
  raiseAt: u32;
}

/** Octets of a run: scoreboard.ts. */
export const RUN_OCTETS: u32 = 8;

// What follows the fields, in one block with them:
//  | fields | intervals | runs | selective | timestamps | cubic | path MTU | header template | receive ring | send ring |
const INTERVALS: usize = offsetof<Tcb>();
const RUNS: usize = INTERVALS + INTERVALS_OCTETS;
const SELECTIVE: usize = RUNS + TCP_RUNS * RUN_OCTETS;
const TIMESTAMPS_AT: usize = SELECTIVE + (TCP_SACK ? offsetof<Selective>() : 0);
const CUBIC_AT: usize = TIMESTAMPS_AT + (TCP_TIMESTAMPS ? offsetof<Timestamps>() : 0);
const PATH_MTU_AT: usize = CUBIC_AT + (TCP_CUBIC ? offsetof<Curve>() : 0);
const OUTGOING: usize = PATH_MTU_AT + (PATH_MTU_AGING ? offsetof<PathMtu>() : 0);
const RECEIVE: usize = OUTGOING + OUTGOING_OCTETS;
const SEND: usize = RECEIVE + RECEIVE_RING;

/** Octets of control state: all but the rings. */
export const CONTROL_OCTETS: usize = RECEIVE;

/** Octets of a connection, everything included. */
export const TCB_OCTETS: usize = (SEND + SEND_RING + 7) & ~7;
