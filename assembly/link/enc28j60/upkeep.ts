// SPDX-License-Identifier: MIT
// What keeps a running chip right, besides the checks on every frame. Once a second the audit: do the registers still hold
// what was written (a dip of the supply or noise on the bus resets or changes them), does EPKTCNT agree with the ring, is
// anything heard at all? Then the PHY is asked, one register a step: PHIR, PHSTAT2, PHCON1, PHCON2.
//
// A change of the link sets LINKIF, which brings the next audit forward. It does not interrupt: to clear it is two polls.

import { LINK_AUDIT, LINK_CHECK, LINK_FULL_DUPLEX } from '../../config';
import { Counter, Counters } from '../../counters';
import { Chip } from './chip';
import { Life } from './life';
import { Mii } from './mii';
import {
  ECON1,
  ECON1_RXEN,
  ECON1_TXRTS,
  EIE,
  EIR,
  EIR_LINKIF,
  EIR_RXERIF,
  EIR_TXERIF,
  EREVID,
  PHCON1,
  PHCON1_PDPXMD,
  PHCON1_PLOOPBK,
  PHCON1_PPWRSV,
  PHCON2,
  PHCON2_FRCLNK,
  PHCON2_HDLDIS,
  PHCON2_TXDIS,
  PHIR,
  PHSTAT2,
  PHSTAT2_LSTAT,
} from './registers';
import { Receiver } from './receive';
import { Setup } from './setup';
import { PATIENCE, Phase, state } from './state';
import { Transmitter } from './transmit';

/** Frames sent without one received that are reason to doubt: the last words of a conversation are fewer. */
const UNANSWERED: u32 = 4;

/** Silent audits after which a new ring was not enough; doubles with each new start, to at most that many. */
const PATIENCE_NEXT: u32 = 16;
const PATIENCE_MOST: u32 = 1024;

/** PHY registers that are asked for after the audit, one in each octet from the low one on. PHIR: reading clears LINKIF. */
const QUESTION: u32 = PHIR | (PHSTAT2 << 8) | (PHCON1 << 16) | (PHCON2 << 24);
const QUESTIONS: u32 = 4;
const PHCON1_MASK: u32 = PHCON1_PDPXMD | PHCON1_PLOOPBK | PHCON1_PPWRSV;
const PHCON2_MASK: u32 = PHCON2_HDLDIS | PHCON2_TXDIS | PHCON2_FRCLNK;

export abstract class Upkeep {
  /** Flags of EIR that are seldom set. */
  static flags(eir: u32): void {
    if ((eir & EIR_TXERIF) != 0 && state.wire == 0) Chip.clear(EIR, EIR_TXERIF);
    if ((eir & EIR_RXERIF) != 0 && state.overflowed == 0) {
      Counters.add(Counter.LinkRxOverflow);
      state.overflowed = 1;
    }
    // Not more often than that, lest a flag that sticks make every poll an audit.
    const soon = state.auditedAt + LINK_CHECK;
    if ((eir & EIR_LINKIF) != 0 && <i32>(state.stepAt - soon) > 0) state.stepAt = soon;
  }

  /** The next step. `stepAt` has come. */
  static step(): void {
    const step = state.step;
    if (step == 0) {
      state.auditedAt = state.now;
      if (!Upkeep.registersHold()) {
        Upkeep.fail();
        return;
      }
      if (state.pending == 0 && Receiver.isBehind()) Receiver.reset();
      else Upkeep.listen();
      if (state.phase != Phase.Ready) return;
      if (state.room) Transmitter.writeControl();
    } else {
      if (!Mii.hasEnded()) return;
      const value = Mii.value();
      if (step == 2) {
        Life.setUp((value & PHSTAT2_LSTAT) != 0 ? 1 : 0);
      } else if (
        (step == 3 && (value & PHCON1_MASK) != (LINK_FULL_DUPLEX ? PHCON1_PDPXMD : 0)) ||
        (step == 4 && (value & PHCON2_MASK) != PHCON2_HDLDIS)
      ) {
        Upkeep.fail();
        return;
      }
    }
    if (step == QUESTIONS) {
      state.step = 0;
      state.stepAt = state.auditedAt + (state.up ? LINK_AUDIT : LINK_CHECK);
    } else {
      Mii.read((QUESTION >>> (step << 3)) & 0xff);
      state.step = step + 1;
    }
  }

  private static registersHold(): bool {
    return (
      (Chip.holds(ECON1, ECON1_RXEN) || Chip.holds(ECON1, ECON1_RXEN | ECON1_TXRTS)) &&
      Chip.holds(EIE, state.eie) &&
      Setup.holds() &&
      Chip.holds(EREVID, state.revision)
    );
  }

  private static fail(): void {
    Counters.add(Counter.LinkAuditFailed);
    Life.restart();
  }

  /** Deaf? Nothing comes in though frames went out, or an overflow went before: first a new ring, then a new start. */
  private static listen(): void {
    const received = Counters.of(Counter.LinkRxFrames);
    const sent = Counters.of(Counter.LinkTxFrames);
    if (received != state.rxSeen) {
      state.rxSeen = received;
      state.txSeen = sent;
      state.quiet = 0;
      state.patience = PATIENCE;
      state.suspect = 0;
      return;
    }
    if (!state.up || (sent - state.txSeen < UNANSWERED && !state.suspect)) return;
    state.quiet += 1;
    if (state.quiet < state.patience) return;
    state.quiet = 0;
    if (state.patience == PATIENCE) {
      state.patience = PATIENCE_NEXT;
      Receiver.reset();
    } else {
      if (state.patience < PATIENCE_MOST) state.patience <<= 1;
      state.suspect = 0;
      Life.restart();
    }
  }
}
