// SPDX-License-Identifier: MIT
// Before the suite: the modules are built once, if their sources changed, and the firmware around them. When they do not
// compile, what can be tested without them still is; the tests of the modules themselves then fail for want of them.

import { build, CompileError } from '../../host/build.ts';
import { buildEmulated, hasToolchain, PACKAGES } from '../../host/firmware/build.ts';

export async function setup(): Promise<void> {
  try {
    await build();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(error.message);
    return;
  }
  if (hasToolchain()) await buildEmulated();
  else console.error(`the tests of the firmware are skipped; they want its compiler: ${PACKAGES}`);
}
