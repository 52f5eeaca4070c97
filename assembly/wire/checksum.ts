// SPDX-License-Identifier: MIT
// The Internet checksum, RFC 1071, by partial sums. A sum here is a u32 that adds up 16-bit words in host order, not yet
// folded; the link returns such sums of whatever it moved, so the stack walks no payload.

/** The lower seven of eight octets. */
const SEVEN: u64 = 0x00ffffffffffffff;

/** Octets that `ofMany` sums: 255 steps each way. */
export const MOST: u32 = 14 * 255;

export abstract class Checksum {
  /** Fold to 16 bits by end-around carry: with the halves exchanged, the lower ones carry what the upper ones lack. */
  @inline static fold(sum: u32): u32 {
    return (sum + rotl<u32>(sum, 16)) >>> 16;
  }

  /** The same from 64 bits to 32. */
  @inline static fold64(sum: u64): u32 {
    return <u32>((sum + rotl<u64>(sum, 32)) >> 32);
  }

  /** The value of a checksum field over words that add up to `sum`. */
  static finish(sum: u32): u32 {
    return Checksum.finishInline(sum);
  }

  /** The same without a call, for every segment. */
  @inline static finishInline(sum: u32): u32 {
    return Checksum.fold(sum) ^ 0xffff;
  }

  /** The same, as it lies in memory, over words of memory. */
  static finishWords(sum: u64): u32 {
    return Checksum.fold(Checksum.fold64(sum)) ^ 0xffff;
  }

  /** Whether words that include their checksum field are intact: they add up to minus zero, in either order of octets. */
  @inline static isGood(sum: u32): bool {
    return sum + rotl<u32>(sum, 16) >= 0xffff0000; // what `fold` makes 0xffff
  }

  /** The two words of a 32-bit value. */
  @inline static ofU32(v: u32): u32 {
    return (v >>> 16) + (v & 0xffff);
  }

  /** The sum of a part that starts at an odd offset, folded: its octets count at the other half of the words. */
  static odd(sum: u32): u32 {
    const folded = Checksum.fold(sum);
    return ((folded << 8) | (folded >>> 8)) & 0xffff;
  }

  /**
   * Sum of `len` octets at `p`, an odd last one padded with zero; four more are read. For the few that no transfer summed.
   */
  static of(p: usize, len: u32): u32 {
    let sum: u64 = 0;
    for (; len >= 4; len -= 4) {
      sum += load<u32>(p);
      p += 4;
    }
    return Checksum.fold(Checksum.exchanged(sum + (load<u32>(p) & ((1 << (len << 3)) - 1))));
  }

  /**
   * The same for many octets, at most MOST; not folded, below 2^24. A step takes in seven of them at once: 64 bits have
   * room for 256 such values, so no carry is ever looked after. Every other step begins at an odd offset: its sum counts
   * exchanged. The words are those of memory, and exchanged at the end. Up to eight octets behind the last are read, too.
   */
  static ofMany(p: usize, len: u32): u32 {
    if (len < 8) return Checksum.exchangedInline(load<u64>(p) & Checksum.lowest(len));
    let even: u64 = 0;
    let odd: u64 = 0;
    const end = p + len;
    if (len > 56) {
      const last = end - 56;
      do {
        even += load<u64>(p) & SEVEN;
        odd += load<u64>(p, 7) & SEVEN;
        even += load<u64>(p, 14) & SEVEN;
        odd += load<u64>(p, 21) & SEVEN;
        even += load<u64>(p, 28) & SEVEN;
        odd += load<u64>(p, 35) & SEVEN;
        even += load<u64>(p, 42) & SEVEN;
        odd += load<u64>(p, 49) & SEVEN;
        p += 56;
      } while (p < last);
    }
    for (; p + 14 < end; p += 14) {
      even += load<u64>(p) & SEVEN;
      odd += load<u64>(p, 7) & SEVEN;
    }
    let left = <u64>(end - p);
    if (left > 7) {
      even += load<u64>(p) & SEVEN;
      p += 7;
      left -= 7;
      odd += load<u64>(p) & Checksum.lowest(left);
    } else {
      even += load<u64>(p) & Checksum.lowest(left);
    }
    return Checksum.exchangedInline(<u64>Checksum.fold64(even) + ((<u64>Checksum.fold64(odd)) << 8));
  }

  /** Ones for the lower `octets` octets, at most seven. */
  @inline private static lowest(octets: u64): u64 {
    return ((<u64>1) << (octets << 3)) - 1;
  }

  /** Sum of the 20 octets at `p`, as words of memory: below 2^35. */
  static of20(p: usize): u64 {
    return Checksum.of20Inline(p);
  }

  @inline static of20Inline(p: usize): u64 {
    return <u64>load<u32>(p) + load<u32>(p, 4) + load<u32>(p, 8) + load<u32>(p, 12) + load<u32>(p, 16);
  }

  /** A sum of words of memory as one of words in host order, below 2^24. */
  static exchanged(sum: u64): u32 {
    return Checksum.exchangedInline(sum);
  }

  /** The same without a call, for every segment. Times 256 is exchanged, modulo 65,535. */
  @inline static exchangedInline(sum: u64): u32 {
    return Checksum.fold(Checksum.fold64(sum)) << 8;
  }
}
