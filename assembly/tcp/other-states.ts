// SPDX-License-Identifier: MIT
// Other states, RFC 9293 §3.10.7.4: the eight checks, in the RFC's order, each a function that answers with a verdict.
// With RFC 5961 (blind reset, SYN and data) in the second, fourth and fifth.

import {
  MSL,
  RECEIVE_RING,
  SEND_RING,
  TCP_ECN,
  TCP_SACK,
  TCP_TIMESTAMPS,
  TCP_USER_TIMEOUT_OPTION,
} from '../config';
import { Counter, Counters } from '../counters';
import { Status } from '../status';
import { Ring } from '../storage/ring';
import { Time } from '../time';
import { Control } from '../wire/tcp';
import { Ecn } from './ecn';
import { Options } from './options';
import { Rack } from './rack';
import { Receive } from './receive';
import { Records } from './records';
import { Recovery } from './recovery';
import { Rto } from './rto';
import { Sack } from './sack';
import { Scoreboard } from './scoreboard';
import { seg } from './segment';
import { establish } from './segment-arrives';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';
import { Verdict } from './verdict';

/** How long TS.Recent is good, ms: 24 days, RFC 7323 §5.5. */
const PAWS_VALID: u32 = 2_073_600_000;

export function otherStates(tcb: Tcb): Verdict {
  return (
    checkTimestamps(tcb) || // before all: PAWS (RFC 7323 §5.3)
    checkSequence(tcb) || // first, check sequence number; trims the text to the window
    checkReset(tcb) || // second, check the RST bit (RFC 5961 §3)
    // third, check security: left out
    checkSyn(tcb) || // fourth, check the SYN bit (RFC 5961 §4)
    checkAck(tcb) || // fifth, check the ACK field (RFC 5961 §5)
    takeOptions(tcb) || // of segments that have passed so far: a forged one is not to set TS.Recent
    checkUrgent(tcb) || // sixth, check the URG bit
    processText(tcb) || // seventh, process the segment text
    checkFin(tcb) // eighth, check the FIN bit
  );
}

/** PAWS, RFC 7323 §5.3 R1: what bears an older timestamp than the last is from long ago. */
function checkTimestamps(tcb: Tcb): Verdict {
  if (!TCP_TIMESTAMPS || !tcb.has(Flag.TimestampsOk) || seg.has(Control.RST)) return Verdict.Continue;
  const stamps = tcb.timestamps;
  // §3.2: each segment bears one. §5.5: after 24 days of silence TS.Recent says nothing any more.
  const isMissing = (seg.options & Flag.TimestampsOk) == 0;
  const isOld = Seq.lt(seg.tsVal, stamps.recent) && Time.now - stamps.recentAt < PAWS_VALID;
  if (!isMissing && !isOld) return Verdict.Continue;
  Counters.add(Counter.TcpUnacceptable);
  return isMissing ? Verdict.Drop : Verdict.AckAndDrop;
}

/** RFC 7323 §4.3: TS.Recent is what the segment bears that the next ACK answers. RFC 5482 §3.1: the longer user timeout. */
function takeOptions(tcb: Tcb): Verdict {
  if (TCP_USER_TIMEOUT_OPTION) Options.takeUserTimeout(tcb, seg.userTimeout);
  if (TCP_TIMESTAMPS && seg.options & Flag.TimestampsOk && tcb.has(Flag.TimestampsOk)) {
    const stamps = tcb.timestamps;
    const isNewer = !Seq.lt(seg.tsVal, stamps.recent) || Time.now - stamps.recentAt >= PAWS_VALID;
    if (isNewer && Seq.le(seg.seq, stamps.lastAckSent)) Options.record(tcb);
  }
  return Verdict.Continue;
}

