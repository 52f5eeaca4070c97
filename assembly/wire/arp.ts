// SPDX-License-Identifier: MIT
// ARP packet for IPv4 over Ethernet, RFC 826.
//   0          2          4      5      6        8            14         18           24         28
//  | hardware | protocol | hlen | plen | opcode | sender MAC | sender IP | target MAC | target IP |
import { Net } from './net';

const HARDWARE: usize = 0;
const PROTOCOL: usize = 2;
const LENGTHS: usize = 4;
const OPCODE: usize = 6;
const SENDER_MAC: usize = 8;
const SENDER_IP: usize = 14;
const TARGET_MAC: usize = 18;
const TARGET_IP: usize = 24;

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
    return len >= ARP_PACKET && Net.u16(p + HARDWARE) == 1 && Net.u16(p + PROTOCOL) == 0x0800 && Net.u16(p + LENGTHS) == 0x0604;
  }

  @inline get opcode(): u32 { return Net.u16(this.p + OPCODE); }
  @inline get senderMacHigh(): u32 { return Net.u16(this.p + SENDER_MAC); }
  @inline get senderMacLow(): u32 { return Net.u32(this.p + SENDER_MAC + 2); }
  @inline get senderIp(): u32 { return Net.u32(this.p + SENDER_IP); }
  @inline get targetIp(): u32 { return Net.u32(this.p + TARGET_IP); }

  emit(opcode: ArpOpcode, senderHigh: u32, senderLow: u32, senderIp: u32, targetHigh: u32, targetLow: u32, targetIp: u32): void {
    const p = this.p;
    Net.setU16(p + HARDWARE, 1);
    Net.setU16(p + PROTOCOL, 0x0800);
    Net.setU16(p + LENGTHS, 0x0604);
    Net.setU16(p + OPCODE, opcode);
    Net.setU16(p + SENDER_MAC, senderHigh);
    Net.setU32(p + SENDER_MAC + 2, senderLow);
    Net.setU32(p + SENDER_IP, senderIp);
    Net.setU16(p + TARGET_MAC, targetHigh);
    Net.setU32(p + TARGET_MAC + 2, targetLow);
    Net.setU32(p + TARGET_IP, targetIp);
  }
}
