// SPDX-License-Identifier: MIT
// Binaryen's wasm-opt, the one that AssemblyScript brings, within this process: as a command it takes half a second to
// start, and thousands of runs are wanted. Its script is run as a function, whose `main` is then called again and again.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

type Main = (options: string[]) => number;

/**
 * The text of wasm-opt ends by starting itself; with this behind it, it hands out its main function. That ends by exit,
 * which leaves the stack as it is.
 */
const HAND_OUT = `;Module.callMain = (options) => {
  const stack = stackSave();
  try {
    return callMain(options);
  } finally {
    stackRestore(stack);
  }
};`;

/** A wasm-opt that is ready to run: call it with options; its exit status. What it prints is dropped. */
export async function startWasmOpt(): Promise<Main> {
  const fromCompiler = createRequire(createRequire(import.meta.url).resolve('assemblyscript/package.json'));
  const folder = dirname(fromCompiler.resolve('binaryen'));
  const script = join(folder, 'bin', 'wasm-opt');
  const source = readFileSync(script, 'utf8').replace(/^#!.*/, '') + HAND_OUT;
  // It leaves its status with the process, which is not its own here.
  const ownProcess = Object.create(process, { exitCode: { value: 0, writable: true } }) as NodeJS.Process;
  const module: { callMain?: Main } & Record<string, unknown> = {
    noInitialRun: true,
    print() {},
    printErr() {},
  };
  await new Promise<void>((resolve) => {
    module.onRuntimeInitialized = resolve;
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const run = new Function('Module', 'require', 'process', '__filename', '__dirname', source) as (
      ...names: unknown[]
    ) => void;
    run(module, fromCompiler, ownProcess, script, dirname(script));
  });
  return (options) => module.callMain!(options);
}
