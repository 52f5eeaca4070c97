// SPDX-License-Identifier: MIT
// A source map beside each module, of which the module shows nothing: its octets are those that the compiler makes without.

import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUILD, build, compile, PROFILES, ROOT } from '../../host/build.ts';

const FOLDER = `build/map-test-${process.pid}`;

beforeAll(() => mkdir(join(ROOT, FOLDER), { recursive: true }));
afterAll(() => rm(join(ROOT, FOLDER), { recursive: true, force: true }));

it.each(['sandwire', 'debug'])('%s is the same module without', async (profile) => {
  await build([profile]);
  const outFile = `${FOLDER}/${profile}.wasm`;
  await compile(PROFILES[profile]!, profile, outFile);
  const without = await readFile(join(ROOT, outFile));
  expect(without.equals(await readFile(join(BUILD, `${profile}.wasm`)))).toBe(true);
  await expect(readFile(join(ROOT, `${outFile}.map`))).rejects.toThrow('ENOENT');
});

it('names the sources, from the top of the repository, and holds them', async () => {
  await build(['sandwire']);
  const map = JSON.parse(await readFile(join(BUILD, 'sandwire.wasm.map'), 'utf8')) as Record<
    string,
    string[]
  >;
  expect(map.sources).toContain('assembly/index.ts');
  const at = map.sources!.indexOf('assembly/index.ts');
  expect(map.sourcesContent![at]).toBe(await readFile(join(ROOT, 'assembly/index.ts'), 'utf8'));
});
