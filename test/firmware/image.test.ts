// SPDX-License-Identifier: MIT
// What the built image promises: it holds the module that the simulation runs, whole and unchanged, and leaves a quarter
// of the RAM to others. Both interpreters build.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootLog } from '../../host/firmware/boot-log.ts';
import { DEFAULTS } from '../../host/firmware/addresses.ts';
import {
  buildFirmware,
  buildImage,
  EMULATED,
  firmwareFiles,
  hasToolchain,
} from '../../host/firmware/build.ts';
import { usage } from '../../host/firmware/usage.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { flashOf } from '../../host/machine/rp2040/boot-rom.ts';
import { descriptorOf, moduleOf } from '../../host/machine/rp2040/image.ts';

const KB = 1024;
const hash = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

describe.skipIf(!hasToolchain())('the image', () => {
  it('holds the module of the simulation: one hash', () => {
    const flash = flashOf(readFileSync(firmwareFiles(EMULATED).uf2));
    expect(hash(moduleOf(flash, descriptorOf(flash)))).toBe(hash(readModule('sandwire')));
  });

  it('leaves 64 KB of RAM free, and accounts for the rest', () => {
    const files = firmwareFiles(EMULATED);
    const log = bootLog(files.uf2).join('\n');
    const { flash, ram } = usage(readFileSync(files.map, 'utf8'), log);
    expect(log).toContain(hash(readModule('sandwire')).slice(0, 16));
    expect(ram.free).toBeGreaterThanOrEqual(64 * KB);
    // What no owner claims is only what lies between two of them.
    expect(ram.alignment).toBeLessThan(256);
    expect(flash.alignment).toBeLessThan(512);
    expect(flash.module).toBe(readModule('sandwire').length);
  });

  it('is built for the address that was asked for, also with wasm3 as it is', async () => {
    const addresses = { ...DEFAULTS, address: '192.168.7.9', gateway: '192.168.7.1' };
    const files = await buildImage('test-stock', 'stock', addresses);
    expect(bootLog(files.uf2).join('\n')).toContain('address 192.168.7.9, netmask 255.255.255.0');
  });
});

describe('without the compiler', () => {
  it('the build says what to install', async () => {
    const path = process.env.PATH;
    process.env.PATH = '';
    try {
      await expect(buildFirmware()).rejects.toThrow(
        'apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi',
      );
    } finally {
      process.env.PATH = path;
    }
  });
});
