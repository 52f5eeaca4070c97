// SPDX-License-Identifier: MIT
// The linear memory: one static buffer with wasm3's header before it, of SANDWIRE_MEMORY octets, as many as the module
// declares as its limit. Address 0 of the module is `data[0]`, a multiple of 8.

#ifndef SANDWIRE_WASM3_MEMORY_H
#define SANDWIRE_WASM3_MEMORY_H

#include "m3_core.h"

typedef struct {
    u32 pad; // 4 + 12 octets of header before `data`
    M3MemoryHeader header;
    u8 data[SANDWIRE_MEMORY];
} m3_linear_memory_t;

extern m3_linear_memory_t m3_linear_memory;

// The fixed heap: octets in use, counting those that were freed out of order.
size_t m3_heap_used(void);

#endif
