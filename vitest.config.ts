// SPDX-License-Identifier: MIT
// Two workers for two cores, each file in a process of its own: a fault of the addon ends one file, not the run.
// In CI the results are also written as JSON, for the closing line of .ci/run.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'build/test-report.json' }]] : ['default'],
  },
});
