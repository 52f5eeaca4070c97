// SPDX-License-Identifier: MIT
// Life and death of the firmware: boot, watchdog, reboot, and what the last run left behind.
#ifndef STARTUP_H
#define STARTUP_H

#include <stdbool.h>
#include <stdint.h>

#include "rp2040.h"

enum { PIN_LED = 25 };

/** The watchdog bites after two seconds without `watchdog_feed`. */
void watchdog_start(void);
void watchdog_feed(void);

/** Most octets of native stack that were in use so far; `known` of them are known of. Quick when nothing is new. */
uint32_t stack_used(uint32_t known);

/** What the firmware is doing: kept in SCRATCH0, which survives a reset by the watchdog, for whoever asks afterwards. */
enum doing { DOING_BOOT = 1, DOING_LOAD, DOING_POLL, DOING_NOTHING };

static inline void doing(enum doing what) {
    REG(WATCHDOG_SCRATCH(0)) = what;
}

/** The same with the instant of the poll that begins, in SCRATCH1. */
static inline void doing_poll(uint32_t now) {
    REG(WATCHDOG_SCRATCH(1)) = now;
    REG(WATCHDOG_SCRATCH(0)) = DOING_POLL;
}

/** Why the firmware reboots itself, in SCRATCH2; SCRATCH3 has the detail. */
enum reboot_reason {
    REBOOT_NONE,
    /** A trap in the module. Detail: address of its text. */
    REBOOT_TRAP,
    /** Detail: the PC. */
    REBOOT_HARD_FAULT,
    /** It could not begin. Detail: address of a text. */
    REBOOT_NO_START,
};

/** Send what is in the log, blink ten times, begin anew; after a hard fault at once. */
__attribute__((noreturn)) void reboot(enum reboot_reason why, uint32_t detail);

/** What the run before this one left. */
struct last_run {
    bool was_reset_by_watchdog;
    uint32_t doing, now, why, detail;
};

/** To be asked once, before the first `doing`. */
struct last_run last_run(void);

#endif
