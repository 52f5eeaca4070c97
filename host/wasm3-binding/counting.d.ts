// SPDX-License-Identifier: MIT
// The API of `wasm3-binding` over the build that counts operations.

import type { ExportedFunction } from './index.d.ts';

export * from './index.d.ts';

/**
 * Operations dispatched so far by all counting instances of this process: exact, and the same on every machine. The
 * translation of the module is included (constant expressions are run), so take the difference around a call. The
 * first passage through a call of a function that stands later in the module costs one operation more than the next.
 */
export function ops(): number;

export interface PlaceCost {
  /**
   * Of the opcode, in octets from the beginning of the module. Entering a function counts where its octets begin, the call
   * of import i at −1 − i.
   */
  offset: number;
  /** Operations that were dispatched of those made from the opcode. */
  ops: number;
}

/**
 * From now on count by place too, in the one instance that exports this function. Throws when a profile is running. The
 * count of `ops` is the same with and without.
 */
export function profileStart(exported: ExportedFunction): void;

/** End the profile. What was counted, by rising offset; the sum is what `ops` has counted in that instance meanwhile. */
export function profileStop(): PlaceCost[];
