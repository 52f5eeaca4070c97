// SPDX-License-Identifier: MIT
// memcpy, memmove and memset in SRAM, for `memory.copy` and `memory.fill`. Those of newlib-nano move an octet at a time,
// 8 cycles each; the lines of chargen alone would take 12,000 cycles a segment. Here words move: 1 cycle an octet when
// both places agree modulo 4, 3 when they do not.

#include <stddef.h>
#include <stdint.h>

#define SRAM __attribute__((section(".ramtext.copy")))

enum { SHORT = 12 }; // below, finding out costs more than it saves

/** Octet by octet, upward: without a register to save. */
static inline void *octets(uint8_t *to, const uint8_t *from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = from[i];
    return to;
}

/** Upward, SHORT octets or more. The last source word is read whole: it may hold octets behind the source. */
SRAM __attribute__((noinline)) static void *words(uint8_t *const begin, const uint8_t *from, size_t n) {
    uint8_t *to = begin;
    for (; (uintptr_t)to & 3; n--) *to++ = *from++;
    uint32_t *out = (uint32_t *)to;
    const uint32_t odd = (uintptr_t)from & 3;
    if (odd == 0) {
        for (; n >= 16; n -= 16) {
            __asm volatile("ldmia %0!, {r3, r4, r5, r6}\n stmia %1!, {r3, r4, r5, r6}"
                           : "+l"(from), "+l"(out) : : "r3", "r4", "r5", "r6", "memory");
        }
        for (; n >= 4; n -= 4, from += 4) *out++ = *(const uint32_t *)from;
    } else {
        const uint32_t *source = (const uint32_t *)(from - odd);
        const uint32_t right = 8 * odd, left = 32 - right;
        uint32_t word = *source++;
        from += n & ~(size_t)3;
        for (; n >= 8; n -= 8) {
            const uint32_t second = source[0], third = source[1];
            out[0] = word >> right | second << left;
            out[1] = second >> right | third << left;
            word = third;
            source += 2;
            out += 2;
        }
        if (n >= 4) {
            *out++ = word >> right | *source << left;
            n -= 4;
        }
    }
    octets((uint8_t *)out, from, n);
    return begin;
}

SRAM void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    return n < SHORT ? octets(to, from, n) : words(to, from, n);
}

SRAM void *memmove(void *to, const void *from, size_t n) {
    if ((uintptr_t)to - (uintptr_t)from >= n) {
        return n < SHORT ? octets(to, from, n) : words(to, from, n);
    }
    uint8_t *out = to;
    const uint8_t *in = from;
    while (n-- != 0) out[n] = in[n];
    return to;
}

SRAM void *memset(void *to, int value, size_t n) {
    uint8_t *p = to;
    if (n >= SHORT) {
        for (; (uintptr_t)p & 3; n--) *p++ = value;
        const uint32_t word = (uint8_t)value * 0x01010101u;
        uint32_t *out = (uint32_t *)p;
        for (; n >= 4; n -= 4) *out++ = word;
        p = (uint8_t *)out;
    }
    for (; n != 0; n--) *p++ = value;
    return to;
}
