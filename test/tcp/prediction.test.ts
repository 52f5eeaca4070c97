// SPDX-License-Identifier: MIT
// Header prediction is a shortcut and nothing else: whatever is said to a build with it and to one without, both answer alike,
// after every poll. Said are the conversations of the benchmark, the packetdrill scripts, transfers under loss, and chance.

import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { LINKS, WORKLOADS } from '../../host/bench/result.ts';
import { isOn, record } from '../../host/bench/workloads.ts';
import type * as machine from '../../host/machine/machine.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { runCell } from '../../host/netsim/cell.ts';
import { Drill } from '../../host/packetdrill/drill.ts';
import { readScript, scriptFiles } from '../../host/packetdrill/files.ts';
import { generalWay } from '../support/general-way.ts';
import { found, life } from '../support/life.ts';
import { Living } from '../support/living.ts';
import { latestTwins, pair } from '../support/twins.ts';

vi.mock('../../host/machine/machine.ts', async (importOriginal) => {
  const actual = await importOriginal<typeof machine>();
  const { beside } = await import('../support/twins.ts');
  return { ...actual, instantiate: beside(actual.instantiate) };
});

const SCRIPTS = new URL('../packetdrill/', import.meta.url).pathname;

const PROFILES = ['bench', 'bench-sums', 'port', 'board-port', 'large-port', 'sandwire'];

beforeAll(async () => {
  const build = async (profile: string): Promise<void> => {
    const [short, general] = [readModule(profile), await generalWay(profile)];
    expect(Buffer.compare(short, general)).not.toBe(0);
    pair(short, general);
  };
  // Two compilers for two cores.
  const queue = [...PROFILES];
  const worker = async (): Promise<void> => {
    for (let profile = queue.shift(); profile !== undefined; profile = queue.shift()) await build(profile);
  };
  await Promise.all([worker(), worker()]);
});

describe('the conversations of the benchmark', () => {
  const rows = LINKS.flatMap((link) =>
    WORKLOADS.filter((workload) => isOn(link, workload)).map((workload) => ({ link, workload })),
  );
  test.each(rows)('$workload over $link', ({ link, workload }) => {
    record(link, workload);
    latestTwins().compareAll();
  });
});

describe('the packetdrill scripts', () => {
  const files = scriptFiles([SCRIPTS]);
  test.each(['port', 'board-port', 'large-port'])('%s', (module) => {
    const drill = Drill.onPort({ engine: 'v8', module, strict: true });
    let runs = 0;
    for (const file of files) {
      // Whether a script holds is for others to say, and some are not meant for this build.
      const { verdict } = drill.run(file, readScript(file));
      if (verdict === 'skipped') continue;
      latestTwins().compareAll();
      runs++;
    }
    expect(runs).toBeGreaterThan(100);
  });
});

describe('a transfer under loss', () => {
  const cells = ['bench', 'board-port', 'large-port'].flatMap((module) =>
    [1, 5].map((lossPercent) => ({ module, lossPercent })),
  );
  test.each(cells)('$module, $lossPercent %', ({ module, lossPercent }) => {
    runCell({ engine: 'v8', module: readModule(module), lossPercent, seed: 0 });
  });
});

/**
 * What chance covers: text in order, early, late, twice, overlapping, beyond the window, round the ring's end; ACKs of all, some,
 * nothing, too much; windows that close and open; every control bit and reserved one; options agreed or not; wrong checksums;
 * MAC addresses not yet known; a link that is full; readers that are slow or gone, writers that go on; timers of each kind.
 */
describe('lives as chance has them', () => {
  test.each([
    ['bench', 1200],
    ['port', 1500],
    ['board-port', 1000],
    ['large-port', 400],
  ] as const)('%s: %i of them', (profile, numRuns) => {
    const living = new Living(readModule(profile), latestTwins);
    const examples = found.map((each): [(typeof found)[number]] => [each]);
    fc.assert(
      fc.property(life, (each) => living.live(each)),
      { seed: 5, numRuns, examples },
    );
  });
});
