// SPDX-License-Identifier: MIT
// What the fast interpreter changes in wasm3's compiler. Its operations are ours, in assembler (board/wasm3/*.S), so
// metacode may say what suits the core: slots as octets, the bound of an access in the place of its offset, a frame's
// sizes in its Entry. Each operation jumps to the next one and loops are jumps, so nothing nests but calls.

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
  // Slots as octets.
  {
    file: COMPILE,
    find: `        EmitWord32 (o->page, i_offset);
`,
    replace: `        EmitWord32 (o->page, i_offset * sizeof (m3slot_t));
`,
  },
  // A loop begins with nothing, and continuing it is a jump.
  { file: COMPILE, find: '_       (EmitOp (o, op_Loop));\n', replace: '' },
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
  // The bound of an access (access.S).
  {
    file: COMPILE,
    find: `_   (Compile_Operator (o, i_opcode));

    EmitConstant32 (o, memoryOffset);
`,
    replace: `    static const u8 sizes [] = { 4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4 };
    u32 size = sizes [i_opcode - 0x28];
    size_t length = o->runtime->memory.mallocated ? o->runtime->memory.mallocated->length : 0;
    bool fits = length >= size and memoryOffset <= length - size;

    if (not fits)
_       (EmitOp (o, op_OutOfBounds));

_   (Compile_Operator (o, i_opcode));

    EmitConstant32 (o, fits ? length - size - memoryOffset : 0);
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
