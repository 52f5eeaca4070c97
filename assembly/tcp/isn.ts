// SPDX-License-Identifier: MIT
// What an outsider must not guess: initial sequence numbers after RFC 6528, ISN = M + F(connection, secret), and ephemeral
// ports after RFC 6056 §3.3.3. M is a clock of 4 µs ticks; F is SipHash-2-4 (Aumasson and Bernstein, 2012) of addresses
// and ports under a secret of 128 bits that the host gives once.

import { host } from '../ip/host';
import { TCP_STATE } from '../memory';
import { Time } from '../time';

/** The secret: two u64, four u32 as the host gives them. */
const SECRET: usize = TCP_STATE;
/** Connections opened so far, which tells ephemeral ports apart. */
const OPENED: usize = TCP_STATE + 16;

/** Ephemeral ports, RFC 6335 §6: 49152 … 65535. */
const FIRST_PORT: u32 = 49152;
const PORTS: u32 = 16384;

const TICKS_PER_MS: u32 = 250;

/** The last word of a message of 12 octets: its length, in the highest octet. */
const TWELVE: u32 = 12 << 24;

export abstract class Isn {
  static seed(a: u32, b: u32, c: u32, d: u32): void {
    store<u32>(SECRET, a);
    store<u32>(SECRET, b, 4);
    store<u32>(SECRET, c, 8);
    store<u32>(SECRET, d, 12);
  }

  /** The initial send sequence number of a connection. */
  static of(remoteAddress: u32, portsKey: u32): u32 {
    return Time.now * TICKS_PER_MS + Isn.hash(remoteAddress, portsKey, host.address, TWELVE);
  }

  /** What is added to the clock of a connection's timestamps, RFC 7323 §7.1. */
  static offset(remoteAddress: u32, portsKey: u32): u32 {
    return Isn.hash(remoteAddress, portsKey, ~host.address, TWELVE);
  }

  /** A candidate for a local port; the next call gives the next. */
  static port(remoteAddress: u32, remotePort: u32): u32 {
    const opened = load<u32>(OPENED);
    store<u32>(OPENED, opened + 1);
    return FIRST_PORT + ((Isn.hash(remoteAddress, remotePort, host.address, TWELVE) + opened) % PORTS);
  }

  /** SipHash-2-4 of a message of 12 octets or, with those of `last` below its length, 15; the lower half of the result. */
  static hash(remoteAddress: u32, ports: u32, other: u32, last: u32): u32 {
    const k0 = load<u64>(SECRET);
    const k1 = load<u64>(SECRET, 8);
    let v0 = k0 ^ 0x736f6d6570736575;
    let v1 = k1 ^ 0x646f72616e646f6d;
    let v2 = k0 ^ 0x6c7967656e657261;
    let v3 = k1 ^ 0x7465646279746573;
    // Two rounds a turn: one turn for each block of the message, two to finish, which are those of a block of zeros.
    let block = ((<u64>remoteAddress) << 32) | other;
    let next = ((<u64>last) << 32) | ports;
    let turns = 4;
    do {
      v3 ^= block;
      if (turns == 2) v2 ^= 0xff;
      v0 += v1;
      v1 = rotl<u64>(v1, 13) ^ v0;
      v0 = rotl<u64>(v0, 32);
      v2 += v3;
      v3 = rotl<u64>(v3, 16) ^ v2;
      v0 += v3;
      v3 = rotl<u64>(v3, 21) ^ v0;
      v2 += v1;
      v1 = rotl<u64>(v1, 17) ^ v2;
      v2 = rotl<u64>(v2, 32);
      // the same again
      v0 += v1;
      v1 = rotl<u64>(v1, 13) ^ v0;
      v0 = rotl<u64>(v0, 32);
      v2 += v3;
      v3 = rotl<u64>(v3, 16) ^ v2;
      v0 += v3;
      v3 = rotl<u64>(v3, 21) ^ v0;
      v2 += v1;
      v1 = rotl<u64>(v1, 17) ^ v2;
      v2 = rotl<u64>(v2, 32);
      v0 ^= block;
      block = next;
      next = 0;
    } while (--turns != 0);
    return <u32>(v0 ^ v1 ^ v2 ^ v3);
  }
}
