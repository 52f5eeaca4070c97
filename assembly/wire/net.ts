// SPDX-License-Identifier: MIT
// Network byte order: big-endian loads and stores at any alignment. The forms are those that cost the interpreter the
// fewest operations: a 16-bit exchange by one multiplication, a 32-bit one by `bswap`.

export abstract class Net {
  /** Exchange the two octets of a 16-bit value. */
  static swap16(v: u32): u32 {
    return Net.swap16Inline(v);
  }

  /** Reverse the four octets of a 32-bit value. */
  static swap32(v: u32): u32 {
    return Net.swap32Inline(v);
  }

  /** The same without a call, for what happens with every segment. */
  @inline static swap16Inline(v: u32): u32 {
    return ((v * 0x10001) >>> 8) & 0xffff;
  }

  @inline static swap32Inline(v: u32): u32 {
    return rotl<u32>(v & 0x00ff00ff, 24) | (rotl<u32>(v, 8) & 0x00ff00ff);
  }

  static u16(p: usize): u32 {
    return Net.swap16Inline(load<u16>(p));
  }

  static u32(p: usize): u32 {
    return Net.swap32Inline(load<u32>(p));
  }

  static setU16(p: usize, v: u32): void {
    store<u16>(p, Net.swap16Inline(v));
  }

  static setU32(p: usize, v: u32): void {
    store<u32>(p, Net.swap32Inline(v));
  }
}
