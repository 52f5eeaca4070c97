// SPDX-License-Identifier: MIT
// The core tests of the WebAssembly specification, as wast2json lays them down (fetch-spec.sh): every assertion about a
// result or a trap whose module the board can run. A module without floats is run as it is written, and the script's own
// expectation must hold, too; where there are floats or memory.grow, the functions that have them are taken out (see
// integers.ts) and the others run; V8 judges all. Assertions that a module is malformed or invalid are none of wasm3's business: it has no validator.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader, readInstruction, readSections, SECTION, skipExpression } from './binary.ts';
import { Difference, Pair } from './compare.ts';
import { Refusal } from './engine.ts';
import type { Engine, Outcome, Value } from './engine.ts';
import { withoutFloatFunctions } from './integers.ts';
import { F32, F64, I32, I64, NAMES } from './opcodes.ts';

interface Constant {
  type: string;
  value: string;
}

interface Command {
  type: string;
  line: number;
  filename?: string;
  name?: string;
  action?: { type: string; module?: string; field: string; args: Constant[] };
  expected?: Constant[];
  text?: string;
}

interface Counts {
  modules: number;
  /** Those that were run; of them those with the result that the script names. */
  assertions: number;
  specified: number;
}

export interface SpecReport {
  /** Modules run as written, and with functions taken out. */
  written: Counts;
  rewritten: Counts;
  /** Modules and assertions left out, by the reason. */
  left: Map<string, number>;
  failures: string[];
}

/** How a module can be run: as it is, rewritten, or why not at all. */
export type Fitness = 'written' | 'rewritten' | { not: string };

const INTEGERS = new Set([I32, I64]);
const FLOATS = new Set([F32, F64]);

/** What is in a valid module that a board does not have. */
export function fitnessOf(bytes: Uint8Array): Fitness {
  let needsRewriting = false;
  const seeType = (type: number): void => {
    if (FLOATS.has(type)) needsRewriting = true;
    else if (!INTEGERS.has(type)) throw new RangeError('values of other types');
  };
  try {
    for (const { id, octets } of readSections(bytes)) {
      const reader = new Reader(octets);
      if (id === SECTION.type) {
        reader.list(() => {
          reader.u8();
          const types = [...reader.list(() => reader.u8()), ...reader.list(() => reader.u8())];
          types.forEach(seeType);
        });
      } else if (id === SECTION.import) {
        reader.list(() => {
          reader.text();
          reader.text();
          if (reader.u8() !== 0) throw new RangeError('imports besides functions');
          reader.u32();
        });
      } else if (id === SECTION.global) {
        reader.list(() => {
          seeType(reader.u8());
          reader.u8();
          skipExpression(reader);
        });
      } else if (id === SECTION.memory || id === SECTION.table) {
        if (reader.u32() > 1) throw new RangeError('several memories or tables');
        if (id === SECTION.memory && !reader.done && reader.limits().initial > 1) {
          throw new RangeError('more than one page of memory');
        }
      } else if (id === SECTION.element) {
        reader.list(() => {
          if (reader.u32() !== 0) throw new RangeError('passive or declared elements');
          skipExpression(reader);
          reader.list(() => reader.u32());
        });
      } else if (id === SECTION.data) {
        reader.list(() => {
          if (reader.u32() !== 0) throw new RangeError('passive data');
          skipExpression(reader);
          reader.take(reader.u32());
        });
      } else if (id === SECTION.code) {
        reader.list(() => {
          const size = reader.u32();
          const body = new Reader(octets, reader.at, reader.at + size);
          body.list(() => {
            body.u32();
            seeType(body.u8());
          });
          while (!body.done) {
            const name = NAMES.get(readInstruction(body).code)!;
            if (/\bf(32|64)\b/.test(name.replace('_', '.')) || name === 'memory.grow') needsRewriting = true;
          }
          reader.at = body.end;
        });
      }
    }
  } catch (error) {
    if (error instanceof RangeError) return { not: error.message.replace(/0x\w+/, '') };
    throw error;
  }
  return needsRewriting ? 'rewritten' : 'written';
}

