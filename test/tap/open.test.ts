// SPDX-License-Identifier: MIT
// Opening a TAP, and what is said when it cannot be opened. Those that need a TAP run as root with /dev/net/tun.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Tap } from '../../host/gateway/tap.ts';
import { lacking, saySkipped } from './available.ts';

const reason = lacking('setpriv');
const tapMissing = reason !== undefined;
if (tapMissing) saySkipped('opening a TAP', reason, 'python3 and iproute2');

const name = `sw${process.pid.toString(36)}`;
const path = process.env.PATH;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandwire-'));
});

afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** Until the test ends, `python3` is this shell script. */
function python3Is(script: string): void {
  const file = join(folder, 'python3');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  process.env.PATH = `${folder}:${path}`;
}

describe('a TAP that cannot be opened is refused in one line', () => {
  test.each(['', 'a/b', 'sixteen-letters-', 'a b'])('the name %j', async (bad) => {
    await expect(Tap.open(bad)).rejects.toThrow(`not a name for a TAP interface: ${bad}`);
  });

  test('without python3', async () => {
    process.env.PATH = folder;
    await expect(Tap.open(name)).rejects.toThrow(`TAP ${name} needs python3, which is not installed`);
  });

  test.skipIf(tapMissing)('without rights it says what to do', async () => {
    const python3 = execFileSync('which', ['python3'], { encoding: 'utf8' }).trim();
    python3Is(`exec setpriv --bounding-set=-all ${python3} "$@"`);
    await expect(Tap.open(name)).rejects.toThrow(
      `no rights to open TAP ${name}: run as root, or: sudo ip tuntap add dev ${name} mode tap user $USER`,
    );
  });

  test.skipIf(tapMissing)('in use by another process', async () => {
    const tap = await Tap.open(name);
    try {
      await expect(Tap.open(name)).rejects.toThrow(`TAP ${name} is in use by another process`);
    } finally {
      await tap.close();
    }
  });

  test.skipIf(tapMissing)('an interface of another kind', async () => {
    await expect(Tap.open('lo')).rejects.toThrow('lo is no TAP interface, or not a name for one');
  });
});

describe.skipIf(tapMissing)('an open TAP', () => {
  const interfaces = (): string => execFileSync('ip', ['-br', 'address'], { encoding: 'utf8' });

  test('has the address it was given, and is gone after close', async () => {
    const tap = await Tap.open(name);
    try {
      await tap.configure('192.0.2.1/24');
      await tap.configure('192.0.2.1/24');
      expect(interfaces()).toMatch(new RegExp(`^${name} .* 192\\.0\\.2\\.1/24 `, 'm'));
    } finally {
      await tap.close();
    }
    expect(interfaces()).not.toContain(name);
  });

  test('says when its helper process ends', async () => {
    python3Is(`timeout 0.5 ${execFileSync('which', ['python3'], { encoding: 'utf8' }).trim()} "$@"`);
    const tap = await Tap.open(name);
    const error = await new Promise<Error>((resolve) => tap.once('error', resolve));
    expect(error.message).toBe(`TAP ${name}: the helper process ended`);
    await tap.close();
  });
});
