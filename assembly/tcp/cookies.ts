// SPDX-License-Identifier: MIT
// SYN cookies, RFC 4987 §3.6: when the queue is full nothing is kept of a SYN; the ISS of the answer is a keyed hash that
// the ACK brings back. It is good for one minute to two, and only if cookies were sent at all in that time.
//
//  31                                                2   0
//  | SipHash of the remote end, both ports, IRS, minute | MSS |
//
// Differs from RFC 6528: such an ISS does not grow with time. What is lost with the ACK is lost: no SYN,ACK is repeated.

import { LOCAL_MSS, MIN_MSS } from '../config';
import { Counter, Counters } from '../counters';
import { datagram } from '../ip/ipv4';
import { TCP_STATE } from '../memory';
import { Time } from '../time';
import { Isn } from './isn';
import { Record } from './record';
import { COOKIE_RECORD, Records } from './records';
import { seg } from './segment';

/** When a cookie was sent last. */
const SENT: usize = TCP_STATE + 36;

/** Octets of the message and, below, the minute: the last words of SipHash's last block. */
const FIFTEEN: u32 = 15 << 24;
/** What is a minute here: 2^16 ms. */
const MINUTE_SHIFT: u32 = 16;

/** Bits of an ISS that say which MSS it is; the four there are, 16 bits each: the least is good for every peer. */
const MSS_BITS: u32 = 3;
const MSS_TABLE: u64 = ((<u64>1460) << 48) | ((<u64>1300) << 32) | (536 << 16) | MIN_MSS;

export abstract class Cookies {
  /** The ISS for `record`, which is not kept. */
  static iss(record: Record): u32 {
    Counters.add(Counter.TcpCookiesOut);
    store<u32>(SENT, Time.now);
    let i: u32 = MSS_BITS;
    while (Cookies.mss(i) > record.mss && i > 0) i--;
    return Cookies.hash(record, 0) | i;
  }

  /** The record of the SYN whose cookie the segment in hand brings back; null: it brings none. */
  static check(): Record {
    const record = changetype<Record>(COOKIE_RECORD);
    if (Time.now - load<u32>(SENT) >= 2 << MINUTE_SHIFT) return changetype<Record>(0);
    Records.begin(record, seg.portsKey, datagram.source);
    record.sndNxt = seg.ack;
    record.rcvNxt = seg.seq;
    record.attempts = 1;
    const iss = seg.ack - 1;
    for (let age: u32 = 0; age < 2; age++) {
      if ((Cookies.hash(record, age) ^ iss) > MSS_BITS) continue;
      Counters.add(Counter.TcpCookiesIn);
      record.mss = <u16>min(Cookies.mss(iss & MSS_BITS), LOCAL_MSS);
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
    const minute = ((Time.now >>> MINUTE_SHIFT) - age) & 0xffff;
    return Isn.hash(record.remoteAddress, record.portsKey, record.rcvNxt, FIFTEEN | minute) & ~MSS_BITS;
  }
}
