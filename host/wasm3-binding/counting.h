// SPDX-License-Identifier: MIT
// What the counting build knows: how many operations wasm3 has dispatched, while a profile runs how many at each place of
// the code it made, and which opcode of the module every place was made from.
//
// A place is the word of a code page that holds an operation. The profiled instance has a few pages, near one another;
// one counter stands for each word from the lowest of its pages to the end of the highest. Other instances are not told
// apart while counting: what happens on their pages in between is left out when the profile is read.

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

typedef struct {
  uintptr_t low;
  uintptr_t span; // octets from `low` that have counters; 0: no profile runs
  uint64_t *counts;
} Profile;

// One of each per process: worker threads that count at the same time disturb each other.
extern uint64_t m3_ops;
extern Profile m3_profile;

/** The operation at `pc` is dispatched. */
static inline void countOperation(pc_t pc) {
  m3_ops++;
  uintptr_t at = (uintptr_t)pc - m3_profile.low;
  if (M3_UNLIKELY(at < m3_profile.span)) m3_profile.counts[at / sizeof(code_t)]++;
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
