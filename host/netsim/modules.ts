// SPDX-License-Identifier: MIT
// The module with rings of another size: the profile `large-port`, which has every feature, with one connection.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleSources, PROFILES, ROOT } from '../build.ts';
import { kept } from '../kept.ts';

/** Largest segment of an Ethernet frame, and the largest that the module asks for. */
const MOST_MSS = 1460;
const PROFILE = 'large-port';
const PAGE = 65_536;
/** Octets of a module besides its rings, the datagram that is put together among them, and more. */
const FIXED = 131_072;

/** Octets of the timestamps option with its padding, RFC 7323 Appendix A: in every segment, taken from the MSS. */
const TIMESTAMPS = 12;

/** What the profile defines besides the sizes that are ours. */
const FEATURES = profileUses().filter((use) => !/^(RING|MSS|CONNECTIONS|LISTENERS)=/.test(use));

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
  const options = [
    ...uses.flatMap((use) => ['--use', use]),
    '--noAssert',
    ...['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`],
  ];
  return kept({
    folder: 'netsim',
    name: `ring-${buffer}`,
    entry: PROFILES[PROFILE]!,
    sources: await moduleSources(),
    target: 'plain',
    options,
  });
}

function profileUses(): string[] {
  const config = JSON.parse(readFileSync(join(ROOT, 'asconfig.json'), 'utf8')) as {
    targets: Record<string, { use: string[] }>;
  };
  return config.targets[PROFILE]!.use;
}
