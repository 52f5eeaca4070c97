// SPDX-License-Identifier: MIT
// The whole import list: the SPI bus, in whole chip-select transactions. `board/hal.h` mirrors it name by name.
// Every call selects the chip, clocks octets and releases it; nothing here waits and nothing here can fail.

/**
 * One register command of 1…4 octets. Octets are clocked out from the low octet of `octets` upward, `count` of them.
 * Returns the octets clocked in meanwhile, the first one in the low octet; octets that were not clocked are 0.
 */
export declare function command(octets: u32, count: u32): u32;

/**
 * Read buffer memory: the opcode RBM, then `len` octets from the chip to linear memory at `dst`.
 * `dst` = 0 reads and sums without storing. `len` = 1…1536.
 * Returns the Internet sum of the octets read: RFC 1071, big-endian words, an odd last octet padded with zero,
 * folded to 16 bits, not complemented.
 */
export declare function bulkRead(dst: usize, len: u32): u32;

/**
 * Write buffer memory: the opcode WBM, then `len` octets from linear memory at `src` to the chip. `len` = 1…1536.
 * Returns the Internet sum of the octets written, as `bulkRead` does.
 */
export declare function bulkWrite(src: usize, len: u32): u32;
