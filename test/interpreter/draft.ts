// SPDX-License-Identifier: MIT
// Words for the modules that are written by hand: instructions that are needed often, blocks around bodies, a value in
// each form that wasm3 tells apart, and a module that grows by functions together with its calls.

import { assemble, constant, op } from './assemble.ts';
import type { Code, FunctionPlan, Plan } from './assemble.ts';
import type { Call, Case } from './compare.ts';
import type { Value } from './engine.ts';
import { few, inRegister, inSlot } from './values.ts';
import { I32, I64 } from './opcodes.ts';

export const i32 = (value: number): Code => op('i32.const', value);
export const i64 = (value: bigint): Code => op('i64.const', value);
export const get = (index: number): Code => op('local.get', index);
export const set = (index: number): Code => op('local.set', index);
export const tee = (index: number): Code => op('local.tee', index);
export const block = (type: number, ...body: Code[]): Code => [
  ...op('block', type),
  ...body.flat(),
  ...op('end'),
];
export const loop = (type: number, ...body: Code[]): Code => [
  ...op('loop', type),
  ...body.flat(),
  ...op('end'),
];
export const when = (type: number, yes: Code, no?: Code): Code => [
  ...op('if', type),
  ...yes,
  ...(no ? [...op('else'), ...no] : []),
  ...op('end'),
];
export const code = (...parts: Code[]): Code => parts.flat();
export const nameOf = (type: number): string => (type === I64 ? 'i64' : 'i32');

/** A parameter of `type` in each form. */
export const forms = (type: number, index: number): [string, Code][] => [
  ['slot', inSlot(index)],
  ['register', inRegister(type, index)],
  ['constant', constant(type, few(type)[3]!)],
];

export const CONDITIONS = [0, 1, 2, -1, -0x80000000];
export const TYPES = [I32, I64];

export class Draft {
  readonly functions: FunctionPlan[] = [];
  readonly calls: Call[] = [];

  constructor(
    private readonly title: string,
    private readonly rest: Omit<Plan, 'functions'> = {},
  ) {}

  /** A function, called with each row. */
  add(plan: FunctionPlan, rows: readonly (readonly Value[])[] = [[]]): this {
    const name = plan.name ?? `${this.functions.length}`;
    this.functions.push({ ...plan, name });
    for (const operands of rows) this.calls.push({ name, operands });
    return this;
  }

  get done(): Case {
    const bytes = assemble({ ...this.rest, functions: this.functions });
    return { title: this.title, bytes, calls: this.calls };
  }
}
