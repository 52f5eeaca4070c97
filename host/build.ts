// SPDX-License-Identifier: MIT
// Compiles the module's profiles, the targets of asconfig.json, into build/. Two compilers run at a time. A build is
// known by the hash of everything that goes into it, so nothing is compiled twice; each module is checked by V8, because
// wasm3 has no validator, and takes its place whole, because others may be reading the old one. Beside each lies its source
// map, build/<profile>.wasm.map: an offset in the module's octets as the column. The module does not name it.
//
//   tsx host/build.ts [PROFILE…]   these profiles, or all

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
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
/**
 * Targets whose functions stay as asc leaves them, for people to read or for a module made to be compared: half the time.
 */
const PLAIN = new Set(['debug', 'plain']);
/** Profiles that a board interprets: three octets of RAM for one of code. */
const SMALL = new Set(['sandwire', 'tiny', 'board-port']);
/**
 * What has one caller goes into it: asc leaves that out, and it saves a hundredth of the code and the calls. Where octets
 * of code are not dear, so do small functions that many call. All is done twice: what went in lets more go. Since the
 * module never traps, loads whose value nobody wants are left out. An address plus a constant becomes an offset: the pass
 * is called after modules that leave the first 1,024 octets alone, but all that it takes for granted is that no such sum
 * wraps. For hosts, what is kept in a local is taken from there: wasm3 has one register, and what `local.tee` leaves in it
 * has to be saved before the next operand.
 */
const optimizing = (target: string): string[] => {
  const isSmall = SMALL.has(target);
  const level = isSmall ? '-Oz' : '-O3';
  return [
    '--enable-bulk-memory',
    '--low-memory-unused',
    '--traps-never-happen',
    '-ocimfs',
    '400',
    level,
    level,
    ...(isSmall ? [] : ['--untee']),
  ];
};
const WASM_OPT = createRequire(ASC).resolve('binaryen/bin/wasm-opt');
const MAP_SECTION = 'sourceMappingURL';
const run = promisify(execFile);

/** What the compiler said: one or more errors, with file and line. */
export class CompileError extends Error {
  override name = 'CompileError';
}

/**
 * Compile one entry as a target of asconfig.json into `outFile`, validate it, and put it there in one step; with `mapFile`,
 * a source map there too: the module is the same. Throws CompileError. Paths are relative to the repository; `extra` are
 * further options of asc.
 */
export async function compile(
  entry: string,
  target: string,
  outFile: string,
  extra: string[] = [],
  mapFile?: string,
): Promise<void> {
  const draft = `${outFile}.${process.pid}`;
  const draftMap = `${draft}.map`;
  const isMapped = mapFile !== undefined;
  const options = ['--target', target, '--outFile', draft, '--transform', TRANSFORM, ...extra];
  const mapOptions = [`--input-source-map=${draftMap}`, `--output-source-map=${draftMap}`];
  if (isMapped) options.push('--sourceMap', `./${basename(draftMap)}`);
  await removeDrafts(dirname(join(ROOT, outFile)));
  try {
    await run(process.execPath, [ASC, entry, ...options], { cwd: ROOT }).catch((error: unknown) => {
      throw new CompileError(`${entry} (${target}): ${(error as { stderr: string }).stderr.trim()}`);
    });
    if (!PLAIN.has(target)) {
      const mapped = isMapped ? mapOptions : [];
      await run(process.execPath, [WASM_OPT, ...optimizing(target), ...mapped, draft, '-o', draft], {
        cwd: ROOT,
      });
    }
    if (isMapped) {
      const bytes = await readFile(join(ROOT, draft));
      await writeFile(join(ROOT, draft), withoutMapName(bytes, `./${basename(draftMap)}`));
    }
    if (!WebAssembly.validate(new Uint8Array(await readFile(join(ROOT, draft))))) {
      throw new CompileError(`${entry} (${target}): not a valid module`);
    }
    if (isMapped) await rename(join(ROOT, draftMap), join(ROOT, mapFile));
    await rename(join(ROOT, draft), join(ROOT, outFile));
  } finally {
    for (const file of [draft, draftMap]) await rm(join(ROOT, file), { force: true });
  }
}

/** Take away what compilers have left in `folder` that were stopped: no process has the number in its name. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /\.wasm\.(\d+)(\.map)?$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}

/** The module without its last section, which names the map: what stays is what the compiler makes without one. */
function withoutMapName(bytes: Uint8Array, name: string): Uint8Array {
  const content = [MAP_SECTION, name].map((text) => String.fromCharCode(text.length) + text).join('');
  const section = Buffer.from(`\0${String.fromCharCode(content.length)}${content}`, 'latin1');
  const at = bytes.length - section.length;
  if (content.length > 127 || !section.equals(bytes.subarray(at))) {
    throw new CompileError(`${name}: the module does not end by naming its source map`);
  }
  return bytes.subarray(0, at);
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

/** All of assembly/, from the top of the repository. */
export async function moduleSources(): Promise<string[]> {
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
    [`${profile}.wasm`, `${profile}.wasm.map`, `${profile}.stamp`].every((n) => existsSync(join(BUILD, n))) &&
    readFileSync(stamp(profile), 'utf8') === current;
  const stale = profiles.filter((profile) => !isBuilt(profile));
  if (stale.length > 0) onStart(stale);
  const queue = [...stale];
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let profile = queue.shift(); profile !== undefined; profile = queue.shift()) {
      try {
        const outFile = `build/${profile}.wasm`;
        await compile(PROFILES[profile]!, profile, outFile, [], `${outFile}.map`);
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
