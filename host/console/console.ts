// SPDX-License-Identifier: MIT
// What the board says on its UART, line by line with the time, until Ctrl-C or until the port is gone. Nothing is sent:
// the board listens to nobody there. The port's driver is @serialport/bindings-cpp, which comes compiled for Linux, macOS
// and Windows; of the package `serialport` above it, streams and parsers, nothing is needed.

import { existsSync } from 'node:fs';
import type { BindingPortInterface } from '@serialport/bindings-cpp';
import { Stop } from '../sim/stop.ts';
import { print } from '../sim/terminal.ts';
import { clockTime, Lines } from './lines.ts';
import type { Line } from './lines.ts';
import { findPorts, onlyPort } from './ports.ts';

export interface ConsoleOptions {
  /** Default: the only one there is. */
  port?: string;
  baud: number;
  /** One JSON object per line. */
  json?: boolean;
}

/** How often it is looked whether the port is still there; a read may not notice. */
const PRESENCE_MS = 500;

/** Show a board's UART until told to stop. Rejects with one line when the port cannot be opened, or goes away. */
export async function watch({ port: path, baud, json }: ConsoleOptions): Promise<void> {
  path ??= onlyPort(await findPorts());
  const port = await openPort(path, baud);
  const show = json === true ? showJson : showText;
  if (json === true) print(JSON.stringify({ type: 'ready', port: path, baud }));
  else
    print(`${path} at ${baud} baud. A board speaks when it boots; plug it in again to hear it. Ctrl-C ends.`);
  const stop = new Stop();
  const lines = new Lines(show);
  const gone = (): void =>
    stop.fail(new Error(`the port ${path} went away: is the adapter still plugged in?`));
  const presence = setInterval(() => {
    if (process.platform !== 'win32' && !existsSync(path)) gone();
  }, PRESENCE_MS);
  void readAll(port, lines).catch(gone);
  const failure = await stop.told;
  clearInterval(presence);
  lines.end();
  // Cancels the read that waits.
  await port.close().catch(() => undefined);
  if (failure !== undefined) throw failure;
}

async function readAll(port: BindingPortInterface, lines: Lines): Promise<void> {
  const buffer = Buffer.alloc(4096);
  for (;;) {
    const { bytesRead } = await port.read(buffer, 0, buffer.length);
    lines.push(buffer.subarray(0, bytesRead));
  }
}

async function openPort(path: string, baudRate: number): Promise<BindingPortInterface> {
  const { autoDetect } = await import('@serialport/bindings-cpp').catch((error: unknown) => {
    throw new Error('the driver of serial ports is missing: npm install @serialport/bindings-cpp', {
      cause: error,
    });
  });
  try {
    return await autoDetect().open({ path, baudRate });
  } catch (error) {
    throw new Error(explain((error as Error).message, path, baudRate), { cause: error });
  }
}

/** The driver's words differ between systems; these are what matters of them. */
function explain(message: string, path: string, baud: number): string {
  if (/no such file|file not found/i.test(message)) return `there is no port ${path}`;
  if (/cannot lock|busy|temporarily unavailable/i.test(message)) {
    return `${path} is in use by another program: close that first`;
  }
  if (/permission denied|access (is )?denied/i.test(message)) {
    return process.platform === 'linux'
      ? `you may not open ${path}: sudo usermod -aG dialout $USER, then log in again`
      : `${path} may not be opened: close the program that uses it`;
  }
  if (/inappropriate ioctl|not a (tty|typewriter)|is a directory/i.test(message)) {
    return `${path} is not a serial port`;
  }
  if (/baud/i.test(message)) return `${path} cannot do ${baud} baud`;
  return `cannot open ${path}: ${message.replace(/^Error:? /, '').split(',')[0]}`;
}

function showText({ time, text }: Line): void {
  print(`${clockTime(time)}  ${text}`);
}

function showJson({ time, text }: Line): void {
  print(JSON.stringify({ type: 'line', time: time.toISOString(), text }));
}
