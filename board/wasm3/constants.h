// SPDX-License-Identifier: MIT
// Constants as operands. wasm3 gives every constant a slot, which each call of the function fills. Here a constant that
// fits goes into metacode with the operation that wants it, and gets its slot when an operation has no such form.
// Part of m3_compile.c, where a constant is known by the slot that wasm3 has reserved for it.

#ifndef SANDWIRE_WASM3_CONSTANTS_H
#define SANDWIRE_WASM3_CONSTANTS_H

enum { WIDE_CONSTANT = 0x80 }; // of constantSlots: an i64 begins here; below, 1 + the slot's number among those in use
_Static_assert(d_m3MaxConstantTableSize < WIDE_CONSTANT, "the constant's slot in 7 bits");

/** The slot that holds, while the function runs, the constant for which `i_slot` is reserved. */
static u16 SlotOfConstant(IM3Compilation o, u16 i_slot) {
    u8 *state = &o->constantSlots[i_slot - o->slotFirstConstIndex];
    if (i_slot > o->slotFirstConstIndex && state[-1] & WIDE_CONSTANT) return SlotOfConstant(o, i_slot - 1) + 1;
    if (!(*state & ~WIDE_CONSTANT)) {
        bool isWide = *state & WIDE_CONSTANT;
        *state |= o->numConstantSlots + 1;
        o->numConstantSlots += isWide ? 2 : 1;
    }
    return o->slotFirstConstIndex + (*state & ~WIDE_CONSTANT) - 1;
}

/** What Entry copies: the constants in use, in the order of their slots. Null without memory. */
static void *CopyConstants(IM3Compilation o) {
    m3slot_t *constants = m3_AllocArray(m3slot_t, o->numConstantSlots);
    if (!constants) return NULL;
    for (u32 i = 0; i < o->slotMaxConstIndex - o->slotFirstConstIndex; i++) {
        u8 state = o->constantSlots[i];
        u32 number = state & ~WIDE_CONSTANT;
        if (number) memcpy(&constants[number - 1], &o->constants[i], state & WIDE_CONSTANT ? sizeof(u64) : sizeof(u32));
    }
    return constants;
}

/** Whether `i_slot` is reserved for a constant; its low word. */
static bool IsConstant(IM3Compilation o, u16 i_slot, u32 *o_value) {
    bool is = o->function && i_slot >= o->slotFirstConstIndex && i_slot < o->slotMaxConstIndex;
    if (is) *o_value = o->constants[i_slot - o->slotFirstConstIndex];
    return is;
}

/** The high half of the word whose low half is a slot. */
static void EmitHalf(IM3Compilation o, u32 i_value) {
    if (o->halfWord) *o->halfWord |= i_value << 16;
    o->halfWord = NULL;
}

#endif
