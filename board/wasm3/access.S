// SPDX-License-Identifier: MIT
// Operations on the linear memory. Of `length` octets, an access of `size` octets at `base` + `offset` is within
// bounds if base <= length - size - offset. The right side, the bound, is what the compiler puts into metacode (and
// it puts OutOfBounds before an access for which it is negative). So one subtraction is the check, and its result,
// never above 0, counts from the last place where such an access fits. The core faults on an unaligned word or
// halfword: they are moved octet by octet.

#include "operations.inc"
#include "layout.h"

#define FITS_8 0 // from r8 to the last octets, word, halfword, octet that fit
#define FITS_4 4
#define FITS_2 6
#define FITS_1 7

  // `bound` becomes the address, from which FITS_… is still to be counted.
  .macro address bound, base
  subs \bound, \base, \bound
  bhi 9f
  add \bound, r8
  .endm

  // `does` loads from r4 into r2 (and r3) and goes to r5.
  .macro load name, does
operation \name\()_r // [bound]
  ldmia r0!, {r4, r5}
  address r4, r2
  \does
9:bl trap_out_of_bounds
operation \name\()_s // [base | bound]
  ldmia r0!, {r4, r5}
  uxth r3, r4
  lsrs r4, #16
  ldr r2, [r1, r3]
  address r4, r2
  \does
