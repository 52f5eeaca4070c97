// SPDX-License-Identifier: MIT
// What to send now: RFC 9293 §3.8 and §3.7.4. Segments leave from here only, once per poll, after everything that arrived
// has been taken in, so that one ACK answers them all. Payload is written from the ring to the link first; the header,
// which needs its sum, afterwards.

import {
  HEADER_PREDICTION,
  LOCAL_MSS,
  OVERRIDE_TIMEOUT,
  RECEIVE_RING,
  SEND_RING,
  TCP_ECN,
  TCP_RUNS,
  TCP_SACK,
  TCP_TIMESTAMPS,
  TCP_USER_TIMEOUT_OPTION,
  TCP_WINDOW_SCALE,
} from '../config';
import { Counter, Counters } from '../counters';
import { Ipv4 } from '../ip/ipv4';
import { Outgoing } from '../ip/outgoing';
import { LAST_OF_CONNECTION, OPTIONS, REPLY } from '../memory';
import { Ring } from '../storage/ring';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { Protocol } from '../wire/ipv4';
import { Net } from '../wire/net';
import { Control, TCP_HEADER, TcpHeader, TIMESTAMPS_OCTETS } from '../wire/tcp';
import { Congestion } from './congestion';
import { ECT0 } from './ecn';
import { DUE, OFFERED, Options, RCV_SHIFT } from './options';
import { Rack } from './rack';
import { Records } from './records';
import { Rto } from './rto';
import { Scoreboard } from './scoreboard';
import { seg } from './segment';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** Text of a full segment of the peer's. */
const FULL_TEXT: u32 = LOCAL_MSS - (TCP_TIMESTAMPS ? TIMESTAMPS_OCTETS : 0);
/** Least step by which the offered window opens, RFC 9293 §3.8.6.2.2. */
const WINDOW_STEP: u32 = RECEIVE_RING / 2 < FULL_TEXT ? RECEIVE_RING / 2 : FULL_TEXT;
/** A window that no single segment is missed from: `updateWindow`. */
const LARGE_WINDOW: u32 = 32 * LOCAL_MSS;

/**
 * Beside the control bits: the datagram says that congestion may be marked on it, ECT(0). New text only, RFC 3168 §6.1.5.
 */
const CAPABLE: u32 = 0x100;

/** What makes a connection one whose segments are composed with care: `next`. Of options none is due. */
const UNQUIET: u32 =
  Flag.FinQueued | Flag.Gaps | Flag.Recovery | Flag.Probing | Flag.KeepAliveDue | Flag.EcnOk | DUE;

/** What a scaled window cannot tell. */
const SCALE_MASK: u32 = (1 << RCV_SHIFT) - 1;

export abstract class Output {
  /** Let all connections send that have something to; there are some. */
  static run(): void {
    let wanted = Tcbs.outputWanted;
    let left: u64 = 0;
    do {
      const tcb = Tcbs.first(wanted);
      if (!Output.connection(tcb)) left |= tcb.bit;
      wanted &= wanted - 1;
    } while (wanted != 0);
    Tcbs.setOutputWanted(left);
  }

  /** A reset for the segment in hand, which belongs to no connection or to none that believes it. RFC 9293 §3.10.7.1. */
  static reset(): void {
    if (seg.has(Control.RST) || !Ipv4.maySend()) return;
    Counters.add(Counter.TcpResetsOut);
    const outgoing = Outgoing.at(REPLY);
    Ipv4.prepareReply(outgoing);
    TcpHeader.at(outgoing.transport).setPorts(seg.portsKey);
    if (seg.has(Control.ACK)) {
      Output.answer(outgoing, seg.ack, 0, Control.RST, 0, 0); // <SEQ=SEG.ACK><CTL=RST>
    } else {
      // <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
      Output.answer(outgoing, 0, seg.seq + seg.len, Control.RST | Control.ACK, 0, 0);
    }
  }

  /** Whether the link, if it is full, is so with segments of connections. */
  @inline static get lastOfConnection(): bool {
    return load<u32>(LAST_OF_CONNECTION) != 0;
  }

