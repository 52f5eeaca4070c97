// SPDX-License-Identifier: MIT
// Text in linear memory: comparing, reading numbers, writing. A literal is an address that `ascii` gave: octets up to a
// zero. Every writer returns the address behind what it wrote.

export abstract class Text {
  /** Octets of a literal. */
  static length(literal: usize): u32 {
    let p = literal;
    while (load<u8>(p) != 0) p++;
    return <u32>(p - literal);
  }

  /** The address behind `literal` if the text at `p` begins with it, letters of either case alike; else 0. */
  static after(p: usize, literal: usize): usize {
    while (load<u8>(literal) != 0) {
      const expected: u32 = load<u8>(literal++);
      const c: u32 = load<u8>(p++);
      if (c != expected && (c | 0x20) != expected) return 0;
    }
    return p;
  }

  /** The first `c` at or after `p`, or the end of the text. */
  static find(p: usize, c: u32): usize {
    while (load<u8>(p) != 0 && load<u8>(p) != c) p++;
    return p;
  }

  /** The decimal number at `p`, at most 9 digits, up to `end`; -1 if it is none. */
  static decimal(p: usize, end: usize): i32 {
    if (p >= end || end - p > 9) return -1;
    let value: u32 = 0;
    for (; p < end; p++) {
      const digit = <u32>load<u8>(p) - 48;
      if (digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  static put(p: usize, literal: usize): usize {
    const len = Text.length(literal);
    memory.copy(p, literal, len);
    return p + len;
  }

  /** The word at `from`, which ends before a space or a line feed. */
  static putWord(p: usize, from: usize): usize {
    for (let c: u32 = load<u8>(from); c > 32; c = load<u8>(++from)) store<u8>(p++, c);
    return p;
  }

  /** Spaces up to `end`. */
  static pad(p: usize, end: usize): usize {
    if (p < end) memory.fill(p, 32, end - p);
    return max(p, end);
  }

  /** `value` in decimal, right-aligned in `width` octets; 0 = as many as it needs. */
  static number(p: usize, value: u32, width: u32): usize {
    let digits: u32 = 1;
    for (let rest = value; rest > 9; rest /= 10) digits++;
    if (digits < width) p = Text.pad(p, p + width - digits);
    for (let at = p + digits - 1; at >= p; at--) {
      store<u8>(at, 48 + (value % 10));
      value /= 10;
    }
    return p + digits;
  }

  /** An IPv4 address, dotted decimal. */
  static address(p: usize, address: u32): usize {
    for (let shift = 24; shift >= 0; shift -= 8) {
      p = Text.number(p, (address >>> shift) & 0xff, 0);
      if (shift > 0) store<u8>(p++, 46);
    }
    return p;
  }
}
