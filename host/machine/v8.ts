// SPDX-License-Identifier: MIT
// The module on V8, through AssemblyScript's loader. Of what the loader gives, only the raw instance is used: its own
// `exports` wrap every function and add helpers for a runtime that the module does not have.

import { instantiateSync } from '@assemblyscript/loader';
import type { Imports } from './machine.ts';

/** The exports of a new instance. Throws WebAssembly's CompileError, LinkError, RuntimeError. */
export function exportsOnV8(bytes: Uint8Array, imports: Imports): Readonly<Record<string, unknown>> {
  // The loader writes into what it is given.
  const copy = Object.fromEntries(
    Object.entries(imports).map(([module, functions]) => [module, { ...functions }]),
  );
  return instantiateSync(bytes as Uint8Array<ArrayBuffer>, copy).instance.exports;
}
