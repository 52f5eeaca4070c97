// SPDX-License-Identifier: MIT
// Sequence numbers, RFC 9293 §3.4: u32 modulo 2^32, compared by signed difference. A position is a `seq`, a distance a
// `len`.

export abstract class Seq {
  /** a < b */
  @inline static lt(a: u32, b: u32): bool {
    return <i32>(a - b) < 0;
  }

  /** a <= b */
  @inline static le(a: u32, b: u32): bool {
    return <i32>(a - b) <= 0;
  }

  /** start <= seq < start + len */
  @inline static inWindow(seq: u32, start: u32, len: u32): bool {
    return seq - start < len;
  }
}
