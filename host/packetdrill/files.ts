// SPDX-License-Identifier: MIT
// The scripts that the command line names: files, and all *.pkt below folders.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Path by path, those of a folder in order. Throws one line for a path that is not there or has no scripts. */
export function scriptFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw new Error(`no such file or folder: ${path}`);
    if (!stat.isDirectory()) return [path];
    const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.pkt'))
      .sort()
      .map((name) => join(path, name));
    if (found.length === 0) throw new Error(`no *.pkt below ${path}`);
    return found;
  });
}

export function readScript(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${(error as Error).message.split(',')[0]}`, { cause: error });
  }
}
