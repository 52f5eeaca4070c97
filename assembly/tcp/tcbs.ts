// SPDX-License-Identifier: MIT
// The table of TCBs: finding, taking, freeing, and `enter`, the one door through which a connection changes its state.

import {
  FIN_WAIT_2_TIMEOUT,
  KEEPALIVE_COUNT,
  KEEPALIVE_IDLE,
  KEEPALIVE_INTERVAL,
  LOCAL_MSS,
  MSL,
  R1,
  RECEIVE_RING,
  RTO_INITIAL,
  TCP_TIMESTAMPS,
  USER_TIMEOUT,
} from '../config';
import { Counter, Counters } from '../counters';
import { Ipv4 } from '../ip/ipv4';
import { ADDRESSES } from '../ip/outgoing';
import { TCBS, TCBS_END, TCP_STATE } from '../memory';
import { Status } from '../status';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { Net } from '../wire/net';
import { Protocol } from '../wire/ipv4';
import { TcpHeader } from '../wire/tcp';
import { Isn } from './isn';
import { Output } from './output';
import { Scoreboard } from './scoreboard';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb, TCB_OCTETS } from './tcb';

/** The TCB that was found last: segments come in runs. */
const RECENT: usize = TCP_STATE + 20;
/** Rank that the next TCB gets. */
const BIRTH: usize = TCP_STATE + 24;
/** Whether any TCB has `Flag.Output`. */
const OUTPUT: usize = TCP_STATE + 28;
/** Whether any TCB has `Flag.News`. */
const NEWS: usize = TCP_STATE + 32;

/** Octets of the two ports. */
const PORTS: u32 = 4;

export abstract class Tcbs {
  static start(): void {
    memory.fill(TCBS, 0, TCBS_END - TCBS);
    store<u32>(RECENT, <u32>TCBS);
    store<u32>(OUTPUT, 0);
    store<u32>(NEWS, 1);
  }

  @inline static at(i: u32): Tcb {
    return changetype<Tcb>(TCBS + <usize>i * TCB_OCTETS);
  }

  /** The connection between these ports and that host, or null. */
  static find(portsKey: u32, remoteAddress: u32): Tcb {
    const recent = changetype<Tcb>(<usize>load<u32>(RECENT));
    if (recent.portsKey == portsKey && recent.remoteAddress == remoteAddress && recent.state != State.Closed)
      return recent;
    for (let p: usize = TCBS; p < TCBS_END; p += TCB_OCTETS) {
      const tcb = changetype<Tcb>(p);
      if (tcb.portsKey == portsKey && tcb.remoteAddress == remoteAddress && tcb.state != State.Closed) {
        store<u32>(RECENT, <u32>p);
        return tcb;
      }
    }
    return changetype<Tcb>(0);
  }

  /** Whether any connection uses the local port; in TIME-WAIT ones only if `timeWaitToo`. */
  static isPortUsed(port: u32, timeWaitToo: bool): bool {
    const half = Net.swap16(port);
    for (let p: usize = TCBS; p < TCBS_END; p += TCB_OCTETS) {
      const tcb = changetype<Tcb>(p);
      if (tcb.state == State.Closed || tcb.portsKey >>> 16 != half) continue;
      if (timeWaitToo || tcb.state != State.TimeWait) return true;
    }
    return false;
  }

  /**
   * A TCB for a new connection, filled in but for its state; null when all are in use. A TIME-WAIT that nobody owns gives
   * way, the oldest first; then a connection that nobody owns and whose peer has not answered for a while, half-open ones
   * among them (RFC 4987 §3.4).
   */
  static take(portsKey: u32, remoteAddress: u32): Tcb {
    let chosen = changetype<Tcb>(0);
    let chosenRank: u32 = 0;
    for (let p: usize = TCBS; p < TCBS_END; p += TCB_OCTETS) {
      const tcb = changetype<Tcb>(p);
      const rank = Tcbs.spare(tcb);
      if (rank == 0 || rank < chosenRank) continue;
      if (rank == chosenRank && !Seq.lt(tcb.birth, chosen.birth)) continue;
      chosen = tcb;
      chosenRank = rank;
      if (rank == 3) break;
    }
    if (chosenRank == 0) return chosen;
    if (chosenRank < 3) {
      Counters.add(Counter.TcpRecycled);
      Output.lastAck(chosen);
      Tcbs.release(chosen);
    }
    const birth = load<u32>(BIRTH);
    store<u32>(BIRTH, birth + 1);
    chosen.birth = birth;
    chosen.portsKey = portsKey;
    chosen.remoteAddress = remoteAddress;
    Tcbs.fill(chosen);
    return chosen;
  }

  /** The initial send sequence number, before anything was sent. */
  static startAt(tcb: Tcb, iss: u32): void {
    tcb.iss = iss;
    tcb.sndUna = iss;
    tcb.sndNxt = iss;
    tcb.sndMax = iss;
    tcb.recover = iss;
    tcb.rttSeq = iss;
    tcb.fack = iss;
    tcb.rackEnd = iss;
    tcb.dsackRound = iss;
    tcb.sndSeq = iss + 1;
  }

