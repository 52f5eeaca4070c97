// SPDX-License-Identifier: MIT
// The segment in hand, under the RFC's names (RFC 9293 §3.3.1). Read from the link by tcp/receive.ts, trimmed by the
// first check; its text is in the receive ring already, or nowhere.

import { SEGMENT } from '../memory';
import { Control } from '../wire/tcp';

@final
@unmanaged
export class Segment {
  /** SEG.SEQ as it came. */
  seq: u32;
  ack: u32;
  /** SEG.LEN: text, SYN and FIN. */
  len: u32;
  /** In octets: scaled by `connectionArrives` where a scale is in force. */
  wnd: u32;
  /** SEG.UP, relative to SEG.SEQ. */
  up: u32;
  /** Bits of `Control`. */
  control: u32;
  /** Position of the text's first octet; after trimming that of the first new one. */
  textSeq: u32;
  textLen: u32;
  portsKey: u32;

  // Options
  /** Those that came, as bits of `Flag`: SackOk, TimestampsOk, ScaleOk. */
  options: u32;
  /** Value of the MSS option, 0 = none. */
  mss: u32;
  /** Window scale, 0…14. */
  shift: u32;
  tsVal: u32;
  tsEcr: u32;
  /** SACK blocks, from here to there; both 0 = none. */
  blocks: usize;
  blocksEnd: usize;
  /** User timeout as it stands in the option, 0 = none. */
  userTimeout: u32;
  /** RACK.fack before it came. */
  fack: u32;
  /** Congestion was experienced on its way. */
  isMarked: u32;

  @inline has(control: Control): bool {
    return (this.control & control) != 0;
  }
}

export const seg = changetype<Segment>(SEGMENT);
