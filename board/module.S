// SPDX-License-Identifier: MIT
// The module, octet for octet: wasm3 uses it in place.

    .section .rodata.module, "a"
    .balign 4
    .global module_start, module_end, module_octets
module_start:
    .incbin MODULE
module_end:
    .set module_octets, module_end - module_start