  /** A segment of no TCB: its header in `outgoing`, with ports and addresses, behind it `options` octets of options. */
  static answer(outgoing: Outgoing, seq: u32, ack: u32, control: u32, wnd: u32, options: u32): void {
    store<u32>(LAST_OF_CONNECTION, 0);
    const header = TcpHeader.at(outgoing.transport);
    const headerLen = TCP_HEADER + options;
    header.setSeq(seq);
    header.setAck(ack);
    header.setRest(headerLen, control);
    header.setWindow(wnd);
    // The addresses, the header and the options lie one behind the other.
    const addresses = outgoing.addresses;
    const length = (<u64>(Protocol.Tcp + headerLen)) << 8; // as a word of memory
    let words = length + Checksum.of20(addresses) + load<u32>(addresses, 20) + load<u32>(addresses, 24);
    for (let i: u32 = 0; i < options; i += 4) words += load<u32>(outgoing.transport + TCP_HEADER + i);
    header.setNetChecksum(Checksum.finishWords(words));
    Counters.add(Counter.TcpSegmentsOut);
    Ipv4.send(outgoing, headerLen, 0);
  }

  /** <SEQ=SND.NXT><CTL=RST>, with the ACK that most peers look at: the connection is given up. Not sent if it cannot be. */
  static abort(tcb: Tcb): void {
    if (!Ipv4.maySend() || !Ipv4.resolve(tcb.outgoing)) return;
    Counters.add(Counter.TcpResetsOut);
    Output.transmit(tcb, tcb.sndNxt, Control.RST | Control.ACK, 0, 0);
  }

  /**
   * A window probe, or what silly-window avoidance held back, in spite of it. RFC 9293 §3.8.6.1 and §3.8.6.2.1 (4).
   * False when the link or the neighbour was not ready.
   */
  static force(tcb: Tcb): bool {
    // With a window of zero what is out counts, too: it may have closed over it.
    const from = tcb.sndWnd == 0 ? tcb.sndUna : tcb.sndNxt;
    const unsent = <i32>(tcb.sndLen - (from - tcb.sndSeq));
    if (unsent <= 0) {
      tcb.clear(Flag.Probing);
      return true;
    }
    if (!Ipv4.maySend() || !Ipv4.resolve(tcb.outgoing)) return false;
    if (tcb.sndWnd > 0) {
      Output.text(tcb, min(<u32>unsent, min(tcb.sndWnd, tcb.mss)), false);
      return true;
    }
    // The probe is the first octet beyond the window. SND.NXT stays: the octet is not yet taken.
    Counters.add(Counter.TcpWindowProbes);
    Rto.cancelTiming(tcb);
    Output.emit(tcb, tcb.sndUna, Control.ACK, 1);
    if (Seq.lt(tcb.sndMax, tcb.sndUna + 1)) tcb.sndMax = tcb.sndUna + 1;
    return true;
  }

  /** In SYN-RECEIVED and TIME-WAIT: our SYN with the ACK, or an ACK, if one is due. */
  static reply(tcb: Tcb): bool {
    if (tcb.sndNxt == tcb.iss && tcb.state == State.SynReceived)
      return Output.syn(tcb, Control.SYN | Control.ACK);
    return Output.pureAck(tcb);
  }

  /**
   * The reader has made room and `held` octets are left: an ACK for its own sake if that is worth it, by RFC 9293
   * §3.8.6.2.2 for a segment; for two if an ACK that was delayed will soon tell it anyway, or the window is so large that
   * one more hardly counts.
   */
  static updateWindow(tcb: Tcb, held: u32): void {
    const offered = tcb.rcvEdge - tcb.rcvNxt;
    const more = RECEIVE_RING - held - offered;
    if (more < WINDOW_STEP) return;
    if (more < 2 * WINDOW_STEP && (tcb.ackAt != 0 || offered > LARGE_WINDOW)) return;
    if (offered != 0 && tcb.intervals.count != 0) return; // see offerWindow
    if (tcb.state >= State.Established) Tcbs.wantOutput(tcb, Flag.AckNow);
  }

  /** Send what this connection may send. False when the link was full and it is to be called again. */
  private static connection(tcb: Tcb): bool {
    if (tcb.state == State.Closed) return true;
    if (!Ipv4.maySend()) return false;
    if (!Ipv4.resolveInline(tcb.outgoing)) {
      // What has never left cannot time out otherwise.
      if (tcb.state < State.Established || tcb.sndLen > 0) Rto.startGivingUp(tcb);
      return false;
    }
    while (Output.next(tcb)) {
      if (!Ipv4.maySend()) return false;
    }
    return true;
  }

