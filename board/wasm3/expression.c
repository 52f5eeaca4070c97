// SPDX-License-Identifier: MIT
// Constant expressions: where globals and segments begin. wasm3 compiles and runs them, for which it keeps a second
// runtime; but they are one constant or one global, and this reads them. In the place of wasm3's two functions.

#include "m3_env.h"
#include "m3_exception.h"

M3Result EvaluateExpression(IM3Module i_module, void *o_expressed, u8 i_type, bytes_t *io_bytes, cbytes_t i_end);
M3Result Parse_InitExpr(M3Module *i_module, bytes_t *io_bytes, cbytes_t i_end);

/** One expression from `io_bytes` on: its value and type. Globals count as zero if the module has none yet. */
static M3Result Read_Expression(IM3Module i_module, u64 *o_value, u8 *o_type, bytes_t *io_bytes, cbytes_t i_end) {
    u8 opcode;
_try {
    *o_value = 0;
    *o_type = c_m3Type_none;
    for (;;) {
_       (Read_u8(&opcode, io_bytes, i_end));
        if (opcode == c_waOp_end) return result;
        _throwif(m3Err_typeCountMismatch, *o_type != c_m3Type_none);
        if (opcode == c_waOp_i32_const) {
            i32 value;
_           (ReadLEB_i32(&value, io_bytes, i_end));
            *o_value = (u32)value;
            *o_type = c_m3Type_i32;
        } else if (opcode == c_waOp_i64_const) {
_           (ReadLEB_i64((i64 *)o_value, io_bytes, i_end));
            *o_type = c_m3Type_i64;
        } else if (opcode == c_waOp_getGlobal) {
            u32 index;
_           (ReadLEB_u32(&index, io_bytes, i_end));
            _throwif(m3Err_globaIndexOutOfBounds, index >= i_module->numGlobals);
            *o_value = (u64)i_module->globals[index].i64Value;
            *o_type = i_module->globals[index].type;
        } else {
            _throw(m3Err_restrictedOpcode);
        }
    }
} _catch:
    return result;
}

M3Result EvaluateExpression(IM3Module i_module, void *o_expressed, u8 i_type, bytes_t *io_bytes, cbytes_t i_end) {
    u64 value;
    u8 type;
_try {
_   (Read_Expression(i_module, &value, &type, io_bytes, i_end));
    _throwif(m3Err_typeMismatch, type != i_type);
    memcpy(o_expressed, &value, SizeOfType(type));
} _catch:
    return result;
}

M3Result Parse_InitExpr(M3Module *i_module, bytes_t *io_bytes, cbytes_t i_end) {
    u64 value;
    u8 type;
    return Read_Expression(i_module, &value, &type, io_bytes, i_end);
}
