// SPDX-License-Identifier: MIT
// How wasm3 is configured: included before everything else in each of its files, and by whoever includes its headers.
// SANDWIRE_MEMORY and SANDWIRE_HEAP, octets of linear memory and of wasm3's heap, come from the makefile.

#ifndef SANDWIRE_WASM3_CONFIG_H
#define SANDWIRE_WASM3_CONFIG_H

// The module has no floating point. Without it the second accumulator goes; an instruction that asks for it is an error
// when the module is compiled.
#define d_m3HasFloat 0

// No malloc in the firmware: wasm3's allocations lie one after the other in one array. It frees the last block only.
#define d_m3FixedHeap (SANDWIRE_HEAP)
#define d_m3FixedHeapAlign 4

// The declared pages of the linear memory; what is really there are SANDWIRE_MEMORY octets.
#ifndef d_m3MaxLinearMemoryPages
#define d_m3MaxLinearMemoryPages ((SANDWIRE_MEMORY + 65535) / 65536)
#endif

// Metacode comes in pages of so many octets. Each costs a header and a jump to the next; the last ones stay partly
// empty.
#ifndef d_m3CodePageAlignSize
#define d_m3CodePageAlignSize 1024
#endif

// The compiler's state, part of M3Runtime: values on the stack of one function, and constants that it keeps in slots
// (those above it are loaded where they are used). A function that needs more stack is an error when it is compiled.
#ifndef d_m3MaxFunctionStackHeight
#define d_m3MaxFunctionStackHeight 128
#endif
#ifndef d_m3MaxConstantTableSize
#define d_m3MaxConstantTableSize 64
#endif

// Smaller: no table of extended opcodes inside the table of opcodes, no formatted messages.
#define d_m3CascadedOpcodes 0
#define d_m3VerboseErrorMessages 0

#endif
