// SPDX-License-Identifier: MIT
// The tests that bear ids, run by vitest with the configuration of the whole suite; other files are not touched.

import { ROOT } from '../build.ts';
import { idsIn } from './titles.ts';

/** One test that ran, or was left out. */
export interface Case {
  /** From the top of the repository. */
  file: string;
  /** Its title behind those of its groups. */
  name: string;
  ids: string[];
  passed: boolean;
  /** Why not: the first line. */
  failure?: string;
}

/** Run `files`; `progress` hears how many of them are done. */
export async function runTests(
  files: readonly string[],
  progress: (done: number, total: number, file: string) => void,
): Promise<Case[]> {
  const { startVitest } = await import('vitest/node');
  let done = 0;
  const exitCode = process.exitCode;
  const vitest = await startVitest('test', [...files], {
    root: ROOT,
    watch: false,
    reporters: [
      { onTestModuleEnd: ({ relativeModuleId }) => progress(++done, files.length, relativeModuleId) },
    ],
  });
  const cases: Case[] = [];
  for (const module of vitest.state.getTestModules()) {
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = test.fullName;
      cases.push({
        file: module.relativeModuleId,
        name,
        ids: idsIn(name),
        passed: result.state === 'passed',
        ...(result.errors?.[0] && { failure: result.errors[0].message.split('\n')[0]! }),
      });
    }
  }
  await vitest.close();
  // Vitest sets it for its own command line; what a failure means is for the account to say.
  process.exitCode = exitCode;
  return cases;
}
