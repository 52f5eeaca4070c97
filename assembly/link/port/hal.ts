// SPDX-License-Identifier: MIT
// The one import of a module whose frames lie in memory and whose host copies and sums them, HOST_SUMS.

/**
 * Copy `len` = 1…1514 octets of linear memory from `src` to `dst`; `dst` = 0 copies nothing. They do not overlap, or are
 * the same. Returns their Internet sum, as `bulkRead` of ../../hal.ts does.
 */
export declare function copy(dst: usize, src: usize, len: u32): u32;
