// SPDX-License-Identifier: MIT
// SEGMENT ARRIVES, RFC 9293 §3.10.7: the dispatch, CLOSED, LISTEN and SYN-SENT, and the carrying out of verdicts. The
// eight checks of the other states are in other-states.ts. The segment is in `seg`.
// Left out: security and precedence (§3.10.7.4 third); text in a SYN is not kept, the peer sends it again.

import {
  CHALLENGE_ACKS,
  DEFAULT_MSS,
  LOCAL_MSS,
  MIN_MSS,
  RECEIVE_RING,
  RTO_AFTER_SYN_LOSS,
  TCP_RACK,
  TCP_TIMESTAMPS,
  TCP_WINDOW_SCALE,
} from '../config';
import { Counter, Counters } from '../counters';
import { datagram } from '../ip/ipv4';
import { TCBS, TCBS_END } from '../memory';
import { Status } from '../status';
import { Time } from '../time';
import { Net } from '../wire/net';
import { Control } from '../wire/tcp';
import { Congestion } from './congestion';
import { Listeners } from './listeners';
import { agreed, Options } from './options';
import { otherStates } from './other-states';
import { Output } from './output';
import { Rto } from './rto';
import { Scoreboard } from './scoreboard';
import { seg } from './segment';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb, TCB_OCTETS } from './tcb';
import { Tcbs } from './tcbs';
import { Verdict } from './verdict';

/** By how much a connection that follows a TIME-WAIT at once begins above it: more than a window. */
const ISS_STEP: u32 = 0x10000;

/** A segment of the connection `tcb`. */
export function connectionArrives(tcb: Tcb): void {
  if (tcb.state == State.TimeWait && isNewIncarnation(tcb)) {
    const last = tcb.sndMax;
    Tcbs.enter(tcb, State.Closed);
    const next = passiveOpen(localListener());
    // "Its initial sequence number is larger than the largest one it used on the previous connection incarnation."
    if (changetype<usize>(next) != 0 && Seq.le(next.iss, last)) Tcbs.startAt(next, last + ISS_STEP);
    return;
  }
  if (TCP_RACK) seg.fack = tcb.fack;
  if (TCP_WINDOW_SCALE && !seg.has(Control.SYN)) seg.wnd <<= tcb.sndShift; // RFC 7323 §2.2: not in a SYN
  carryOut(tcb, tcb.state == State.SynSent ? synSentState(tcb) : otherStates(tcb));
}

/** §3.10.7.1 CLOSED and §3.10.7.2 LISTEN: a segment of no connection. */
export function noConnectionArrives(): void {
  const listener = localListener();
  if (listener == 0) {
    Counters.add(Counter.TcpNoConnection);
    Output.reset();
    return;
  }
  // First, check for a RST. It cannot be for anything that we sent.
  if (seg.has(Control.RST)) return;
  // Second, check for an ACK. Nothing was sent that it could acknowledge.
  if (seg.has(Control.ACK)) {
    Counters.add(Counter.TcpNoConnection);
    Output.reset();
    return;
  }
  // Third, check for a SYN. Fourth, other data or control: drop it.
  if (seg.has(Control.SYN)) passiveOpen(listener);
}

/** Who listens on the port that the segment is for, or 0. */
function localListener(): u32 {
  return Listeners.find(Net.swap16(seg.portsKey >>> 16));
}

/** A SYN for a listener: a TCB in SYN-RECEIVED, or null when its backlog is full. A SYN that is dropped comes again. */
function passiveOpen(listener: u32): Tcb {
  // A port of 0, or SYN with FIN, comes from no honest stack.
  const isOdd = (seg.portsKey & 0xffff) == 0 || seg.has(Control.FIN);
  if (isOdd || waiting(listener) >= Listeners.backlog(listener)) {
    Counters.add(Counter.TcpListenDropped);
    return changetype<Tcb>(0);
  }
  const tcb = Tcbs.take(seg.portsKey, datagram.source);
  if (changetype<usize>(tcb) == 0) {
    Counters.add(Counter.TcpListenDropped);
    return tcb;
  }
  Counters.add(Counter.TcpPassiveOpens);
  tcb.listener = <u8>listener;
  tcb.set(Flag.Passive | Listeners.flags(listener));
  tcb.heardAt = Time.now;
  synchronise(tcb);
  // <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>
  Tcbs.enter(tcb, State.SynReceived);
  Tcbs.wantOutput(tcb, 0);
  return tcb;
}

/** Connections that wait on the listener, half-open or not yet accepted; but not those that may give way (RFC 4987 §3.4). */
function waiting(listener: u32): u32 {
  let count: u32 = 0;
  for (let p: usize = TCBS; p < TCBS_END; p += TCB_OCTETS) {
    const tcb = changetype<Tcb>(p);
    if (tcb.listener == listener && !Tcbs.isSilent(tcb)) count++;
  }
  return count;
}

