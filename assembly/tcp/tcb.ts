// SPDX-License-Identifier: MIT
// The transmission control block, RFC 9293 §3.3.1: everything known of one connection, under the RFC's names.
// Instants are deadlines as time.ts has them, 0 = off. Sequence numbers are positions in the peer's or our own space.

import { RECEIVE_RING, SEND_RING } from '../config';
import { Outgoing, OUTGOING_OCTETS } from '../ip/outgoing';
import { State } from './state';
import { INTERVALS_OCTETS, Intervals } from '../storage/intervals';

/** Bits of `Tcb.flags`. */
export enum Flag {
  /** Something may have to be sent: look at it in the output of this poll. */
  Output = 1,
  /** An ACK goes out with the next output. */
  AckNow = 2,
  /** CLOSE was called or the sending side shut down: FIN follows the text in the ring. */
  FinQueued = 4,
  /** The peer's FIN was seen, at `rcvFin`; it counts when RCV.NXT gets there. */
  FinSeen = 8,
  /** From LISTEN: a reset in SYN-RECEIVED frees it silently (RFC 9293 MUST-11). */
  Passive = 16,
  /** Resend the segment at SND.UNA, whatever SND.NXT says: fast retransmit, partial acknowledgment. */
  ResendFirst = 32,
  /** In fast recovery, RFC 6582. */
  Recovery = 64,
  /** `rttSeq` and `rttAt` time a segment. */
  Timing = 128,
  /** Nagle's algorithm is off. */
  NoDelay = 256,
  /** Keep-alives are on. */
  KeepAlive = 512,
  /** The reader is gone: text that arrives is answered by a reset. */
  NoReader = 1024,
  /** SND.UP is in force. */
  UrgentOut = 2048,
  /** RCV.UP is in force. */
  UrgentIn = 4096,
  /** Our SYN, or the one with the ACK, had to be repeated. */
  SynRepeated = 8192,
  /** The retransmission timer runs for a window probe or the override timeout, not for text in flight. */
  Probing = 16384,
  /** The peer's FIN was processed: RCV.NXT is past it. */
  FinReceived = 32768,
  /** Something happened that the owner wants to know: text, room, a state. */
  News = 65536,
  /** A partial acknowledgment has come in this recovery. */
  PartialSeen = 131072,
  /** A keep-alive is to be sent. */
  KeepAliveDue = 262144,
}

/** A TCB at an address. */
@final
@unmanaged
export class Tcb {
  // The first words are, in this order, those of socket/info.ts, which copies them.

  /** Written by `enter` only. */
  state: State;
  /** Socket that holds this connection: its number + 1, 0 = none. */
  socket: u32;
  /** Bits of `Flag`. */
  flags: u32;
  /** Peer's address, host order. */
  remoteAddress: u32;
  /** Peer's port and ours as they lie in an incoming header, TcpHeader.portsKey: a match is two comparisons. */
  portsKey: u32;

  // Send sequence variables
  iss: u32;
  sndUna: u32;
  sndNxt: u32;
  /** Highest SND.NXT so far: what may be acknowledged. */
  sndMax: u32;
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
  /** Effective send MSS, RFC 9293 §3.7.1. */
  mss: u32;

  // Congestion control, RFC 5681 and 6582
  cwnd: u32;
  ssthresh: u32;

  // Retransmission timer, RFC 6298
  /** ms, times 8. */
  srtt: u32;
  /** ms, times 4. */
  rttvar: u32;
  /** ms, backed off. */
  rto: u32;
  /** Timeouts in a row without progress. */
  backoff: u32;
  /** Segments retransmitted. */
  retransmits: u32;
  dupAcks: u32;
  /** SND.MAX when recovery or the last timeout began. */
  recover: u32;
  /** Listener that it waits on to be accepted: its number + 1, 0 = none. */
  listener: u32;
  /** Why it ended, a Status; 0 = it did not, or as it should. */
  error: i32;
  /** Last soft error that ICMP reported, a Status. */
  softError: i32;

  // More of the same, for nobody outside.
  sndWl1: u32;
  sndWl2: u32;
  /** Largest SND.WND so far: MAX.SND.WND of RFC 5961 §5, Max(SND.WND) of RFC 9293 §3.8.6.2.1. */
  sndWndMax: u32;
  sndUp: u32;
  /** Sequence number of the first octet in the send ring. */
  sndSeq: u32;
  /** Its offset in the ring. */
  sndHead: u32;
  rcvUp: u32;
  /** Sequence number of the peer's FIN, if `FinSeen`. */
  rcvFin: u32;
  /** Offset in the receive ring of the first octet that was not yet read. */
  rcvHead: u32;
  /** Segments with text since our last ACK. */
  unacked: u32;
  /** Pseudo-header but for the length, and the ports: what the checksums of all its segments share. */
  pseudoSum: u32;
  /** End and start of the segment that is timed, if `Timing`. */
  rttSeq: u32;
  rttAt: u32;

  // Deadlines
  /** Retransmission, or with `Probing` window probe and override timeout. */
  retransmitAt: u32;
  /** Delayed ACK. */
  ackAt: u32;
  /** TIME-WAIT; FIN-WAIT-2 without an owner; linger. */
  waitAt: u32;
  /** R2, the user timeout. */
  giveUpAt: u32;
  /** Keep-alive. */
  keepAt: u32;

  /** Start of the second that `challenges` counts; challenge ACKs in it. */
  challengeAt: u32;
  challenges: u32;
  /** When text was last sent. */
  sentAt: u32;
  /** When the last segment from the peer arrived. */
  heardAt: u32;
  /** When the last keep-alive was sent; keep-alives without an answer. */
  keepProbedAt: u32;
  keepProbes: u32;
  /** User timeout, ms. */
  userTimeout: u32;
  /** Keep-alive: idle time, interval (s), count. */
  keepIdle: u32;
  keepInterval: u32;
  keepCount: u32;
  /** Rank by age, for accept and recycling. */
  birth: u32;

  /** What the receive ring holds beyond RCV.NXT. */
  @inline get intervals(): Intervals {
    return Intervals.at(changetype<usize>(this) + INTERVALS);
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

// What follows the fields, in one block with them:
//  | fields | intervals | header template | receive ring | send ring |
const INTERVALS: usize = offsetof<Tcb>();
const OUTGOING: usize = INTERVALS + INTERVALS_OCTETS;
const RECEIVE: usize = OUTGOING + OUTGOING_OCTETS;
const SEND: usize = RECEIVE + RECEIVE_RING;

/** Octets of a connection, everything included. */
export const TCB_OCTETS: usize = (SEND + SEND_RING + 7) & ~7;
