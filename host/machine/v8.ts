// SPDX-License-Identifier: MIT
// The module on V8, through AssemblyScript's loader. Of what the loader gives, only the raw instance is used: its own
// `exports` wrap every function and add helpers for a runtime that the module does not have.

import { instantiateSync } from '@assemblyscript/loader';
import type { ExportedFunction, Imports, Machine } from './machine.ts';

/** As `instantiate` of machine.ts. */
export function instantiateV8(bytes: Uint8Array, imports: Imports): Machine {
  // The loader writes into what it is given.
  const copy = Object.fromEntries(Object.entries(imports).map(([module, functions]) => [module, { ...functions }]));
  const { instance } = instantiateSync(bytes as Uint8Array<ArrayBuffer>, copy);
  const all = Object.entries(instance.exports);
  const functions = all.filter((entry): entry is [string, ExportedFunction] => typeof entry[1] === 'function');
  const memory = instance.exports.memory;
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError('the module exports no memory');
  return { exports: Object.fromEntries(functions), memory };
}
