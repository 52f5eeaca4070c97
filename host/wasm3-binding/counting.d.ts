// SPDX-License-Identifier: MIT
// The API of `wasm3-binding` over the build that counts operations.

export * from './index.d.ts';

/**
 * Operations dispatched so far by all counting instances of this process: exact, and the same on every machine. The
 * translation of the module is included (constant expressions are run), so take the difference around a call. The
 * first passage through a call of a function that stands later in the module costs one operation more than the next.
 */
export function ops(): number;
