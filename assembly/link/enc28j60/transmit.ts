// SPDX-License-Identifier: MIT
// Transmission: data sheet section 7.1, with errata 12, 13 and 15. Two slots in the chip's memory: one frame is composed
// while the other is on the wire, and follows it as soon as that is done. Nothing waits: each poll looks once at EIR.
//
// TXIF interrupts only while a frame waits for the wire; otherwise nobody cares when a transmission ended, and the flag is
// cleared before the next. Erratum 12 allows the transmitter's reset before each frame or after each abort: half duplex,
// where aborts happen, does both; full duplex, which knows no collision, has it after aborts and deadlines only.

import { LINK_FULL_DUPLEX } from '../../config';
import { Counter, Counters } from '../../counters';
import { Chip } from './chip';
import { Life } from './life';
import {
  ECON1,
  ECON1_TXRST,
  ECON1_TXRTS,
  EIE,
  EIE_TXIE,
  EIR,
  EIR_TXERIF,
  EIR_TXIF,
  ESTAT,
  ESTAT_LATECOL,
  ESTAT_TXABRT,
  ETXNDH,
  ETXNDL,
  ETXSTH,
  TSV3_LATE_COLLISION,
} from './registers';
import { Due, SCRATCH, SLOT_A, SLOT_B, state } from './state';

/** Either: the transmission has ended, or the transmitter has stalled. */
export const TX_NEWS: u32 = EIR_TXIF | EIR_TXERIF;

/**
 * Time that a transmission may take after a poll saw it on the wire, ms: a full frame, or nearly any honest back-off. The
 * longest draw is 366 ms; a stall, which follows an abort, would cost as much, and a frame cut short is only sent again.
 */
const TX_DEADLINE: u32 = LINK_FULL_DUPLEX ? 4 : 50;

/** Resends of one frame after late collisions, which link pulses feign (erratum 13), or stalls. */
const TX_RESENDS: u32 = 16;

/**
 * Octets that go over the wire while an empty frame is composed. Those of a frame take half as long over the bus as over
 * the wire. What is longer than that, and was on the wire when the poll began, still is; if not, for the bus is slower or
 * much was received since, TXIF asks for a poll at once, which finds it.
 */
const COMPOSED: u32 = 128;

/** Deadlines passed in a row after which the transmitter's reset is not enough. */
const TX_TIMEOUTS: u32 = 8;

const STATUS_OCTETS: u32 = 7;

export abstract class Transmitter {
  /** Both slots are free; their control octets say that MACON3 decides. */
  static open(): void {
    state.filling = SLOT_B;
    Transmitter.writeControl();
    state.filling = SLOT_A;
    Transmitter.writeControl();
    state.resends = 0;
    state.timeouts = 0;
    state.room = 1;
  }

  /** The control octet of the slot that is filled next. No frame overwrites it, but noise on the bus can. */
  static writeControl(): void {
    store<u8>(SCRATCH, 0);
    Chip.writeBuffer(state.filling, SCRATCH, 1);
  }

  /** Transmit the first `len` octets of the slot, now or when the other one is done. */
  static send(len: u32): void {
    const slot = state.filling;
    state.filling = slot ^ (SLOT_A ^ SLOT_B);
    if (state.wire != 0) {
      // An abort is left to poll: its status vector is read through ERDPT, which stands in a received frame now.
      const mayHaveEnded = state.wireLen < (len >>> 1) + COMPOSED;
      if (!mayHaveEnded || (Chip.eth(EIR) & TX_NEWS) != EIR_TXIF) {
        state.waiting = slot;
        state.waitingLen = len;
        state.room = 0;
        if ((state.eie & EIE_TXIE) == 0) {
          state.eie |= EIE_TXIE;
          Chip.setInline(EIE, EIE_TXIE);
        }
        return;
      }
      Transmitter.sent();
    }
    Transmitter.start(slot, len);
  }

  /** What `eir` says of the transmission on the wire: it has ended, somehow. ERDPT stands at a header. */
  static finish(eir: u32): void {
    if ((eir & EIR_TXERIF) != 0) {
      if (Transmitter.resent()) return;
    } else {
      Transmitter.sent();
    }
    if (state.waiting != 0) {
      Transmitter.start(state.waiting, state.waitingLen);
      state.waiting = 0;
      state.room = 1;
    } else {
      state.wire = 0;
      if ((state.eie & EIE_TXIE) != 0) {
        state.eie &= ~EIE_TXIE;
        Chip.clearInline(EIE, EIE_TXIE);
      }
    }
  }

  /** The transmission on the wire goes on: set its deadline, or keep it. */
  static watch(): void {
    if (state.deadline == 0) state.deadline = (state.now + TX_DEADLINE) | 1;
    if (!Due.at(state.deadline)) {
      Due.by(state.deadline);
    } else {
      Counters.add(Counter.LinkTxTimeout);
      state.timeouts += 1;
      if (state.timeouts > TX_TIMEOUTS) {
        Life.restart();
      } else {
        Transmitter.reset();
        Transmitter.start(state.wire, state.wireLen);
      }
    }
  }

  @inline private static sent(): void {
    Counters.addInline(Counter.LinkTxFrames);
    state.resends = 0;
    state.timeouts = 0;
  }

  private static start(slot: u32, len: u32): void {
    Chip.bank0Inline();
    if (!LINK_FULL_DUPLEX) {
      Chip.setInline(ECON1, ECON1_TXRST);
      Chip.clearInline(ECON1, ECON1_TXRST);
    }
    Chip.clearInline(EIR, TX_NEWS); // the end of the reset may have set TXERIF
    const end = slot + len;
    Chip.putInline(ETXSTH, slot >>> 8);
    Chip.putInline(ETXNDL, end & 0xff);
    Chip.putInline(ETXNDH, end >>> 8);
    Chip.setInline(ECON1, ECON1_TXRTS);
    state.wire = slot;
    state.wireLen = len;
    state.deadline = 0;
  }

  /** Stop the transmitter and set it right. */
  private static reset(): void {
    Chip.clear(ECON1, ECON1_TXRTS);
    Chip.set(ECON1, ECON1_TXRST);
    Chip.clear(ECON1, ECON1_TXRST);
    Chip.clear(EIR, TX_NEWS);
    Chip.clear(ESTAT, ESTAT_TXABRT | ESTAT_LATECOL);
  }

  /** TXERIF: whether the frame on the wire was sent again; if not, it is given up. */
  private static resent(): bool {
    let again = true;
    if ((Chip.eth(ECON1) & ECON1_TXRTS) != 0) {
      Counters.add(Counter.LinkTxStalled);
    } else {
      Chip.pointRead(state.wire + state.wireLen + 1);
      Chip.readBuffer(SCRATCH, STATUS_OCTETS);
      Chip.pointRead(state.next);
      // Erratum 15: the status vector knows, ESTAT.LATECOL does not.
      again = (load<u8>(SCRATCH + 3) & TSV3_LATE_COLLISION) != 0;
      if (again) Counters.add(Counter.LinkLateCollision);
    }
    Transmitter.reset();
    state.resends += 1;
    if (again && state.resends <= TX_RESENDS) {
      Transmitter.start(state.wire, state.wireLen);
      return true;
    }
    Counters.add(Counter.LinkTxAborted);
    state.resends = 0;
    return false;
  }
}
