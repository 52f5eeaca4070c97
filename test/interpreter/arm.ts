// SPDX-License-Identifier: MIT
// wasm3 as the board has it, as an engine: board/vm-test is built, booted once on the emulated core and kept as it then
// is; each module starts from there. Left out: everything of the board but the core and its memory.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../host/build.ts';
import { readInterface } from './binary.ts';
import type { FunctionExport, Interface } from './binary.ts';
import { Core, FLASH, SRAM, StackFault } from './core.ts';
import type { Bounds } from './core.ts';
import { Refusal, trapOf } from './engine.ts';
import type { Engine, Loaded, Outcome, Value } from './engine.ts';
import { I64 } from './opcodes.ts';

export type Interpreter = 'fast' | 'stock';

/** Behind the vector table. */
const DESCRIPTOR = FLASH + 0x1c0;
const MAGIC = 'vm-test';
/** Where modules lie in flash, far behind the image. */
const MODULE_AT = FLASH + 0x100000;
const LARGEST_MODULE = 0x100000;
/** Instructions: a module that takes more to compile or a call that takes more to run does not end. */
const BUDGET = 50_000_000;

/** Octets of linear memory that the image has room for: a page. */
const MEMORY = 65_536;

/** Build the image of one interpreter; the path of the binary. Throws Error with the compiler's words. */
export function buildImage(interpreter: Interpreter, memory = MEMORY): string {
  const make = ['-C', 'board', '-f', 'vm-test/vm-test.mk', `INTERPRETER=${interpreter}`, `MEMORY=${memory}`];
  try {
    execFileSync('make', make, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Error(`board/vm-test does not build: ${String((error as { stderr: unknown }).stderr)}`, {
      cause: error,
    });
  }
  return join(ROOT, 'build', `vm-test-${interpreter}-${memory}`, 'vm-test.bin');
}

/** The words of the descriptor in vm-test.c, in their order. */
const FIELDS = [
  'load',
  'call',
  'stop',
  'values',
  'heard',
  'memory',
  'memorySize',
  'stackBottom',
  'stackTop',
  'interpreter',
  'interpreterEnd',
  'heapSize',
  'heapUsed',
  'globals',
  'globalSize',
  'globalValue',
  'functions',
  'functionSize',
  'functionSlots',
] as const;

export class ArmEngine implements Engine {
  readonly name: string;
  readonly core: Core;
  /** Addresses of what the image has, and sizes. */
  readonly at: Readonly<Record<(typeof FIELDS)[number], number>>;
  private readonly bounds: Bounds;
  /** SRAM after booting. */
  private readonly booted: Uint8Array;

  constructor(
    readonly interpreter: Interpreter,
    image = readFileSync(buildImage(interpreter)),
  ) {
    this.name = `wasm3 ${interpreter} on the Cortex-M0+`;
    this.core = new Core(image);
    if (this.core.text(DESCRIPTOR) !== MAGIC)
      throw new Error(`${interpreter}: not an image of board/vm-test`);
    const words = FIELDS.map((field, i) => [field, this.core.word(DESCRIPTOR + 8 + 4 * i)] as const);
    this.at = Object.fromEntries(words) as Record<(typeof FIELDS)[number], number>;
    const { stop, stackBottom, stackTop } = this.at;
    this.bounds = { stop: stop & ~1, stackBottom, stackTop };
    this.core.boot(this.bounds);
    this.core.protect(this.at.interpreterEnd);
    this.booted = this.core.octets(SRAM, stackTop - SRAM).slice();
  }

  get cycles(): number {
    return this.core.cycles;
  }

  /** Octets of native stack that the last load or call has needed. */
  get stackUsed(): number {
    return this.at.stackTop - this.core.lowestSp;
  }

  /** Octets of wasm3's heap that are taken. */
  heapUsed(): number {
    return this.core.call(this.at.heapUsed, [], this.bounds, BUDGET);
  }

  /** Slots on wasm's stack, 4 octets each, that a function of the loaded module takes; 0 of an imported one. */
  slotsOf(index: number): number {
    const { functions, functionSize, functionSlots } = this.at;
    const at = this.core.word(functions) + index * functionSize + functionSlots;
    return (this.core.word(at & ~3) >>> (8 * (at & 2))) & 0xffff;
  }

  /** The instance that was loaded before is gone. `limit` is in octets of linear memory, a multiple of 8. */
  load(bytes: Uint8Array, known: Interface = readInterface(bytes), limit = this.at.memorySize): Loaded {
    if (bytes.length > LARGEST_MODULE) throw new Refusal(`a module of ${bytes.length} octets`);
    this.core.octets(SRAM, this.booted.length).set(this.booted);
    this.core.octets(MODULE_AT, bytes.length).set(bytes);
    const failure = this.invoke('load', [MODULE_AT, bytes.length, limit]);
    if (failure !== undefined) throw new Refusal(failure);
    return new OnArm(this, known);
  }

  /** The same with less linear memory than the module declares. */
  limitedTo(limit: number): Engine {
    return { name: this.name, load: (bytes, known) => this.load(bytes, known, limit) };
  }

  /**
   * Call a function of the image that answers with null or a text. The stock interpreter has no bound for its native
   * stack: where it leaves its place, this answers as if it had one.
   */
  invoke(what: 'load' | 'call', operands: readonly number[]): string | undefined {
    try {
      const answer = this.core.call(this.at[what], operands, this.bounds, BUDGET);
      return answer === 0 ? undefined : this.core.text(answer);
    } catch (error) {
      if (this.interpreter === 'stock' && error instanceof StackFault) return '[trap] stack overflow';
      throw error;
    }
  }
}

class OnArm implements Loaded {
  private readonly functions: ReadonlyMap<string, FunctionExport>;

  constructor(
    private readonly engine: ArmEngine,
    private readonly known: Interface,
  ) {
    this.functions = new Map(known.functions.map((one) => [one.name, one]));
  }

  call(name: string, operands: readonly Value[]): Outcome {
    const { core, at } = this.engine;
    operands.forEach((operand, i) => {
      const wide = BigInt(operand);
      core.setWord(at.values + 8 * i, Number(BigInt.asUintN(32, wide)));
      core.setWord(
        at.values + 8 * i + 4,
        typeof operand === 'number' ? 0 : Number(BigInt.asIntN(32, wide >> 32n)),
      );
    });
    const { index, results } = this.functions.get(name)!;
    const trap = this.engine.invoke('call', [index, operands.length]);
    if (trap !== undefined) return { trap: trapOf(trap) };
    return { results: results.map((type, i) => this.value(type, at.values + 8 * i)) };
  }

  memory(): Uint8Array {
    const { core, at } = this.engine;
    return this.known.memory === undefined ? new Uint8Array() : core.octets(at.memory, at.memorySize);
  }

  globals(): Value[] {
    const { core, at } = this.engine;
    const first = core.word(at.globals) + at.globalValue;
    return this.known.globals.map(({ index, type }) => this.value(type, first + index * at.globalSize));
  }

  heard(): number {
    return this.engine.core.word(this.engine.at.heard) | 0;
  }

  private value(type: number, address: number): Value {
    const { core } = this.engine;
    const low = core.word(address);
    return type === I64 ? BigInt.asIntN(64, (BigInt(core.word(address + 4)) << 32n) | BigInt(low)) : low | 0;
  }
}
