// SPDX-License-Identifier: MIT
// Header prediction (Jacobson 1990; RFC 9293 §3.10.7.4 says what may be left out): in ESTABLISHED nearly every segment is
// the one that was waited for, with ACK, perhaps PSH and FIN, no options, all of it in the window, nothing missing before
// it. Then the checks of other-states.ts have known answers: the sequence number is acceptable, RST, SYN and URG are off,
// the ACK is one of what is out. What is left of them is done here. Two more come with every connection: the ACK that ends
// the handshake, and that of our FIN in LAST-ACK. Whatever is not so goes the general way, and finds nothing touched.
// That both ways end alike is a test: test/tcp/prediction.test.ts.

import { RECEIVE_RING, SEND_RING, TCP_SACK, TCP_WINDOW_SCALE } from '../config';
import { Counter, Counters } from '../counters';
import { Ipv4 } from '../ip/ipv4';
import { Ring } from '../storage/ring';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { Net } from '../wire/net';
import { Control, TCP_HEADER, TcpHeader } from '../wire/tcp';
import { Listeners } from './listeners';
import { acknowledge, finArrived } from './other-states';
import { Rack } from './rack';
import { headerSum, Receive, storeGap, strangersSum } from './receive';
import { Record } from './record';
import { Records } from './records';
import { Recovery } from './recovery';
import { Rto } from './rto';
import { Scoreboard } from './scoreboard';
import { seg } from './segment';
import { establish, look } from './segment-arrives';
import { Seq } from './seq';
import { State } from './state';
import { SynQueue } from './syn-queue';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** What makes a connection one whose segments are looked at closely. */
const CLOSELY: u32 =
  Flag.FinQueued |
  Flag.FinSeen |
  Flag.FinReceived |
  Flag.Gaps |
  Flag.NoReader |
  Flag.Probing |
  Flag.TimestampsOk |
  Flag.EcnOk;

/** Length and control bits of a header without options that has ACK alone, as they lie in memory; what else may be set. */
const PLAIN_ACK: u32 = 0x1050;
const MAY_BE_SET: u32 = (Control.PSH | Control.FIN) << 8;

/** What makes an acknowledgment one that is looked at closely. */
const UNQUIET: u32 =
  Flag.Recovery | Flag.PartialSeen | Flag.UrgentOut | (TCP_SACK ? Flag.Probe | Flag.Reordering : 0);

export abstract class Prediction {
  /** Take in the segment in hand, with `textLen` octets of text, if it is such a one. False: nothing was done. */
  @inline static takes(tcb: Tcb, header: TcpHeader, textLen: u32): bool {
    const word = header.netOffsetAndControl;
    if ((word & ~MAY_BE_SET) != PLAIN_ACK) return false;
    if (tcb.state == State.LastAck)
      return word == PLAIN_ACK && textLen == 0 && Prediction.isLastAck(tcb, header);
    const flags = tcb.flags;
    if (tcb.state != State.Established || flags & CLOSELY) return false;
    const fin = (word >>> 8) & Control.FIN; // as an octet of sequence space
    const seq = Net.swap32Inline(header.netSeq);
    const ack = Net.swap32Inline(header.netAck);
    const una = tcb.sndUna;
    const acked = ack - una;
    const flight = tcb.sndNxt - una;
    if (seq != tcb.rcvNxt) return false;
    if (Seq.lt(seq, tcb.sndWl1)) return false;
    if (acked > flight) return false;
    // What acknowledges nothing new and brings no text may be a duplicate acknowledgment, or is one of a window.
    if ((acked | textLen | fin) == 0) return false;
    // Beyond the window; or less than a header, which is as good as beyond any window.
    if (textLen >= tcb.rcvEdge - seq + 1 - fin) return false;
    let sum = tcb.pseudoSum + TCP_HEADER + textLen;
    if (textLen != 0) {
      const start = Ring.afterInline(tcb.rcvHead, tcb.rcvLen, RECEIVE_RING);
      sum +=
        textLen <= RECEIVE_RING - start
          ? Ipv4.readInline(tcb.receiveRing + start, textLen)
          : storeGap(tcb, seq, textLen);
    }
    if (!Checksum.isGood(Checksum.fold64(((<u64>sum) << 8) + header.sumBehindPorts))) {
      Counters.add(Counter.TcpChecksumError);
      return true;
    }
    Counters.addInline(Counter.TcpSegmentsIn);
    tcb.heardAt = Time.now;
    if (acked != 0) {
      if (flags & UNQUIET) Prediction.acknowledged(tcb, ack);
      else Prediction.acknowledgedQuietly(tcb, ack, acked, flight);
    }
    // The send window: this segment is newer than the one that told it last.
    let wnd = header.window;
    if (TCP_WINDOW_SCALE) wnd <<= tcb.sndShift;
    if (wnd > tcb.sndWnd) {
      if (wnd > tcb.sndWndMax) tcb.sndWndMax = wnd;
      Tcbs.wantOutput(tcb, 0);
    }
    tcb.sndWnd = wnd;
    tcb.sndWl1 = seq;
    tcb.sndWl2 = ack;
    if (textLen != 0) {
      tcb.rcvNxt = seq + textLen;
      tcb.rcvLen += textLen;
      Receive.oweAck(tcb);
    }
    Tcbs.news(tcb); // text, or room for some
    if (fin != 0) {
      tcb.rcvFin = tcb.rcvNxt;
      finArrived(tcb);
      Tcbs.wantOutput(tcb, Flag.FinSeen | Flag.AckNow);
    }
    return true;
  }

