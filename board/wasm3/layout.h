// SPDX-License-Identifier: MIT
// Where the operations find what they need in wasm3's structures; memory.c checks it. For assembler and C.

#ifndef SANDWIRE_WASM3_LAYOUT_H
#define SANDWIRE_WASM3_LAYOUT_H

// m3_linear_memory_t
#define MEMORY_MAX_STACK 8
#define MEMORY_LENGTH 12
#define MEMORY_DATA 16

// M3Function
#define FUNCTION_TYPE 40
#define FUNCTION_COMPILED 44

// M3Module, from table0 on
#define TABLE_ENTRIES 0
#define TABLE_SIZE 4

#endif
