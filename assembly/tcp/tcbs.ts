// SPDX-License-Identifier: MIT
// The table of TCBs: finding, taking, freeing, and `enter`, the one door through which a connection changes its state
// (but those of records, which tcp/records.ts makes and unmakes).

import {
  FIN_WAIT_2_TIMEOUT,
  KEEPALIVE_COUNT,
  KEEPALIVE_IDLE,
  KEEPALIVE_INTERVAL,
  LOCAL_MSS,
  MSL,
  PROGRAM_LEAST,
  PROGRAM_YIELD,
  R1,
  RECEIVE_RING,
  RTO_INITIAL,
  TCP_CONNECTIONS,
  TCP_SACK,
  TCP_TIMESTAMPS,
  USER_TIMEOUT,
} from '../config';
import { Counter, Counters } from '../counters';
import { Ipv4 } from '../ip/ipv4';
import { SCRATCH, Table, TCP_STATE } from '../memory';
import { Status } from '../status';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { Net } from '../wire/net';
import { Protocol } from '../wire/ipv4';
import { TcpHeader } from '../wire/tcp';
import { Output } from './output';
import { Buckets } from './buckets';
import { Isn } from './isn';
import { Listeners } from './listeners';
import { Records } from './records';
import { Scoreboard } from './scoreboard';
import { State } from './state';
import { Flag, Tcb, TCB_OCTETS } from './tcb';

/** The set of those that wait on a listener to be accepted. */
const WAITING: usize = TCP_STATE + 24;
/** The set of those that may have something to send. */
const OUTPUT: usize = TCP_STATE + 32;
/** The set of those whose owner has something to hear. */
const NEWS: usize = TCP_STATE + 40;
/** The set of those that are free: CLOSED, and nobody's. */
const VACANT: usize = TCP_STATE + 48;
/** Rank that the next TCB gets. */
const BIRTH: usize = TCP_STATE + 56;

/** Rank of a TCB that nobody owns, when one is asked for. */
const NOBODYS: u32 = 0x80000000;

export abstract class Tcbs {
  /** All is 0, as memory is at first, but for this: every TCB is free. */
  static start(): void {
    store<u64>(VACANT, (<u64>-1) >> (64 - TCP_CONNECTIONS));
  }

  @inline static at(i: u32): Tcb {
    return changetype<Tcb>(Table.TCBS + <usize>i * TCB_OCTETS);
  }

  /** Whether any connection uses the local port. */
  static isPortUsed(port: u32): bool {
    const half = Net.swap16(port);
    for (let p: usize = Table.TCBS; p < Table.TCBS_END; p += TCB_OCTETS) {
      const tcb = changetype<Tcb>(p);
      if (tcb.state != State.Closed && tcb.portsKey >>> 16 == half) return true;
    }
    return Records.isPortUsed(half);
  }

  /** A TCB for a new connection, all 0 but for its rank; null when all are in use and none can be spared. */
  static take(): Tcb {
    if (load<u64>(VACANT) == 0) Tcbs.spareOne();
    const vacant = load<u64>(VACANT);
    if (vacant == 0) return changetype<Tcb>(0);
    const tcb = Tcbs.first(vacant);
    const rest = vacant & (vacant - 1);
    store<u64>(VACANT, rest);
    if (rest == 0) Tcbs.sparest(); // from now on others may wait
    tcb.bit = vacant ^ rest;
    const birth = load<u32>(BIRTH);
    store<u32>(BIRTH, birth + 1);
    tcb.birth = birth;
    return tcb;
  }

  /**
   * All are in use. A connection that nobody owns and whose peer owes nothing or does not answer gives way, the one longest
   * silent first. If there is none, the program's whose peer has said nothing for longest is reset: its TCB is free when
   * the program has let go of it.
   */
  private static spareOne(): void {
    const chosen = Tcbs.sparest();
    if (changetype<usize>(chosen) == 0) return;
    Counters.add(Counter.TcpRecycled);
    if (Tcbs.spare(chosen) >= NOBODYS) {
      Tcbs.release(chosen);
    } else {
      Output.abort(chosen);
      Tcbs.fail(chosen, Status.ECONNABORTED);
    }
  }

  /** The connection that can be spared best, or null. Those that cannot yet be are marked, and looked at again later. */
  private static sparest(): Tcb {
    let chosen = changetype<Tcb>(0);
    let most: u32 = 0;
    for (let p: usize = Table.TCBS; p < Table.TCBS_END; p += TCB_OCTETS) {
      const rank = Tcbs.spare(changetype<Tcb>(p));
      if (rank <= most) continue;
      chosen = changetype<Tcb>(p);
      most = rank;
    }
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
    if (TCP_SACK) {
      tcb.selective.fack = iss;
      tcb.selective.rackEnd = iss;
      tcb.selective.dsackRound = iss;
    }
    tcb.sndSeq = iss + 1;
  }

  /** Change the state: the only writer of `Tcb.state`. Timers of the state left are stopped, those of the new one set. */
  static enter(tcb: Tcb, state: State): void {
    tcb.setState(state);
    if ((tcb.socket | tcb.listener) != 0) Tcbs.news(tcb);
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
        Tcbs.wantOutput(tcb, 0); // the last ACK, and then a record will do
        break;
      case State.Closed:
        if (tcb.socket == 0) {
          Tcbs.release(tcb);
        } else {
          Tcbs.leave(tcb);
          Tcbs.stopTimers(tcb);
        }
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
    if (changetype<usize>(tcb) == SCRATCH) return;
    Tcbs.leave(tcb);
    store<u64>(VACANT, load<u64>(VACANT) | tcb.bit);
    memory.fill(changetype<usize>(tcb), 0, TCB_OCTETS);
  }

