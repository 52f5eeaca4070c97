// SPDX-License-Identifier: MIT
// Where figures come from: the machine and how busy it is, the commit, the module.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpus, loadavg, release, type as system } from 'node:os';
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

/** `load` of a report; 0 where the system does not say. */
export function load(): number {
  return Math.round(loadavg()[0]! * 10) / 10;
}

/** `module` of a row. */
export function moduleHash(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex').slice(0, 16);
}
