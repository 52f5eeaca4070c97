// SPDX-License-Identifier: MIT
// What the tests against the kernel need of the machine they run on, and the one line that says what is not there.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

function hasProgram(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Why no TAP can be tested here, or not with these programs; undefined when it can. */
export function lacking(...programs: string[]): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'this is not root';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  const absent = ['python3', 'ip', 'unshare', 'nsenter', ...programs].filter(
    (program) => !hasProgram(program),
  );
  return absent.length > 0 ? `not installed: ${absent.join(', ')}` : undefined;
}

/** One line on standard error: what is skipped, why, and how to run it. */
export function saySkipped(what: string, why: string, programs: string): void {
  console.error(
    `SKIPPED ${what}: ${why}. To run it: on Linux with ${programs}, sudo npx vitest run test/tap`,
  );
}
