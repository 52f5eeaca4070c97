// SPDX-License-Identifier: MIT
// The firmware: say who is here, load the module, then poll it whenever the chip asserts INT or a deadline has come, and
// sleep in between. Twenty times a second it looks at the module's counters: for the log, for the LED, for a chip that
// does not answer.

#include "hal.h"
#include "identity.h"
#include "image.h"
#include "log.h"
#include "startup.h"
#include "time.h"
#include "vm.h"

#include <string.h>

enum { LOOK_MS = 50, STEPS = 20 }; // steps of the LED: one second in all
enum { LOST_LOOKS = 30 };         // the module tries a silent chip every second
enum { DRAIN_MS = 2 };            // the UART's 32 octets last a little longer
/** What `poll` answers when nothing is due. */
enum { NEVER = 0x7fffffff };

/** Counters of the module that the firmware watches, by their names in assembly/counters.ts. */
enum watched { RX, TX, NO_CHIP, REINIT, UP, DOWN, WATCHED };
static const char *const watched_names[WATCHED] = {
    "LinkRxFrames", "LinkTxFrames", "LinkNoChip", "LinkReinit", "LinkUp", "LinkDown",
};
static const uint32_t *counters[WATCHED];

static void log_address(uint32_t address) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        log_number(address >> shift & 0xff);
        if (shift != 0) log_text(".");
    }
}

/** Why there was a boot before this one. */
static void log_last_run(struct last_run last) {
    static const char *const activities[] = {"", "booting", "loading the module", "in poll", "between polls"};
    if (!last.was_reset_by_watchdog) return;
    log_line();
    switch (last.why) {
    case REBOOT_TRAP:
        log_text("restarted: the module trapped: ");
        log_text((const char *)last.detail);
        break;
    case REBOOT_HARD_FAULT:
        log_text("restarted: hard fault at 0x");
        log_hex(last.detail, 8);
        break;
    case REBOOT_NO_START:
        log_text("restarted: could not start: ");
        log_text((const char *)last.detail);
        break;
    default:
        log_text("restarted by the watchdog: no sign of life ");
        log_text(last.doing < sizeof activities / sizeof *activities ? activities[last.doing] : "");
        break;
    }
    log_text(", last poll at ");
    log_number(last.now);
    log_text(" ms");
    log_end();
}

static void log_usage(struct vm_usage usage, uint32_t ms) {
    log_line();
    log_text("module compiled in ");
    log_number(ms);
    log_text(" ms, heap ");
    log_number(usage.heap_used);
    log_text(" of ");
    log_number(usage.heap);
    log_text(": runtime ");
    log_number(usage.runtime);
    log_text(", parsed ");
    log_number(usage.parsed);
    log_text(", metacode ");
    log_number(usage.metacode);
    log_end();
}

static void start_module(void) {
    const struct mac mac = identity_mac();
    uint32_t seed[4];
    if (!identity_seed(seed)) reboot(REBOOT_NO_START, (uint32_t) "the ring oscillator gives no random bits");
    const uint32_t addresses[] = {mac.high, mac.low, image.address, image.netmask, image.gateway};
    log_line();
    log_text("MAC ");
    for (int octet = 5; octet >= 0; octet--) {
        log_hex((octet > 3 ? mac.high >> 8 * (octet - 4) : mac.low >> 8 * octet) & 0xff, 2);
        if (octet != 0) log_text(":");
    }
    log_text(", address ");
    log_address(image.address);
    log_text(", netmask ");
    log_address(image.netmask);
    log_text(", gateway ");
    log_address(image.gateway);
    log_end();
    if (!mac.is_unique) log_say("the flash chip has no unique id: other boards may have the same MAC address");
    if ((int32_t)vm_call(VM_CONFIGURE, 5, addresses) < 0) {
        reboot(REBOOT_NO_START, (uint32_t) "the module refuses these addresses");
    }
    vm_call(VM_SEED, 4, seed);
    const uint32_t now = time_now();
    if ((int32_t)vm_call(VM_START, 1, &now) < 0) reboot(REBOOT_NO_START, (uint32_t) "the module does not start");
}

