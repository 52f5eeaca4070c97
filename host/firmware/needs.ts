// SPDX-License-Identifier: MIT
// How much RAM the interpreter gets on the board, octets: what was measured, and some air where there is any.

/**
 * HEAP holds what the interpreter makes of the module; the board's log says what of it is taken. That of `fast` has 60 octets of
 * air, and 64 more would be all: 64 KB of RAM are to stay free (test/firmware/image.test.ts). A module that needs more has to
 * give elsewhere.
 *
 * WASM_STACK holds wasm's locals and operands; test/firmware/wasm-stack.test.ts computes the deepest path of calls.
 *
 * STACK is the native one. The fast interpreter needs it for compiling, which goes as deep as the module's blocks; stock
 * wasm3 nests a C frame for every operation.
 */
export const NEEDS = {
  fast: { HEAP: 124_672, WASM_STACK: 2304, STACK: 6 * 1024 },
  stock: { HEAP: 152 * 1024, WASM_STACK: 3072, STACK: 24 * 1024 },
} as const;
