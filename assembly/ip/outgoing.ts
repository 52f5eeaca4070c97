// SPDX-License-Identifier: MIT
// The header of an outgoing frame, composed in memory and written to the link in one transfer. A connection keeps one
// and changes only what differs from segment to segment.
//
//   0        4     8         12    14         28      48              68
//  | ip sum | hop | changes | len | Ethernet | IPv4  | transport … 20 |
//
// The 32-bit fields of IPv4 and TCP lie at multiples of four.

import { ETHERNET_HEADER, EthernetHeader } from '../wire/ethernet';
import { IPV4_HEADER, Ipv4Header } from '../wire/ipv4';

const FRAME: usize = 14;
const IPV4: usize = FRAME + ETHERNET_HEADER;
const TRANSPORT: usize = IPV4 + IPV4_HEADER;

/** Octets of the two IPv4 addresses, which end where the transport header begins. */
export const ADDRESSES: u32 = 8;

/** Octets of a template without a transport header. */
export const HEADERS_OCTETS: usize = TRANSPORT;

/** Octets of a template: transport headers up to 20 octets. */
export const OUTGOING_OCTETS: usize = TRANSPORT + 20;

/** A template at an address. */
// prettier-ignore
@final @unmanaged
export class Outgoing {
  @inline static at(p: usize): Outgoing { return changetype<Outgoing>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  /** Sum of the IPv4 header but for total length and checksum. */
  @inline get ipSum(): u32 { return load<u32>(this.p); }
  @inline setIpSum(v: u32): void {
    store<u32>(this.p, v);
    this.setLen(0);
  }
  @inline addToIpSum(d: u32): void { store<u32>(this.p, this.ipSum + d); }
  /** Total length for which length and checksum stand in the IPv4 header, 0 = none. */
  @inline get len(): u32 { return load<u16>(this.p, 12); }
  @inline setLen(v: u32): void { store<u16>(this.p, v, 12); }
  /** What ip/arp.ts keeps here: the neighbour whose MAC address the frame bears, and for how long that holds. */
  @inline get hop(): usize { return load<u32>(this.p, 4); }
  @inline get changes(): u32 { return load<u32>(this.p, 8); }
  @inline setHop(hop: usize, changes: u32): void {
    store<u32>(this.p, <u32>hop, 4);
    store<u32>(this.p, changes, 8);
  }
  /** Change the type of service by `d`: its octet stays one. */
  @inline addToTos(d: u32): void {
    this.ipv4.setTos(this.ipv4.tos + d);
    this.setIpSum(this.ipSum + d);
  }
  /** First octet of the frame. */
  @inline get frame(): usize { return this.p + FRAME; }
  @inline get ethernet(): EthernetHeader { return EthernetHeader.at(this.p + FRAME); }
  @inline get ipv4(): Ipv4Header { return Ipv4Header.at(this.p + IPV4); }
  /** The two addresses, and behind them the transport header: the checksum covers both. */
  @inline get addresses(): usize { return this.p + TRANSPORT - ADDRESSES; }
  /** First octet of the transport header. */
  @inline get transport(): usize { return this.p + TRANSPORT; }
}