/** First, check sequence number. */
function checkSequence(tcb: Tcb): Verdict {
  const next = tcb.rcvNxt;
  const edge = tcb.rcvEdge;
  const seq = seg.seq;
  const len = seg.len;
  if (seq == next && !Seq.lt(edge, seq + len)) return Verdict.Continue; // what was waited for, all of it in the window
  const wnd = edge - next;
  const isAcceptable =
    Seq.inWindow(seq, next, wnd) || (len == 0 ? seq == next : Seq.inWindow(seq + len - 1, next, wnd));
  if (!isAcceptable) {
    // MUST-66: with a window of zero all but the text is still looked at.
    if (wnd == 0 && seq == next) {
      seg.textLen = 0;
      seg.control &= ~Control.FIN;
      Tcbs.wantOutput(tcb, Flag.AckNow);
      return Verdict.Continue;
    }
    return unacceptable(tcb);
  }
  // "Trim off any portions that lie outside the window"
  const old = next - seg.textSeq;
  if (<i32>old > 0) {
    const cut = min(old, seg.textLen);
    seg.textSeq += cut;
    seg.textLen -= cut;
    if (cut > 0) {
      Counters.add(Counter.TcpDuplicateText);
      reportDuplicate(tcb, seg.textSeq - cut, seg.textSeq);
    }
  }
  const beyond = <i32>(seg.textSeq + seg.textLen - edge);
  if (beyond >= 0) {
    seg.textLen -= min(<u32>beyond, seg.textLen);
    seg.control &= ~Control.FIN; // behind what is cut off, or the first octet beyond the window
  }
  return Verdict.Continue;
}

/** RFC 2883 §4: the next ACK tells that this came twice. */
function reportDuplicate(tcb: Tcb, start: u32, end: u32): void {
  if (!TCP_SACK || tcb.state < State.Established) return;
  tcb.selective.dsackStart = start;
  tcb.selective.dsackEnd = end;
  tcb.set(Flag.Duplicate);
}

/** RFC 2883 §4.2.3: of text out of order the first run that is held already. */
function reportHeld(tcb: Tcb, seq: u32, end: u32): void {
  let run = tcb.intervals.run(seq, end);
  if (run > 0 && seq + run != end) {
    seq += run;
    run = tcb.intervals.run(seq, end);
  }
  if (run < 0) reportDuplicate(tcb, seq, seq - run);
}

/** "If an incoming segment is not acceptable, an acknowledgment should be sent in reply, unless the RST bit is set." */
function unacceptable(tcb: Tcb): Verdict {
  Counters.add(Counter.TcpUnacceptable);
  if (seg.has(Control.RST)) return Verdict.Drop;
  const isPlainSyn = (seg.control & (Control.SYN | Control.ACK)) == Control.SYN;
  if (tcb.state == State.SynReceived && isPlainSyn && seg.seq == tcb.irs) {
    // The SYN again: our SYN with the ACK was lost, or is late. (One with an ACK is the other half of a simultaneous open,
    // and gets the ACK that ends it.)
    tcb.sndNxt = tcb.iss;
    Tcbs.wantOutput(tcb, 0);
    return Verdict.Drop;
  }
  if (tcb.state == State.TimeWait && seg.has(Control.FIN) && seg.seq + seg.len == tcb.rcvNxt) {
    // The FIN again: our ACK was lost. "Acknowledge it, and restart the 2 MSL timeout."
    tcb.waitAt = Time.after(2 * MSL);
    return Verdict.AckAndDrop;
  }
  if (seg.textLen > 0 && Seq.le(seg.textSeq + seg.textLen, tcb.rcvNxt))
    reportDuplicate(tcb, seg.textSeq, seg.textSeq + seg.textLen);
  // An ACK for an ACK could go round for ever between two ends that disagree; text that comes again needs one each time.
  return seg.textLen > 0 ? Verdict.AckAndDrop : Verdict.ChallengeAndDrop;
}

/** Second, check the RST bit. RFC 5961 §3.2: only one at exactly RCV.NXT is believed. */
function checkReset(tcb: Tcb): Verdict {
  if (!seg.has(Control.RST)) return Verdict.Continue;
  // RFC 1337 §3: TIME-WAIT does not end early, lest old duplicates be taken by the next connection.
  if (tcb.state == State.TimeWait) return Verdict.Drop;
  if (seg.seq != tcb.rcvNxt) return Verdict.ChallengeAndDrop;
  Counters.add(Counter.TcpResetsIn);
  switch (tcb.state) {
    case State.SynReceived:
      // MUST-11: from a passive open back to LISTEN, which is not the TCB's; from an active one: refused.
      Tcbs.fail(tcb, Status.ECONNREFUSED);
      break;
    case State.Established:
    case State.FinWait1:
    case State.FinWait2:
    case State.CloseWait:
      tcb.rcvLen = 0;
      Tcbs.fail(tcb, Status.ECONNRESET);
      break;
    default: // CLOSING, LAST-ACK
      Tcbs.enter(tcb, State.Closed);
      break;
  }
  return Verdict.Drop;
}

