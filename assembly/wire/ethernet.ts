// SPDX-License-Identifier: MIT
// Ethernet II header, RFC 894.
//   0               6               12     14
//  | destination   | source        | type |
import { Net } from './net';

const DESTINATION: usize = 0;
const SOURCE: usize = 6;
const TYPE: usize = 12;

export const ETHERNET_HEADER: u32 = 14;

/** EtherTypes as a 16-bit load of the field gives them: octets exchanged. */
export enum EtherType {
  Ipv4 = 0x0008,
  Arp = 0x0608,
}

/** An Ethernet header at an address. */
// prettier-ignore
@final @unmanaged
export class EthernetHeader {
  @inline static at(p: usize): EthernetHeader { return changetype<EthernetHeader>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  /** Lowest bit of the first octet: broadcast or multicast. */
  @inline get isGroup(): bool { return (load<u8>(this.p, DESTINATION) & 1) != 0; }
  /** First two octets of the source address. */
  @inline get sourceHigh(): u32 { return Net.u16(this.p + SOURCE); }
  /** Last four octets of the source address. */
  @inline get sourceLow(): u32 { return Net.u32(this.p + SOURCE + 2); }
  /** As an `EtherType`: not exchanged. */
  @inline get type(): u32 { return load<u16>(this.p, TYPE); }
  @inline setType(v: EtherType): void { store<u16>(this.p, v, TYPE); }

  @inline setDestination(high: u32, low: u32): void {
    Net.setU16(this.p + DESTINATION, high);
    Net.setU32(this.p + DESTINATION + 2, low);
  }
  @inline setSource(high: u32, low: u32): void {
    Net.setU16(this.p + SOURCE, high);
    Net.setU32(this.p + SOURCE + 2, low);
  }
}
