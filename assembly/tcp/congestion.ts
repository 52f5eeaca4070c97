// SPDX-License-Identifier: MIT
// The congestion window: slow start and congestion avoidance of RFC 5681, with the initial window of RFC 6928; in avoidance
// NewReno's line or, by config, the curve of CUBIC (cubic.ts). When it is reduced is recovery.ts's matter and ecn.ts's; by
// how much is said here.

import { INITIAL_WINDOW, LOSS_WITHOUT_QUEUE, SEND_RING, TCP_CUBIC } from '../config';
import { Cubic } from './cubic';
import { Flag, Tcb } from './tcb';

/** More than twice what can be in flight is of no use. */
const MOST: u32 = 2 * SEND_RING + 2 * 1460;

/** Octets that the initial window has at most: two segments are never more. */
const INITIAL_OCTETS: u32 = INITIAL_WINDOW <= 4 ? 4380 : INITIAL_WINDOW * 1460;

/** IW of RFC 5681 §3.1 or RFC 6928 §2. */
function initialWindow(mss: u32): u32 {
  return min(INITIAL_WINDOW * mss, INITIAL_OCTETS);
}

export abstract class Congestion {
  /** RFC 5681 §3.1: the initial window; one segment when the SYN was lost. */
  static start(tcb: Tcb): void {
    tcb.cwnd = tcb.has(Flag.SynRepeated) ? tcb.mss : initialWindow(tcb.mss);
  }

  /** RFC 5681 §4.1: nothing was sent for longer than an RTO; the old window says nothing about now. */
  static restartAfterIdle(tcb: Tcb): void {
    tcb.cwnd = min(tcb.cwnd, initialWindow(tcb.mss));
    if (TCP_CUBIC) Cubic.reset(tcb);
  }

  /** An acknowledgment of `acked` new octets, of `flight` that were out, outside recovery. */
  @inline static acknowledged(tcb: Tcb, acked: u32, flight: u32): void {
    const cwnd = tcb.cwnd;
    // A window of which less than half was used says nothing about the network: do not let it grow. RFC 7661 §4.3.
    if (flight * 2 >= cwnd) Congestion.widen(tcb, cwnd, acked);
  }

  private static widen(tcb: Tcb, cwnd: u32, acked: u32): void {
    const mss = tcb.mss;
    if (cwnd < tcb.ssthresh) tcb.cwnd = cwnd + min(acked, mss);
    else if (TCP_CUBIC) Cubic.acknowledged(tcb, acked);
    else tcb.cwnd = cwnd + max((mss * mss) / cwnd, 1);
    tcb.cwnd = min(tcb.cwnd, MOST);
  }

  /** ssthresh after a loss: that of congestion or, where there is no queue, what config says. */
  static reduced(tcb: Tcb): u32 {
    const congested = Congestion.congested(tcb);
    if (Congestion.hasQueue(tcb)) return congested;
    return max((tcb.cwnd / 100) * LOSS_WITHOUT_QUEUE, initialWindow(tcb.mss));
  }

  /** ssthresh after congestion: RFC 5681 §3.1 equation 4 or RFC 9438 §4.6. */
  static congested(tcb: Tcb): u32 {
    // What limited transmit sent, which is what lies beyond cwnd, does not count.
    const rest = TCP_CUBIC ? Cubic.reduced(tcb) : min(tcb.sndNxt - tcb.sndUna, tcb.cwnd) >>> 1;
    return max(rest, 2 * tcb.mss);
  }

  /** Whether the newest round trip is longer than the least by more than a tick of the clock; true when none is known. */
  static hasQueue(tcb: Tcb): bool {
    return LOSS_WITHOUT_QUEUE == 0 || tcb.minRtt == 0xffff || <u32>tcb.rackRtt > <u32>tcb.minRtt + 1;
  }

  /** RFC 5681 §3.1: the loss window. */
  static timeout(tcb: Tcb): void {
    tcb.cwnd = tcb.mss;
    // RFC 9438 §4.8: the next stage begins with K = 0, at what the window is by then.
    if (TCP_CUBIC) tcb.cubic.most = 0;
  }
}
