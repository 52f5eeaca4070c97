// SPDX-License-Identifier: MIT
// The scripts of these folders on the builds and engines, everything compared: a script passes, or the build lacks what
// its folder is about. Nothing else may be skipped.

import { describe, expect, test } from 'vitest';
import { Drill } from '../../host/packetdrill/drill.ts';
import type { Feature } from '../../host/packetdrill/features.ts';
import { readScript, scriptFiles } from '../../host/packetdrill/files.ts';
import { explain, verdictLine } from '../../host/packetdrill/report.ts';

const ROOT = new URL('.', import.meta.url).pathname;
const SCRIPTS = scriptFiles([ROOT]).map((file) => file.slice(ROOT.length));

/** What the scripts of a folder need. */
const NEEDS: Readonly<Record<string, readonly Feature[]>> = {
  sack: ['sack'],
  rack: ['sack'],
  timestamps: ['timestamps', 'window scaling', 'sack'],
  'window-scale': ['window scaling', 'timestamps', 'sack'],
  ecn: ['ecn'],
};
/** Of builds with rings of three segments alone: their windows are compared. */
const RINGS = 'rings-of-4380/';

const targets = [
  { engine: 'v8', module: 'large-port' },
  { engine: 'wasm3', module: 'large-port' },
  { engine: 'v8', module: 'port' },
  { engine: 'wasm3', module: 'port' },
] as const;

test('there are scripts for every area', () => {
  expect(SCRIPTS.length).toBeGreaterThanOrEqual(140);
  expect([...new Set(SCRIPTS.map((name) => name.split('/')[0]))].sort()).toEqual([
    ...['close', 'delayed-ack', 'ecn', 'errors', 'fast-retransmit', 'half-close', 'handshake', 'icmp'],
    ...['keep-alive', 'listen', 'nagle', 'pmtu', 'rack', 'reset', 'retransmission', 'rings-of-4380', 'sack'],
    ...['shutdown', 'simultaneous', 'time-wait', 'timestamps', 'urgent', 'user-timeout', 'window'],
    ...['window-scale', 'zero-window'],
  ]);
});

describe.each(targets)('$module on $engine', ({ engine, module }) => {
  const drill = Drill.onPort({ engine, module, strict: true });

  test('has what it is built for', () => {
    const features = [...drill.features];
    if (module === 'large-port') {
      expect(features.sort()).toEqual(['ecn', 'sack', 'timestamps', 'window scaling']);
    }
  });

  test.each(SCRIPTS.filter((name) => module !== 'large-port' || !name.startsWith(RINGS)))('%s', (name) => {
    const text = readScript(ROOT + name);
    const result = drill.run(name, text);
    const lacks = (NEEDS[name.split('/')[0]!] ?? []).filter((feature) => !drill.features.has(feature));
    if (result.verdict === 'skipped' && lacks.length > 0) {
      expect(lacks.some((feature) => result.reason!.includes(feature))).toBe(true);
      return;
    }
    if (result.verdict !== 'passed') {
      const ladder = result.verdict === 'failed' ? drill.draw(name, text) : [];
      throw new Error([verdictLine(result), ...explain(result, ladder)].join('\n'));
    }
  });
});
