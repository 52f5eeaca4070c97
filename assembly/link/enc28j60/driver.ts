// SPDX-License-Identifier: MIT
// The link over an ENC28J60 (data sheet DS39662, errata sheet DS80349): the contract of link.ts over the parts beside this
// file. One SPI command per import call; nothing waits; every recovery is counted.
//
// How the host uses INT: call poll when INT is asserted (it is a level) or when the deadline that poll gave has come. INT
// is low while frames wait, while a transmission aborted, or while one has ended for which another frame waits; poll and
// receive leave it released when there is nothing more to do. Since packets can wait without INT (erratum 6) the deadline
// is never further away than LINK_POLL.
//
// EPKTCNT is asked in every poll, the flags of EIR only while a frame is on the wire, which is what they tell of, and every
// LINK_POLL for the rest of them. A flag set by noise may assert INT until then: polls without a reason count as time.
//
// Left out: the chip's DMA, its checksum (erratum 17), pause frames, multicast, power save, loopback.

import { LINK_POLL, LINK_RETRY } from '../../config';
import { HEAD } from '../../memory';
import { BringUp } from './bring-up';
import { Chip } from './chip';
import { Life } from './life';
import { EIR } from './registers';
import { HEADER, Receiver } from './receive';
import { Setup } from './setup';
import { Due, PATIENCE, Phase, RING, state } from './state';
import { Transmitter, TX_NEWS } from './transmit';
import { Upkeep } from './upkeep';

export abstract class Enc28j60 {
  /** Our MAC address: first 2 octets, last 4. Takes effect with the next start. */
  static configure(macHigh: u32, macLow: u32): void {
    Setup.setAddress(macHigh, macLow);
  }

  /** Begin to bring the chip up; `poll` does the steps. Again at any time. */
  static start(now: u32): void {
    state.now = now;
    state.restartedAt = now - LINK_RETRY;
    state.ringResetAt = now - LINK_RETRY;
    state.rxAtOverflow = ~0;
    state.patience = PATIENCE;
    Life.reset(now);
  }

  /** Look at the transmission, if there is one, and do what is due. No frame may be in hand. */
  static poll(now: u32): void {
    state.now = now;
    if (Due.at(state.dueAt)) Enc28j60.timers();
    else if (state.wire != 0) Enc28j60.look();
    else state.dueAt -= 1; // for a frame, for nothing, or for a flag
  }

  /** Milliseconds from `now`, the instant of the last poll, until it is to be called even without INT. */
  @inline static nextAt(now: u32): u32 {
    return state.pending != 0 ? 0 : state.dueAt - now;
  }

  /** The chip works and its link is up. */
  @inline static isUp(): bool {
    return state.up != 0;
  }

  /**
   * Have the head of the next good frame at RX_ETHERNET and stand behind it. Returns its length without FCS, 60…1514; 0 =
   * none. Between this and `release` frames may be sent, but poll may not be called.
   */
  static receive(): u32 {
    // Frames are many and polls few when both directions are busy: look whether the wire is free for the frame that waits.
    if (state.waiting != 0) Enc28j60.look();
    return Receiver.receive();
  }

  /** Stand at the octet `offset` of that frame again; not beyond HEAD. */
  static rewind(offset: u32): void {
    state.left += HEAD - offset;
    let at = state.next + HEADER + offset;
    if (at >= RING) at -= RING;
    Chip.pointRead(at);
  }

  /** Move the next `len` = 1… octets of that frame to `dst`, 0 = nowhere. Returns their sum. */
  @inline static read(dst: usize, len: u32): u32 {
    state.left -= len;
    return Chip.readBuffer(dst, len);
  }

  /** Done with that frame, however much of it was read. */
  @inline static release(): void {
    Receiver.release();
  }

  /** That frame is not for now: the next `receive` gives it again. */
  static putBack(): void {
    Chip.pointRead(state.next);
  }

  /** Whether a frame can be composed now. */
  @inline static maySend(): bool {
    return state.room != 0;
  }

  /** Put `len` = 1… octets into the frame being composed, `offset` octets from its first. Returns their sum. */
  @inline static write(offset: u32, src: usize, len: u32): u32 {
    return Chip.writeBuffer(state.filling + 1 + offset, src, len);
  }

  /** Put the first `headLen` octets into the composed frame and transmit its `len` = 14…1514; the chip pads it to 60. */
  @inline static send(head: usize, headLen: u32, len: u32): void {
    Chip.writeBuffer(state.filling + 1, head, headLen);
    Transmitter.send(len);
  }

  /** Look at the flags: how is the transmission on the wire, if there is one? Returns them. */
  private static look(): u32 {
    const eir = Chip.eth(EIR);
    if (state.wire != 0) {
      if ((eir & TX_NEWS) != 0) Transmitter.finish(eir);
      else Transmitter.watch();
    }
    return eir;
  }

  /** What time brings: a look at the flags that nothing else asks for, the next step, and when to come again. */
  private static timers(): void {
    state.dueAt = state.now + LINK_POLL;
    if (state.phase == Phase.Ready) Upkeep.flags(Enc28j60.look());
    if (Due.at(state.stepAt)) {
      if (state.phase == Phase.Ready) Upkeep.step();
      else BringUp.step();
      Chip.bank0();
    }
    Due.by(Due.at(state.stepAt) ? state.now : state.stepAt); // lest nextAt name an instant that has passed
  }
}
