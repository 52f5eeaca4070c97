// SPDX-License-Identifier: MIT
// The same API over the build that counts the operations which wasm3 dispatches (M3 ops).

import { addon, engine } from './engine.js';

const load = addon('wasm3_counting');

export const { Module, Instance, Memory } = engine(load);

export function ops() {
  return load().ops();
}
