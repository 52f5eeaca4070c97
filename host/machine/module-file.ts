// SPDX-License-Identifier: MIT
// Where the built modules are, and a plain word when they are not.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The octets of a module: a build by name (`sandwire`, `large-port`, …), a file, or the octets themselves. */
export function readModule(module: Uint8Array | string): Uint8Array {
  if (typeof module !== 'string') return module;
  const isName = /^[\w-]+$/.test(module);
  const path = isName ? fileURLToPath(new URL(`../../build/${module}.wasm`, import.meta.url)) : module;
  let octets: Uint8Array;
  try {
    octets = readFileSync(path);
  } catch (error) {
    if (isName) throw new Error(`build/${module}.wasm is missing: run npm run build`, { cause: error });
    throw new Error(`cannot read ${path}: ${(error as Error).message.split(',')[0]}`, { cause: error });
  }
  const isWasm =
    octets.length >= 8 && octets[0] === 0 && octets[1] === 0x61 && octets[2] === 0x73 && octets[3] === 0x6d;
  if (!isWasm) throw new TypeError(`${path} is not a WebAssembly module`);
  return octets;
}