  /** Change the state: the only writer of `Tcb.state`. Timers of the state left are stopped, those of the new one set. */
  static enter(tcb: Tcb, state: State): void {
    tcb.setState(state);
    Tcbs.news(tcb);
    switch (state) {
      case State.Established:
        tcb.giveUpAt = 0;
        if (tcb.has(Flag.KeepAlive)) tcb.keepAt = Time.after(<u32>tcb.keepIdle * 1000);
        break;
      case State.FinWait2:
        // RFC 9293 lets FIN-WAIT-2 last for ever; with nobody left to read, a peer that is gone would hold the TCB.
        tcb.waitAt = tcb.socket == 0 ? Time.after(FIN_WAIT_2_TIMEOUT) : 0;
        break;
      case State.TimeWait:
        Tcbs.stopTimers(tcb);
        tcb.waitAt = Time.after(2 * MSL);
        break;
      case State.Closed:
        Tcbs.stopTimers(tcb);
        tcb.clear(Flag.Output);
        tcb.listener = 0;
        if (tcb.socket == 0) Tcbs.release(tcb);
        break;
      default:
        break;
    }
  }

  /** The connection has come to a bad end; its owner, if any, hears `error`. */
  static fail(tcb: Tcb, error: Status): void {
    tcb.error = <i8>error;
    if (tcb.state <= State.SynReceived) Counters.add(Counter.TcpFailedOpens);
    else Counters.add(Counter.TcpAborts);
    Tcbs.enter(tcb, State.Closed);
  }

  /** Forget everything about the connection, its text above all. */
  static release(tcb: Tcb): void {
    memory.fill(changetype<usize>(tcb), 0, TCB_OCTETS);
  }

  /** Look at the connection in the output of this poll. */
  static wantOutput(tcb: Tcb, flags: u32): void {
    tcb.flags |= Flag.Output | flags;
    store<u32>(OUTPUT, 1);
  }

  @inline static get outputWanted(): bool {
    return load<u32>(OUTPUT) != 0;
  }

  @inline static setOutputWanted(wanted: bool): void {
    store<u32>(OUTPUT, u32(wanted));
  }

  /** Tell the owner that there is something new. */
  static news(tcb: Tcb): void {
    tcb.flags |= Flag.News;
    store<u32>(NEWS, 1);
  }

  /** A socket is free again: connections may wait that could not be accepted for want of one. */
  static newsOfWaiting(): void {
    for (let p: usize = TCBS; p < TCBS_END; p += TCB_OCTETS) {
      const tcb = changetype<Tcb>(p);
      if (tcb.listener != 0) Tcbs.news(tcb);
    }
  }

  /** Whether there is news that nobody has taken. */
  @inline static get hasNews(): bool {
    return load<u32>(NEWS) != 0;
  }

  /** Whether there was news since the last call. */
  static takeNews(): bool {
    const news = load<u32>(NEWS) != 0;
    store<u32>(NEWS, 0);
    return news;
  }

  /** A half-open connection whose SYN with the ACK was answered by nothing, or could not even leave. */
  static isSilent(tcb: Tcb): bool {
    if (tcb.state != State.SynReceived) return false;
    return tcb.backoff > 0 || (tcb.sndMax == tcb.iss && Time.now - tcb.heardAt >= RTO_INITIAL);
  }

  /** 3: free. 2: TIME-WAIT without an owner. 1: nobody's, and the peer does not answer. 0: in use. */
  private static spare(tcb: Tcb): u32 {
    if (tcb.socket != 0) return 0;
    switch (tcb.state) {
      case State.Closed:
        return 3;
      case State.TimeWait:
        return 2;
      case State.FinWait2:
        return 1; // whatever the peer may still send would be answered by a reset
      case State.SynReceived:
        return Tcbs.isSilent(tcb) ? 1 : 0;
      default:
        return tcb.listener == 0 && tcb.backoff >= R1 ? 1 : 0;
    }
  }

  private static stopTimers(tcb: Tcb): void {
    tcb.retransmitAt = 0;
    tcb.lossAt = 0;
    tcb.ackAt = 0;
    tcb.waitAt = 0;
    tcb.giveUpAt = 0;
    tcb.keepAt = 0;
  }

  private static fill(tcb: Tcb): void {
    Ipv4.prepare(tcb.outgoing, tcb.remoteAddress, Protocol.Tcp);
    TcpHeader.at(tcb.outgoing.transport).setPorts(tcb.portsKey);
    tcb.pseudoSum = Checksum.of(tcb.outgoing.addresses, ADDRESSES + PORTS) + Protocol.Tcp;
    Tcbs.startAt(tcb, Isn.of(tcb.remoteAddress, tcb.portsKey));
    tcb.mss = LOCAL_MSS;
    tcb.rcvEdge = RECEIVE_RING;
    tcb.rto = RTO_INITIAL;
    tcb.ssthresh = 0x7fffffff;
    tcb.userTimeout = USER_TIMEOUT;
    tcb.keepIdle = <u16>KEEPALIVE_IDLE;
    tcb.keepInterval = <u16>KEEPALIVE_INTERVAL;
    tcb.keepCount = <u8>KEEPALIVE_COUNT;
    tcb.minRtt = 0xffff;
    tcb.rackSent = Scoreboard.now;
    tcb.reoMult = 1;
    if (TCP_TIMESTAMPS) tcb.timestamps.offset = Isn.of(tcb.remoteAddress, ~tcb.portsKey);
  }
}
