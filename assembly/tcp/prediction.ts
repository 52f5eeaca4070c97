// SPDX-License-Identifier: MIT
// Header prediction (Jacobson 1990; RFC 9293 §3.10.7.4 says what may be left out): in ESTABLISHED nearly every segment is the
// one that was waited for, with ACK alone or PSH beside it, no options, all of its text in the window, nothing missing before it.
// Then the checks of other-states.ts have known answers: the sequence number is acceptable, RST, SYN, URG and FIN are off, the ACK
// is one of what is out. What is left of them is done here. Whatever is not so goes the general way, and finds nothing touched.
// That both ways end alike is a test: test/tcp/prediction.test.ts.

import { RECEIVE_RING, TCP_SACK, TCP_WINDOW_SCALE } from '../config';
import { Counter, Counters } from '../counters';
import { Ipv4 } from '../ip/ipv4';
import { Ring } from '../storage/ring';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { Net } from '../wire/net';
import { TCP_HEADER, TcpHeader } from '../wire/tcp';
import { acknowledge } from './other-states';
import { Receive, storeGap } from './receive';
import { seg } from './segment';
import { State } from './state';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** What makes a connection one whose segments are looked at closely. */
const CLOSELY: u32 =
  Flag.FinQueued |
  Flag.FinSeen |
  Flag.FinReceived |
  Flag.NoReader |
  Flag.Probing |
  Flag.TimestampsOk |
  Flag.EcnOk;

export abstract class Prediction {
  /** Take in the segment in hand, with `textLen` octets of text, if it is such a one. False: nothing was done. */
  @inline static takes(tcb: Tcb, header: TcpHeader, textLen: u32): bool {
    if (tcb.state != State.Established || tcb.flags & CLOSELY || !header.isPlainAck) return false;
    const seq = header.seq;
    const ack = header.ack;
    const acked = ack - tcb.sndUna;
    // What acknowledges nothing new and brings no text may be a duplicate acknowledgment, or is one of a window.
    if (seq != tcb.rcvNxt || acked > tcb.sndMax - tcb.sndUna || (acked | textLen) == 0) return false;
    let sum = tcb.pseudoSum + TCP_HEADER + textLen + Net.swap16(Checksum.fold64(header.sumBehindPorts));
    if (textLen != 0) {
      if (textLen > tcb.rcvEdge - seq || tcb.intervals.count != 0) return false;
      const start = Ring.after(tcb.rcvHead, tcb.rcvLen, RECEIVE_RING);
      sum +=
        textLen <= RECEIVE_RING - start
          ? Ipv4.read(tcb.receiveRing + start, textLen)
          : storeGap(tcb, seq, textLen);
    }
    if (!Checksum.isGood(sum)) {
      Counters.add(Counter.TcpChecksumError);
      return true;
    }
    Counters.addInline(Counter.TcpSegmentsIn);
    tcb.heardAt = Time.now;
    if (acked != 0) {
      seg.ack = ack;
      seg.control = 0;
      if (TCP_SACK) {
        seg.blocks = 0;
        seg.fack = tcb.selective.fack;
      }
      acknowledge(tcb, ack);
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
      Receive.arrived(tcb);
    }
    return true;
  }
}
