// SPDX-License-Identifier: MIT
// What the tests against the kernel need of the machine they run on, and the one line that says that it is not there.

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

function reason(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync('/dev/net/tun')) return 'no /dev/net/tun';
  const missing = ['python3', 'ip', 'setpriv'].filter((program) => !hasProgram(program));
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined;
}

/** Why no TAP can be tested here; undefined when it can. */
export const tapMissing = reason();
