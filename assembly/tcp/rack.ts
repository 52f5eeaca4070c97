// SPDX-License-Identifier: MIT
// RACK-TLP, RFC 8985: a segment is lost when one that was sent later, by more than a reordering window, has arrived. And
// when acknowledgments stop, a probe at the tail makes one come, long before the retransmission timer would.
// The segments are the scoreboard's runs. Of a peer without SACK nothing here is asked.

import { MAX_ACK_DELAY, TCP_TIMESTAMPS } from '../config';
import { Counter, Counters } from '../counters';
import { Time } from '../time';
import { Output } from './output';
import { Recovery } from './recovery';
import { Rto } from './rto';
import { Mark, Scoreboard } from './scoreboard';
import { seg } from './segment';
import { Seq } from './seq';
import { Flag, Tcb } from './tcb';

/** Recoveries after which the reordering window falls back. §6.2 step 4. */
const PERSIST: u32 = 16;
/** Least probe timeout, ms: below, a timer of milliseconds would often be early. */
const PTO_MIN: u32 = 10;
/** Probe timeout before any RTT sample, ms. §7.2. */
const PTO_INITIAL: u32 = 1000;
const MOST_RTT: u32 = 0xffff;

export abstract class Rack {
  /** §6.2 steps 1 to 3: `run`, up to `end`, was delivered. */
  static delivered(tcb: Tcb, run: usize, end: u32): void {
    const sent = Scoreboard.sent(run);
    const rtt = min(Scoreboard.age(sent), MOST_RTT);
    const isResent = Scoreboard.is(run, Mark.Resent);
    // Below what was delivered before this ACK: several blocks of one ACK come in any order.
    if (!isResent && Seq.le(end, seg.fack)) tcb.set(Flag.Reorders);
    if (Seq.lt(tcb.selective.fack, end)) tcb.selective.fack = end;
    if (isResent) {
      // Is it the first transmission that is acknowledged? §6.2 step 2.
      if (rtt < tcb.minRtt) return;
      if (TCP_TIMESTAMPS && tcb.has(Flag.TimestampsOk)) {
        if (Seq.lt(seg.tsEcr - tcb.timestamps.offset, Time.now - rtt)) return;
      }
    } else if (rtt < tcb.minRtt) {
      tcb.minRtt = <u16>rtt;
    }
    const order = Scoreboard.order(run);
    const later = <i32>(order - tcb.selective.rackSent);
    if (later < 0 || (later == 0 && Seq.lt(end, tcb.selective.rackEnd))) return;
    tcb.selective.rackSent = order;
    tcb.selective.rackEnd = end;
    tcb.rackRtt = <u16>rtt;
  }

  /** §6.2 step 5: mark what is lost; for what may be, the reordering timer. */
  static detect(tcb: Tcb): void {
    const window = Rack.patience(tcb);
    let wait: u32 = 0;
    for (let i: u32 = 0; i < tcb.runCount; i++) {
      const run = Scoreboard.at(tcb, i);
      if (Scoreboard.is(run, Mark.Sacked | Mark.Lost)) continue;
      const later = <i32>(tcb.selective.rackSent - Scoreboard.order(run));
      if (later < 0 || (later == 0 && !Seq.lt(Scoreboard.end(run), tcb.selective.rackEnd))) continue;
      const age = Scoreboard.age(Scoreboard.sent(run));
      if (age >= window) i = Scoreboard.lose(tcb, i);
      else wait = max(wait, window - age);
    }
    if (wait != 0) {
      tcb.set(Flag.Reordering);
      tcb.lossAt = Time.after(wait);
    } else {
      tcb.clear(Flag.Reordering);
      tcb.lossAt = 0;
    }
  }

