// SPDX-License-Identifier: MIT
// Compiles the module's profiles, the targets of asconfig.json, into build/. Two compilers run at a time. A build is
// known by the hash of everything that goes into it, so nothing is compiled twice; each module is checked by V8, because
// wasm3 has no validator, and takes its place whole, because others may be reading the old one.
//
//   tsx host/build.ts [PROFILE…]   these profiles, or all

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Where the modules are built. */
export const BUILD = join(ROOT, 'build');

/** The entry of each product; `build/<profile>.wasm` is what comes of it. Its options stand in asconfig.json. */
export const PROFILES: Readonly<Record<string, string>> = {
  sandwire: 'assembly/index.ts',
  debug: 'assembly/index.ts',
  tiny: 'assembly/index.ts',
  'board-port': 'assembly/port.ts',
  port: 'assembly/port.ts',
  'tiny-port': 'assembly/port.ts',
  'large-port': 'assembly/port.ts',
  bench: 'assembly/port.ts',
  'bench-sums': 'assembly/port.ts',
};

const COMPILERS = 2;
const require = createRequire(import.meta.url);
const ASC = require.resolve('assemblyscript/bin/asc.js');
// Not in asconfig.json: from there asc takes a relative path for the name of a package.
const TRANSFORM = './host/ascii-transform.mjs';
/** What has one caller goes into it: asc leaves that out, and it saves a hundredth of the code and the calls. */
const INLINE = [
  '--enable-bulk-memory',
  '--optimize-level=3',
  '--shrink-level=1',
  '-ocimfs',
  '400',
  '--inlining-optimizing',
];
const WASM_OPT = createRequire(ASC).resolve('binaryen/bin/wasm-opt');
const run = promisify(execFile);

/** What the compiler said: one or more errors, with file and line. */
export class CompileError extends Error {
  override name = 'CompileError';
}

/**
 * Compile one entry as a target of asconfig.json into `outFile`, validate it, and put it there in one step.
 * Throws CompileError. Paths are relative to the repository; `extra` are further options of asc.
 */
export async function compile(
  entry: string,
  target: string,
  outFile: string,
  extra: string[] = [],
): Promise<void> {
  const draft = `${outFile}.${process.pid}`;
  const options = ['--target', target, '--outFile', draft, '--transform', TRANSFORM, ...extra];
  try {
    await run(process.execPath, [ASC, entry, ...options], { cwd: ROOT }).catch((error: unknown) => {
      throw new CompileError(`${entry} (${target}): ${(error as { stderr: string }).stderr.trim()}`);
    });
    if (target !== 'debug') {
      await run(process.execPath, [WASM_OPT, ...INLINE, draft, '-o', draft], { cwd: ROOT });
    }
    if (!WebAssembly.validate(new Uint8Array(await readFile(join(ROOT, draft))))) {
      throw new CompileError(`${entry} (${target}): not a valid module`);
    }
    await rename(join(ROOT, draft), join(ROOT, outFile));
  } finally {
    await rm(join(ROOT, draft), { force: true });
  }
}

/** Hash of all that a module is made from: `sources`, the options, the transform and the compiler. */
export async function fingerprint(sources: string[]): Promise<string> {
  const hash = createHash('sha256');
  const compiler = relative(ROOT, require.resolve('assemblyscript/package.json'));
  for (const name of [...sources, 'asconfig.json', TRANSFORM, compiler, 'host/build.ts']) {
    hash.update(name).update(await readFile(join(ROOT, name)));
  }
  return hash.digest('hex');
}

async function moduleSources(): Promise<string[]> {
  return (await readdir(join(ROOT, 'assembly'), { recursive: true }))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => join('assembly', name));
}

/**
 * Build those of `profiles` whose sources have changed since their last build; `onStart` hears which. Throws the
 * CompileError of the first that fails, when all are done; a module that does not compile is taken away, so that nobody
 * runs an old one.
 */
export async function build(
  profiles: string[] = Object.keys(PROFILES),
  onStart: (stale: string[]) => void = () => {},
): Promise<void> {
  const unknown = profiles.find((profile) => !(profile in PROFILES));
  if (unknown !== undefined) {
    throw new RangeError(`no profile ${unknown}; there are ${Object.keys(PROFILES).join(', ')}`);
  }
  await mkdir(BUILD, { recursive: true });
  const current = await fingerprint(await moduleSources());
  const stamp = (profile: string): string => join(BUILD, `${profile}.stamp`);
  const isBuilt = (profile: string): boolean =>
    existsSync(join(BUILD, `${profile}.wasm`)) &&
    existsSync(stamp(profile)) &&
    readFileSync(stamp(profile), 'utf8') === current;
  const stale = profiles.filter((profile) => !isBuilt(profile));
  if (stale.length > 0) onStart(stale);
  const queue = [...stale];
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let profile = queue.shift(); profile !== undefined; profile = queue.shift()) {
      try {
        await compile(PROFILES[profile]!, profile, `build/${profile}.wasm`);
        await writeFile(stamp(profile), current);
      } catch (error) {
        errors.push(error);
        await rm(join(BUILD, `${profile}.wasm`), { force: true });
      }
    }
  };
  await Promise.all(Array.from({ length: COMPILERS }, worker));
  if (errors.length > 0) throw errors[0];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { positionals } = parseArgs({ allowPositionals: true });
    await build(positionals.length > 0 ? positionals : undefined, (stale) => {
      console.error(`compiling ${stale.join(', ')}`);
    });
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