/** Fourth, check the SYN bit. RFC 5961 §4.2: a challenge, whatever its sequence number. */
function checkSyn(tcb: Tcb): Verdict {
  if (!seg.has(Control.SYN)) return Verdict.Continue;
  if (tcb.state == State.SynReceived) {
    if (tcb.listener != 0) {
      Tcbs.fail(tcb, Status.ECONNRESET);
      return Verdict.Drop;
    }
    // Simultaneous open: the other side's SYN with the ACK lies before the window and never comes here.
  }
  return Verdict.ChallengeAndDrop;
}

/** Fifth, check the ACK field. */
function checkAck(tcb: Tcb): Verdict {
  if (!seg.has(Control.ACK)) return Verdict.Drop;
  const ack = seg.ack;
  if (tcb.state == State.SynReceived) {
    // "If SND.UNA < SEG.ACK =< SND.NXT, then enter ESTABLISHED state", else a reset.
    if (Seq.le(ack, tcb.sndUna) || Seq.lt(tcb.sndMax, ack)) {
      Counters.add(Counter.TcpBadAck);
      return Verdict.ResetAndDrop;
    }
    if (tcb.listener != 0) Records.forget(changetype<usize>(tcb));
    establish(tcb);
    return Verdict.Continue;
  }
  if (Seq.lt(tcb.sndUna, ack)) {
    if (Seq.lt(tcb.sndMax, ack)) {
      // "If the ACK acks something not yet sent, then send an ACK, drop the segment."
      Counters.add(Counter.TcpBadAck);
      return Verdict.ChallengeAndDrop;
    }
    acknowledge(tcb, ack);
    updateWindow(tcb);
    return afterOurFin(tcb);
  }
  if (tcb.sndUna - ack > tcb.sndWndMax) {
    // RFC 5961 §5.2: older than anything still on its way.
    Counters.add(Counter.TcpBadAck);
    return Verdict.ChallengeAndDrop;
  }
  // A report of what came twice tells something even with nothing in flight.
  if (tcb.sndNxt != tcb.sndUna || (TCP_SACK && seg.blocks != 0)) stillOut(tcb);
  updateWindow(tcb);
  return afterOurFin(tcb);
}

/** The ACK acknowledges nothing new while something is out: what else does it tell? */
function stillOut(tcb: Tcb): void {
  if (TCP_SACK && tcb.has(Flag.SackOk)) {
    const newly = Sack.take(tcb);
    const isReport = Sack.report(tcb);
    const isDuplicate = isDuplicateAck(tcb);
    if (TCP_SACK && tcb.has(Flag.Probe) && (isReport || isDuplicate))
      Rack.probeAnswered(tcb, false, isReport);
    if (newly > 0) Recovery.duplicate(tcb, newly);
  } else if (isDuplicateAck(tcb)) {
    Recovery.duplicate(tcb, 0);
  }
}

/** The five conditions of RFC 5681 §2. */
function isDuplicateAck(tcb: Tcb): bool {
  return (
    seg.ack == tcb.sndUna &&
    tcb.sndUna != tcb.sndMax &&
    seg.len == 0 &&
    seg.wnd == tcb.sndWnd &&
    !tcb.has(Flag.Probing)
  );
}

