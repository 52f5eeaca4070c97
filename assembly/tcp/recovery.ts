// SPDX-License-Identifier: MIT
// Loss recovery, one for all peers: what the scoreboard marks as lost is sent again first, as fast as proportional rate
// reduction (RFC 9937, once 6937) lets it. What marks it: RACK (rack.ts); of a peer without SACK, duplicate acknowledgments
// (RFC 5681 §3.2, early retransmit of RFC 5827) and partial ones (RFC 6582). Octets that the peer holds are not in the
// network, so that with the first duplicates new text leaves: limited transmit, RFC 3042.

import { TCP_SACK } from '../config';
import { Counter, Counters } from '../counters';
import { Congestion } from './congestion';
import { Rack } from './rack';
import { Rto } from './rto';
import { Scoreboard } from './scoreboard';
import { Seq } from './seq';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** Flags of a tail loss probe, and of it and the reordering timer. */
const PROBE: u32 = TCP_SACK ? Flag.Probe | Flag.ProbeResent : 0;
const OF_RACK: u32 = TCP_SACK ? PROBE | Flag.Reordering : 0;

export abstract class Recovery {
  /** An acknowledgment of `acked` new octets by which `delivered` have arrived; `flight` were out. SND.UNA has moved. */
  static acknowledged(tcb: Tcb, acked: u32, delivered: u32, flight: u32): void {
    if (!tcb.has(Flag.Recovery)) Recovery.grow(tcb, tcb.sndUna, acked, flight);
    if (tcb.has(Flag.Recovery) || (tcb.sacked | tcb.lost) != 0) {
      if (!TCP_SACK || !tcb.has(Flag.SackOk)) delivered = Recovery.withoutSack(tcb, acked);
      if (tcb.has(Flag.Recovery) && !Seq.lt(tcb.sndUna, tcb.recover)) {
        // PRR is over: RFC 9937 §6.2.
        tcb.clear(Flag.Recovery | Flag.Force);
        tcb.cwnd = tcb.ssthresh;
        if (TCP_SACK) Rack.recovered(tcb);
      }
      if ((tcb.sacked | tcb.lost) != 0 || tcb.has(Flag.Recovery)) Recovery.step(tcb, delivered, true);
    }
  }

  /** The same outside recovery, as far as the congestion window goes. */
  @inline static grow(tcb: Tcb, una: u32, acked: u32, flight: u32): void {
    tcb.dupAcks = 0;
    // `recover` is passed: it goes along, lest it seem to lie ahead when the sequence numbers have come half way round.
    if (Seq.lt(tcb.recover, una)) tcb.recover = una;
    Congestion.acknowledged(tcb, acked, flight);
  }

  /** SND.UNA stands, and `delivered` octets have arrived beyond it. */
  static duplicate(tcb: Tcb, delivered: u32): void {
    if (!TCP_SACK || !tcb.has(Flag.SackOk)) {
      // RFC 6582 §4: after a timeout they answer what was resent without need.
      if (!tcb.has(Flag.Recovery) && Seq.lt(tcb.sndUna, tcb.recover)) return;
      tcb.dupAcks += 1; // modulo 256: by then it is in recovery
      delivered = tcb.mss;
      Recovery.supposeHeld(tcb, tcb.sacked + delivered);
      if (tcb.dupAcks == Recovery.threshold(tcb) && !tcb.has(Flag.Recovery))
        Scoreboard.loseFirst(tcb, tcb.mss);
    }
    Recovery.step(tcb, delivered, false);
    Tcbs.wantOutput(tcb, 0);
  }

  /** A timer has marked losses. */
  static lossesFound(tcb: Tcb): void {
    Recovery.step(tcb, 0, false);
    Tcbs.wantOutput(tcb, 0);
  }

  /** The retransmission timer has expired. RFC 5681 §3.1 equation 4, for the first timeout of a segment only. */
  static timeout(tcb: Tcb): void {
    if (tcb.backoff == 0) tcb.ssthresh = Congestion.reduced(tcb);
    Congestion.timeout(tcb);
    tcb.recover = tcb.sndNxt;
    tcb.dupAcks = 0;
    tcb.clear(Flag.Recovery | OF_RACK);
    // RFC 6298 §5.4: the first goes again, though what left a moment ago may still fill the window.
    tcb.set(Flag.Force);
    if (TCP_SACK) tcb.lossAt = 0;
    if (!TCP_SACK || !tcb.has(Flag.SackOk)) tcb.sacked = 0;
    // RFC 8985 §6.3; without a time by which to judge, all of it.
    Scoreboard.loseAll(tcb, TCP_SACK && tcb.has(Flag.SackOk) ? Rack.patience(tcb) : 0);
  }

