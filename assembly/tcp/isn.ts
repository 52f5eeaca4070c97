// SPDX-License-Identifier: MIT
// What an outsider must not guess: initial sequence numbers after RFC 6528, ISN = M + F(connection, secret), and ephemeral
// ports after RFC 6056 §3.3.3. M is a clock of 4 µs ticks; F is SipHash-2-4 (Aumasson and Bernstein, 2012) of the
// peer's address and both ports under a secret of 128 bits that the host gives once. Our own address never changes.

import { TCP_STATE } from '../memory';
import { Time } from '../time';

/** The secret: two u64, four u32 as the host gives them. */
const SECRET: usize = TCP_STATE;
/** Local ports looked for so far, which tells them apart. */
const OPENED: usize = TCP_STATE + 16;

/** Ephemeral ports, RFC 6335 §6: 49152 … 65535. */
const FIRST_PORT: u32 = 49152;
const PORTS: u32 = 16384;

const TICKS_PER_MS: u32 = 250;

export abstract class Isn {
  static seed(a: u32, b: u32, c: u32, d: u32): void {
    store<u32>(SECRET, a);
    store<u32>(SECRET, b, 4);
    store<u32>(SECRET, c, 8);
    store<u32>(SECRET, d, 12);
  }

  /** The initial send sequence number of a connection. */
  static of(netRemote: u32, portsKey: u32): u32 {
    return Time.now * TICKS_PER_MS + <u32>Isn.hash(netRemote, portsKey, 0, 1);
  }

  /** What is added to the clock of a connection's timestamps, RFC 7323 §7.1: the half of the hash that is in no ISN. */
  static offset(netRemote: u32, portsKey: u32): u32 {
    return <u32>(Isn.hash(netRemote, portsKey, 0, 1) >> 32);
  }

  /** A candidate for a local port; the next call gives the next. In the hash the local port is 0, as in no ISN. */
  static port(netRemote: u32, remotePort: u32): u32 {
    const opened = load<u32>(OPENED);
    store<u32>(OPENED, opened + 1);
    return FIRST_PORT + ((<u32>Isn.hash(netRemote, remotePort, 0, 1) + opened) % PORTS);
  }

  /**
   * SipHash-2-4 of one block, the connection, or of two. The length that ends a message of SipHash's own would be the same
   * in all of as many blocks, and is left out.
   */
  static hash(netRemote: u32, ports: u32, second: u64, blocks: u32): u64 {
    const k0 = load<u64>(SECRET);
    const k1 = load<u64>(SECRET, 8);
    let v0 = k0 ^ 0x736f6d6570736575;
    let v1 = k1 ^ 0x646f72616e646f6d;
    let v2 = k0 ^ 0x6c7967656e657261;
    let v3 = k1 ^ 0x7465646279746573;
    // Two rounds a turn: one turn for each block of the message, two to finish, which are those of a block of zeros.
    let block = ((<u64>netRemote) << 32) | ports;
    let turns = blocks + 2;
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
      block = second;
      second = 0;
    } while (--turns != 0);
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
