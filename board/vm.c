// SPDX-License-Identifier: MIT
// See vm.h. wasm3 trusts what it is given, so the build has V8 validate the module, and every pointer that the module
// hands to the bus is checked here.

#include "vm.h"
#include "hal.h"
#include "startup.h"

#include "m3_env.h"
#include "memory.h"
#include "wasm3.h"

/** Octets of the longest bulk transfer, assembly/hal.ts. */
enum { MAX_BULK = 1536 };

static const char *const names[VM_FUNCTIONS] = {
    "configure", "seed", "start", "poll", "counters", "counterNames",
};

static IM3Runtime runtime;
static IM3Function functions[VM_FUNCTIONS];

m3ApiRawFunction(command) {
    m3ApiReturnType(uint32_t);
    m3ApiGetArg(uint32_t, octets);
    m3ApiGetArg(uint32_t, count);
    if (count < 1 || count > 4) m3ApiTrap("hal.command: 1 to 4 octets");
    m3ApiReturn(hal_command(octets, count));
}

m3ApiRawFunction(bulk_read) {
    m3ApiReturnType(uint32_t);
    m3ApiGetArgMem(uint8_t *, dst);
    m3ApiGetArg(uint32_t, len);
    m3ApiCheckMem(dst, len);
    if (len < 1 || len > MAX_BULK) m3ApiTrap("hal.bulkRead: 1 to 1536 octets");
    bool is_stored = dst != m3ApiOffsetToPtr(0);
    m3ApiReturn(hal_bulk_read(is_stored ? dst : 0, len));
}

m3ApiRawFunction(bulk_write) {
    m3ApiReturnType(uint32_t);
    m3ApiGetArgMem(const uint8_t *, src);
    m3ApiGetArg(uint32_t, len);
    m3ApiCheckMem(src, len);
    if (len < 1 || len > MAX_BULK) m3ApiTrap("hal.bulkWrite: 1 to 1536 octets");
    m3ApiReturn(hal_bulk_write(src, len));
}

static void expect(M3Result result) {
    if (result) reboot(REBOOT_NO_START, (uint32_t)result);
}

struct vm_usage vm_load(const uint8_t *module_octets, uint32_t size) {
    struct vm_usage usage = {.heap = d_m3FixedHeap};
    IM3Environment environment = m3_NewEnvironment();
    runtime = m3_NewRuntime(environment, WASM_STACK, 0);
    if (!runtime) expect(m3Err_mallocFailed);
    runtime->memoryLimit = SANDWIRE_MEMORY;
    usage.runtime = m3_heap_used();
    IM3Module module;
    expect(m3_ParseModule(environment, &module, module_octets, size));
    expect(m3_LoadModule(runtime, module));
    expect(m3_LinkRawFunction(module, "hal", "command", "i(ii)", command));
    expect(m3_LinkRawFunction(module, "hal", "bulkRead", "i(*i)", bulk_read));
    expect(m3_LinkRawFunction(module, "hal", "bulkWrite", "i(*i)", bulk_write));
    usage.parsed = m3_heap_used() - usage.runtime;
    // Compiling at the first call would make RAM depend on the path taken.
    expect(m3_CompileModule(module));
    for (uint32_t i = 0; i < VM_FUNCTIONS; i++) expect(m3_FindFunction(&functions[i], runtime, names[i]));
    usage.heap_used = m3_heap_used();
    usage.metacode = usage.heap_used - usage.runtime - usage.parsed;
    return usage;
}

uint32_t vm_call(enum vm_function function, uint32_t count, const uint32_t *arguments) {
    const void *pointers[5];
    for (uint32_t i = 0; i < count; i++) pointers[i] = &arguments[i];
    M3Result trap = m3_Call(functions[function], count, pointers);
    if (trap) reboot(REBOOT_TRAP, (uint32_t)trap);
    uint32_t result = 0;
    const void *results[] = {&result};
    if (m3_GetRetCount(functions[function]) == 1) m3_GetResults(functions[function], 1, results);
    return result;
}

const void *vm_memory(uint32_t address, uint32_t len) {
    return address <= SANDWIRE_MEMORY && len <= SANDWIRE_MEMORY - address ? m3_linear_memory.data + address : 0;
}
