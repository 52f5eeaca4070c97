// SPDX-License-Identifier: MIT
// What a source file imports, read from its import and export lines; for the test of the layers, and to know what a probe
// is made of.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { ROOT } from '../../host/build.ts';

export interface Import {
  /** The file from the top of the repository (`assembly/tcp/seq.ts`), or the name of a package. */
  target: string;
  /** `import type`: gone before anything runs. */
  typeOnly: boolean;
}

// Statements begin a line; `import(…)` may stand anywhere and counts as well.
const STATEMENT = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** The imports of `source`, which stands at `file`. In assembly/ relative names have no extension. */
export function importsIn(file: string, source: string): Import[] {
  const resolve = (name: string): string => {
    if (!name.startsWith('.')) return name;
    const path = posix.join(posix.dirname(file), name);
    return /\.[cm]?[jt]s$/.test(path) ? path : `${path}.ts`;
  };
  return [
    ...[...source.matchAll(STATEMENT)].map(([, type, name]) => ({
      target: resolve(name!),
      typeOnly: type !== undefined,
    })),
    ...[...source.matchAll(DYNAMIC)].map(([, name]) => ({ target: resolve(name!), typeOnly: false })),
  ];
}

/** The imports of a file of the repository. */
export function importsOf(file: string): Import[] {
  return importsIn(file, readFileSync(join(ROOT, file), 'utf8'));
}

/** All source files below a folder of the repository, sorted. */
export function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !dirname(file).split('/').includes('node_modules'))
    .sort();
}

/** `entry` and every file it reaches through imports. */
export function closureOf(entry: string): string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file) || !existsSync(join(ROOT, file))) return;
    found.add(file);
    for (const { target } of importsOf(file)) visit(target);
  };
  visit(entry);
  return [...found].sort();
}
