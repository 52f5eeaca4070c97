// SPDX-License-Identifier: MIT
// The Internet checksum, RFC 1071, by partial sums. A sum here is a u32 that adds up 16-bit words in host order, not yet
// folded; the link returns such sums of whatever it moved, so the stack walks no payload.

import { Net } from './net';

/** The lower seven of eight octets. */
const SEVEN: u64 = 0x00ffffffffffffff;

/** Octets that `ofMany` sums: 255 steps each way. */
export const MOST: u32 = 14 * 255;

export abstract class Checksum {
  /** Fold to 16 bits by end-around carry. Holds for sums below 0xffff0000. */
  @inline static fold(sum: u32): u32 {
    const once = (sum & 0xffff) + (sum >>> 16);
    return (once + (once >>> 16)) & 0xffff;
  }

  /** The value of a checksum field over words that add up to `sum`. */
  @inline static finish(sum: u32): u32 {
    return Checksum.fold(sum) ^ 0xffff;
  }

  /** Whether words that include their checksum field are intact: they add up to minus zero. */
  @inline static isGood(sum: u32): bool {
    return Checksum.fold(sum) == 0xffff;
  }

  /** The two words of a 32-bit value. */
  @inline static ofU32(v: u32): u32 {
    return (v >>> 16) + (v & 0xffff);
  }

  /** The folded sum of a part that starts at an odd offset: its octets count at the other half of the words. */
  @inline static odd(sum: u32): u32 {
    return ((sum << 8) | (sum >>> 8)) & 0xffff;
  }

  /** Sum of `len` octets at `p`, an odd last one padded with zero. For the few octets that no transfer summed. */
  static of(p: usize, len: u32): u32 {
    let sum: u32 = 0;
    const end = p + (len & ~1);
    for (; p < end; p += 2) sum += ((<u32>load<u8>(p)) << 8) | load<u8>(p, 1);
    if (len & 1) sum += (<u32>load<u8>(p)) << 8;
    return Checksum.fold(sum);
  }

  /**
   * The same for many octets, as a transfer would sum them, at most MOST. A step takes in seven of them at once: 64 bits have
   * room for 256 such values, so no carry is ever looked after. Every other step begins at an odd offset: its sum counts
   * exchanged. The words are those of memory, and exchanged at the end.
   */
  static ofMany(p: usize, len: u32): u32 {
    let even: u64 = 0;
    let odd: u64 = 0;
    const end = p + len;
    // An octet more than it takes is read in each step: it is one of those that follow.
    for (; p + 56 < end; p += 56) {
      even += load<u64>(p) & SEVEN;
      odd += load<u64>(p, 7) & SEVEN;
      even += load<u64>(p, 14) & SEVEN;
      odd += load<u64>(p, 21) & SEVEN;
      even += load<u64>(p, 28) & SEVEN;
      odd += load<u64>(p, 35) & SEVEN;
      even += load<u64>(p, 42) & SEVEN;
      odd += load<u64>(p, 49) & SEVEN;
    }
    for (; p + 14 < end; p += 14) {
      even += load<u64>(p) & SEVEN;
      odd += load<u64>(p, 7) & SEVEN;
    }
    let rest: u64 = 0; // a sum of its own, for `even` may be nearly full
    for (; p + 4 <= end; p += 4) rest += load<u32>(p);
    if (p + 2 <= end) {
      rest += load<u16>(p);
      p += 2;
    }
    if (p < end) rest += load<u8>(p);
    return Net.swap16(Checksum.fold64(Checksum.halves(even) + (Checksum.halves(odd) << 8) + rest));
  }

  /** Sum of the 20 octets at `p`. */
  static words20(p: usize): u32 {
    return Net.swap16(Checksum.fold64(Checksum.of20(p)));
  }

  /** The same as words of memory: below 2^35. */
  @inline static of20(p: usize): u64 {
    return <u64>load<u32>(p) + load<u32>(p, 4) + load<u32>(p, 8) + load<u32>(p, 12) + load<u32>(p, 16);
  }

  /** The upper half of 64 bits added to the lower: below 2^33. */
  @inline private static halves(sum: u64): u64 {
    return (sum & 0xffffffff) + (sum >> 32);
  }

  /** Fold a sum below 2^48 to 16 bits. */
  @inline static fold64(sum: u64): u32 {
    return Checksum.fold(<u32>(sum & 0xffff) + ((<u32>(sum >> 16)) & 0xffff) + <u32>(sum >> 32));
  }
}
