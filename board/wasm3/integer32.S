// SPDX-License-Identifier: MIT
// Operations on i32. What they leave in r3 means nothing. Division is done by the RP2040's divider, so no interrupt
// handler may use that.

#include "operations.inc"

#define SIO_DIV_UDIVIDEND 0xd0000060
#define UDIVIDEND 0x00
#define UDIVISOR 0x04
#define SDIVIDEND 0x08
#define SDIVISOR 0x0c
#define QUOTIENT 0x10
#define REMAINDER 0x14

  // The forms of an operation with two operands. `does a, b, next` leaves its result in r2 and goes to `next`; it may
  // use r3 and r7.
  .macro commutative name, does
operation \name\()_rs
  ldmia r0!, {r4, r5}
  ldr r4, [r1, r4]
  \does r4, r2, r5
operation \name\()_ss
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r2, [r1, r6]
  ldr r4, [r1, r4]
  \does r2, r4, r5
  .endm

  .macro binary name, does
  commutative \name, \does
operation \name\()_sr
  ldmia r0!, {r4, r5}
  ldr r4, [r1, r4]
  \does r2, r4, r5
  .endm

  .macro unary name, does
operation \name\()_s
  ldmia r0!, {r4, r5}
  ldr r2, [r1, r4]
  \does r5
operation \name\()_r
  ldmia r0!, {r5}
  \does r5
  .endm

  .macro do_add a, b, next
  adds r2, \a, \b
  bx \next
  .endm

  .macro do_subtract a, b, next
  subs r2, \a, \b
  bx \next
  .endm

  // `a` and `b` are r4 and r2, or r2 and r4: the order is of no account.
  .macro do_multiply a, b, next
  muls r2, r4, r2
  bx \next
  .endm

  .macro do_and a, b, next
  ands r2, r4
  bx \next
  .endm

  .macro do_or a, b, next
  orrs r2, r4
  bx \next
  .endm

  .macro do_xor a, b, next
  eors r2, r4
  bx \next
  .endm

  commutative i32_Add, do_add
  commutative i32_Multiply, do_multiply
  commutative u32_And, do_and
  commutative u32_Or, do_or
  commutative u32_Xor, do_xor
  binary i32_Subtract, do_subtract

  .macro do_equal a, b, next
  subs r2, \a, \b
  rsbs r3, r2, #0 // carry if it was 0
  adcs r2, r3
  bx \next
  .endm

  .macro do_not_equal a, b, next
  subs r2, \a, \b
  subs r3, r2, #1 // no carry if it was 0
  sbcs r2, r3
  bx \next
  .endm

  .macro do_below a, b, next
  cmp \a, \b
  sbcs r2, r2
  rsbs r2, r2, #0
  bx \next
  .endm

  .macro do_above a, b, next
  do_below \b, \a, \next
  .endm

  .macro do_not_below a, b, next
  cmp \a, \b
  sbcs r2, r2
  adds r2, #1
  bx \next
  .endm

  .macro do_not_above a, b, next
  do_not_below \b, \a, \next
  .endm

  .macro signed_compare a, b, next, branch
  cmp \a, \b
  \branch 1f
  movs r2, #0
  bx \next
