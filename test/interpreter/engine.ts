// SPDX-License-Identifier: MIT
// What can run a module for a comparison: V8, wasm3 as the addon has it, and (arm.ts) wasm3 as the board has it. Values
// are those of the JavaScript interface, an i32 signed; traps are told by kind, because each engine has its own words.

import * as wasm3 from 'wasm3-binding';
import { readInterface } from './binary.ts';
import type { Interface } from './binary.ts';
import { I64 } from './opcodes.ts';

export type Value = number | bigint;

export const TRAPS = [
  'unreachable',
  'out of bounds memory access',
  'integer divide by zero',
  'integer overflow',
  'undefined element',
  'indirect call type mismatch',
  'stack overflow',
] as const;
export type Trap = (typeof TRAPS)[number];

export type Outcome = { results: Value[] } | { trap: Trap };

/** The module is valid, but more than this engine takes: it has a limit. */
export class Refusal extends Error {
  override name = 'Refusal';
}

export interface Loaded {
  call(name: string, operands: readonly Value[]): Outcome;
  /** The linear memory itself as it is now; empty when the module exports none. */
  memory(): Uint8Array;
  /** The exported globals, in the order of the module. */
  globals(): Value[];
  /** What the imported functions have been given so far, as a hash. */
  heard(): number;
}

export interface Engine {
  readonly name: string;
  /** `known` is what readInterface gives for these bytes. Throws Refusal. */
  load(bytes: Uint8Array, known?: Interface): Loaded;
}

/** Texts of V8 and of wasm3, the longest known beginning of each. */
const TEXTS: readonly [RegExp, Trap][] = [
  [/^unreachable/, 'unreachable'],
  [/^(memory access out of bounds|out of bounds memory access)/, 'out of bounds memory access'],
  [/^(divide by zero|remainder by zero|integer divide by zero)/, 'integer divide by zero'],
  [/^(divide result unrepresentable|integer overflow)/, 'integer overflow'],
  [/^(table index is out of bounds|undefined element)/, 'undefined element'],
  // V8 does not tell an empty element from one of another type.
  [
    /^(null function or function signature|indirect call type mismatch|null table element)/,
    'indirect call type mismatch',
  ],
  [/^(Maximum call stack size exceeded|stack overflow)/, 'stack overflow'],
];

/** The kind of a trap by an engine's text. Throws Error for a text that is none. */
export function trapOf(words: string): Trap {
  const plain = words.replace(/^\[trap\] /, '');
  const found = TEXTS.find(([pattern]) => pattern.test(plain));
  if (found === undefined) throw new Error(`not a known trap: ${words}`);
  return found[1];
}

/**
 * What every imported function does, on each engine: FNV-1a over its arguments, 32 bits at a time, onto what was heard
 * before; the result is the hash, for an i64 in both halves.
 */
export class Ear {
  hash = 0x811c9dc5 | 0;

  hear(operands: readonly Value[]): void {
    const mix = (word: number): void => {
      this.hash = Math.imul(this.hash ^ word, 0x01000193);
    };
    for (const operand of operands) {
      if (typeof operand === 'number') mix(operand);
      else {
        mix(Number(BigInt.asIntN(32, operand)));
        mix(Number(BigInt.asIntN(32, operand >> 32n)));
      }
    }
  }

  result(type: number | undefined): Value | undefined {
    if (type !== I64) return type === undefined ? undefined : this.hash;
    const half = BigInt.asUintN(32, BigInt(this.hash));
    return BigInt.asIntN(64, (half << 32n) | half);
  }
}

type Imports = Record<string, Record<string, (...operands: Value[]) => Value | undefined>>;

function importsFor(known: Interface, ear: Ear): Imports {
  const imports: Imports = {};
  for (const { module, name, results } of known.imports) {
    (imports[module] ??= {})[name] = (...operands) => {
      ear.hear(operands);
      return ear.result(results[0]);
    };
  }
  return imports;
}

type Exports = Readonly<Record<string, unknown>>;

class OnHost implements Loaded {
  constructor(
    private readonly exports: Exports,
    private readonly known: Interface,
    private readonly ear: Ear,
  ) {}

  call(name: string, operands: readonly Value[]): Outcome {
    try {
      const result = (this.exports[name] as (...operands: readonly Value[]) => Value | Value[] | undefined)(
        ...operands,
      );
      return { results: result === undefined ? [] : Array.isArray(result) ? result : [result] };
    } catch (error) {
      return { trap: trapOf((error as Error).message) };
    }
  }

  memory(): Uint8Array {
    if (this.known.memory === undefined) return new Uint8Array();
    return new Uint8Array((this.exports[this.known.memory] as { buffer: ArrayBuffer }).buffer);
  }

  globals(): Value[] {
    return this.known.globals.map(({ name }) => (this.exports[name] as { value: Value }).value);
  }

  heard(): number {
    return this.ear.hash;
  }
}

export const v8: Engine = {
  name: 'V8',
  load(bytes, known = readInterface(bytes)) {
    const ear = new Ear();
    const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    const instance = new WebAssembly.Instance(module, importsFor(known, ear));
    return new OnHost(instance.exports, known, ear);
  },
};

/** With `memoryLimit` octets of linear memory, less than the module declares; 0: as many as it does. */
export function wasm3OnHost(memoryLimit = 0): Engine {
  return {
    name: 'wasm3 on the host',
    load(bytes, known = readInterface(bytes)) {
      const ear = new Ear();
      try {
        const imports = importsFor(known, ear);
        const instance = new wasm3.Instance(new wasm3.Module(bytes), imports, {
          stackSize: 65_536,
          memoryLimit,
        });
        return new OnHost(instance.exports, known, ear);
      } catch (error) {
        throw new Refusal((error as Error).message, { cause: error });
      }
    },
  };
}
