// SPDX-License-Identifier: MIT
// A profile of the counting build: counters for the pages of one instance, and what they say of the module's opcodes.

#include <stdlib.h>

#include "counting.h"
#include "m3_code.h"

// The counters take as many octets as lie between the pages; those that are never touched take no memory.
static const uintptr_t maxSpan = (uintptr_t)1 << 30;

static uintptr_t endOf(IM3CodePage page) { return (uintptr_t)&page->code[page->info.lineIndex]; }

static uint64_t *counterAt(const void *pc) {
  return &m3_profile.counts[((uintptr_t)pc - m3_profile.low) / sizeof(code_t)];
}

const char *startProfile(IM3Runtime runtime) {
  const Places *places = runtime->userdata;
  if (m3_profile.span > 0) return "a profile is running already";
  if (places->isIncomplete) return "the places of this instance are not all known: there was no memory";
  IM3CodePage lists[] = {runtime->pagesOpen, runtime->pagesFull};
  uintptr_t low = UINTPTR_MAX, high = 0;
  for (int i = 0; i < 2; i++) {
    for (IM3CodePage page = lists[i]; page; page = page->info.next) {
      uintptr_t start = (uintptr_t)page->code;
      if (start < low) low = start;
      if (endOf(page) > high) high = endOf(page);
    }
  }
  if (high <= low) return "the instance has no code";
  if (high - low > maxSpan) return "the code of this instance lies too far apart to be counted by place";
  m3_profile.counts = calloc((high - low) / sizeof(code_t), sizeof(uint64_t));
  if (!m3_profile.counts) return "no memory for a profile";
  m3_profile.low = low;
  m3_profile.span = high - low;
  return NULL;
}

/** Take what was counted at `pc`. */
static void take(const void *pc, double offset, PlaceCost *costs, size_t *length) {
  uint64_t *counter = counterAt(pc);
  if (*counter == 0) return;
  costs[(*length)++] = (PlaceCost){offset, (double)*counter};
  *counter = 0;
}

const char *stopProfile(IM3Module module, PlaceCost **costs, size_t *length) {
  const Places *places = module->runtime->userdata;
  *length = 0;
  *costs = calloc(places->count + module->numFuncImports + 1, sizeof **costs);
  bool isComplete = true;
  if (*costs) {
    // A place that was written twice means what it became last.
    for (uint32_t i = places->count; i-- > 0;) {
      take(places->list[i].pc, places->list[i].offset, *costs, length);
    }
    for (uint32_t i = 0; i < module->numFuncImports; i++) {
      take(module->functions[i].compiled, -1.0 - i, *costs, length);
    }
    IM3CodePage lists[] = {module->runtime->pagesOpen, module->runtime->pagesFull};
    for (int i = 0; i < 2; i++) {
      for (IM3CodePage page = lists[i]; page; page = page->info.next) {
        for (uint32_t line = 0; line < page->info.lineIndex; line++) {
          if (*counterAt(&page->code[line]) != 0) isComplete = false;
        }
      }
    }
  }
  free(m3_profile.counts);
  m3_profile = (Profile){0};
  if (!*costs) return "no memory for what a profile says";
  if (!isComplete) {
    free(*costs);
    *costs = NULL;
    return "operations were counted at places that no opcode made";
  }
  return NULL;
}
