// SPDX-License-Identifier: MIT
// Runs the command line as people do: a process of its own.

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A command under way. */
export class Command {
  stdout = '';
  stderr = '';
  /** Resolves to the exit code, when all output is here; a signal's name if one ended it. */
  readonly ended: Promise<number | string>;
  private readonly child: ChildProcess;

  /** `sandwire` with these arguments. */
  constructor(operands: string[], options: SpawnOptions = {}) {
    const child = spawn(process.execPath, ['--import', 'tsx', 'host/cli.ts', ...operands], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    this.child = child;
    child.stdout!.on('data', (text: Buffer) => (this.stdout += text.toString()));
    child.stderr!.on('data', (text: Buffer) => (this.stderr += text.toString()));
    this.ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  }

  /** What standard output says, parsed, line by line. */
  get lines(): Record<string, unknown>[] {
    const whole = this.stdout.split('\n').filter((line) => line !== '');
    return whole.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Wait for `pattern` on standard output. Rejects when the command ends without it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      const more = await Promise.race([once(this.child.stdout!, 'data'), this.ended]);
      if (!Array.isArray(more) && pattern.exec(this.stdout) === null) {
        throw new Error(`ended with ${more} before it said ${String(pattern)}: ${this.stdout}${this.stderr}`);
      }
    }
  }

  /** Read no more. */
  closeOutput(): void {
    this.child.stdout!.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Run a command to its end. */
export async function run(
  operands: string[],
  options?: SpawnOptions,
): Promise<Command & { code: number | string }> {
  const command = new Command(operands, options);
  return Object.assign(command, { code: await command.ended });
}
