// SPDX-License-Identifier: MIT
// The retransmission timer, RFC 6298: the estimator and the timer itself. Samples are milliseconds; srtt is kept times 8
// and rttvar times 4, so that both divisions of §2.3 are shifts. Karn's rule: what was sent twice is never timed.

import { RTO_INITIAL, RTO_MARGIN, RTO_MAX, RTO_MIN, SYN_TIMEOUT } from '../config';
import { Time } from '../time';
import { seg } from './segment';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb } from './tcb';

export abstract class Rto {
  /** Time the segment that ends at `end` unless one is being timed. §3: at least one sample per round trip. */
  @inline static time(tcb: Tcb, end: u32): void {
    if (Seq.le(tcb.rttSeq, tcb.sndUna)) tcb.rttSeq = end;
  }

  /** Something was retransmitted: the segment being timed may be it, or wait behind it. Karn's rule. */
  @inline static cancelTiming(tcb: Tcb): void {
    tcb.rttSeq = tcb.sndUna;
  }

  /**
   * What was last sent `age` ms ago, and not for the first time, is acknowledged: a sample if the timestamp echoed is of
   * that transmission or a later one. An older one would count the wait for a lost ACK as round trip. RFC 7323 §4.1.
   */
  static sampleTimestamp(tcb: Tcb, age: u32): void {
    const r = Time.now - (seg.tsEcr - tcb.timestamps.offset);
    if (r <= age) Rto.sample(tcb, r);
  }

  /** §2.2, §2.3. A sample ends the back-off. */
  static sample(tcb: Tcb, r: u32): void {
    const srtt = tcb.srtt;
    if (srtt == 0) {
      tcb.srtt = max(r, 1) << 3;
      tcb.rttvar = r << 1; // R/2, times 4
    } else {
      const error = <i32>(r - (srtt >>> 3));
      const rttvar = tcb.rttvar;
      // As expected, so nothing moves; and with the least RTO, that of a near peer, there is no back-off to end.
      if (error == 0 && rttvar < 4 && tcb.rto == RTO_MIN) return;
      tcb.rttvar = rttvar + abs(error) - (rttvar >>> 2);
      tcb.srtt = max(<u32>(<i32>srtt + error), 1);
    }
    Rto.restore(tcb);
  }

  /** The RTO that the estimator gives, not backed off; before any sample the initial one. */
  static restore(tcb: Tcb): void {
    tcb.backoff = 0;
    if (tcb.srtt == 0) tcb.rto = RTO_INITIAL;
    else tcb.rto = min(max((tcb.srtt >>> 3) + max(RTO_MARGIN, tcb.rttvar), RTO_MIN), RTO_MAX);
  }

  /** §5.5 "back off the timer". */
  static backOff(tcb: Tcb): void {
    if (tcb.backoff < 255) tcb.backoff += 1;
    tcb.rto = min(tcb.rto << 1, RTO_MAX);
  }

  /** §5.1, §5.3: run for RTO from now. */
  static start(tcb: Tcb): void {
    tcb.clear(Flag.Probing);
    tcb.retransmitAt = Time.after(tcb.rto);
  }

  /** §5.2: everything is acknowledged. */
  @inline static stop(tcb: Tcb): void {
    tcb.retransmitAt = 0;
  }

  /** The user timeout, R2 of RFC 9293 §3.8.3, begins to run unless it does. */
  static startGivingUp(tcb: Tcb): void {
    if (tcb.giveUpAt != 0) return;
    const ms = tcb.state < State.Established ? SYN_TIMEOUT : tcb.userTimeout;
    tcb.giveUpAt = Time.after(ms);
  }
}
