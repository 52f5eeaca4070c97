// SPDX-License-Identifier: MIT
// The ways in which a script ends before its last line.

import type { Event } from './syntax.ts';

/** The script asks for something that this stack, or this interpreter, does not have. */
export class Skip extends Error {
  override readonly name = 'Skip';
}

/** One field of what was expected and of what came, as text. */
export interface Compared {
  name: string;
  expected: string;
  real: string;
  differs: boolean;
}

/** What the script says and what happened are not the same. */
export class Difference extends Error {
  override readonly name = 'Difference';
  /** The event at which it was seen; the runner fills it in. */
  event: Event | undefined;

  constructor(
    message: string,
    /** Field by field, when there is something to compare. */
    readonly fields: readonly Compared[] = [],
  ) {
    super(message);
  }
}

/** Text of an error's message, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
