// SPDX-License-Identifier: MIT
// See log.h.

#include "log.h"
#include "rp2040.h"
#include "time.h"

enum { RING = 1024 }; // a power of two
enum { PIN_TX = 0 };

static char ring[RING];
static uint32_t written, drained;
static bool is_cut;

void log_start(void) {
    REG(PADS_GPIO(PIN_TX)) = PAD_OUTPUT;
    REG(GPIO_CTRL(PIN_TX)) = GPIO_FUNC_UART;
    // 120 MHz / (16 * 115200) = 65 + 7/64
    REG(UARTIBRD) = 65;
    REG(UARTFBRD) = 7;
    REG(UARTLCR_H) = UARTLCR_8N1_FIFO; // also takes the divisor
    REG(UARTCR) = UARTCR_TX_ON;
}

static void put(char c) {
    // The last octets are the line end's.
    if (written - drained >= RING - 8 && c != '\n' && c != '\r') {
        is_cut = true;
    } else if (written - drained < RING) {
        ring[written++ % RING] = c;
    }
}

void log_text(const char *text) {
    while (*text != 0) put(*text++);
}

void log_number(uint32_t number) {
    char digits[11];
    char *p = digits + sizeof digits;
    *--p = 0;
    do {
        *--p = '0' + number % 10;
        number /= 10;
    } while (number != 0);
    log_text(p);
}

void log_hex(uint32_t number, uint32_t digits) {
    while (digits-- != 0) put("0123456789abcdef"[number >> 4 * digits & 15]);
}

void log_line(void) {
    uint32_t ms = time_now();
    put('[');
    for (uint32_t width = 10000; width > 1 && ms / 1000 < width; width /= 10) put(' ');
    log_number(ms / 1000);
    put('.');
    for (uint32_t unit = 100; unit > 0; unit /= 10) put('0' + ms / unit % 10);
    log_text("] ");
}

void log_end(void) {
    if (is_cut && written - drained < RING - 2) ring[written++ % RING] = '~';
    is_cut = false;
    put('\r');
    put('\n');
}

void log_say(const char *text) {
    log_line();
    log_text(text);
    log_end();
}

bool log_drain(void) {
    while (drained != written && (REG(UARTFR) & UARTFR_TXFF) == 0) REG(UARTDR) = ring[drained++ % RING];
    return drained != written;
}

void log_flush(void) {
    while (log_drain() || (REG(UARTFR) & UARTFR_BUSY) != 0) {}
}