  /** A loss was mended before it was noticed: the window is reduced as if in a recovery that is over. RFC 8985 §7.4. */
  static repaired(tcb: Tcb): void {
    if (tcb.has(Flag.Recovery) || Seq.lt(tcb.sndUna, tcb.recover)) return;
    tcb.ssthresh = Congestion.reduced(tcb);
    tcb.cwnd = min(tcb.cwnd, tcb.ssthresh);
    tcb.recover = tcb.sndNxt;
  }

  /** Look for losses, begin to recover from them, say how much may be sent meanwhile. */
  private static step(tcb: Tcb, delivered: u32, advanced: bool): void {
    const lost = tcb.lost;
    if (TCP_SACK && tcb.has(Flag.SackOk)) Rack.detect(tcb);
    else if (advanced && tcb.has(Flag.Recovery)) {
      // RFC 6582 §3.2 step 5: the next gap at once, whatever the window says.
      Scoreboard.loseFirst(tcb, tcb.mss);
      if (tcb.lost != lost) tcb.set(Flag.Force);
    }
    if (!tcb.has(Flag.Recovery)) {
      // After a timeout that is not yet recovered from, the window is that of slow start.
      if (tcb.lost == 0 || Seq.lt(tcb.sndUna, tcb.recover)) return;
      Recovery.enter(tcb, delivered);
    }
    Recovery.proportion(tcb, delivered, advanced && tcb.lost <= lost);
  }

  private static enter(tcb: Tcb, delivered: u32): void {
    Counters.add(Counter.TcpFastRetransmits);
    const ssthresh = Congestion.reduced(tcb);
    tcb.ssthresh = ssthresh;
    tcb.recover = tcb.sndNxt;
    tcb.recoverFs = tcb.sndNxt - tcb.sndUna - tcb.sacked + delivered; // without what had arrived before this ACK
    tcb.prrDelivered = 0;
    tcb.prrOut = 0;
    tcb.set(Flag.Recovery | Flag.Force);
    tcb.clear(Flag.PartialSeen | PROBE);
    Rto.start(tcb);
  }

  /** RFC 9937 §6.2: `isSafe`, SND.UNA has moved and nothing more was lost. */
  private static proportion(tcb: Tcb, delivered: u32, isSafe: bool): void {
    tcb.prrDelivered += delivered;
    const pipe = Scoreboard.pipe(tcb);
    let count: i32;
    if (pipe > tcb.ssthresh) {
      const fs = <u64>tcb.recoverFs;
      count = <i32>((<u64>tcb.prrDelivered * tcb.ssthresh + fs - 1) / fs) - <i32>tcb.prrOut;
    } else {
      let limit = max(<i32>(tcb.prrDelivered - tcb.prrOut), <i32>delivered);
      if (isSafe) limit += tcb.mss;
      count = min(<i32>(tcb.ssthresh - pipe), limit);
    }
    if (tcb.has(Flag.Force)) count = max(count, <i32>tcb.mss);
    tcb.cwnd = pipe + max(count, 0);
  }

  // --- without SACK ----------------------------------------------------------------------------------------------------

  /** A peer without SACK: each duplicate tells that one segment has arrived beyond the gap. */
  private static supposeHeld(tcb: Tcb, octets: u32): void {
    const flight = tcb.sndNxt - tcb.sndUna - tcb.lost;
    tcb.sacked = flight > tcb.mss ? min(octets, flight - tcb.mss) : 0;
    tcb.set(Flag.Gaps);
  }

  /** SND.UNA has moved by `acked`: some of it was counted when it was held beyond the gap. Returns what is new. */
  private static withoutSack(tcb: Tcb, acked: u32): u32 {
    tcb.dupAcks = 0;
    const held = tcb.sacked;
    const beyond = acked > tcb.mss ? acked - tcb.mss : 0; // the first segment was the gap
    Recovery.supposeHeld(tcb, held > beyond ? held - beyond : 0);
    return acked > held ? acked - held : min(acked, tcb.mss);
  }

  /** Three duplicates; fewer if fewer segments than four are out and no new one can follow (RFC 5827 §3.1). */
  private static threshold(tcb: Tcb): u32 {
    const flight = tcb.sndNxt - tcb.sndUna;
    if (flight >= 4 * tcb.mss) return 3;
    // "Ready": not what Nagle's algorithm holds back.
    const unsent = <i32>(tcb.sndLen - (tcb.sndNxt - tcb.sndSeq));
    const isReady = unsent >= <i32>tcb.mss || (unsent > 0 && tcb.has(Flag.NoDelay | Flag.FinQueued));
    if (isReady && flight < tcb.sndWnd) return 3;
    const segments = (flight + tcb.mss - 1) / tcb.mss;
    return segments == 2 || segments == 3 ? segments - 1 : 3;
  }
}
