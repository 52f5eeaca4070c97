// SPDX-License-Identifier: MIT
// `sandwire flash` as a process of its own, on pretend drives with a boot ROM behind them. Faults that no folder has come
// from a library between Node and libc (fault.c).

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { toUf2 } from '../../host/firmware/uf2.ts';
import { Command, run } from '../cli/command.ts';
import { firmwareFile, firmwareImage, moduleHash, moduleOctets } from './firmware-file.ts';
import { INFO_RP2350, PretendDrive } from './pretend-drive.ts';
import type { DriveOptions } from './pretend-drive.ts';

const isLinux = process.platform === 'linux';
const folder = mkdtempSync(join(tmpdir(), 'sandwire-flash-'));
const uf2 = join(folder, 'small.uf2');
const blocks = firmwareFile().length / 512;
const kB = Math.round(firmwareFile().length / 1000);
const drives: PretendDrive[] = [];

beforeAll(() => writeFileSync(uf2, firmwareFile()));
afterAll(() => {
  drives.forEach((drive) => drive.unplug());
  rmSync(folder, { recursive: true });
});

/** A board in BOOTSEL mode. */
function board(options?: DriveOptions): PretendDrive {
  const drive = new PretendDrive(join(folder, `drive${drives.length}`), options);
  drives.push(drive);
  return drive;
}

type Environment = Record<string, string>;

const flash = (drive: PretendDrive, operands: string[] = [], env: Environment = {}): ReturnType<typeof run> =>
  run(['flash', '--file', uf2, '--mount', drive.path, ...operands], { env: { ...process.env, ...env } });

/** The one line with which it fails. */
async function failure(drive: PretendDrive, operands?: string[], env?: Environment): Promise<string> {
  const { code, stderr } = await flash(drive, operands, env);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(code).toBe(1);
  return stderr.trim();
}

describe('a board', () => {
  it('gets the file, reboots, and the user hears which module it runs and where to watch', async () => {
    const drive = board();
    const { code, stdout, stderr } = await flash(drive);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(drive.isThere).toBe(false);
    expect(Buffer.compare(drive.image.subarray(0, firmwareImage().length), firmwareImage())).toBe(0);
    expect(stdout).toContain(`sha256 ${moduleHash.slice(0, 16)}: the same as build/sandwire.wasm`);
    expect(stdout).toContain("the board's address will be 10.0.0.9");
    expect(stdout).toContain(`Board: Raspberry Pi RP2 (RPI-RP2) at ${drive.path}`);
    expect(stdout).toMatch(/^Done in \d+\.\d s: the board has rebooted\. Watch it: npx sandwire console$/m);
  });

  it('is told of in JSON, too', async () => {
    const drive = board();
    const { code, lines } = await flash(drive, ['--json']);
    expect(code).toBe(0);
    expect(lines).toMatchObject([
      {
        type: 'firmware',
        file: uf2,
        begin: 0x10000000,
        module: { octets: moduleOctets.length, sha256: moduleHash },
        address: '10.0.0.9',
      },
      { type: 'board', path: drive.path, boardId: 'RPI-RP2', model: 'Raspberry Pi RP2' },
      { type: 'done' },
    ]);
  });

  it('is only looked at in a dry run', async () => {
    const drive = board();
    const { code, stdout } = await flash(drive, ['--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain(`would go to ${join(drive.path, 'small.uf2')}`);
    expect(drive.files).toEqual([]);
    expect(drive.isThere).toBe(true);
  });

  it('may come later', async () => {
    const path = join(folder, 'later');
    const command = new Command(['flash', '--file', uf2, '--mount', path, '--wait']);
    await command.says(/Waiting for a board: hold BOOTSEL down/);
    const drive = new PretendDrive(path);
    drives.push(drive);
    expect(await command.ended).toBe(0);
    expect(drive.flash.size).toBe(blocks);
  });

  it('that is another chip gets nothing', async () => {
    const drive = board({ info: INFO_RP2350 });
    expect(await failure(drive)).toContain('is an RP2350 (Pico 2): this firmware is for the RP2040');
    expect(drive.files).toEqual([]);
  });

  it('gets nothing that is not for it', async () => {
    const drive = board();
    expect(await failure(drive, ['--file', 'package.json'])).toContain('package.json is not a UF2 file');
    expect(await failure(drive, ['--file', join(folder, 'none.uf2')])).toContain('no such file');
    const image = firmwareImage();
    image[17]! ^= 1;
    writeFileSync(join(folder, 'unsealed.uf2'), toUf2(image));
    expect(await failure(drive, ['--file', join(folder, 'unsealed.uf2')])).toContain('would not start');
    expect(drive.files).toEqual([]);
  });

  it('that takes everything and stays', async () => {
    const drive = board({ stubborn: true });
    expect(await failure(drive, ['--timeout', '0.3'])).toBe(
      `error: the board has the file, but its drive ${drive.path} is still there after 0.3 s: ` +
        'the boot ROM did not accept it; unplug it and try again',
    );
    expect(drive.flash.size).toBe(blocks);
  });
});

describe.runIf(isLinux)('a drive', () => {
  const library = join(folder, 'fault.so');
  beforeAll(() => {
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, 'test/flash/fault.c', '-ldl']);
  });

  /** A call, with so many octets in the file, fails with `code`; the board leaves then, when its drive is named. */
  const fault = (
    call: string,
    size: number,
    code: keyof typeof constants.errno | 0,
    leaving?: PretendDrive,
  ): Environment => ({
    LD_PRELOAD: library,
    FAULT_CALL: call,
    FAULT_SIZE: String(size),
    FAULT_ERRNO: String(code && constants.errno[code]),
    ...(leaving && { FAULT_UNLINK: join(leaving.path, 'INFO_UF2.TXT') }),
  });
  const whole = blocks * 512;

  it('that is full', async () => {
    const drive = board({ stubborn: true });
    symlinkSync('/dev/full', join(drive.path, 'small.uf2'));
    expect(await failure(drive)).toContain(`the drive ${drive.path} is full`);
  });

  it.each(['EROFS', 'EACCES'] as const)('that may not be written (%s)', async (code) => {
    const drive = board();
    expect(await failure(drive, [], fault('open', 0, code))).toContain(
      `the drive ${drive.path} cannot be written (${code}): mount it writable for you`,
    );
  });

  it('whose board is unplugged half-way', async () => {
    const drive = board({ stubborn: true });
    expect(await failure(drive, [], fault('sync', 20_000, 0, drive))).toContain(
      `the board went away after 25 of ${kB} kB, its flash is incomplete: hold BOOTSEL down, plug it in and run this again`,
    );
  });

  it('that fails half-way', async () => {
    expect(await failure(board(), [], fault('sync', 10_000, 'EIO'))).toContain(
      `went away after 8 of ${kB} kB`,
    );
  });

  it('that is gone while the last block is written: the board has rebooted', async () => {
    const drive = board({ stubborn: true });
    const { code, stdout, stderr } = await flash(drive, [], fault('sync', whole, 'EIO', drive));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('the board has rebooted');
    expect(drive.flash.size).toBe(blocks);
  });

  it('that does not take the last block and stays', async () => {
    const drive = board({ stubborn: true });
    expect(await failure(drive, ['--timeout', '0.2'], fault('sync', whole, 'EIO'))).toContain(
      'the last block did not reach the board (EIO)',
    );
  });
});

test('a wrong timeout', async () => {
  const { code, stderr } = await run(['flash', '--timeout', 'soon']);
  expect(code).toBe(1);
  expect(stderr).toContain("'--timeout <seconds>' argument 'soon' is invalid. Allowed are seconds");
});
