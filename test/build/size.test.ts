// SPDX-License-Identifier: MIT
// `npm run size`: its JSON as the README shows it, and what it says without a build.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUILD, PROFILES } from '../../host/build.ts';
import { sizeOf, sizes } from '../../host/size.ts';
import { readSections, SECTION } from '../interpreter/binary.ts';

describe('size', () => {
  it('weighs the default profile first, and every profile', async () => {
    const all = await sizes();
    const bytes = await readFile(join(BUILD, 'sandwire.wasm'));
    expect(Object.keys(all)).toEqual([
      'wasmBytes',
      'codeBytes',
      'memoryBytes',
      'imports',
      'exports',
      'profiles',
    ]);
    expect(all.wasmBytes).toBe(bytes.length);
    expect(Object.keys(all.profiles)).toEqual(Object.keys(PROFILES));
    const { wasmBytes, codeBytes, memoryBytes } = all;
    expect(all.profiles.sandwire).toEqual({ wasmBytes, codeBytes, memoryBytes });
  });

  it('finds the code section in a module', async () => {
    const bytes = new Uint8Array(await readFile(join(BUILD, 'sandwire.wasm')));
    const code = readSections(bytes).find(({ id }) => id === SECTION.code)!;
    expect(sizeOf(bytes).codeBytes).toBe(code.octets.length);
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
