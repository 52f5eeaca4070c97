// SPDX-License-Identifier: MIT
// USER CALLS, RFC 9293 §3.10.1 to §3.10.6, as they act on a TCB. Who may call what, and what is answered, is the socket
// layer's matter. Nothing is sent from here but the reset of ABORT: the next poll does.

import { RECEIVE_RING, SEND_RING } from '../config';
import { Ring } from '../storage/ring';
import { Status } from '../status';
import { Time } from '../time';
import { Buckets } from './buckets';
import { Isn } from './isn';
import { Output } from './output';
import { Rto } from './rto';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

export abstract class Calls {
  /** §3.10.1 OPEN, active. The TCB, or null when all are in use. */
  static open(portsKey: u32, netRemote: u32): Tcb {
    const tcb = Tcbs.take();
    if (changetype<usize>(tcb) == 0) return tcb;
    Tcbs.begin(tcb, portsKey, netRemote);
    Buckets.insert(changetype<usize>(tcb));
    Tcbs.startAt(tcb, Isn.of(netRemote, portsKey));
    // <SEQ=ISS><CTL=SYN>
    Tcbs.enter(tcb, State.SynSent);
    Tcbs.wantOutput(tcb, 0);
    return tcb;
  }

  // --- §3.10.2 SEND -------------------------------------------------------------------------------------------------

  /** Where the next octets to be sent go. */
  @inline static sendBuffer(tcb: Tcb): usize {
    return tcb.sendRing + Ring.after(tcb.sndHead, tcb.sndLen, SEND_RING);
  }

  /** How many of them may be put there in one piece. */
  static sendRoom(tcb: Tcb): u32 {
    const len = tcb.sndLen;
    const end = tcb.sndHead + len;
    return SEND_RING - (end < SEND_RING ? end : len); // to the end of the ring or, beyond it, to the head
  }

  /** `len` octets were put there; with `isUrgent` they are urgent, and all before them. */
  static sendCommit(tcb: Tcb, len: u32, isUrgent: bool): void {
    tcb.sndLen += len;
    if (isUrgent) {
      tcb.sndUp = tcb.sndSeq + tcb.sndLen;
      tcb.set(Flag.UrgentOut);
    }
    Tcbs.wantOutput(tcb, 0);
  }

  // --- §3.10.3 RECEIVE ----------------------------------------------------------------------------------------------

  @inline static receiveBuffer(tcb: Tcb): usize {
    return tcb.receiveRing + tcb.rcvHead;
  }

  /** Octets that can be read there in one piece. */
  @inline static receiveAvailable(tcb: Tcb): u32 {
    return Ring.straight(tcb.rcvHead, tcb.rcvLen, RECEIVE_RING);
  }

  /** `len` octets were read. */
  static receiveCommit(tcb: Tcb, len: u32): void {
    tcb.rcvHead = Ring.afterInline(tcb.rcvHead, len, RECEIVE_RING);
    const held = tcb.rcvLen - len;
    tcb.rcvLen = held;
    const flags = tcb.flags;
    if (flags & (Flag.UrgentIn | Flag.AckNow | Flag.FinReceived)) {
      if (flags & Flag.UrgentIn && !Seq.lt(tcb.rcvNxt - held, tcb.rcvUp)) tcb.clear(Flag.UrgentIn);
      // An ACK that is due anyway tells the new window.
      if (flags & (Flag.AckNow | Flag.FinReceived)) return;
    }
    Output.updateWindow(tcb, held);
  }

  /** Everything was read. */
  @inline static receiveAll(tcb: Tcb): void {
    const len = tcb.rcvLen;
    if (len > 0) Calls.receiveCommit(tcb, len);
  }

  /** Urgent octets that wait to be read, those not yet here included. MUST-33. */
  static urgentLeft(tcb: Tcb): u32 {
    return tcb.has(Flag.UrgentIn) ? tcb.rcvUp - (tcb.rcvNxt - tcb.rcvLen) : 0;
  }

  // --- §3.10.4 CLOSE and §3.10.5 ABORT --------------------------------------------------------------------------------

  /** Nothing more will be sent: FIN follows what is queued. In other states than these it does already. */
  static shutdownSend(tcb: Tcb): void {
    const state = tcb.state;
    if (state != State.SynReceived && state != State.Established && state != State.CloseWait) return;
    tcb.set(Flag.FinQueued);
    // From SYN-RECEIVED it goes on to FIN-WAIT-1 as soon as our SYN is acknowledged: `establish`.
    if (state == State.SynReceived) return;
    Tcbs.enter(tcb, state == State.Established ? State.FinWait1 : State.LastAck);
    Rto.startGivingUp(tcb); // a FIN that cannot even leave must end some time
    Tcbs.wantOutput(tcb, 0);
  }

  /** Nobody will read any more. What waits and what comes later is dropped. */
  static shutdownReceive(tcb: Tcb): void {
    Calls.receiveAll(tcb);
    tcb.set(Flag.NoReader);
  }

  /**
   * The owner goes. Unread text means a reset (SHLD-3), so does a linger time of 0; a positive one, in seconds, bounds how
   * long unsent text is tried; -1 leaves that to the user timeout.
   */
  static close(tcb: Tcb, lingerSeconds: i32): void {
    const state = tcb.state;
    const isUnread = tcb.rcvLen > 0 && state <= State.CloseWait;
    tcb.socket = 0;
    if (state == State.Closed) {
      Tcbs.release(tcb);
    } else if (state == State.SynSent) {
      Tcbs.enter(tcb, State.Closed);
    } else if (isUnread || (lingerSeconds == 0 && state != State.TimeWait)) {
      Calls.abort(tcb);
    } else {
      tcb.set(Flag.NoReader);
      Calls.shutdownSend(tcb);
      if (state == State.FinWait2) Tcbs.enter(tcb, State.FinWait2);
      else if (state == State.TimeWait) Tcbs.wantOutput(tcb, 0);
      else if (lingerSeconds > 0) tcb.waitAt = Time.after(<u32>lingerSeconds * 1000);
    }
  }

  /** A reset to the peer, if it has heard of us and something is left that it will not get; then CLOSED. */
  static abort(tcb: Tcb): void {
    const isOpen = tcb.isFrom(State.SynReceived, State.CloseWait);
    if (isOpen || tcb.sndLen > 0) Output.abort(tcb);
    tcb.rcvLen = 0;
    Tcbs.fail(tcb, Status.ECONNABORTED);
  }
}
