// SPDX-License-Identifier: MIT
// ICMP errors that quote a segment of ours, RFC 9293 §3.9.2.2 with the checks of RFC 5927: one is believed only if the
// quoted sequence number is in flight, a hard one ends a connection only before it is established, and a smaller path MTU
// is taken with a floor; with PATH_MTU_AGING it is tried larger again after a while, RFC 1191 §6.3.

import { DEFAULT_MSS, PATH_MTU_AGING } from '../config';
import { Counter, Counters } from '../counters';
import { PIECE, RX_TRANSPORT } from '../memory';
import { Status } from '../status';
import { Time } from '../time';
import { IcmpHeader, IcmpType, UnreachableCode } from '../wire/icmp';
import { Ipv4Header } from '../wire/ipv4';
import { TcpHeader } from '../wire/tcp';
import { Buckets } from './buckets';
import { Record } from './record';
import { Records } from './records';
import { Rto } from './rto';
import { Scoreboard } from './scoreboard';
import { Seq } from './seq';
import { State } from './state';
import { Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** IPv4 and TCP headers without options. */
const HEADERS: u32 = 40;

/** The ICMP error in hand, to the connection of the `segment` that it quotes; there are ports and sequence number. */
export function networkError(segment: TcpHeader): void {
  const error = IcmpHeader.at(RX_TRANSPORT);
  const quoted = Ipv4Header.at(PIECE);
  const totalLen = quoted.totalLen;
  const seq = segment.seq; // the quoted headers lie where a record's TCB is made
  const found = Buckets.find(rotl<u32>(segment.portsKey, 16), quoted.netDestination);
  const tcb =
    found == 0 || Buckets.isTcb(found) ? changetype<Tcb>(found) : Records.open(changetype<Record>(found));
  const isInFlight = changetype<usize>(tcb) != 0 && Seq.le(tcb.sndUna, seq) && Seq.lt(seq, tcb.sndMax);
  if (!isInFlight) {
    Counters.add(Counter.IcmpErrorsStray);
    return;
  }
  const code = error.code;
  if (error.type == IcmpType.Unreachable) {
    if (code == UnreachableCode.FragmentationNeeded) {
      fragmentationNeeded(tcb, error.nextHopMtu, totalLen);
      return;
    }
    const isHard = code == UnreachableCode.Protocol || code == UnreachableCode.Port;
    if (isHard && tcb.state <= State.SynReceived) {
      Records.forget(found);
      Tcbs.fail(tcb, Status.ECONNREFUSED);
      return;
    }
  }
  // MUST-56: a soft error is remembered for the user and ends nothing.
  tcb.softError = <i8>Status.EHOSTUNREACH;
}

/** RFC 1191 §4: send less in a segment from now on, and what is out once more. The datagram had `totalLen` octets. */
function fragmentationNeeded(tcb: Tcb, mtu: u32, totalLen: u32): void {
  const old = tcb.mss;
  if (PATH_MTU_AGING && mtu == 0) mtu = plateauBelow(totalLen);
  const mss = max(mtu, HEADERS + DEFAULT_MSS) - HEADERS;
  if (mss >= old) return;
  tcb.mss = mss;
  if (tcb.state < State.Established) return;
  if (PATH_MTU_AGING) {
    if (tcb.pathMtu.raiseAt == 0) tcb.pathMtu.most = old;
    tcb.pathMtu.raiseAt = Time.after(PATH_MTU_AGING);
  }
  Scoreboard.loseAll(tcb, 0);
  Rto.cancelTiming(tcb);
  Tcbs.wantOutput(tcb, 0);
}

/** The next smaller MTU that networks have, RFC 1191 §7, for a router that names none. Below 1006 the floor is next. */
function plateauBelow(mtu: u32): u32 {
  return mtu > 1492 ? 1492 : mtu > 1006 ? 1006 : 0;
}

/** Nothing was said of the path for PATH_MTU_AGING: perhaps it is another one by now. */
export function pathMtuTimer(tcb: Tcb): void {
  const pathMtu = tcb.pathMtu;
  if (!Time.due(pathMtu.raiseAt)) return;
  pathMtu.raiseAt = 0;
  tcb.mss = pathMtu.most;
}
