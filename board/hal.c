// SPDX-License-Identifier: MIT
// The SPI path. Bulk transfers go in frames of 16 bits, the first octet in the high half: in mode 0 the PL022 pauses for
// about two clocks after each frame, whatever its size, and a frame is then a word of the Internet sum, too. The opcode
// makes the number of octets odd or even; where it is odd the opcode takes a frame of its own, else it shares the first
// with the first octet, the sum comes out with its octets exchanged, and is turned once at the end.
//
// All of it lies in SRAM: a miss in the flash cache costs longer than a frame.

#include "hal.h"

/** SPI0: 120 MHz / (2 * (1 + 2)) = 20 MHz, the ENC28J60's limit; Motorola format, mode 0. */
enum { PRESCALE = 2, CR0_8 = (2 << 8) | 7, CR0_16 = (2 << 8) | 15 };
enum { FIFO = 8 };
enum { RBM = 0x3a, WBM = 0x7a };

#define SPI_CODE __attribute__((section(".ramtext.spi")))

static inline void select(void) {
    SIO_GPIO_OUT_CLR = 1u << PIN_CS; // t_CSS 50 ns: a store to the FIFO and half a clock take longer
}

/** The last clock edge has passed. */
static inline void idle(void) {
    while (REG(SSPSR) & SSPSR_BSY) {}
}

/**
 * t_CSH: CS is held 210 ns after a command to a MAC or MII register, 10 ns otherwise (DS39662E table 16-6). Which one it
 * was is not known here, and 28 cycles are cheaper than to find out. The loop takes 4 a turn.
 */
static inline void hold(void) {
    idle();
    for (uint32_t turns = 7; turns != 0; turns--) __asm volatile("");
}

static inline void deselect(void) {
    idle();
    SIO_GPIO_OUT_SET = 1u << PIN_CS;
}

/** The size of frames may only change while SPI is off (PL022 TRM 3.3.1). */
static inline void frames(uint32_t cr0) {
    idle();
    REG(SSPCR1) = 0;
    REG(SSPCR0) = cr0;
    REG(SSPCR1) = SSPCR1_SSE;
}

static inline uint32_t exchange(uint32_t frame) {
    REG(SSPDR) = frame;
    while ((REG(SSPSR) & SSPSR_RNE) == 0) {}
    return REG(SSPDR);
}

static inline uint32_t swap16(uint32_t v) {
    uint32_t swapped;
    __asm("rev16 %0, %1" : "=l"(swapped) : "l"(v));
    return swapped;
}

/** At most 768 words were added: two end-around carries are enough. */
static inline uint32_t fold(uint32_t sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

SPI_CODE uint32_t hal_command(uint32_t octets, uint32_t count) {
    uint32_t answer;
    if (count == 2) {
        select();
        answer = swap16(exchange(swap16(octets) & 0xffff));
        hold();
        deselect();
        return answer;
    }
    frames(CR0_8);
    select();
    answer = 0;
    for (uint32_t shift = 0; shift < 8 * count; shift += 8) {
        answer |= exchange((octets >> shift) & 0xff) << shift;
    }
    hold();
    deselect();
    frames(CR0_16);
    return answer;
}

/** The opcode alone, for a transfer of an even number of octets. */
static inline void opcode(uint32_t code) {
    frames(CR0_8);
    select();
    exchange(code);
    frames(CR0_16);
}

SPI_CODE uint32_t hal_bulk_read(uint8_t *dst, uint32_t len) {
    uint32_t sum = 0;
    uint32_t asked = len / 2;
    uint32_t left = asked;
    if (len & 1) {
        select();
        REG(SSPDR) = RBM << 8;
    } else {
        opcode(RBM);
    }
    for (uint32_t ahead = left < FIFO - 1 ? left : FIFO - 1; ahead != 0; ahead--, asked--) REG(SSPDR) = 0;
    if (len & 1) {
        while ((REG(SSPSR) & SSPSR_RNE) == 0) {}
        sum = REG(SSPDR) & 0xff;
        if (dst != 0) *dst++ = sum;
    }
    if (dst == 0) {
        for (; left != 0; left--) {
            while ((REG(SSPSR) & SSPSR_RNE) == 0) {}
            sum += REG(SSPDR);
            if (asked != 0) {
                REG(SSPDR) = 0;
                asked--;
            }
        }
    } else {
        for (; left != 0; left--) {
            while ((REG(SSPSR) & SSPSR_RNE) == 0) {}
            uint32_t word = REG(SSPDR);
            if (asked != 0) {
                REG(SSPDR) = 0;
                asked--;
            }
            sum += word;
            dst[0] = word >> 8; // by octets: the place in a ring may be odd
            dst[1] = word;
            dst += 2;
        }
    }
    deselect();
    sum = fold(sum);
    return len & 1 ? swap16(sum) : sum;
}

SPI_CODE uint32_t hal_bulk_write(const uint8_t *src, uint32_t len) {
    uint32_t sum = 0;
    uint32_t left = len / 2;
    uint32_t flying = 0; // frames whose answer waits or is to come
    if (len & 1) {
        sum = *src++;
        select();
        REG(SSPDR) = WBM << 8 | sum;
        flying = 1;
    } else {
        opcode(WBM);
    }
    for (; left != 0; left--) {
        uint32_t word = src[0] << 8 | src[1];
        src += 2;
        sum += word;
        if (flying == FIFO) {
            while ((REG(SSPSR) & SSPSR_RNE) == 0) {}
            (void)REG(SSPDR);
            flying--;
        }
        REG(SSPDR) = word;
        flying++;
    }
    for (; flying != 0; flying--) {
        while ((REG(SSPSR) & SSPSR_RNE) == 0) {}
        (void)REG(SSPDR);
    }
    deselect();
    sum = fold(sum);
    return len & 1 ? swap16(sum) : sum;
}

void hal_start(void) {
    REG(PADS_GPIO(PIN_CS)) = PAD_OUTPUT;
    REG(PADS_GPIO(PIN_RESET)) = PAD_OUTPUT;
    REG(PADS_GPIO(PIN_INT)) = PAD_INPUT_UP;
    SIO_GPIO_OUT_SET = 1u << PIN_CS | 1u << PIN_RESET;
    SIO_GPIO_OE_SET = 1u << PIN_CS | 1u << PIN_RESET;
    REG(GPIO_CTRL(PIN_CS)) = GPIO_FUNC_SIO;
    REG(GPIO_CTRL(PIN_RESET)) = GPIO_FUNC_SIO;
    REG(GPIO_CTRL(PIN_INT)) = GPIO_FUNC_SIO;
    static const uint8_t spi_pins[] = {16, 18, 19};
    for (uint32_t i = 0; i < sizeof spi_pins; i++) {
        REG(PADS_GPIO(spi_pins[i])) = PAD_OUTPUT;
        REG(GPIO_CTRL(spi_pins[i])) = GPIO_FUNC_SPI;
    }
    REG(SSPCPSR) = PRESCALE;
    frames(CR0_16);
    hal_reset_chip();
}

void hal_reset_chip(void) {
    SIO_GPIO_OUT_CLR = 1u << PIN_RESET;
    // A frame left over would be taken for the answer to the next, and so on for ever.
    while (REG(SSPSR) & SSPSR_RNE) (void)REG(SSPDR);
    uint32_t since = REG(TIMER_TIMERAWL);
    while (REG(TIMER_TIMERAWL) - since < 3) {} // t_RSTL 400 ns
    SIO_GPIO_OUT_SET = 1u << PIN_RESET;
}
