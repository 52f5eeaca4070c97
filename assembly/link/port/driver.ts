// SPDX-License-Identifier: MIT
// The link for hosts that bring their own MAC: frames go through three buffers in linear memory, one inbound and two
// outbound in turn. The host copies a frame in and says its length; it copies frames out and says so. The transfers are
// those of the chip; the sums that ride along are computed here or, with HOST_SUMS, by a call of the host.
//
//   PORT_BUFFERS   2            1522         3042
//                 | inbound    | outbound 0 | outbound 1 |      1514 octets of frame in each; IPv4 headers are aligned

import { HOST_SUMS } from '../../config';
import { Counter, Counters } from '../../counters';
import { copy } from '../../hal';
import { PORT_BUFFERS, PORT_STATE, RX_ETHERNET } from '../../memory';
import { Status } from '../../status';
import { Checksum } from '../../wire/checksum';

const MAX_FRAME: u32 = 1514;
const MIN_FRAME: u32 = 14;
const PADDED_FRAME: u32 = 60;
/** As link.ts has it. */
const HEAD: u32 = 54;
const BUFFER: u32 = 1520;
const INBOUND: usize = RX_ETHERNET;
const OUTBOUND: usize = PORT_BUFFERS + 2 + BUFFER;

@final
@unmanaged
class PortState {
  /** Octets of the frame in the inbound buffer, 0 = empty. */
  inLen: u32;
  /** Octets of it that were read. */
  inRead: u32;
  /** Octets of the frame in each outbound buffer, 0 = free. */
  outLen0: u32;
  outLen1: u32;
  /** The buffer to compose in next; the other one is older. */
  turn: u32;
}

const state = changetype<PortState>(PORT_STATE);

export abstract class Port {
  @inline static configure(macHigh: u32, macLow: u32): void {}
  static start(now: u32): void {
    memory.fill(PORT_STATE, 0, offsetof<PortState>());
  }
  @inline static poll(now: u32): void {}
  @inline static nextAt(now: u32): u32 {
    return 0x7fffffff;
  }
  @inline static isUp(): bool {
    return true;
  }

  static receive(): u32 {
    if (state.inLen == 0) return 0;
    state.inRead = HEAD;
    return state.inLen;
  }

  @inline static rewind(offset: u32): void {
    state.inRead = offset;
  }

  @inline static read(dst: usize, len: u32): u32 {
    const src = INBOUND + state.inRead;
    state.inRead += len;
    return Port.move(dst, src, len);
  }

  @inline static release(): void {
    Counters.addInline(Counter.LinkRxFrames);
    state.inLen = 0;
  }

  @inline static putBack(): void {}

  @inline static maySend(): bool {
    return (state.turn ? state.outLen1 : state.outLen0) == 0;
  }

  @inline static write(offset: u32, src: usize, len: u32): u32 {
    return Port.move(OUTBOUND + state.turn * BUFFER + offset, src, len);
  }

  /** `len` octets from `src` to `dst`, 0 = nowhere. Returns their sum. */
  private static move(dst: usize, src: usize, len: u32): u32 {
    if (HOST_SUMS) return copy(dst, src, len);
    if (dst != 0) memory.copy(dst, src, len);
    return Checksum.ofMany(src, len);
  }

  static send(head: usize, headLen: u32, len: u32): void {
    Counters.addInline(Counter.LinkTxFrames);
    const frame = OUTBOUND + state.turn * BUFFER;
    memory.copy(frame, head, headLen);
    if (len < PADDED_FRAME) {
      memory.fill(frame + len, 0, PADDED_FRAME - len);
      len = PADDED_FRAME;
    }
    if (state.turn) state.outLen1 = len;
    else state.outLen0 = len;
    state.turn ^= 1;
  }

  // --- the host's side ---------------------------------------------------------------------------------------------

  /** Where the host puts the next inbound frame; 1514 octets. */
  static get receiveBuffer(): usize {
    return INBOUND;
  }

  /** The frame of `len` octets in the inbound buffer is for the next poll. EAGAIN: one is still there. EINVAL: length. */
  static handIn(len: u32): i32 {
    if (len < MIN_FRAME || len > MAX_FRAME) return Status.EINVAL;
    if (state.inLen != 0) return Status.EAGAIN;
    state.inLen = len;
    return Status.Ok;
  }

  /** The older outbound buffer that holds a frame: the one to be composed in next, if both do. */
  private static get oldest(): u32 {
    return (state.turn ? state.outLen1 : state.outLen0) != 0 ? state.turn : state.turn ^ 1;
  }

  static get transmitBuffer(): usize {
    return OUTBOUND + Port.oldest * BUFFER;
  }

  /** Octets of the frame to be taken, 0 = none. */
  static get transmitLength(): u32 {
    return Port.oldest ? state.outLen1 : state.outLen0;
  }

  /** The frame was taken. */
  static transmitDone(): void {
    if (Port.oldest) state.outLen1 = 0;
    else state.outLen0 = 0;
  }
}