/** §3.10.7.3 SYN-SENT. */
function synSentState(tcb: Tcb): Verdict {
  // First, check the ACK bit.
  if (seg.has(Control.ACK)) {
    if (Seq.le(seg.ack, tcb.iss) || Seq.lt(tcb.sndMax, seg.ack)) {
      Counters.add(Counter.TcpBadAck);
      return seg.has(Control.RST) ? Verdict.Drop : Verdict.ResetAndDrop;
    }
  }
  // Second, check the RST bit. It counts only if it acknowledges our SYN.
  if (seg.has(Control.RST)) {
    if (!seg.has(Control.ACK)) return Verdict.Drop;
    Counters.add(Counter.TcpResetsIn);
    Tcbs.fail(tcb, Status.ECONNREFUSED);
    return Verdict.Drop;
  }
  // Third, check the security: left out. Fourth, check the SYN bit. Fifth, if neither SYN nor RST: drop.
  if (!seg.has(Control.SYN)) return Verdict.Drop;
  synchronise(tcb);
  if (seg.has(Control.ACK)) {
    tcb.sndUna = seg.ack;
    Scoreboard.acknowledged(tcb, tcb.iss, seg.ack);
    establish(tcb);
    // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
    return Verdict.AckAndDrop;
  }
  // Simultaneous open: <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>
  Tcbs.enter(tcb, State.SynReceived);
  tcb.sndNxt = tcb.iss;
  Tcbs.wantOutput(tcb, 0);
  return Verdict.Drop;
}

/** What the peer's SYN tells. */
function synchronise(tcb: Tcb): void {
  tcb.irs = seg.seq;
  tcb.rcvNxt = seg.seq + 1;
  tcb.rcvEdge = tcb.rcvNxt + RECEIVE_RING;
  tcb.rcvUp = tcb.rcvNxt;
  tcb.sndWnd = seg.wnd;
  tcb.sndWndMax = seg.wnd;
  tcb.sndWl1 = seg.seq;
  tcb.sndWl2 = seg.ack;
  // MUST-15, MUST-16. The floor keeps a peer from making us send a flood of tiny segments.
  const mss = seg.mss != 0 ? seg.mss : DEFAULT_MSS;
  tcb.mss = max(min(mss, LOCAL_MSS), MIN_MSS);
  const flags = agreed(tcb.has(Flag.EcnOk));
  tcb.clear(Flag.EcnOk); // asked for, not yet granted
  tcb.set(flags);
  Options.takeUserTimeout(tcb);
  tcb.sndShift = <u8>seg.shift;
  if (TCP_TIMESTAMPS && flags & Flag.TimestampsOk) {
    Options.record(tcb);
    tcb.timestamps.lastAckSent = tcb.rcvNxt;
  }
}

/** Our SYN is acknowledged: ESTABLISHED, and on to where a CLOSE meanwhile wants to go. */
export function establish(tcb: Tcb): void {
  tcb.sndNxt = tcb.sndUna; // a timeout may have set it back to the SYN
  Rto.stop(tcb);
  tcb.backoff = 0;
  // RFC 6298 §5.7
  if (tcb.has(Flag.SynRepeated)) tcb.rto = max(tcb.rto, RTO_AFTER_SYN_LOSS);
  Congestion.start(tcb);
  if (!tcb.has(Flag.Passive)) Counters.add(Counter.TcpActiveOpens);
  Tcbs.enter(tcb, State.Established);
  if (tcb.has(Flag.FinQueued)) Tcbs.enter(tcb, State.FinWait1);
  Tcbs.wantOutput(tcb, 0);
}

/** MAY-2, RFC 6191 §2: a SYN beyond all that the old connection received opens a new one. */
function isNewIncarnation(tcb: Tcb): bool {
  const isPlainSyn = (seg.control & (Control.SYN | Control.ACK | Control.RST)) == Control.SYN;
  return isPlainSyn && tcb.socket == 0 && Seq.lt(tcb.rcvNxt, seg.seq) && localListener() != 0;
}

/** Do what the checks decided. */
function carryOut(tcb: Tcb, verdict: Verdict): void {
  switch (verdict) {
    case Verdict.ChallengeAndDrop:
      if (!mayChallenge(tcb)) return;
      Counters.add(Counter.TcpChallengeAcks);
      Tcbs.wantOutput(tcb, Flag.AckNow);
      return;
    case Verdict.AckAndDrop:
      Tcbs.wantOutput(tcb, Flag.AckNow);
      return;
    case Verdict.ResetAndDrop:
      Output.reset();
      return;
    default:
      return;
  }
}

/** RFC 5961 §7: so many a second for each connection, so that nobody learns anything from another's. */
function mayChallenge(tcb: Tcb): bool {
  if (Time.now - tcb.challengeAt >= 1000) {
    tcb.challengeAt = Time.now;
    tcb.challenges = 0;
  }
  if (tcb.challenges >= CHALLENGE_ACKS) return false;
  tcb.challenges += 1;
  return true;
}
