// SPDX-License-Identifier: MIT
// The module with rings of another size: the profile `large-port`, which has every feature, with one connection. Each is
// compiled once and kept in build/netsim/ under the hash of all that went into it.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD, compile, fingerprint, PROFILES, ROOT } from '../build.ts';

/** Largest segment of an Ethernet frame, and the largest that the module asks for. */
const MOST_MSS = 1460;
const PROFILE = 'large-port';
/** The same without sizes. */
const BASE = 'port';
const PAGE = 65_536;
/** Octets of a module besides its rings, the datagram that is put together among them, and more. */
const FIXED = 131_072;

/** Octets of the timestamps option with its padding, RFC 7323 Appendix A: in every segment, taken from the MSS. */
const TIMESTAMPS = 12;

/** What the profile defines besides the sizes that are ours. */
const FEATURES = profileUses().filter((use) => !/^(PORT|RING|MSS|CONNECTIONS|LISTENERS)=/.test(use));

/** The MSS for rings of `buffer` octets: the ring holds the text of whole segments, as few as there can be. */
export function mssFor(buffer: number): number {
  const options = FEATURES.includes('TIMESTAMPS=1') ? TIMESTAMPS : 0;
  return Math.floor(buffer / Math.ceil(buffer / (MOST_MSS - options))) + options;
}

/** The module with rings of `buffer` octets, as a file; compiled if need be. Throws CompileError. */
export async function moduleFor(buffer: number): Promise<string> {
  // Four programs listen too.
  const uses = [...FEATURES, 'CONNECTIONS=1', 'LISTENERS=5', `RING=${buffer}`, `MSS=${mssFor(buffer)}`];
  const pages = Math.ceil((2 * buffer + FIXED) / PAGE);
  const extra = [
    ...uses.flatMap((use) => ['--use', use]),
    ...['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`],
  ];
  const hash = createHash('sha256')
    .update(extra.join(' '))
    .update(await fingerprint(await sources()))
    .digest('hex')
    .slice(0, 16);
  const outFile = `build/netsim/ring-${buffer}-${hash}.wasm`;
  if (!existsSync(join(ROOT, outFile))) {
    await mkdir(join(BUILD, 'netsim'), { recursive: true });
    await compile(PROFILES[BASE]!, BASE, outFile, extra);
    await forgetOthers(buffer, outFile);
  }
  return join(ROOT, outFile);
}

function profileUses(): string[] {
  const config = JSON.parse(readFileSync(join(ROOT, 'asconfig.json'), 'utf8')) as {
    targets: Record<string, { use: string[] }>;
  };
  return config.targets[PROFILE]!.use;
}

async function sources(): Promise<string[]> {
  return (await readdir(join(ROOT, 'assembly'), { recursive: true }))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => join('assembly', name));
}

/** Take away what older sources gave for the same rings. */
async function forgetOthers(buffer: number, outFile: string): Promise<void> {
  for (const name of await readdir(join(BUILD, 'netsim'))) {
    const isOld = name.startsWith(`ring-${buffer}-`) && name.endsWith('.wasm') && !outFile.endsWith(name);
    if (isOld) await rm(join(BUILD, 'netsim', name), { force: true });
  }
}
