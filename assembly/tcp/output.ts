// SPDX-License-Identifier: MIT
// What to send now: RFC 9293 §3.8 and §3.7.4. Segments leave from here only, once per poll, after everything that arrived
// has been taken in, so that one ACK answers them all. Payload is written from the ring to the link first; the header,
// which needs its sum, afterwards.

import { LOCAL_MSS, OVERRIDE_TIMEOUT, RECEIVE_RING, SEND_RING } from '../config';
import { Counter, Counters } from '../counters';
import { Ipv4 } from '../ip/ipv4';
import { ADDRESSES, Outgoing } from '../ip/outgoing';
import { REPLY, TCBS, TCBS_END } from '../memory';
import { Ring } from '../storage/ring';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { Protocol } from '../wire/ipv4';
import { Net } from '../wire/net';
import { Control, TCP_HEADER, TcpHeader } from '../wire/tcp';
import { Congestion } from './congestion';
import { Rto } from './rto';
import { seg } from './segment';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb, TCB_OCTETS } from './tcb';
import { Tcbs } from './tcbs';

/** The MSS option, RFC 9293 §3.2: kind 2, length 4, value. */
const MSS_OPTION: u32 = 0x02040000 | LOCAL_MSS;
const MSS_OPTION_LENGTH: u32 = 4;
/** Least step by which the offered window opens, RFC 9293 §3.8.6.2.2. */
const WINDOW_STEP: u32 = RECEIVE_RING / 2 < LOCAL_MSS ? RECEIVE_RING / 2 : LOCAL_MSS;

export abstract class Output {
  /** Let all connections send that have something to. */
  static run(): void {
    if (!Tcbs.outputWanted) return;
    Tcbs.setOutputWanted(false);
    for (let p: usize = TCBS; p < TCBS_END; p += TCB_OCTETS) {
      const tcb = changetype<Tcb>(p);
      if (!tcb.has(Flag.Output)) continue;
      if (Output.connection(tcb)) tcb.clear(Flag.Output);
      else Tcbs.setOutputWanted(true);
    }
  }

  /** A reset for the segment in hand, which belongs to no connection or to none that believes it. RFC 9293 §3.10.7.1. */
  static reset(): void {
    if (seg.has(Control.RST) || !Ipv4.maySend()) return;
    Counters.add(Counter.TcpResetsOut);
    const outgoing = Outgoing.at(REPLY);
    Ipv4.prepareReply(outgoing, Protocol.Tcp);
    const header = TcpHeader.at(outgoing.transport);
    header.setPorts(seg.portsKey);
    if (seg.has(Control.ACK)) {
      header.setSeq(seg.ack); // <SEQ=SEG.ACK><CTL=RST>
      header.setAck(0);
      header.setRest(TCP_HEADER, Control.RST);
    } else {
      header.setSeq(0); // <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
      header.setAck(seg.seq + seg.len);
      header.setRest(TCP_HEADER, Control.RST | Control.ACK);
    }
    const sum = Checksum.of(outgoing.addresses, ADDRESSES + TCP_HEADER) + Protocol.Tcp + TCP_HEADER;
    header.setChecksum(Checksum.finish(sum));
    Counters.add(Counter.TcpSegmentsOut);
    Ipv4.send(outgoing, TCP_HEADER, 0);
  }

  /** <SEQ=SND.NXT><CTL=RST>, with the ACK that most peers look at: the connection is given up. Not sent when it cannot be. */
  static abort(tcb: Tcb): void {
    if (!Ipv4.maySend() || !Ipv4.resolve(tcb.outgoing, tcb.remoteAddress)) return;
    Counters.add(Counter.TcpResetsOut);
    Output.transmit(tcb, tcb.sndNxt, Control.RST | Control.ACK, TCP_HEADER, 0, 0);
  }

  /**
   * A window probe, or what silly-window avoidance held back, in spite of it. RFC 9293 §3.8.6.1 and §3.8.6.2.1 (4).
   * False when the link or the neighbour was not ready.
   */
  static force(tcb: Tcb): bool {
    const offset = tcb.sndNxt - tcb.sndSeq;
    const unsent = <i32>(tcb.sndLen - offset);
    if (unsent <= 0) {
      tcb.clear(Flag.Probing);
      return true;
    }
    if (!Ipv4.maySend() || !Ipv4.resolve(tcb.outgoing, tcb.remoteAddress)) return false;
    if (tcb.sndWnd > 0) {
      Output.text(tcb, min(<u32>unsent, min(tcb.sndWnd, tcb.mss)), false);
      return true;
    }
    // The probe is the first octet beyond the window. SND.NXT stays: the octet is not yet taken.
    Counters.add(Counter.TcpWindowProbes);
    Rto.cancelTiming(tcb);
    Output.emit(tcb, tcb.sndNxt, Control.ACK, offset, 1);
    if (Seq.lt(tcb.sndMax, tcb.sndNxt + 1)) tcb.sndMax = tcb.sndNxt + 1;
    return true;
  }

