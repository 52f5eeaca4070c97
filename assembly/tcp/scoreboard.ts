// SPDX-License-Identifier: MIT
// The scoreboard: what is in flight, as runs of octets that share one fate. The runs lie one behind the other from SND.UNA
// to SND.NXT; each knows where it ends, when it was last sent, and its marks. Neighbours that are alike are one run, so a
// window that left in one burst takes one. When the table is full, what would need a run more is known less exactly: text
// counts as sent later than it was, and a block that cannot be cut out as not yet arrived. Both only cost time.
//
//   0     4                      8
//  | end | sent, ms, shifted | marks |     TCP_RUNS of them, `runCount` in use
//
// Octets in the network, `pipe` of RFC 6675: neither held by the peer nor lost, or lost and sent again.

import { LOSS_WITHOUT_QUEUE, TCP_RUNS, TCP_SACK, TCP_TIMESTAMPS } from '../config';
import { Time } from '../time';
import { Rack } from './rack';
import { Rto } from './rto';
import { Seq } from './seq';
import { Flag, RUN_OCTETS, Tcb } from './tcb';

/** Marks of a run. */
export enum Mark {
  /** The peer holds it, as it said in a SACK block. It may still forget (RFC 2018 §8). */
  Sacked = 1,
  /** It is lost, and not yet sent again. */
  Lost = 2,
  /** It was sent more than once: Karn's rule applies. */
  Resent = 4,
}

const MARKS: u32 = 7;
/** RACK's round trips are asked for even where the peer has no SACK: congestion.ts. */
const KNOWS_ROUND_TRIPS: bool = LOSS_WITHOUT_QUEUE != 0;
/** Shift of the instant above the marks. */
const SHIFT: u32 = 3;

export abstract class Scoreboard {
  /** Octets in the network. */
  @inline static pipe(tcb: Tcb): u32 {
    return tcb.sndNxt - tcb.sndUna - tcb.sacked - tcb.lost;
  }

  @inline static at(tcb: Tcb, i: u32): usize {
    return tcb.runs + i * RUN_OCTETS;
  }

  @inline static end(run: usize): u32 {
    return load<u32>(run);
  }

  /** When it was last sent, as `now` below. */
  @inline static sent(run: usize): u32 {
    return load<u32>(run, 4) & ~MARKS;
  }

  /** The order of transmissions: in one millisecond what was sent again left after what was sent first. */
  @inline static order(run: usize): u32 {
    return load<u32>(run, 4) & ~(Mark.Sacked | Mark.Lost);
  }

  @inline static is(run: usize, marks: u32): bool {
    return (load<u32>(run, 4) & marks) != 0;
  }

  /** This instant as runs have it: milliseconds times 8, modulo 2^32. */
  @inline static get now(): u32 {
    return Time.now << SHIFT;
  }

  /** Milliseconds from the instant `sent` of a run until now. */
  @inline static age(sent: u32): u32 {
    return (Scoreboard.now - sent) >>> SHIFT;
  }

  @inline private static ageOf(run: usize): u32 {
    return Scoreboard.age(Scoreboard.sent(run));
  }

  /** Whether new text can be noted: in a run of its own, or in the last one if that has no marks. */
  static hasRoom(tcb: Tcb): bool {
    return tcb.runCount < TCP_RUNS || !Scoreboard.is(Scoreboard.at(tcb, TCP_RUNS - 1), MARKS);
  }

  /** New text was sent, from SND.NXT to `end`. `hasRoom` was asked. */
  static note(tcb: Tcb, end: u32): void {
    const count: u32 = tcb.runCount;
    const now = Scoreboard.now;
    let run = Scoreboard.at(tcb, count);
    if (count == 0) {
      tcb.runCount = 1;
      // What was delivered last may have been sent so long ago that it seems to lie ahead.
      if (TCP_SACK) tcb.selective.rackSent = now;
    } else if (count == TCP_RUNS || load<u32>(run - RUN_OCTETS, 4) == now) run -= RUN_OCTETS;
    else tcb.runCount = <u8>(count + 1);
    store<u32>(run, end);
    store<u32>(run, now, 4);
  }

  /** SND.UNA moves from `una` to `ack`. Returns the octets that the peer was not known to hold. Takes the RTT sample. */
  static acknowledged(tcb: Tcb, una: u32, ack: u32): u32 {
    let delivered: u32 = 0;
    let gone: u32 = 0;
    const count: u32 = tcb.runCount;
    while (gone < count) {
      const run = Scoreboard.at(tcb, gone);
      const end = Scoreboard.end(run);
      const isWhole = Seq.le(end, ack);
      const to = isWhole ? end : ack;
      const len = to - una;
      if (TCP_SACK && Scoreboard.is(run, Mark.Sacked)) {
        tcb.sacked -= len;
      } else {
        Scoreboard.sample(tcb, run, una, to);
        if (Scoreboard.is(run, Mark.Lost)) tcb.lost -= len;
        delivered += len;
        if (KNOWS_ROUND_TRIPS || (TCP_SACK && tcb.has(Flag.SackOk))) Rack.delivered(tcb, run, to);
      }
      una = to;
      if (!isWhole) break;
      gone += 1;
      if (una == ack) break;
    }
    if (gone != 0) Scoreboard.remove(tcb, 0, gone);
    return delivered;
  }

