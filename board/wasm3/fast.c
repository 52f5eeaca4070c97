// SPDX-License-Identifier: MIT
// What the fast interpreter's operations leave to C, and whether they know wasm3's structures.

#include "layout.h"
#include "memory.h"
#include "operations.h"

_Static_assert(offsetof(m3_linear_memory_t, header.maxStack) == MEMORY_MAX_STACK, "M3MemoryHeader.maxStack");
_Static_assert(offsetof(m3_linear_memory_t, header.length) == MEMORY_LENGTH, "M3MemoryHeader.length");
_Static_assert(offsetof(m3_linear_memory_t, data) == MEMORY_DATA, "m3_linear_memory_t.data");
_Static_assert(offsetof(M3Function, funcType) == FUNCTION_TYPE, "M3Function.funcType");
_Static_assert(offsetof(M3Function, compiled) == FUNCTION_COMPILED, "M3Function.compiled");
_Static_assert(offsetof(M3Module, table0Size) - offsetof(M3Module, table0) == TABLE_SIZE, "M3Module.table0Size");
_Static_assert(offsetof(M3ImportContext, function) == 4, "M3ImportContext.function");

// The operand of Compile is a function: compile it if nobody has, and make a Call of the operation.
M3Result m3_resolve_call(code_t *io_operand) {
    IM3Function function = *io_operand;
    M3Result result = function->compiled ? m3Err_none : CompileFunction(function);
    if (!result) {
        io_operand[-1] = op_Call;
        *io_operand = (code_t)function->compiled;
    }
    return result;
}
