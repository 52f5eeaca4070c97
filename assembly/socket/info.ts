// SPDX-License-Identifier: MIT
// What a host may know of a connection, like TCP_INFO: a block of u32 in this order. Times in ms, lengths in octets.

import { TCP_CONNECTIONS, TCP_SACK } from '../config';
import { INFO, RECORDS, RECORDS_END } from '../memory';
import { Records } from '../tcp/records';
import { HAS_OPTIONS, RECORD_OCTETS } from '../tcp/record';
import { Seq } from '../tcp/seq';
import { State } from '../tcp/state';
import { AGREED, Flag } from '../tcp/tcb';
import { Tcbs } from '../tcp/tcbs';
import { Net } from '../wire/net';

@final
@unmanaged
class Info {
  /**
   * 0 CLOSED, 2 SYN-SENT, 3 SYN-RECEIVED, 4 ESTABLISHED, 5 FIN-WAIT-1, 6 FIN-WAIT-2, 7 CLOSE-WAIT, 8 CLOSING, 9 LAST-ACK,
   * 10 TIME-WAIT
   */
  state: u32;
  /** Number of the socket that holds it, plus 1; 0 = none. */
  socket: u32;
  localPort: u32;
  remoteAddress: u32;
  remotePort: u32;
  iss: u32;
  sndUna: u32;
  sndNxt: u32;
  sndMax: u32;
  sndWnd: u32;
  irs: u32;
  rcvNxt: u32;
  rcvWnd: u32;
  /** Octets in the send ring, in flight or not. */
  sendQueue: u32;
  /** Octets that wait to be read. */
  receiveQueue: u32;
  /** Effective send MSS. */
  mss: u32;
  cwnd: u32;
  ssthresh: u32;
  srtt: u32;
  rttvar: u32;
  rto: u32;
  /** Timeouts in a row. */
  backoff: u32;
  retransmits: u32;
  dupAcks: u32;
  /** 1 in fast recovery, 2 recovering from a timeout. */
  recovery: u32;
  /** Runs of octets held out of order. */
  intervals: u32;
  /** Why it ended, and the last soft error: Status. */
  error: i32;
  softError: i32;
  /** Octets in flight that the peer holds out of order, and that are lost. */
  sacked: u32;
  lost: u32;
  /** Least round trip, 65535 = none yet, or the peer has no SACK. */
  minRtt: u32;
  /** What was agreed: bits 1 SACK, 2 timestamps, 4 window scale, 8 ECN. */
  options: u32;
}

const info = changetype<Info>(INFO);

/** How many connections there can be: with TCBs, half-open ones, and those in TIME-WAIT. */
export const CONNECTION_COUNT: u32 = TCP_CONNECTIONS + <u32>(RECORDS_END - RECORDS) / RECORD_OCTETS;

/** Octets of the block. */
export const INFO_OCTETS: usize = offsetof<Info>();
/** From `localPort` to `rto` the words of a TCB stand in this order. */
const COPIED: usize = offsetof<Info>('localPort');
const COPIED_OCTETS: usize = offsetof<Info>('backoff') - COPIED;

/** Fill in the block for connection `i`. Returns its address, valid until the next call; 0 = no such connection. */
export function connectionInfo(i: u32): usize {
  if (i >= CONNECTION_COUNT) return 0;
  const tcb = i < TCP_CONNECTIONS ? Tcbs.at(i) : Records.open(Records.at(i - TCP_CONNECTIONS));
  memory.copy(INFO + COPIED, changetype<usize>(tcb), COPIED_OCTETS);
  info.state = tcb.state;
  info.socket = tcb.socket;
  info.remoteAddress = tcb.remoteAddress;
  info.localPort = Net.swap16(tcb.portsKey >>> 16);
  info.remotePort = Net.swap16(tcb.portsKey & 0xffff);
  info.rcvWnd = tcb.state >= State.SynReceived ? tcb.rcvEdge - tcb.rcvNxt : 0;
  info.srtt = tcb.srtt >>> 3;
  info.rttvar = tcb.rttvar >>> 2;
  info.backoff = tcb.backoff;
  info.retransmits = tcb.retransmits;
  info.dupAcks = tcb.dupAcks;
  info.recovery = tcb.has(Flag.Recovery) ? 1 : Seq.lt(tcb.sndUna, tcb.recover) ? 2 : 0;
  info.intervals = tcb.intervals.count;
  info.error = tcb.error;
  info.softError = tcb.softError;
  info.sacked = tcb.sacked;
  info.lost = tcb.lost;
  info.minRtt = TCP_SACK ? tcb.minRtt : 0xffff;
  info.options = HAS_OPTIONS ? (tcb.flags & AGREED) / Flag.SackOk : 0;
  return INFO;
}
