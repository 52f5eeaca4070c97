// SPDX-License-Identifier: MIT
// See time.h.

#include "time.h"
#include "hal.h"
#include "rp2040.h"

static uint32_t ms;
static uint32_t us_of_ms; // TIMERAWL when `ms` began

uint32_t time_now(void) {
    uint32_t elapsed = REG(TIMER_TIMERAWL) - us_of_ms;
    if (elapsed >= 1000) {
        uint32_t passed = elapsed / 1000;
        ms += passed;
        us_of_ms += passed * 1000;
    }
    return ms;
}

void time_start(void) {
    REG(GPIO_PROC0_INTE(PIN_INT)) = GPIO_LEVEL_LOW(PIN_INT);
    REG(TIMER_INTE) = 1;
    REG(NVIC_ISER) = IRQ_TIMER_0 | IRQ_IO_BANK0;
}

void time_sleep(uint32_t at) {
    uint32_t alarm = us_of_ms + (at - ms) * 1000;
    REG(TIMER_INTR) = 1;
    REG(NVIC_ICPR) = IRQ_TIMER_0 | IRQ_IO_BANK0; // a level that is still there pends again
    REG(TIMER_ALARM0) = alarm;
    // The alarm compares for equality: one that has passed would come in 71 minutes.
    if ((int32_t)(alarm - REG(TIMER_TIMERAWL)) > 0 && !hal_int()) __asm volatile("wfi");
}
