// SPDX-License-Identifier: MIT
// Arithmetic of byte rings of any size. A ring is a region, an offset of its first octet and a length, kept by its owner.

export abstract class Ring {
  /** The offset `len` octets after `offset`. Both at most `size`. */
  static after(offset: u32, len: u32, size: u32): u32 {
    return Ring.afterInline(offset, len, size);
  }

  /** The same without a call, for every segment. */
  @inline static afterInline(offset: u32, len: u32, size: u32): u32 {
    const sum = offset + len;
    return sum >= size ? sum - size : sum;
  }

  /** Of `len` octets at `offset`, those that lie before the end of the region. */
  @inline static straight(offset: u32, len: u32, size: u32): u32 {
    return min(len, size - offset);
  }
}
