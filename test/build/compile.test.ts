// SPDX-License-Identifier: MIT
// What the compiler refuses under our options: memory from a heap, and more static memory than a profile may have.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { compile, ROOT } from '../../host/build.ts';

const FOLDER = `build/compile-test-${process.pid}`;

beforeAll(() => mkdir(join(ROOT, FOLDER), { recursive: true }));
afterAll(() => rm(join(ROOT, FOLDER), { recursive: true, force: true }));

async function compileText(
  name: string,
  source: string,
  extra: string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  await writeFile(join(ROOT, FOLDER, `${name}.ts`), source);
  await compile(`${FOLDER}/${name}.ts`, 'plain', `${FOLDER}/${name}.wasm`, extra);
  return new Uint8Array(await readFile(join(ROOT, FOLDER, `${name}.wasm`)));
}

describe('what would allocate does not compile', () => {
  it.each([
    ['object', 'class Box { v: i32 = 1; }\nexport function f(): i32 { return new Box().v; }'],
    [
      'unmanaged',
      '@unmanaged class Box { v: i32; }\nexport function f(): usize { return changetype<usize>(new Box()); }',
    ],
    ['array', 'export function f(n: i32): i32 { const a = [n, 2]; return unchecked(a[0]); }'],
  ])('%s', async (name, source) => {
    await expect(compileText(name, source)).rejects.toThrow(/__new|__alloc/);
  });
});

describe('a budget of static memory', () => {
  const source = [
    'const BLOCK: usize = memory.data(1000, 8);',
    'export function block(): usize { return BLOCK; }',
    'export function memoryEnd(): usize { return __heap_base; }',
  ].join('\n');

  it('stops the compiler when it is passed', async () => {
    await expect(compileText('over', source, ['--lowMemoryLimit', '1000'])).rejects.toThrow('AS104');
  });

  it('is counted from the first octet to the end, with no stack between', async () => {
    const module = new WebAssembly.Module(await compileText('within', source, ['--lowMemoryLimit', '1024']));
    const { block, memoryEnd } = new WebAssembly.Instance(module).exports as Record<string, () => number>;
    expect(block!()).toBe(8);
    expect(memoryEnd!()).toBeLessThanOrEqual(8 + 1000 + 4);
  });
});

test('what a compiler that was stopped has left is taken away', async () => {
  const left = (pid: number): string => join(ROOT, FOLDER, `left.wasm.${pid}`);
  const [stopped, running] = [left(spawnSync(process.execPath, ['--version']).pid), left(process.pid)];
  await Promise.all([stopped, running].map((path) => writeFile(path, '')));
  await compileText('next', 'export function f(): i32 { return 1; }');
  expect([existsSync(stopped), existsSync(running)]).toEqual([false, true]);
});

describe('ascii()', () => {
  it('becomes the address of the text, an octet a character, ended by zero', async () => {
    const bytes = await compileText(
      'text',
      [
        `const FIRST: usize = ascii('Hi!\\n');`,
        `const SECOND: usize = ascii('!');`,
        'export function first(): usize { return FIRST; }',
        'export function second(): usize { return SECOND; }',
      ].join('\n'),
    );
    const { first, memory } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const start = (first as () => number)();
    const octets = new Uint8Array((memory as WebAssembly.Memory).buffer, start, 7);
    expect([...octets]).toEqual([72, 105, 33, 10, 0, 33, 0]);
  });

  it('takes nothing but ASCII', async () => {
    await expect(compileText('accent', `const TEXT: usize = ascii('caf\u00e9');`)).rejects.toThrow(
      'not ASCII',
    );
  });
});
