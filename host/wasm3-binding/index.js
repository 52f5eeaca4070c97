// SPDX-License-Identifier: MIT
// wasm3 in the shape of the WebAssembly API.

import { addon, engine } from './engine.js';

export const { Module, Instance, Memory } = engine(addon('wasm3'));
