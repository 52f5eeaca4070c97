// SPDX-License-Identifier: MIT
// From the second stage to `main`: vectors, data and bss, the guard below the stack, clocks, the watchdog. And the way
// back: whatever goes wrong ends in a reboot that says why.

#include "startup.h"
#include "log.h"
#include "rp2040.h"
#include "time.h"

extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_guard, stack_bottom, stack_top;
extern const uint32_t flash_end;

int main(void);

/** Microseconds of silence until the watchdog bites; it counts twice a tick (erratum RP2040-E1). */
enum { WATCHDOG_US = 2000000 };
enum { PAINT = 0x5ac1f00d };
/** Words of paint in a row that count as the end of what was used. */
enum { STACK_GAP = 64 };
/** Ten blinks. */
enum { FAULT_CHANGES = 20, FAULT_CHANGE_US = 50000 };

/** Reached by what nobody expects: there are no handlers, and PRIMASK is set. The exception left r0 … PC, xPSR on the stack. */
__attribute__((naked)) static void hard_fault(void) {
    __asm volatile("mrs r0, msp\n ldr r1, [r0, #24]\n movs r0, %0\n bl reboot" : : "i"(REBOOT_HARD_FAULT));
}

__attribute__((naked, noreturn)) static void reset(void) {
    __asm volatile("cpsid i\n bl start\n");
}

__attribute__((section(".vectors"), used)) static const void *const vectors[48] = {
    &stack_top, reset, hard_fault, hard_fault, [11] = hard_fault, [14] = hard_fault, [15] = hard_fault,
};

/**
 * Crystal, PLL, 120 MHz, the tick of timer and watchdog; the peripherals in use leave reset. A debugger's reset leaves all
 * of them as they were, so nothing is taken to be fresh.
 */
static void clocks_start(void) {
    CLR(WATCHDOG_CTRL) = WATCHDOG_ENABLE;
    REG(XOSC_STARTUP) = 6 * 47; // of 256 cycles: 6 ms, which is what the crystal needs to its full swing
    REG(XOSC_CTRL) = XOSC_1_15MHZ | XOSC_ENABLE;
    while ((REG(XOSC_STATUS) & XOSC_STABLE) == 0) {}

    // Away from the PLL, to the ring oscillator, while it is set.
    CLR(CLK_SYS_CTRL) = CLK_SYS_AUX;
    while (REG(CLK_SYS_SELECTED) != 1) {}
    CLR(CLK_REF_CTRL) = CLK_REF_SRC;
    while (REG(CLK_REF_SELECTED) != 1) {}
    const uint32_t needed =
        RESETS_IO_BANK0 | RESETS_PADS_BANK0 | RESETS_PLL_SYS | RESETS_SPI0 | RESETS_TIMER | RESETS_UART0;
    SET(RESETS_RESET) = needed;

    // 12 MHz * 120 / 6 / 2 = 120 MHz; the VCO at 1,440 MHz (750 … 1,600).
    CLR(RESETS_RESET) = RESETS_PLL_SYS;
    while ((REG(RESETS_RESET_DONE) & RESETS_PLL_SYS) == 0) {}
    REG(PLL_SYS_CS) = 1; // REFDIV
    REG(PLL_SYS_FBDIV_INT) = 120;
    CLR(PLL_SYS_PWR) = PLL_PD | PLL_VCOPD;
    while ((REG(PLL_SYS_CS) & PLL_LOCK) == 0) {}
    REG(PLL_SYS_PRIM) = 6u << 16 | 2u << 12;
    CLR(PLL_SYS_PWR) = PLL_POSTDIVPD;

    REG(CLK_REF_CTRL) = CLK_REF_XOSC;
    while ((REG(CLK_REF_SELECTED) & 1u << CLK_REF_XOSC) == 0) {}
    REG(CLK_SYS_CTRL) = CLK_SYS_AUX;
    while ((REG(CLK_SYS_SELECTED) & 1u << CLK_SYS_AUX) == 0) {}
    REG(CLK_PERI_CTRL) = CLK_PERI_ENABLE;
    REG(WATCHDOG_TICK) = WATCHDOG_TICK_ENABLE | XOSC_HZ / 1000000;

    CLR(RESETS_RESET) = needed;
    while ((REG(RESETS_RESET_DONE) & needed) != needed) {}
}

