// SPDX-License-Identifier: MIT
// The way back to bring-up, for whoever finds the chip beyond repair, and the state of the link.

import { LINK_RETRY } from '../../config';
import { Counter, Counters } from '../../counters';
import { Chip } from './chip';
import { EIE } from './registers';
import { Due, Phase, state } from './state';

export abstract class Life {
  /** Begin again with a soft reset: at once, or LINK_RETRY after the last time. What is in the chip is lost. */
  static restart(): void {
    Counters.add(Counter.LinkReinit);
    Life.reset(Due.at(state.restartedAt + LINK_RETRY) ? state.now : state.now + LINK_RETRY);
    state.restartedAt = state.stepAt;
  }

  /** The state in which bring-up begins, at the instant `at`. */
  static reset(at: u32): void {
    Chip.put(EIE, 0); // nobody serves interrupts until then: INT must not stay asserted
    state.phase = Phase.Wake;
    state.stepAt = at;
    state.dueAt = at;
    state.pending = 0;
    state.wire = 0;
    state.waiting = 0;
    state.room = 0;
    Life.setUp(0);
  }

  /** The link came up or went down. */
  static setUp(up: u32): void {
    if (state.up == up) return;
    state.up = up;
    Counters.add(up ? Counter.LinkUp : Counter.LinkDown);
  }
}
