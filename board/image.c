// SPDX-License-Identifier: MIT
// The descriptor of image.h: values that the linker knows, and the addresses, which the build sets in host order.

#include "image.h"

#include "memory.h"

extern const uint8_t module_start[];
extern const uint8_t module_octets[]; // an absolute symbol
extern const uint32_t stack_bottom, stack_top;
extern const uint8_t interpreter_start[], interpreter_end[], spi_start[], spi_end[];

__attribute__((section(".image"), used)) const struct image image = {
    .magic = {'s', 'a', 'n', 'd', 'w', 'i', 'r', 'e'},
    .size = sizeof image,
    .module = module_start,
    .module_size = (uint32_t)module_octets,
    .memory = m3_linear_memory.data,
    .memory_size = SANDWIRE_MEMORY,
    .stack_bottom = &stack_bottom,
    .stack_top = &stack_top,
    .interpreter = interpreter_start,
    .interpreter_end = interpreter_end,
    .spi = spi_start,
    .spi_end = spi_end,
    .address = ADDRESS,
    .netmask = NETMASK,
    .gateway = GATEWAY,
};
