// SPDX-License-Identifier: MIT
// Operations on i64, low word first. Quotients come from the compiler's library (__aeabi_ldivmod, __aeabi_uldivmod).

#include "operations.inc"

  // The forms of an operation with two operands. `does al, ah, bl, bh, next` leaves its result in r2, r3 (a truth
  // value in r2) and goes to `next`; it may use r4, and change its operands.
  .macro commutative name, does
operation \name\()_rs
  ldmia r0!, {r4, r5}
  add r4, r1
  ldmia r4!, {r6, r7}
  \does r6, r7, r2, r3, r5
operation \name\()_ss
  ldmia r0!, {r4, r5}
  halves r4, r6
  add r6, r1
  ldmia r6!, {r2, r3}
  add r4, r1
  ldmia r4!, {r6, r7}
  \does r2, r3, r6, r7, r5
  .endm

  .macro binary name, does
  commutative \name, \does
operation \name\()_sr
  ldmia r0!, {r4, r5}
  add r4, r1
  ldmia r4!, {r6, r7}
  \does r2, r3, r6, r7, r5
  .endm

  // As `binary`, but with the first operand in r2, r3 and the second in r6, r7, whatever the form.
  .macro ordered name, does
operation \name\()_rs
  ldmia r0!, {r4, r5}
  add r4, r1
  movs r6, r2
  movs r7, r3
  ldmia r4!, {r2, r3}
  \does r5
operation \name\()_ss
  ldmia r0!, {r4, r5}
  halves r4, r6
  add r6, r1
  ldmia r6!, {r2, r3}
  add r4, r1
  ldmia r4!, {r6, r7}
  \does r5
operation \name\()_sr
  ldmia r0!, {r4, r5}
  add r4, r1
  ldmia r4!, {r6, r7}
  \does r5
  .endm

  .macro unary name, does
operation \name\()_s
  ldmia r0!, {r4, r5}
  add r4, r1
  ldmia r4!, {r2, r3}
  \does r5
operation \name\()_r
  ldmia r0!, {r5}
  \does r5
  .endm

  // For these `a` and `b` are r2, r3 and r6, r7 or the reverse, and the order is of no account.
  .macro do_add al, ah, bl, bh, next
  adds r2, r6
  adcs r3, r7
  bx \next
  .endm

  .macro do_and al, ah, bl, bh, next
  ands r2, r6
  ands r3, r7
  bx \next
  .endm

  .macro do_or al, ah, bl, bh, next
  orrs r2, r6
  orrs r3, r7
  bx \next
  .endm

  .macro do_xor al, ah, bl, bh, next
  eors r2, r6
  eors r3, r7
  bx \next
  .endm

  .macro do_multiply al, ah, bl, bh, next
  bl multiply
  bx \next
  .endm

  .macro do_subtract al, ah, bl, bh, next
  subs r2, \al, \bl
  sbcs \ah, \bh
  .ifnc \ah, r3
  movs r3, \ah
  .endif
  bx \next
  .endm

  commutative i64_Add, do_add
  commutative i64_Multiply, do_multiply
  commutative u64_And, do_and
  commutative u64_Or, do_or
  commutative u64_Xor, do_xor
  binary i64_Subtract, do_subtract

  .macro do_equal al, ah, bl, bh, next
  eors r2, r6
  eors r3, r7
  orrs r2, r3
  rsbs r3, r2, #0 // carry if it was 0
  adcs r2, r3
  bx \next
  .endm

  .macro do_not_equal al, ah, bl, bh, next
  eors r2, r6
  eors r3, r7
  orrs r2, r3
  subs r3, r2, #1 // no carry if it was 0
  sbcs r2, r3
  bx \next
  .endm

  .macro do_below al, ah, bl, bh, next
  cmp \al, \bl
  sbcs \ah, \bh
  sbcs r2, r2
  rsbs r2, r2, #0
  bx \next
  .endm

  .macro do_above al, ah, bl, bh, next
  do_below \bl, \bh, \al, \ah, \next
  .endm

  .macro do_not_below al, ah, bl, bh, next
  cmp \al, \bl
  sbcs \ah, \bh
  sbcs r2, r2
  adds r2, #1
  bx \next
  .endm

  .macro do_not_above al, ah, bl, bh, next
  do_not_below \bl, \bh, \al, \ah, \next
  .endm

  // a < b is `less`, else `not_less`. The high words decide unless they are equal.
  .macro signed_compare al, ah, bl, bh, next, less, not_less
  cmp \ah, \bh
  blt 1f
  bgt 2f
  cmp \al, \bl
  blo 1f
