// SPDX-License-Identifier: MIT
// The profiles without header prediction: every segment goes the general way. Otherwise they are what asconfig.json says.
// Each is compiled once and kept in build/general/ under the hash of all that went into it.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile, fingerprint, PROFILES, ROOT } from '../../host/build.ts';
import { closureOf } from './imports.ts';

/** A target without options: those of a profile would have the last word. */
const BARE = 'probe';

/** The module of `profile`, all of it the general way. Throws CompileError. */
export async function generalWay(profile: string): Promise<Uint8Array<ArrayBuffer>> {
  const entry = PROFILES[profile]!;
  const extra = [...optionsOf(profile), '--use', 'PREDICTION=0'];
  const hash = createHash('sha256')
    .update(extra.join(' '))
    .update(await fingerprint(closureOf(entry)))
    .digest('hex')
    .slice(0, 16);
  const outFile = `build/general/${profile}-${hash}.wasm`;
  if (!existsSync(join(ROOT, outFile))) {
    mkdirSync(dirname(join(ROOT, outFile)), { recursive: true });
    await compile(entry, BARE, outFile, extra);
    forgetOthers(profile, outFile);
  }
  return new Uint8Array(readFileSync(join(ROOT, outFile)));
}

/** What asconfig.json says of a profile, for the compiler's command line. */
function optionsOf(profile: string): string[] {
  const { targets } = JSON.parse(readFileSync(join(ROOT, 'asconfig.json'), 'utf8')) as {
    targets: Record<string, Record<string, string | number | boolean | string[]>>;
  };
  return Object.entries(targets[profile]!).flatMap(([name, value]) => {
    if (name === 'outFile') return [];
    if (value === true) return [`--${name}`];
    const values = [value].flat().filter((each) => !/^PREDICTION=/.test(`${each}`));
    return values.flatMap((each) => [`--${name}`, `${each}`]);
  });
}

/** Take away what older sources gave. */
function forgetOthers(profile: string, outFile: string): void {
  const folder = dirname(join(ROOT, outFile));
  for (const name of readdirSync(folder)) {
    const isOfProfile = name.endsWith('.wasm') && name.slice(0, -'-0123456789abcdef.wasm'.length) === profile;
    if (isOfProfile && !outFile.endsWith(name)) rmSync(join(folder, name), { force: true });
  }
}
