// SPDX-License-Identifier: MIT
// Two workers for two cores, each file in a process of its own: a fault of the addon ends one file, not the run.
// In CI the results are also written as JSON, for the closing line of .ci/run.

import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/**
 * The folders with long files first, so that no core is idle at the end. vitest remembers how long each took, but knows nothing in
 * a fresh clone.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\/test\/(interpreter|netsim|tap|fuzz|packetdrill|pico|build)\//.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // What hangs is to end; what is only slow, on a machine that others want as well, is not.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    retry: 0,
    sequence: { sequencer: LongFirst },
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'build/test-report.json' }]] : ['default'],
  },
});
