// SPDX-License-Identifier: MIT
// What the counting build knows: how many operations wasm3 has dispatched, while a profile runs how many at each place of
// the code it made, and which opcode of the module every place was made from.
//
// A place is the word of a code page that holds an operation. The profiled instance has a few pages, anywhere in memory;
// each has a counter for each of its words. What happens on other pages is of other instances, and left out.

#ifndef COUNTING_H
#define COUNTING_H

#include "m3_env.h"

/** An operation, and the octet of the module where the opcode begins that made it. */
typedef struct {
  pc_t pc;
  uint32_t offset;
} Place;

/** All places of one runtime, whose `userdata` it is, in the order in which they were made. */
typedef struct {
  Place *list;
  uint32_t count;
  uint32_t room;
  bool isIncomplete; // there was no memory for one
} Places;

/** The counters of one code page. */
typedef struct {
  uintptr_t low;
  uintptr_t span; // octets from `low` that have counters
  uint64_t *counts;
} PageCounts;

// One of each per process: worker threads that count at the same time disturb each other.
extern uint64_t m3_ops;
extern PageCounts m3_page; // where was counted last; its span is 0 when no profile runs

/** The operation at `pc` is not on that page. */
void countOnOtherPage(pc_t pc);

/** The operation at `pc` is dispatched. */
static inline void countOperation(pc_t pc) {
  m3_ops++;
  uintptr_t at = (uintptr_t)pc - m3_page.low;
  if (M3_UNLIKELY(at < m3_page.span)) m3_page.counts[at / sizeof(code_t)]++;
  else if (M3_UNLIKELY(m3_page.span != 0)) countOnOtherPage(pc);
}

/** Count by place in `runtime` from now on. Returns why not, or NULL. */
const char *startProfile(IM3Runtime runtime);

/** Operations in `module` at a place that was made from the opcode at `offset`; −1 − i: in the call of import i. */
typedef struct {
  double offset;
  double ops;
} PlaceCost;

/**
 * End the profile of `module`. `costs` is for the caller to free: `*length` of them, in any order, an offset perhaps
 * several times. Returns what went wrong, or NULL.
 */
const char *stopProfile(IM3Module module, PlaceCost **costs, size_t *length);

#endif
