// SPDX-License-Identifier: MIT
// Copying and summing in C: what a benchmark is measured against, and what a host does for a module that asks it to.

#ifndef COPY_SUM_H
#define COPY_SUM_H

#include <stddef.h>
#include <stdint.h>

/**
 * Copy `length` octets; returns their Internet sum (RFC 1071): 16-bit words in network order, an odd last octet padded
 * with zero, folded to 16 bits, not complemented. The two places do not overlap.
 */
uint32_t copySum(uint8_t *to, const uint8_t *from, size_t length);

/** The sum alone. */
uint32_t sum(const uint8_t *from, size_t length);

#endif
