// SPDX-License-Identifier: MIT
// `sandwire console` on a real terminal device: one end of a pseudo terminal, the other end is played here.

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, test, vi } from 'vitest';
import { clockTime, Lines } from '../../host/console/lines.ts';
import { findPorts, onlyPort } from '../../host/console/ports.ts';
import { Command, run } from '../cli/command.ts';

/** Opens a pseudo terminal, says its name, and writes to it what comes in, in hexadecimal lines. */
const PLAYER = `
import os, sys
board, port = os.openpty()
print(os.ttyname(port), flush=True)
for line in sys.stdin: os.write(board, bytes.fromhex(line))
`;

/** The board's end of a UART. */
class Uart {
  path = '';
  private readonly player: ChildProcessWithoutNullStreams = spawn('python3', ['-c', PLAYER]);

  static async open(): Promise<Uart> {
    const uart = new Uart();
    const [name] = (await once(uart.player.stdout, 'data')) as [Buffer];
    uart.path = name.toString().trim();
    return uart;
  }

  send(text: string | Uint8Array): void {
    this.player.stdin.write(`${Buffer.from(text).toString('hex')}\n`);
  }

  unplug(): void {
    this.player.kill('SIGKILL');
  }
}

describe.runIf(process.platform !== 'win32')('console', () => {
  const uarts: Uart[] = [];
  const commands: Command[] = [];
  afterEach(() => {
    uarts.splice(0).forEach((uart) => uart.unplug());
    commands.splice(0).forEach((command) => command.kill('SIGKILL'));
  });

  async function watched(...operands: string[]): Promise<{ uart: Uart; command: Command }> {
    const uart = await Uart.open();
    const command = new Command(['console', '--port', uart.path, ...operands]);
    uarts.push(uart);
    commands.push(command);
    await command.says(/\n/);
    return { uart, command };
  }

  it('shows lines with their times, and ends on Ctrl-C', async () => {
    const { uart, command } = await watched();
    expect(command.stdout).toBe(
      `${uart.path} at 115200 baud. A board speaks when it boots; plug it in again to hear it. Ctrl-C ends.\n`,
    );
    uart.send('sandwire 0.1.0\r\nlink up\r\n');
    await command.says(/^\d\d:\d\d:\d\d\.\d{3} {2}sandwire 0\.1\.0\n\d\d:\d\d:\d\d\.\d{3} {2}link up\n/m);
    uart.send('half a li');
    await command.says(/half a li\n/);
    command.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stderr).toBe('');
  });

  it('speaks JSON', async () => {
    const { uart, command } = await watched('--json', '--baud', '9600');
    uart.send('one\ntwo µ\nthr');
    await command.says(/two.*\n/);
    command.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    const [ready, ...lines] = command.lines;
    expect(ready).toEqual({ type: 'ready', port: uart.path, baud: 9600 });
    expect(lines.map(({ text }) => text)).toEqual(['one', 'two µ', 'thr']);
    for (const { time } of lines)
      expect(Math.abs(Date.now() - Date.parse(time as string))).toBeLessThan(60_000);
  });

  it('says that the port went away, after what the board said last', async () => {
    const { uart, command } = await watched();
    uart.send('last words');
    await command.says(/last words/);
    uart.unplug();
    expect(await command.ended).toBe(1);
    expect(command.stderr).toBe(`error: the port ${uart.path} went away: is the adapter still plugged in?\n`);
  });

  it('says that the port is in use', async () => {
    const { uart } = await watched();
    const { code, stderr } = await run(['console', '--port', uart.path]);
    expect(code).toBe(1);
    expect(stderr).toBe(`error: ${uart.path} is in use by another program: close that first\n`);
  });

  it.each([
    [['--port', '/dev/ttyNone'], 'error: there is no port /dev/ttyNone\n'],
    [['--port', 'package.json'], 'error: package.json is not a serial port\n'],
    [
      ['--baud', 'fast'],
      "error: option '--baud <rate>' argument 'fast' is invalid. Allowed are whole numbers from 1 to 4000000\n",
    ],
  ])('refuses %j', async (operands, reason) => {
    const { code, stdout, stderr } = await run(['console', ...operands]);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: reason });
  });
});

describe('ports', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandwire-dev-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const names = [
    'ttyUSB10',
    'ttyUSB2',
    'ttyACM0',
    'ttyS0',
    'tty',
    'cu.usbmodem14101',
    'cu.Bluetooth-Incoming-Port',
  ];
  names.forEach((name) => writeFileSync(join(folder, name), ''));

  it('are adapters and probes, not the mainboard’s', async () => {
    expect(await findPorts('linux', folder)).toEqual(
      ['ttyACM0', 'ttyUSB2', 'ttyUSB10'].map((name) => join(folder, name)),
    );
    expect(await findPorts('darwin', folder)).toEqual([join(folder, 'cu.usbmodem14101')]);
    expect(await findPorts('linux', join(folder, 'none'))).toEqual([]);
  });

  test('the only one is taken; of none and of several it is said what to do', () => {
    expect(onlyPort(['/dev/ttyACM0'])).toBe('/dev/ttyACM0');
    expect(() => onlyPort([])).toThrow('connect GP0 (pin 1, TX) to the RX of a 3.3 V USB-serial adapter');
    expect(() => onlyPort(['/dev/ttyACM0', '/dev/ttyUSB0'])).toThrow(
      '2 serial ports are there: /dev/ttyACM0, /dev/ttyUSB0; choose one with --port PATH',
    );
  });
});

describe('lines', () => {
  afterEach(() => vi.useRealTimers());

  /** What comes of these pieces, and of the end. */
  function linesOf(...pieces: (string | Uint8Array)[]): string[] {
    const seen: string[] = [];
    const lines = new Lines(({ text }) => seen.push(text));
    pieces.forEach((piece) => lines.push(Buffer.from(piece)));
    lines.end();
    return seen;
  }

  it('are put together from pieces, characters, too', () => {
    expect(linesOf('a', 'b\r', '\n\nc')).toEqual(['ab', '', 'c']);
    expect(linesOf(Uint8Array.of(0xc2), Uint8Array.of(0xb5, 0x0a))).toEqual(['µ']);
  });

  it('cannot play with the terminal', () => {
    expect(linesOf('\x1b[2J\x07 \t\x9b\n')).toEqual(['\\x1b[2J\\x07 \t\\x9b']);
    expect(linesOf(Uint8Array.of(0xff, 0x0a))).toEqual(['\ufffd']);
  });

  it('are broken where there is no end', () => {
    expect(linesOf('x'.repeat(2500)).map(({ length }) => length)).toEqual([1000, 1000, 500]);
  });

  it('have the time of their first octet', () => {
    vi.useFakeTimers({ now: 0 });
    const seen: [number, string][] = [];
    const lines = new Lines(({ time, text }) => seen.push([time.getTime(), text]));
    lines.push(Buffer.from('a'));
    vi.advanceTimersByTime(400);
    lines.push(Buffer.from('b\nc'));
    vi.advanceTimersByTime(400);
    lines.push(Buffer.from('d'));
    vi.advanceTimersByTime(500); // no end comes: shown as it is
    expect(seen).toEqual([
      [0, 'ab'],
      [400, 'cd'],
    ]);
    lines.push(Buffer.from('\r\n\n')); // its end, and an empty one
    expect(seen.slice(2)).toEqual([[1300, '']]);
  });

  test('a time of day', () => {
    expect(clockTime(new Date(2024, 0, 2, 3, 4, 5, 6))).toBe('03:04:05.006');
  });
});
