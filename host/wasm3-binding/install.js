// SPDX-License-Identifier: MIT
// Builds the addon when the package is installed, from wasm3's source with its mistakes corrected. Node's own headers are
// used where they lie beside the running node (official archives, most distributions), so that nothing is fetched;
// otherwise node-gyp downloads them.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CORRECTIONS } from './corrections.js';

/** Copies of the files that are corrected, in `source/`; the compiler finds these before the package's. */
function correctSource() {
  const original = join(dirname(createRequire(import.meta.url).resolve('wasm3-source/package.json')), 'cpp');
  const corrected = fileURLToPath(new URL('source/', import.meta.url));
  mkdirSync(corrected, { recursive: true });
  for (const { file, find, replace } of CORRECTIONS) {
    const parts = readFileSync(join(original, file), 'utf8').split(find);
    if (parts.length !== 2) throw new Error(`${file} of wasm3 is not the one that is corrected here`);
    writeFileSync(join(corrected, file), parts.join(replace));
  }
}

/** The folder above `include/node`, when it holds the headers of this very version. */
function headersBesideNode() {
  const prefix = dirname(dirname(process.execPath));
  try {
    const text = readFileSync(join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
    const version = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => new RegExp(`define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
    );
    return version.join('.') === process.versions.node ? prefix : undefined;
  } catch {
    return undefined;
  }
}

correctSource();
const args = ['rebuild'];
const prefix = headersBesideNode();
if (prefix !== undefined && process.env.npm_config_nodedir === undefined) args.push(`--nodedir=${prefix}`);

// npm puts its own node-gyp on the path of install scripts.
const { status } = spawnSync('node-gyp', args, { stdio: 'inherit', shell: process.platform === 'win32' });
if (status !== 0) {
  console.error(
    [
      '',
      'wasm3-binding could not be built. It is written in C and needs, once, at installation:',
      '  Debian, Ubuntu   apt install build-essential python3',
      '  Fedora           dnf install gcc make python3',
      '  macOS            xcode-select --install',
      'and the headers of Node, which are downloaded from nodejs.org unless they lie beside it',
      '(offline: npm_config_nodedir=DIR, where DIR/include/node holds them).',
      'Then run: npm rebuild wasm3-binding',
      '',
    ].join('\n'),
  );
  process.exit(1);
}
