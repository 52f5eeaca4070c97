// SPDX-License-Identifier: MIT
// TCP header, RFC 9293 §3.1.
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |          source port          |       destination port        |
//  |                        sequence number                        |
//  |                     acknowledgment number                     |
//  |  len  | rsvd  |    control    |            window             |
//  |           checksum            |        urgent pointer         |
import { Net } from './net';

const SRC_PORT: usize = 0;
const DST_PORT: usize = 2;
const SEQ: usize = 4;
const ACK: usize = 8;
const DATA_OFFSET: usize = 12;
const CONTROL: usize = 13;
const WINDOW: usize = 14;
const CHECKSUM: usize = 16;
const URGENT: usize = 18;

/** Octets of a header without options. */
export const TCP_HEADER: u32 = 20;

/** Octets of the timestamps option with its padding, RFC 7323 appendix A. */
export const TIMESTAMPS_OCTETS: u32 = 12;

/** Control bits, RFC 9293 §3.1. */
export enum Control {
  FIN = 1,
  SYN = 2,
  RST = 4,
  PSH = 8,
  ACK = 16,
  URG = 32,
  ECE = 64,
  CWR = 128,
}

/** A TCP header at an address. `headerLen` is to be checked first: tcp/segment.ts. */
// prettier-ignore
@final @unmanaged
export class TcpHeader {
  @inline static at(p: usize): TcpHeader { return changetype<TcpHeader>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  /** Both ports as they lie in memory: the sender's in the low half, octets exchanged. */
  @inline get portsKey(): u32 { return load<u32>(this.p, SRC_PORT); }
  /** Both, of a segment that goes the other way than one with `portsKey`. */
  @inline setPorts(portsKey: u32): void { store<u32>(this.p, rotl<u32>(portsKey, 16), SRC_PORT); }
  @inline get srcPort(): u32 { return Net.u16(this.p + SRC_PORT); }
  @inline get dstPort(): u32 { return Net.u16(this.p + DST_PORT); }
  @inline get seq(): u32 { return Net.u32(this.p + SEQ); }
  @inline get netSeq(): u32 { return load<u32>(this.p, SEQ); }
  @inline setSeq(v: u32): void { Net.setU32(this.p + SEQ, v); }
  @inline setNetSeq(v: u32): void { store<u32>(this.p, v, SEQ); }
  @inline get ack(): u32 { return Net.u32(this.p + ACK); }
  @inline get netAck(): u32 { return load<u32>(this.p, ACK); }
  @inline setAck(v: u32): void { Net.setU32(this.p + ACK, v); }
  @inline setNetAck(v: u32): void { store<u32>(this.p, v, ACK); }
  /** Octets, options included. */
  @inline get headerLen(): u32 { return (<u32>load<u8>(this.p, DATA_OFFSET) >> 4) << 2; }
  /** Header length, reserved and control bits, as they lie in memory. */
  @inline get netOffsetAndControl(): u32 { return load<u16>(this.p, DATA_OFFSET); }
  /** Sum of the 16 octets behind the ports, as words of memory: below 2^34. */
  @inline get sumBehindPorts(): u64 {
    return <u64>load<u32>(this.p, SEQ) + load<u32>(this.p, ACK) + load<u32>(this.p, DATA_OFFSET) + load<u32>(this.p, CHECKSUM);
  }
  @inline get control(): u32 { return load<u8>(this.p, CONTROL); }
  /** Header length, reserved and control bits. */
  @inline setOffsetAndControl(v: u32): void { store<u16>(this.p, Net.swap16Inline(v), DATA_OFFSET); }
  /** Length, control bits, and zero in all that follows. */
  @inline setRest(len: u32, control: u32): void {
    store<u32>(this.p, (len << 2) | (control << 8), DATA_OFFSET);
    store<u32>(this.p, 0, CHECKSUM);
  }
  @inline get window(): u32 { return Net.swap16Inline(load<u16>(this.p, WINDOW)); }
  @inline setWindow(v: u32): void { store<u16>(this.p, Net.swap16Inline(v), WINDOW); }
  @inline setChecksum(v: u32): void { store<u16>(this.p, Net.swap16Inline(v), CHECKSUM); }
  @inline setNetChecksum(v: u32): void { store<u16>(this.p, v, CHECKSUM); }
  @inline get urgent(): u32 { return Net.u16(this.p + URGENT); }
  @inline setUrgent(v: u32): void { store<u16>(this.p, Net.swap16Inline(v), URGENT); }
}
