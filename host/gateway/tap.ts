// SPDX-License-Identifier: MIT
// A TAP interface as a port of the wire: the Linux kernel becomes a station on the segment. A small Python process opens
// the TAP and passes its frames over standard input and output (tap.py says why and how). The TAP goes when the process
// does, so nothing is left behind even when Node is killed.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Wire } from '../net/wire.ts';

/** Octets that may wait for the helper process; frames beyond are lost, as in any full queue. */
const QUEUE_OCTETS = 1 << 20;
/** IFNAMSIZ less the zero; no slash, no space (Linux, dev_valid_name). */
const NAME = /^[^\s/:]{1,15}$/;

const HELPER = fileURLToPath(new URL('tap.py', import.meta.url));
const runProgram = promisify(execFile);

interface TapEvents {
  /** The helper process ended by itself; frames no longer pass. */
  error: [Error];
}

/** An open TAP. */
export class Tap extends EventEmitter<TapEvents> {
  readonly name: string;
  /** Frames from the kernel, and to it; and those lost because the helper was behind. */
  framesIn = 0;
  framesOut = 0;
  framesLost = 0;

  private readonly helper: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly exited: Promise<unknown>;
  private send: ((frame: Uint8Array) => void) | undefined;
  private waiting: Buffer = Buffer.alloc(0);
  private closing = false;

  private constructor(name: string) {
    super();
    this.name = name;
    this.helper = spawn('python3', [HELPER, name], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.exited = once(this.helper, 'close').catch(() => undefined);
    this.helper.stdin.on('error', () => undefined); // the exit that follows is what is reported
  }

  /**
   * Open TAP `name`, or create it. Rejects with one line that says what to do: no rights, no /dev/net/tun, name in use,
   * no python3.
   */
  static async open(name: string): Promise<Tap> {
    if (!NAME.test(name)) throw new TypeError(`not a name for a TAP interface: ${name}`);
    const tap = new Tap(name);
    await tap.whenReady();
    return tap;
  }

  /**
   * Give the kernel's side an address (`10.0.0.1/24`) and set it up, with `ip`; nothing is done when it has them, so
   * that a TAP prepared by root serves a user without rights.
   */
  async configure(address: string): Promise<void> {
    const shown = await this.ip('-br', 'address', 'show', 'dev', this.name);
    if (!shown.includes(` ${address} `)) await this.ip('address', 'add', address, 'dev', this.name);
    const link = await this.ip('-o', 'link', 'show', 'dev', this.name);
    if (!/[<,]UP[,>]/.test(link)) await this.ip('link', 'set', this.name, 'up');
  }

  /** Make the kernel a station on `wire`. */
  attach(wire: Wire): void {
    const port = wire.attach(this.name, (frame) => this.transmit(frame));
    this.send = (frame) => port.send(frame);
  }

  /** Close the TAP; resolves when it is gone. */
  async close(): Promise<void> {
    this.closing = true;
    this.send = undefined;
    this.helper.stdin.destroy();
    await this.exited;
  }

  private transmit(frame: Uint8Array): void {
    if (this.closing || this.helper.stdin.writableLength > QUEUE_OCTETS) {
      this.framesLost++;
      return;
    }
    const message = Buffer.allocUnsafe(2 + frame.length);
    message.writeUInt16BE(frame.length);
    message.set(frame, 2);
    this.helper.stdin.write(message);
    this.framesOut++;
  }

  /** Resolves at the helper's first line; rejects with its complaint. */
  private whenReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      let complaint = '';
      let ready = false;
      this.helper.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
      this.helper.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'ENOENT'
            ? new Error(`TAP ${this.name} needs python3, which is not installed`)
            : error,
        );
      });
      this.helper.once('close', () => {
        const error = new Error(
          complaint.trim().split('\n').at(-1) || `TAP ${this.name}: the helper process ended`,
        );
        if (!ready) reject(error);
        else if (!this.closing) this.emit('error', error);
      });
      this.helper.stdout.on('data', (octets: Buffer) => {
        this.waiting = this.waiting.length === 0 ? octets : Buffer.concat([this.waiting, octets]);
        if (!ready) {
          const lineEnd = this.waiting.indexOf('\n');
          if (lineEnd < 0) return;
          this.waiting = this.waiting.subarray(lineEnd + 1);
          ready = true;
          resolve();
        }
        this.takeFrames();
      });
    });
  }

  private takeFrames(): void {
    let start = 0;
    for (;;) {
      if (this.waiting.length < start + 2) break;
      const end = start + 2 + this.waiting.readUInt16BE(start);
      if (this.waiting.length < end) break;
      this.framesIn++;
      this.send?.(new Uint8Array(this.waiting.subarray(start + 2, end)));
      start = end;
    }
    this.waiting = this.waiting.subarray(start);
  }

  private async ip(...operands: string[]): Promise<string> {
    try {
      return (await runProgram('ip', operands)).stdout;
    } catch (error) {
      const { stderr, code } = error as { stderr?: string; code?: string };
      if (code === 'ENOENT') throw new Error('setting up a TAP needs the program ip (package iproute2)');
      throw new Error(`ip ${operands.join(' ')}: ${(stderr ?? String(error)).trim().split('\n')[0]}`);
    }
  }
}