/** SND.UNA < SEG.ACK =< SND.MAX: octets leave the send ring. */
export function acknowledge(tcb: Tcb, ack: u32): void {
  const una = tcb.sndUna;
  let flight = tcb.sndNxt - una;
  let delivered = Scoreboard.acknowledged(tcb, una, ack);
  tcb.sndUna = ack;
  const inRing = min(ack - tcb.sndSeq, tcb.sndLen); // the SYN lies before the ring, the FIN behind it
  if (<i32>(ack - tcb.sndSeq) > 0 && inRing > 0) {
    tcb.sndHead = Ring.after(tcb.sndHead, inRing, SEND_RING);
    tcb.sndLen -= inRing;
    tcb.sndSeq += inRing;
    Tcbs.news(tcb);
  }
  if (Seq.lt(tcb.sndNxt, ack)) tcb.sndNxt = ack;
  if (tcb.has(Flag.UrgentOut) && Seq.le(tcb.sndUp, ack)) tcb.clear(Flag.UrgentOut);
  let isReport: bool = false;
  if (TCP_SACK && seg.blocks != 0 && tcb.has(Flag.SackOk)) {
    delivered += Sack.take(tcb);
    isReport = Sack.report(tcb);
  }
  if (TCP_ECN && seg.has(Control.ECE) && tcb.has(Flag.EcnOk)) {
    Ecn.echoed(tcb);
    flight = 0; // RFC 3168 §6.1.2: such an ACK makes nothing grow
  }
  Recovery.acknowledged(tcb, ack - una, delivered, flight);
  // Behind what grows: a repaired loss reduces the window, and this ACK is no reason to widen it again.
  if (TCP_SACK && tcb.has(Flag.Probe)) Rack.probeAnswered(tcb, true, isReport);
  tcb.giveUpAt = 0;
  tcb.backoff = 0; // the RTO itself stays backed off until a sample, RFC 6298 §5
  if (ack == tcb.sndMax) {
    Rto.stop(tcb);
    // A probe was taken because the window is open: what probing backed off is not for text.
    if (tcb.has(Flag.Probing) && seg.wnd != 0) Rto.restore(tcb);
    tcb.clear(Flag.Probing);
  } else {
    // RFC 6582 §3.2 step 5: in recovery only the first partial acknowledgment restarts the timer.
    const isPartial = tcb.has(Flag.Recovery) && !tcb.has(Flag.SackOk);
    if (!isPartial || tcb.retransmitAt == 0 || !tcb.has(Flag.PartialSeen)) Rto.start(tcb);
    Rto.startGivingUp(tcb);
    if (isPartial) tcb.set(Flag.PartialSeen);
    else tcb.clear(Flag.PartialSeen);
  }
  if (TCP_SACK && tcb.has(Flag.SackOk)) Rack.arm(tcb);
  Tcbs.wantOutput(tcb, 0);
}

/** "If SND.UNA =< SEG.ACK =< SND.NXT, the send window should be updated", unless by an older segment. */
function updateWindow(tcb: Tcb): void {
  const isNewer = Seq.lt(tcb.sndWl1, seg.seq) || (tcb.sndWl1 == seg.seq && Seq.le(tcb.sndWl2, seg.ack));
  if (!isNewer) return;
  const old = tcb.sndWnd;
  tcb.sndWnd = seg.wnd;
  tcb.sndWl1 = seg.seq;
  tcb.sndWl2 = seg.ack;
  if (seg.wnd > tcb.sndWndMax) tcb.sndWndMax = seg.wnd;
  if (seg.wnd > old) {
    if (tcb.has(Flag.Probing)) {
      // The window has opened: what was probed for can go, and the retransmission timer is for text again.
      tcb.clear(Flag.Probing);
      tcb.retransmitAt = 0;
      Rto.restore(tcb);
    }
    Tcbs.wantOutput(tcb, 0);
  }
  // MUST-37: as long as the peer answers probes, the connection stays; unless nobody owns it any more (RFC 6429 §3).
  if (tcb.has(Flag.Probing) && tcb.socket != 0) tcb.giveUpAt = 0;
}

/** The states in which an ACK of our FIN leads on. */
function afterOurFin(tcb: Tcb): Verdict {
  if (!isOurFinAcknowledged(tcb)) return Verdict.Continue;
  switch (tcb.state) {
    case State.FinWait1:
      Tcbs.enter(tcb, State.FinWait2);
      return Verdict.Continue;
    case State.Closing:
      Tcbs.enter(tcb, State.TimeWait);
      return Verdict.Drop;
    case State.LastAck:
      Tcbs.enter(tcb, State.Closed);
      return Verdict.Drop;
    default:
      return Verdict.Continue;
  }
}

/** The FIN comes behind the last octet of the ring, and the ring is empty once it is acknowledged. */
function isOurFinAcknowledged(tcb: Tcb): bool {
  return tcb.has(Flag.FinQueued) && tcb.sndUna - tcb.sndSeq == tcb.sndLen + 1;
}

