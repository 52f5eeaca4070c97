// SPDX-License-Identifier: MIT
// The example of a host of one's own: it needs no more than a WebAssembly engine.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const example = fileURLToPath(new URL('../../host/examples/embed.mjs', import.meta.url));

test('the example gets its text back, and imports nothing of ours', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [example]);
  expect(stdout).toMatch(/^after \d+ ms: hello\n$/);
  const imports = [...readFileSync(example, 'utf8').matchAll(/^import .* from '(.*)'/gm)].map(
    ([, name]) => name,
  );
  expect(imports).toEqual(['node:fs']);
});

test('the README shows the echo program as it is', () => {
  const [readme, echo] = ['README.md', 'assembly/apps/echo.ts'].map((name) =>
    readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'),
  );
  const code = echo!.slice(echo!.indexOf('import '));
  expect(readme).toContain(code);
});
