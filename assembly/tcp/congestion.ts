// SPDX-License-Identifier: MIT
// Congestion control: slow start and congestion avoidance of RFC 5681, fast retransmit and recovery of RFC 6582 (NewReno),
// limited transmit of RFC 3042, and early retransmit of RFC 5827, without which a window of three segments could never
// bring three duplicate acknowledgments.

import { Counter, Counters } from '../counters';
import { Rto } from './rto';
import { Seq } from './seq';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** IW of RFC 5681 §3.1: 4, 3 or 2 segments. */
function initialWindow(mss: u32): u32 {
  return min(4 * mss, max(2 * mss, 4380));
}

export abstract class Congestion {
  /** §3.1: the initial window; one segment when the SYN was lost. */
  static start(tcb: Tcb): void {
    tcb.cwnd = tcb.has(Flag.SynRepeated) ? tcb.mss : initialWindow(tcb.mss);
  }

  /** §4.1: nothing was sent for longer than an RTO; the old window says nothing about now. */
  static restartAfterIdle(tcb: Tcb): void {
    tcb.cwnd = min(tcb.cwnd, initialWindow(tcb.mss));
  }

  /** How much may be in flight: cwnd, and during the first two duplicates a segment more for each. RFC 3042. */
  @inline static window(tcb: Tcb): u32 {
    if (tcb.dupAcks == 0 || tcb.has(Flag.Recovery) || tcb.sndNxt != tcb.sndMax) return tcb.cwnd;
    return tcb.cwnd + min(tcb.dupAcks, 2) * tcb.mss;
  }

  /** An acknowledgment of `acked` new octets, of `flight` that were out; SND.UNA has moved already. */
  static acknowledged(tcb: Tcb, acked: u32, flight: u32): void {
    tcb.dupAcks = 0;
    if (tcb.has(Flag.Recovery)) {
      if (Seq.lt(tcb.sndUna, tcb.recover)) Congestion.partial(tcb, acked);
      else Congestion.leaveRecovery(tcb);
      return;
    }
    // `recover` is passed: it goes along, lest it seem to lie ahead when the sequence numbers have come half way round.
    if (Seq.lt(tcb.recover, tcb.sndUna)) tcb.recover = tcb.sndUna;
    const cwnd = tcb.cwnd;
    const mss = tcb.mss;
    // A window that was not used up says nothing about the network: do not let it grow. RFC 7661 §4.
    if (flight + mss <= cwnd) return;
    if (cwnd < tcb.ssthresh) tcb.cwnd = cwnd + min(acked, mss);
    else tcb.cwnd = cwnd + max((mss * mss) / cwnd, 1);
    tcb.cwnd = min(tcb.cwnd, 0xffff);
  }

  /** A duplicate acknowledgment as RFC 5681 §2 defines it. */
  static duplicate(tcb: Tcb): void {
    if (tcb.has(Flag.Recovery)) {
      tcb.cwnd += tcb.mss; // RFC 6582 §3.2 step 3: a segment has left the network
      Tcbs.wantOutput(tcb, 0);
      return;
    }
    tcb.dupAcks += 1;
    // RFC 6582 §4.1: duplicates of what was sent before the last timeout or recovery start nothing.
    if (tcb.dupAcks == Congestion.threshold(tcb) && !Seq.lt(tcb.sndUna, tcb.recover))
      Congestion.enterRecovery(tcb);
    else Tcbs.wantOutput(tcb, 0);
  }

  /** The retransmission timer has expired. RFC 5681 §3.1 equation 4, for the first timeout of a segment only. */
  static timeout(tcb: Tcb): void {
    if (tcb.backoff == 0) tcb.ssthresh = max((tcb.sndMax - tcb.sndUna) >>> 1, 2 * tcb.mss);
    tcb.cwnd = tcb.mss;
    tcb.recover = tcb.sndMax;
    tcb.dupAcks = 0;
    tcb.clear(Flag.Recovery | Flag.ResendFirst);
  }

  /** Three duplicates; fewer if fewer segments than four are out and no new one can follow (RFC 5827 §3.1). */
  private static threshold(tcb: Tcb): u32 {
    const flight = tcb.sndMax - tcb.sndUna;
    if (flight >= 4 * tcb.mss) return 3;
    // "Ready": not what Nagle's algorithm holds back.
    const unsent = <i32>(tcb.sndLen - (tcb.sndMax - tcb.sndSeq));
    const isReady = unsent >= <i32>tcb.mss || (unsent > 0 && tcb.has(Flag.NoDelay | Flag.FinQueued));
    if (isReady && flight < tcb.sndWnd) return 3;
    const segments = (flight + tcb.mss - 1) / tcb.mss;
    return segments == 2 || segments == 3 ? segments - 1 : 3;
  }

  private static enterRecovery(tcb: Tcb): void {
    Counters.add(Counter.TcpFastRetransmits);
    // §3.2 step 2: what limited transmit sent, which is what lies beyond cwnd, does not count.
    tcb.ssthresh = max(min(tcb.sndMax - tcb.sndUna, tcb.cwnd) >>> 1, 2 * tcb.mss);
    tcb.recover = tcb.sndMax;
    tcb.cwnd = tcb.ssthresh + 3 * tcb.mss;
    Rto.start(tcb);
    Tcbs.wantOutput(tcb, Flag.Recovery | Flag.ResendFirst);
  }

  /** RFC 6582 §3.2 step 5, partial acknowledgment: the next hole, and as many new segments as have left. */
  private static partial(tcb: Tcb, acked: u32): void {
    tcb.cwnd -= min(acked, tcb.cwnd);
    if (acked >= tcb.mss) tcb.cwnd += tcb.mss;
    tcb.cwnd = max(tcb.cwnd, tcb.mss);
    Tcbs.wantOutput(tcb, Flag.ResendFirst);
  }

  /** Step 5, full acknowledgment, option 1: no burst. */
  private static leaveRecovery(tcb: Tcb): void {
    tcb.clear(Flag.Recovery);
    const flight = tcb.sndMax - tcb.sndUna;
    tcb.cwnd = min(tcb.ssthresh, max(flight, tcb.mss) + tcb.mss);
  }
}