  /** An ACK that is due, at once: the connection is about to be forgotten. */
  static lastAck(tcb: Tcb): void {
    if (Ipv4.maySend() && Ipv4.resolve(tcb.outgoing, tcb.remoteAddress)) Output.pureAck(tcb);
  }

  /** Whether an ACK for its own sake is worth it, since the reader has made room: two segments, or half of the ring. */
  static isWindowUpdateDue(tcb: Tcb): bool {
    const offered = tcb.rcvEdge - tcb.rcvNxt;
    if (offered > 0 && tcb.intervals.count > 0) return false; // see offerWindow
    const opened = RECEIVE_RING - tcb.rcvLen - offered;
    return opened >= min(RECEIVE_RING / 2, offered < LOCAL_MSS ? LOCAL_MSS : 2 * LOCAL_MSS);
  }

  /** Send what this connection may send. False when the link was full and it is to be called again. */
  private static connection(tcb: Tcb): bool {
    do {
      if (!Ipv4.maySend()) return false;
      if (!Ipv4.resolve(tcb.outgoing, tcb.remoteAddress)) {
        // What has never left cannot time out otherwise.
        if (tcb.state < State.Established || tcb.sndLen > 0) Rto.startGivingUp(tcb);
        return false;
      }
    } while (Output.next(tcb));
    return true;
  }

  /** Send one segment, if one is due. */
  private static next(tcb: Tcb): bool {
    switch (tcb.state) {
      case State.Closed:
      case State.Listen:
        return false;
      case State.SynSent:
        return tcb.sndNxt == tcb.iss && Output.syn(tcb, Control.SYN);
      case State.SynReceived:
        if (tcb.sndNxt == tcb.iss) return Output.syn(tcb, Control.SYN | Control.ACK);
        return Output.pureAck(tcb);
      case State.TimeWait:
        return Output.pureAck(tcb);
      default:
        break;
    }
    if (tcb.has(Flag.ResendFirst)) return Output.resendFirst(tcb);
    if (tcb.has(Flag.AckNow) && tcb.intervals.count > 0) {
      // Something is missing: with text this would be no duplicate acknowledgment, RFC 5681 §2.
      Output.pureAck(tcb);
      return true;
    }
    if (tcb.has(Flag.KeepAliveDue)) return Output.keepAlive(tcb);

    const offset = tcb.sndNxt - tcb.sndSeq;
    const unsent = <i32>(tcb.sndLen - offset); // -1 when our FIN is out
    const flight = tcb.sndNxt - tcb.sndUna;
    const room = <i32>(min(tcb.sndWnd, Congestion.window(tcb)) - flight);
    const len = max(min(min(unsent, room), <i32>tcb.mss), 0);
    const isLast = len == unsent;
    const fin = isLast && tcb.has(Flag.FinQueued);
    if (fin || (len > 0 && Output.isWorthSending(tcb, len, isLast, flight))) {
      Output.text(tcb, len, fin);
      return true;
    }
    if (unsent > 0 && flight == 0 && tcb.retransmitAt == 0) {
      // SHLD-29: the first probe one RTO after the window closed. The override timer runs in its place if it is just small.
      tcb.set(Flag.Probing);
      tcb.retransmitAt = Time.after(tcb.sndWnd == 0 ? tcb.rto : OVERRIDE_TIMEOUT);
    }
    return Output.pureAck(tcb);
  }

  /** Sender's silly-window avoidance with Nagle's algorithm, RFC 9293 §3.8.6.2.1 (1)-(3). */
  private static isWorthSending(tcb: Tcb, len: u32, isLast: bool, flight: u32): bool {
    if (len == tcb.mss) return true;
    if (Seq.lt(tcb.sndNxt, tcb.sndMax)) return true; // it was worth it once
    if (flight != 0 && !tcb.has(Flag.NoDelay) && !(isLast && tcb.has(Flag.FinQueued))) return false;
    return isLast || len >= tcb.sndWndMax >>> 1;
  }

  /** `len` octets from SND.NXT on, and our FIN if `fin`. */
  private static text(tcb: Tcb, len: u32, fin: bool): void {
    const seq = tcb.sndNxt;
    const offset = seq - tcb.sndSeq;
    const end = seq + len + u32(fin);
    if (seq == tcb.sndMax) {
      if (tcb.sndUna == seq && Time.now - tcb.sentAt > tcb.rto) Congestion.restartAfterIdle(tcb);
      Rto.time(tcb, end);
    } else {
      Output.countRetransmission(tcb);
    }
    let control: u32 = Control.ACK;
    // MUST-61: PSH with the last of what is there.
    if (len > 0 && offset + len == tcb.sndLen) control |= Control.PSH;
    if (fin) control |= Control.FIN;
    tcb.sndNxt = end;
    tcb.sentAt = Time.now;
    if (Seq.lt(tcb.sndMax, end)) tcb.sndMax = end;
    if (tcb.retransmitAt == 0 || tcb.has(Flag.Probing)) Rto.start(tcb);
    Rto.startGivingUp(tcb);
    Output.emit(tcb, seq, control, offset, len);
  }

