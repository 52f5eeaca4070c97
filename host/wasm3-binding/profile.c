// SPDX-License-Identifier: MIT
// A profile of the counting build: counters for the pages of one instance, and what they say of the module's opcodes.

#include <stdlib.h>

#include "counting.h"
#include "m3_code.h"

static PageCounts *pages; // of the profiled instance
static size_t pageCount;

static PageCounts *pageOf(const void *pc) {
  for (size_t i = 0; i < pageCount; i++) {
    if ((uintptr_t)pc - pages[i].low < pages[i].span) return &pages[i];
  }
  return NULL;
}

void countOnOtherPage(pc_t pc) {
  PageCounts *page = pageOf(pc);
  if (!page) return;
  m3_page = *page;
  page->counts[((uintptr_t)pc - page->low) / sizeof(code_t)]++;
}

static void forgetPages(void) {
  for (size_t i = 0; i < pageCount; i++) free(pages[i].counts);
  free(pages);
  pages = NULL;
  pageCount = 0;
  m3_page = (PageCounts){0};
}

/** Counters for all pages of `list`. False: there is no memory. */
static bool addPages(IM3CodePage list) {
  for (IM3CodePage page = list; page; page = page->info.next) {
    PageCounts *more = realloc(pages, (pageCount + 1) * sizeof *pages);
    uint64_t *counts = calloc(page->info.numLines, sizeof *counts);
    if (more) pages = more;
    if (!more || !counts) {
      free(counts);
      return false;
    }
    pages[pageCount++] = (PageCounts){(uintptr_t)page->code, page->info.numLines * sizeof(code_t), counts};
  }
  return true;
}

const char *startProfile(IM3Runtime runtime) {
  const Places *places = runtime->userdata;
  if (pageCount > 0) return "a profile is running already";
  if (places->isIncomplete) return "the places of this instance are not all known: there was no memory";
  if (!addPages(runtime->pagesOpen) || !addPages(runtime->pagesFull)) {
    forgetPages();
    return "no memory for a profile";
  }
  if (pageCount == 0) return "the instance has no code";
  m3_page = pages[0];
  return NULL;
}

/** Take what was counted at `pc`. */
static void take(const void *pc, double offset, PlaceCost *costs, size_t *length) {
  PageCounts *page = pageOf(pc);
  if (!page) return;
  uint64_t *counter = &page->counts[((uintptr_t)pc - page->low) / sizeof(code_t)];
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
    for (size_t i = 0; i < pageCount; i++) {
      for (size_t line = 0; line < pages[i].span / sizeof(code_t); line++) {
        if (pages[i].counts[line] != 0) isComplete = false;
      }
    }
  }
  forgetPages();
  if (!*costs) return "no memory for what a profile says";
  if (!isComplete) {
    free(*costs);
    *costs = NULL;
    return "operations were counted at places that no opcode made";
  }
  return NULL;
}
