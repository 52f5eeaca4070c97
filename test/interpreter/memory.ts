// SPDX-License-Identifier: MIT
// Every load and store, of every width, at addresses in and across the edges of the memory, aligned or not, with every
// form of address and value; memory.size, memory.copy, memory.fill. The module declares a page; how much of it there is
// can be said.

import { assemble, constant, op } from './assemble.ts';
import type { Code, FunctionPlan } from './assemble.ts';
import { pairs, product } from './compare.ts';
import type { Call, Case } from './compare.ts';
import type { Value } from './engine.ts';
import { constants, edges, inRegister, inSlot } from './values.ts';
import { accessSize, I32, I64, OPCODES } from './opcodes.ts';

const PAGE = 65_536;
/** Without repetition, which a small memory would bring. */
const distinct = (...numbers: number[]): number[] => [...new Set(numbers)];

const CONSTANT_ADDRESSES = (length: number): number[] => distinct(0, 1, 6, length - 4, length - 1, -4);
const OFFSETS = (length: number): number[] =>
  distinct(
    ...[0, 1, 2, 3, 4, 7, 252],
    ...[8, 4, 1, 0].map((distance) => Math.max(0, length - distance)),
    ...[0x7fffffff, 0xfffffff8, 0xffffffff],
  );
const ADDRESSES = (length: number): number[] =>
  distinct(
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 253],
    ...[9, 8, 7, 4, 3, 2, 1, 0].map((distance) => length - distance),
    ...[0x7fffffff, -0x80000000, -8, -4, -2, -1],
  );

/** Octets at both ends, none like its neighbours, with signs of both kinds. */
const PATTERN = 256;
function memoryModule(functions: FunctionPlan[], length: number): Uint8Array {
  const octets = Uint8Array.from({ length: Math.min(PATTERN, length) }, (_, i) => (i * 37 + 0x7b) & 0xff);
  const pages = Math.ceil(length / PAGE);
  return assemble({ functions, pages, data: [0, length - octets.length].map((at) => ({ at, octets })) });
}

const typeOf = (name: string): number => (name.startsWith('i64') ? I64 : I32);

function loadCase(name: string, length: number): Case {
  const functions: FunctionPlan[] = [];
  const calls: Call[] = [];
  const type = typeOf(name);
  for (const offset of OFFSETS(length)) {
    for (const [form, address] of [inSlot(0), inRegister(I32, 0)].entries()) {
      const plan = { name: `+${offset}, ${form}`, parameters: [I32], results: [type] };
      functions.push({ ...plan, body: [...address, ...op(name, offset)] });
      for (const at of ADDRESSES(length)) calls.push({ name: plan.name, operands: [at] });
    }
    for (const at of CONSTANT_ADDRESSES(length)) {
      const plan = { name: `+${offset} at ${at}`, parameters: [], results: [type] };
      functions.push({ ...plan, body: [...constant(I32, at), ...op(name, offset)] });
      calls.push({ name: plan.name, operands: [] });
    }
  }
  return { title: name, bytes: memoryModule(functions, length), calls };
}

function storeCase(name: string, length: number): Case {
  const functions: FunctionPlan[] = [];
  const calls: Call[] = [];
  const type = typeOf(name);
  const values: readonly Value[] = edges(type).slice(-6);
  const constantValue: Value = type === I64 ? 0x0123456789abcdefn : 0x01234567;
  for (const offset of OFFSETS(length)) {
    const addressForms: [string, Code][] = [
      ['slot', inSlot(0)],
      ['register', inRegister(I32, 0)],
      ['constant', constant(I32, 5)],
    ];
    const valueForms: [string, Code][] = [
      ['slot', inSlot(1)],
      ['register', inRegister(type, 1)],
      ['constant', constant(type, constantValue)],
    ];
    for (const [[addressForm, address], [valueForm, value]] of pairs(addressForms, valueForms)) {
      const plan = { name: `+${offset}, ${addressForm}, ${valueForm}`, parameters: [I32, type], results: [] };
      functions.push({ ...plan, body: [...address, ...value, ...op(name, offset)] });
      for (const [i, at] of ADDRESSES(length).entries()) {
        calls.push({ name: plan.name, operands: [at, values[i % values.length]!] });
        if (addressForm === 'constant' && i > 3) break;
      }
    }
  }
  // Constant places, aligned and not, up to the end of the memory; constant values at the ends of 16 bits.
  for (const at of CONSTANT_ADDRESSES(length)) {
    for (const offset of [0, 1, 4]) {
      for (const value of constants(type)) {
        const plan = { name: `${value} at ${at} +${offset}`, parameters: [], results: [] };
        functions.push({
          ...plan,
          body: [...constant(I32, at), ...constant(type, value), ...op(name, offset)],
        });
        calls.push({ name: plan.name, operands: [] });
      }
      for (const [form, value] of [inSlot(0), inRegister(type, 0)].entries()) {
        const plan = { name: `form ${form} at ${at} +${offset}`, parameters: [type], results: [] };
        functions.push({ ...plan, body: [...constant(I32, at), ...value, ...op(name, offset)] });
        for (const operand of edges(type).slice(-4)) calls.push({ name: plan.name, operands: [operand] });
      }
    }
  }
  // A value that has been loaded, and an address that has.
  functions.push({
    name: 'moved',
    parameters: [I32, I32],
    results: [],
    body: [
      ...inSlot(0),
      ...inSlot(1),
      ...op(
        name.replace(/store(\d*)/, (_, width: string) => (width ? `load${width}_s` : 'load')),
        1,
      ),
      ...op(name, 3),
    ],
  });
  for (const operands of pairs(ADDRESSES(length), ADDRESSES(length))) calls.push({ name: 'moved', operands });
  return { title: name, bytes: memoryModule(functions, length), calls };
}