/** A constant of the script; undefined for a float that can be any of several. */
function valueOf({ type, value }: Constant): Value | undefined {
  if (value.startsWith('nan')) return undefined;
  const bits = BigInt(value);
  return type.endsWith('64') ? BigInt.asIntN(64, bits) : Number(BigInt.asIntN(32, bits));
}

class Script {
  private pair: Pair | undefined;
  private fitness: 'written' | 'rewritten' = 'written';
  private names = new Set<string | undefined>();

  constructor(
    private readonly folder: string,
    private readonly file: string,
    private readonly engine: Engine,
    private readonly report: SpecReport,
  ) {}

  run(): void {
    const path = join(this.folder, this.file);
    const { commands } = JSON.parse(readFileSync(path, 'utf8')) as { commands: Command[] };
    for (const command of commands) {
      const { type } = command;
      if (type === 'module') this.load(command);
      else if (/^(assert_return|assert_trap|assert_exhaustion|action)$/.test(type)) this.assert(command);
      else this.leave(type.replace('_', ' that a module is '));
    }
  }

  private leave(reason: string): void {
    this.report.left.set(reason, (this.report.left.get(reason) ?? 0) + 1);
  }

  private load({ filename, name, line }: Command): void {
    this.pair = undefined;
    let bytes = new Uint8Array(readFileSync(join(this.folder, filename!)));
    const fitness = fitnessOf(bytes);
    if (typeof fitness === 'object') return this.leave(`module: ${fitness.not}`);
    this.fitness = fitness;
    if (fitness === 'rewritten') bytes = withoutFloatFunctions(bytes) as Uint8Array<ArrayBuffer>;
    try {
      this.pair = new Pair(`${this.file}:${line}`, bytes, this.engine);
      this.names = new Set([undefined, name]);
      this.report[fitness].modules++;
    } catch (error) {
      if (error instanceof Refusal) this.leave(`module: ${error.message}`);
      else if (error instanceof WebAssembly.LinkError || error instanceof WebAssembly.RuntimeError) {
        this.leave('module: not to be instantiated with one page');
      } else this.report.failures.push(`${this.file}:${line}: ${String(error)}`);
    }
  }

  private assert({ type, action, expected, line }: Command): void {
    const { pair, fitness, report } = this;
    if (pair === undefined) return this.leave('assertion: its module is left out');
    if (action!.type !== 'invoke') return this.leave('assertion: about a global');
    if (!this.names.has(action!.module)) return this.leave('assertion: about another module');
    if (action!.field.includes('\0')) return this.leave('assertion: a zero in a name');
    if (pair.isLost) return this.leave('assertion: after a stack overflow');
    const operands = action!.args.map(valueOf);
    if (operands.includes(undefined)) return this.leave('assertion: not a number');
    let outcome: Outcome;
    try {
      outcome = pair.call({ name: action!.field, operands: operands as Value[] });
    } catch (error) {
      const where = error instanceof Difference ? '' : `${this.file}: `;
      report.failures.push(`${where}${(error as Error).message} (line ${line})`);
      return;
    }
    const isTakenOut = 'trap' in outcome && outcome.trap === 'unreachable' && type !== 'assert_trap';
    if (fitness === 'rewritten' && isTakenOut) return this.leave('assertion: its function is taken out');
    const counts = report[fitness];
    counts.assertions++;
    if (type === 'action') return;
    const isMet =
      'trap' in outcome
        ? type !== 'assert_return'
        : type === 'assert_return' && outcome.results.join() === expected!.map(valueOf).join();
    if (isMet) counts.specified++;
    else if (fitness === 'written') {
      report.failures.push(`${this.file}:${line}: not what the specification says`);
    }
  }
}

/** Scripts about other things: several modules that share tables and memories, 64-bit memories, names with a zero. */
const OTHER = /^(linking|names|old_import|imports|.*64)\.json$/;
const INTEGERS_64 = /^i64\.json$/;

/** All scripts of `folder`. */
export function runSpec(folder: string, engine: Engine): SpecReport {
  const report: SpecReport = {
    written: { modules: 0, assertions: 0, specified: 0 },
    rewritten: { modules: 0, assertions: 0, specified: 0 },
    left: new Map(),
    failures: [],
  };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    if (OTHER.test(file) && !INTEGERS_64.test(file)) continue;
    new Script(folder, file, engine, report).run();
  }
  return report;
}
