// SPDX-License-Identifier: MIT
// An image for the tests of the interpreter: the very objects of the firmware, and around them a few functions that the
// harness (test/interpreter/arm.ts) calls by setting the core's registers. Nothing is printed, no peripheral is touched,
// not even a clock: the harness reads the answers in memory. It finds all addresses in the descriptor behind the vectors.

#include <stdint.h>

#include "m3_env.h"
#include "m3_exec_defs.h"
#include "memory.h"
#include "wasm3.h"

enum {
    WASM_STACK = 8192, // octets
    MAX_VALUES = 32,   // parameters or results of one function
};

// Internal to wasm3: links an import by function, where the public call wants names and a signature.
M3Result CompileRawFunction(IM3Module module, IM3Function function, const void *callback, const void *userdata);

extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_bottom, stack_top, interpreter_start,
    interpreter_end;

static IM3Runtime runtime;
static IM3Module module;
/** The globals of the module, and how they lie. */
static const M3Global *globals;
/** Its functions, those that it imports before the others. */
static const M3Function *functions;
/** Arguments in, results out, 64 bits each. */
static uint64_t values[MAX_VALUES];
/** What the imported functions have heard. */
static uint32_t heard;

/** Where every call of the harness returns to, and where booting ends. */
__attribute__((naked, noreturn)) static void stop(void) {
    __asm volatile("b .\n");
}

static void hear(uint32_t word) {
    heard = (heard ^ word) * 0x01000193u;
}

// Every imported function: FNV-1a over its arguments, as Ear of test/interpreter/engine.ts has it.
m3ApiRawFunction(ear) {
    const M3FuncType *type = _ctx->function->funcType;
    for (uint32_t i = 0; i < type->numArgs; i++) {
        uint64_t argument = _sp[type->numRets + i];
        hear((uint32_t)argument);
        if (d_FuncArgType(type, i) == c_m3Type_i64) hear(argument >> 32);
    }
    if (type->numRets > 0) {
        bool is_wide = d_FuncRetType(type, 0) == c_m3Type_i64;
        _sp[0] = is_wide ? (uint64_t)heard << 32 | heard : heard;
    }
    m3ApiSuccess();
}

/** Null, or why not. Once after each boot. `limit` is in octets of linear memory, a multiple of 8. */
static M3Result load(const uint8_t *octets, uint32_t size, uint32_t limit) {
    heard = 0x811c9dc5u;
    IM3Environment environment = m3_NewEnvironment();
    runtime = environment ? m3_NewRuntime(environment, WASM_STACK, 0) : 0;
    if (!runtime) return m3Err_mallocFailed;
    runtime->memoryLimit = limit;
    M3Result failure = m3_ParseModule(environment, &module, octets, size);
    if (!failure) failure = m3_LoadModule(runtime, module);
    for (uint32_t i = 0; !failure && i < module->numFuncImports; i++) {
        failure = CompileRawFunction(module, &module->functions[i], ear, 0);
    }
    if (!failure) globals = module->globals;
    if (!failure) functions = module->functions;
    if (!failure) failure = m3_CompileModule(module);
    if (!failure) failure = m3_RunStart(module);
    return failure;
}

/** A function by its index, with `count` arguments of `values`; null and the results there, or the trap. */
static M3Result call(uint32_t index, uint32_t count) {
    IM3Function function = &module->functions[index];
    const void *pointers[MAX_VALUES];
    for (uint32_t i = 0; i < MAX_VALUES; i++) pointers[i] = &values[i];
    M3Result failure = m3_Call(function, count, pointers);
    if (failure) return failure;
    return m3_GetResults(function, m3_GetRetCount(function), pointers);
}

__attribute__((noreturn, used)) static void start(void) {
    for (uint32_t *to = &data_start, *from = &data_load; to < &data_end;) *to++ = *from++;
    for (uint32_t *to = &bss_start; to < &bss_end;) *to++ = 0;
    stop();
}

__attribute__((naked, noreturn)) static void reset(void) {
    __asm volatile("bl start\n");
}

__attribute__((section(".boot2"), used)) static const uint32_t no_second_stage = 0;

__attribute__((section(".vectors"), used)) static const void *const vectors[48] = {&stack_top, reset};

__attribute__((section(".image"), used)) static const struct {
    char magic[8];
    const void *load, *call, *stop;
    uint64_t *values;
    uint32_t *heard;
    const uint8_t *memory;
    uint32_t memory_size;
    const void *stack_bottom, *stack_top;
    const void *interpreter, *interpreter_end;
    uint32_t heap_size;
    const void *heap_used;
    const M3Global **globals;
    uint32_t global_size, global_value;
    const M3Function **functions;
    uint32_t function_size, function_slots;
} descriptor = {
    "vm-test", load, call, stop, values, &heard, m3_linear_memory.data, SANDWIRE_MEMORY,
    &stack_bottom, &stack_top, &interpreter_start, &interpreter_end, SANDWIRE_HEAP, m3_heap_used,
    &globals, sizeof(M3Global), offsetof(M3Global, i64Value),
    &functions, sizeof(M3Function), offsetof(M3Function, maxStackSlots),
};

// What newlib asks for and nothing calls: wasm3 is built without malloc and without printing.
void _exit(int code) {
    (void)code;
    for (;;) {}
}
void *_sbrk(int octets) {
    (void)octets;
    return (void *)-1;
}
