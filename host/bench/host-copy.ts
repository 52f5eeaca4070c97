// SPDX-License-Identifier: MIT
// The one call of a port whose host copies and sums, `hal.copy(dst, src, len)`: `len` octets inside linear memory from `src` to
// `dst`, 0 = nowhere. Returns their Internet sum (RFC 1071: big-endian words, an odd last octet padded with zero, folded to
// 16 bits, not complemented). Under wasm3 it is the C of the addon; in V8 JavaScript, which is what a host there would have.

import type { Engine, Imports } from '../machine/machine.ts';
import { copyInMemory } from '../machine/wasm3.ts';

/** Longest frame, octets: no copy is longer. */
const MOST = 1514;

/** For a module on `engine`, over the memory that `buffer` returns. */
export function hostCopy(engine: Engine, buffer: () => ArrayBuffer): Imports[string] {
  if (engine !== 'v8') return { copy: copyInMemory };
  let octets = new Uint8Array(0);
  let words = new Uint16Array(0);
  return {
    copy(dst: number, src: number, len: number): number {
      if (octets.length === 0) {
        octets = new Uint8Array(buffer());
        words = new Uint16Array(buffer());
      }
      if (len < 1 || len > MOST || src + len > octets.length || dst + len > octets.length)
        throw new RangeError(`copy: ${len} octets from ${src} to ${dst}`);
      if (dst !== 0) octets.copyWithin(dst, src, src + len);
      // From an odd address on, the octets of a word stand the other way round: their sum does, too (RFC 1071 §2 (B)).
      const isOdd = (src & 1) !== 0;
      const end = src + len;
      let sum = isOdd ? octets[src]! << 8 : 0;
      for (let word = (src + 1) >> 1; word < end >> 1; word++) sum += words[word]!;
      if ((end & 1) !== 0) sum += octets[end - 1]!;
      sum = (sum & 0xffff) + (sum >>> 16);
      sum = (sum & 0xffff) + (sum >>> 16);
      return isOdd ? sum : ((sum & 0xff) << 8) | (sum >>> 8);
    },
  };
}
