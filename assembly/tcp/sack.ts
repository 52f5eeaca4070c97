// SPDX-License-Identifier: MIT
// SACK blocks that came, RFC 2018 and 2883: into the scoreboard, and what they report as received twice. A block that makes
// no sense is passed over: out of order, outside what is in flight.

import { Net } from '../wire/net';
import { Rack } from './rack';
import { Scoreboard } from './scoreboard';
import { seg } from './segment';
import { Seq } from './seq';
import { Tcb } from './tcb';

export abstract class Sack {
  /** Take in the blocks of `seg`. Returns the octets that the peer was not known to hold. */
  static take(tcb: Tcb): u32 {
    let newly: u32 = 0;
    for (let p = seg.blocks; p < seg.blocksEnd; p += 8) {
      const start = Net.u32(p);
      const end = Net.u32(p + 4);
      const isInFlight = Seq.lt(start, end) && Seq.le(tcb.sndUna, start) && Seq.le(end, tcb.sndNxt);
      if (isInFlight) newly += Scoreboard.hold(tcb, start, end);
    }
    return newly;
  }

  /**
   * RFC 2883 §4: whether the first block reports what came twice: it lies below SEG.ACK, or within the second. If so, RACK
   * is told.
   */
  static report(tcb: Tcb): bool {
    const p = seg.blocks;
    if (p == 0) return false;
    const start = Net.u32(p);
    const isBelow = Seq.lt(start, seg.ack);
    const isWithin =
      p + 8 < seg.blocksEnd && Seq.le(Net.u32(p + 8), start) && Seq.le(Net.u32(p + 4), Net.u32(p + 12));
    if (!isBelow && !isWithin) return false;
    Rack.duplicateReported(tcb);
    return true;
  }
}
