// SPDX-License-Identifier: MIT
// What the fast interpreter changes in wasm3's compiler. Its operations are ours, in assembler (board/wasm3/*.S), so
// metacode may say what suits the core: slots as octets and two in a word, the bound of an access in the place of its
// offset, a frame's sizes in its Entry, constants where they are used. Each operation jumps to the next one and loops are
// jumps, so nothing nests but calls. The code that comes in is board/wasm3/{fusion,constants,immediate}.h.

import type { Edit } from './edit.ts';

const COMPILE = 'm3_compile.c';

export const FAST: readonly Edit[] = [
  {
    file: 'm3_exec_defs.h',
    find: `d_m3RetSig  RunCode  (d_m3OpSig)
{
    nextOpDirect();
}
`,
    replace: 'm3ret_t  RunCode  (d_m3OpSig);\n',
  },
  { file: COMPILE, find: '#include "m3_exec.h"', replace: '#include "operations.h"' },
  {
    file: 'm3_compile.h',
    find: '    m3slot_t            constants                   [d_m3MaxConstantTableSize];\n',
    replace: `    m3slot_t            constants                   [d_m3MaxConstantTableSize];
    u8                      constantSlots               [d_m3MaxConstantTableSize];
    u16                     numConstantSlots;

    code_t *                lastOperation;
    u32 *                   halfWord;                   // the last word, if it is a slot and there is room for another
`,
  },

  // Emitting: two operations may be one, two slots are one word.
  {
    file: COMPILE,
    find: '#include "m3_info.h"\n',
    replace: '#include "m3_info.h"\n#include "constants.h"\n#include "fusion.h"\n',
  },
  {
    file: COMPILE,
    find: `pc_t GetPC (IM3Compilation o)
{
`,
    replace: `pc_t GetPC (IM3Compilation o)
{
    o->lastOperation = NULL;
`,
  },
  {
    file: COMPILE,
    find: `    IM3CodePage page = AcquireCodePage (o->runtime);
`,
    replace: `    IM3CodePage page = AcquireCodePage (o->runtime);
    o->lastOperation = NULL;
`,
  },
  {
    file: COMPILE,
    find: `        // have execution jump to a new page if slots are critically low
`,
    replace: `        if (FuseWithLast (o, i_operation))
            return m3Err_none;

        // have execution jump to a new page if slots are critically low
`,
  },
  {
    file: COMPILE,
    find: `            EmitWord (o->page, i_operation);
`,
    replace: `            o->lastOperation = (code_t *) GetPagePC (o->page);
            o->halfWord = NULL;
            EmitWord (o->page, i_operation);
`,
  },
  {
    file: COMPILE,
    find: `    if (o->page)
        EmitWord32 (o->page, i_immediate);
`,
    replace: `    o->halfWord = NULL;
    if (o->page)
        EmitWord32 (o->page, i_immediate);
`,
  },
  {
    file: COMPILE,
    find: `    if (o->page)
        EmitWord32 (o->page, i_offset);
`,
    replace: `    u32 unused;
    u32 octets = (IsConstant (o, i_offset, & unused) ? SlotOfConstant (o, i_offset) : i_offset) * sizeof (m3slot_t);
    if (o->halfWord)
        EmitHalf (o, octets);
    else if (o->page)
    {
        o->halfWord = (u32 *) GetPagePC (o->page);
        EmitWord32 (o->page, octets);
    }
`,
  },
  {
    file: COMPILE,
    find: `    pc_t ptr = GetPagePC (o->page);

    if (o->page)
        EmitWord (o->page, i_pointer);
`,
    replace: `    pc_t ptr = GetPagePC (o->page);

    o->halfWord = NULL;
    if (o->page)
        EmitWord (o->page, i_pointer);
`,
  },

  // Constants.
  {
    file: COMPILE,
    find: `                if (constant == i_word)
                {
                    matchFound = true;
`,
    replace: `                if (constant == i_word and o->constantSlots [slot - o->slotFirstConstIndex] & WIDE_CONSTANT)
                {
                    matchFound = true;
`,
  },
  {
    file: COMPILE,
    find: `                memcpy (& o->constants [constTableIndex], &i_word, sizeof(i_word));
`,
    replace: `                memcpy (& o->constants [constTableIndex], &i_word, sizeof(i_word));
                o->constantSlots [constTableIndex] = WIDE_CONSTANT;
`,
  },
  {
    file: COMPILE,
    find: `    else op = Is64BitType (type) ? op_CopySlot_64 : op_CopySlot_32;

_   (EmitOp (o, op));
    EmitSlotOffset (o, i_destSlot);

    if (not inRegister)
    {
        u16 srcSlot = GetSlotForStackIndex (o, i_stackIndex);
`,
    replace: `    else
    {
        u32 constant;
        if (not Is64BitType (type) and IsConstant (o, GetSlotForStackIndex (o, i_stackIndex), & constant))
        {
            if ((i32) constant == (i16) constant)
            {
_               (EmitOp (o, op_SetSlot_k));
                EmitSlotOffset (o, i_destSlot);
                EmitHalf (o, constant);
                return result;
            }
        }
        op = Is64BitType (type) ? op_CopySlot_64 : op_CopySlot_32;
    }

_   (EmitOp (o, op));
    EmitSlotOffset (o, i_destSlot);

    if (not inRegister)
    {
        u16 srcSlot = GetSlotForStackIndex (o, i_stackIndex);
`,
  },
  {
    file: COMPILE,
    find: `    IM3OpInfo opInfo = GetOpInfo (i_opcode);
    _throwif (m3Err_unknownOpcode, not opInfo);

    IM3Operation op;
`,
    replace: `    IM3OpInfo opInfo = GetOpInfo (i_opcode);
    _throwif (m3Err_unknownOpcode, not opInfo);

    bool isDone;
_   (Compile_WithConstant (o, i_opcode, & isDone));
    if (isDone)
        return result;

    IM3Operation op;
`,
  },
  {
    file: COMPILE,
    find: `static
M3Result  Compile_Operator  (IM3Compilation o, m3opcode_t i_opcode)
`,
    replace: `static
M3Result  Compile_Operator  (IM3Compilation o, m3opcode_t i_opcode);

#include "immediate.h"

static
M3Result  Compile_Operator  (IM3Compilation o, m3opcode_t i_opcode)
`,
  },
  {
    file: COMPILE,
    find: `_   (Compile_Operator (o, i_opcode));

    EmitConstant32 (o, memoryOffset);
`,
    replace: '_   (Compile_Access (o, i_opcode, memoryOffset));\n',
  },

  // A loop begins with nothing, and continuing it is a jump to where it begins.
  { file: COMPILE, find: '_       (EmitOp (o, op_Loop));\n', replace: '' },
  {
    file: COMPILE,
    find: '    block->pc               = GetPagePC (o->page);\n',
    replace: '    block->pc               = GetPC (o);\n',
  },

  // A call does not keep the accumulator: what stands there and is no argument goes into a slot before it.
  {
    file: COMPILE,
    find: `    u16 topSlot = GetMaxUsedSlotPlusOne (o);
`,
    replace: `    i32 numOperands = GetFuncTypeNumParams (i_type) + i_isIndirect;
    if (IsRegisterAllocated (o, 0) and GetRegisterStackIndex (o, 0) < o->stackIndex - numOperands)
_       (PreserveRegisterIfOccupied (o, c_m3Type_i64));

    u16 topSlot = GetMaxUsedSlotPlusOne (o);
`,
  },
  {
    file: COMPILE,
    find: '    EmitPointer     (o, o->module);\n',
    replace: '    EmitPointer     (o, & o->module->table0);\n',
  },

  // What Entry needs stands in metacode; it is known when the function has been compiled.
  {
    file: COMPILE,
    find: `_   (EmitOp (o, op_Entry));
    EmitPointer (o, io_function);
`,
    replace: `_   (EmitOp (o, op_Entry));
    u32 * entry = ReservePointer (o);
    for (u32 i = 1; i < 4; ++i)
        ReservePointer (o);
`,
  },
  {
    file: COMPILE,
    find: '    u16 numConstantSlots = o->slotMaxConstIndex - o->slotFirstConstIndex;',
    replace: '    u16 numConstantSlots = o->numConstantSlots;',
  },
  {
    file: COMPILE,
    find: '        io_function->constants = m3_CopyMem (o->constants, io_function->numConstantBytes);\n',
    replace: '        io_function->constants = CopyConstants (o);\n',
  },
  {
    file: COMPILE,
    find: `        _throwifnull(io_function->constants);
    }
`,
    replace: `        _throwifnull(io_function->constants);
    }

    entry [0] = io_function->maxStackSlots * sizeof (m3slot_t);
    entry [1] = io_function->numRetAndArgSlots * sizeof (m3slot_t);
    entry [2] = io_function->numLocalBytes / sizeof (m3slot_t) | numConstantSlots << 16;
    entry [3] = (u32) io_function->constants;
`,
  },

  // The memory does not grow: its pages are a constant.
  {
    file: COMPILE,
    find: `_   (PreserveRegisterIfOccupied (o, c_m3Type_i32));

_   (EmitOp     (o, op_MemSize));

_   (PushRegister (o, c_m3Type_i32));
`,
    replace: `_   (PushConst (o, o->runtime->memory.numPages, c_m3Type_i32));
`,
  },
  {
    file: COMPILE,
    find: `_   (EmitOp     (o, op_MemGrow));
`,
    replace: `_   (EmitOp     (o, op_MemGrow));
    EmitConstant32 (o, o->runtime->memory.numPages);
`,
  },

  // The last two words are the host function's M3ImportContext.
  {
    file: COMPILE,
    find: `    IM3CodePage page = AcquireCodePageWithCapacity (io_module->runtime, 4);
`,
    replace: `    IM3CodePage page = AcquireCodePageWithCapacity (io_module->runtime, 6);
`,
  },
  {
    file: COMPILE,
    find: `        EmitWord (page, i_function);
        EmitWord (page, io_function);
        EmitWord (page, i_userdata);
`,
    replace: `        EmitWord (page, i_function);
        EmitWord (page, & io_module->runtime->stack);
        EmitWord (page, io_module->runtime);
        EmitWord (page, i_userdata);
        EmitWord (page, io_function);
`,
  },
];
