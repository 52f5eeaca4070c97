// SPDX-License-Identifier: MIT
// The interpreter's source: the files of wasm3 that the firmware is made of, copied out of the package `wasm3-source` and
// edited. `stock` has only what a fixed memory asks for; `fast` leaves its operations to board/wasm3/*.S. Compiling is
// board/wasm3/wasm3.mk's.
//
//   node --import tsx host/firmware/interpreter/source.ts stock|fast FOLDER

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { CORRECTIONS } from 'wasm3-binding/corrections';

import type { Edit } from './edit.ts';
import { applyEdits, UnknownSourceError } from './edit.ts';
import { FAST } from './fast.ts';
import { FIXED_MEMORY } from './fixed-memory.ts';
import { STOCK } from './stock.ts';

/** The two interpreters, and what each changes. */
export const VARIANTS = {
  stock: [...CORRECTIONS, ...FIXED_MEMORY, ...STOCK],
  fast: [...CORRECTIONS, ...FIXED_MEMORY, ...FAST],
} as const satisfies Record<string, readonly Edit[]>;

export type Variant = keyof typeof VARIANTS;

/** No host functions of wasm3's own: neither WASI nor libc nor tracing. */
const LEFT_OUT = /^m3_api_/;
const TAKEN = /^(m3_\w+\.[ch]|wasm3(_defs)?\.h)$/;

/** Where the package keeps the source. */
export function packageSource(): string {
  return join(dirname(createRequire(import.meta.url).resolve('wasm3-source/package.json')), 'cpp');
}

/** Write the source of `variant` into `folder`, from the files in `from`. Throws UnknownSourceError. */
export function writeSource(variant: Variant, folder: string, from = packageSource()): void {
  const edits: readonly Edit[] = VARIANTS[variant];
  const files = readdirSync(from).filter((file) => TAKEN.test(file) && !LEFT_OUT.test(file));
  const missing = edits.find((edit) => !files.includes(edit.file));
  if (missing !== undefined) throw new UnknownSourceError(`${missing.file} is not in ${from}`);
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    writeFileSync(join(folder, file), applyEdits(file, readFileSync(join(from, file), 'utf8'), edits));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [variant, folder] = process.argv.slice(2);
  if (variant === undefined || !(variant in VARIANTS) || folder === undefined) {
    console.error(`use: source.ts ${Object.keys(VARIANTS).join('|')} FOLDER`);
    process.exitCode = 2;
  } else {
    try {
      writeSource(variant as Variant, folder);
    } catch (error) {
      console.error((error as Error).message);
      process.exitCode = 1;
    }
  }
}