  /** §6.2 step 4, RACK_update_reo_wnd: the peer got something twice, so what was called lost was only late. */
  static duplicateReported(tcb: Tcb): void {
    if (Seq.lt(tcb.sndUna, tcb.selective.dsackRound)) return;
    tcb.selective.dsackRound = tcb.sndNxt;
    if (tcb.reoMult < 255) tcb.reoMult += 1;
    // Sixteen recoveries from the next one on: one that ends with this very ACK does not count.
    const isEnding = tcb.has(Flag.Recovery) && !Seq.lt(tcb.sndUna, tcb.recover);
    tcb.reoPersist = <u8>(PERSIST + u32(isEnding));
  }

  /** A recovery has ended. */
  static recovered(tcb: Tcb): void {
    if (tcb.reoPersist == 0) return;
    tcb.reoPersist -= 1;
    if (tcb.reoPersist == 0) tcb.reoMult = 1;
  }

  /** §7.2: text was sent or acknowledged; unless something is missing, wait for the rest as long as two round trips. */
  static arm(tcb: Tcb): void {
    if (tcb.has(Flag.Reordering)) {
      if (tcb.sacked != 0) return;
      tcb.clear(Flag.Reordering); // what it waited for has come
    }
    const out = tcb.sndNxt - tcb.sndUna;
    const isQuiet = !tcb.has(Flag.Recovery | Flag.Probe | Flag.Probing) && tcb.sacked + tcb.lost == 0;
    if (out == 0 || !isQuiet || Seq.lt(tcb.sndUna, tcb.recover)) {
      tcb.lossAt = 0;
      return;
    }
    let pto = tcb.srtt != 0 ? max(tcb.srtt >>> 2, PTO_MIN) : PTO_INITIAL;
    if (out <= tcb.mss) pto += MAX_ACK_DELAY;
    const at = Time.now + pto;
    tcb.lossAt = tcb.retransmitAt != 0 && Seq.lt(tcb.retransmitAt, at) ? tcb.retransmitAt : Time.after(pto);
  }

  /** The reordering timer or the probe timeout has expired. */
  static timeout(tcb: Tcb): void {
    tcb.lossAt = 0;
    if (tcb.has(Flag.Reordering)) {
      tcb.clear(Flag.Reordering);
      Rack.detect(tcb);
      Recovery.lossesFound(tcb);
      return;
    }
    if (tcb.runCount == 0 || tcb.sacked + tcb.lost != 0) return;
    // §7.3: new text if there is some, else the last segment.
    Counters.add(Counter.TcpTailProbes);
    tcb.set(Flag.Probe); // before it leaves: with it no other is armed
    if (!Output.probeTail(tcb)) {
      tcb.clear(Flag.Probe);
      tcb.lossAt = Time.after(PTO_MIN); // the link was full
      return;
    }
    tcb.selective.tlpEnd = tcb.sndNxt;
    Rto.start(tcb);
  }

  /** §7.4.2: what the ACK in hand tells of the probe. `advanced`: SND.UNA has moved. `isDuplicate`: a D-SACK. */
  static probeAnswered(tcb: Tcb, advanced: bool, isDuplicate: bool): void {
    if (Seq.lt(seg.ack, tcb.selective.tlpEnd)) return;
    if (tcb.has(Flag.ProbeResent) && !isDuplicate) {
      if (Seq.lt(tcb.selective.tlpEnd, seg.ack)) Recovery.repaired(tcb);
      else if (advanced) return; // of the first transmission or of the probe: what comes next will tell
    }
    tcb.clear(Flag.Probe | Flag.ProbeResent);
  }

  /** How old what was sent before the segment delivered last may be, ms: RACK.rtt + RACK.reo_wnd. */
  static patience(tcb: Tcb): u32 {
    return <u32>tcb.rackRtt + Rack.reorderingWindow(tcb);
  }

  /** RACK.reo_wnd, ms. */
  private static reorderingWindow(tcb: Tcb): u32 {
    if (!tcb.has(Flag.Reorders) && (tcb.has(Flag.Recovery) || tcb.sacked > 2 * tcb.mss)) return 0;
    return min((<u32>tcb.reoMult * tcb.minRtt) >>> 2, tcb.srtt >>> 3);
  }
}