  /** It is nobody's any more: it is found no longer, no listener counts it. */
  private static leave(tcb: Tcb): void {
    Buckets.remove(changetype<usize>(tcb));
    Tcbs.stopWaiting(tcb);
  }

  /** It waits on its listener to be accepted. */
  @inline static startWaiting(tcb: Tcb): void {
    Listeners.addWaiting(tcb.listener, 1);
    store<u64>(WAITING, load<u64>(WAITING) | tcb.bit);
  }

  /** It waits on no listener. */
  static stopWaiting(tcb: Tcb): void {
    if (tcb.listener == 0) return;
    Listeners.addWaiting(tcb.listener, -1);
    store<u64>(WAITING, load<u64>(WAITING) & ~tcb.bit);
    tcb.listener = 0;
  }

  /** Those that wait on any listener, as their bits. */
  @inline static get waiting(): u64 {
    return load<u64>(WAITING);
  }

  /** Look at the connection in the output of this poll. */
  static wantOutput(tcb: Tcb, flags: u32): void {
    if (flags != 0) tcb.set(flags);
    store<u64>(OUTPUT, load<u64>(OUTPUT) | tcb.bit);
  }

  /** Those to look at, as their bits. */
  @inline static get outputWanted(): u64 {
    return load<u64>(OUTPUT);
  }

  @inline static setOutputWanted(bits: u64): void {
    store<u64>(OUTPUT, bits);
  }

  /** Tell the owner that there is something new. */
  static news(tcb: Tcb): void {
    store<u64>(NEWS, load<u64>(NEWS) | tcb.bit);
  }

  /** A socket is free again: connections may wait that could not be accepted for want of one. */
  @inline static newsOfWaiting(): void {
    store<u64>(NEWS, load<u64>(NEWS) | load<u64>(WAITING));
  }

  /** Whether there is news that nobody has taken. */
  @inline static get hasNews(): bool {
    return load<u64>(NEWS) != 0;
  }

  /** Those of which there was news since the last call, as their bits. */
  @inline static takeNews(): u64 {
    const news = load<u64>(NEWS);
    store<u64>(NEWS, 0);
    return news;
  }

  /** The first one in a set that is not empty. */
  @inline static first(bits: u64): Tcb {
    return Tcbs.at(<u32>ctz(bits));
  }

  /** How well the connection can be spared: NOBODYS and for how long the peer is silent; or that alone; 0 = not at all. */
  private static spare(tcb: Tcb): u32 {
    if (tcb.state == State.Closed) return 0;
    const silence = Time.now - tcb.heardAt;
    // In FIN-WAIT-2 whatever the peer may still send would be answered by a reset.
    if (tcb.socket == 0 && (tcb.state == State.FinWait2 || (tcb.listener == 0 && tcb.backoff >= R1)))
      return NOBODYS | silence;
    if (!tcb.has(Flag.Yields)) return 0;
    if (silence >= PROGRAM_YIELD) return silence;
    // A word now and then is no reason to stay: what counts is text, either way.
    const moved = tcb.rcvNxt + tcb.sndUna - tcb.mark;
    if (moved >= PROGRAM_LEAST) {
      tcb.mark += moved;
      tcb.markAt = Time.now;
      return 0;
    }
    const still = Time.now - tcb.markAt;
    return still >= PROGRAM_YIELD ? still : 0;
  }

  private static stopTimers(tcb: Tcb): void {
    tcb.retransmitAt = 0;
    if (TCP_SACK) tcb.lossAt = 0;
    tcb.ackAt = 0;
    tcb.waitAt = 0;
    tcb.giveUpAt = 0;
    tcb.keepAt = 0;
  }

  /** What every connection begins with, but for its state and sequence numbers. `tcb` is all 0 but for its rank. */
  static begin(tcb: Tcb, portsKey: u32, netRemote: u32): void {
    tcb.portsKey = portsKey;
    tcb.netRemote = netRemote;
    Ipv4.prepare(tcb.outgoing, netRemote);
    TcpHeader.at(tcb.outgoing.transport).setPorts(portsKey);
    const addresses = tcb.outgoing.addresses; // and the ports behind them
    const sum = <u64>load<u32>(addresses) + load<u32>(addresses, 4) + load<u32>(addresses, 8);
    tcb.pseudoSum = Checksum.exchanged(sum) + Protocol.Tcp;
    tcb.mss = LOCAL_MSS;
    tcb.rcvEdge = RECEIVE_RING;
    tcb.rto = RTO_INITIAL;
    tcb.ssthresh = 0x7fffffff;
    tcb.userTimeout = USER_TIMEOUT;
    tcb.keepIdle = <u16>KEEPALIVE_IDLE;
    tcb.keepInterval = <u16>KEEPALIVE_INTERVAL;
    tcb.keepCount = <u8>KEEPALIVE_COUNT;
    if (TCP_SACK) {
      tcb.minRtt = 0xffff;
      tcb.selective.rackSent = Scoreboard.now;
      tcb.reoMult = 1;
    }
    if (TCP_TIMESTAMPS) tcb.timestamps.offset = Isn.offset(netRemote, portsKey);
  }
}
