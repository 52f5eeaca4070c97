// SPDX-License-Identifier: MIT
// Milliseconds since boot, from the timer's microseconds; and sleep.
#ifndef TIME_H
#define TIME_H

#include <stdint.h>

/** Milliseconds since boot; wraps after 49 days. To be called at least once an hour. */
uint32_t time_now(void);

/**
 * Sleep until the instant `at` (ms), until the chip asserts INT, or less. Nothing is handled in an interrupt: PRIMASK stays
 * set for good, and what is enabled in the NVIC only ends `wfi`. So nothing can come between a look and the sleep.
 */
void time_sleep(uint32_t at);

/** The sources that end a sleep. */
void time_start(void);

#endif
