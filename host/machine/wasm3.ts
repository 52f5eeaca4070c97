// SPDX-License-Identifier: MIT
// The module on wasm3, the interpreter of the board, through the workspace package `wasm3-binding`.

import * as plain from 'wasm3-binding';
import * as counting from 'wasm3-binding/counting';
import type { ExportedFunction, Imports, Machine, MachineOptions } from './machine.ts';

/** As `instantiate` of machine.ts; with `count`, on the build that counts operations. */
export function instantiateWasm3(bytes: Uint8Array, imports: Imports, options: MachineOptions, count: boolean): Machine {
  const { Module, Instance, Memory } = count ? counting : plain;
  const { exports } = new Instance(new Module(bytes), imports, options);
  const all = Object.entries(exports);
  const functions = all.filter((entry): entry is [string, ExportedFunction] => typeof entry[1] === 'function');
  const memory = exports.memory;
  if (!(memory instanceof Memory)) throw new TypeError('the module exports no memory');
  return { exports: Object.fromEntries(functions), memory };
}
