// SPDX-License-Identifier: MIT
// Which board is meant, or one line that says what to do so that it is clear.

import { setTimeout as sleep } from 'node:timers/promises';
import { driveAt, findDrives, isRp2040, placesOf } from './drives.ts';
import type { Drive, Found, Places } from './drives.ts';

const POLL_MS = 200;
/** A desktop mounts a drive some seconds after it has appeared. */
const AUTOMOUNT_MS = 5000;
const HOW = 'hold BOOTSEL down while you plug it in';

/** No board is there yet; others of these errors do not go away by waiting. */
class NotYet extends Error {}

export interface Choice {
  /** The folder of the drive; without it, the only drive there is. */
  mount?: string;
  /** Wait for it so many milliseconds. */
  waitMs?: number;
  places?: Places;
}

/** The drive to write to. */
export async function chooseBoard({ mount, waitMs = 0, places = placesOf() }: Choice): Promise<Drive> {
  const begin = performance.now();
  for (;;) {
    const waited = performance.now() - begin;
    try {
      if (mount !== undefined) return check(await driveAt(mount, places).catch(postpone));
      return only(await findDrives(places), waitMs > 0 && waited < AUTOMOUNT_MS);
    } catch (error) {
      if (!(error instanceof NotYet) || waited >= waitMs) throw error;
    }
    await sleep(POLL_MS);
  }
}

function postpone(error: Error): never {
  throw new NotYet(error.message);
}

function only({ boards, others, unmounted }: Found, mayBeMounted: boolean): Drive {
  const places = [...boards.map(({ path }) => path), ...unmounted.map((device) => `${device} (not mounted)`)];
  if (places.length > 1) {
    throw new Error(
      `${places.length} boards are in BOOTSEL mode: ${places.join(', ')}; choose one with --mount DIR`,
    );
  }
  if (boards.length === 1) return boards[0]!;
  if (unmounted.length === 1) {
    const [device] = unmounted;
    const Kind = mayBeMounted ? NotYet : Error;
    throw new Kind(`a board in BOOTSEL mode is at ${device}, but not mounted: udisksctl mount -b ${device}`);
  }
  if (others.length > 0) check(others[0]!);
  throw new NotYet(`no board in BOOTSEL mode: ${HOW}, until the drive RPI-RP2 appears`);
}

function check(drive: Drive): Drive {
  if (isRp2040(drive)) return drive;
  const name =
    drive.boardId === 'RP2350' ? 'an RP2350 (Pico 2)' : `${drive.model || 'unknown'} (${drive.boardId})`;
  throw new Error(
    `the board at ${drive.path} is ${name}: this firmware is for the RP2040 (Raspberry Pi Pico)`,
  );
}
