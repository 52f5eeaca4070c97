// SPDX-License-Identifier: MIT
// wasm3 in the shape of the WebAssembly API.

import { addon, engine } from './engine.js';

const load = addon('wasm3');

export const { Module, Instance, Memory } = engine(load);

export { copyInMemory } from './engine.js';

export function copyAndSum(to, from, times) {
  return load().copyAndSum(to, from, times);
}
