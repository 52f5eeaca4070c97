// SPDX-License-Identifier: MIT
// The Internet checksum, RFC 1071, by partial sums. A sum here is a u32 that adds up 16-bit words in host order, not yet
// folded; the link returns such sums of whatever it moved, so the stack walks no payload.

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

  /** The same for many octets, as a transfer would sum them: 32 a turn, words in memory order. */
  static ofMany(p: usize, len: u32): u32 {
    let sum: u64 = 0;
    const end = p + len;
    for (; p + 32 <= end; p += 32) {
      sum += load<u32>(p);
      sum += load<u32>(p, 4);
      sum += load<u32>(p, 8);
      sum += load<u32>(p, 12);
      sum += load<u32>(p, 16);
      sum += load<u32>(p, 20);
      sum += load<u32>(p, 24);
      sum += load<u32>(p, 28);
    }
    for (; p + 4 <= end; p += 4) sum += load<u32>(p);
    if (p + 2 <= end) {
      sum += load<u16>(p);
      p += 2;
    }
    if (p < end) sum += load<u8>(p);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
    const folded = Checksum.fold(<u32>sum);
    return ((folded << 8) | (folded >>> 8)) & 0xffff;
  }
}