  /** Send one segment, if one is due. False: there is no other. */
  private static next(tcb: Tcb): bool {
    const state = tcb.state;
    const flags = tcb.flags;
    if (HEADER_PREDICTION && state == State.Established && !(flags & UNQUIET)) {
      // The short way. Neither SYN nor FIN is out, nothing is missing, and there are no options.
      const flight = tcb.sndNxt - tcb.sndUna;
      const unsent = tcb.sndLen - flight;
      const mss = tcb.mss;
      const len = min(unsent, mss);
      const end = flight + len;
      // What makes no full segment has to wait for what is out: `isWorthSending`.
      const mayWait = flight != 0 && !(flags & Flag.NoDelay);
      if (unsent != 0 && end <= tcb.sndWnd && end <= tcb.cwnd && (len == mss || !mayWait)) {
        if (tcb.runCount < TCP_RUNS) {
          if (HEADER_PREDICTION > 1) Output.textInline(tcb, len, false, true);
          else Output.text(tcb, len, false);
          return len != unsent;
        }
      } else if (unsent == 0 || mayWait) {
        if (flags & Flag.AckNow) Output.transmit(tcb, tcb.sndMax, Control.ACK, 0, 0);
        return false;
      }
    }
    if (state < State.Established || state == State.TimeWait) return Output.withoutText(tcb);
    if (flags & (Flag.Gaps | Flag.KeepAliveDue)) {
      if ((tcb.intervals.count | tcb.sacked | tcb.lost) == 0) tcb.clear(Flag.Gaps);
      if (flags & Flag.AckNow && tcb.intervals.count > 0) {
        // Something is missing: with text this would be no duplicate acknowledgment, RFC 5681 §2.
        Output.pureAck(tcb);
        return true;
      }
      // What is lost comes before anything new, even if there is no room for it yet: NextSeg of RFC 6675 §4.
      if (tcb.lost != 0) return Output.resend(tcb) || Output.pureAck(tcb);
      if (flags & Flag.KeepAliveDue) return Output.keepAlive(tcb);
    }
    const next = tcb.sndNxt;
    const unsent = <i32>(tcb.sndLen + tcb.sndSeq - next); // -1 when our FIN is out
    if (unsent == 0 && !(flags & Flag.Recovery)) {
      if (!(flags & Flag.FinQueued)) return Output.pureAck(tcb);
      if (Scoreboard.hasRoom(tcb)) {
        Output.text(tcb, 0, true);
        return false;
      }
    }
    const flight = next - tcb.sndUna;
    const mss = tcb.mss - Options.room(tcb);
    let len = unsent;
    const offered = <i32>(tcb.sndWnd - flight);
    if (len > offered) len = offered;
    const congestion = <i32>(tcb.cwnd + tcb.sacked - flight); // nothing is lost
    if (len > congestion) len = congestion;
    if (len > <i32>mss) len = mss;
    if (len < 0) len = 0;
    const isLast = len == unsent;
    const fin = isLast && (flags & Flag.FinQueued) != 0;
    const isWorth = fin || (len > 0 && Output.isWorthSending(tcb, len, mss, isLast, flight));
    if (isWorth && Scoreboard.hasRoom(tcb)) {
      Output.text(tcb, len, fin);
      return !isLast || (flags & Flag.Recovery) != 0; // when all is out, recovery may have more to send
    }
    if (TCP_SACK && len == 0 && tcb.has(Flag.Recovery)) {
      // Flow control may hold back what would go on telling of losses.
      const isHeld = unsent > 0 ? offered < <i32>mss : SEND_RING - tcb.sndLen < mss;
      if (isHeld && Output.rescue(tcb, mss)) return true;
    }
    if (unsent > 0 && flight == 0 && tcb.retransmitAt == 0) {
      // SHLD-29: the first probe one RTO after the window closed. The override timer runs in its place if it is just small.
      tcb.set(Flag.Probing);
      tcb.retransmitAt = Time.after(tcb.sndWnd == 0 ? tcb.rto : OVERRIDE_TIMEOUT);
    }
    return Output.pureAck(tcb);
  }

