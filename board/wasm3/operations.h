// SPDX-License-Identifier: MIT
// The operations of the fast interpreter, as wasm3's compiler names them. They stand in assembler (*.S); C takes their
// addresses only. Included in the place of m3_exec.h.

#ifndef SANDWIRE_WASM3_OPERATIONS_H
#define SANDWIRE_WASM3_OPERATIONS_H

#include "m3_env.h"

#define OPERATION(NAME) m3ret_t op_##NAME(d_m3OpSig);
#define BINARY(NAME) OPERATION(NAME##_rs) OPERATION(NAME##_sr) OPERATION(NAME##_ss)
#define COMMUTATIVE(NAME) OPERATION(NAME##_rs) OPERATION(NAME##_ss)
#define UNARY(NAME) OPERATION(NAME##_r) OPERATION(NAME##_s)
#define SELECT(NAME) OPERATION(NAME##_rss) OPERATION(NAME##_srs) OPERATION(NAME##_ssr) OPERATION(NAME##_sss)

#define COMPARISONS(TYPE)                                                                                              \
    BINARY(TYPE##_LessThan)                                                                                            \
    BINARY(TYPE##_GreaterThan) BINARY(TYPE##_LessThanOrEqual) BINARY(TYPE##_GreaterThanOrEqual)
#define SIGNED(TYPE)                                                                                                   \
    COMMUTATIVE(TYPE##_Equal)                                                                                          \
    COMMUTATIVE(TYPE##_NotEqual) COMMUTATIVE(TYPE##_Add) COMMUTATIVE(TYPE##_Multiply) BINARY(TYPE##_Subtract)          \
    BINARY(TYPE##_ShiftRight) BINARY(TYPE##_Divide) BINARY(TYPE##_Remainder) UNARY(TYPE##_EqualToZero)                 \
    UNARY(TYPE##_Extend8_s) UNARY(TYPE##_Extend16_s) COMPARISONS(TYPE)
#define UNSIGNED(TYPE)                                                                                                 \
    COMMUTATIVE(TYPE##_And)                                                                                            \
    COMMUTATIVE(TYPE##_Or) COMMUTATIVE(TYPE##_Xor) BINARY(TYPE##_ShiftLeft) BINARY(TYPE##_ShiftRight)                  \
    BINARY(TYPE##_Rotl) BINARY(TYPE##_Rotr) BINARY(TYPE##_Divide) BINARY(TYPE##_Remainder) UNARY(TYPE##_Clz)           \
    UNARY(TYPE##_Ctz) UNARY(TYPE##_Popcnt) COMPARISONS(TYPE)

SIGNED(i32)
UNSIGNED(u32)
SIGNED(i64)
UNSIGNED(u64)
UNARY(i64_Extend32_s)
UNARY(i64_Extend_i32)
UNARY(i64_Extend_u32)
UNARY(i32_Wrap_i64)

UNARY(i32_Load_i8)
UNARY(i32_Load_u8)
UNARY(i32_Load_i16)
UNARY(i32_Load_u16)
UNARY(i32_Load_i32)
UNARY(i64_Load_i8)
UNARY(i64_Load_u8)
UNARY(i64_Load_i16)
UNARY(i64_Load_u16)
UNARY(i64_Load_i32)
UNARY(i64_Load_u32)
UNARY(i64_Load_i64)
BINARY(i32_Store_u8)
BINARY(i32_Store_i16)
BINARY(i32_Store_i32)
BINARY(i64_Store_u8)
BINARY(i64_Store_i16)
BINARY(i64_Store_i32)
BINARY(i64_Store_i64)
OPERATION(MemSize)
OPERATION(MemGrow)
OPERATION(MemCopy)
OPERATION(MemFill)
OPERATION(OutOfBounds)

OPERATION(SetRegister_i32)
OPERATION(SetRegister_i64)
OPERATION(SetSlot_i32)
OPERATION(SetSlot_i64)
OPERATION(PreserveSetSlot_i32)
OPERATION(PreserveSetSlot_i64)
OPERATION(CopySlot_32)
OPERATION(CopySlot_64)
OPERATION(PreserveCopySlot_32)
OPERATION(PreserveCopySlot_64)
OPERATION(Const32)
OPERATION(Const64)
OPERATION(GetGlobal_s32)
OPERATION(GetGlobal_s64)
OPERATION(SetGlobal_i32)
OPERATION(SetGlobal_i64)
OPERATION(SetGlobal_s32)
OPERATION(SetGlobal_s64)
SELECT(Select_i32)
SELECT(Select_i64)

// Those that wasm3 does not have: constants for operands, and operations that are two of wasm3's.

#define CONSTANT(NAME) OPERATION(NAME##_rk) OPERATION(NAME##_sk)
CONSTANT(i32_Add)
CONSTANT(i32_Multiply)
CONSTANT(u32_And)
CONSTANT(u32_Or)
CONSTANT(u32_Xor)
CONSTANT(u32_ShiftLeft)
CONSTANT(u32_ShiftRight)
CONSTANT(i32_ShiftRight)
CONSTANT(u32_Rotr)
CONSTANT(i32_Equal)
CONSTANT(i32_NotEqual)
CONSTANT(i32_LessThan)
CONSTANT(i32_GreaterThanOrEqual)
CONSTANT(u32_LessThan)
CONSTANT(u32_GreaterThanOrEqual)

OPERATION(i32_Load_u8_k)
OPERATION(i32_Load_u16_k)
OPERATION(i32_Load_i32_k)
#define STORE_CONSTANT(NAME)                                                                                           \
    CONSTANT(NAME) OPERATION(NAME##_kr) OPERATION(NAME##_ks) OPERATION(NAME##_kk)
STORE_CONSTANT(i32_Store_u8)
STORE_CONSTANT(i32_Store_i16)
STORE_CONSTANT(i32_Store_i32)

OPERATION(SetSlot_k)
OPERATION(i32_Add_rs_set)
OPERATION(i32_Add_ss_set)
OPERATION(i32_Add_sk_set)
OPERATION(i32_Add_rk_set)
OPERATION(u32_And_rk_set)
OPERATION(Select_i32_rss_set)
OPERATION(i32_Load_i32_s_set)
OPERATION(i32_Load_i32_k_set)
OPERATION(CopySlot_32_2)
OPERATION(CopySlot_32_3)
OPERATION(CopySlot_32_4)

#define BRANCH(CONDITION) OPERATION(Branch_##CONDITION##_sr) OPERATION(Branch_##CONDITION##_ss)
#define BRANCH_CONSTANT(CONDITION) BRANCH(CONDITION) CONSTANT(Branch_##CONDITION)
BRANCH_CONSTANT(eq)
BRANCH_CONSTANT(ne)
BRANCH_CONSTANT(lt)
BRANCH_CONSTANT(ge)
BRANCH_CONSTANT(lo)
BRANCH_CONSTANT(hs)
BRANCH(gt)
BRANCH(le)
BRANCH(hi)
BRANCH(ls)
COMMUTATIVE(Branch_test_eq)
CONSTANT(Branch_test_eq)
COMMUTATIVE(Branch_test_ne)
CONSTANT(Branch_test_ne)

OPERATION(Branch)
UNARY(BranchIf)
UNARY(BranchIfPrologue)
UNARY(If)
OPERATION(BranchTable)
OPERATION(Loop)
OPERATION(ContinueLoop)
OPERATION(ContinueLoopIf)
OPERATION(Call)
OPERATION(CallIndirect)
OPERATION(CallRawFunction)
OPERATION(Compile)
OPERATION(Entry)
OPERATION(Return)
OPERATION(Unreachable)
OPERATION(Unsupported)

#endif
