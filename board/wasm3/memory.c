// SPDX-License-Identifier: MIT
// The linear memory's buffer.

#include "memory.h"

_Static_assert(offsetof(m3_linear_memory_t, data) % 8 == 0, "the linear memory begins at a multiple of 8");
_Static_assert(SANDWIRE_MEMORY % 8 == 0, "the linear memory ends at a multiple of 8");

m3_linear_memory_t m3_linear_memory __attribute__((aligned(8)));