  /**
   * [from, to) of `run` has arrived: the RTT sample, if it is what is timed. What waits behind a gap is timed by its SACK.
   */
  @inline private static sample(tcb: Tcb, run: usize, from: u32, to: u32): void {
    if (Scoreboard.is(run, Mark.Resent)) {
      if (TCP_TIMESTAMPS && tcb.has(Flag.TimestampsOk)) Rto.sampleTimestamp(tcb, Scoreboard.ageOf(run));
    } else if (Seq.inWindow(tcb.rttSeq, from + 1, to - from)) {
      if (TCP_SACK) tcb.rttSeq = tcb.sndUna; // once: its ACK is still to come
      Rto.sample(tcb, Scoreboard.ageOf(run));
    }
  }

  /** Our SYN was sent at the instant `at`, and not only then if `isResent`. */
  static noteSyn(tcb: Tcb, at: u32, isResent: bool): void {
    tcb.runCount = 1;
    store<u32>(tcb.runs, tcb.iss + 1);
    store<u32>(tcb.runs, (at << SHIFT) | (isResent ? Mark.Resent : 0), 4);
  }

  /** The same where [una, ack) is all that is out, in one run neither held nor lost: our SYN, or what left in a burst. */
  static allAcknowledged(tcb: Tcb, una: u32, ack: u32): void {
    const run = tcb.runs;
    tcb.runCount = 0;
    Scoreboard.sample(tcb, run, una, ack);
    if (KNOWS_ROUND_TRIPS || (TCP_SACK && tcb.has(Flag.SackOk))) Rack.delivered(tcb, run, ack);
  }

  /** The peer holds [start, end). Returns the octets of it that were not known to be held. */
  static hold(tcb: Tcb, start: u32, end: u32): u32 {
    let newly: u32 = 0;
    let from = tcb.sndUna;
    for (let i: u32 = 0; i < tcb.runCount; i++) {
      const run = Scoreboard.at(tcb, i);
      const to = Scoreboard.end(run);
      if (Seq.le(end, from)) break;
      if (Seq.lt(start, to) && !Scoreboard.is(run, Mark.Sacked)) {
        if (Seq.lt(from, start)) {
          if (!Scoreboard.cut(tcb, i, start)) return newly;
          from = start;
          continue; // with what is left of the run
        }
        if (Seq.lt(end, to) && !Scoreboard.cut(tcb, i, end)) return newly;
        const len = Scoreboard.end(run) - from;
        Scoreboard.sample(tcb, run, from, from + len);
        newly += len;
        tcb.sacked += len;
        tcb.set(Flag.Gaps);
        if (Scoreboard.is(run, Mark.Lost)) tcb.lost -= len;
        if (TCP_SACK) Rack.delivered(tcb, run, Scoreboard.end(run));
        store<u32>(run, (load<u32>(run, 4) & ~Mark.Lost) | Mark.Sacked, 4);
        i = Scoreboard.join(tcb, i, Mark.Sacked);
        from = Scoreboard.end(Scoreboard.at(tcb, i));
      } else {
        from = to;
      }
    }
    return newly;
  }

  /** Run `i` is lost. Returns the number it has then: a neighbour before it that is lost, too, takes it in. */
  static lose(tcb: Tcb, i: u32): u32 {
    const run = Scoreboard.at(tcb, i);
    tcb.lost += Scoreboard.end(run) - Scoreboard.start(tcb, i);
    tcb.set(Flag.Gaps);
    store<u32>(run, load<u32>(run, 4) | Mark.Lost, 4);
    return Scoreboard.join(tcb, i, Mark.Lost);
  }

  /** The first `len` octets in flight are lost, if they were not sent again already. */
  static loseFirst(tcb: Tcb, len: u32): void {
    if (tcb.runCount == 0 || Scoreboard.is(tcb.runs, Mark.Lost | Mark.Resent)) return;
    if (Scoreboard.end(tcb.runs) - tcb.sndUna > len) Scoreboard.cut(tcb, 0, tcb.sndUna + len);
    Scoreboard.lose(tcb, 0);
  }

