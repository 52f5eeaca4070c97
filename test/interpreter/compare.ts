// SPDX-License-Identifier: MIT
// A module on two engines: every call must have the same results or the same trap, and leave the same memory, the same
// globals and the same traces in the imported functions behind. V8 judges; where the memory ends within a page, which V8
// does not have, wasm3 on the host does.

import { readInterface } from './binary.ts';
import type { Interface } from './binary.ts';
import { v8 } from './engine.ts';
import type { Engine, Loaded, Outcome, Value } from './engine.ts';

export interface Call {
  name: string;
  operands: readonly Value[];
}

/** A module and what is done with it, in this order. */
export interface Case {
  title: string;
  bytes: Uint8Array;
  calls: readonly Call[];
}

/** Why a comparison ended early without a difference: an engine's stack is smaller than the other's. */
export type Ending = 'complete' | 'stack overflow';

export interface Comparison {
  calls: number;
  traps: number;
  ending: Ending;
}

/** The engines do not agree. The message says where; `bytes` is the module. */
export class Difference extends Error {
  override name = 'Difference';
  constructor(
    message: string,
    readonly bytes: Uint8Array,
  ) {
    super(message);
  }
}

const show = (value: Value): string =>
  typeof value === 'bigint'
    ? `0x${BigInt.asUintN(64, value).toString(16)}n`
    : `0x${(value >>> 0).toString(16)}`;

function words(outcome: Outcome): string {
  return 'trap' in outcome ? outcome.trap : `(${outcome.results.map(show).join(', ')})`;
}

const ZEROS = new Uint8Array(131_072);

/** One module on V8 and on another engine, to be called step by step. */
export class Pair {
  private readonly expected: Loaded;
  private readonly actual: Loaded;
  private readonly known: Interface;
  /** The engines' stacks are not of one size: where one has overflowed and the other not, nothing can be compared. */
  isLost = false;

  /** Throws Refusal, and what V8 throws when it does not take the module. */
  constructor(
    private readonly title: string,
    private readonly bytes: Uint8Array,
    engine: Engine,
    private readonly judge: Engine = v8,
  ) {
    this.known = readInterface(bytes);
    this.expected = judge.load(bytes, this.known);
    this.actual = engine.load(bytes, this.known);
  }

  /** What both say. Throws Difference, and what the engine's core throws. */
  call(call: Call): Outcome {
    const { expected, actual, known } = this;
    const wanted = expected.call(call.name, call.operands);
    const was = actual.call(call.name, call.operands);
    const [isHere, isThere] = [was, wanted].map((one) => 'trap' in one && one.trap === 'stack overflow');
    this.isLost ||= Boolean(isHere || isThere);
    if (isHere !== isThere) return wanted;
    if (words(was) !== words(wanted)) this.differ(call, 'result', words(was), words(wanted));
    if (this.isLost) return wanted;
    this.compareMemory(call);
    const globals = actual.globals();
    expected.globals().forEach((value, i) => {
      if (value !== globals[i]) {
        this.differ(call, `global ${known.globals[i]!.name}`, show(globals[i]!), show(value));
      }
    });
    if (actual.heard() !== expected.heard()) {
      this.differ(call, 'what the imports heard', show(actual.heard()), show(expected.heard()));
    }
    return wanted;
  }

  private compareMemory(call: Call): void {
    const memory = this.actual.memory();
    const wanted = this.expected.memory();
    if (
      Buffer.compare(
        memory.subarray(wanted.length),
        ZEROS.subarray(0, Math.max(0, memory.length - wanted.length)),
      ) !== 0
    ) {
      this.differ(call, 'memory', 'written beyond its end', 'not');
    }
    if (Buffer.compare(memory.subarray(0, wanted.length), wanted) === 0) return;
    const at = wanted.findIndex((octet, i) => octet !== memory[i]);
    this.differ(call, `memory at 0x${at.toString(16)}`, show(memory[at] ?? -1), show(wanted[at] ?? -1));
  }

  private differ(call: Call, what: string, was: string, wanted: string): never {
    const text = `${this.title}: ${call.name}(${call.operands.map(show).join(', ')}): ${what}`;
    throw new Difference(`${text}: ${was}, on ${this.judge.name} ${wanted}`, this.bytes);
  }
}

/** Run `one` on `engine` and on the judge. Throws Difference, Refusal, and what the engine's core throws. */
export function compare(one: Case, engine: Engine, judge?: Engine): Comparison {
  const pair = new Pair(one.title, one.bytes, engine, judge);
  const comparison: Comparison = { calls: 0, traps: 0, ending: 'complete' };
  for (const call of one.calls) {
    const outcome = pair.call(call);
    if (pair.isLost) return { ...comparison, ending: 'stack overflow' };
    comparison.calls++;
    if ('trap' in outcome) comparison.traps++;
  }
  return comparison;
}

/** Every combination of one item of each list. */
export function product<T>(...lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (rows, items) => rows.flatMap((row) => items.map((item) => [...row, item])),
    [[]],
  );
}

/** The same of two lists of different things. */
export function pairs<A, B>(first: readonly A[], second: readonly B[]): [A, B][] {
  return first.flatMap((a) => second.map((b): [A, B] => [a, b]));
}
