// SPDX-License-Identifier: MIT
// Every integer instruction that computes, over operands at the edges, in every form that wasm3 tells apart: an operand
// in a slot, in the accumulator or constant; a result that is returned, kept, passed on, stored, or decides a branch.

import { assemble, constant, op } from './assemble.ts';
import type { FunctionPlan } from './assemble.ts';
import { product } from './compare.ts';
import type { Call, Case } from './compare.ts';
import type { Value } from './engine.ts';
import { I32, I64, OPCODES, shapeOf } from './opcodes.ts';
import { consumers } from './consumers.ts';
import { constants, edges, few, inRegister, inSlot, some } from './values.ts';

/** Imports 0 and 1 hear an i32, an i64; functions 2 and 3 give one back. */
const HELPERS: FunctionPlan[] = [I32, I64].map((type) => ({
  parameters: [type],
  results: [type],
  body: op('local.get', 0),
}));
const IMPORTS = [I32, I64].map((type) => ({ name: `hear${type}`, parameters: [type], results: [] }));

function operationModule(functions: FunctionPlan[]): Uint8Array {
  return assemble({
    imports: IMPORTS,
    functions: [...HELPERS, ...functions],
    globals: [
      { type: I32, value: 0 },
      { type: I64, value: 0 },
    ],
    pages: 1,
    data: [{ at: 0, octets: Uint8Array.from({ length: 256 }, (_, i) => (i * 7 + 3) & 0xff) }],
  });
}

/** As many as the stock interpreter's heap has room for. */
const FUNCTIONS_OF_A_MODULE = 300;

/** A function, and the operands of its calls. */
interface Trial {
  plan: FunctionPlan;
  operands: readonly Value[][];
}

function casesOf(name: string): Case[] {
  const trials = trialsOf(name);
  const modules = Math.ceil(trials.length / FUNCTIONS_OF_A_MODULE);
  return Array.from({ length: modules }, (_, i) => {
    const own = trials.slice(i * FUNCTIONS_OF_A_MODULE, (i + 1) * FUNCTIONS_OF_A_MODULE);
    const calls = own.flatMap(({ plan, operands }) =>
      operands.map((values): Call => ({ name: plan.name!, operands: values })),
    );
    const title = modules === 1 ? name : `${name} (${i + 1})`;
    return { title, bytes: operationModule(own.map(({ plan }) => plan)), calls };
  });
}

function trialsOf(name: string): Trial[] {
  const { parameters, result } = shapeOf(name);
  const trials: Trial[] = [];
  const add = (plan: FunctionPlan, operands: readonly Value[][]): void => {
    trials.push({ plan, operands });
  };
  const operation = op(name);

  // Slot and accumulator, in every combination; all pairs of edges in the first, a third of them in each other.
  const forms = product(...parameters.map((type, i) => [inSlot(i), inRegister(type, i)]));
  const everything = product(...parameters.map(edges));
  for (const [i, form] of forms.entries()) {
    const body = [...form.flat(), ...operation];
    const taken = everything.filter((_, n) => i === 0 || n % 3 === i % 3);
    add({ name: `form ${i}`, parameters, results: [result], body }, taken);
  }
  // A constant in each place, the other operands in both other forms.
  for (const [place, type] of parameters.entries()) {
    const others = parameters.filter((_, i) => i !== place);
    const both = product(...others.map((other) => [inSlot(0), inRegister(other, 0)]));
    for (const [c, value] of constants(type).entries()) {
      for (const [i, other] of both.entries()) {
        const parts = [...other];
        parts.splice(place, 0, constant(type, value));
        const body = [...parts.flat(), ...operation];
        const title = `constant ${value} at ${place}, ${i}`;
        const taken = product(...others.map(edges)).filter((_, n) => i === 0 || n % 2 === c % 2);
        add({ name: title, parameters: others, results: [result], body }, taken);
        // Each constant in one of the four combinations.
        if (others.length === 0 || (c + 2 * i + place) % 4 > 0) continue;
        for (const [consumer, plan] of Object.entries(consumers(result, others.length))) {
          if (!/zero|if|kept|stored/.test(consumer)) continue;
          add(
            {
              name: `${title}, ${consumer}`,
              parameters: others,
              results: [plan.result],
              locals: plan.locals,
              body: plan.body(body),
            },
            product(...others.map(some)),
          );
        }
      }
    }
  }
  // The same slot twice; all constant.
  if (parameters.length === 2) {
    const body = [...inSlot(0), ...inSlot(0), ...operation];
    add(
      { name: 'twice', parameters: [parameters[0]!], results: [result], body },
      product(edges(parameters[0]!)),
    );
  }
  for (const values of product(...parameters.map(few))) {
    const body = [...values.flatMap((value, i) => constant(parameters[i]!, value)), ...operation];
    add({ name: `constant ${values.join(', ')}`, parameters: [], results: [result], body }, [[]]);
  }
  // Every consumer, in every form.
  for (const [consumer, plan] of Object.entries(consumers(result, parameters.length))) {
    for (const [i, form] of forms.entries()) {
      add(
        {
          name: `${consumer} ${i}`,
          parameters,
          results: [plan.result],
          locals: plan.locals,
          body: plan.body([...form.flat(), ...operation]),
        },
        product(...parameters.map(few)).filter((_, n) => n % 2 === i % 2),
      );
    }
  }
  return trials;
}

const isInteger = (name: string): boolean => {
  const { parameters, result } = shapeOf(name);
  return [...parameters, result].every((type) => type === I32 || type === I64);
};

/** One module or more for each instruction that computes. */
export function operationCases(): Case[] {
  return [...OPCODES]
    .filter(([name, code]) => code >= 0x45 && code <= 0xc4 && isInteger(name))
    .flatMap(([name]) => casesOf(name));
}
