// SPDX-License-Identifier: MIT
// SYN cookies, RFC 4987 §3.6: when the queue is full nothing is kept of a SYN; the ISS of the answer is a keyed hash that
// the ACK brings back. It is good for one minute to two, and only if cookies were sent at all in that time.
//
//  31                                                                                  2   0
//  | SipHash of the remote end, both ports, IRS, minute | window scale 4 | agreed 1 or 4 | MSS |
//
// With all options there are 22 bits to be guessed, while a cookie is good for one of two minutes; with none of them 30.
// Differs from RFC 6528: such an ISS does not grow with time. What is lost with the ACK is lost: no SYN,ACK is repeated.

import { LOCAL_MSS, MIN_MSS, TCP_ECN, TCP_SACK, TCP_TIMESTAMPS, TCP_WINDOW_SCALE } from '../config';
import { Counter, Counters } from '../counters';
import { datagram } from '../ip/ipv4';
import { TCP_STATE } from '../memory';
import { Time } from '../time';
import { Isn } from './isn';
import { HAS_OPTIONS, Record } from './record';
import { COOKIE_RECORD, Records } from './records';
import { seg } from './segment';

/** When a cookie was sent last. */
const SENT: usize = TCP_STATE + 20;

/** What is a minute here: 2^16 ms. */
const MINUTE_SHIFT: u32 = 16;

/** Bits of an ISS that say which MSS it is; the four there are, 16 bits each: the least is good for every peer. */
const MSS_BITS: u32 = 3;
const MSS_WIDTH: u32 = 2;
/** What was agreed, as in Record.agreed, and the peer's window scale: where config has any. */
const AGREED_WIDTH: u32 = TCP_TIMESTAMPS | TCP_WINDOW_SCALE | TCP_ECN ? 4 : TCP_SACK ? 1 : 0;
const AGREED_BITS: u32 = (1 << AGREED_WIDTH) - 1;
const SHIFT_AT: u32 = MSS_WIDTH + AGREED_WIDTH;
const SHIFT_BITS: u32 = TCP_WINDOW_SCALE ? 15 : 0;
/** All that is not the hash. */
const PLAIN: u32 = (1 << (SHIFT_AT + (TCP_WINDOW_SCALE ? 4 : 0))) - 1;

const MSS_TABLE: u64 = ((<u64>1460) << 48) | ((<u64>1300) << 32) | (536 << 16) | MIN_MSS;

export abstract class Cookies {
  /** The ISS for `record`, which is not kept. */
  static iss(record: Record): u32 {
    Counters.add(Counter.TcpCookiesOut);
    store<u32>(SENT, Time.now);
    let i: u32 = MSS_BITS;
    while (Cookies.mss(i) > record.mss && i > 0) i--;
    if (HAS_OPTIONS) i |= ((<u32>record.agreed) << MSS_WIDTH) | ((<u32>record.shift) << SHIFT_AT);
    return Cookies.hash(record, 0) | (i & PLAIN);
  }

  /** The record of the SYN whose cookie the segment in hand brings back; null: it brings none. */
  static check(): Record {
    const record = changetype<Record>(COOKIE_RECORD);
    if (Time.now - load<u32>(SENT) >= 2 << MINUTE_SHIFT) return changetype<Record>(0);
    Records.begin(record, seg.portsKey, datagram.netSource);
    record.sndNxt = seg.ack;
    record.rcvNxt = seg.seq;
    record.attempts = 1;
    const iss = seg.ack - 1;
    for (let age: u32 = 0; age < 2; age++) {
      if ((Cookies.hash(record, age) ^ iss) > PLAIN) continue;
      Counters.add(Counter.TcpCookiesIn);
      record.mss = <u16>min(Cookies.mss(iss & MSS_BITS), LOCAL_MSS);
      if (HAS_OPTIONS) {
        record.agreed = <u8>((iss >>> MSS_WIDTH) & AGREED_BITS);
        record.shift = <u8>((iss >>> SHIFT_AT) & SHIFT_BITS);
        record.tsRecent = seg.tsVal;
      }
      return record;
    }
    Counters.add(Counter.TcpBadAck);
    Records.free(record);
    return changetype<Record>(0);
  }

  private static mss(i: u32): u32 {
    return (<u32>(MSS_TABLE >> (i << 4))) & 0xffff;
  }

  private static hash(record: Record, age: u32): u32 {
    const minute = <u64>(((Time.now >>> MINUTE_SHIFT) - age) & 0xffff);
    const second = (minute << 32) | record.rcvNxt;
    return (<u32>Isn.hash(record.netRemote, record.portsKey, second, 2)) & ~PLAIN;
  }
}