  /** In the states without text: our SYN, or an ACK. */
  private static withoutText(tcb: Tcb): bool {
    switch (tcb.state) {
      case State.SynSent:
        return tcb.sndNxt == tcb.iss && Output.syn(tcb, Control.SYN);
      case State.SynReceived: {
        const hasSent = Output.reply(tcb);
        // What SynQueue.complete took, and came to nothing: the record is still there.
        if (tcb.listener != 0) Tcbs.release(tcb);
        return hasSent;
      }
      case State.TimeWait:
        Output.pureAck(tcb);
        if (tcb.socket == 0) Records.keep(tcb);
        return false;
      default: // CLOSED
        return false;
    }
  }

  /** Sender's silly-window avoidance with Nagle's algorithm, RFC 9293 §3.8.6.2.1 (1)-(3). */
  private static isWorthSending(tcb: Tcb, len: u32, mss: u32, isLast: bool, flight: u32): bool {
    if (len == mss) return true;
    if (flight != 0 && !tcb.has(Flag.NoDelay) && !(isLast && tcb.has(Flag.FinQueued))) return false;
    return isLast || len >= tcb.sndWndMax >>> 1;
  }

  /** `len` octets of new text, from SND.NXT on, and our FIN if `fin`. */
  private static text(tcb: Tcb, len: u32, fin: bool): void {
    Output.textInline(tcb, len, fin, false);
  }

  /** The same without a call, for every segment; with `isQuiet` of a connection that has none of UNQUIET. */
  @inline private static textInline(tcb: Tcb, len: u32, fin: bool, isQuiet: bool): void {
    const seq = tcb.sndNxt;
    const end = seq + len + u32(fin);
    const now = Time.now;
    if (tcb.sndUna == seq && now - tcb.sentAt > tcb.rto) Congestion.restartAfterIdle(tcb);
    if (seq == tcb.sndMax) {
      Rto.time(tcb, end);
      tcb.sndMax = end;
    } else if (Seq.lt(tcb.sndMax, end)) {
      tcb.sndMax = end;
    }
    Scoreboard.note(tcb, end);
    tcb.sndNxt = end;
    tcb.sentAt = now;
    if (!isQuiet && tcb.has(Flag.Recovery)) tcb.prrOut += end - seq;
    if (isQuiet && tcb.retransmitAt == 0) tcb.retransmitAt = Time.after(tcb.rto);
    if (!isQuiet && (tcb.retransmitAt == 0 || tcb.has(Flag.Probing))) Rto.start(tcb);
    if (tcb.giveUpAt == 0) tcb.giveUpAt = Time.after(tcb.userTimeout);
    if (TCP_SACK && tcb.has(Flag.SackOk)) Rack.arm(tcb);
    let control: u32 = Control.ACK;
    if (fin) control |= Control.FIN;
    if (TCP_ECN && !isQuiet && tcb.has(Flag.EcnOk)) {
      if (len > 0 && tcb.has(Flag.EcnReduced)) {
        tcb.clear(Flag.EcnReduced);
        control |= Control.CWR;
      }
      if (len > 0) control |= CAPABLE;
    }
    if (isQuiet) Output.transmitInline(tcb, seq, control, 0, len);
    else Output.emit(tcb, seq, control, len);
  }

  /** The first lost segment once more, if the windows let it. */
  private static resend(tcb: Tcb): bool {
    const run = Scoreboard.firstLost(tcb);
    const start = Scoreboard.startOf(tcb, run);
    const edge = tcb.sndUna + tcb.sndWnd;
    if (!Seq.lt(start, edge)) return false;
    const len = min(Output.segmentOf(tcb, run, start), edge - start);
    if (Scoreboard.pipe(tcb) + len > tcb.cwnd && !tcb.has(Flag.Force)) return false;
    tcb.clear(Flag.Force);
    Output.again(tcb, run, start, len);
    return true;
  }

  /** The rescue retransmission, NextSeg (4) of RFC 6675 §4: nothing else may go, so what may be missing at the end does. */
  private static rescue(tcb: Tcb, mss: u32): bool {
    const pipe = Scoreboard.pipe(tcb);
    const isDone = tcb.has(Flag.PartialSeen) || !tcb.has(Flag.SackOk);
    if (isDone || tcb.sacked == 0 || pipe == 0 || pipe + mss > tcb.ssthresh) return false; // cwnd of RFC 6675
    tcb.set(Flag.PartialSeen); // one in each recovery
    const run = Scoreboard.lastOf(tcb, mss);
    const start = Scoreboard.startOf(tcb, run);
    Output.again(tcb, run, start, Output.segmentOf(tcb, run, start));
    return true;
  }

