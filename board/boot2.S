// SPDX-License-Identifier: MIT
// Second stage, RP2040 data sheet 2.8.1.3.1: the boot ROM has copied these 256 octets to 0x20041f00 and proved their CRC,
// which the build appends. Puts the SSI into execute-in-place with the plain serial read 03h, which every flash chip
// knows, and enters the image at its vector table. Position-independent, no stack.

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .section .boot2, "ax"

    ldr  r0, =0x18000000    // XIP_SSI
    movs r1, #0
    str  r1, [r0, #0x08]    // SSIENR: off, so that it can be set
    movs r1, #4
    str  r1, [r0, #0x14]    // BAUDR: clk_sys / 4. 03h is good for 50 MHz on the slowest chip; 120 MHz / 4 = 30 MHz
    ldr  r1, =0x001f0300
    str  r1, [r0, #0x00]    // CTRLR0: 32-bit frames, EEPROM read mode (03h, address, data), standard SPI
    ldr  r1, =0x03000218
    movs r2, #0xf4
    str  r1, [r0, r2]       // SPI_CTRLR0: command 03h of 8 bits, 24 bits of address
    movs r1, #0
    str  r1, [r0, #0x04]    // CTRLR1: one frame a read
    movs r1, #1
    str  r1, [r0, #0x08]    // SSIENR: on; 0x10000000 is readable from here on
    ldr  r0, =0x10000100
    ldr  r1, =0xe000ed08    // VTOR
    str  r0, [r1]
    ldmia r0!, {r2, r3}     // initial stack pointer, reset vector
    msr  msp, r2
    bx   r3
    .ltorg
