// SPDX-License-Identifier: MIT
// Which drives are boards, on each system, and which board is meant. The systems' places are folders and files made here.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { chooseBoard } from '../../host/flash/choose.ts';
import { driveAt, findDrives, isGone, placesOf } from '../../host/flash/drives.ts';
import { INFO_RP2040, INFO_RP2350 } from './pretend-drive.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sandwire-drives-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A drive below the folder. */
function drive(name: string, info: string | undefined = INFO_RP2040): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  if (info !== '') writeFileSync(join(path, 'INFO_UF2.TXT'), info);
  return path;
}

/** A list of mounts as /proc has it, and the disks of /sys/block. */
function linux(mounts: [device: string, path: string][], disks: Record<string, [string, string]> = {}) {
  const lines = mounts.map(([device, path]) => `${device} ${path.replaceAll(' ', '\\040')} vfat rw 0 0\n`);
  writeFileSync(join(folder, 'mounts'), `proc /proc proc rw 0 0\n${lines.join('')}`);
  for (const [disk, [vendor, model]] of Object.entries(disks)) {
    const device = join(folder, 'block', disk, 'device');
    mkdirSync(device, { recursive: true });
    writeFileSync(join(device, 'vendor'), `${vendor.padEnd(8)}\n`);
    writeFileSync(join(device, 'model'), `${model.padEnd(16)}\n`);
  }
  return { mounts: join(folder, 'mounts'), blocks: join(folder, 'block') };
}

describe('on Linux', () => {
  it('a mounted drive is found by its INFO_UF2.TXT, spaces in its path or not', async () => {
    const path = drive('my board');
    const { boards, others } = await findDrives(
      linux([
        ['/dev/null', path],
        ['/dev/zero', drive('stick', '')],
      ]),
    );
    expect(boards).toEqual([{ path, boardId: 'RPI-RP2', model: 'Raspberry Pi RP2', device: '/dev/null' }]);
    expect(others).toEqual([]);
  });

  it('its label does not make a drive a board', async () => {
    expect((await findDrives(linux([['/dev/null', drive('RPI-RP2', '')]]))).boards).toEqual([]);
  });

  it('a mount that outlived its device is none', async () => {
    const path = drive('old');
    expect((await findDrives(linux([['/dev/no-device', path]]))).boards).toEqual([]);
  });

  it('mounted twice it is one', async () => {
    const places = linux([
      ['/dev/null', drive('a')],
      ['/dev/null', drive('b')],
    ]);
    expect((await findDrives(places)).boards).toHaveLength(1);
  });

  it('a disk of the boot ROM that is not mounted is known by its inquiry', async () => {
    const places = linux([], { sda: ['ATA', 'RP2'], sdb: ['RPI', 'RP2'], sdc: ['RPI', 'RP2350'] });
    expect((await findDrives(places)).unmounted).toEqual(['/dev/sdb1']);
    await expect(chooseBoard({ places })).rejects.toThrow(
      'a board in BOOTSEL mode is at /dev/sdb1, but not mounted: udisksctl mount -b /dev/sdb1',
    );
  });

  it('and not told of when it is', async () => {
    const places = linux([['/dev/sdb1', drive('a')]], { sdb: ['RPI', 'RP2'] });
    expect((await findDrives(places)).unmounted).toEqual([]);
  });

  it('one mounted and one not are two', async () => {
    const path = drive('a');
    const places = linux([['/dev/null', path]], { sdb: ['RPI', 'RP2'] });
    await expect(chooseBoard({ places })).rejects.toThrow(
      `2 boards are in BOOTSEL mode: ${path}, /dev/sdb1 (not mounted); choose one with --mount DIR`,
    );
  });

  it('a named folder is asked for its device', async () => {
    const path = drive('a');
    const places = linux([['/dev/null', path]]);
    symlinkSync(path, join(folder, 'link'));
    expect(await driveAt(join(folder, 'link'), places)).toMatchObject({ device: '/dev/null' });
    expect(await driveAt(drive('b'), places)).toMatchObject({ device: undefined });
  });
});

