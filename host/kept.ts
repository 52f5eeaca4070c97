// SPDX-License-Identifier: MIT
// Modules that are no profile, for a test or a study: compiled when first asked for, and kept under the hashes of the
// options and of the sources in place of what older sources gave.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD, compile, fingerprint } from './build.ts';

export interface Variant {
  /** It is kept as build/<folder>/<name>-<hashes>.wasm. */
  folder: string;
  name: string;
  /** The file that asc begins with, and all that the module is made from. */
  entry: string;
  sources: string[];
  /** Of asconfig.json, one without options, for those of a profile would have the last word: optimised as for hosts, or plain. */
  target: 'probe' | 'plain';
  /** Of asc. */
  options: string[];
}

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The variant as a file; compiled if need be. Throws CompileError. */
export async function kept({ folder, name, entry, sources, target, options }: Variant): Promise<string> {
  const prefix = `${name}-${short(options.join(' '))}-`;
  const file = `${prefix}${short(await fingerprint(sources))}.wasm`;
  const path = join(BUILD, folder, file);
  if (existsSync(path)) return path;
  await mkdir(join(BUILD, folder), { recursive: true });
  await compile(entry, target, join('build', folder, file), options);
  for (const other of await readdir(join(BUILD, folder))) {
    const isOld = other.startsWith(prefix) && other.endsWith('.wasm') && other !== file;
    if (isOld) await rm(join(BUILD, folder, other), { force: true });
  }
  return path;
}
