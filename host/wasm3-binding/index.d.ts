// SPDX-License-Identifier: MIT
// wasm3 in the shape of the WebAssembly API. What differs from `WebAssembly`:
// - errors are plain Errors with a `code`: WASM3_COMPILE (not a valid module, or one that wasm3 cannot translate),
//   WASM3_LINK (an import is missing or of a kind wasm3 lacks, a data segment outside the memory, no memory left),
//   WASM3_TRAP (the message names the trap; the instance can be called again);
// - memory never grows: `memory.grow` answers -1;
// - exported tables and tags do not appear; exported globals can be read only.

/** i32, f32, f64 are numbers (an i32 is signed: write `>>> 0` for u32), i64 is a BigInt. */
export type Value = number | bigint;

/** Several results come as an array. */
export type ExportedFunction = (...operands: Value[]) => Value | Value[] | undefined;

export interface Global {
  readonly value: Value;
}

/** An imported function has at most one result. What it throws reaches the caller of the export unchanged. */
export type Imports = Readonly<Record<string, Readonly<Record<string, (...operands: never[]) => unknown>>>>;

export interface ImportDescriptor {
  module: string;
  name: string;
  kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
}

export interface ExportDescriptor {
  name: string;
  kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
}

export class Module {
  /** Copies the bytes and validates them. Throws WASM3_COMPILE. */
  constructor(bytes: ArrayBuffer | ArrayBufferView);
  static imports(module: Module): ImportDescriptor[];
  static exports(module: Module): ExportDescriptor[];
}

export interface InstanceOptions {
  /** Octets of wasm3's stack, 1,024 … 65,536; default 16,384. Beyond it a call traps with "stack overflow". */
  stackSize?: number;
  /** Octets of linear memory that really exist, from address 0; default 0 = all declared pages. Beyond them a trap. */
  memoryLimit?: number;
}

export class Instance {
  /** Links and translates every function, then runs the start function. Throws WASM3_LINK, WASM3_COMPILE, WASM3_TRAP. */
  constructor(module: Module, imports?: Imports, options?: InstanceOptions);
  readonly exports: Readonly<Record<string, ExportedFunction | Memory | Global>>;
}

export class Memory {
  private constructor();
  /** The linear memory itself, not a copy; always the same buffer. */
  readonly buffer: ArrayBuffer;
}

/**
 * An import of type (i32, i32, i32) → i32 that the addon links without JavaScript: copy `length` octets of the linear
 * memory from `from` to `to`, which do not overlap, or with `to` = 0 not; the result is their Internet sum (RFC 1071:
 * 16-bit words in network order, an odd last octet padded with zero, folded to 16 bits, not complemented). Traps when octets
 * lie outside the memory. Throws TypeError when it is called.
 */
export function copyInMemory(to: number, from: number, length: number): number;

/**
 * The same from array to array, `times` times: a plain loop in C, compiled with -O2, as a measure. `to` is no shorter than
 * `from`. Returns the sum; 0 for no times.
 */
export function copyAndSum(to: Uint8Array, from: Uint8Array, times: number): number;
