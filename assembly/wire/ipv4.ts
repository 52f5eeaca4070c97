// SPDX-License-Identifier: MIT
// IPv4 header, RFC 791 §3.1.
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |version|  IHL  |      TOS      |         total length          |
//  |        identification         |flags|     fragment offset     |
//  |      TTL      |   protocol    |        header checksum        |
//  |                        source address                         |
//  |                      destination address                      |
import { Net } from './net';

const VERSION_IHL: usize = 0;
const TOS: usize = 1;
const TOTAL_LENGTH: usize = 2;
const IDENTIFICATION: usize = 4;
const FRAGMENT: usize = 6;
const TTL: usize = 8;
const PROTOCOL: usize = 9;
const CHECKSUM: usize = 10;
const SOURCE: usize = 12;
const DESTINATION: usize = 16;

/** Octets of a header without options. */
export const IPV4_HEADER: u32 = 20;

export enum Protocol {
  Icmp = 1,
  Tcp = 6,
  Udp = 17,
}

/** An IPv4 header at an address. `headerLen` tells whether it is one; ip/ipv4.ts holds all checks. */
// prettier-ignore
@final @unmanaged
export class Ipv4Header {
  @inline static at(p: usize): Ipv4Header { return changetype<Ipv4Header>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  /** A header without options, of a datagram that may not be fragmented; lengths, checksum and addresses left out. */
  @inline begin(ttl: u32, protocol: u32): void {
    store<u32>(this.p, 0x45, VERSION_IHL); // TOS and total length 0
    store<u32>(this.p, 0x00400000, IDENTIFICATION); // identification 0, DF
    store<u32>(this.p, ttl | (protocol << 8), TTL); // checksum 0
  }
  /** Version 4 and no options. */
  @inline get isPlain(): bool { return load<u8>(this.p, VERSION_IHL) == 0x45; }
  @inline get version(): u32 { return load<u8>(this.p, VERSION_IHL) >> 4; }
  /** Octets. */
  @inline get headerLen(): u32 { return (<u32>load<u8>(this.p, VERSION_IHL) & 15) << 2; }
  @inline get tos(): u32 { return load<u8>(this.p, TOS); }
  @inline setTos(v: u32): void { store<u8>(this.p, v, TOS); }
  /** Octets, header included. */
  @inline get totalLen(): u32 { return Net.swap16Inline(load<u16>(this.p, TOTAL_LENGTH)); }
  @inline setTotalLen(v: u32): void { store<u16>(this.p, Net.swap16Inline(v), TOTAL_LENGTH); }
  /** More fragments, or a fragment offset: not a whole datagram. */
  @inline get isFragment(): bool { return (load<u16>(this.p, FRAGMENT) & 0xff3f) != 0; }
  /** Not the first fragment. */
  @inline get hasOffset(): bool { return (load<u16>(this.p, FRAGMENT) & 0xff1f) != 0; }
  /** Identification and protocol, not exchanged: with the addresses they tell whose fragment it is. */
  @inline get fragmentKey(): u32 { return load<u16>(this.p, IDENTIFICATION) | (this.protocol << 16); }
  @inline get hasMore(): bool { return (load<u8>(this.p, FRAGMENT) & 0x20) != 0; }
  /** Octets. */
  @inline get fragmentOffset(): u32 { return (Net.u16(this.p + FRAGMENT) & 0x1fff) << 3; }
  @inline setWhole(): void { store<u16>(this.p, 0, FRAGMENT); }
  @inline get ttl(): u32 { return load<u8>(this.p, TTL); }
  @inline setTtl(v: u32): void { store<u8>(this.p, v, TTL); }
  @inline get protocol(): u32 { return load<u8>(this.p, PROTOCOL); }
  @inline setProtocol(v: Protocol): void { store<u8>(this.p, v, PROTOCOL); }
  @inline setChecksum(v: u32): void { store<u16>(this.p, Net.swap16Inline(v), CHECKSUM); }
  /** Both addresses as they lie in memory. */
  @inline get netSource(): u32 { return load<u32>(this.p, SOURCE); }
  @inline get netDestination(): u32 { return load<u32>(this.p, DESTINATION); }
  @inline get source(): u32 { return Net.u32(this.p + SOURCE); }
  @inline setNetSource(v: u32): void { store<u32>(this.p, v, SOURCE); }
  @inline get destination(): u32 { return Net.u32(this.p + DESTINATION); }
  @inline setNetDestination(v: u32): void { store<u32>(this.p, v, DESTINATION); }
}