9:bl trap_out_of_bounds
  .endm

  .macro do_u8
  ldrb r2, [r4, #FITS_1]
  bx r5
  .endm

  .macro do_i8
  ldrb r2, [r4, #FITS_1]
  sxtb r2, r2
  bx r5
  .endm

  .macro do_u16
  lsls r7, r4, #31
  bne 1f
  ldrh r2, [r4, #FITS_2]
  bx r5
1:bl load_halfword
  bx r5
  .endm

  .macro do_i16
  lsls r7, r4, #31
  bne 1f
  ldrh r2, [r4, #FITS_2]
  sxth r2, r2
  bx r5
1:bl load_halfword
  sxth r2, r2
  bx r5
  .endm

  .macro do_32
  lsls r7, r4, #30
  bne 1f
  ldr r2, [r4, #FITS_4]
  bx r5
1:bl load_word
  bx r5
  .endm

  .macro do_64
  lsls r7, r4, #30
  bne 1f
  ldmia r4!, {r2, r3}
  bx r5
1:bl load_word
  movs r3, r2
  subs r4, #FITS_4
  bl load_word
  bx r5
  .endm

  load i32_Load_u8, do_u8
  load i32_Load_i8, do_i8
  load i32_Load_u16, do_u16
  load i32_Load_i16, do_i16
  load i32_Load_i32, do_32
  load i64_Load_i64, do_64

  // An i64 from fewer octets.
  .macro do_u8_64
  ldrb r2, [r4, #FITS_1]
  movs r3, #0
  bx r5
  .endm

  .macro do_i8_64
  ldrb r2, [r4, #FITS_1]
  sxtb r2, r2
  asrs r3, r2, #31
  bx r5
  .endm

  .macro do_u16_64
  movs r3, #0
  do_u16
  .endm

  .macro do_i16_64
  bl load_halfword
  sxth r2, r2
  asrs r3, r2, #31
  bx r5
  .endm

  .macro do_u32_64
  movs r3, #0
  do_32
  .endm

  .macro do_i32_64
  lsls r7, r4, #30
  bne 1f
  ldr r2, [r4, #FITS_4]
  asrs r3, r2, #31
  bx r5
1:bl load_word
  asrs r3, r2, #31
  bx r5
  .endm

  load i64_Load_u8, do_u8_64
  load i64_Load_i8, do_i8_64
  load i64_Load_u16, do_u16_64
  load i64_Load_i16, do_i16_64
  load i64_Load_u32, do_u32_64
  load i64_Load_i32, do_i32_64

  // Whatever the alignment: from r4, counted as above, into r2. Changes r6.
routine load_halfword
  ldrb r2, [r4, #FITS_2]
  ldrb r6, [r4, #FITS_2 + 1]
  lsls r6, #8
  orrs r2, r6
  bx lr

routine load_word
  ldrb r2, [r4, #FITS_4]
  .irp octet, 1, 2, 3
  ldrb r6, [r4, #FITS_4 + \octet]
  lsls r6, #8 * \octet
  orrs r2, r6
  .endr
  bx lr

  // `does` stores r2 (and r3) at r5 and goes to r6.
  .macro store name, does
operation \name\()_rs // [base | bound]
  ldmia r0!, {r5, r6}
  uxth r4, r5
  lsrs r5, #16
  ldr r4, [r1, r4]
  address r5, r4
  \does
9:bl trap_out_of_bounds
operation \name\()_sr // [value | bound]
  ldmia r0!, {r5, r6}
  uxth r4, r5
  lsrs r5, #16
  address r5, r2
  ldr r2, [r1, r4]
  \does
9:bl trap_out_of_bounds
operation \name\()_ss // [value | base] [bound]
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r7, [r1, r7]
  address r5, r7
  ldr r2, [r1, r4]
  \does
9:bl trap_out_of_bounds
  .endm

  .macro put_8
  strb r2, [r5, #FITS_1]
  bx r6
  .endm

  .macro put_16
  lsls r7, r5, #31
  bne 1f
  strh r2, [r5, #FITS_2]
  bx r6
1:strb r2, [r5, #FITS_2]
  lsrs r2, #8
  strb r2, [r5, #FITS_2 + 1]
  bx r6
  .endm

  .macro put_32
  lsls r7, r5, #30
  bne 1f
  str r2, [r5, #FITS_4]
  bx r6
1:bl store_word
  bx r6
  .endm

  store i32_Store_u8, put_8
  store i32_Store_i16, put_16
  store i32_Store_i32, put_32
  store i64_Store_u8, put_8
  store i64_Store_i16, put_16
  store i64_Store_i32, put_32

  .macro put_64
  lsls r7, r5, #30
  bne 1f
  stmia r5!, {r2, r3}
  bx r6
1:subs r5, #FITS_4
  bl store_word
  adds r5, #FITS_4
  movs r2, r3
  bl store_word
  bx r6
  .endm

operation i64_Store_i64_rs
  ldmia r0!, {r5, r6}
  uxth r4, r5
  lsrs r5, #16
  ldr r4, [r1, r4]
  address r5, r4
  put_64
9:bl trap_out_of_bounds
operation i64_Store_i64_sr
  ldmia r0!, {r5, r6}
  uxth r4, r5
  lsrs r5, #16
  address r5, r2
  add r4, r1
  ldmia r4!, {r2, r3}
  put_64
9:bl trap_out_of_bounds
operation i64_Store_i64_ss
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r7, [r1, r7]
  address r5, r7
  add r4, r1
  ldmia r4!, {r2, r3}
  put_64
9:bl trap_out_of_bounds

  // A constant that goes to a place which is not.
  .macro store_constant name, does
operation \name\()_rk // [bound] [constant]
  ldmia r0!, {r5, r6}
  address r5, r2
  mov r2, r6
  ldmia r0!, {r6}
  \does
9:bl trap_out_of_bounds
operation \name\()_sk // [base | bound] [constant]
  ldmia r0!, {r2, r3, r6}
  uxth r4, r2
  lsrs r5, r2, #16
  ldr r4, [r1, r4]
  address r5, r4
  mov r2, r3
  \does
9:bl trap_out_of_bounds
  .endm

  store_constant i32_Store_u8, put_8
  store_constant i32_Store_i16, put_16
  store_constant i32_Store_i32, put_32

  // The most frequent loads, with a slot for what was loaded (it is in the accumulator too).
operation i32_Load_i32_s_set // [base | bound] [slot]
  ldmia r0!, {r4, r5, r6}
  uxth r3, r4
  lsrs r4, #16
  ldr r2, [r1, r3]
  address r4, r2
  lsls r7, r4, #30
  bne 1f
  ldr r2, [r4, #FITS_4]
2:str r2, [r1, r5]
  bx r6
1:mov r7, r6
  bl load_word
  mov r6, r7
  b 2b
9:bl trap_out_of_bounds

operation i32_Load_i32_k_set // [address] [slot]
  ldmia r0!, {r4, r5, r6}
  ldr r2, [r4]
  str r2, [r1, r5]
  bx r6

  // A place that is constant, aligned and within bounds: metacode has its address.
  .macro load_at_constant name, load:vararg
operation \name\()_k // [address]
  ldmia r0!, {r4, r5}
  \load
  bx r5
  .endm

  load_at_constant i32_Load_u8, ldrb r2, [r4]
  load_at_constant i32_Load_u16, ldrh r2, [r4]
  load_at_constant i32_Load_i32, ldr r2, [r4]

  .macro store_at_constant name, store
operation \name\()_kr // [address]
  ldmia r0!, {r4, r5}
  \store r2, [r4]
  bx r5
operation \name\()_ks // [address] [value]
  ldmia r0!, {r4, r5, r6}
  ldr r5, [r1, r5]
  \store r5, [r4]
  bx r6
operation \name\()_kk // [address] [constant]
  ldmia r0!, {r4, r5, r6}
  \store r5, [r4]
  bx r6
  .endm

  store_at_constant i32_Store_u8, strb
  store_at_constant i32_Store_i16, strh
  store_at_constant i32_Store_i32, str

  // Whatever the alignment: r2 to r5, counted as above. Changes r7.
routine store_word
  strb r2, [r5, #FITS_4]
  .irp octet, 1, 2, 3
  lsrs r7, r2, #8 * \octet
  strb r7, [r5, #FITS_4 + \octet]
  .endr
  bx lr

  // The compiler emits neither an operation for memory.size, which is a constant here, nor Loop; but its tables name
  // them.
operation Loop
operation MemSize
  bl trap_unreachable

operation MemGrow // [pages]: by nothing it grows, by anything else it does not
  ldmia r0!, {r4, r5}
  cmp r2, #0
  bne 1f
  mov r2, r4
  bx r5
1:movs r2, #0
  mvns r2, r2
  bx r5

operation OutOfBounds
  bl trap_out_of_bounds

  // r4, r5: what [slot | slot] hold; r2: octets. r6: where the linear memory begins; r7: the last place, counted from
  // there, where that many octets fit.
  .macro area
  ldmia r0!, {r4}
  halves r4, r5
  ldr r4, [r1, r4]
  ldr r5, [r1, r5]
  ldr r6, =m3_linear_memory + MEMORY_DATA
  mov r7, r8
  adds r7, #8
  subs r7, r6
  subs r7, r2
  blo 9f
  cmp r5, r7
  bhi 9f
  .endm

operation MemCopy // [source | destination]
  area
  cmp r4, r7
  bhi 9f
  push {r0, r1}
  adds r0, r6, r5
  adds r1, r6, r4
  bl memmove
  pop {r0, r1}
  ldmia r0!, {r4}
  bx r4
9:bl trap_out_of_bounds

operation MemFill // [value | destination]
  area
  push {r0, r1}
  adds r0, r6, r5
  uxtb r1, r4
  bl memset
  pop {r0, r1}
  ldmia r0!, {r4}
  bx r4
9:bl trap_out_of_bounds
  .pool
