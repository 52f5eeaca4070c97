// SPDX-License-Identifier: MIT
// Takes the place of wasm3's m3_compile.c in the counting build. Every operation of wasm3 ends by dispatching the next
// one through one of two macros; here both count first. The operations themselves stay as they are, tail calls included.
// What the macros do not see is the first operation of each call from outside: the addon adds it.

#include "m3_config_platforms.h"
#undef M3_MUSTTAIL // clang accepts it before a bare call only
#define M3_MUSTTAIL

#include "m3_exec_defs.h"

unsigned long long m3_ops; // one count per process: worker threads that count at the same time disturb each other

#undef nextOpImpl
#undef jumpOpImpl
#define nextOpImpl() (m3_ops++, ((IM3Operation)(*_pc))(_pc + 1, d_m3OpArgs))
#define jumpOpImpl(PC) (m3_ops++, ((IM3Operation)(*(PC)))((PC) + 1, d_m3OpArgs))

#include "m3_compile.c"
