// SPDX-License-Identifier: MIT
// The table of records. For whatever happens to one, a TCB is made of it in the scratch place, which has no rings, and goes
// through the checks of RFC 9293 §3.10.7.4 like any other; what has become of it is noted in the record.
//
//  | SYN_QUEUE half-open | one more for cookies | TIME_WAIT_RECORDS |

import {
  PROGRAM_IDLE,
  RECEIVE_RING,
  RTO_INITIAL,
  RTO_MAX,
  SYN_COOKIES,
  SYN_QUEUE,
  TCP_TIMESTAMPS,
  TCP_USER_TIMEOUT_OPTION,
} from '../config';
import { Counter, Counters } from '../counters';
import { RECORDS, RECORDS_END, SCRATCH } from '../memory';
import { Time } from '../time';
import { Buckets } from './buckets';
import { Listeners } from './listeners';
import { Options } from './options';
import { HAS_OPTIONS, Record, RECORD_OCTETS } from './record';
import { Scoreboard } from './scoreboard';
import { State } from './state';
import { SynQueue } from './syn-queue';
import { AGREED, CONTROL_OCTETS, Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** The record of the SYN that was answered with a cookie last, or of the cookie that came back. */
export const COOKIE_RECORD: usize = RECORDS + SYN_QUEUE * RECORD_OCTETS;
const TIME_WAITS: usize = COOKIE_RECORD + SYN_COOKIES * RECORD_OCTETS;

export abstract class Records {
  @inline static at(i: u32): Record {
    return changetype<Record>(RECORDS + i * RECORD_OCTETS);
  }

  /** Whether timestamps were agreed. */
  @inline static hasTimestamps(record: Record): bool {
    return TCP_TIMESTAMPS != 0 && ((<u32>record.agreed * Flag.SackOk) & Flag.TimestampsOk) != 0;
  }

  @inline static isHalfOpen(record: Record): bool {
    return changetype<usize>(record) < TIME_WAITS;
  }

  /** A new one between `p` and `end`; if none is free the oldest gives way, but none younger than `least` ms: then null. */
  static take(p: usize, end: usize, least: u32, portsKey: u32, netRemote: u32): Record {
    let chosen: usize = 0;
    for (; p < end; p += RECORD_OCTETS) {
      const record = changetype<Record>(p);
      if (record.portsKey == 0) {
        chosen = p;
        break;
      }
      const age = Time.now - record.since;
      if (age < least) continue;
      chosen = p;
      least = age;
    }
    const record = changetype<Record>(chosen);
    if (chosen == 0) return record;
    if (record.portsKey != 0) Counters.add(Counter.TcpRecycled);
    Records.begin(record, portsKey, netRemote);
    return record;
  }

  static begin(record: Record, portsKey: u32, netRemote: u32): void {
    Records.free(record);
    record.portsKey = portsKey;
    record.netRemote = netRemote;
    record.since = Time.now;
    Buckets.insert(changetype<usize>(record));
  }

  static free(record: Record): void {
    if (record.portsKey == 0) return;
    Buckets.remove(changetype<usize>(record));
    memory.fill(changetype<usize>(record), 0, RECORD_OCTETS);
  }

  /** Free it: `tcb` is of the same connection, and is to be found in its place. */
  @inline static giveWay(record: Record, tcb: Tcb): void {
    Buckets.replace(changetype<usize>(record), changetype<usize>(tcb));
    memory.fill(changetype<usize>(record), 0, RECORD_OCTETS);
  }

  /** Whether a connection in TIME-WAIT uses the local port, octets exchanged. */
  static isPortUsed(half: u32): bool {
    for (let p = TIME_WAITS; p < RECORDS_END; p += RECORD_OCTETS) {
      if (changetype<Record>(p).portsKey >>> 16 == half) return true;
    }
    return false;
  }

  /** Free the record of the connection that was found at `p`: it is that, or stands behind the TCB, if there is one. */
  static forget(p: usize): void {
    if (Buckets.isTcb(p)) p = Buckets.behind(p);
    if (p != 0) Records.free(changetype<Record>(p));
  }

  /** In place of `tcb`, which is in TIME-WAIT, has no owner, and is free now. */
  static keep(tcb: Tcb): void {
    const record = Records.take(TIME_WAITS, RECORDS_END, 0, tcb.portsKey, tcb.netRemote);
    record.at = tcb.waitAt;
    record.sndNxt = tcb.sndMax;
    record.rcvNxt = tcb.rcvNxt;
    if (HAS_OPTIONS) record.agreed = <u8>((tcb.flags & AGREED) / Flag.SackOk);
    if (TCP_TIMESTAMPS) record.tsRecent = tcb.timestamps.recent;
    Tcbs.release(tcb);
  }

  /** The TCB that `record` stands for, in the scratch place: good until the next call, and without rings. */
  static open(record: Record): Tcb {
    const tcb = changetype<Tcb>(SCRATCH);
    memory.fill(SCRATCH, 0, CONTROL_OCTETS);
    if (record.portsKey != 0) Records.load(tcb, record, Listeners.of(record.portsKey));
    return tcb;
  }

  /** Fill in `tcb`, which is all 0, from `record`. */
  static load(tcb: Tcb, record: Record, listener: u32): void {
    Tcbs.begin(tcb, record.portsKey, record.netRemote);
    const sndNxt = record.sndNxt;
    const rcvNxt = record.rcvNxt;
    tcb.irs = rcvNxt - 1;
    tcb.rcvNxt = rcvNxt;
    tcb.rcvEdge = rcvNxt + RECEIVE_RING;
    tcb.challengeAt = Time.now;
    tcb.challenges = record.challenges;
    let flags: u32 = 0;
    if (HAS_OPTIONS) {
      flags = <u32>record.agreed * Flag.SackOk;
      tcb.sndShift = record.shift;
    }
    if (TCP_TIMESTAMPS) {
      tcb.timestamps.recent = record.tsRecent;
      tcb.timestamps.recentAt = record.since;
      tcb.timestamps.lastAckSent = rcvNxt;
    }
    const isHalfOpen = Records.isHalfOpen(record);
    Tcbs.startAt(tcb, sndNxt - u32(isHalfOpen));
    if (!isHalfOpen) {
      tcb.setState(State.TimeWait);
      tcb.flags = flags | Flag.FinQueued | Flag.FinReceived | Flag.NoReader;
      tcb.waitAt = record.at;
      return;
    }
    tcb.setState(State.SynReceived);
    tcb.mss = record.mss;
    tcb.listener = <u8>listener;
    if (listener != 0) flags |= Listeners.flags(listener) & ~AGREED;
    // A client that has vanished must not hold one of a program's few connections.
    if (flags & Flag.Yields) tcb.keepIdle = <u16>PROGRAM_IDLE;
    const attempts: u32 = record.attempts;
    if (attempts > 1) flags |= Flag.SynRepeated;
    tcb.flags = flags;
    if (TCP_USER_TIMEOUT_OPTION) Options.takeUserTimeout(tcb, record.userTimeout);
    tcb.rto = min(RTO_INITIAL << attempts, RTO_MAX);
    if (attempts == 0) return;
    tcb.sndNxt = sndNxt;
    tcb.sndMax = sndNxt;
    tcb.rttSeq = sndNxt;
    // One sent once is timed; when a cookie left is not known.
    Scoreboard.noteSyn(tcb, record.since, attempts > 1 || (SYN_COOKIES && record.at == 0));
  }

  /** What has become of the connection that `tcb` was made for. */
  static note(record: Record, tcb: Tcb): void {
    if (tcb.state == State.Closed) {
      Records.free(record);
      return;
    }
    record.challenges = <u8>tcb.challenges;
    if (tcb.state == State.TimeWait) record.at = tcb.waitAt;
  }

  /** Act on every deadline that has come. */
  static timers(): void {
    for (let p: usize = RECORDS; p < RECORDS_END; p += RECORD_OCTETS) {
      const record = changetype<Record>(p);
      if (!Time.due(record.at)) continue;
      if (Records.isHalfOpen(record)) SynQueue.repeat(record);
      else Records.free(record);
    }
  }
}
