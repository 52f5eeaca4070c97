// SPDX-License-Identifier: MIT
// The module that the user named, looked at before anything runs: wasm3 has no validator of its own, and a module that
// is not ours should be refused in words.

import { readModule } from '../machine/module-file.ts';

/**
 * The octets of a build for the board: a build's name, or a file. Throws one line when it is missing, unreadable, no
 * WebAssembly, or not a build of this stack with the chip's driver.
 */
export function boardModule(name = 'sandwire'): Uint8Array<ArrayBuffer> {
  const octets = Uint8Array.from(readModule(name));
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(octets);
  } catch {
    throw new TypeError(`${name} is not a valid WebAssembly module`);
  }
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const strangers = WebAssembly.Module.imports(module).filter(({ module }) => module !== 'hal');
  if (
    strangers.length > 0 ||
    !['memory', 'configure', 'poll', 'connectionInfo'].every((name) => exported.has(name))
  ) {
    throw new TypeError(`${name} is not a Sandwire module: build one with npm run build`);
  }
  if (exported.has('portReceive')) {
    throw new TypeError(
      `${name} is a build without the chip's driver: a board needs sandwire.wasm or tiny.wasm`,
    );
  }
  return octets;
}
