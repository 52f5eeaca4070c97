// SPDX-License-Identifier: MIT
// Ethernet II header, RFC 894.
//   0               6               12     14
//  | destination   | source        | type |
// A MAC address is copied whole, or handed on as its first four and its last two octets, as they lie in memory: nobody
// calculates with it.

const DESTINATION: usize = 0;
const SOURCE: usize = 6;
const TYPE: usize = 12;

export const ETHERNET_HEADER: u32 = 14;
/** Octets of an address. */
export const MAC: u32 = 6;

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
  /** Where the source address lies. */
  @inline get source(): usize { return this.p + SOURCE; }
  /** As an `EtherType`: not exchanged. */
  @inline get type(): u32 { return load<u16>(this.p, TYPE); }
  @inline setType(v: EtherType): void { store<u16>(this.p, v, TYPE); }

  @inline setDestination(mac4: u32, mac2: u32): void {
    store<u32>(this.p, mac4, DESTINATION);
    store<u16>(this.p, mac2, DESTINATION + 4);
  }
  @inline copyDestination(mac: usize): void { memory.copy(this.p + DESTINATION, mac, MAC); }
  @inline copySource(mac: usize): void { memory.copy(this.p + SOURCE, mac, MAC); }
}