  /** The segment at SND.UNA once more; SND.NXT stays. */
  private static resendFirst(tcb: Tcb): bool {
    tcb.clear(Flag.ResendFirst);
    const out = tcb.sndMax - tcb.sndSeq; // octets of the ring that were sent, and 1 for the FIN
    const len = min(min(out, tcb.sndLen), tcb.mss);
    const fin = tcb.has(Flag.FinQueued) && len == tcb.sndLen && out > tcb.sndLen;
    if (len == 0 && !fin) return true;
    Output.countRetransmission(tcb);
    Output.emit(tcb, tcb.sndUna, fin ? Control.ACK | Control.FIN : Control.ACK, 0, len);
    return true;
  }

  /** A keep-alive: an octet that was acknowledged long ago, without the octet. RFC 9293 §3.8.4. */
  private static keepAlive(tcb: Tcb): bool {
    tcb.clear(Flag.KeepAliveDue);
    Counters.add(Counter.TcpKeepAlives);
    Output.transmit(tcb, tcb.sndNxt - 1, Control.ACK, TCP_HEADER, 0, 0);
    return true;
  }

  private static countRetransmission(tcb: Tcb): void {
    tcb.retransmits += 1;
    Counters.add(Counter.TcpRetransmits);
    Rto.cancelTiming(tcb);
  }

  private static syn(tcb: Tcb, control: u32): bool {
    if (tcb.sndMax == tcb.iss) Rto.time(tcb, tcb.iss + 1);
    else Output.countRetransmission(tcb);
    tcb.sndNxt = tcb.iss + 1;
    tcb.sndMax = tcb.sndNxt;
    Rto.start(tcb);
    Rto.startGivingUp(tcb);
    Net.setU32(tcb.outgoing.transport + TCP_HEADER, MSS_OPTION);
    const option = Checksum.ofU32(MSS_OPTION);
    Output.transmit(tcb, tcb.iss, control, TCP_HEADER + MSS_OPTION_LENGTH, 0, option);
    return true;
  }

  /** <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, if one is due. SND.MAX in place of SND.NXT, which a timeout may have set back. */
  private static pureAck(tcb: Tcb): bool {
    if (tcb.has(Flag.AckNow)) Output.transmit(tcb, tcb.sndMax, Control.ACK, TCP_HEADER, 0, 0);
    return false;
  }

  /** A segment with `len` octets of the send ring, `offset` octets from its first. */
  private static emit(tcb: Tcb, seq: u32, control: u32, offset: u32, len: u32): void {
    let sum: u32 = 0;
    if (len > 0) {
      const ring = tcb.sendRing;
      const start = Ring.after(tcb.sndHead, offset, SEND_RING);
      const straight = Ring.straight(start, len, SEND_RING);
      sum = Ipv4.write(TCP_HEADER, ring + start, straight);
      if (straight < len) {
        const rest = Ipv4.write(TCP_HEADER + straight, ring, len - straight);
        sum += straight & 1 ? Checksum.odd(rest) : rest;
      }
    }
    Output.transmit(tcb, seq, control, TCP_HEADER, len, sum);
  }

  /** Finish the header of a segment and hand it to IP. `sum`: of text and options, which are in their places. */
  private static transmit(tcb: Tcb, seq: u32, control: u32, headerLen: u32, len: u32, sum: u32): void {
    let ack: u32 = 0;
    let wnd: u32 = RECEIVE_RING;
    if (control & Control.ACK) {
      ack = tcb.rcvNxt;
      wnd = Output.offerWindow(tcb);
      tcb.clear(Flag.AckNow);
      tcb.ackAt = 0;
      tcb.unacked = 0;
    }
    let up: u32 = 0;
    if (tcb.has(Flag.UrgentOut) && Seq.lt(seq, tcb.sndUp)) {
      control |= Control.URG;
      up = min(tcb.sndUp - seq, 0xffff);
    }
    const outgoing = tcb.outgoing;
    const header = TcpHeader.at(outgoing.transport);
    header.setSeq(seq);
    header.setAck(ack);
    header.setHeaderLenAndControl(headerLen, control);
    header.setWindow(wnd);
    header.setUrgent(up);
    sum += tcb.pseudoSum + headerLen + len;
    sum += Checksum.ofU32(seq) + Checksum.ofU32(ack) + ((headerLen << 10) | control) + wnd + up;
    header.setChecksum(Checksum.finish(sum));
    Counters.addInline(Counter.TcpSegmentsOut);
    Ipv4.send(outgoing, headerLen, len);
  }

  /** RCV.WND to advertise. Receiver's silly-window avoidance, RFC 9293 §3.8.6.2.2: the right edge moves in large steps, never back. */
  private static offerWindow(tcb: Tcb): u32 {
    const offered = tcb.rcvEdge - tcb.rcvNxt;
    const free = RECEIVE_RING - tcb.rcvLen;
    // While text is missing the edge stays: an ACK with another window is no duplicate, RFC 5681 §2 (e), and of three
    // segments there are just two duplicates to be had.
    if (free < offered + WINDOW_STEP || (offered > 0 && tcb.intervals.count > 0)) return offered;
    tcb.rcvEdge = tcb.rcvNxt + free;
    return free;
  }
}
