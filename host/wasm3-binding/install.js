// SPDX-License-Identifier: MIT
// Builds the addon when the package is installed. Node's own headers are used where they lie beside the running node
// (official archives, most distributions), so that nothing is fetched; otherwise node-gyp downloads them.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

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
