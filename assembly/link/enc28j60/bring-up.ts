// SPDX-License-Identifier: MIT
// From reset to the first frame, data sheet sections 6 and 11 with errata 2, 16 and 19: a step a poll, none longer than
// a kilobyte each way on the bus. A chip that is not there, is of no revision we know, or does not give back what was
// written is counted as LinkNoChip and tried again every LINK_RETRY, for ever.

import { LINK_FULL_DUPLEX, LINK_RETRY } from '../../config';
import { Counter, Counters } from '../../counters';
import { command } from '../../hal';
import { Chip } from './chip';
import { Life } from './life';
import { Mii } from './mii';
import {
  ECON2,
  ECON2_PWRSV,
  EIE,
  EIE_INTIE,
  EIE_PKTIE,
  EIE_TXERIE,
  EREVID,
  ESTAT,
  ESTAT_CLKRDY,
  PHCON1,
  PHCON1_PDPXMD,
  PHCON2,
  PHCON2_HDLDIS,
  PHIE,
  PHIE_PGEIE,
  PHIE_PLNKIE,
  PHLCON,
  SRC,
} from './registers';
import { Receiver } from './receive';
import { Setup } from './setup';
import { Phase, SCRATCH, state } from './state';
import { Transmitter } from './transmit';

/** Of a clock that counts whole milliseconds: more than 2 ms for certain. Erratum 2 asks for 1 ms after a reset. */
const SETTLE: u32 = 3;

/** Revisions B1, B4, B5, B7, by their EREVID as a bit. */
const REVISIONS: u32 = (1 << 2) | (1 << 4) | (1 << 5) | (1 << 6);

const BLOCKS: u32 = 8;
const BLOCK: u32 = 1024;
const CHUNK: u32 = 64;
/** Blocks that may have to be tried again for noise on the bus. */
const BLOCK_RETRIES: u32 = 8;

/** PHY registers to write: register << 16 | value. Erratum 16: PDPXMD has no dependable reset value. */
// prettier-ignore
const PHY: usize = memory.data<u32>([
  (PHCON1 << 16) | (LINK_FULL_DUPLEX ? PHCON1_PDPXMD : 0),
  (PHCON2 << 16) | PHCON2_HDLDIS,
  (PHLCON << 16) | 0x3476, // LED A: link; LED B: activity, stretched. Bits 13:12 are kept 11
  (PHIE << 16) | PHIE_PLNKIE | PHIE_PGEIE, // for LINKIF
]);
const PHY_ENTRIES: u32 = 4;

export abstract class BringUp {
  /** The next step. `stepAt` has come. */
  static step(): void {
    switch (state.phase) {
      case Phase.Wake:
        Chip.clear(ECON2, ECON2_PWRSV);
        BringUp.enter(Phase.Reset, SETTLE);
        break;
      case Phase.Reset:
        command(SRC, 1);
        state.bank = 0;
        BringUp.enter(Phase.Identify, SETTLE);
        break;
      case Phase.Identify:
        state.revision = Chip.read(EREVID);
        if (
          state.revision > 31 ||
          ((1 << state.revision) & REVISIONS) == 0 ||
          (Chip.eth(ESTAT) & ESTAT_CLKRDY) == 0
        ) {
          BringUp.fail();
        } else {
          BringUp.enter(Phase.Memory, 0);
        }
        break;
      case Phase.Memory:
        if (BringUp.blockHolds(state.step)) {
          state.step += 1;
          if (state.step == BLOCKS) BringUp.enter(Phase.Registers, 0);
        } else {
          state.looks += 1;
          if (state.looks > BLOCK_RETRIES) BringUp.fail();
        }
        break;
      case Phase.Registers:
        Setup.write();
        if (Setup.holds()) BringUp.enter(Phase.Phy, 0);
        else BringUp.fail();
        break;
      case Phase.Phy:
        if (!Mii.hasEnded()) break;
        if (state.step < PHY_ENTRIES) {
          const entry = load<u32>(PHY + (state.step << 2));
          state.step += 1;
          Mii.write(entry >>> 16, entry & 0xffff);
        } else {
          BringUp.finish();
        }
        break;
      default: // not started
    }
  }

  private static enter(phase: Phase, ms: u32): void {
    state.phase = phase;
    state.step = 0;
    state.looks = 0;
    state.stepAt = state.now + ms;
  }

  private static finish(): void {
    Transmitter.open();
    BringUp.enter(Phase.Ready, 0);
    Receiver.open();
    if (state.phase != Phase.Ready) return;
    state.eie = EIE_INTIE | EIE_PKTIE | EIE_TXERIE;
    Chip.put(EIE, state.eie);
  }

  private static fail(): void {
    Counters.add(Counter.LinkNoChip);
    Life.reset(state.now + LINK_RETRY);
  }

  /** Write a pattern of its own through block `i` of the 8 KB and read it back; the two sums must be one. */
  private static blockHolds(i: u32): bool {
    const start = i * BLOCK;
    let seed = i + 1;
    for (let p = SCRATCH; p < SCRATCH + CHUNK; p += 4) {
      seed = seed * 1664525 + 1013904223;
      store<u32>(p, seed);
    }
    state.writeAt = ~start; // whatever it holds, both octets are written
    let written: u32 = 0;
    for (let at = start; at < start + BLOCK; at += CHUNK) written += Chip.writeBuffer(at, SCRATCH, CHUNK);
    Chip.pointRead(start);
    return written % 0xffff == Chip.readBuffer(0, BLOCK) % 0xffff;
  }
}
