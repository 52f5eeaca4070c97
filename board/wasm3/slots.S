// SPDX-License-Identifier: MIT
// Operations that move values: between slots, accumulator and globals, constants, select. The accumulator keeps its
// value unless it is what the operation writes.

#include "operations.inc"

operation SetRegister_i32 // [slot]
  ldmia r0!, {r4, r5}
  ldr r2, [r1, r4]
  bx r5

operation SetRegister_i64
  ldmia r0!, {r4, r5}
  add r4, r1
  ldmia r4!, {r2, r3}
  bx r5

operation SetSlot_i32 // [slot]
  ldmia r0!, {r4, r5}
  str r2, [r1, r4]
  bx r5

operation SetSlot_i64
  ldmia r0!, {r4, r5}
  add r4, r1
  stmia r4!, {r2, r3}
  bx r5

operation PreserveSetSlot_i32 // [slot | where its old value goes]
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r7, [r1, r4]
  str r7, [r1, r6]
  str r2, [r1, r4]
  bx r5

operation PreserveSetSlot_i64
  ldmia r0!, {r4, r5}
  halves r4, r6
  add r4, r1
  add r6, r1
  ldr r7, [r4]
  str r7, [r6]
  ldr r7, [r4, #4]
  str r7, [r6, #4]
  stmia r4!, {r2, r3}
  bx r5

operation SetSlot_k // [slot | value]
  ldmia r0!, {r4, r5}
  signed_halves r4, r6
  str r6, [r1, r4]
  bx r5

  // Several in a row are one operation.
  .macro copy word
  halves \word, r7
  ldr r7, [r1, r7]
  str r7, [r1, \word]
  .endm

operation CopySlot_32 // [to | from]
  ldmia r0!, {r4, r5}
  copy r4
  bx r5

operation CopySlot_32_2
  ldmia r0!, {r4, r5, r6}
  copy r4
  copy r5
  bx r6

operation CopySlot_32_3
  ldmia r0!, {r4, r5, r6}
  copy r4
  copy r5
  copy r6
  ldmia r0!, {r4}
  bx r4

operation CopySlot_32_4
  ldmia r0!, {r4, r5, r6}
  copy r4
  copy r5
  copy r6
  ldmia r0!, {r4, r5}
  copy r4
  bx r5

operation CopySlot_64
  ldmia r0!, {r4, r5}
  halves r4, r6
  add r6, r1
  ldmia r6, {r6, r7}
  add r4, r1
  stmia r4!, {r6, r7}
  bx r5

operation PreserveCopySlot_32 // [to | from] [where the old value of `to` goes]
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r7, [r1, r4]
  str r7, [r1, r5]
  ldr r7, [r1, r6]
  str r7, [r1, r4]
  ldmia r0!, {r5}
  bx r5

operation PreserveCopySlot_64
  ldmia r0!, {r4, r5}
  halves r4, r6
  add r4, r1
  add r5, r1
  add r6, r1
  ldr r7, [r4]
  str r7, [r5]
  ldr r7, [r4, #4]
  str r7, [r5, #4]
  ldr r7, [r6]
  str r7, [r4]
  ldr r7, [r6, #4]
  str r7, [r4, #4]
  ldmia r0!, {r5}
  bx r5

operation Const32 // [value] [slot]
  ldmia r0!, {r4, r5, r6}
  str r4, [r1, r5]
  bx r6

operation Const64 // [low] [high] [slot]
  ldmia r0!, {r4, r5, r6, r7}
  add r6, r1
  stmia r6!, {r4, r5}
  bx r7

operation GetGlobal_s32 // [global] [slot]
  ldmia r0!, {r4, r5, r6}
  ldr r4, [r4]
  str r4, [r1, r5]
  bx r6

operation GetGlobal_s64
  ldmia r0!, {r4, r5, r6}
  ldmia r4, {r4, r7}
  add r5, r1
  stmia r5!, {r4, r7}
  bx r6

operation SetGlobal_i32 // [global]
  ldmia r0!, {r4, r5}
  str r2, [r4]
  bx r5

operation SetGlobal_i64
  ldmia r0!, {r4, r5}
  stmia r4!, {r2, r3}
  bx r5

operation SetGlobal_s32 // [global] [slot]
  ldmia r0!, {r4, r5, r6}
  ldr r5, [r1, r5]
  str r5, [r4]
  bx r6

operation SetGlobal_s64
  ldmia r0!, {r4, r5, r6}
  add r5, r1
  ldmia r5, {r5, r7}
  stmia r4!, {r5, r7}
  bx r6

  // Select: the second value if the condition is 0, else the first. The letters say where condition, second and first
  // value are; operands come in that order.

operation Select_i32_rss // [second | first]
  ldmia r0!, {r4, r5}
  halves r4, r6
  cmp r2, #0
  beq 1f
  mov r4, r6
1:ldr r2, [r1, r4]
  bx r5

operation Select_i32_rss_set // [second | first] [slot it goes to]
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  cmp r2, #0
  beq 1f
  mov r4, r7
1:ldr r2, [r1, r4]
  str r2, [r1, r5]
  bx r6

operation Select_i32_srs // [condition | first]
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r4, [r1, r4]
  cmp r4, #0
  beq 1f
  ldr r2, [r1, r6]
1:bx r5

operation Select_i32_ssr // [condition | second]
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r4, [r1, r4]
  cmp r4, #0
  bne 1f
  ldr r2, [r1, r6]
1:bx r5

operation Select_i32_sss // [condition | second] [first]
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r4, [r1, r4]
  cmp r4, #0
  beq 1f
  mov r7, r5
1:ldr r2, [r1, r7]
  bx r6

operation Select_i64_rss
  ldmia r0!, {r4, r5}
  halves r4, r6
  cmp r2, #0
  beq 1f
  mov r4, r6
1:add r4, r1
  ldmia r4!, {r2, r3}
  bx r5

operation Select_i64_srs
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r4, [r1, r4]
  cmp r4, #0
  beq 1f
  add r6, r1
  ldmia r6!, {r2, r3}
1:bx r5

operation Select_i64_ssr
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r4, [r1, r4]
  cmp r4, #0
  bne 1f
  add r6, r1
  ldmia r6!, {r2, r3}
1:bx r5

operation Select_i64_sss
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r4, [r1, r4]
  cmp r4, #0
  beq 1f
  mov r7, r5
1:add r7, r1
  ldmia r7!, {r2, r3}
  bx r6
