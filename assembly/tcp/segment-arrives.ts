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
  SYN_COOKIES,
  TCP_SACK,
  TCP_TIMESTAMPS,
  TCP_USER_TIMEOUT_OPTION,
  TCP_WINDOW_SCALE,
} from '../config';
import { Counter, Counters } from '../counters';
import { Ipv4 } from '../ip/ipv4';
import { Status } from '../status';
import { Time } from '../time';
import { Control } from '../wire/tcp';
import { Buckets } from './buckets';
import { Congestion } from './congestion';
import { Cookies } from './cookies';
import { Listeners } from './listeners';
import { agreed, Options } from './options';
import { otherStates } from './other-states';
import { Output } from './output';
import { Record } from './record';
import { Records } from './records';
import { Rto } from './rto';
import { Scoreboard } from './scoreboard';
import { seg } from './segment';
import { Seq } from './seq';
import { State } from './state';
import { SynQueue } from './syn-queue';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';
import { Verdict } from './verdict';

/** What `seg` says only to those who know the connection. */
export function look(tcb: Tcb): void {
  if (TCP_SACK) seg.fack = tcb.selective.fack;
  if (TCP_WINDOW_SCALE && !seg.has(Control.SYN)) seg.wnd <<= tcb.sndShift; // RFC 7323 §2.2: not in a SYN
}

/** A segment of the connection `tcb`. */
export function connectionArrives(tcb: Tcb): void {
  look(tcb);
  carryOut(tcb, tcb.state == State.SynSent ? synSentState(tcb) : otherStates(tcb));
}

/** A segment of the connection that `record` stands for. False: it is to be received again, for now there is a TCB. */
function recordArrives(record: Record, listener: u32): bool {
  const isAck = (seg.control & (Control.SYN | Control.RST | Control.ACK)) == Control.ACK;
  if (isAck && seg.ack == record.sndNxt && record.attempts != 0 && Records.isHalfOpen(record)) {
    const tcb = SynQueue.complete(record, listener);
    if (changetype<usize>(tcb) == 0) return true;
    Buckets.insert(changetype<usize>(tcb));
    // Should a check stop it, `Output` finds the TCB in SYN-RECEIVED: see there.
    if (seg.textLen != 0) {
      Tcbs.wantOutput(tcb, 0);
      return false; // now there is a place for the text
    }
    connectionArrives(tcb);
    if (tcb.state == State.SynReceived) Tcbs.wantOutput(tcb, 0);
    else if (tcb.state == State.Established) Ipv4.findHop(tcb.outgoing); // there is nothing to send, but there will be
    return true;
  }
  const tcb = Records.open(record);
  if (tcb.state == State.TimeWait && listener != 0 && isNewIncarnation(tcb)) {
    const last = tcb.sndMax;
    Records.free(record);
    return SynQueue.add(listener, last);
  }
  connectionArrives(tcb);
  if (tcb.state == State.SynReceived && tcb.sndNxt == tcb.iss) {
    SynQueue.send(record, listener, true);
  } else if (tcb.has(Flag.AckNow) && Ipv4.maySend()) {
    Ipv4.addressReply(tcb.outgoing);
    Output.reply(tcb);
  }
  Records.note(record, tcb);
  return true;
}

/** §3.10.7.1 CLOSED and §3.10.7.2 LISTEN: a segment of no connection, or of `record`. False: it is to be received again. */
export function noConnectionArrives(record: Record): bool {
  const listener = Listeners.of(seg.portsKey);
  if (SYN_COOKIES && changetype<usize>(record) == 0 && listener != 0 && seg.has(Control.ACK))
    record = Cookies.check();
  if (changetype<usize>(record) != 0 && (listener != 0 || !Records.isHalfOpen(record)))
    return recordArrives(record, listener);
  // First, check for a RST. It cannot be for anything that we sent.
  if (listener != 0 && seg.has(Control.RST)) return true;
  // Second, check for an ACK. Nothing was sent that it could acknowledge. So it is with everything where nobody listens.
  if (listener == 0 || seg.has(Control.ACK)) {
    Counters.add(Counter.TcpNoConnection);
    Output.reset();
    return true;
  }
  // Third, check for a SYN. Fourth, other data or control: drop it.
  return !seg.has(Control.SYN) || SynQueue.add(listener, 0);
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
  tcb.mss = min(tcb.mss, peerMss()); // an error about our SYN may have told of a smaller path
  const flags = agreed(tcb.has(Flag.EcnOk));
  tcb.clear(Flag.EcnOk); // asked for, not yet granted
  tcb.set(flags);
  if (TCP_USER_TIMEOUT_OPTION) Options.takeUserTimeout(tcb, seg.userTimeout);
  tcb.sndShift = <u8>seg.shift;
  if (TCP_TIMESTAMPS && flags & Flag.TimestampsOk) {
    Options.record(tcb);
    tcb.timestamps.lastAckSent = tcb.rcvNxt;
  }
}

/** MUST-15, MUST-16. The floor keeps a peer from making us send a flood of tiny segments. */
export function peerMss(): u32 {
  const mss = seg.mss != 0 ? seg.mss : DEFAULT_MSS;
  return max(min(mss, LOCAL_MSS), MIN_MSS);
}

/**
 * Our SYN, which alone is out, is acknowledged, by a segment that others have not overtaken: ESTABLISHED, and on to where a
 * CLOSE meanwhile wants to go.
 */
export function establish(tcb: Tcb): void {
  const ack = seg.ack;
  const wnd = seg.wnd;
  tcb.sndUna = ack;
  tcb.sndNxt = ack; // a timeout may have set it back to the SYN
  Scoreboard.allAcknowledged(tcb, tcb.iss, ack);
  tcb.sndWnd = wnd;
  tcb.sndWndMax = max(tcb.sndWndMax, wnd);
  tcb.sndWl1 = seg.seq;
  tcb.sndWl2 = ack;
  Rto.stop(tcb);
  tcb.backoff = 0;
  // RFC 6298 §5.7
  if (tcb.has(Flag.SynRepeated)) tcb.rto = RTO_AFTER_SYN_LOSS;
  Congestion.start(tcb);
  Tcbs.enter(tcb, State.Established);
  if (tcb.has(Flag.FinQueued)) Tcbs.enter(tcb, State.FinWait1);
  if (tcb.listener != 0) return; // nobody can have written
  Counters.add(Counter.TcpActiveOpens);
  Tcbs.wantOutput(tcb, 0);
}

/** MAY-2, RFC 6191 §2: a SYN with a later timestamp, or beyond all that the old connection received, opens a new one. */
function isNewIncarnation(tcb: Tcb): bool {
  const isPlainSyn = (seg.control & (Control.SYN | Control.ACK | Control.RST)) == Control.SYN;
  if (!isPlainSyn) return false;
  if (TCP_TIMESTAMPS && tcb.flags & seg.options & Flag.TimestampsOk && seg.tsVal != tcb.timestamps.recent)
    return Seq.lt(tcb.timestamps.recent, seg.tsVal);
  return Seq.lt(tcb.rcvNxt, seg.seq);
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