2:movs r2, #\not_less
  bx \next
1:movs r2, #\less
  bx \next
  .endm

  .macro do_less al, ah, bl, bh, next
  signed_compare \al, \ah, \bl, \bh, \next, 1, 0
  .endm

  .macro do_greater al, ah, bl, bh, next
  signed_compare \bl, \bh, \al, \ah, \next, 1, 0
  .endm

  .macro do_not_greater al, ah, bl, bh, next
  signed_compare \bl, \bh, \al, \ah, \next, 0, 1
  .endm

  .macro do_not_less al, ah, bl, bh, next
  signed_compare \al, \ah, \bl, \bh, \next, 0, 1
  .endm

  commutative i64_Equal, do_equal
  commutative i64_NotEqual, do_not_equal
  binary u64_LessThan, do_below
  binary u64_GreaterThan, do_above
  binary u64_LessThanOrEqual, do_not_above
  binary u64_GreaterThanOrEqual, do_not_below
  binary i64_LessThan, do_less
  binary i64_GreaterThan, do_greater
  binary i64_LessThanOrEqual, do_not_greater
  binary i64_GreaterThanOrEqual, do_not_less

  // Shifts and rotations: a count of 32 to 255 (so a small negative one too) shifts everything out, but for asrs.
  .macro do_shift_left next
  movs r4, #63
  ands r6, r4
  lsls r3, r6
  movs r4, #32
  subs r4, r6 // 32 - count
  movs r7, r2
  lsrs r7, r4
  orrs r3, r7
  rsbs r4, r4, #0 // count - 32
  movs r7, r2
  lsls r7, r4
  orrs r3, r7
  lsls r2, r6
  bx \next
  .endm

  .macro do_shift_right next
  movs r4, #63
  ands r6, r4
  lsrs r2, r6
  movs r4, #32
  subs r4, r6 // 32 - count
  movs r7, r3
  lsls r7, r4
  orrs r2, r7
  rsbs r4, r4, #0 // count - 32
  movs r7, r3
  lsrs r7, r4
  orrs r2, r7
  lsrs r3, r6
  bx \next
  .endm

  .macro do_shift_right_signed next
  movs r4, #63
  ands r6, r4
  movs r4, #32
  subs r4, r6 // 32 - count
  bls 1f
  lsrs r2, r6
  movs r7, r3
  lsls r7, r4
  orrs r2, r7
  asrs r3, r6
  bx \next
1:rsbs r4, r4, #0 // count - 32
  movs r2, r3
  asrs r2, r4
  asrs r3, #31
  bx \next
  .endm

  .macro do_rotate_left next
  lsls r7, r6, #26
  bpl 1f // count modulo 64 is less than 32
  movs r4, r2
  movs r2, r3
  movs r3, r4
1:movs r4, #31
  ands r6, r4
  movs r4, #32
  subs r4, r6
  movs r7, r2 // what the high word gets
  lsrs r7, r4
  mov r12, r7
  movs r7, r3 // what the low word gets
  lsrs r7, r4
  lsls r2, r6
  orrs r2, r7
  lsls r3, r6
  mov r7, r12
  orrs r3, r7
  bx \next
  .endm

  .macro do_rotate_right next
  rsbs r6, r6, #0
  do_rotate_left \next
  .endm

  ordered u64_ShiftLeft, do_shift_left
  ordered u64_ShiftRight, do_shift_right
  ordered i64_ShiftRight, do_shift_right_signed
  ordered u64_Rotl, do_rotate_left
  ordered u64_Rotr, do_rotate_right

  .macro do_divide next
  bl divide_unsigned
  bx \next
  .endm

  .macro do_remainder next
  bl divide_unsigned
  movs r2, r6
  movs r3, r7
  bx \next
  .endm

  .macro do_divide_signed next
  bl divide_signed
  bx \next
  .endm

  .macro do_remainder_signed next
  bl remainder_signed
  bx \next
  .endm

  ordered u64_Divide, do_divide
  ordered u64_Remainder, do_remainder
  ordered i64_Divide, do_divide_signed
  ordered i64_Remainder, do_remainder_signed

  .macro do_equal_to_zero next
  orrs r2, r3
  rsbs r3, r2, #0
  adcs r2, r3
  bx \next
  .endm

  .macro do_extend8 next
  sxtb r2, r2
  asrs r3, r2, #31
  bx \next
  .endm

  .macro do_extend16 next
  sxth r2, r2
  asrs r3, r2, #31
  bx \next
  .endm

  .macro do_extend32 next
  asrs r3, r2, #31
  bx \next
  .endm

  .macro do_clz next
  cmp r3, #0
  bne 1f
  bl count_leading_zeros
  adds r2, #32
  movs r3, #0
  bx \next
