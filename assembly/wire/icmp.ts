// SPDX-License-Identifier: MIT
// ICMP header, RFC 792: the eight octets that all its messages begin with.
//   0      1      2          4                      8
//  | type | code | checksum | rest of the header   |
import { Net } from './net';

const TYPE: usize = 0;
const CODE: usize = 1;
const CHECKSUM: usize = 2;
const REST: usize = 4;
const NEXT_HOP_MTU: usize = 6;

export const ICMP_HEADER: u32 = 8;

export enum IcmpType {
  EchoReply = 0,
  Unreachable = 3,
  SourceQuench = 4,
  Echo = 8,
  TimeExceeded = 11,
  ParameterProblem = 12,
}

export enum UnreachableCode {
  Net = 0,
  Host = 1,
  Protocol = 2,
  Port = 3,
  FragmentationNeeded = 4,
  SourceRouteFailed = 5,
}

export enum TimeExceededCode {
  InTransit = 0,
  Reassembly = 1,
}

/** An ICMP header at an address; `ICMP_HEADER` octets. */
// prettier-ignore
@final @unmanaged
export class IcmpHeader {
  @inline static at(p: usize): IcmpHeader { return changetype<IcmpHeader>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  @inline get type(): u32 { return load<u8>(this.p, TYPE); }
  @inline setType(v: u32): void { store<u8>(this.p, v, TYPE); }
  @inline get code(): u32 { return load<u8>(this.p, CODE); }
  @inline setCode(v: u32): void { store<u8>(this.p, v, CODE); }
  @inline get checksum(): u32 { return Net.u16(this.p + CHECKSUM); }
  @inline setChecksum(v: u32): void { Net.setU16(this.p + CHECKSUM, v); }
  @inline setRest(v: u32): void { Net.setU32(this.p + REST, v); }
  /** Of an Unreachable, FragmentationNeeded, RFC 1191 §4; 0 from routers that do not say. */
  @inline get nextHopMtu(): u32 { return Net.u16(this.p + NEXT_HOP_MTU); }
}
