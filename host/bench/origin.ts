// SPDX-License-Identifier: MIT
// Where figures come from: the machine, and the commit.

import { execFileSync } from 'node:child_process';
import { cpus, release, type as system } from 'node:os';
import { ROOT } from '../build.ts';

/** Processor, cores, Node and system in a line. Times of two machines that differ in it are not compared. */
export function machine(): string {
  const cores = cpus();
  const model = (cores[0]?.model ?? process.arch).replace(/\s+/g, ' ').trim();
  const kernel = release().split('.').slice(0, 2).join('.');
  return `${model}, ${cores.length} cores, Node ${process.versions.node}, ${system()} ${kernel} ${process.arch}`;
}

/** The commit, with `+` when files differ from it; `unknown` outside a repository. */
export function commit(folder: string = ROOT): string {
  const git = (...operands: string[]): string =>
    execFileSync('git', operands, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    // A copy without a repository of its own may lie within another's.
    if (git('rev-parse', '--show-prefix') !== '') return 'unknown';
    return git('describe', '--always', '--abbrev=12', '--dirty=+', '--exclude=*');
  } catch {
    return 'unknown';
  }
}
