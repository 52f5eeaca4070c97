// SPDX-License-Identifier: MIT
// Bad input on the command line: one line on standard error that says what is wrong and what to do, exit code 1, nothing
// on standard output, and nothing half-done.

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { Command } from './command.ts';
import { run } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sandwire-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The one line with which the command is refused. */
async function refusal(
  operands: string[],
  options?: ConstructorParameters<typeof Command>[1],
): Promise<string> {
  const { code, stdout, stderr } = await run(operands, options);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  return stderr.trim();
}

function file(name: string, octets: Uint8Array | string): string {
  writeFileSync(join(folder, name), octets);
  return join(folder, name);
}

async function takenPort(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('arguments', () => {
  it.each([
    [['sim', '--los', '5'], "unknown option '--los' (Did you mean --loss?)"],
    [['sim', '--engin', 'v8'], "unknown option '--engin' (Did you mean --engine?)"],
    [['sin'], "unknown command 'sin' (Did you mean sim?)"],
    [['sim', 'now'], 'too many arguments'],
    [
      ['sim', '--loss', '101'],
      "'--loss <percent>' argument '101' is invalid. Allowed are percentages from 0 to 100",
    ],
    [['sim', '--corrupt', '-3'], 'Allowed are percentages from 0 to 100'],
    [['sim', '--delay', 'long'], 'Allowed are milliseconds from 0 to 60000'],
    [['sim', '--rate', 'fast'], 'such as 10M, 1.5M, 64k'],
    [['sim', '--seed', '0.1'], 'Allowed are whole numbers'],
    [['sim', '--duration', '0'], 'more than 0'],
    [['sim', '--loss'], "option '--loss <percent>' argument missing"],
    [['sim', '--forward', '80:80'], 'HOST:PORT=PORT, such as 127.0.0.1:8081=80'],
    [['sim', '--allow', '80=80'], 'HOST:PORT=PORT, such as example.org:80=80'],
    [['sim', '--engine', 'v9'], 'Allowed choices are wasm3, v8'],
    [
      ['sim', '--demo', 'open'],
      'handshake, close, half-close, simultaneous-open, simultaneous-close, loss, zero-window, reset',
    ],
    [
      ['sim', '--tap', 'tap0', '--forward', '8080=80'],
      "'--tap <name>' cannot be used with option '--forward",
    ],
    [['sim', '--demo', 'loss', '--tap', 'tap0'], "'--demo <name>' cannot be used with option '--tap"],
    [['sim', '--demo', 'loss', '--loss', '5'], "'--demo <name>' cannot be used with option '--loss"],
  ])('%j', async (operands, reason) => {
    expect(await refusal(operands)).toContain(reason);
  });
});

describe('ports', () => {
  test('a port in use is named, and how to choose another', async () => {
    const { server, port } = await takenPort();
    const pcap = join(folder, 'unborn.pcapng');
    const message = await refusal(['sim', '--forward', `0=7`, '--forward', `${port}=80`, '--pcap', pcap]);
    expect(message).toBe(
      `error: port ${port} on 127.0.0.1 is in use by another program; ` +
        `choose another: --forward 127.0.0.1:${port + 1}=80`,
    );
    expect(existsSync(pcap)).toBe(false);
    server.close();
  });

  test('an address of another computer', async () => {
    expect(await refusal(['sim', '--forward', '192.0.2.1:8080=80'])).toContain(
      'port 8080 on 192.0.2.1 is not on this computer',
    );
  });

  test('a port twice', async () => {
    expect(await refusal(['sim', '--forward', '8099=80', '--forward', '8099=7'])).toBe(
      'error: port 8099 on 127.0.0.1 is forwarded twice',
    );
  });
});

describe('files', () => {
  const anyPort = ['--forward', '0=80'];

  test('a capture in a folder that is not there', async () => {
    const pcap = join(folder, 'nowhere', 'x.pcapng');
    expect(await refusal(['sim', ...anyPort, '--pcap', pcap])).toBe(
      `error: cannot write the capture ${pcap}: there is no such folder`,
    );
    expect(await refusal(['sim', '--demo', 'close', '--pcap', pcap])).toContain('there is no such folder');
  });

  test('a module that is not there', async () => {
    const module = join(folder, 'none.wasm');
    expect(await refusal(['sim', ...anyPort, '--module', module])).toContain(`cannot read ${module}`);
  });

  test('a file that is no WebAssembly', async () => {
    const module = file('text.wasm', 'hello, this is not it');
    expect(await refusal(['sim', '--module', module])).toBe(`error: ${module} is not a WebAssembly module`);
  });

  test('WebAssembly that is broken', async () => {
    const module = file('broken.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 9, 9, 9));
    expect(await refusal(['sim', '--module', module])).toBe(
      `error: ${module} is not a valid WebAssembly module`,
    );
  });

  test('WebAssembly that is not ours', async () => {
    const module = file('stranger.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    for (const operands of [[], ['--demo', 'close']]) {
      expect(await refusal(['sim', ...operands, '--module', module])).toBe(
        `error: ${module} is not a Sandwire module: build one with npm run build`,
      );
    }
  });

  test('a build without the chip', async () => {
    expect(await refusal(['sim', '--module', 'port'])).toBe(
      "error: port is a build without the chip's driver: a board needs sandwire.wasm or tiny.wasm",
    );
  });

  test('no build', async () => {
    // The same program where nothing was built.
    const top = join(folder, 'fresh');
    cpSync(join(ROOT, 'host'), join(top, 'host'), {
      recursive: true,
      filter: (source) => !source.includes('wasm3-binding'),
    });
    cpSync(join(ROOT, 'package.json'), join(top, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(top, 'node_modules'));
    for (const operands of [[], ['--demo', 'close']]) {
      expect(await refusal(['sim', ...operands], { cwd: top })).toBe(
        'error: build/sandwire.wasm is missing: run npm run build',
      );
    }
  });
});

test('a TAP without rights says what to do', async () => {
  // Root has the rights: be nobody then.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  expect(await refusal(['sim', '--tap', 'sandwire9'], nobody)).toMatch(
    /no rights to open .*: run as root, or: sudo ip tuntap add dev sandwire9|no \/dev\/net\/tun: .*modprobe tun/,
  );
});

test('a name that no TAP can have', async () => {
  expect(await refusal(['sim', '--tap', 'a name with spaces'])).toContain('not a name for a TAP interface');
});

describe.skipIf(!existsSync('/dev/full'))('output that cannot be kept', () => {
  test.each([
    [['sim', '--demo', 'handshake']],
    [['sim', '--json', '--quiet', '--duration', '1', '--forward', '127.0.0.1:0=80']],
  ])('%j: an error in a line, not success', (operands) => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'host/cli.ts', ...operands], {
      cwd: ROOT,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(stderr).toMatch(/^error: cannot write the output: ENOSPC[^\n]+\n$/);
    expect(status).toBe(1);
  });
});
