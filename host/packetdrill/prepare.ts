// SPDX-License-Identifier: MIT
// Gets the machine ready that the command line asks for: builds the module, or the firmware's image for the emulator,
// if their sources have changed.

import { Drill } from './drill.ts';
import type { DrillOptions } from './drill.ts';

/** Throws one line when the machine cannot be had. */
export async function prepareDrill(
  engine: DrillOptions['engine'] | 'pico',
  profile: string,
  options: Omit<DrillOptions, 'engine' | 'module'>,
): Promise<Drill> {
  if (engine === 'pico') {
    const { buildEmulated } = await import('../firmware/build.ts');
    const { PicoSubject } = await import('./pico-subject.ts');
    const { uf2 } = await buildEmulated();
    return new Drill(options, () => new PicoSubject(uf2));
  }
  const { build } = await import('../build.ts');
  await build([profile]);
  return Drill.onPort({ engine, module: profile, ...options });
}
