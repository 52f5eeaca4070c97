// SPDX-License-Identifier: MIT
// What makes this board another than the next: its MAC address, and numbers that nobody can guess.
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/** A locally administered MAC address out of the flash chip's unique id (IEEE 802 8.2.2: bit 1 of the first octet). */
struct mac {
    uint32_t high;  // the first 2 octets
    uint32_t low;   // the last 4
    bool is_unique; // false: the flash chip has no unique id, and all such boards have this address
};

struct mac identity_mac(void);

/** 128 bits from the ring oscillator. False: it gives none that one could call random. */
bool identity_seed(uint32_t seed[4]);

#endif