/** Sixth, check the URG bit. MUST-62: the pointer names the octet after the last urgent one. */
function checkUrgent(tcb: Tcb): Verdict {
  if (!seg.has(Control.URG) || !mayReceiveText(tcb)) return Verdict.Continue;
  const up = seg.seq + seg.up;
  if (!tcb.has(Flag.UrgentIn) || Seq.lt(tcb.rcvUp, up)) {
    if (Seq.lt(tcb.rcvNxt - tcb.rcvLen, up)) {
      tcb.rcvUp = up;
      tcb.set(Flag.UrgentIn);
      Tcbs.news(tcb);
    }
  }
  return Verdict.Continue;
}

function mayReceiveText(tcb: Tcb): bool {
  return !tcb.has(Flag.FinReceived) && tcb.isFrom(State.Established, State.FinWait2);
}

/** Seventh, process the segment text. It is in the ring: only RCV.NXT or an interval has to move. */
function processText(tcb: Tcb): Verdict {
  const len = seg.textLen;
  if (len == 0 || !mayReceiveText(tcb)) return Verdict.Continue;
  if (tcb.has(Flag.NoReader) && tcb.socket == 0) {
    // SHLD-3: nobody will ever read this.
    Counters.add(Counter.TcpTextAfterClose);
    Tcbs.fail(tcb, Status.ECONNABORTED);
    return Verdict.ResetAndDrop;
  }
  const intervals = tcb.intervals;
  if (TCP_ECN && tcb.has(Flag.EcnOk)) Ecn.received(tcb);
  if (seg.textSeq != tcb.rcvNxt) {
    // MAY-13: at once, so that the sender counts duplicates.
    Counters.add(Counter.TcpOutOfOrder);
    if (TCP_SACK) {
      reportHeld(tcb, seg.textSeq, seg.textSeq + len);
      tcb.selective.sackSeq = seg.textSeq;
    }
    if (!intervals.add(seg.textSeq, seg.textSeq + len)) Counters.add(Counter.TcpIntervalsFull);
    Tcbs.wantOutput(tcb, Flag.AckNow | Flag.Gaps);
    return Verdict.Continue;
  }
  let next = tcb.rcvNxt + len;
  if (intervals.count > 0) {
    // RFC 5681 §4.2: an ACK at once when a gap is filled, all or part of it.
    next = intervals.advance(next);
    Tcbs.wantOutput(tcb, Flag.AckNow);
  }
  tcb.rcvLen += next - tcb.rcvNxt;
  tcb.rcvNxt = next;
  if (tcb.has(Flag.NoReader)) {
    // The receiving side was shut down: what comes is acknowledged and dropped.
    tcb.rcvHead = Ring.after(tcb.rcvHead, tcb.rcvLen, RECEIVE_RING);
    tcb.rcvLen = 0;
  }
  Tcbs.news(tcb);
  Receive.oweAck(tcb);
  return Verdict.Continue;
}

/** Eighth, check the FIN bit. A FIN that comes before the text it follows is remembered until RCV.NXT gets there. */
function checkFin(tcb: Tcb): Verdict {
  if (seg.has(Control.FIN) && !tcb.has(Flag.FinReceived)) {
    tcb.set(Flag.FinSeen);
    tcb.rcvFin = seg.textSeq + seg.textLen;
    // Out of order: an ACK at once, which tells the sender what is missing.
    if (tcb.rcvNxt != tcb.rcvFin) Tcbs.wantOutput(tcb, Flag.AckNow);
  }
  if (!tcb.has(Flag.FinSeen) || tcb.has(Flag.FinReceived) || tcb.rcvNxt != tcb.rcvFin)
    return Verdict.Continue;
  finArrived(tcb);
  return Verdict.AckAndDrop;
}

/** The peer's FIN, and all before it: RCV.NXT is at it. An ACK is due. The owner hears of it as the state changes. */
export function finArrived(tcb: Tcb): void {
  tcb.set(Flag.FinReceived);
  tcb.rcvNxt += 1;
  if (Seq.lt(tcb.rcvEdge, tcb.rcvNxt)) tcb.rcvEdge = tcb.rcvNxt;
  switch (tcb.state) {
    case State.Established:
      Tcbs.enter(tcb, State.CloseWait);
      break;
    case State.FinWait1:
      // Had our FIN been acknowledged, the fifth check would have entered FIN-WAIT-2.
      Tcbs.enter(tcb, State.Closing);
      break;
    case State.FinWait2:
      Tcbs.enter(tcb, State.TimeWait);
      break;
    default:
      break;
  }
}