const STARTS = (length: number): number[] =>
  distinct(0, 1, 3, 8, 100, length - 8, length - 1, length, length + 1, -1);
const COUNTS = (length: number): number[] =>
  distinct(0, 1, 2, 3, 4, 7, 8, 9, 33, 256, length - 8, length, length + 1, -1);

/** Three operands, each in a slot, computed, or constant. */
function bulkCase(name: 'memory.copy' | 'memory.fill', length: number): Case {
  const functions: FunctionPlan[] = [];
  const calls: Call[] = [];
  const second = name === 'memory.copy' ? STARTS(length) : [0, 0x55, 0x1ff, -1];
  const forms = product<Code>(
    ...[0, 1, 2].map((i) => [inSlot(i), inRegister(I32, i), constant(I32, [9, 3, 5][i]!)]),
  );
  for (const [i, form] of forms.entries()) {
    const plan = { name: `form ${i}`, parameters: [I32, I32, I32], results: [] };
    functions.push({ ...plan, body: [...form.flat(), ...op(name)] });
    const all = product<Value>(STARTS(length), second, COUNTS(length));
    // All of them in the first form; in the others a part, another one each.
    const taken = i === 0 ? all : all.filter((_, n) => n % 41 === i);
    for (const operands of taken) calls.push({ name: plan.name, operands });
  }
  return { title: name, bytes: memoryModule(functions, length), calls };
}

/** The maximum is the initial size, as on the board: growing by nothing succeeds, by anything else it does not. */
function sizeCase(length: number): Case {
  const grown: [string, Code][] = [
    ['slot', inSlot(0)],
    ['register', inRegister(I32, 0)],
    ['nothing', constant(I32, 0)],
    ['one', constant(I32, 1)],
  ];
  const after = [...op('memory.size'), ...op('i32.const', 16), ...op('i32.shl'), ...op('i32.add')];
  const functions: FunctionPlan[] = [
    { name: 'size', parameters: [I32], results: [I32], body: op('memory.size') },
    {
      name: 'size and more',
      parameters: [I32],
      results: [I32],
      body: [...inRegister(I32, 0), ...op('memory.size'), ...op('i32.sub')],
    },
    ...grown.map(([form, pages]): FunctionPlan => ({
      name: `grow by ${form}`,
      parameters: [I32],
      results: [I32],
      body: [...pages, ...op('memory.grow'), ...after],
    })),
  ];
  const calls = pairs(functions, [0, 1, 77, 65_536, -1]).map(([{ name }, operand]) => ({
    name: name!,
    operands: [operand],
  }));
  return { title: 'memory.size, memory.grow', bytes: memoryModule(functions, length), calls };
}

/** All widths over one another: what was stored in one width is loaded in each. */
function overlapCase(length: number): Case {
  const stores = [...OPCODES.keys()].filter((name) => /^i(32|64)\.store/.test(name));
  const loads = [...OPCODES.keys()].filter((name) => /^i(32|64)\.load/.test(name));
  const functions: FunctionPlan[] = [];
  const calls: Call[] = [];
  for (const store of stores) {
    const type = typeOf(store);
    functions.push({
      name: store,
      parameters: [I32, type],
      results: [],
      body: [...inSlot(0), ...inSlot(1), ...op(store, 0)],
    });
  }
  for (const load of loads) {
    functions.push({
      name: load,
      parameters: [I32],
      results: [typeOf(load)],
      body: [...inSlot(0), ...op(load, 0)],
    });
  }
  for (const store of stores) {
    for (const start of [0, 1, 2, 3, length - accessSize(store)]) {
      calls.push({
        name: store,
        operands: [start, typeOf(store) === I64 ? -0x123456789abcdefn : -0x1234567],
      });
      for (const load of loads) {
        for (const at of [start - 1, start, start + 1]) calls.push({ name: load, operands: [at] });
      }
    }
  }
  return { title: 'stores under loads', bytes: memoryModule(functions, length), calls };
}

/** For a memory of `length` octets, a multiple of 8. */
export function memoryCases(length = PAGE): Case[] {
  const names = [...OPCODES.keys()];
  return [
    ...names.filter((name) => /^i(32|64)\.load/.test(name)).map((name) => loadCase(name, length)),
    ...names.filter((name) => /^i(32|64)\.store/.test(name)).map((name) => storeCase(name, length)),
    bulkCase('memory.copy', length),
    bulkCase('memory.fill', length),
    sizeCase(length),
    overlapCase(length),
  ];
}
