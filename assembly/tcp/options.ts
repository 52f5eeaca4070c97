// SPDX-License-Identifier: MIT
// TCP options, RFC 9293 §3.2: those of a segment that came, into `seg`; those of one that goes, into OPTIONS. Unknown ones
// are stepped over by their length. Which are offered says config.ts; which hold for a connection, `AGREED` of its flags.
//
//   SYN:    MSS · NOP NOP SACK-permitted · NOP NOP timestamps · NOP window scale · user timeout
//   others: NOP NOP timestamps · user timeout · NOP NOP SACK: what came twice, the run that the last text is in, the rest

import {
  LOCAL_MSS,
  RECEIVE_RING,
  TCP_ECN,
  TCP_SACK,
  TCP_TIMESTAMPS,
  TCP_USER_TIMEOUT_OPTION,
  TCP_WINDOW_SCALE,
} from '../config';
import { OPTIONS } from '../memory';
import { Time } from '../time';
import { Net } from '../wire/net';
import { Control, TIMESTAMPS_OCTETS } from '../wire/tcp';
import { seg } from './segment';
import { Flag, Tcb } from './tcb';

/** Kinds. */
const END: u32 = 0;
const NO_OPERATION: u32 = 1;
const MSS: u32 = 2;
const WINDOW_SCALE: u32 = 3;
const SACK_PERMITTED: u32 = 4;
const SACK: u32 = 5;
const TIMESTAMPS: u32 = 8;
const USER_TIMEOUT: u32 = 28;

/** Kind and length of each, after one or two NOPs where that aligns it. */
const MSS_OPTION: u32 = (MSS << 24) | (4 << 16) | LOCAL_MSS;
const SACK_PERMITTED_OPTION: u32 = 0x01010000 | (SACK_PERMITTED << 8) | 2;
const TIMESTAMPS_OPTION: u32 = 0x01010000 | (TIMESTAMPS << 8) | 10;
const WINDOW_SCALE_OPTION: u32 = 0x01000000 | (WINDOW_SCALE << 16) | (3 << 8);
const SACK_OPTION: u32 = 0x01010000 | (SACK << 8) | 2;
const USER_TIMEOUT_OPTION: u32 = (USER_TIMEOUT << 24) | (4 << 16);

/** TIMESTAMPS_OPTION as it lies in memory. */
const TIMESTAMPS_IN_MEMORY: u32 = 0x0a080101;

const BLOCK: u32 = 8;
const MOST_OCTETS: u32 = 40;
/** RFC 5482 §3.1: the granularity bit, minutes instead of seconds. */
const MINUTES: u32 = 0x8000;
/** L_LIMIT of RFC 5482 §3.1, ms. */
const USER_TIMEOUT_LEAST: u32 = 100_000;
/** Greatest shift, RFC 7323 §2.3. */
const MOST_SHIFT: u32 = 14;

/** Rcv.Wind.Shift: the least by which 16 bits can tell the whole ring. */
export const RCV_SHIFT: u32 =
  u32(RECEIVE_RING > 0xffff) +
  u32(RECEIVE_RING > 0x1ffff) +
  u32(RECEIVE_RING > 0x3ffff) +
  u32(RECEIVE_RING > 0x7ffff) +
  u32(RECEIVE_RING > 0xfffff) +
  u32(RECEIVE_RING > 0x1fffff) +
  u32(RECEIVE_RING > 0x3fffff) +
  u32(RECEIVE_RING > 0x7fffff);

/** What we offer in a SYN of our own; ECN beside, where the socket asks for it. */
export const OFFERED: u32 =
  (TCP_SACK ? Flag.SackOk : 0) |
  (TCP_TIMESTAMPS ? Flag.TimestampsOk : 0) |
  (TCP_WINDOW_SCALE ? Flag.ScaleOk : 0);

/** Flags with which a segment that is no SYN may have options. */
export const DUE: u32 =
  (TCP_SACK ? Flag.Gaps | Flag.Duplicate : 0) |
  (TCP_TIMESTAMPS ? Flag.TimestampsOk : 0) |
  (TCP_USER_TIMEOUT_OPTION ? Flag.UserTimeoutDue : 0);

