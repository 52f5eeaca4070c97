// SPDX-License-Identifier: MIT
// The Linux kernel as the peer: a board under wasm3, its chip on a wire, the wire on a TAP that lies in a network
// namespace of its own. Its programs are driven by ping, curl, nc and wrk; what passes is captured and read by tshark.
// Needs root, /dev/net/tun and those programs; elsewhere it is skipped, and says why.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Board, RealClock, Tap, Wire } from '../../host/index.ts';
import { Capture } from '../../host/net/capture.ts';
import { lacking, saySkipped } from './available.ts';
import { Namespace } from './namespace.ts';

const run = promisify(execFile);
const BOARD = '10.20.0.2';
const MEGABYTE = 1_000_000;
/** Of the interface and of the namespace it lies in: unique among what runs at the same time. */
const NAME = `sw${process.pid.toString(36)}`;

const reason = lacking('curl', 'nc', 'ping', 'tshark', 'wrk');
if (reason !== undefined) {
  saySkipped('the kernel as the peer', reason, 'curl, netcat-openbsd, iputils-ping, tshark and wrk');
}

/** So many octets of the recommended pattern: 72 of the 95 printing characters a line, each line one further. */
function chargen(length: number): Buffer {
  const ring = Buffer.from(Array.from({ length: 95 + 72 }, (_, i) => 32 + (i % 95)));
  const lines = Array.from({ length: 95 }, (_, i) => `${ring.toString('latin1', i, i + 72)}\r\n`);
  return Buffer.alloc(length, lines.join(''), 'latin1');
}

describe.skipIf(reason !== undefined)('the kernel as the peer', () => {
  const boardErrors: Error[] = [];
  let folder: string;
  let captureFile: string;
  let namespace: Namespace;
  let clock: RealClock;
  let tap: Tap | undefined;
  let board: Board;
  let capture: Capture;

  const inside = (input: Uint8Array | string, ...words: string[]): Promise<Buffer> =>
    namespace.run(input, ...words);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sandwire-'));
    captureFile = join(folder, 'kernel.pcapng');
    namespace = await Namespace.make();
    tap = await Tap.open(NAME);
    namespace.adopt(NAME);
    await inside('', 'ip', 'address', 'add', '10.20.0.1/24', 'dev', NAME);
    await inside('', 'ip', 'link', 'set', NAME, 'up');

    clock = new RealClock();
    const wire = new Wire(clock);
    capture = Capture.toFile(wire, captureFile);
    tap.attach(wire);
    board = new Board({ clock, wire, address: BOARD });
    board.on('error', (error) => boardErrors.push(error));
    board.start();
  });

  afterAll(async () => {
    board?.stop();
    clock?.stop();
    await tap?.close();
    await namespace?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('RFC 792 echo: ping loses nothing', async () => {
    const report = await inside('', 'ping', '-q', '-c', '50', '-i', '0.02', '-W', '2', BOARD);
    expect(report.toString()).toContain('50 packets transmitted, 50 received, 0% packet loss');
  });

  test('RFC 792 echo: a whole frame comes back with its contents', async () => {
    const report = await inside('', 'ping', '-q', '-c', '5', '-i', '0.02', '-W', '2', '-s', '1472', BOARD);
    expect(report.toString()).toContain('5 packets transmitted, 5 received, 0% packet loss');
  });

  test('curl gets the page, and the same connection serves a second request', async () => {
    const url = `http://${BOARD}/`;
    const report = await inside(
      '',
      'curl',
      '-sS',
      '-m',
      '10',
      '-w',
      '%{http_code} %{num_connects}\\n',
      url,
      url,
    );
    expect(report.toString()).toMatch(/<title>Sandwire[^]*^200 1\n<!doctype[^]*^200 0\n$/m);
  });

  test('the echo of nc ends when our side has ended', async () => {
    expect((await inside('hello\n', 'nc', '-N', '-w', '5', BOARD, '7')).toString()).toBe('hello\n');
  });

  test('1 MB through the echo port comes back unchanged', async () => {
    const octets = randomBytes(MEGABYTE);
    expect((await inside(octets, 'nc', '-N', '-w', '10', BOARD, '7')).equals(octets)).toBe(true);
  });

  test('10 MB to the discard port', async () => {
    await inside(Buffer.alloc(10 * MEGABYTE, 'sandwire'), 'nc', '-N', '-w', '10', BOARD, '9');
  });

  test('10 MB from the chargen port, in the pattern of RFC 864', async () => {
    const script = `nc -d -w 10 ${BOARD} 19 | head -c ${10 * MEGABYTE}`;
    const octets = await inside('', 'sh', '-c', script);
    expect(octets.equals(chargen(10 * MEGABYTE))).toBe(true);
  });

  test('wrk on four connections sees no error', async () => {
    const report = (await inside('', 'wrk', '-t1', '-c4', '-d3s', `http://${BOARD}/`)).toString();
    expect(report).toMatch(/^ +[1-9]\d+ requests in/m);
    expect(report).not.toMatch(/Socket errors|Non-2xx/);
  });

  test('tshark finds no bad checksum and no malformed packet in the whole capture', async () => {
    capture.end();
    const fields = ['ip.checksum', 'tcp.checksum', 'icmp.checksum'].map((field) => `${field}.status`);
    fields.push('_ws.malformed', '_ws.short', 'ip.src', 'tcp.checksum');
    const preferences = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE'];
    const { stdout } = await run(
      'tshark',
      ['-r', captureFile, ...preferences, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
      { maxBuffer: 64 * MEGABYTE },
    );
    // A line for each frame; of each checksum 1 = good, 0 = bad, nothing = none.
    const frames = stdout.split('\n').map((line) => {
      const [ip, tcp, icmp, malformed = '', short = '', source, tcpChecksum] = line.split('\t');
      // Linux sends 0xffff where the sum is 0 (CSUM_MANGLED_0), which is right for a receiver: RFC 1624 §3.
      const isMinusZero = source !== BOARD && tcp === '0' && tcpChecksum === '0xffff';
      return { ip, tcp: isMinusZero ? '1' : tcp, icmp, malformed: malformed + short };
    });
    const count = (sum: 'ip' | 'tcp' | 'icmp', status: string): number =>
      frames.filter((frame) => frame[sum] === status).length;
    expect(count('ip', '1')).toBeGreaterThan(20_000);
    expect(count('tcp', '1')).toBeGreaterThan(20_000);
    expect(count('icmp', '1')).toBeGreaterThanOrEqual(110);
    expect([count('ip', '0'), count('tcp', '0'), count('icmp', '0')]).toEqual([0, 0, 0]);
    expect(frames.filter(({ malformed }) => malformed !== '')).toEqual([]);
  });

  test('nothing trapped, and the driver did nothing that the chip would punish', () => {
    expect(boardErrors).toEqual([]);
    expect(board.chip.violations).toEqual([]);
  });
});
