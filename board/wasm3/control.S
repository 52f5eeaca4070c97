// SPDX-License-Identifier: MIT
// How the fast interpreter is entered and left, and the operations that decide what comes next: branches, calls, traps.

#include "operations.inc"
#include "layout.h"

  // m3ret_t RunCode (pc_t, m3stack_t, M3MemoryHeader *, m3reg_t): runs metacode, returns null or the trap's message.
  // Two words are pushed as for a call from metacode, so that the last Return leaves.
routine RunCode
  push {r3, r4, r5, r6, r7, lr}
  mov r4, r8
  mov r5, r9
  mov r6, r11
  push {r3, r4, r5, r6}
  mov r11, sp
  ldr r4, =m3_linear_memory
  ldr r5, [r4, #MEMORY_MAX_STACK]
  mov r9, r5
  ldr r5, [r4, #MEMORY_LENGTH]
  adds r4, #MEMORY_DATA - 8
  adds r4, r5
  mov r8, r4
  ldr r4, =leave_code
  push {r4, r5}
  ldmia r0!, {r4}
  bx r4

  .balign 4
leave_code:
  .word op_Leave

operation Leave
  movs r0, #0
  // r0: the message
leave:
  mov sp, r11
  pop {r3, r4, r5, r6}
  mov r8, r4
  mov r9, r5
  mov r11, r6
  pop {r3, r4, r5, r6, r7, pc}

  // Reached with bl, for its range. Do not return.
  .macro trap name, message
routine trap_\name
  ldr r0, =m3Err_trap\message
  ldr r0, [r0]
  b leave
  .endm

  trap unreachable, Unreachable
  trap out_of_bounds, OutOfBoundsMemoryAccess
  trap division_by_zero, DivisionByZero
  trap integer_overflow, IntegerOverflow
  trap stack_overflow, StackOverflow
  trap type_mismatch, IndirectCallTypeMismatch
  trap undefined_element, TableIndexOutOfRange
  trap null_element, TableElementIsNull

operation Unreachable
  bl trap_unreachable

operation Unsupported
  ldr r0, =unsupported
  b leave

  .pool

  .section .rodata.unsupported
unsupported:
  .asciz "unsupported instruction executed"

operation Branch // [target]
operation ContinueLoop
  ldr r0, [r0]
  ldmia r0!, {r4}
  bx r4

operation BranchIf_r // [target]
operation ContinueLoopIf
  ldmia r0!, {r4, r5}
  cmp r2, #0
  bne 1f
  bx r5
1:jump r4

operation BranchIf_s // [condition] [target]
  ldmia r0!, {r4, r5, r6}
  ldr r4, [r1, r4]
  cmp r4, #0
  bne 1f
  bx r6
1:jump r5

operation If_r // [where to, if not]
operation BranchIfPrologue_r
  ldmia r0!, {r4, r5}
  cmp r2, #0
  beq 1f
  bx r5
1:jump r4

operation If_s // [condition] [where to, if not]
operation BranchIfPrologue_s
  ldmia r0!, {r4, r5, r6}
  ldr r4, [r1, r4]
  cmp r4, #0
  beq 1f
  bx r6
1:jump r5

  // A comparison and the branch that it decides, as one. The letters are those of the comparison, its conditions
  // those of the core; for _rs the compiler takes _sr with the condition that the exchange of operands makes of it.
  .macro branch_on condition, next, target
  b\condition 1f
  bx \next
1:jump \target
  .endm

  .macro branch_two condition
operation Branch_\condition\()_sr // [second] [target]
  ldmia r0!, {r4, r5, r6}
  ldr r4, [r1, r4]
  cmp r2, r4
  branch_on \condition, r6, r5
operation Branch_\condition\()_ss // [second | first] [target]
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r7, [r1, r7]
  ldr r4, [r1, r4]
  cmp r7, r4
  branch_on \condition, r6, r5
  .endm

  .irp condition, eq, ne, lt, ge, gt, le, lo, hs, hi, ls
  branch_two \condition
  .endr

  .macro branch_constant condition, halves
operation Branch_\condition\()_rk // [constant] [target]
  ldmia r0!, {r4, r5, r6}
  cmp r2, r4
  branch_on \condition, r6, r5
operation Branch_\condition\()_sk // [slot | constant] [target]
  ldmia r0!, {r4, r5, r6}
  \halves r4, r7
  ldr r4, [r1, r4]
  cmp r4, r7
  branch_on \condition, r6, r5
  .endm

  .irp condition, eq, ne, lt, ge
  branch_constant \condition, signed_halves
  .endr
  branch_constant lo, halves
  branch_constant hs, halves

  // The same for bits in common.
  .macro branch_test condition
operation Branch_test_\condition\()_rs // [slot] [target]
  ldmia r0!, {r4, r5, r6}
  ldr r4, [r1, r4]
  tst r2, r4
  branch_on \condition, r6, r5
operation Branch_test_\condition\()_ss // [slot | slot] [target]
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r7, [r1, r7]
  ldr r4, [r1, r4]
  tst r7, r4
  branch_on \condition, r6, r5
operation Branch_test_\condition\()_rk // [constant] [target]
  ldmia r0!, {r4, r5, r6}
  tst r2, r4
  branch_on \condition, r6, r5
operation Branch_test_\condition\()_sk // [slot | constant] [target]
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r4, [r1, r4]
  tst r4, r7
  branch_on \condition, r6, r5
  .endm

  branch_test ne
  branch_test eq

operation BranchTable // [index] [targets but the last] [target]…
  ldmia r0!, {r4, r5}
  ldr r4, [r1, r4]
  cmp r4, r5
  bls 1f
  mov r4, r5
1:lsls r4, #2
  ldr r0, [r0, r4]
  ldmia r0!, {r4}
  bx r4

operation Call // [callee] [its slots]
  ldmia r0!, {r4, r5}
  push {r0, r1}
  add r1, r5
  jump r4

operation Return
  pop {r0, r1}
  ldmia r0!, {r4}
  bx r4

  // A call whose callee had not been compiled when it was emitted: makes a Call of itself.
operation Compile // [callee] [its slots]
  push {r0, r1}
  bl m3_resolve_call
  movs r4, r0
  pop {r0, r1}
  beq 1f
  movs r0, r4
  bl leave
1:subs r0, #4
  ldmia r0!, {r4}
  bx r4

operation CallIndirect // [index] [table] [type] [its slots]
  ldmia r0!, {r4, r5, r6, r7}
  ldr r4, [r1, r4]
  push {r0, r1}
  add r1, r7
  ldmia r5!, {r2, r3} // entries, size
  cmp r4, r3
  bhs 7f
  lsls r4, #2
  ldr r2, [r2, r4]
  cmp r2, #0
  beq 8f
  ldr r3, [r2, #FUNCTION_TYPE]
  cmp r3, r6
  bne 9f
  ldr r4, [r2, #FUNCTION_COMPILED]
  cmp r4, #0
  beq 1f
  jump r4
1:push {r1, r2}
  movs r0, r2
  bl CompileFunction
  pop {r1, r2}
  cmp r0, #0
  bne 2f
  ldr r4, [r2, #FUNCTION_COMPILED]
  jump r4
2:bl leave
7:bl trap_undefined_element
8:bl trap_null_element
9:bl trap_type_mismatch

  // A host function. It may call into the module: the runtime's stack is meanwhile what is not used of it.
operation CallRawFunction // [function] [address of the runtime's stack] [runtime] [M3ImportContext]…
  ldmia r0!, {r4, r5, r6}
  ldr r7, [r5]
  str r1, [r5]
  push {r5, r7}
  movs r2, r1
  movs r1, r0
  movs r0, r6
  ldr r3, =m3_linear_memory + MEMORY_DATA
  blx r4
  pop {r5, r7}
  str r7, [r5]
  cmp r0, #0
  bne 1f
  pop {r0, r1}
  ldmia r0!, {r4}
  bx r4
1:bl leave
  .pool

  // The first operation of a function: room on the stack, locals to 0, constants to their slots.
operation Entry // [octets of all slots] [octets before the locals] [words of locals | words of constants] [constants]
  ldmia r0!, {r4, r5, r6, r7}
  add r4, r1
  cmp r4, r9
  bhs 9f
  add r5, r1
  movs r2, #0
  movs r3, #0
  uxth r4, r6
  subs r4, #2
  blo 2f
1:stmia r5!, {r2, r3}
  subs r4, #2
  bhs 1b
2:adds r4, #2
  beq 3f
  stmia r5!, {r2}
3:lsrs r6, #16
  beq 7f
  subs r6, #3
  blo 5f
4:ldmia r7!, {r2, r3, r4}
  stmia r5!, {r2, r3, r4}
  subs r6, #3
  bhs 4b
5:adds r6, #3
  beq 7f
6:ldmia r7!, {r2}
  stmia r5!, {r2}
  subs r6, #1
  bne 6b
7:ldmia r0!, {r4}
  bx r4
9:bl trap_stack_overflow
