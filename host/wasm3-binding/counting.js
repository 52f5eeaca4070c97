// SPDX-License-Identifier: MIT
// The same API over the build that counts the operations which wasm3 dispatches (M3 ops).

import { addon, engine } from './engine.js';

const load = addon('wasm3_counting');
const { instanceOf, ...api } = engine(load);

export const { Module, Instance, Memory } = api;

export { copyInMemory } from './engine.js';

export function copyAndSum(to, from, times) {
  return load().copyAndSum(to, from, times);
}

export function ops() {
  return load().ops();
}

export function profileStart(exported) {
  load().profileStart(instanceOf(exported));
}

export function profileStop() {
  const pairs = load().profileStop();
  const opsAt = new Map();
  for (let i = 0; i < pairs.length; i += 2) {
    opsAt.set(pairs[i], (opsAt.get(pairs[i]) ?? 0) + pairs[i + 1]);
  }
  return [...opsAt].map(([offset, ops]) => ({ offset, ops })).sort((a, b) => a.offset - b.offset);
}