/** Find the counters by their names: a build of the module may have them in another order. */
static void find_counters(void) {
    const uint32_t *values = vm_memory(vm_call(VM_COUNTERS, 0, 0), 4);
    const char *name = vm_memory(vm_call(VM_COUNTER_NAMES, 0, 0), 1);
    if (!values || !name) reboot(REBOOT_NO_START, (uint32_t) "the module's counters lie outside its memory");
    for (; *name != 0; values++) {
        const char *end = strchr(name, '\n');
        for (uint32_t i = 0; i < WATCHED; i++) {
            const uint32_t len = strlen(watched_names[i]);
            if (len == (uint32_t)(end - name) && memcmp(name, watched_names[i], len) == 0) counters[i] = values;
        }
        name = end + 1;
    }
    for (uint32_t i = 0; i < WATCHED; i++) {
        if (!counters[i]) reboot(REBOOT_NO_START, (uint32_t) "the module lacks a counter of the link");
    }
}

/** The LED: on = link, with a gap for traffic; one flash a second = no link; two flashes = the chip does not answer. */
static void show(bool is_chip_lost, bool is_up, bool is_traffic) {
    static uint32_t step;
    step = step + 1 == STEPS ? 0 : step + 1;
    bool on;
    if (is_chip_lost) on = step < 2 || (step >= 4 && step < 6);
    else if (!is_up) on = step < 2;
    else on = !(is_traffic && (step & 1));
    if (on) SIO_GPIO_OUT_SET = 1u << PIN_LED;
    else SIO_GPIO_OUT_CLR = 1u << PIN_LED;
}

/** What has changed since the last look. */
static void look(void) {
    static uint32_t before[WATCHED];
    static uint32_t lost; // looks until the chip counts as found again
    uint32_t now[WATCHED], news = 0;
    for (uint32_t i = 0; i < WATCHED; i++) {
        now[i] = *counters[i];
        if (now[i] != before[i]) news |= 1u << i;
    }
    if (news & 1u << NO_CHIP) {
        if (lost == 0) log_say("the ENC28J60 does not answer: check its supply and wiring; reset every second");
        lost = LOST_LOOKS;
        hal_reset_chip(); // the module's own reset goes over a bus that may be what has failed
    } else if (lost != 0 && --lost == 0) {
        log_say("the ENC28J60 answers again");
    }
    if (news & 1u << REINIT) log_say("the ENC28J60 is initialised anew");
    const bool is_up = now[UP] != now[DOWN];
    if (news & (1u << UP | 1u << DOWN)) log_say(is_up ? "link up" : "link down");
    show(lost != 0, is_up, (news & (1u << RX | 1u << TX)) != 0);
    for (uint32_t i = 0; i < WATCHED; i++) before[i] = now[i];
}

int main(void) {
    const struct last_run last = last_run();
    doing(DOING_BOOT);
    watchdog_start();
    log_start();
    log_say("sandwire " VERSION " on RP2040, 120 MHz, SPI 20 MHz");
    log_last_run(last);
    log_line();
    log_text("module " MODULE_HASH ", ");
    log_number(image.module_size);
    log_text(" octets, memory ");
    log_number(image.memory_size);
    log_end();
    REG(PADS_GPIO(PIN_LED)) = PAD_OUTPUT;
    REG(GPIO_CTRL(PIN_LED)) = GPIO_FUNC_SIO;
    SIO_GPIO_OE_SET = 1u << PIN_LED;
    hal_start();
    time_start();

    log_flush(); // should loading hang, this has been said
    doing(DOING_LOAD);
    const uint32_t since = time_now();
    const struct vm_usage usage = vm_load(image.module, image.module_size);
    log_usage(usage, time_now() - since);
    start_module();
    find_counters();

    uint32_t look_at = time_now();
    uint32_t deepest = 0;
    for (;;) {
        watchdog_feed();
        const uint32_t now = time_now();
        doing_poll(now);
        const uint32_t wait = vm_call(VM_POLL, 1, &now);
        doing(DOING_NOTHING);
        if ((int32_t)(now - look_at) >= 0) {
            look_at = now + LOOK_MS;
            look();
            const uint32_t used = stack_used(deepest);
            if (used > deepest) {
                deepest = used;
                log_line();
                log_text("native stack: ");
                log_number(used);
                log_text(" octets so far");
                log_end();
            }
        }
        uint32_t at = wait < NEVER && (int32_t)(now + wait - look_at) < 0 ? now + wait : look_at;
        if (log_drain() && (int32_t)(now + DRAIN_MS - at) < 0) at = now + DRAIN_MS;
        if (wait != 0 && !hal_int()) time_sleep(at);
    }
}
