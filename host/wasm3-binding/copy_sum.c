// SPDX-License-Identifier: MIT
// The yardstick: the loop that one would write, compiled with -O2 and nothing else (binding.gyp), in a file of its own so
// that no caller can take it apart. A word of 32 bits at a time into a sum of 64, folded at the end; the words are summed
// as this machine loads them, and the octets of the result swapped where that is not network order (RFC 1071 §2 B).

#include "copy_sum.h"

#include <string.h>

/** End-around carries added, octets in network order. */
static uint32_t fold(uint64_t total) {
  total = (total & 0xffffffff) + (total >> 32);
  total = (total & 0xffffffff) + (total >> 32);
  uint32_t folded = (uint32_t)(total & 0xffff) + (uint32_t)(total >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  folded = (folded << 8 | folded >> 8) & 0xffff;
#endif
  return folded;
}

/** The word that 1 … 3 last octets make, padded with zeros. */
static uint32_t lastWord(const uint8_t *from, size_t length) {
  uint32_t word = 0;
  memcpy(&word, from, length);
  return word;
}

uint32_t copySum(uint8_t *to, const uint8_t *from, size_t length) {
  uint64_t total = 0;
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    uint32_t word;
    memcpy(&word, from + i, 4);
    memcpy(to + i, &word, 4);
    total += word;
  }
  if (i < length) {
    total += lastWord(from + i, length - i);
    memcpy(to + i, from + i, length - i);
  }
  return fold(total);
}

uint32_t sum(const uint8_t *from, size_t length) {
  uint64_t total = 0;
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    uint32_t word;
    memcpy(&word, from + i, 4);
    total += word;
  }
  if (i < length) total += lastWord(from + i, length - i);
  return fold(total);
}
