// SPDX-License-Identifier: MIT
// Serial ports of this computer that could be the board's UART: USB-serial adapters and debug probes. By their names on
// Linux and macOS, which needs no udev; on Windows by asking the library.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const NAMES: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^tty(ACM|USB)\d+$/,
  darwin: /^cu\.(usb|wch|SLAB)/i,
};
const WIRING =
  'connect GP0 (pin 1, TX) to the RX of a 3.3 V USB-serial adapter or debug probe, and GND to GND';

/** Paths of the ports there are. */
export async function findPorts(
  platform: NodeJS.Platform = process.platform,
  folder = '/dev',
): Promise<string[]> {
  if (platform === 'win32') return windowsPorts();
  const pattern = NAMES[platform] ?? NAMES.linux!;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => pattern.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => join(folder, name));
}

async function windowsPorts(): Promise<string[]> {
  const { autoDetect } = await import('@serialport/bindings-cpp');
  const ports = await autoDetect().list();
  // A port of the mainboard is not where a board is.
  const usb = ports.filter(({ vendorId }) => vendorId !== undefined);
  return (usb.length > 0 ? usb : ports).map(({ path }) => path);
}

/** The only port there is. Throws one line when there is none, or more than one. */
export function onlyPort(ports: readonly string[]): string {
  if (ports.length === 0) throw new Error(`no serial port is there: ${WIRING}`);
  if (ports.length > 1) {
    throw new Error(
      `${ports.length} serial ports are there: ${ports.join(', ')}; choose one with --port PATH`,
    );
  }
  return ports[0]!;
}
