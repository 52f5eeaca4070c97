// SPDX-License-Identifier: MIT
// Before the suite: the modules are built once, if their sources changed. When they do not compile, what can be tested
// without them still is; the tests of the modules themselves then fail for want of them.

import { build, CompileError } from '../../host/build.ts';

export async function setup(): Promise<void> {
  try {
    await build();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(error.message);
  }
}