describe('on macOS and Windows', () => {
  test('a volume', async () => {
    const path = drive('Volumes/RPI-RP2');
    drive('Volumes/Macintosh HD', '');
    expect(await chooseBoard({ places: { volumes: join(folder, 'Volumes') } })).toMatchObject({ path });
  });

  test('a drive letter', async () => {
    const path = drive('E');
    const roots = [join(folder, 'C'), drive('D', ''), path];
    expect(await chooseBoard({ places: { roots } })).toMatchObject({ path });
  });

  test('their places', () => {
    expect(placesOf('darwin')).toEqual({ volumes: '/Volumes' });
    const { roots } = placesOf('win32');
    expect([roots!.length, roots![0], roots![25]]).toEqual([26, 'A:\\', 'Z:\\']);
    expect(placesOf('linux')).toEqual({ mounts: '/proc/mounts', blocks: '/sys/block' });
  });
});

describe('which board', () => {
  test('none', async () => {
    await expect(chooseBoard({ places: linux([]) })).rejects.toThrow(
      'no board in BOOTSEL mode: hold BOOTSEL down while you plug it in, until the drive RPI-RP2 appears',
    );
  });

  test('one of two, by its folder', async () => {
    const [a, b] = [drive('a'), drive('b')];
    const places = linux([
      ['/dev/null', a],
      ['/dev/zero', b],
    ]);
    await expect(chooseBoard({ places })).rejects.toThrow(`2 boards are in BOOTSEL mode: ${a}, ${b}; choose`);
    expect(await chooseBoard({ places, mount: b })).toMatchObject({ path: b });
  });

  test('a Pico 2 is refused by its name', async () => {
    const path = drive('RP2350', INFO_RP2350);
    const reason = `the board at ${path} is an RP2350 (Pico 2): this firmware is for the RP2040 (Raspberry Pi Pico)`;
    await expect(chooseBoard({ places: linux([['/dev/null', path]]) })).rejects.toThrow(reason);
    await expect(chooseBoard({ mount: path })).rejects.toThrow(reason);
  });

  test('a Pico 2 beside a Pico is in nobody’s way', async () => {
    const path = drive('pico');
    const places = linux([
      ['/dev/zero', drive('two', INFO_RP2350)],
      ['/dev/null', path],
    ]);
    expect(await chooseBoard({ places })).toMatchObject({ path });
  });

  test('another board is refused by its name', async () => {
    const path = drive(
      'feather',
      'UF2 Bootloader 0.6.2\nModel: Adafruit Feather nRF52840\nBoard-ID: nRF52840-Feather\n',
    );
    await expect(chooseBoard({ mount: path })).rejects.toThrow(
      'is Adafruit Feather nRF52840 (nRF52840-Feather): this firmware is for the RP2040',
    );
  });

  test('a folder that is no drive, and one that is not', async () => {
    await expect(chooseBoard({ mount: drive('x', '') })).rejects.toThrow('it has no INFO_UF2.TXT');
    await expect(chooseBoard({ mount: join(folder, 'y') })).rejects.toThrow('there is no folder');
  });

  test('that appears later is waited for', async () => {
    const places = linux([['/dev/null', join(folder, 'later')]]);
    setTimeout(() => drive('later'), 250);
    expect(await chooseBoard({ places, waitMs: 5000 })).toMatchObject({ boardId: 'RPI-RP2' });
    await expect(chooseBoard({ places: linux([]), waitMs: 250 })).rejects.toThrow('no board in BOOTSEL mode');
  });

  test('that the desktop mounts in a moment, too; it is not refused before', async () => {
    const path = join(folder, 'later');
    const places = linux([], { sdb: ['RPI', 'RP2'] });
    setTimeout(() => {
      linux([['/dev/null', drive('later')]]);
      rmSync(join(folder, 'block'), { recursive: true });
    }, 250);
    expect(await chooseBoard({ places, waitMs: 5000 })).toMatchObject({ path });
  });

  test('nobody waits where waiting does not help', async () => {
    const places = linux([
      ['/dev/null', drive('a')],
      ['/dev/zero', drive('b')],
    ]);
    await expect(chooseBoard({ places, waitMs: Infinity })).rejects.toThrow('2 boards');
  });
});

test('a board is gone with its folder, or with its device though the mount is still there', async () => {
  const path = drive('a');
  const board = await driveAt(path, {});
  expect(await isGone(board)).toBe(false);
  expect(await isGone({ ...board, device: '/dev/null' })).toBe(false);
  expect(await isGone({ ...board, device: join(folder, 'sdz1') })).toBe(true);
  rmSync(path, { recursive: true });
  expect(await isGone(board)).toBe(true);
});
