// SPDX-License-Identifier: MIT
// PHY registers, data sheet section 3.3. An access takes 10.24 µs, and the next poll comes a millisecond later: so one is
// begun, and a later poll looks whether it has ended. Nothing spins.

import { Counter, Counters } from '../../counters';
import { Chip } from './chip';
import { Life } from './life';
import { MICMD, MICMD_MIIRD, MIRDL, MIREGADR, MISTAT, MISTAT_BUSY, MIWRH, MIWRL } from './registers';
import { state } from './state';

/** Time until a later poll looks, ms. */
const STEP: u32 = 1;

/** Looks at a busy MII, a millisecond apart, after which it is held for stuck. */
const MII_LOOKS: u32 = 8;

export abstract class Mii {
  /** Whether the last access has ended. If not, `stepAt` says when to look again; a stuck MII restarts the chip. */
  static hasEnded(): bool {
    if ((Chip.read(MISTAT) & MISTAT_BUSY) == 0) {
      state.looks = 0;
      return true;
    }
    state.stepAt = state.now + STEP;
    state.looks += 1;
    if (state.looks > MII_LOOKS) {
      Counters.add(Counter.LinkMiiTimeout);
      Life.restart();
    }
    return false;
  }

  /** Begin to write a PHY register. */
  static write(register: u32, value: u32): void {
    Mii.begin(register);
    Chip.write(MIWRL, value & 0xff);
    Chip.write(MIWRH, value >>> 8);
  }

  /** Begin to read a PHY register. */
  static read(register: u32): void {
    Mii.begin(register);
    Chip.write(MICMD, MICMD_MIIRD);
  }

  /** What was read, when it has ended. */
  static value(): u32 {
    Chip.write(MICMD, 0);
    return Chip.readPair(MIRDL);
  }

  private static begin(register: u32): void {
    Chip.write(MIREGADR, register);
    state.stepAt = state.now + STEP;
  }
}
