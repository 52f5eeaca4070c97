// SPDX-License-Identifier: MIT
// What the built modules weigh: octets of wasm and of the code in it, octets of memory that the stack uses, imports and
// exports.
//
//   npm run size                     a table of all profiles
//   npm run --silent size -- --json  the same for machines; what stands at the top is the default profile

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BUILD, PROFILES } from './build.ts';

export interface Size {
  /** Octets of the module. */
  wasmBytes: number;
  /** Octets of its code section: the rest are texts, tables, names of exports. */
  codeBytes: number;
  /** Octets of linear memory in use: memoryEnd(). */
  memoryBytes: number;
}

export interface Sizes extends Size {
  /** `module.name` of each import of the default profile. */
  imports: string[];
  exports: string[];
  profiles: Record<string, Size>;
}

const HEADER = 8;
const CODE_SECTION = 10;

/** Octets of the code section of a valid module, without its number and length. */
function codeBytesOf(bytes: Uint8Array): number {
  for (let at = HEADER; at < bytes.length;) {
    const id = bytes[at++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = bytes[at++]!;
      length |= (octet & 0x7f) << shift;
      if (octet < 0x80) break;
    }
    if (id === CODE_SECTION) return length;
    at += length;
  }
  return 0;
}

/** Weigh one module. Throws TypeError when it is none of ours. */
export function sizeOf(bytes: Uint8Array<ArrayBuffer>): Size & Pick<Sizes, 'imports' | 'exports'> {
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module);
  const stubs: Record<string, Record<string, () => number>> = {};
  for (const { module: from, name } of imports) (stubs[from] ??= {})[name] = () => 0;
  const { exports } = new WebAssembly.Instance(module, stubs);
  const memoryEnd = exports.memoryEnd as (() => number) | undefined;
  if (memoryEnd === undefined) throw new TypeError('not a Sandwire module: it exports no memoryEnd');
  return {
    wasmBytes: bytes.length,
    codeBytes: codeBytesOf(bytes),
    memoryBytes: memoryEnd() >>> 0,
    imports: imports.map(({ module: from, name }) => `${from}.${name}`).sort(),
    exports: WebAssembly.Module.exports(module)
      .map(({ name }) => name)
      .sort(),
  };
}

/** Weigh everything in `folder`. Throws, naming the file, when a profile is missing. */
export async function sizes(folder: string = BUILD): Promise<Sizes> {
  const weigh = async (profile: string): Promise<ReturnType<typeof sizeOf>> =>
    sizeOf(new Uint8Array(await readFile(join(folder, `${profile}.wasm`))));
  const product = await weigh('sandwire');
  const profiles: Record<string, Size> = {};
  for (const profile of Object.keys(PROFILES)) {
    const { wasmBytes, codeBytes, memoryBytes } = await weigh(profile);
    profiles[profile] = { wasmBytes, codeBytes, memoryBytes };
  }
  return { ...product, profiles };
}

function table(profiles: Record<string, Size>): string {
  const rows = Object.entries(profiles).map(([profile, size]) => [
    profile,
    ...[size.wasmBytes, size.codeBytes, size.memoryBytes].map((octets) => octets.toLocaleString('en')),
  ]);
  return [['profile', 'wasm', 'code', 'memory'], ...rows]
    .map(([profile, wasm, code, memory]) =>
      [profile!.padEnd(12), wasm!.padStart(9), code!.padStart(9), memory!.padStart(12)].join(''),
    )
    .join('\n');
}

const HELP = `Usage: npm run size -- [--json]

Octets of each module, of the code in it, and of the memory that it uses.

Examples:
  npm run size
  npm run --silent size -- --json`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { json, help } = parseArgs({
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values;
    if (help) {
      console.log(HELP);
    } else {
      const all = await sizes();
      console.log(json ? JSON.stringify(all, null, 2) : table(all.profiles));
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'no build; run `npm run build` first' : (error as Error).message;
    console.error(`sandwire: ${reason}`);
    process.exitCode = 1;
  }
}
