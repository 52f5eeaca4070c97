// SPDX-License-Identifier: MIT
// Modules written by hand: instructions by name, functions with their bodies, the sections around them.

import { leb, list, SECTION, text, writeSections } from './binary.ts';
import type { Signature } from './binary.ts';
import { I64, OPCODES } from './opcodes.ts';

/** Octets of instructions. */
export type Code = readonly number[];

/**
 * One instruction. Immediates as the text format has them, except: a load or store takes the offset alone (its alignment
 * hint is 0), a block takes its type, call_indirect takes the type's index (see Plan.types), br_table the default last.
 */
export function op(name: string, ...immediates: (number | bigint)[]): number[] {
  const code = OPCODES.get(name);
  if (code === undefined) throw new RangeError(`no instruction ${name}`);
  const head = code > 0xff ? [0xfc, ...leb(code & 0xff)] : [code];
  const [first = 0] = immediates;
  if (/^(block|loop|if)$/.test(name)) return [...head, Number(first)];
  if (name.endsWith('.const')) return [...head, ...leb(first, true)];
  if (name === 'br_table') {
    const targets = immediates.map((target) => leb(target));
    return [...head, ...list(targets.slice(0, -1)), ...targets.at(-1)];
  }
  if (name === 'call_indirect') return [...head, ...leb(first), 0];
  if (/\.(load|store)/.test(name)) return [...head, 0, ...leb(first)];
  if (name === 'memory.copy') return [...head, 0, 0];
  if (/^memory\.(size|grow|fill)$/.test(name)) return [...head, 0];
  return [...head, ...immediates.flatMap((immediate) => leb(immediate))];
}

/** `constant(I64, 5n)`: the instruction that gives it. */
export function constant(type: number, value: number | bigint): number[] {
  return op(type === I64 ? 'i64.const' : 'i32.const', value);
}

export interface FunctionPlan extends Signature {
  /** Exported under this name; not exported without. */
  name?: string;
  /** Types of the locals behind the parameters. */
  locals?: readonly number[];
  body: Code;
}

export interface Plan {
  functions: readonly FunctionPlan[];
  /** Imported functions, all of the module "host"; they come first in the index. */
  imports?: readonly (Signature & { name: string })[];
  /** Types by index, for call_indirect; those of functions are added behind. */
  types?: readonly Signature[];
  /** All mutable and exported as g0, g1 … */
  globals?: readonly { type: number; value: number | bigint }[];
  /** Indices of functions in the table; undefined leaves an element empty. */
  table?: readonly (number | undefined)[];
  /** Pages of linear memory, exported as memory; none without. */
  pages?: number;
  data?: readonly { at: number; octets: Uint8Array }[];
}

const END = 0x0b;
const FUNCTION_TYPE = 0x60;
const FUNCREF = 0x70;

export function assemble(plan: Plan): Uint8Array {
  const encode = ({ parameters, results }: Signature): number[] => [
    FUNCTION_TYPE,
    ...leb(parameters.length),
    ...parameters,
    ...leb(results.length),
    ...results,
  ];
  const types = (plan.types ?? []).map(encode);
  const known = new Map(types.map((type, i) => [type.join(), i]));
  const typeOf = (signature: Signature): number => {
    const type = encode(signature);
    const index = known.get(type.join()) ?? types.push(type) - 1;
    known.set(type.join(), index);
    return index;
  };
  const { functions, imports = [], globals = [], table, pages, data = [] } = plan;
  const importEntries = imports.map((one) => [...text('host'), ...text(one.name), 0, ...leb(typeOf(one))]);
  const functionEntries = functions.map((one) => leb(typeOf(one)));
  const exports = [
    ...functions.flatMap(({ name }, i) =>
      name === undefined ? [] : [[...text(name), 0, ...leb(imports.length + i)]],
    ),
    ...globals.map((_, i) => [...text(`g${i}`), 3, ...leb(i)]),
    ...(pages === undefined ? [] : [[...text('memory'), 2, 0]]),
  ];
  const elements = (table ?? []).flatMap((index, i) =>
    index === undefined ? [] : [[0, ...op('i32.const', i), END, 1, ...leb(index)]],
  );
  const bodies = functions.map(({ locals = [], body }) => {
    const octets = [...list(locals.map((type) => [1, type])), ...body, END];
    return [...leb(octets.length), ...octets];
  });
  const segments = data.map(({ at, octets }) => [
    0,
    ...op('i32.const', at),
    END,
    ...leb(octets.length),
    ...octets,
  ]);
  const globalEntries = globals.map(({ type, value }) => [type, 1, ...constant(type, value), END]);
  const section = (id: number, items: number[][]): { id: number; octets: Uint8Array }[] =>
    items.length === 0 ? [] : [{ id, octets: Uint8Array.from(list(items)) }];
  return writeSections([
    ...section(SECTION.type, types),
    ...section(SECTION.import, importEntries),
    ...section(SECTION.function, functionEntries),
    ...section(SECTION.table, table === undefined ? [] : [[FUNCREF, 0, ...leb(table.length)]]),
    ...section(SECTION.memory, pages === undefined ? [] : [[1, ...leb(pages), ...leb(pages)]]),
    ...section(SECTION.global, globalEntries),
    ...section(SECTION.export, exports),
    ...section(SECTION.element, elements),
    ...section(SECTION.code, bodies),
    ...section(SECTION.data, segments),
  ]);
}
