// SPDX-License-Identifier: MIT
// Boards in BOOTSEL mode, found by what the boot ROM shows: a drive with INFO_UF2.TXT, which names the chip. The drive's
// label is not asked; any drive may bear it. Linux's mounts are read from /proc, macOS has /Volumes, Windows letters.

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The drive of a UF2 boot loader. */
export interface Drive {
  path: string;
  /** `Board-ID` of INFO_UF2.TXT: `RPI-RP2` is an RP2040. */
  boardId: string;
  /** `Model`: `Raspberry Pi RP2`. */
  model: string;
  /** Its block device, where that is known; it goes when the board goes, even if a mount stays behind. */
  device?: string;
}

export interface Found {
  /** RP2040s. */
  boards: Drive[];
  /** Boards with a UF2 boot loader that are something else. */
  others: Drive[];
  /** Block devices of RP2040s that are not mounted (Linux). */
  unmounted: string[];
}

/** Where drives are looked for. */
export interface Places {
  /** Linux: the mounts, and a folder with the block devices. */
  mounts?: string;
  blocks?: string;
  /** macOS: the folder in which drives appear. */
  volumes?: string;
  /** Windows: the roots of drives. */
  roots?: string[];
}

const INFO = 'INFO_UF2.TXT';
const RP2040 = 'RPI-RP2';
/** Of the boot ROM's SCSI inquiry. */
const VENDOR = 'RPI';
const MODEL = 'RP2';

/** The places of this computer. */
export function placesOf(platform: NodeJS.Platform = process.platform): Places {
  if (platform === 'darwin') return { volumes: '/Volumes' };
  if (platform === 'win32') {
    return { roots: Array.from({ length: 26 }, (_, i) => `${String.fromCharCode(65 + i)}:\\`) };
  }
  return { mounts: '/proc/mounts', blocks: '/sys/block' };
}

/** What INFO_UF2.TXT in this folder says; undefined when there is none. */
async function readDrive(path: string, device?: string): Promise<Drive | undefined> {
  let text: string;
  try {
    text = await readFile(join(path, INFO), 'latin1');
  } catch {
    return undefined;
  }
  const field = (name: string): string => new RegExp(`^${name}: *(.*?)\\s*$`, 'm').exec(text)?.[1] ?? '';
  return { path, boardId: field('Board-ID'), model: field('Model'), device };
}

export function isRp2040({ boardId }: Drive): boolean {
  return boardId === RP2040;
}

/** All drives of boards, in the places given. */
export async function findDrives(places: Places = placesOf()): Promise<Found> {
  const mounts = places.mounts === undefined ? [] : readMounts(places.mounts);
  const candidates = [
    ...mounts.filter(({ device }) => existsSync(device)),
    ...(places.volumes === undefined ? [] : subfolders(places.volumes)).map((path) => ({ path })),
    ...(places.roots ?? []).map((path) => ({ path })),
  ];
  const drives: Drive[] = [];
  for (const drive of await Promise.all(
    candidates.map(({ path, device }: Mount) => readDrive(path, device)),
  )) {
    // A drive that is mounted in two places is one.
    if (drive && !drives.some(({ device }) => device !== undefined && device === drive.device)) {
      drives.push(drive);
    }
  }
  const mounted = new Set(mounts.map(({ device }) => device));
  const devices = places.blocks === undefined ? [] : rp2040Devices(places.blocks);
  return {
    boards: drives.filter(isRp2040),
    others: drives.filter((drive) => !isRp2040(drive)),
    unmounted: devices.filter((device) => !mounted.has(device)),
  };
}

/** The drive in a folder that the user named, with its device. Throws one line when there is none. */
export async function driveAt(path: string, places: Places = placesOf()): Promise<Drive> {
  if (!existsSync(path))
    throw new Error(`there is no folder ${path}: plug the board in with BOOTSEL held down`);
  const mounts = places.mounts === undefined ? [] : readMounts(places.mounts);
  const real = realpathSync(path);
  const drive = await readDrive(path, mounts.findLast((mount) => mount.path === real)?.device);
  if (drive === undefined) {
    throw new Error(`${path} is not the drive of a board in BOOTSEL mode: it has no ${INFO}`);
  }
  return drive;
}

/** Whether the board has left. A mount may stay behind, with what the kernel remembers of it, but not its device. */
export async function isGone({ path, device }: Drive): Promise<boolean> {
  if (device !== undefined && !existsSync(device)) return true;
  return (await readDrive(path)) === undefined;
}

interface Mount {
  path: string;
  device?: string;
}

/** Mounts of block devices; the octal escapes of spaces and the like are resolved. */
function readMounts(file: string): Required<Mount>[] {
  const unescape = (text: string): string =>
    Buffer.from(
      text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
      'latin1',
    ).toString();
  return readFileSync(file, 'latin1')
    .split('\n')
    .filter((line) => line.startsWith('/dev/'))
    .map((line) => line.split(' '))
    .map(([device, path]) => ({ device: unescape(device!), path: unescape(path!) }));
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** The first partitions of the disks that the boot ROM's mass storage shows. */
function rp2040Devices(blocks: string): string[] {
  const attribute = (disk: string, name: string): string => {
    try {
      return readFileSync(join(disk, 'device', name), 'latin1').trim();
    } catch {
      return '';
    }
  };
  return subfolders(blocks)
    .filter((disk) => attribute(disk, 'vendor') === VENDOR && attribute(disk, 'model') === MODEL)
    .map((disk) => `/dev/${disk.slice(blocks.length + 1)}1`);
}
