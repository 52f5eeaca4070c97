// SPDX-License-Identifier: MIT
// A network namespace, with the processes that run in it, that lives as long as a small process which ends when its
// standard input does. That one is the first of a process namespace, so the kernel ends the others with it: nothing is
// left in any case, even when the test is killed.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

export class Namespace {
  private readonly keeper: ChildProcessWithoutNullStreams;

  private constructor() {
    this.keeper = spawn('unshare', ['--net', '--pid', '--fork', 'sh', '-c', 'echo made; exec cat']);
  }

  /** A new namespace, with nothing in it but a loopback interface that is down. */
  static async make(): Promise<Namespace> {
    const namespace = new Namespace();
    await once(namespace.keeper.stdout, 'data');
    return namespace;
  }

  /** Move interface `name` into it. It comes out of this as it goes in: down, without addresses. */
  adopt(name: string): void {
    execFileSync('ip', ['link', 'set', name, 'netns', String(this.keeper.pid)]);
  }

  /** Run a program inside, with `input` as its standard input; what it printed. Rejects when it fails. */
  run(input: Uint8Array | string, ...words: string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const ns = `/proc/${this.keeper.pid}/ns`;
      const child = spawn('nsenter', [`--net=${ns}/net`, `--pid=${ns}/pid_for_children`, ...words]);
      const output: Buffer[] = [];
      const complaints: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve(Buffer.concat(output));
        else reject(new Error(`${words.join(' ')}: exit ${code}: ${Buffer.concat(complaints).toString()}`));
      });
      child.stdin.on('error', () => undefined); // a program that reads no further
      child.stdin.end(input);
    });
  }

  /** Resolves when it is gone. */
  async close(): Promise<void> {
    const ended = once(this.keeper, 'close');
    this.keeper.stdin.end();
    await ended;
  }
}
