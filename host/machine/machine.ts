// SPDX-License-Identifier: MIT
// What can run the module: an engine's name, its bytes, its imports in; callable exports and live memory out. V8 and
// wasm3 are interchangeable here, to the octet. Left out: what the imports do (hal.ts) and what the exports mean
// (stack.ts).

import { exportsOnV8 } from './v8.ts';
import { exportsOnWasm3 } from './wasm3.ts';

/** `wasm3-counting` is wasm3 that counts its operations: see `ops` of `wasm3-binding/counting`. */
export const ENGINES = ['v8', 'wasm3', 'wasm3-counting'] as const;
export type Engine = (typeof ENGINES)[number];

/** Takes and gives i32 and u32 alike; a result is signed, write `>>> 0` for a u32. */
export type ExportedFunction = (...operands: number[]) => number;

/** Functions by module and name. What one throws reaches the caller of the export unchanged. */
export type Imports = Readonly<
  Record<string, Readonly<Record<string, (...operands: number[]) => number | void>>>
>;

export interface Machine {
  /** The exported functions alone. */
  readonly exports: Readonly<Record<string, ExportedFunction>>;
  /** The exported linear memory itself, not a copy. */
  readonly memory: { readonly buffer: ArrayBuffer };
}

export interface MachineOptions {
  /**
   * Octets of linear memory that exist, from address 0, as on the board; an access beyond them traps. Default: all
   * declared pages. On wasm3 only: V8 has whole pages of 64 KB and ignores it.
   */
  memoryLimit?: number;
}

/**
 * Run `bytes` on `engine`. Throws what the engine throws: not a module, an import missing, a trap in the start function;
 * and TypeError when no `memory` is exported.
 */
export function instantiate(
  engine: Engine,
  bytes: Uint8Array,
  imports: Imports,
  options: MachineOptions = {},
): Machine {
  const exports =
    engine === 'v8'
      ? exportsOnV8(bytes, imports)
      : exportsOnWasm3(bytes, imports, options, engine === 'wasm3-counting');
  const memory = exports.memory as Machine['memory'] | undefined;
  if (!(memory?.buffer instanceof ArrayBuffer)) throw new TypeError('the module exports no memory');
  const functions = Object.entries(exports).filter(([, value]) => typeof value === 'function');
  return { exports: Object.fromEntries(functions) as Record<string, ExportedFunction>, memory };
}
