// SPDX-License-Identifier: MIT
// Operands: numbers at the edges of what an encoding or an operation may get wrong, and the forms in which wasm3 has an
// operand.

import { constant, op } from './assemble.ts';
import type { Code } from './assemble.ts';
import type { Value } from './engine.ts';
import { I64 } from './opcodes.ts';

const EDGES_32 = [
  ...[0, 1, 2, 3, 7, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x12345678, 0x7fffffff],
  ...[-0x80000000, -0x7fffffff, -0x8001, -0x8000, -2, -1],
];
const EDGES_64 = [
  ...[
    0n,
    1n,
    2n,
    31n,
    32n,
    33n,
    63n,
    64n,
    0x80n,
    0x8000n,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
    0x100000000n,
  ],
  ...[0x123456789abcdef0n, 0x7fffffff00000001n, 0x7fffffffffffffffn, -0x8000000000000000n],
  ...[-0x7fffffffffffffffn, -0x100000000n, -2n, -1n],
];
/** Those that are also tried as constants in the code: the ends of 16 bits among them, where encodings change. */
const CONSTANTS_32 = [
  ...[0, 1, 5, 31, 32, 0x80, 0x7ffe, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x12345678, 0x7fffffff],
  ...[-0x80000000, -0x8001, -0x8000, -2, -1],
];
const CONSTANTS_64 = [
  ...[0n, 1n, 5n, 63n, 0x8000n, 0x80000000n, 0x123456789abcdef0n, 0x7fffffffffffffffn],
  ...[-0x8000000000000000n, -1n],
];
/** Those whose results go through every consumer. */
const FEW_32 = [0, 1, 33, 0x12345678, -0x80000000, -1];
const FEW_64 = [0n, 1n, 33n, 0x123456789abcdef0n, -0x8000000000000000n, -1n];
/** The same for the consumers that are tried with constants. */
const SOME_32 = [0, 0x7fff, 0xffff, 0x10000, -0x8000];
const SOME_64 = [0n, 0xffffffffn, -0x8000n];

/** One thing for i32, another for i64. */
export const of = <T>(type: number, on32: T, on64: T): T => (type === I64 ? on64 : on32);
export const edges = (type: number): readonly Value[] => of<readonly Value[]>(type, EDGES_32, EDGES_64);
export const constants = (type: number): readonly Value[] =>
  of<readonly Value[]>(type, CONSTANTS_32, CONSTANTS_64);
export const few = (type: number): readonly Value[] => of<readonly Value[]>(type, FEW_32, FEW_64);
/** Those for the consumers of results of constants. */
export const some = (type: number): readonly Value[] => of<readonly Value[]>(type, SOME_32, SOME_64);

export const plus = (type: number): string => of(type, 'i32.add', 'i64.add');
/** A parameter as it lies in its slot. */
export const inSlot = (index: number): Code => op('local.get', index);
/** A parameter that has gone through the accumulator. */
export const inRegister = (type: number, index: number): Code => [
  ...op('local.get', index),
  ...constant(type, of<Value>(type, 0, 0n)),
  ...op(plus(type)),
];
