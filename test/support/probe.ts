// SPDX-License-Identifier: MIT
// Probe modules: AssemblyScript entry points under test/probe/ that open up internals for a test and never ship. They are kept in
// build/probe/.

import { readFileSync } from 'node:fs';
import { kept } from '../../host/kept.ts';
import { closureOf } from './imports.ts';

export interface ProbeOptions {
  /** Numbers of config.ts, as in a profile: `{ RING: 2048, PORT: 1 }`. */
  use?: Record<string, number>;
  /** Memory, in pages of 64 KB; 1 unless told. */
  pages?: number;
  /** Leave assertions out, as the product does. Otherwise one that fails is a trap. */
  noAssert?: boolean;
}

/**
 * The module of `test/probe/<name>.ts`. It is optimised like the product and has the product's empty runtime, so that
 * what would allocate does not compile. Throws CompileError.
 */
export async function probe(name: string, options: ProbeOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { use = {}, pages = 1, noAssert = false } = options;
  const entry = `test/probe/${name}.ts`;
  const names = Object.entries(use).map(([key, value]) => `${key}=${value}`);
  const asc = [
    ...['abort=', ...names].flatMap((text) => ['--use', text]),
    ...['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`],
    ...(noAssert ? ['--noAssert'] : []),
  ];
  const sources = closureOf(entry);
  const file = await kept({ folder: 'probe', name, entry, sources, target: 'probe', options: asc });
  return new Uint8Array(readFileSync(file));
}