  /** All that the peer does not hold, and that was sent `ms` ago or before, is lost, and the first in any case. */
  static loseAll(tcb: Tcb, ms: u32): void {
    if (TCP_SACK && tcb.runCount > 0 && Scoreboard.is(tcb.runs, Mark.Sacked)) Scoreboard.forget(tcb);
    for (let i: u32 = 0; i < tcb.runCount; i++) {
      const run = Scoreboard.at(tcb, i);
      if (Scoreboard.is(run, Mark.Sacked | Mark.Lost)) continue;
      if (i == 0 || Scoreboard.age(Scoreboard.sent(run)) >= ms) i = Scoreboard.lose(tcb, i);
    }
  }

  /** The first lost run, or null. */
  static firstLost(tcb: Tcb): usize {
    for (let i: u32 = 0; i < tcb.runCount; i++) {
      if (Scoreboard.is(Scoreboard.at(tcb, i), Mark.Lost)) return Scoreboard.at(tcb, i);
    }
    return 0;
  }

  /**
   * The last `len` octets in flight that the peer is not known to hold, or what there is of their run, as a run. They count
   * as lost until they are resent. There are some.
   */
  static lastOf(tcb: Tcb, len: u32): usize {
    let i: u32 = tcb.runCount - 1;
    while (i > 0 && Scoreboard.is(Scoreboard.at(tcb, i), Mark.Sacked)) i--;
    const end = Scoreboard.end(Scoreboard.at(tcb, i));
    if (end - Scoreboard.start(tcb, i) > len && Scoreboard.cut(tcb, i, end - len)) i += 1;
    const run = Scoreboard.at(tcb, i);
    tcb.lost += Scoreboard.end(run) - Scoreboard.start(tcb, i);
    return run;
  }

  /** Where the run begins. */
  @inline static startOf(tcb: Tcb, run: usize): u32 {
    return run == tcb.runs ? tcb.sndUna : load<u32>(run - RUN_OCTETS);
  }

  /** The first `len` octets of the lost `run` were sent again. */
  static resent(tcb: Tcb, run: usize, len: u32): void {
    const i = <u32>(run - tcb.runs) / RUN_OCTETS;
    const start = Scoreboard.startOf(tcb, run);
    if (Scoreboard.end(run) - start > len) Scoreboard.cut(tcb, i, start + len);
    tcb.lost -= Scoreboard.end(run) - start; // the rest, too, if it could not be cut off
    const info = Scoreboard.now | Mark.Resent;
    store<u32>(run, info, 4);
    if (i > 0 && load<u32>(run - RUN_OCTETS, 4) == info) Scoreboard.absorb(tcb, i);
  }

  private static start(tcb: Tcb, i: u32): u32 {
    return Scoreboard.startOf(tcb, Scoreboard.at(tcb, i));
  }

  /** RFC 2018 §8: the peer has thrown away what it held. */
  private static forget(tcb: Tcb): void {
    for (let i: u32 = 0; i < tcb.runCount; i++) {
      const run = Scoreboard.at(tcb, i);
      store<u32>(run, load<u32>(run, 4) & ~Mark.Sacked, 4);
    }
    tcb.sacked = 0;
  }

  /** Cut run `i` in two at `seq`. False when the table is full. */
  private static cut(tcb: Tcb, i: u32, seq: u32): bool {
    const count: u32 = tcb.runCount;
    if (count == TCP_RUNS) return false;
    const run = Scoreboard.at(tcb, i);
    memory.copy(run + RUN_OCTETS, run, (count - i) * RUN_OCTETS);
    store<u32>(run, seq);
    tcb.runCount = <u8>(count + 1);
    return true;
  }

  /** Run `i` and its neighbours that have the mark, too, become one. Returns its number. */
  private static join(tcb: Tcb, i: u32, mark: Mark): u32 {
    if (i + 1 < tcb.runCount && Scoreboard.is(Scoreboard.at(tcb, i + 1), mark)) Scoreboard.absorb(tcb, i + 1);
    if (i == 0 || !Scoreboard.is(Scoreboard.at(tcb, i - 1), mark)) return i;
    Scoreboard.absorb(tcb, i);
    return i - 1;
  }

  /** The run before `i` takes it in, and with it that it was sent twice. */
  private static absorb(tcb: Tcb, i: u32): void {
    const run = Scoreboard.at(tcb, i);
    const before = run - RUN_OCTETS;
    store<u32>(before, Scoreboard.end(run));
    store<u32>(before, load<u32>(before, 4) | (load<u32>(run, 4) & Mark.Resent), 4);
    Scoreboard.remove(tcb, i, 1);
  }

  private static remove(tcb: Tcb, i: u32, n: u32): void {
    const count: u32 = tcb.runCount - n;
    memory.copy(Scoreboard.at(tcb, i), Scoreboard.at(tcb, i + n), (count - i) * RUN_OCTETS);
    tcb.runCount = <u8>count;
  }
}
