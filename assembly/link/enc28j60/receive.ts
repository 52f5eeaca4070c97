// SPDX-License-Identifier: MIT
// Reception: data sheet section 7.2, with errata 5, 6 and 14. A frame in the ring is
//
//   | next pointer 2 | byte count 2 | status 2 | frame, FCS included | pad octet if the count is odd |
//
// and the next one begins right behind it, through the ring's end. EPKTCNT is read once for as many frames as it tells of.
// The header is read together with those of the protocols and proved; from there on the frame is a stream, and ERDPT runs
// with it to the next header.

import { Counter, Counters } from '../../counters';
import { HEAD, RX_ETHERNET } from '../../memory';
import { Chip } from './chip';
import { Life } from './life';
import {
  ECON1,
  ECON1_RXEN,
  ECON1_RXRST,
  ECON2,
  ECON2_PKTDEC,
  EIR,
  EIR_RXERIF,
  EPKTCNT,
  ERXRDPTH,
  ERXRDPTL,
  ERXWRPTL,
  RSV_CRC_ERROR,
  RSV_OK,
} from './registers';
import { Setup } from './setup';
import { Due, FRAME_LEAST, FRAME_MOST, PATIENCE, Phase, RING, RING_END, state } from './state';

export const HEADER: u32 = 6;
const NEXT: usize = RX_ETHERNET - HEADER;
const COUNT: usize = NEXT + 2;
const STATUS: usize = NEXT + 4;
const FCS: u32 = 4;

/** Octets left in a frame up to which reading them to nowhere is cheaper than writing ERDPT. */
const READ_ON: u32 = 24;

/** A ring reset this soon after another one means that the chip needs more than that, ms. */
const RING_RESET_PEACE: u32 = 1_000;

export abstract class Receiver {
  /** Read the head of the next good frame, and stand behind it. Returns its length without FCS, 60…1514; 0 = not now. */
  static receive(): u32 {
    let pending = state.pending;
    if (pending == 0) {
      if (state.phase != Phase.Ready) return 0;
      Chip.bank1Inline();
      pending = Chip.eth(EPKTCNT);
      if (pending == 0) {
        if (state.overflowed) Receiver.afterOverflow();
        return 0;
      }
      Chip.bank0Inline();
      state.pending = pending;
    }
    const at = state.next;
    // The last frame that EPKTCNT tells of must be there: where ERXWRPT stands there is only what an earlier lap left.
    if (pending == 1 && Chip.eth(ERXWRPTL) == (at & 0xff) && Receiver.isEmpty()) return Receiver.doubt();

    Chip.readBuffer(NEXT, HEADER + HEAD);
    const next: u32 = load<u16>(NEXT);
    const count: u32 = load<u16>(COUNT);
    // `at` is even and in the ring; so is `next` if it equals this, for no frame is longer than the ring.
    let following = (at + HEADER + count + 1) & ~1;
    if (following >= RING) following -= RING;
    if (next != following || count > FRAME_MOST) return Receiver.doubt();
    state.following = next;
    state.left = count + (count & 1) - HEAD;
    if (count < FRAME_LEAST || (load<u8>(STATUS) & (RSV_OK | RSV_CRC_ERROR)) != RSV_OK)
      return Receiver.skip();
    return count - FCS;
  }

  /** Free the frame in hand and stand at the next header. Once for each frame; ERDPT may stand anywhere in it. */
  static release(): void {
    Counters.addInline(Counter.LinkRxFrames);
    Receiver.free();
  }

  private static free(): void {
    const next = state.following;
    const left = state.left;
    if (left - 1 < READ_ON)
      Chip.readBuffer(0, left); // not if nothing is left, nor if the head was longer than the frame
    else Chip.pointReadInline(next);
    // Erratum 14: always odd. The chip takes the pair with the high octet.
    const free = next == 0 ? RING_END : next - 1;
    Chip.putInline(ERXRDPTL, free & 0xff);
    Chip.putInline(ERXRDPTH, free >>> 8);
    Chip.setInline(ECON2, ECON2_PKTDEC);
    state.next = next;
    state.pending -= 1;
  }

  /** The empty ring, and let frames in. Should EPKTCNT not come down to 0, the next look finds no header: see `reset`. */
  static open(): void {
    Chip.clear(ECON1, ECON1_RXEN);
    Chip.set(ECON1, ECON1_RXRST);
    Chip.clear(ECON1, ECON1_RXRST);
    Setup.writeRing(); // reloads the hidden write pointer
    Chip.bank0();
    Chip.putPair(ERXRDPTL, RING_END);
    Chip.pointRead(0);
    for (let frames = Chip.read(EPKTCNT); frames != 0; frames -= 1) Chip.set(ECON2, ECON2_PKTDEC);
    Chip.clear(EIR, EIR_RXERIF);
    Chip.set(ECON1, ECON1_RXEN);
    Chip.bank0();
    state.next = 0;
    state.pending = 0;
    state.overflowed = 0;
  }

  /** Chip and driver do not agree about the ring: empty it; if that was done a moment ago, restart. */
  static reset(): void {
    Counters.add(Counter.LinkRingReset);
    const again = !Due.at(state.ringResetAt + RING_RESET_PEACE);
    state.ringResetAt = state.now;
    state.doubtAt = 0;
    if (again) Life.restart();
    else Receiver.open();
  }

  /** With nothing pending: whether frames wait of which EPKTCNT does not tell. */
  static isBehind(): bool {
    return Receiver.isHidden() && Receiver.isHidden();
  }

  private static isHidden(): bool {
    return Chip.read(EPKTCNT) == 0 && Chip.readPair(ERXWRPTL) != state.next;
  }

  /** Whether ERXWRPT stands at the next header. Read twice, since its octets are read apart. Bank 0. */
  private static isEmpty(): bool {
    return Chip.readPair(ERXWRPTL) == state.next && Chip.readPair(ERXWRPTL) == state.next;
  }

  /** This cannot be a header. The first time it may have been noise: count and header are read anew. Returns 0. */
  private static doubt(): u32 {
    if (state.doubtAt == state.next + 1) {
      Receiver.reset();
    } else {
      state.doubtAt = state.next + 1;
      state.pending = 0;
      Chip.pointRead(state.next);
    }
    return 0;
  }

  /** Not a good frame, though the ring is in order. Returns 0. */
  private static skip(): u32 {
    Counters.add(Counter.LinkRxBad);
    Receiver.free();
    return 0;
  }

  /**
   * RXERIF, with the ring drained. If it comes again although no frame came in between, reception is stuck. Else listen
   * closely: chips have been reported that stay deaf after an overflow, so one silent second is enough for a new ring.
   */
  private static afterOverflow(): void {
    const frames = Counters.of(Counter.LinkRxFrames);
    if (state.rxAtOverflow == frames) {
      Receiver.reset();
      return;
    }
    Chip.clear(EIR, EIR_RXERIF);
    state.overflowed = 0;
    state.rxAtOverflow = frames;
    state.rxSeen = frames;
    state.suspect = 1;
    state.patience = PATIENCE;
    state.quiet = PATIENCE - 2; // the audit that comes next may come at once
  }
}
