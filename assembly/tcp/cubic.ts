// SPDX-License-Identifier: MIT
// CUBIC, RFC 9438: in congestion avoidance the window follows W(t) = C (t - K)^3 + W_max, or the line of a NewReno that
// would share the path fairly if that is higher. Windows are octets, times are milliseconds, C is 0.4 segments/s^3.
// Left out: the undoing of spurious reductions (§4.9).

import { Time } from '../time';
import { Congestion } from './congestion';
import { Curve, Tcb } from './tcb';

/** beta_cubic, tenths. */
const BETA: u32 = 7;
/** t - K is held within this, ms: the cube stays below 2^63. */
const MOST_TIME: i64 = 100_000;

export abstract class Cubic {
  /** §4.6 and §4.7: W_max, with fast convergence, and what remains of the window. */
  static reduced(tcb: Tcb): u32 {
    const curve = tcb.cubic;
    const cwnd = tcb.cwnd;
    curve.most = cwnd < curve.most ? (cwnd / 20) * (10 + BETA) : cwnd;
    curve.epochAt = 0;
    return (cwnd / 10) * BETA;
  }

  /** §4.8: after a timeout or an idle time the curve begins anew. */
  @inline static reset(tcb: Tcb): void {
    tcb.cubic.epochAt = 0;
  }

  /** §4.2 to §4.5. */
  static acknowledged(tcb: Tcb, acked: u32): void {
    const curve = tcb.cubic;
    const cwnd = tcb.cwnd;
    const mss = tcb.mss;
    // §4.2: time in which the window was not used is no part of the curve.
    const unused = Time.now - curve.grownAt;
    curve.grownAt = Time.now;
    if (curve.epochAt == 0) Cubic.begin(tcb, curve);
    else if (unused > tcb.srtt >>> 2) curve.epochAt += unused;
    // One round trip ahead.
    const t = <i64>(<i32>(Time.now - curve.epochAt)) + (tcb.srtt >>> 3) - curve.k;
    const d = min(max(t, -MOST_TIME), MOST_TIME);
    const curved = <i64>curve.most + (((d * d * d) / 1000) * <i64>(mss * 4)) / 10_000_000;
    const target = <u32>min(max(curved, <i64>cwnd), <i64>cwnd + (cwnd >>> 1));
    // §4.3: alpha is 9/17 until W_max is reached again, then 1; where there is no queue nobody is to be spared.
    const line = <u32>((<u64>acked * mss) / cwnd);
    curve.estimate += curve.estimate < curve.most && Congestion.hasQueue(tcb) ? (line * 9) / 17 : line;
    const grown = cwnd + <u32>((<u64>(target - cwnd) * acked) / cwnd);
    tcb.cwnd = max(grown, curve.estimate);
  }

  /** §4.2: a stage of avoidance begins; K is when the curve will be back at W_max. */
  private static begin(tcb: Tcb, curve: Curve): void {
    curve.epochAt = Time.now | 1;
    curve.estimate = tcb.cwnd;
    if (curve.most <= tcb.cwnd) {
      curve.most = tcb.cwnd;
      curve.k = 0;
    } else {
      // (W_max - cwnd) / (C mss) in s^3, in ms^3 times 10^9.
      curve.k = cubeRoot(((<u64>(curve.most - tcb.cwnd) * 2_500_000) / tcb.mss) * 1000);
    }
  }
}

/** The greatest integer whose cube is not above `v`; v < 2^60. */
function cubeRoot(v: u64): u32 {
  let root: u64 = 0;
  for (let bit: u64 = 1 << 19; bit != 0; bit >>= 1) {
    const next = root | bit;
    if (next * next * next <= v) root = next;
  }
  return <u32>root;
}
