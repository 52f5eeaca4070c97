// SPDX-License-Identifier: MIT
// Two operations as one, where the second follows the first and nothing jumps between them: a comparison and its
// branch, its negation, a result and the slot for it, copies in a row. Part of m3_compile.c; `lastOperation` is null
// where a jump may land.

#ifndef SANDWIRE_WASM3_FUSION_H
#define SANDWIRE_WASM3_FUSION_H

#include "operations.h"

typedef struct {
    IM3Operation first;
    IM3Operation when;     // instead of first and BranchIf_r
    IM3Operation unless;   // instead of first and If_r
    IM3Operation opposite; // instead of first and EqualToZero_r
} Fusion;

#define OPERANDS(NAME, ON, OFF, OPPOSITE, FORM, BRANCH_FORM)                                                           \
    {op_##NAME##_##FORM, op_Branch_##ON##_##BRANCH_FORM, op_Branch_##OFF##_##BRANCH_FORM, op_##OPPOSITE##_##FORM},

// `ON` and `OFF` are the core's conditions; the accumulator is the first operand of a branch, so _rs takes the
// conditions that hold with operands exchanged.
#define COMPARE(NAME, ON, OFF, OPPOSITE, EXCHANGED_ON, EXCHANGED_OFF)                                                  \
    OPERANDS(NAME, ON, OFF, OPPOSITE, ss, ss) OPERANDS(NAME, EXCHANGED_ON, EXCHANGED_OFF, OPPOSITE, rs, sr)
#define COMPARE_SR(NAME, ON, OFF, OPPOSITE) OPERANDS(NAME, ON, OFF, OPPOSITE, sr, sr)
#define COMPARE_CONSTANT(NAME, ON, OFF, OPPOSITE)                                                                      \
    OPERANDS(NAME, ON, OFF, OPPOSITE, rk, rk) OPERANDS(NAME, ON, OFF, OPPOSITE, sk, sk)
#define ORDER(NAME, ON, OFF, OPPOSITE, EXCHANGED_ON, EXCHANGED_OFF)                                                    \
    COMPARE(NAME, ON, OFF, OPPOSITE, EXCHANGED_ON, EXCHANGED_OFF) COMPARE_SR(NAME, ON, OFF, OPPOSITE)
#define TEST(FORM) {op_u32_And_##FORM, op_Branch_test_ne_##FORM, op_Branch_test_eq_##FORM, NULL},

static const Fusion c_fusions[] = {
    COMPARE(i32_Equal, eq, ne, i32_NotEqual, eq, ne)
    COMPARE(i32_NotEqual, ne, eq, i32_Equal, ne, eq)
    ORDER(i32_LessThan, lt, ge, i32_GreaterThanOrEqual, gt, le)
    ORDER(i32_GreaterThan, gt, le, i32_LessThanOrEqual, lt, ge)
    ORDER(i32_LessThanOrEqual, le, gt, i32_GreaterThan, ge, lt)
    ORDER(i32_GreaterThanOrEqual, ge, lt, i32_LessThan, le, gt)
    ORDER(u32_LessThan, lo, hs, u32_GreaterThanOrEqual, hi, ls)
    ORDER(u32_GreaterThan, hi, ls, u32_LessThanOrEqual, lo, hs)
    ORDER(u32_LessThanOrEqual, ls, hi, u32_GreaterThan, hs, lo)
    ORDER(u32_GreaterThanOrEqual, hs, lo, u32_LessThan, ls, hi)
    COMPARE_CONSTANT(i32_Equal, eq, ne, i32_NotEqual)
    COMPARE_CONSTANT(i32_NotEqual, ne, eq, i32_Equal)
    COMPARE_CONSTANT(i32_LessThan, lt, ge, i32_GreaterThanOrEqual)
    COMPARE_CONSTANT(i32_GreaterThanOrEqual, ge, lt, i32_LessThan)
    COMPARE_CONSTANT(u32_LessThan, lo, hs, u32_GreaterThanOrEqual)
    COMPARE_CONSTANT(u32_GreaterThanOrEqual, hs, lo, u32_LessThan)
    TEST(rs) TEST(ss) TEST(rk) TEST(sk)
    {op_i32_EqualToZero_r, op_If_r, op_BranchIf_r, NULL},
    {op_i32_EqualToZero_s, op_If_s, op_BranchIf_s, NULL},
};

// Pairs: an operation and what becomes of it.
static const IM3Operation c_withSetSlot[][2] = {
    {op_i32_Load_i32_s, op_i32_Load_i32_s_set},
    {op_i32_Load_i32_k, op_i32_Load_i32_k_set},
    {op_i32_Add_sk, op_i32_Add_sk_set},
    {op_i32_Add_rk, op_i32_Add_rk_set},
    {op_i32_Add_rs, op_i32_Add_rs_set},
    {op_i32_Add_ss, op_i32_Add_ss_set},
    {op_u32_And_rk, op_u32_And_rk_set},
    {op_Select_i32_rss, op_Select_i32_rss_set},
};
static const IM3Operation c_withCopySlot[][2] = {
    {op_CopySlot_32, op_CopySlot_32_2},
    {op_CopySlot_32_2, op_CopySlot_32_3},
    {op_CopySlot_32_3, op_CopySlot_32_4},
};

static IM3Operation FindPair(const IM3Operation pairs[][2], u32 count, IM3Operation first) {
    for (u32 i = 0; i < count; i++) {
        if (pairs[i][0] == first) return pairs[i][1];
    }
    return NULL;
}

/** What `first` and `second` are in one, or null. */
static IM3Operation FusionOf(IM3Operation first, IM3Operation second) {
    if (second == op_SetSlot_i32) return FindPair(c_withSetSlot, M3_COUNT_OF(c_withSetSlot), first);
    if (second == op_CopySlot_32) return FindPair(c_withCopySlot, M3_COUNT_OF(c_withCopySlot), first);
    bool when = second == op_BranchIf_r || second == op_ContinueLoopIf;
    bool unless = second == op_If_r || second == op_BranchIfPrologue_r;
    bool opposite = second == op_i32_EqualToZero_r;
    if (!when && !unless && !opposite) return NULL;
    for (u32 i = 0; i < M3_COUNT_OF(c_fusions); i++) {
        const Fusion *fusion = &c_fusions[i];
        if (fusion->first == first) return when ? fusion->when : unless ? fusion->unless : fusion->opposite;
    }
    return NULL;
}

/** Whether the last operation has become both; the operands of the second follow, the first maybe in half a word. */
static bool FuseWithLast(IM3Compilation o, IM3Operation second) {
    code_t *last = o->lastOperation;
    if (last < o->page->code || last >= o->page->code + o->page->info.lineIndex) return false;
    IM3Operation both = FusionOf((IM3Operation)*last, second);
    if (!both) return false;
    *last = both;
    return true;
}

#endif
