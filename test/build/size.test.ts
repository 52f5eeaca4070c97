// SPDX-License-Identifier: MIT
// `npm run size`: its JSON as the README shows it, and what it says without a build.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUILD, PROFILES } from '../../host/build.ts';
import { sizeOf, sizes } from '../../host/size.ts';

describe('size', () => {
  it('weighs the default profile first, and every profile', async () => {
    const all = await sizes();
    const bytes = await readFile(join(BUILD, 'sandwire.wasm'));
    expect(Object.keys(all)).toEqual(['wasmBytes', 'memoryBytes', 'imports', 'exports', 'profiles']);
    expect(all.wasmBytes).toBe(bytes.length);
    expect(Object.keys(all.profiles)).toEqual(Object.keys(PROFILES));
    expect(all.profiles.sandwire).toEqual({ wasmBytes: all.wasmBytes, memoryBytes: all.memoryBytes });
  });

  it('names the missing file when there is no build', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandwire-'));
    await expect(sizes(folder)).rejects.toThrow('sandwire.wasm');
    await rm(folder, { recursive: true });
  });

  it('refuses a module that is not ours', () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    expect(() => sizeOf(empty)).toThrow('not a Sandwire module');
  });
});
