// SPDX-License-Identifier: MIT
// The one call of a port whose host copies and sums, `hal.copy(dst, src, len)`: `len` octets inside linear memory from `src` to
// `dst`, 0 = nowhere. Returns their Internet sum (RFC 1071: big-endian words, an odd last octet padded with zero, folded to
// 16 bits, not complemented).

import type { Imports } from '../machine/machine.ts';

/** Longest frame, octets: no copy is longer. */
const MOST = 1514;

/** In JavaScript, over the memory that `buffer` returns. */
export function copyOnHost(buffer: () => ArrayBufferLike): Imports[string] {
  let memory: Uint8Array = new Uint8Array(0);
  return {
    copy(dst: number, src: number, len: number): number {
      if (memory.length === 0) memory = new Uint8Array(buffer());
      if (len < 1 || len > MOST || src + len > memory.length || dst + len > memory.length)
        throw new RangeError(`copy: ${len} octets from ${src} to ${dst}`);
      let sum = 0;
      let at = src;
      for (const end = src + len - 1; at < end; at += 2) sum += (memory[at]! << 8) | memory[at + 1]!;
      if ((len & 1) !== 0) sum += memory[at]! << 8;
      if (dst !== 0) memory.copyWithin(dst, src, src + len);
      sum = (sum & 0xffff) + (sum >>> 16);
      return (sum & 0xffff) + (sum >>> 16);
    },
  };
}
