// SPDX-License-Identifier: MIT
// Who we are: the addresses, set once by the host before the start. IPv4 addresses are u32 in host order.

import { HOST } from '../memory';
import { Net } from '../wire/net';

@final
@unmanaged
export class Host {
  /** MAC address as it lies in a frame: at `mac`. */
  private mac4: u32;
  private mac2: u32;
  address: u32;
  netmask: u32;
  /** First hop for everything beyond our network, 0 = none. */
  gateway: u32;
  /** 1 after `start`. */
  started: u32;
  /** 1 while the link is known to be up. */
  linkUp: u32;
  /** `address` as it lies in a header. */
  netAddress: u32;

  /** Where the MAC address lies. */
  @inline get mac(): usize {
    return HOST;
  }

  /** First 2 octets, last 4. */
  @inline setMac(high: u32, low: u32): void {
    Net.setU16(HOST, high);
    Net.setU32(HOST + 2, low);
  }

  /** All ones in the host part, or all ones altogether: RFC 1122 §3.2.1.3. */
  isBroadcast(address: u32): bool {
    if (address == 0xffffffff) return true;
    return this.netmask < 0xfffffffe && (address | this.netmask) == 0xffffffff && this.isOnLink(address);
  }

  @inline isOnLink(address: u32): bool {
    return ((address ^ this.address) & this.netmask) == 0;
  }

  /** The neighbour that leads to `address`, 0 = there is no way. RFC 1122 §3.3.1.1. */
  @inline nextHop(address: u32): u32 {
    return this.isOnLink(address) ? address : this.gateway;
  }

  /** An address that one host can have: not 0/8, 127/8, class D or E, nor a broadcast. RFC 1122 §3.2.1.3. */
  isUnicast(address: u32): bool {
    const first = address >>> 24;
    return first != 0 && first != 127 && first < 224 && !this.isBroadcast(address);
  }
}

export const host = changetype<Host>(HOST);
