// SPDX-License-Identifier: MIT
// The link for hosts that bring their own MAC: frames go through three buffers in linear memory, one inbound and two
// outbound in turn. The host copies a frame in and says its length; it copies frames out and says so. The transfers are
// those of the chip; the sums that ride along are computed here or, with HOST_SUMS, by a call of the host.
//
//   PORT_BUFFERS   0         1520         3040
//                 | inbound | outbound 0 | outbound 1 |    each: length 4, 0 = empty | 2 | frame 1514; IPv4 headers are aligned

import { HOST_SUMS } from '../../config';
import { Counter, Counters } from '../../counters';
import { HEAD, PORT_BUFFERS, PORT_STATE } from '../../memory';
import { Status } from '../../status';
import { Checksum } from '../../wire/checksum';
import { copy } from './hal';

const MAX_FRAME: u32 = 1514;
const MIN_FRAME: u32 = 14;
const PADDED_FRAME: u32 = 60;

const BUFFER: u32 = 1520;
/** From the length to the frame. */
const FRAME: u32 = 6;
const INBOUND: usize = PORT_BUFFERS;
const OUTBOUND0: usize = PORT_BUFFERS + BUFFER;
const OUTBOUND1: usize = OUTBOUND0 + BUFFER;
const OTHER: usize = OUTBOUND0 ^ OUTBOUND1;

@final
@unmanaged
class PortState {
  /** Octets of the inbound frame that were read. */
  inRead: u32;
  /** The outbound buffer to compose in, and the one to be taken first. */
  filling: usize;
  oldest: usize;
}

const state = changetype<PortState>(PORT_STATE);

export abstract class Port {
  @inline static configure(macHigh: u32, macLow: u32): void {}
  static start(now: u32): void {
    memory.fill(PORT_BUFFERS, 0, 3 * BUFFER);
    state.filling = OUTBOUND0;
    state.oldest = OUTBOUND0;
  }
  @inline static poll(now: u32): void {}
  @inline static isUp(): bool {
    return true;
  }

  @inline static receive(): u32 {
    return load<u32>(INBOUND);
  }

  @inline static rewind(offset: u32): void {
    state.inRead = offset;
  }

  @inline static read(dst: usize, len: u32): u32 {
    const src = INBOUND + FRAME + state.inRead;
    state.inRead += len;
    return Port.move(dst, src, len);
  }

  @inline static release(): void {
    Counters.addInline(Counter.LinkRxFrames);
    store<u32>(INBOUND, 0);
  }

  @inline static putBack(): void {
    state.inRead = HEAD;
  }

  @inline static maySend(): bool {
    return load<u32>(state.filling) == 0;
  }

  @inline static write(offset: u32, src: usize, len: u32): u32 {
    return Port.move(state.filling + FRAME + offset, src, len);
  }

  /** `len` octets from `src` to `dst`, 0 = nowhere. Returns their sum. */
  private static move(dst: usize, src: usize, len: u32): u32 {
    if (HOST_SUMS) return copy(dst, src, len);
    if (dst != 0) memory.copy(dst, src, len);
    return Checksum.ofMany(src, len);
  }

  @inline static send(head: usize, headLen: u32, len: u32): void {
    Counters.addInline(Counter.LinkTxFrames);
    const buffer = state.filling;
    memory.copy(buffer + FRAME, head, headLen);
    if (len < PADDED_FRAME) {
      memory.fill(buffer + FRAME + len, 0, PADDED_FRAME - len);
      len = PADDED_FRAME;
    }
    store<u32>(buffer, len);
    state.filling = buffer ^ OTHER;
  }

  // --- the host's side ---------------------------------------------------------------------------------------------

  /** Where the host puts the next inbound frame; 1514 octets. */
  @inline static get receiveBuffer(): usize {
    return INBOUND + FRAME;
  }

  /** The frame of `len` octets in the inbound buffer is for the next poll. EAGAIN: one is still there. EINVAL: length. */
  @inline static handIn(len: u32): i32 {
    if (len - MIN_FRAME > MAX_FRAME - MIN_FRAME) return Status.EINVAL;
    if (load<u32>(INBOUND) != 0) return Status.EAGAIN;
    store<u32>(INBOUND, len);
    state.inRead = HEAD;
    return Status.Ok;
  }

  @inline static get transmitBuffer(): usize {
    return state.oldest + FRAME;
  }

  /** Octets of the frame to be taken, 0 = none. */
  @inline static get transmitLength(): u32 {
    return load<u32>(state.oldest);
  }

  /** The frame was taken. */
  @inline static transmitDone(): void {
    const buffer = state.oldest;
    if (load<u32>(buffer) == 0) return;
    store<u32>(buffer, 0);
    state.oldest = buffer ^ OTHER;
  }
}
