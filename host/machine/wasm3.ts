// SPDX-License-Identifier: MIT
// The module on wasm3, the interpreter of the board, through the workspace package `wasm3-binding`.

import * as plain from 'wasm3-binding';
import * as counting from 'wasm3-binding/counting';
import type { Imports, MachineOptions } from './machine.ts';

/** The exports of a new instance; with `count`, on the build that counts operations. Throws Errors with a WASM3_ code. */
export function exportsOnWasm3(
  bytes: Uint8Array,
  imports: Imports,
  options: MachineOptions,
  count: boolean,
): Readonly<Record<string, unknown>> {
  const { Module, Instance } = count ? counting : plain;
  return new Instance(new Module(bytes), imports, options).exports;
}

/** Operations that `wasm3-counting` has dispatched so far, in this process. */
export { ops } from 'wasm3-binding/counting';