1:movs r2, r3
  bl count_leading_zeros
  movs r3, #0
  bx \next
  .endm

  .macro do_ctz next
  cmp r2, #0
  beq 1f
  bl count_trailing_zeros
  movs r3, #0
  bx \next
1:movs r2, r3
  bl count_trailing_zeros
  adds r2, #32
  movs r3, #0
  bx \next
  .endm

  .macro do_popcnt next
  bl count_ones
  movs r4, r2
  movs r2, r3
  bl count_ones
  adds r2, r4
  movs r3, #0
  bx \next
  .endm

  unary i64_EqualToZero, do_equal_to_zero
  unary i64_Extend8_s, do_extend8
  unary i64_Extend16_s, do_extend16
  unary i64_Extend32_s, do_extend32
  unary u64_Clz, do_clz
  unary u64_Ctz, do_ctz
  unary u64_Popcnt, do_popcnt

  // From an i32, of which r3 says nothing.
  .macro extend name, how:vararg
operation \name\()_s
  ldmia r0!, {r4, r5}
  ldr r2, [r1, r4]
  \how
  bx r5
operation \name\()_r
  ldmia r0!, {r5}
  \how
  bx r5
  .endm

  extend i64_Extend_i32, asrs r3, r2, #31
  extend i64_Extend_u32, movs r3, #0

  // r2, r3 times r6, r7; into r2, r3. Changes r4, r6, r7.
routine multiply
  muls r3, r6, r3
  muls r7, r2, r7
  adds r3, r7 // what the high words give
  uxth r4, r2
  lsrs r2, #16
  uxth r7, r6
  lsrs r6, #16
  mov r12, r4
  muls r4, r6, r4 // low a, high b
  muls r6, r2, r6 // high a, high b
  adds r3, r6
  muls r2, r7, r2 // high a, low b
  mov r6, r12
  muls r7, r6, r7 // low a, low b
  lsls r6, r2, #16
  lsrs r2, #16
  adds r7, r6
  adcs r3, r2
  lsls r6, r4, #16
  lsrs r4, #16
  adds r7, r6
  adcs r3, r4
  movs r2, r7
  bx lr

  // r2, r3 divided by r6, r7; quotient into r2, r3, remainder into r6, r7. Changes r4.
routine divide_unsigned
  movs r4, r6
  orrs r4, r7
  bne 1f
  bl trap_division_by_zero
1:mov r4, lr
  push {r0, r1}
  movs r0, r2
  movs r1, r3
  movs r2, r6
  movs r3, r7
  bl __aeabi_uldivmod
  movs r6, r2
  movs r7, r3
  movs r2, r0
  movs r3, r1
  pop {r0, r1}
  bx r4

  // The same with signs; -2⁶³ / -1 has no quotient.
routine divide_signed
  movs r4, r6
  ands r4, r7
  adds r4, #1
  bne divide // not by -1
  movs r4, #1
  lsls r4, #31
  eors r4, r3
  orrs r4, r2
  bne divide
  bl trap_integer_overflow
divide:
  movs r4, r6
  orrs r4, r7
  bne 1f
  bl trap_division_by_zero
1:mov r4, lr
  push {r0, r1}
  movs r0, r2
  movs r1, r3
  movs r2, r6
  movs r3, r7
  bl __aeabi_ldivmod
  movs r6, r2
  movs r7, r3
  movs r2, r0
  movs r3, r1
  pop {r0, r1}
  bx r4

  // The remainder into r2, r3; by -1 it is 0, that of -2⁶³ too. Changes r4, r6, r7.
routine remainder_signed
  movs r4, r6
  ands r4, r7
  adds r4, #1
  bne 1f
  movs r2, #0
  movs r3, #0
  bx lr
1:push {r4, lr}
  bl divide
  movs r2, r6
  movs r3, r7
  pop {r4, pc}
