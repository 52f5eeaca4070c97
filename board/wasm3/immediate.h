// SPDX-License-Identifier: MIT
// Operations that have a constant for an operand (constants.h). Part of m3_compile.c. Each function says in `o_done`
// whether it has compiled the instruction; if not, nothing is changed.

#ifndef SANDWIRE_WASM3_IMMEDIATE_H
#define SANDWIRE_WASM3_IMMEDIATE_H

#include "memory.h"

enum {
    I32_LOAD = 0x28,
    I32_LOAD8_U = 0x2d,
    I32_LOAD16_U = 0x2f,
    I32_STORE = 0x36,
    I32_STORE8 = 0x3a,
    I32_STORE16 = 0x3b,
};

/** The slot under the top of the stack. */
static u16 GetStackTopMinus1SlotNumber(IM3Compilation o) {
    i16 i = GetStackTopIndex(o) - 1;
    return i >= 0 ? GetSlotForStackIndex(o, i) : c_slotUnused;
}

/** An operation on i32 with two operands, the second a constant that is known. */
static M3Result Compile_WithConstant(IM3Compilation o, m3opcode_t i_opcode, bool *o_done) {
    M3Result result = m3Err_none;
    u32 k;
    *o_done = false;
    if (!IsConstant(o, GetStackTopSlotNumber(o), &k)) return result;

    IM3Operation operations[2]; // with the first operand in the accumulator, in a slot
    bool isSigned = false;      // how the half of a word is taken that holds the constant
#define USE(NAME) (operations[0] = op_##NAME##_rk, operations[1] = op_##NAME##_sk)
    switch (i_opcode) {
    case 0x46: USE(i32_Equal), isSigned = true; break;
    case 0x47: USE(i32_NotEqual), isSigned = true; break;
    case 0x48: USE(i32_LessThan), isSigned = true; break;
    case 0x49: USE(u32_LessThan); break;
    case 0x4a: // x > k is x >= k + 1
        if (k++ == INT32_MAX) return result;
        USE(i32_GreaterThanOrEqual), isSigned = true;
        break;
    case 0x4b:
        if (k++ == UINT32_MAX) return result;
        USE(u32_GreaterThanOrEqual);
        break;
    case 0x4c: // x <= k is x < k + 1
        if (k++ == INT32_MAX) return result;
        USE(i32_LessThan), isSigned = true;
        break;
    case 0x4d:
        if (k++ == UINT32_MAX) return result;
        USE(u32_LessThan);
        break;
    case 0x4e: USE(i32_GreaterThanOrEqual), isSigned = true; break;
    case 0x4f: USE(u32_GreaterThanOrEqual); break;
    case 0x6a: USE(i32_Add), isSigned = true; break;
    case 0x6b: USE(i32_Add), isSigned = true, k = -k; break;
    case 0x6c: USE(i32_Multiply), isSigned = true; break;
    case 0x71: USE(u32_And); break;
    case 0x72: USE(u32_Or); break;
    case 0x73: USE(u32_Xor), isSigned = true; break;
    case 0x74: USE(u32_ShiftLeft), k &= 31; break;
    case 0x75: USE(i32_ShiftRight), k &= 31; break;
    case 0x76: USE(u32_ShiftRight), k &= 31; break;
    case 0x77: USE(u32_Rotr), k = -k & 31; break;
    case 0x78: USE(u32_Rotr), k &= 31; break;
    default: return result;
    }
#undef USE

    if (IsStackTopMinus1InRegister(o)) {
_       (EmitOp(o, operations[0]));
_       (Pop(o));
_       (Pop(o));
        EmitConstant32(o, k);
    } else {
        bool fits = isSigned ? (i32)k == (i16)k : k <= UINT16_MAX;
        if (!fits) return result;
_       (PreserveRegisterIfOccupied(o, c_m3Type_i32));
_       (EmitOp(o, operations[1]));
_       (Pop(o));
_       (EmitSlotNumOfStackTopAndPop(o));
        EmitHalf(o, k);
    }
_   (PushRegister(o, c_m3Type_i32));
    *o_done = true;

    _catch: return result;
}