  /**
   * The tail loss probe, RFC 8985 §7.3: a segment of new text if there is some and the peer's window lets it, else the last
   * one again. False when the link or the neighbour was not ready.
   */
  static probeTail(tcb: Tcb): bool {
    if (!Ipv4.maySend() || !Ipv4.resolve(tcb.outgoing)) return false;
    const unsent = <i32>(tcb.sndLen - (tcb.sndNxt - tcb.sndSeq));
    const room = <i32>(tcb.sndWnd - (tcb.sndNxt - tcb.sndUna));
    const mss = tcb.mss - Options.room(tcb);
    const len = min(min(unsent, room), <i32>mss);
    if (len > 0 && Scoreboard.hasRoom(tcb)) {
      Output.text(tcb, len, len == unsent && tcb.has(Flag.FinQueued));
      return true;
    }
    const run = Scoreboard.lastOf(tcb, mss);
    const start = Scoreboard.startOf(tcb, run);
    tcb.set(Flag.ProbeResent);
    Output.again(tcb, run, start, Output.segmentOf(tcb, run, start));
    return true;
  }

  /** Octets of `run`, which begins at `start`, that one segment takes; a FIN comes in addition to its text. */
  private static segmentOf(tcb: Tcb, run: usize, start: u32): u32 {
    const mss = tcb.mss - Options.room(tcb);
    const out = Scoreboard.end(run) - start;
    const hasFin = tcb.has(Flag.FinQueued) && start + out - tcb.sndSeq > tcb.sndLen;
    return min(out, out == mss + 1 && hasFin ? out : mss);
  }

  /** The first `len` octets of `run`, which begins at `start`, once more. */
  private static again(tcb: Tcb, run: usize, start: u32, len: u32): void {
    Output.countRetransmission(tcb);
    tcb.sentAt = Time.now;
    if (tcb.has(Flag.Recovery)) tcb.prrOut += len;
    Scoreboard.resent(tcb, run, len);
    if (tcb.retransmitAt == 0) Rto.start(tcb);
    const hasFin = tcb.has(Flag.FinQueued) && start + len - tcb.sndSeq > tcb.sndLen;
    Output.emit(tcb, start, hasFin ? Control.ACK | Control.FIN : Control.ACK, len - u32(hasFin));
  }

  /** A keep-alive: an octet that was acknowledged long ago, without the octet. RFC 9293 §3.8.4. */
  private static keepAlive(tcb: Tcb): bool {
    tcb.clear(Flag.KeepAliveDue);
    Counters.add(Counter.TcpKeepAlives);
    Output.emit(tcb, tcb.sndNxt - 1, Control.ACK, 0);
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
    Scoreboard.noteSyn(tcb, Time.now, tcb.sndMax != tcb.iss);
    tcb.sndNxt = tcb.iss + 1;
    tcb.sndMax = tcb.sndNxt;
    Rto.start(tcb);
    Rto.startGivingUp(tcb);
    let flags = OFFERED;
    if (control & Control.ACK) {
      flags = tcb.flags;
      if (TCP_ECN && flags & Flag.EcnOk) control |= Control.ECE;
    } else if (TCP_ECN && tcb.has(Flag.EcnOk) && !tcb.has(Flag.SynRepeated)) {
      control |= Control.ECE | Control.CWR;
    }
    let tsVal: u32 = 0;
    let tsEcr: u32 = 0;
    if (TCP_TIMESTAMPS) {
      tsVal = Time.now + tcb.timestamps.offset;
      tsEcr = tcb.timestamps.recent;
    }
    const userTimeout = TCP_USER_TIMEOUT_OPTION && tcb.has(Flag.UserTimeout) ? tcb.userTimeout : 0;
    const options = Options.composeSyn(OPTIONS, flags, tsVal, tsEcr, userTimeout);
    Output.transmit(tcb, tcb.iss, control, options, 0);
    return true;
  }

  /** <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, if one is due. */
  private static pureAck(tcb: Tcb): bool {
    if (tcb.has(Flag.AckNow)) Output.emit(tcb, tcb.sndMax, Control.ACK, 0);
    return false;
  }

  /** A segment with `len` octets of the send ring from `seq` on, and the options that it needs. */
  private static emit(tcb: Tcb, seq: u32, control: u32, len: u32): void {
    Output.transmit(tcb, seq, control, Options.areDue(tcb) ? Options.compose(tcb, len) : 0, len);
  }

