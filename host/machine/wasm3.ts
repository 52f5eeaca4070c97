// SPDX-License-Identifier: MIT
// The module on wasm3, the interpreter of the board, through the workspace package `wasm3-binding`.

import * as plain from 'wasm3-binding';
import * as counting from 'wasm3-binding/counting';
import type { PlaceCost } from 'wasm3-binding/counting';
import type { Imports, Machine, MachineOptions } from './machine.ts';

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

/** Count operations by place in `machine`, which runs on `wasm3-counting`, until `stopProfile`: one at a time. */
export function startProfile(machine: Machine): void {
  // Any function tells the instance.
  counting.profileStart(Object.values(machine.exports)[0] as (...operands: (number | bigint)[]) => number);
}

/** What was counted since, by opcode of the module. */
export function stopProfile(): PlaceCost[] {
  return counting.profileStop();
}

/** A C loop as a measure, and an import that is linked without JavaScript. */
export { copyAndSum, copyInMemory } from 'wasm3-binding';
