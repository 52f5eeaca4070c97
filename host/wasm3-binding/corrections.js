// SPDX-License-Identifier: MIT
// Mistakes of wasm3 0.5.0 that are mended wherever it is built, here and for the board: text of its source, to be found
// exactly once, and what takes its place.

export const CORRECTIONS = [
  {
    // A local that waits on the stack more than once, and is assigned to meanwhile, moves to slots of its own, which are
    // counted for each time it waits. Of an i64 only the first of its two slots was: the other was free too early.
    file: 'm3_compile.c',
    find: `            else
_               (IncrementSlotUsageCount (o, * o_preservedSlotNumber));
`,
    replace: `            else
            {
_               (IncrementSlotUsageCount (o, * o_preservedSlotNumber));
                if (GetTypeNumSlots (GetStackTypeFromBottom (o, i)) == 2)
_               (IncrementSlotUsageCount (o, * o_preservedSlotNumber + 1));
            }
`,
  },
];
