// SPDX-License-Identifier: MIT
// The module under wasm3: loaded once, compiled as a whole, then called. A trap does not come back: the board reboots
// with its reason.
#ifndef VM_H
#define VM_H

#include <stdint.h>

/** Functions of the module's ABI (assembly/index.ts) that the firmware calls. */
enum vm_function { VM_CONFIGURE, VM_SEED, VM_START, VM_POLL, VM_COUNTERS, VM_COUNTER_NAMES, VM_FUNCTIONS };

/** Octets of RAM by owner, as far as they are known only at run time. */
struct vm_usage {
    uint32_t heap, heap_used;
    /** Of the used: runtime with the stack of wasm, what parsing left, metacode. */
    uint32_t runtime, parsed, metacode;
};

/** Parse, link, compile. Reboots when that fails. */
struct vm_usage vm_load(const uint8_t *module, uint32_t size);

/** Call with `count` arguments; the result, 0 when there is none. */
uint32_t vm_call(enum vm_function function, uint32_t count, const uint32_t *arguments);

/** Linear memory from `address` on, checked for `len` octets. Null when it lies outside. */
const void *vm_memory(uint32_t address, uint32_t len);

#endif
