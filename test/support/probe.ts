// SPDX-License-Identifier: MIT
// Probe modules: AssemblyScript entry points under test/probe/ that open up internals for a test and never ship. They are
// compiled when first asked for and kept in build/probe/ under the hash of all that went into them.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile, fingerprint, ROOT } from '../../host/build.ts';
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
  const extra = [
    ...['abort=', ...names].flatMap((text) => ['--use', text]),
    ...['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`],
    ...(noAssert ? ['--noAssert'] : []),
  ];
  const hash = createHash('sha256')
    .update(extra.join(' '))
    .update(await fingerprint(closureOf(entry)));
  const outFile = `build/probe/${name}-${hash.digest('hex').slice(0, 16)}.wasm`;
  if (!existsSync(join(ROOT, outFile))) {
    mkdirSync(dirname(join(ROOT, outFile)), { recursive: true });
    await compile(entry, 'probe', outFile, extra);
  }
  return new Uint8Array(readFileSync(join(ROOT, outFile)));
}
