// SPDX-License-Identifier: MIT
// Explicit congestion notification, RFC 3168 §6.1, where both SYNs agreed: marks on what arrives are echoed until the peer
// says that it has slowed down; an echo reduces our window as congestion does, once a window.

import { Control } from '../wire/tcp';
import { Congestion } from './congestion';
import { seg } from './segment';
import { Seq } from './seq';
import { Flag, Tcb } from './tcb';

/** ECT(0) in the octet that was the type of service. */
export const ECT0: u32 = 2;
/** Congestion experienced. */
export const CE: u32 = 3;

export abstract class Ecn {
  /** §6.1.3: a segment with text has come. */
  static received(tcb: Tcb): void {
    if (seg.has(Control.CWR)) tcb.clear(Flag.EcnEcho);
    if (seg.isMarked) tcb.set(Flag.EcnEcho);
  }

  /** §6.1.2: an acceptable acknowledgment with ECE. */
  static echoed(tcb: Tcb): void {
    // Up to `recover` the peer had not heard of the last reduction: CWR goes with what lies beyond.
    if (tcb.has(Flag.Recovery) || Seq.le(tcb.sndUna, tcb.recover)) return;
    tcb.ssthresh = Congestion.congested(tcb); // a mark is never noise
    tcb.cwnd = min(tcb.cwnd, tcb.ssthresh);
    tcb.recover = tcb.sndNxt;
    tcb.set(Flag.EcnReduced);
  }
}
