// SPDX-License-Identifier: MIT
// What the image says of itself, so that the emulator, the flash tool and the tests need nothing but the UF2. It lies
// behind the 48 words of the vector table, at 0x100001c0.
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>

struct image {
    char magic[8];                              // "sandwire", no zero
    uint32_t size;                              // octets of this structure
    const uint8_t *module;                      // the wasm, in flash
    uint32_t module_size;                       // octets
    const uint8_t *memory;                      // address 0 of its linear memory, in SRAM
    uint32_t memory_size;                       // octets
    const uint32_t *stack_bottom, *stack_top;   // the native stack; its guard is the 256 octets below
    const void *interpreter, *interpreter_end;  // code: operations of wasm3
    const void *spi, *spi_end;                  // code: the SPI path
    uint32_t address, netmask, gateway;         // in host order; gateway 0 = none
};

extern const struct image image;

#endif