  /**
   * Compose a segment and hand it to IP: `len` octets of the send ring from `seq` on, `options` octets of options, which
   * lie in OPTIONS.
   */
  private static transmit(tcb: Tcb, seq: u32, control: u32, options: u32, len: u32): void {
    Output.transmitInline(tcb, seq, control, options, len);
  }

  /** The same without a call, for every segment with text. */
  @inline private static transmitInline(tcb: Tcb, seq: u32, control: u32, options: u32, len: u32): void {
    store<u32>(LAST_OF_CONNECTION, 1);
    const headerLen = TCP_HEADER + options;
    let sum = tcb.pseudoSum + headerLen + len;
    if (options != 0) sum += Ipv4.write(TCP_HEADER, OPTIONS, options);
    if (len > 0) {
      const offset = seq - tcb.sndSeq;
      // MUST-61: PSH with the last of what is there.
      if (offset + len == tcb.sndLen) control |= Control.PSH;
      const ring = tcb.sendRing;
      const start = Ring.afterInline(tcb.sndHead, offset, SEND_RING);
      const straight = SEND_RING - start;
      if (len <= straight) {
        sum += Ipv4.write(headerLen, ring + start, len);
      } else {
        sum += Ipv4.write(headerLen, ring + start, straight);
        const rest = Ipv4.write(headerLen + straight, ring, len - straight);
        sum += straight & 1 ? Checksum.odd(rest) : rest;
      }
    }
    const isCapable = (control & CAPABLE) != 0;
    if (TCP_ECN) control &= 0xff;
    const flags = tcb.flags;
    let ack: u32 = 0;
    let wnd: u32 = min(RECEIVE_RING, 0xffff);
    if (control & Control.ACK) {
      ack = tcb.rcvNxt;
      wnd = Output.offerWindow(tcb);
      if (TCP_WINDOW_SCALE) {
        // RFC 7323 §2.2: the window of a SYN is never scaled.
        if (control & Control.SYN || !(flags & Flag.ScaleOk)) wnd = min(wnd, 0xffff);
        else wnd = (wnd + SCALE_MASK) >>> RCV_SHIFT; // rounded up, lest the edge told go back: RFC 7323 §2.4
      }
      tcb.flags = flags & ~Flag.AckNow;
      tcb.ackAt = 0;
      tcb.unacked = 0;
      if (TCP_ECN && flags & Flag.EcnEcho && !(control & (Control.SYN | Control.RST))) control |= Control.ECE;
    }
    const outgoing = tcb.outgoing;
    const header = TcpHeader.at(outgoing.transport);
    header.setUrgent(0);
    if (flags & Flag.UrgentOut) {
      if (Seq.lt(seq, tcb.sndUp)) {
        const up = min(tcb.sndUp - seq, 0xffff);
        control |= Control.URG;
        header.setUrgent(up);
        sum += up;
      }
    }
    const word = (headerLen << 10) | control;
    header.setNetSeq(Net.swap32Inline(seq));
    header.setNetAck(Net.swap32Inline(ack));
    header.setOffsetAndControl(word);
    header.setWindow(wnd);
    sum += Checksum.ofU32(seq) + Checksum.ofU32(ack) + word + wnd;
    header.setChecksum(Checksum.finishInline(sum));
    Counters.addInline(Counter.TcpSegmentsOut);
    if (TCP_ECN && isCapable) outgoing.addToTos(ECT0);
    Ipv4.sendInline(outgoing, TCP_HEADER, options + len);
    if (TCP_ECN && isCapable) outgoing.addToTos(-ECT0);
  }

  /**
   * RCV.WND to advertise. Receiver's silly-window avoidance, RFC 9293 §3.8.6.2.2: the right edge moves in large steps,
   * never back.
   */
  @inline private static offerWindow(tcb: Tcb): u32 {
    const offered = tcb.rcvEdge - tcb.rcvNxt;
    let free = RECEIVE_RING - tcb.rcvLen;
    // While text is missing the edge stays: an ACK with another window is no duplicate, RFC 5681 §2 (e), and of three
    // segments there are just two duplicates to be had.
    if (free < offered + WINDOW_STEP) return offered;
    if (offered > 0 && tcb.intervals.count > 0) return offered;
    if (TCP_WINDOW_SCALE) free &= ~SCALE_MASK;
    tcb.rcvEdge = tcb.rcvNxt + free;
    return free;
  }
}