/** A load from a constant place where it is aligned. `i_bound` is the largest base that is within bounds. */
static M3Result Compile_LoadAtConstant(IM3Compilation o, m3opcode_t i_opcode, u32 i_offset, u32 i_bound,
                                       bool *o_done) {
    M3Result result = m3Err_none;
    u32 base;
    *o_done = false;
    IM3Operation operation;
    u32 size;
    switch (i_opcode) {
    case I32_LOAD: operation = op_i32_Load_i32_k, size = 4; break;
    case I32_LOAD16_U: operation = op_i32_Load_u16_k, size = 2; break;
    case I32_LOAD8_U: operation = op_i32_Load_u8_k, size = 1; break;
    default: return result;
    }
    if (!IsConstant(o, GetStackTopSlotNumber(o), &base)) return result;
    if (base > i_bound || (base + i_offset) % size) return result;

_   (PreserveRegisterIfOccupied(o, c_m3Type_i32));
_   (EmitOp(o, operation));
_   (Pop(o));
    EmitPointer(o, m3_linear_memory.data + base + i_offset);
_   (PushRegister(o, c_m3Type_i32));
    *o_done = true;

    _catch: return result;
}

/** A store of an i32 or part of it to a constant place where it is aligned, or of a constant. */
static M3Result Compile_StoreWithConstant(IM3Compilation o, m3opcode_t i_opcode, u32 i_offset, u32 i_bound,
                                          bool *o_done) {
    M3Result result = m3Err_none;
    *o_done = false;
    // Base and value: in the accumulator, in a slot, constant.
    enum { RK, SK, KR, KS, KK };
#define FORMS(NAME) {op_##NAME##_rk, op_##NAME##_sk, op_##NAME##_kr, op_##NAME##_ks, op_##NAME##_kk}
    static const IM3Operation words[] = FORMS(i32_Store_i32);
    static const IM3Operation halfwords[] = FORMS(i32_Store_i16);
    static const IM3Operation octets[] = FORMS(i32_Store_u8);
#undef FORMS
    const IM3Operation *operations;
    u32 size;
    switch (i_opcode) {
    case I32_STORE: operations = words, size = 4; break;
    case I32_STORE16: operations = halfwords, size = 2; break;
    case I32_STORE8: operations = octets, size = 1; break;
    default: return result;
    }
    u32 base, value;
    bool isConstant = IsConstant(o, GetStackTopSlotNumber(o), &value);
    bool isInRegister = IsStackTopInRegister(o);

    if (IsConstant(o, GetStackTopMinus1SlotNumber(o), &base) && base <= i_bound && (base + i_offset) % size == 0) {
_       (EmitOp(o, operations[isConstant ? KK : isInRegister ? KR : KS]));
        EmitPointer(o, m3_linear_memory.data + base + i_offset);
        if (isConstant) EmitConstant32(o, value);
        else if (!isInRegister) EmitSlotOffset(o, GetStackTopSlotNumber(o));
_       (Pop(o));
_       (Pop(o));
    } else if (isConstant && IsStackTopMinus1InRegister(o)) {
_       (EmitOp(o, operations[RK]));
        EmitConstant32(o, i_bound);
        EmitConstant32(o, value);
_       (Pop(o));
_       (Pop(o));
    } else if (isConstant && i_bound <= UINT16_MAX) {
_       (PreserveRegisterIfOccupied(o, c_m3Type_i32));
_       (EmitOp(o, operations[SK]));
_       (Pop(o));
_       (EmitSlotNumOfStackTopAndPop(o));
        EmitHalf(o, i_bound);
        EmitConstant32(o, value);
    } else return result;
    *o_done = true;

    _catch: return result;
}

/** Octets that a load or store of wasm moves. */
static u32 SizeOfAccess(m3opcode_t i_opcode) {
    static const u8 sizes[] = {4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4};
    return sizes[i_opcode - I32_LOAD];
}

/** A load or store: access.S says what becomes of its offset. */
static M3Result Compile_Access(IM3Compilation o, m3opcode_t i_opcode, u32 i_offset) {
    M3Result result = m3Err_none;
    u32 size = SizeOfAccess(i_opcode);
    size_t length = o->runtime->memory.mallocated ? o->runtime->memory.mallocated->length : 0;
    bool fits = length >= size && i_offset <= length - size;
    u32 bound = fits ? length - size - i_offset : 0;
    bool isStore = i_opcode >= I32_STORE;

    if (fits) {
        bool isDone;
_       ((isStore ? Compile_StoreWithConstant : Compile_LoadAtConstant)(o, i_opcode, i_offset, bound, &isDone));
        if (isDone) return result;
    } else {
_       (EmitOp(o, op_OutOfBounds));
    }
    // Half a word has no room for the bound: forms that give it a word.
    if (bound > UINT16_MAX && isStore) {
_       (PreserveRegisterIfOccupied(o, c_m3Type_i64));
    } else if (bound > UINT16_MAX) {
_       (CopyStackTopToRegister(o, true));
    }
_   (Compile_Operator(o, i_opcode));
    if (o->halfWord) EmitHalf(o, bound);
    else EmitConstant32(o, bound);

    _catch: return result;
}

#endif
