// SPDX-License-Identifier: MIT
// A UF2 file goes to the boot ROM's drive, piece by piece and each one down to the board, so that the bar tells the truth
// and an error tells where. The boot ROM reboots as soon as it has the last block, perhaps before the file is closed:
// from there on an error that says the drive is gone is what success looks like.

import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGone } from './drives.ts';
import type { Drive } from './drives.ts';
import { BLOCK_SIZE } from './uf2.ts';

const PIECE = 16 * BLOCK_SIZE;
const POLL_MS = 100;
/** A drive whose device is no more. */
const DEPARTURE = new Set(['EIO', 'ENODEV', 'ENXIO', 'ENOENT', 'EBADF', 'ENOTCONN', 'ESTALE', 'UNKNOWN']);
const READ_ONLY = new Set(['EROFS', 'EACCES', 'EPERM']);
const AGAIN = 'hold BOOTSEL down, plug it in and run this again';

/** The board went away before the file was complete. */
class Departed extends Error {}

/**
 * Write `file` as `name` to the drive; `onProgress` hears how many octets the board has. Resolves to what the system said
 * of the last block, if it did not like it: `awaitReboot` tells what that means. Rejects with one line.
 */
export async function copyToDrive(
  file: Uint8Array,
  drive: Drive,
  name: string,
  onProgress: (octets: number) => void,
): Promise<string | undefined> {
  let done = 0;
  let handle: FileHandle | undefined;
  const put = async (end: number): Promise<void> => {
    await handle!.writeFile(file.subarray(done, end));
    await handle!.datasync();
    done = end;
    onProgress(done);
  };
  const last = file.length - BLOCK_SIZE;
  try {
    handle = await open(join(drive.path, name), 'w');
    while (done < last) {
      await put(Math.min(done + PIECE, last));
      if (await isGone(drive)) throw new Departed();
    }
  } catch (error) {
    await handle?.close().catch(() => undefined);
    throw new Error(explain(error as NodeJS.ErrnoException, drive, done, file.length), { cause: error });
  }
  try {
    try {
      await put(file.length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (DEPARTURE.has(code)) return code;
    throw new Error(explain(error as NodeJS.ErrnoException, drive, done, file.length), { cause: error });
  }
  return undefined;
}

/** Wait until the board has left BOOTSEL mode. Rejects with one line when it does not within `timeoutMs`. */
export async function awaitReboot(drive: Drive, timeoutMs: number, complaint?: string): Promise<void> {
  const begin = performance.now();
  while (!(await isGone(drive))) {
    if (performance.now() - begin >= timeoutMs) {
      const seconds = timeoutMs / 1000;
      throw new Error(
        complaint === undefined
          ? `the board has the file, but its drive ${drive.path} is still there after ${seconds} s: ` +
              'the boot ROM did not accept it; unplug it and try again'
          : `the last block did not reach the board (${complaint}); its drive ${drive.path} is still there: ${AGAIN}`,
      );
    }
    await sleep(POLL_MS);
  }
}

function explain(error: NodeJS.ErrnoException, { path }: Drive, done: number, total: number): string {
  const { code = '' } = error;
  if (code === 'ENOSPC')
    return `the drive ${path} is full: delete what is on it, or unplug the board, ${AGAIN}`;
  if (READ_ONLY.has(code)) {
    return `the drive ${path} cannot be written (${code}): mount it writable for you, as udisksctl mount does`;
  }
  if (error instanceof Departed || DEPARTURE.has(code)) {
    const kB = (octets: number): string => `${Math.round(octets / 1000)}`;
    return `the board went away after ${kB(done)} of ${kB(total)} kB, its flash is incomplete: ${AGAIN}`;
  }
  return `cannot write to the drive ${path}: ${error.message.split(',')[0]}`;
}
