// SPDX-License-Identifier: MIT
// The profiles without header prediction: every segment goes the general way. Otherwise they are what asconfig.json says.
// They are kept in build/general/.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES, ROOT } from '../../host/build.ts';
import { kept } from '../../host/kept.ts';
import { closureOf } from './imports.ts';

/** The module of `profile`, all of it the general way. Throws CompileError. */
export async function generalWay(profile: string): Promise<Uint8Array<ArrayBuffer>> {
  const entry = PROFILES[profile]!;
  const options = [...optionsOf(profile), '--use', 'PREDICTION=0'];
  const sources = closureOf(entry);
  const file = await kept({ folder: 'general', name: profile, entry, sources, target: 'plain', options });
  return new Uint8Array(readFileSync(file));
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
