// SPDX-License-Identifier: MIT
// What a call of a script is to those who carry it out.

import type { Answer } from './descriptor.ts';
import type { Expression } from './syntax.ts';
import type { World } from './world.ts';

/** A call under way. */
export interface Attempt {
  /** Microseconds since the first try. */
  elapsedUs: number;
  /** The script says when it returns, so it may block. */
  mayBlock: boolean;
  /** Octets that earlier tries have sent. */
  done: number;
}

/** One try of a call. */
export type Handler = (world: World, operands: readonly Expression[], attempt: Attempt) => Answer;
