// SPDX-License-Identifier: MIT
// What both interpreters change in wasm3: its heap says how full it is, and the linear memory lies in
// one buffer of the firmware's (board/wasm3/memory.h), where the linker knows its address. So there is one memory, and it
// does not grow. And constant expressions are read, not compiled and run (board/wasm3/expression.c), which takes a runtime less.

import type { Edit } from './edit.ts';

export const FIXED_MEMORY: readonly Edit[] = [
  {
    file: 'm3_core.c',
    find: 'static u8 fixedHeap[d_m3FixedHeap];',
    replace: 'static u8 fixedHeap[d_m3FixedHeap] __attribute__((aligned(8)));',
  },
  {
    file: 'm3_core.c',
    find: `void *  m3_Malloc_Impl  (size_t i_size)
{
    u8 * ptr = fixedHeapPtr;
`,
    replace: `size_t  m3_heap_used  (void)
{
    return fixedHeapPtr - fixedHeap;
}

void *  m3_Malloc_Impl  (size_t i_size)
{
    u8 * ptr = fixedHeapPtr;
`,
  },
  {
    file: 'm3_env.c',
    find: 'M3Result  EvaluateExpression  (IM3Module i_module,',
    replace: `M3Result  EvaluateExpression  (IM3Module i_module, void * o_expressed, u8 i_type, bytes_t * io_bytes, cbytes_t i_end);

static inline
M3Result  CompileAndRunExpression  (IM3Module i_module,`,
  },
  {
    file: 'm3_parse.c',
    find: 'M3Result  Parse_InitExpr  (M3Module * io_module,',
    replace: `M3Result  Parse_InitExpr  (M3Module * io_module, bytes_t * io_bytes, cbytes_t i_end);

static inline
M3Result  CompileInitExpr  (M3Module * io_module,`,
  },
  {
    file: 'm3_env.c',
    find: '#include "m3_info.h"\n',
    replace: '#include "m3_info.h"\n#include "memory.h"\n',
  },
  {
    file: 'm3_env.c',
    find: `        size_t numBytes = numPageBytes + sizeof (M3MemoryHeader);

        size_t numPreviousBytes = memory->numPages * d_m3MemPageSize;
        if (numPreviousBytes)
            numPreviousBytes += sizeof (M3MemoryHeader);

        void* newMem = m3_Realloc ("Wasm Linear Memory", memory->mallocated, numBytes, numPreviousBytes);
        _throwifnull(newMem);

        memory->mallocated = (M3MemoryHeader*)newMem;
`,
    replace: `        _throwif ("the linear memory does not grow", memory->mallocated);
        _throwif ("the linear memory is larger than its buffer", numPageBytes > sizeof m3_linear_memory.data);

        memset (m3_linear_memory.data, 0, sizeof m3_linear_memory.data);
        memory->mallocated = & m3_linear_memory.header;
`,
  },
];
