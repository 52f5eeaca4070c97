// SPDX-License-Identifier: MIT
// Takes the place of wasm3's m3_compile.c in the counting build. Every operation of wasm3 ends by dispatching the next
// one through one of two macros; here both count first. The operations themselves stay as they are, tail calls included.
// What the macros do not see is the first operation of each call from outside: the addon adds it.
//
// Every word of an operation is emitted through a third macro; here it also notes from which opcode it comes. (wasm3's own
// maps for backtraces take room on the code pages, so that operations would stand elsewhere and other jumps be counted.)

#include "m3_config_platforms.h"
#undef M3_MUSTTAIL // clang accepts it before a bare call only
#define M3_MUSTTAIL

#include "counting.h"
#include "m3_code.h"
#include "m3_compile.h"
#include "m3_exec_defs.h"

uint64_t m3_ops;
PageCounts m3_page;

#undef nextOpImpl
#undef jumpOpImpl
#define nextOpImpl() (countOperation(_pc), ((IM3Operation)(*_pc))(_pc + 1, d_m3OpArgs))
#define jumpOpImpl(PC) (countOperation(PC), ((IM3Operation)(*(PC)))((PC) + 1, d_m3OpArgs))

/** The opcode that `o` is at made the word that comes next on `page`. */
static void notePlace(IM3Compilation o, IM3CodePage page) {
  // A constant expression has no function, and the stub of an import no compilation: it is told by its address.
  if (!o || !o->function || !o->runtime->userdata) return;
  Places *places = o->runtime->userdata;
  if (places->count == places->room) {
    uint32_t room = places->room ? 2 * places->room : 1024;
    Place *list = realloc(places->list, room * sizeof *list);
    if (!list) {
      places->isIncomplete = true;
      return;
    }
    places->list = list;
    places->room = room;
  }
  // Entering a function has no opcode: the function's octets begin there.
  bytes_t opcode = o->lastOpcodeStart ? o->lastOpcodeStart : o->function->wasm;
  places->list[places->count++] = (Place){GetPagePC(page), (uint32_t)(opcode - o->module->wasmStart)};
}

#undef EmitWord
#define EmitWord(page, value) (notePlace(o, page), EmitWord_impl(page, (void *)(value)))

// For the one function that emits words without a compilation; all others have an `o` of their own.
static const IM3Compilation o = NULL;

#include "m3_compile.c"
