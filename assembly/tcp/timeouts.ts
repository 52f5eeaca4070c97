// SPDX-License-Identifier: MIT
// TIMEOUTS, RFC 9293 §3.10.8: user timeout, retransmission, TIME-WAIT; with the window probe of §3.8.6.1, the delayed ACK
// of §3.8.6.3 and the keep-alive of §3.8.4. Looked at only when the earliest of all deadlines has come.

import { OVERRIDE_TIMEOUT, PATH_MTU_AGING, R1, TCP_SACK } from '../config';
import { Counter, Counters } from '../counters';
import { Arp } from '../ip/arp';
import { host } from '../ip/host';
import { Table } from '../memory';
import { Status } from '../status';
import { Time } from '../time';
import { pathMtuTimer } from './network-errors';
import { Output } from './output';
import { Rack } from './rack';
import { Recovery } from './recovery';
import { Records } from './records';
import { Rto } from './rto';
import { State } from './state';
import { Flag, Tcb, TCB_OCTETS } from './tcb';
import { Tcbs } from './tcbs';

export abstract class Timeouts {
  /** Act on every deadline that has come. */
  static run(): void {
    for (let p: usize = Table.TCBS; p < Table.TCBS_END; p += TCB_OCTETS) {
      const tcb = changetype<Tcb>(p);
      if (tcb.state != State.Closed) Timeouts.connection(tcb);
    }
    Records.timers();
  }

  private static connection(tcb: Tcb): void {
    if (Time.due(tcb.giveUpAt)) {
      Timeouts.giveUp(tcb);
      return;
    }
    if (Time.due(tcb.waitAt)) {
      Timeouts.waited(tcb);
      return;
    }
    if (Time.due(tcb.ackAt)) {
      tcb.ackAt = 0;
      Tcbs.wantOutput(tcb, Flag.AckNow);
    }
    if (TCP_SACK && Time.due(tcb.lossAt)) Rack.timeout(tcb);
    if (Time.due(tcb.retransmitAt)) {
      tcb.retransmitAt = 0;
      if (tcb.has(Flag.Probing)) Timeouts.probe(tcb);
      else Timeouts.retransmit(tcb);
    }
    if (PATH_MTU_AGING) pathMtuTimer(tcb);
    if (Time.due(tcb.keepAt)) Timeouts.keepAlive(tcb);
  }

  private static giveUp(tcb: Tcb): void {
    Counters.add(Counter.TcpTimeouts);
    Tcbs.fail(tcb, Status.ETIMEDOUT);
  }

  /** RFC 6298 §5.4 to §5.6: the earliest segment again, the timer backed off. */
  private static retransmit(tcb: Tcb): void {
    if (tcb.state < State.Established) {
      // RFC 5681 §3.1: a lost SYN shrinks the initial window. It is resent as `Output` finds SND.NXT at ISS.
      tcb.set(Flag.SynRepeated);
      tcb.sndNxt = tcb.iss;
    } else {
      Recovery.timeout(tcb);
    }
    Rto.cancelTiming(tcb);
    if (tcb.backoff + 1 == R1) {
      tcb.softError = <i8>Status.ETIMEDOUT; // SHLD-9
      Arp.suspect(host.nextHop(tcb.remoteAddress)); // perhaps the neighbour has moved
    }
    if (tcb.state >= State.Established && tcb.sndWnd == 0 && tcb.sndLen > 0) {
      // MUST-35: the window was closed over text that is out. Probe it.
      tcb.set(Flag.Probing);
      Timeouts.probe(tcb);
      return;
    }
    Rto.backOff(tcb);
    tcb.retransmitAt = Time.after(tcb.rto);
    Tcbs.wantOutput(tcb, 0);
  }

  /** SHLD-30: probes at intervals that grow like the RTO. */
  private static probe(tcb: Tcb): void {
    if (tcb.sndWnd != 0) {
      // The override timeout of silly-window avoidance. When the link was full: once more.
      if (!Output.force(tcb)) tcb.retransmitAt = Time.after(OVERRIDE_TIMEOUT);
      return;
    }
    Output.force(tcb);
    Rto.backOff(tcb);
    tcb.retransmitAt = Time.after(tcb.rto);
    Rto.startGivingUp(tcb);
  }

  private static waited(tcb: Tcb): void {
    const isDone = tcb.state == State.TimeWait || tcb.state == State.FinWait2;
    // The linger time is over, and text or FIN is still not acknowledged.
    if (!isDone) Output.abort(tcb);
    Tcbs.enter(tcb, State.Closed);
  }

  /** Whether keep-alives are on, in a state that has them. */
  static isKeptAlive(tcb: Tcb): bool {
    return tcb.has(Flag.KeepAlive) && tcb.isFrom(State.Established, State.LastAck);
  }

  private static keepAlive(tcb: Tcb): void {
    const at = tcb.keepAt;
    const interval = <u32>tcb.keepInterval * 1000;
    const idleMost = <u32>tcb.keepIdle * 1000;
    tcb.keepAt = 0;
    if (!Timeouts.isKeptAlive(tcb)) return;
    // The last keep-alive left an interval before this deadline. An answer within the same millisecond counts.
    if (<i32>(tcb.heardAt - (at - interval)) >= 0) tcb.keepProbes = 0;
    const idle = Time.now - tcb.heardAt;
    // MUST-26: only when nothing was heard for the interval and nothing of ours is outstanding.
    if (tcb.keepProbes == 0 && (idle < idleMost || tcb.sndUna != tcb.sndMax)) {
      tcb.keepAt = Time.after(max<i32>(idleMost - idle, 1000));
      return;
    }
    if (tcb.keepProbes >= tcb.keepCount) {
      Output.abort(tcb);
      Timeouts.giveUp(tcb);
      return;
    }
    tcb.keepProbes += 1;
    tcb.keepAt = Time.after(interval);
    Tcbs.wantOutput(tcb, Flag.KeepAliveDue);
  }
}