export abstract class Options {
  /** Read the options at `p` up to `end` into `seg`. An illegal length ends the list (MUST-7). */
  static parse(p: usize, end: usize): void {
    if (TCP_TIMESTAMPS && load<u32>(p) == TIMESTAMPS_IN_MEMORY && end == p + TIMESTAMPS_OCTETS) {
      Options.takeTimestamps(p + 4);
      return;
    }
    while (p < end) {
      const kind: u32 = load<u8>(p);
      if (kind <= NO_OPERATION) {
        if (kind == END) break;
        p += 1;
        continue;
      }
      const len: u32 = load<u8>(p, 1); // of a kind that comes last, any: it does not fit
      if (len < 2 || p + len > end) break;
      Options.take(kind, p, len);
      p += len;
    }
  }

  /** One option. Those that belong into a SYN count there only (MUST-65), and with their own length only. */
  private static take(kind: u32, p: usize, len: u32): void {
    if (seg.has(Control.SYN)) {
      if (kind == MSS && len == 4) seg.mss = Net.u16(p + 2);
      if (TCP_SACK && kind == SACK_PERMITTED && len == 2) seg.options |= Flag.SackOk;
      if (TCP_WINDOW_SCALE && kind == WINDOW_SCALE && len == 3) {
        seg.options |= Flag.ScaleOk;
        seg.shift = min(<u32>load<u8>(p, 2), MOST_SHIFT);
      }
    } else if (TCP_SACK && kind == SACK && len > 2 && ((len - 2) & (BLOCK - 1)) == 0) {
      seg.blocks = p + 2;
      seg.blocksEnd = p + len;
    }
    if (TCP_TIMESTAMPS && kind == TIMESTAMPS && len == 10) Options.takeTimestamps(p + 2);
    if (TCP_USER_TIMEOUT_OPTION && kind == USER_TIMEOUT && len == 4) seg.userTimeout = Net.u16(p + 2);
  }

  private static takeTimestamps(p: usize): void {
    seg.options |= Flag.TimestampsOk;
    seg.tsVal = Net.u32(p);
    seg.tsEcr = Net.u32(p + 4);
  }

  /** TS.Recent is what `seg` bears. */
  static record(tcb: Tcb): void {
    tcb.timestamps.recent = seg.tsVal;
    tcb.timestamps.recentAt = Time.now;
  }

  /** The options of a SYN that agrees to, or offers, `flags`, to `start`. Returns their octets. */
  static composeSyn(start: usize, flags: u32, tsVal: u32, tsEcr: u32, userTimeout: u32): u32 {
    let p = Options.word(start, MSS_OPTION);
    if (TCP_SACK && flags & Flag.SackOk) p = Options.word(p, SACK_PERMITTED_OPTION);
    if (TCP_TIMESTAMPS && flags & Flag.TimestampsOk) p = Options.timestamps(p, tsVal, tsEcr);
    if (TCP_WINDOW_SCALE && flags & Flag.ScaleOk) p = Options.word(p, WINDOW_SCALE_OPTION | RCV_SHIFT);
    if (TCP_USER_TIMEOUT_OPTION && userTimeout != 0) p = Options.word(p, Options.userTimeoutOf(userTimeout));
    return <u32>(p - start);
  }

  /** How many octets of options a segment with text has now: it is so much shorter. RFC 9293 MUST-16, RFC 6691. */
  @inline static room(tcb: Tcb): u32 {
    let octets: u32 = 0;
    if (TCP_TIMESTAMPS && tcb.has(Flag.TimestampsOk)) octets += TIMESTAMPS_OCTETS;
    if (TCP_SACK && tcb.intervals.count > 0 && tcb.has(Flag.SackOk))
      octets += 4 + tcb.intervals.count * BLOCK;
    if (TCP_USER_TIMEOUT_OPTION && tcb.has(Flag.UserTimeoutDue)) octets += 4;
    return min(octets, MOST_OCTETS);
  }

  /** Whether a segment that is no SYN may have any option now. */
  @inline static areDue(tcb: Tcb): bool {
    return (tcb.flags & DUE) != 0;
  }

