// SPDX-License-Identifier: MIT
// What the interpreter of the board must do like V8, on the emulated core: instructions one by one, memory, control flow,
// random modules of two kinds, and the core tests of the specification where they have been fetched. fast.test.ts and
// stock.test.ts choose how much of it. SANDWIRE_INTERPRETER_MODULES is the number of random modules of each kind,
// SANDWIRE_INTERPRETER_SEED the first one's.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUILD } from '../../host/build.ts';
import { hasToolchain } from '../../host/firmware/build.ts';
import { ArmEngine, buildImage } from './arm.ts';
import type { Interpreter } from './arm.ts';
import { branchCases } from './branches.ts';
import { callCases } from './calls.ts';
import { compare, Difference } from './compare.ts';
import type { Case, Comparison } from './compare.ts';
import { denseModule } from './dense-modules.ts';
import { Refusal, wasm3OnHost } from './engine.ts';
import { memoryCases } from './memory.ts';
import { operationCases } from './operations.ts';
import { RandomModules } from './random-modules.ts';
import { runSpec } from './spec.ts';
import { variableCases } from './variables.ts';

const SPEC = join(BUILD, 'spec');
const FIRST_SEED = Number(process.env.SANDWIRE_INTERPRETER_SEED ?? 1);
/** Of the random modules, so many may be too large for the image; more, and the comparison says little. */
const REFUSED = 0.03;
const BUILD_TIMEOUT = 120_000;

export interface Extent {
  /** Of the modules for single instructions every so manieth. */
  every: number;
  /** Random modules, unless the environment says how many. */
  modules: number;
}

/** Compares, and keeps a module that differs as a file. */
function check(one: Case, engine: ArmEngine): Comparison {
  try {
    return compare(one, engine);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const file = join(BUILD, `${engine.interpreter} ${one.title}.wasm`.replace(/[^\w.]+/g, '-'));
    mkdirSync(BUILD, { recursive: true });
    writeFileSync(file, one.bytes);
    const where = error instanceof Difference ? '' : `${one.title}: `;
    throw new Error(`${where}${(error as Error).message}; the module is ${file}`, { cause: error });
  }
}

export function interpreterSuite(interpreter: Interpreter, { every, modules }: Extent): void {
  describe.skipIf(!hasToolchain())(`wasm3 ${interpreter} on the Cortex-M0+ does as V8 does`, () => {
    let engine: ArmEngine;
    beforeAll(() => {
      engine = new ArmEngine(interpreter);
    }, BUILD_TIMEOUT);

    const instructions = [...operationCases(), ...memoryCases()].filter((_, i) => i % every === 0);
    test.each([...instructions, ...branchCases(), ...callCases(), ...variableCases()])('$title', (one) => {
      const { calls } = check(one, engine);
      // A difference in the stacks' sizes may end it, but only at its last call.
      expect(calls).toBeGreaterThanOrEqual(one.calls.length - 1);
    });

    // wasm3 on the host judges, and of memory.grow by a negative number it does not say what V8 says.
    const limitedCases = (octets: number): Case[] =>
      memoryCases(octets).filter(({ title }) => !title.includes('memory.grow'));

    test('with 98304 octets of memory, more than a page', { timeout: BUILD_TIMEOUT }, () => {
      const octets = 98_304;
      const large = new ArmEngine(interpreter, readFileSync(buildImage(interpreter, octets)));
      const cases = limitedCases(octets).filter((_, i) => i % (2 * every) === 1);
      for (const one of cases) expect(compare(one, large, wasm3OnHost(octets)).ending).toBe('complete');
    });

    // Limits in octets; the module declares 65,536.
    test.each([8, 40_960])('with %i octets of memory', (limit) => {
      const [judge, limited] = [wasm3OnHost(limit), engine.limitedTo(limit)];
      const cases = limitedCases(limit).filter((_, i) => i % (2 * every) === 0);
      for (const one of cases) expect(compare(one, limited, judge).ending).toBe('complete');
    });

    describe('random modules', () => {
      let random: RandomModules;
      beforeAll(async () => {
        random = await RandomModules.start();
      });
      afterAll(() => {
        random.end();
      });

      const kinds: [string, (seed: number) => Case][] = [
        ['Binaryen makes', (seed) => random.make(seed)],
        ['dense', denseModule],
      ];
      const count = Number(process.env.SANDWIRE_INTERPRETER_MODULES ?? modules);
      test.each(kinds)(
        `%s: ${count} from seed ${FIRST_SEED}`,
        { timeout: 60_000 + 200 * count },
        (_, make) => {
          let refused = 0;
          let calls = 0;
          for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
            try {
              calls += check(make(seed), engine).calls;
            } catch (error) {
              if (!(error instanceof Refusal)) throw error;
              refused++;
            }
          }
          expect(refused).toBeLessThanOrEqual(Math.ceil(count * REFUSED));
          expect(calls).toBeGreaterThan(10 * count);
        },
      );
    });

    if (existsSync(SPEC)) {
      test('the core tests of the specification', () => {
        const { written, rewritten, failures } = runSpec(SPEC, engine);
        expect(failures).toEqual([]);
        expect(written.specified + rewritten.specified).toBeGreaterThan(2_000);
      });
    } else if (hasToolchain()) {
      console.error(
        'SKIPPED the core tests of the specification: test/interpreter/fetch-spec.sh brings them',
      );
    }
  });
}
