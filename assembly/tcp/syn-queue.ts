// SPDX-License-Identifier: MIT
// Passive opens, RFC 9293 §3.10.7.2 third, kept as records until the handshake is done (RFC 4987 §3.5): a flood of SYNs
// never takes a connection's place. SYN,ACKs go back the way the SYN came. The RTO doubles as in RFC 6298 §5.5; R2 is
// MUST-23's three minutes, but one that was not answered for a second gives way when its record is needed. The backlog of
// a listener counts connections that wait to be accepted, not those.

import {
  RECEIVE_RING,
  RTO_INITIAL,
  RTO_MAX,
  SYN_COOKIES,
  SYN_TIMEOUT,
  TCP_ECN,
  TCP_TIMESTAMPS,
  TCP_USER_TIMEOUT_OPTION,
  USER_TIMEOUT,
} from '../config';
import { Counter, Counters } from '../counters';
import { datagram, Ipv4 } from '../ip/ipv4';
import { Outgoing } from '../ip/outgoing';
import { RECORDS, REPLY } from '../memory';
import { Time } from '../time';
import { Control, TCP_HEADER, TcpHeader } from '../wire/tcp';
import { Cookies } from './cookies';
import { Isn } from './isn';
import { Listeners } from './listeners';
import { Output } from './output';
import { agreed, Options } from './options';
import { HAS_OPTIONS, Record } from './record';
import { COOKIE_RECORD, Records } from './records';
import { seg } from './segment';
import { peerMss } from './segment-arrives';
import { Seq } from './seq';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** Time for a neighbour to answer ARP, ms. */
const ARP_PATIENCE: u32 = 50;
/** As many SYN,ACKs as are told apart: by then the RTO has long been RTO_MAX. */
const ATTEMPTS_MOST: u32 = 16;
/** By how much a connection that follows a TIME-WAIT at once begins above it: more than a window. */
const ISS_STEP: u32 = 0x10000;

export abstract class SynQueue {
  /**
   * The SYN in hand, for `listener`; dropped when its backlog or the queue is full, for it comes again. `last`: SND.NXT of
   * the connection that it follows, 0 = none. False: it is to come again, when the link can send.
   */
  static add(listener: u32, last: u32): bool {
    const portsKey = seg.portsKey;
    const netRemote = datagram.netSource;
    let record = changetype<Record>(0);
    // A port of 0, or SYN with FIN, comes from no honest stack.
    if ((portsKey & 0xffff) != 0 && !seg.has(Control.FIN) && SynQueue.hasRoom(listener)) {
      record = Records.take(RECORDS, COOKIE_RECORD, RTO_INITIAL, portsKey, netRemote);
      if (SYN_COOKIES && changetype<usize>(record) == 0) {
        // Text of connections goes first. If there is none, the SYN waits in the chip for the SYN,ACKs before it.
        if (Ipv4.maySend()) {
          record = changetype<Record>(COOKIE_RECORD);
          Records.begin(record, portsKey, netRemote);
        } else if (Tcbs.outputWanted == 0 && !Output.lastOfConnection) {
          return false;
        }
      }
    }
    if (changetype<usize>(record) == 0) {
      Counters.add(Counter.TcpListenDropped);
      return true;
    }
    record.rcvNxt = seg.seq + 1;
    record.mss = <u16>peerMss();
    if (HAS_OPTIONS) {
      record.agreed = <u8>(agreed(false) / Flag.SackOk);
      record.shift = <u8>seg.shift;
      record.userTimeout = <u16>seg.userTimeout;
      record.tsRecent = seg.tsVal;
    }
    let iss: u32;
    if (SYN_COOKIES && changetype<usize>(record) == COOKIE_RECORD) {
      iss = Cookies.iss(record);
    } else {
      Counters.add(Counter.TcpPassiveOpens);
      iss = Isn.of(netRemote, portsKey);
      // "Its initial sequence number is larger than the largest one it used on the previous connection incarnation."
      if (last != 0 && Seq.le(iss, last)) iss = last + ISS_STEP;
    }
    record.sndNxt = iss + 1;
    SynQueue.send(record, listener, true);
    return true;
  }

  /** Send the SYN,ACK of `record`, back the way that the segment in hand came if it is `isReply`. */
  static send(record: Record, listener: u32, isReply: bool): void {
    const outgoing = Outgoing.at(REPLY);
    if (!Ipv4.maySend()) {
      record.at = Time.after(1);
      return;
    }
    Ipv4.prepare(outgoing, record.netRemote);
    if (isReply) {
      Ipv4.addressReply(outgoing);
    } else if (!Ipv4.findHop(outgoing)) {
      record.at = Time.after(ARP_PATIENCE);
      return;
    }
    const attempts: u32 = record.attempts;
    if (attempts != 0) Counters.add(Counter.TcpRetransmits);
    const flags: u32 = HAS_OPTIONS ? <u32>record.agreed * Flag.SackOk : 0;
    const control: u32 =
      TCP_ECN && flags & Flag.EcnOk ? Control.SYN | Control.ACK | Control.ECE : Control.SYN | Control.ACK;
    let tsVal: u32 = 0;
    if (TCP_TIMESTAMPS) tsVal = Time.now + Isn.offset(record.netRemote, record.portsKey);
    let userTimeout: u32 = 0;
    if (TCP_USER_TIMEOUT_OPTION && Listeners.flags(listener) & Flag.UserTimeout)
      userTimeout = Options.longerUserTimeout(USER_TIMEOUT, record.userTimeout);
    const header = outgoing.transport;
    TcpHeader.at(header).setPorts(record.portsKey);
    const tsEcr = TCP_TIMESTAMPS ? record.tsRecent : 0;
    const options = Options.composeSyn(header + TCP_HEADER, flags, tsVal, tsEcr, userTimeout);
    // <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>
    Output.answer(outgoing, record.sndNxt - 1, record.rcvNxt, control, min(RECEIVE_RING, 0xffff), options);
    record.at = Time.after(min(RTO_INITIAL << attempts, RTO_MAX));
    if (attempts < ATTEMPTS_MOST) record.attempts = <u8>(attempts + 1);
  }

  /** The SYN,ACK of `record` is due. */
  static repeat(record: Record): void {
    const listener = Listeners.of(record.portsKey);
    if (Time.now - record.since >= SYN_TIMEOUT || listener == 0) {
      Counters.add(Counter.TcpFailedOpens);
      Records.free(record);
    } else {
      SynQueue.send(record, listener, false);
    }
  }

  /**
   * A TCB for `record`, whose SYN,ACK is acknowledged; it is not yet among those that are found. Null when none can be had:
   * the SYN,ACK will be sent again.
   */
  static complete(record: Record, listener: u32): Tcb {
    const tcb = SynQueue.hasRoom(listener) ? Tcbs.take() : changetype<Tcb>(0);
    if (changetype<usize>(tcb) == 0) {
      Counters.add(Counter.TcpListenDropped);
      return tcb;
    }
    Records.load(tcb, record, listener);
    tcb.heardAt = Time.now;
    Tcbs.startWaiting(tcb);
    return tcb;
  }

  /** Whether another connection may wait on the listener to be accepted. */
  @inline private static hasRoom(listener: u32): bool {
    return Listeners.waitingOn(listener) < Listeners.backlog(listener);
  }
}