  /** The options of a segment that is no SYN and carries `len` octets of text. Returns their octets. */
  static compose(tcb: Tcb, len: u32): u32 {
    let p: usize = OPTIONS;
    if (TCP_TIMESTAMPS && tcb.has(Flag.TimestampsOk)) {
      const stamps = tcb.timestamps;
      p = Options.timestamps(p, Time.now + stamps.offset, stamps.recent);
      stamps.lastAckSent = tcb.rcvNxt;
    }
    if (TCP_USER_TIMEOUT_OPTION && tcb.has(Flag.UserTimeoutDue)) {
      tcb.clear(Flag.UserTimeoutDue);
      p = Options.word(p, Options.userTimeoutOf(tcb.userTimeout));
    }
    if (
      TCP_SACK &&
      tcb.has(Flag.SackOk) &&
      (tcb.intervals.count > 0 || (len == 0 && tcb.has(Flag.Duplicate)))
    )
      p = Options.sack(tcb, p, len == 0);
    return <u32>(p - OPTIONS);
  }

  /** RFC 2018 §4 and RFC 2883 §4. */
  private static sack(tcb: Tcb, start: usize, mayReport: bool): usize {
    const intervals = tcb.intervals;
    let p = start + 4;
    if (mayReport && tcb.has(Flag.Duplicate)) {
      tcb.clear(Flag.Duplicate);
      p = Options.word(Options.word(p, tcb.selective.dsackStart), tcb.selective.dsackEnd);
    }
    // First the run that the segment that came last is in, then those above, then those below.
    const latest = intervals.indexOf(tcb.selective.sackSeq);
    for (let pass: u32 = 0; pass < 2; pass++) {
      for (let i = intervals.count; i > 0 && p + BLOCK <= OPTIONS + MOST_OCTETS; i--) {
        if ((i - 1 == latest) == (pass == 0))
          p = Options.word(Options.word(p, intervals.start(i - 1)), intervals.end(i - 1));
      }
    }
    Options.word(start, SACK_OPTION + <u32>(p - start - 4));
    return p;
  }

  private static timestamps(p: usize, tsVal: u32, tsEcr: u32): usize {
    return Options.word(Options.word(Options.word(p, TIMESTAMPS_OPTION), tsVal), tsEcr);
  }

  /** `value` stood in the option. RFC 5482 §3.1: where it is in use, the longer of both ends' user timeouts holds. */
  static takeUserTimeout(tcb: Tcb, value: u32): void {
    if (tcb.has(Flag.UserTimeout)) tcb.userTimeout = Options.longerUserTimeout(tcb.userTimeout, value);
  }

  /** `ours`, ms, or what stood in the option if that is longer; 0 = nothing stood there. */
  static longerUserTimeout(ours: u32, value: u32): u32 {
    if (value == 0) return ours;
    const ms = value & MINUTES ? (value & ~MINUTES) * 60_000 : value * 1000;
    return max(ours, max(ms, USER_TIMEOUT_LEAST));
  }

  /** RFC 5482 §3.1: seconds while they fit into 15 bits. */
  private static userTimeoutOf(ms: u32): u32 {
    const seconds = ms / 1000;
    return USER_TIMEOUT_OPTION | (seconds < MINUTES ? seconds : MINUTES | (seconds / 60));
  }

  private static word(p: usize, v: u32): usize {
    Net.setU32(p, v);
    return p + 4;
  }
}

/**
 * What the peer's SYN offers and config allows, RFC 7323 §1.3, RFC 2018 §2, RFC 3168 §6.1.1: bits of `Flag`. `hasAsked`:
 * our SYN asked for ECN.
 */
export function agreed(hasAsked: bool): u32 {
  let flags = seg.options & OFFERED;
  if (TCP_ECN) {
    // A SYN asks with ECE and CWR, a SYN with ACK agrees with ECE alone.
    const ecn = seg.control & (Control.ECE | Control.CWR);
    const isAnswer = seg.has(Control.ACK);
    if (ecn == (isAnswer ? Control.ECE : Control.ECE | Control.CWR) && (hasAsked || !isAnswer))
      flags |= Flag.EcnOk;
  }
  return flags;
}