/** Nothing may be called here that lies in SRAM until it has been copied. The clocks come first: copying at 6 MHz is slow. */
__attribute__((noreturn, used)) static void start(void) {
    REG(PSM_WDSEL) = PSM_ALL & ~(PSM_ROSC | PSM_XOSC); // without it a reboot would reset nothing
    clocks_start();
    for (uint32_t *to = &data_start, *from = &data_load; to < &data_end;) *to++ = *from++;
    for (uint32_t *to = &bss_start; to < &bss_end;) *to++ = 0;
    uint32_t *here;
    __asm volatile("mov %0, sp" : "=r"(here));
    for (uint32_t *p = &stack_bottom; p < here;) *p++ = PAINT;
    REG(MPU_RBAR) = (uint32_t)&stack_guard | MPU_RBAR_VALID;
    REG(MPU_RASR) = MPU_RASR_256_NO_ACCESS;
    REG(MPU_CTRL) = MPU_CTRL_ENABLE;
    __asm volatile("dsb\n isb");
    main();
    reboot(REBOOT_HARD_FAULT, 0); // main does not return
}

uint32_t stack_used(uint32_t known) {
    const uint32_t *p = &stack_top - known / sizeof(uint32_t);
    // A frame may leave words as they were; longer pieces are the end of it.
    for (uint32_t untouched = 0; untouched < STACK_GAP && p > &stack_bottom; untouched++) {
        if (*--p != PAINT) {
            untouched = 0;
            known = (uint32_t)&stack_top - (uint32_t)p;
        }
    }
    return known;
}

void watchdog_start(void) {
    watchdog_feed();
    REG(WATCHDOG_CTRL) = WATCHDOG_ENABLE | WATCHDOG_PAUSE_DBG;
}

void watchdog_feed(void) {
    REG(WATCHDOG_LOAD) = 2 * WATCHDOG_US;
}

void reboot(enum reboot_reason why, uint32_t detail) {
    REG(WATCHDOG_SCRATCH(2)) = why;
    REG(WATCHDOG_SCRATCH(3)) = detail;
    if (why != REBOOT_HARD_FAULT) {
        log_flush();
        for (uint32_t i = 0; i < FAULT_CHANGES; i++) {
            watchdog_feed();
            SIO_GPIO_OUT_XOR = 1u << PIN_LED;
            for (uint32_t since = REG(TIMER_TIMERAWL); REG(TIMER_TIMERAWL) - since < FAULT_CHANGE_US;) {}
        }
    }
    REG(WATCHDOG_CTRL) = WATCHDOG_TRIGGER;
    for (;;) {}
}

/** Whether SCRATCH0 and SCRATCH3 are this firmware's: the boot ROM leaves BOOTSEL through the watchdog, too. */
static bool is_ours(const struct last_run *last) {
    const bool has_text = last->why == REBOOT_TRAP || last->why == REBOOT_NO_START;
    return last->doing >= DOING_BOOT && last->doing <= DOING_NOTHING &&
           (!has_text || (last->detail >= (uint32_t)vectors && last->detail < (uint32_t)&flash_end));
}

struct last_run last_run(void) {
    struct last_run last = {
        .doing = REG(WATCHDOG_SCRATCH(0)),
        .now = REG(WATCHDOG_SCRATCH(1)),
        .why = REG(WATCHDOG_SCRATCH(2)),
        .detail = REG(WATCHDOG_SCRATCH(3)),
    };
    last.was_reset_by_watchdog = REG(WATCHDOG_REASON) != 0 && is_ours(&last);
    REG(WATCHDOG_SCRATCH(2)) = 0;
    return last;
}