  /** Take in the ACK of our FIN in LAST-ACK, if it is such a one: the connection is over. */
  private static isLastAck(tcb: Tcb, header: TcpHeader): bool {
    const ack = header.ack;
    if (header.seq != tcb.rcvNxt || ack != tcb.sndMax || ack - tcb.sndSeq != tcb.sndLen + 1) return false;
    if (tcb.flags & (Flag.TimestampsOk | Flag.EcnOk)) return false;
    if (!Checksum.isGood(headerSum(tcb, header) + TCP_HEADER)) {
      Counters.add(Counter.TcpChecksumError);
      return true;
    }
    Counters.add(Counter.TcpSegmentsIn);
    Tcbs.enter(tcb, State.Closed);
    return true;
  }

  /**
   * Take in the segment in hand, if it is the ACK that ends the handshake of `record` and one that no check can stop.
   * False: nothing was done.
   */
  static endsHandshake(record: Record, header: TcpHeader): bool {
    if (header.netOffsetAndControl != PLAIN_ACK || !Records.isHalfOpen(record) || record.attempts == 0)
      return false;
    const seq = header.seq;
    const ack = header.ack;
    if (seq != record.rcvNxt || ack != record.sndNxt || Records.hasTimestamps(record)) return false;
    const listener = Listeners.of(record.portsKey);
    if (listener == 0) return false;
    if (!Checksum.isGood(strangersSum() + TCP_HEADER)) {
      Counters.add(Counter.TcpChecksumError);
      return true;
    }
    Counters.add(Counter.TcpSegmentsIn);
    const tcb = SynQueue.complete(record, listener);
    if (changetype<usize>(tcb) == 0) return true;
    seg.seq = seq;
    seg.ack = ack;
    seg.wnd = header.window;
    seg.control = Control.ACK;
    look(tcb);
    Records.giveWay(record, tcb);
    establish(tcb);
    Ipv4.findHop(tcb.outgoing); // there is nothing to send, but there will be
    return true;
  }

  private static acknowledged(tcb: Tcb, ack: u32): void {
    seg.ack = ack;
    seg.control = 0;
    seg.blocks = 0;
    if (TCP_SACK) seg.fack = tcb.selective.fack;
    acknowledge(tcb, ack);
  }

  /**
   * The same while nothing is lost, probed or urgent: text leaves the send ring, the window grows, the timer starts anew.
   */
  @inline private static acknowledgedQuietly(tcb: Tcb, ack: u32, acked: u32, flight: u32): void {
    const una = ack - acked;
    if (TCP_SACK) seg.fack = tcb.selective.fack;
    // All that is out, and it left in one burst.
    if (acked == flight && tcb.runCount == 1) Scoreboard.allAcknowledged(tcb, una, ack);
    else Scoreboard.acknowledged(tcb, una, ack);
    tcb.sndUna = ack;
    tcb.sndSeq = ack; // neither SYN nor FIN is out
    tcb.sndHead = Ring.afterInline(tcb.sndHead, acked, SEND_RING);
    tcb.sndLen -= acked;
    Recovery.grow(tcb, ack, acked, flight);
    tcb.backoff = 0;
    if (acked == flight) {
      Rto.stop(tcb);
      tcb.giveUpAt = 0;
    } else {
      tcb.retransmitAt = Time.after(tcb.rto);
      tcb.giveUpAt = Time.after(tcb.userTimeout);
    }
    if (TCP_SACK && tcb.has(Flag.SackOk)) Rack.arm(tcb);
    Tcbs.wantOutput(tcb, 0);
  }
}
