// SPDX-License-Identifier: MIT
// ARP packet for IPv4 over Ethernet, RFC 826.
//   0          2          4      5      6        8            14         18           24         28
//  | hardware | protocol | hlen | plen | opcode | sender MAC | sender IP | target MAC | target IP |
import { MAC } from './ethernet';
import { Net } from './net';

const HARDWARE: usize = 0;
const LENGTHS: usize = 4;
const OPCODE: usize = 6;
const SENDER_MAC: usize = 8;
const SENDER_IP: usize = 14;
const TARGET_MAC: usize = 18;
const TARGET_IP: usize = 24;

/** Hardware 1, protocol 0x0800; lengths 6 and 4: as they lie in memory. */
const FAMILIES: u32 = 0x00080100;
const FAMILY_LENGTHS: u32 = 0x0406;

export const ARP_PACKET: u32 = 28;

export enum ArpOpcode {
  Request = 1,
  Reply = 2,
}

/** An ARP packet at an address. Valid only after `check`. */
// prettier-ignore
@final @unmanaged
export class ArpPacket {
  @inline static at(p: usize): ArpPacket { return changetype<ArpPacket>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  /** The one precondition of every getter: `len` octets hold a packet of these two address families. */
  static check(p: usize, len: u32): bool {
    return len >= ARP_PACKET && load<u32>(p, HARDWARE) == FAMILIES && load<u16>(p, LENGTHS) == FAMILY_LENGTHS;
  }

  @inline get opcode(): u32 { return Net.u16(this.p + OPCODE); }
  /** Where the sender's MAC address lies. */
  @inline get senderMac(): usize { return this.p + SENDER_MAC; }
  @inline get senderMac4(): u32 { return load<u32>(this.p, SENDER_MAC); }
  @inline get senderMac2(): u32 { return load<u16>(this.p, SENDER_MAC + 4); }
  @inline get senderIp(): u32 { return Net.u32(this.p + SENDER_IP); }
  /** As it lies in memory. */
  @inline get netTargetIp(): u32 { return load<u32>(this.p, TARGET_IP); }

  /** The MAC addresses are those that lie there. */
  emit(opcode: ArpOpcode, senderMac: usize, senderIp: u32, targetMac: usize, targetIp: u32): void {
    const p = this.p;
    store<u32>(p, FAMILIES, HARDWARE);
    store<u16>(p, FAMILY_LENGTHS, LENGTHS);
    Net.setU16(p + OPCODE, opcode);
    memory.copy(p + SENDER_MAC, senderMac, MAC);
    Net.setU32(p + SENDER_IP, senderIp);
    memory.copy(p + TARGET_MAC, targetMac, MAC);
    Net.setU32(p + TARGET_IP, targetIp);
  }
}
