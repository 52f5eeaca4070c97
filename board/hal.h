// SPDX-License-Identifier: MIT
// The SPI bus as the module sees it: the functions of assembly/hal.ts, same names, same order, same contract. Each is one
// chip-select of the ENC28J60: GP17 falls, octets are clocked at 20 MHz in mode 0, GP17 rises.
#ifndef HAL_H
#define HAL_H

#include <stdbool.h>
#include <stdint.h>

#include "rp2040.h"

/** Pins of the ENC28J60 beside SPI0's GP16 (SO), GP18 (SCK), GP19 (SI). */
enum { PIN_CS = 17, PIN_INT = 20, PIN_RESET = 21 };

/** `count` = 1…4 octets of `octets`, the low one first. Returns those clocked in meanwhile, the first in the low octet. */
uint32_t hal_command(uint32_t octets, uint32_t count);

/** RBM: `len` = 1…1536 octets from the chip to `dst`; null sums without storing. Returns their Internet sum (RFC 1071). */
uint32_t hal_bulk_read(uint8_t *dst, uint32_t len);

/** WBM: `len` = 1…1536 octets at `src` to the chip. Returns their Internet sum. */
uint32_t hal_bulk_write(const uint8_t *src, uint32_t len);

/** Pins and SPI0; the chip leaves reset. */
void hal_start(void);

/** A pulse on the chip's RESET pin. */
void hal_reset_chip(void);

/** Whether the chip asserts INT. */
static inline bool hal_int(void) {
    return (SIO_GPIO_IN & (1u << PIN_INT)) == 0;
}

#endif
