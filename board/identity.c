// SPDX-License-Identifier: MIT
// See identity.h. The unique id is read over the SSI by hand, as data sheet 4.10 allows while nothing executes in place;
// the ring oscillator's bit is described in 2.17.5: "not suitable" as it is, so it is tested and folded.

#include "identity.h"
#include "rp2040.h"

enum { READ_UNIQUE_ID = 0x4b, DUMMIES = 4, ID_OCTETS = 8 };

/**
 * One command to the flash chip, in place of the octets of `buffer` its answer. Execution in place is off meanwhile: this
 * lies in SRAM, calls nothing, and reads no constant from flash.
 */
__attribute__((section(".ramtext.flash"), noinline)) static void flash_command(uint8_t *buffer, uint32_t len) {
    uint32_t ctrlr0 = REG(SSI_CTRLR0);
    uint32_t select = REG(GPIO_QSPI_SS_CTRL);
    REG(SSI_SSIENR) = 0;
    REG(SSI_CTRLR0) = 7 << 16; // frames of 8 bits, both directions
    REG(SSI_SSIENR) = 1;
    REG(GPIO_QSPI_SS_CTRL) = select | OUTOVER_LOW;
    (void)REG(GPIO_QSPI_SS_CTRL); // has arrived, before the first clock
    for (uint32_t i = 0; i < len; i++) {
        while ((REG(SSI_SR) & SSI_SR_TFNF) == 0) {}
        REG(SSI_DR0) = buffer[i];
        while ((REG(SSI_SR) & SSI_SR_RFNE) == 0) {}
        buffer[i] = REG(SSI_DR0);
    }
    REG(GPIO_QSPI_SS_CTRL) = select | OUTOVER_HIGH;
    REG(SSI_SSIENR) = 0;
    REG(SSI_CTRLR0) = ctrlr0;
    REG(SSI_SSIENR) = 1;
    REG(GPIO_QSPI_SS_CTRL) = select;
}

struct mac identity_mac(void) {
    uint8_t buffer[1 + DUMMIES + ID_OCTETS] = {READ_UNIQUE_ID};
    flash_command(buffer, sizeof buffer);
    // FNV-1a: ids of one reel differ in few bits, and which ones is the maker's affair.
    uint64_t hash = 0xcbf29ce484222325u;
    bool is_unique = false;
    for (uint32_t i = 1 + DUMMIES; i < sizeof buffer; i++) {
        hash = (hash ^ buffer[i]) * 0x100000001b3u;
        // A chip that does not know the command leaves its output alone.
        if (buffer[i] != 0x00 && buffer[i] != 0xff) is_unique = true;
    }
    hash ^= hash >> 40;
    return (struct mac){.high = 0x0200 | (hash >> 32 & 0xff), .low = (uint32_t)hash, .is_unique = is_unique};
}

/** Raw bits per bit of the seed; they are added modulo 2. */
enum { FOLD = 32, SEED_BITS = 128, RAW_BITS = FOLD * SEED_BITS };
/** Between two raw bits the oscillator, at 2 to 12 MHz, is left alone for 10 us: 300 turns of 4 cycles. */
enum { PAUSE_TURNS = 300 };
/**
 * Health tests after NIST SP 800-90B 4.4 for a source with at least a tenth of a bit in each: a run of 256 equal bits, or
 * fewer than one in sixteen of ones, of zeros, of changes or of repetitions among the 4,096, would come of a good one in
 * less than 2^-25 of the boots.
 */
enum { LONGEST_RUN = 256, FEWEST = RAW_BITS / 16 };

static bool is_plausible(uint32_t count) {
    return count >= FEWEST && count <= RAW_BITS - FEWEST;
}

bool identity_seed(uint32_t seed[4]) {
    uint32_t ones = 0, changes = 0, run = 0, before = 0;
    for (uint32_t i = 0; i < SEED_BITS; i++) {
        uint32_t bit = 0;
        for (uint32_t k = 0; k < FOLD; k++) {
            const uint32_t raw = REG(ROSC_RANDOMBIT) & 1;
            ones += raw;
            changes += raw ^ before;
            run = raw == before ? run + 1 : 1;
            if (run >= LONGEST_RUN) return false;
            before = raw;
            bit ^= raw;
            for (uint32_t turns = PAUSE_TURNS; turns != 0; turns--) __asm volatile("");
        }
        seed[i / 32] = seed[i / 32] << 1 | bit;
    }
    return is_plausible(ones) && is_plausible(changes);
}
