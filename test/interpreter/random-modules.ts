// SPDX-License-Identifier: MIT
// Modules out of random octets: Binaryen's fuzzer makes a valid module of whatever it is given, with a limit on loops and
// recursion, and its optimiser goes over some; then the floats are taken out. A number makes the same module and the same
// calls every time, as long as Binaryen is the same.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../host/net/random.ts';
import { readInterface } from './binary.ts';
import type { Call, Case } from './compare.ts';
import type { Value } from './engine.ts';
import { withoutFloats } from './integers.ts';
import { I64 } from './opcodes.ts';
import { edges } from './values.ts';
import { startWasmOpt } from './wasm-opt.ts';

/** What AssemblyScript's modules use, too. Multiple values stay off: of wasm3 they are a known weakness. */
const FEATURES = [
  '--mvp-features',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-bulk-memory-opt',
];
/** As it comes, or as an optimiser leaves it. */
const PASSES = [[], [], ['-O1'], ['-O3'], ['-Os'], ['--flatten', '--local-cse', '-O2'], ['--fuzz-passes']];
const INPUT = { least: 200, most: 6_000 };
/** Each export is called so often. */
const ROUNDS = 4;
/** Sets the limit on loops and recursion anew; without it every call would soon trap. */
const RESET = 'hangLimitInitializer';

export class RandomModules {
  private constructor(
    private readonly folder: string,
    private readonly wasmOpt: (options: string[]) => number,
  ) {}

  static async start(): Promise<RandomModules> {
    return new RandomModules(mkdtempSync(join(tmpdir(), 'sandwire-')), await startWasmOpt());
  }

  /** Delete the temporary files. */
  end(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Throws Error when wasm-opt or V8's validator does not take it. */
  make(seed: number): Case {
    const random = new Random(seed, 'module');
    const size = INPUT.least + random.below(INPUT.most - INPUT.least);
    const [input, output] = [join(this.folder, 'octets'), join(this.folder, 'module.wasm')];
    writeFileSync(
      input,
      Uint8Array.from({ length: size }, () => random.below(256)),
    );
    const passes = PASSES[random.below(PASSES.length)]!;
    const status = this.wasmOpt(['--quiet', '-ttf', input, '-o', output, ...FEATURES, ...passes]);
    if (status !== 0) throw new Error(`module ${seed}: wasm-opt ended with ${status}`);
    const bytes = withoutFloats(readFileSync(output));
    if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) {
      throw new Error(`module ${seed}: not valid without floats`);
    }
    return { title: `module ${seed}`, bytes, calls: callsOf(bytes, random.fork('calls')) };
  }
}

function callsOf(bytes: Uint8Array, random: Random): Call[] {
  const value = (type: number): Value => {
    const known = edges(type);
    if (random.below(3) > 0) return known[random.below(known.length)]!;
    const low = random.u32();
    return type === I64 ? BigInt.asIntN(64, (BigInt(random.u32()) << 32n) | BigInt(low)) : low | 0;
  };
  const { functions } = readInterface(bytes);
  const reset = functions.filter(({ name }) => name === RESET).map(({ name }) => ({ name, operands: [] }));
  const others = functions.filter(({ name }) => name !== RESET);
  return Array.from({ length: ROUNDS }, () =>
    others.flatMap(({ name, parameters }) => [...reset, { name, operands: parameters.map(value) }]),
  ).flat();
}
