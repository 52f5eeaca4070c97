// SPDX-License-Identifier: MIT
// Real mounts: `sandwire flash` finds them by itself in /proc/mounts, and what the kernel says of a full and of a
// read-only one. They are made in a mount namespace of their own, which ends with the command, so nothing is left.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firmwareFile } from './firmware-file.ts';
import { INFO_RP2040 } from './pretend-drive.ts';

const NAMESPACE = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
const canMount =
  spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', 'x', '/mnt'], { stdio: 'ignore' }).status === 0;
if (!canMount)
  console.error('SKIPPED real mounts: not allowed here. To run it: on Linux, sudo npx vitest run test/flash');

/** Block devices that every system has, in name only. */
const DEVICES = ['/dev/null', '/dev/zero'];

describe.runIf(canMount)('a mounted drive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandwire-mounts-'));
  const uf2 = join(folder, 'small.uf2');
  const paths = DEVICES.map((_, i) => join(folder, `RPI-RP${i}`));
  beforeAll(() => {
    writeFileSync(uf2, firmwareFile());
    writeFileSync(join(folder, 'info'), INFO_RP2040);
    paths.forEach((path) => mkdirSync(path));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Lines of shell that mount the drive number `i`. */
  const mount = (i: number, size = '1m'): string =>
    `mount -t tmpfs -o size=${size} ${DEVICES[i]} ${paths[i]}; cp ${folder}/info ${paths[i]}/INFO_UF2.TXT`;

  /** Run `flash` after these lines. */
  function flash(...script: string[]): { code: number | null; stdout: string; stderr: string } {
    const lines = [...script, `exec "$0" --import tsx host/cli.ts flash --file ${uf2}`].join('\n');
    const words = [...NAMESPACE, '--propagation', 'private', 'sh', '-ec', lines, process.execPath];
    const { status, stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' });
    return { code: status, stdout, stderr };
  }

  it('is found, written, and gone when the board reboots', () => {
    const bootRom = `(while [ "$(stat -c %s ${paths[0]}/small.uf2 2>&1)" != ${firmwareFile().length} ]; do sleep 0.02; done
      umount -l ${paths[0]}) > /dev/null 2>&1 &`;
    const { code, stdout, stderr } = flash(mount(0), bootRom);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Board: Raspberry Pi RP2 (RPI-RP2) at ${paths[0]}\n`);
    expect(stdout).toContain('the board has rebooted');
  });

  it('is one of two', () => {
    const { code, stderr } = flash(mount(0), mount(1));
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: 2 boards are in BOOTSEL mode: ${paths.join(', ')}; choose one with --mount DIR\n`,
    );
  });

  it('is full', () => {
    const { code, stderr } = flash(mount(0, '32k'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: the drive \S+ is full: delete what is on it, or unplug the board, [^\n]+\n$/,
    );
  });

  it('is read-only', () => {
    const { code, stderr } = flash(mount(0), `mount -o remount,ro ${paths[0]}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the drive \S+ cannot be written \(EROFS\): [^\n]+\n$/);
  });

  it('leaves nothing mounted', () => {
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder);
  });
});