1:movs r2, #1
  bx \next
  .endm

  .macro do_less a, b, next
  signed_compare \a, \b, \next, blt
  .endm

  .macro do_greater a, b, next
  signed_compare \a, \b, \next, bgt
  .endm

  .macro do_not_greater a, b, next
  signed_compare \a, \b, \next, ble
  .endm

  .macro do_not_less a, b, next
  signed_compare \a, \b, \next, bge
  .endm

  commutative i32_Equal, do_equal
  commutative i32_NotEqual, do_not_equal
  binary u32_LessThan, do_below
  binary u32_GreaterThan, do_above
  binary u32_LessThanOrEqual, do_not_above
  binary u32_GreaterThanOrEqual, do_not_below
  binary i32_LessThan, do_less
  binary i32_GreaterThan, do_greater
  binary i32_LessThanOrEqual, do_not_greater
  binary i32_GreaterThanOrEqual, do_not_less

  // The core shifts by 0 to 255; the count of wasm is taken modulo 32.
  .macro shift a, b, next, how
  movs r3, #31
  ands r3, \b
  .ifnc \a, r2
  movs r2, \a
  .endif
  \how r2, r3
  bx \next
  .endm

  .macro do_shift_left a, b, next
  shift \a, \b, \next, lsls
  .endm

  .macro do_shift_right a, b, next
  shift \a, \b, \next, lsrs
  .endm

  .macro do_shift_right_signed a, b, next
  shift \a, \b, \next, asrs
  .endm

  .macro do_rotate_right a, b, next
  shift \a, \b, \next, rors
  .endm

  .macro do_rotate_left a, b, next
  rsbs r7, \b, #0
  shift \a, r7, \next, rors
  .endm

  binary u32_ShiftLeft, do_shift_left
  binary u32_ShiftRight, do_shift_right
  binary i32_ShiftRight, do_shift_right_signed
  binary u32_Rotl, do_rotate_left
  binary u32_Rotr, do_rotate_right

  // The result comes 8 cycles after the divisor was written.
  .macro divide a, b, next, dividend, divisor, result
  ldr r7, =SIO_DIV_UDIVIDEND
  str \a, [r7, #\dividend]
  str \b, [r7, #\divisor]
  b .+2
  b .+2
  b .+2
  b .+2
  ldr r2, [r7, #\result]
  bx \next
  .endm

  .macro trap_if_zero b
  cmp \b, #0
  bne 1f
  bl trap_division_by_zero
1:
  .endm

  .macro do_divide a, b, next
  trap_if_zero \b
  divide \a, \b, \next, UDIVIDEND, UDIVISOR, QUOTIENT
  .endm

  .macro do_remainder a, b, next
  trap_if_zero \b
  divide \a, \b, \next, UDIVIDEND, UDIVISOR, REMAINDER
  .endm

  // -2³¹ / -1 has no quotient.
  .macro do_divide_signed a, b, next
  trap_if_zero \b
  adds r3, \b, #1
  bne 1f
  movs r3, #1
  lsls r3, #31
  cmp r3, \a
  bne 1f
  bl trap_integer_overflow
1:divide \a, \b, \next, SDIVIDEND, SDIVISOR, QUOTIENT
  .endm

  // The remainder of a division by -1 is 0, that of -2³¹ too.
  .macro do_remainder_signed a, b, next
  trap_if_zero \b
  adds r3, \b, #1
  bne 1f
  movs r2, #0
  bx \next
1:divide \a, \b, \next, SDIVIDEND, SDIVISOR, REMAINDER
  .endm

  binary u32_Divide, do_divide
  binary u32_Remainder, do_remainder
  binary i32_Divide, do_divide_signed
  binary i32_Remainder, do_remainder_signed
  .pool

  // With a constant for the second operand: a word, or half of one. `halves` says what the half stands for.
  .macro with_constant name, does, halves
operation \name\()_rk // [constant]
  ldmia r0!, {r4, r5}
  \does r2, r4, r5
operation \name\()_sk // [slot | constant]
  ldmia r0!, {r4, r5}
  \halves r4, r6
  ldr r2, [r1, r4]
  \does r2, r6, r5
  .endm

  .macro do_multiply_constant a, b, next
  muls r2, \b, r2
  bx \next
  .endm

  .macro do_and_constant a, b, next
  ands r2, \b
  bx \next
  .endm

  .macro do_or_constant a, b, next
  orrs r2, \b
  bx \next
  .endm

  .macro do_xor_constant a, b, next
  eors r2, \b
  bx \next
  .endm

  // The compiler has taken the count modulo 32.
  .macro do_shift_left_constant a, b, next
  lsls r2, \b
  bx \next
  .endm

  .macro do_shift_right_constant a, b, next
  lsrs r2, \b
  bx \next
  .endm

  .macro do_shift_right_signed_constant a, b, next
  asrs r2, \b
  bx \next
  .endm

  .macro do_rotate_right_constant a, b, next
  rors r2, \b
  bx \next
  .endm

  with_constant i32_Add, do_add, signed_halves
  with_constant i32_Multiply, do_multiply_constant, signed_halves
  with_constant u32_And, do_and_constant, halves
  with_constant u32_Or, do_or_constant, halves
  with_constant u32_Xor, do_xor_constant, signed_halves
  with_constant u32_ShiftLeft, do_shift_left_constant, halves
  with_constant u32_ShiftRight, do_shift_right_constant, halves
  with_constant i32_ShiftRight, do_shift_right_signed_constant, halves
  with_constant u32_Rotr, do_rotate_right_constant, halves
  with_constant i32_Equal, do_equal, signed_halves
  with_constant i32_NotEqual, do_not_equal, signed_halves
  with_constant i32_LessThan, do_less, signed_halves
  with_constant i32_GreaterThanOrEqual, do_not_less, signed_halves
  with_constant u32_LessThan, do_below, halves
  with_constant u32_GreaterThanOrEqual, do_not_below, halves

  // With the slot that the result goes to as well (it stays in the accumulator): SetSlot follows so often.
operation i32_Add_rs_set // [slot | to]
  ldmia r0!, {r4, r5}
  halves r4, r6
  ldr r4, [r1, r4]
  adds r2, r4
  str r2, [r1, r6]
  bx r5

operation i32_Add_ss_set // [second | first] [to]
  ldmia r0!, {r4, r5, r6}
  halves r4, r7
  ldr r2, [r1, r7]
  ldr r4, [r1, r4]
  adds r2, r4
  str r2, [r1, r5]
  bx r6

operation i32_Add_sk_set // [slot | constant] [to]
  ldmia r0!, {r4, r5, r6}
  signed_halves r4, r7
  ldr r2, [r1, r4]
  adds r2, r7
  str r2, [r1, r5]
  bx r6

operation i32_Add_rk_set // [constant] [to]
  ldmia r0!, {r4, r5, r6}
  adds r2, r4
  str r2, [r1, r5]
  bx r6

operation u32_And_rk_set // [constant] [to]
  ldmia r0!, {r4, r5, r6}
  ands r2, r4
  str r2, [r1, r5]
  bx r6

  .macro do_equal_to_zero next
  rsbs r3, r2, #0
  adcs r2, r3
  bx \next
  .endm

  .macro do_extend8 next
  sxtb r2, r2
  bx \next
  .endm

  .macro do_extend16 next
  sxth r2, r2
  bx \next
  .endm

  .macro do_wrap next
  bx \next
  .endm

  .macro do_clz next
  bl count_leading_zeros
  bx \next
  .endm

  .macro do_ctz next
  bl count_trailing_zeros
  bx \next
  .endm

  .macro do_popcnt next
  bl count_ones
  bx \next
  .endm

  unary i32_EqualToZero, do_equal_to_zero
  unary i32_Extend8_s, do_extend8
  unary i32_Extend16_s, do_extend16
  unary i32_Wrap_i64, do_wrap
  unary u32_Clz, do_clz
  unary u32_Ctz, do_ctz
  unary u32_Popcnt, do_popcnt

  // Zeros above the highest 1 of r2, 32 if there is none; into r2. Changes r6, r7.
routine count_leading_zeros
  movs r6, #32
  .irp half, 16, 8, 4, 2
  lsrs r7, r2, #\half
  beq 1f
  subs r6, #\half
  movs r2, r7
1:
  .endr
  cmp r2, #2 // 0 to 3 are left
  blo 2f
  movs r2, #2
2:subs r2, r6, r2
  bx lr

  // Zeros below the lowest 1 of r2, 32 if there is none; into r2. Changes r4, r6, r7.
routine count_trailing_zeros
  rsbs r7, r2, #0
  ands r2, r7
  beq 1f
  mov r4, lr
  bl count_leading_zeros
  movs r6, #31
  subs r2, r6, r2
  bx r4
1:movs r2, #32
  bx lr

  // Ones in r2; into r2. Changes r6, r7.
routine count_ones
  ldr r7, =0x55555555
  lsrs r6, r2, #1
  ands r6, r7
  subs r2, r6
  ldr r7, =0x33333333
  lsrs r6, r2, #2
  ands r6, r7
  ands r2, r7
  adds r2, r6
  lsrs r6, r2, #4
  adds r2, r6
  ldr r7, =0x0f0f0f0f
  ands r2, r7
  ldr r7, =0x01010101
  muls r2, r7, r2
  lsrs r2, #24
  bx lr
  .pool
