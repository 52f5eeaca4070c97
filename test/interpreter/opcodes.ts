// SPDX-License-Identifier: MIT
// The instructions of WebAssembly that the board knows, by name: the integer part of version 1, sign extension,
// memory.copy and memory.fill. The others, with floats, stand here as far as modules are read that contain them.

/** i32, i64, f32, f64 as the binary format writes them. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
/** Type of a block without parameters and results. */
export const VOID = 0x40;

const CONTROL = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  br_table: 0x0e,
  return: 0x0f,
  call: 0x10,
  call_indirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  'local.get': 0x20,
  'local.set': 0x21,
  'local.tee': 0x22,
  'global.get': 0x23,
  'global.set': 0x24,
  'memory.size': 0x3f,
  'memory.grow': 0x40,
  'i32.const': 0x41,
  'i64.const': 0x42,
  'f32.const': 0x43,
  'f64.const': 0x44,
} as const;

/** From 0x28 on. */
const MEMORY =
  'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u ' +
  'i64.load16_s i64.load16_u i64.load32_s i64.load32_u i32.store i64.store f32.store f64.store i32.store8 i32.store16 ' +
  'i64.store8 i64.store16 i64.store32';

const integerComparisons = (type: string): string =>
  'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'.replace(/\w+/g, `${type}.$&`);
const integerArithmetic = (type: string): string =>
  'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr'.replace(
    /\w+/g,
    `${type}.$&`,
  );
const floatComparisons = (type: string): string => 'eq ne lt gt le ge'.replace(/\w+/g, `${type}.$&`);
const floatArithmetic = (type: string): string =>
  'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign'.replace(/\w+/g, `${type}.$&`);

/** From 0x45 on. */
const NUMERIC = [
  integerComparisons('i32'),
  integerComparisons('i64'),
  floatComparisons('f32'),
  floatComparisons('f64'),
  integerArithmetic('i32'),
  integerArithmetic('i64'),
  floatArithmetic('f32'),
  floatArithmetic('f64'),
  'i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u',
  'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u',
  'f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64',
  'f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32',
  'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64',
  'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s',
].join(' ');

/** After the octet 0xfc, here as 0xfc00 + the second. */
const PREFIXED = { 'memory.copy': 0xfc0a, 'memory.fill': 0xfc0b } as const;

function numbered(names: string, from: number): [string, number][] {
  return names.split(' ').map((name, i) => [name, from + i]);
}

/** The code of each instruction: an octet, or 0xfc00 + the octet behind the prefix. */
export const OPCODES: ReadonlyMap<string, number> = new Map<string, number>([
  ...Object.entries(CONTROL),
  ...numbered(MEMORY, 0x28),
  ...numbered(NUMERIC, 0x45),
  ...Object.entries(PREFIXED),
]);

export const NAMES: ReadonlyMap<number, string> = new Map([...OPCODES].map(([name, code]) => [code, name]));

/** Parameters of a numeric instruction, and its result, as types of the binary format. */
export interface Shape {
  parameters: number[];
  result: number;
}

const TYPES: Readonly<Record<string, number>> = { i32: I32, i64: I64, f32: F32, f64: F64 };
const UNARY = new Set(
  'eqz clz ctz popcnt extend8_s extend16_s extend32_s abs neg ceil floor trunc nearest sqrt'.split(' '),
);
const COMPARISON = new Set('eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u lt gt le ge'.split(' '));

/** The shape of a numeric instruction: comparison, arithmetic, conversion. */
export function shapeOf(name: string): Shape {
  const [typeName, operation] = name.split('.') as [string, string];
  const type = TYPES[typeName]!;
  const from = /_(i32|i64|f32|f64)(_[su])?$/.exec(operation)?.[1];
  if (from !== undefined) return { parameters: [TYPES[from]!], result: type };
  return {
    parameters: UNARY.has(operation) ? [type] : [type, type],
    result: COMPARISON.has(operation) ? I32 : type,
  };
}

/** Octets that a load or store touches. */
export function accessSize(name: string): number {
  const width = /(?:load|store)(\d+)/.exec(name)?.[1];
  return width !== undefined ? Number(width) / 8 : name.startsWith('i32') || name.startsWith('f32') ? 4 : 8;
}
