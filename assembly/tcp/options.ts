// SPDX-License-Identifier: MIT
// TCP options, RFC 9293 §3.2. Only the MSS of a SYN means anything to us; all others are stepped over by their length.
import { Net } from '../wire/net';

/** Kinds. */
const END: u32 = 0;
const NO_OPERATION: u32 = 1;
const MSS: u32 = 2;
const MSS_LENGTH: u32 = 4;

/** The MSS that the options at `p` up to `end` name, 0 if none. An illegal length ends the list (MUST-7). */
export function parseMss(p: usize, end: usize): u32 {
  while (p < end) {
    const kind: u32 = load<u8>(p);
    if (kind == END) break;
    if (kind == NO_OPERATION) {
      p += 1;
      continue;
    }
    if (p + 1 >= end) break;
    const len: u32 = load<u8>(p, 1);
    if (len < 2 || p + len > end) break;
    if (kind == MSS && len == MSS_LENGTH) return Net.u16(p + 2);
    p += len;
  }
  return 0;
}
