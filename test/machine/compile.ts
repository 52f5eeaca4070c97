// SPDX-License-Identifier: MIT
// Small modules for the tests of the engines, compiled in memory.

import asc from 'assemblyscript/asc';

/** AssemblyScript text → wasm, compiled as the product is; `options` are asc's. Throws when it does not compile. */
export async function compile(source: string, ...options: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const fixed = ['module.ts', '--outFile', 'module.wasm', '-O3', '--runtime', 'stub', '--memoryBase', '16'];
  const { error } = await asc.main([...fixed, ...options], {
    readFile: (name) => (name === 'module.ts' ? source : null),
    writeFile: (name, content) => void files.set(name, content as Uint8Array<ArrayBuffer>),
    listFiles: () => [],
  });
  if (error !== null) throw error;
  return files.get('module.wasm')!;
}
