// SPDX-License-Identifier: MIT
// Makes of a module with floats one without, for the board has none: each f32 becomes an i32, each f64 an i64, each
// instruction on floats one on integers that takes and gives values of the same width. What it then computes is another
// thing, but it is valid and as random as before. By the way the module becomes one that every engine takes: one page of
// memory, no start function, nothing grown, and the memory and all globals exported. And one that wasm3 does not see with
// other eyes: it knows a table by its elements only, and not more than three names of a function.

import { leb, list, Reader, readInstruction, readSections, SECTION, text, writeSections } from './binary.ts';
import type { Section } from './binary.ts';
import { F32, F64, I32, I64, NAMES, OPCODES, shapeOf } from './opcodes.ts';

/** By the operation behind the dot; what is not listed is in UNARY, by the types that it takes and gives. */
const BINARY: Readonly<Record<string, string>> = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'div_u',
  min: 'and',
  max: 'or',
  copysign: 'rotl',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt_s',
  gt: 'gt_u',
  le: 'le_s',
  ge: 'ge_u',
  abs: 'clz',
  neg: 'ctz',
  ceil: 'popcnt',
  floor: 'extend8_s',
  trunc: 'extend16_s',
  nearest: 'popcnt',
  sqrt: 'clz',
};
const CONVERSIONS: Readonly<Record<string, string[]>> = {
  'i32 i32': ['i32.extend8_s', 'i32.extend16_s', 'i32.clz'],
  'i32 i64': ['i64.extend_i32_s', 'i64.extend_i32_u'],
  'i64 i32': ['i32.wrap_i64'],
  'i64 i64': ['i64.extend8_s', 'i64.extend16_s', 'i64.extend32_s', 'i64.ctz'],
};

const isFloat = (type: number): boolean => type === F32 || type === F64;
const lowered = (type: number): number => (type === F32 ? I32 : type === F64 ? I64 : type);
const word = (type: number): string => (lowered(type) === I64 ? 'i64' : 'i32');
const opcode = (name: string): number[] => {
  const code = OPCODES.get(name)!;
  return code > 0xff ? [0xfc, code & 0xff] : [code];
};

/** The integer instruction in the place of each, by code; itself when it has no float. */
const REPLACEMENTS: ReadonlyMap<number, number[]> = new Map(
  [...OPCODES].map(([name, code]) => {
    if (name === 'memory.grow') return [code, opcode('i32.popcnt')];
    if (/^f(32|64)\.(load|store|const)$/.test(name)) return [code, opcode(name.replace('f', 'i'))];
    if (code < 0x45 || code > 0xc4) return [code, opcode(name)];
    const { parameters, result } = shapeOf(name);
    if (![...parameters, result].some(isFloat)) return [code, opcode(name)];
    const [from] = parameters as [number];
    const operation = BINARY[name.split('.')[1]!];
    if (operation !== undefined) return [code, opcode(`${word(from)}.${operation}`)];
    const choices = CONVERSIONS[`${word(from)} ${word(result)}`]!;
    return [code, opcode(choices[code % choices.length]!)];
  }),
);

const END = 0x0b;
const FUNCREF = 0x70;
const MAX_NAMES = 3;
const MEMORY_GROW = OPCODES.get('memory.grow');

/** Rewrites instructions up to the reader's end. */
function lowerCode(reader: Reader, isConstant = false): number[] {
  const octets: number[] = [];
  while (!reader.done) {
    const { code, immediates } = readInstruction(reader);
    const rest = reader.octets.subarray(immediates, reader.at);
    octets.push(...REPLACEMENTS.get(code)!);
    // The bits of the float, as a signed number.
    if (code === 0x43) octets.push(...leb(view(rest).getInt32(0, true), true));
    else if (code === 0x44) octets.push(...leb(view(rest).getBigInt64(0, true), true));
    else if (code === 0x02 || code === 0x03 || code === 0x04) octets.push(lowered(rest[0]!));
    else if (code !== MEMORY_GROW) octets.push(...rest);
    if (isConstant && code === END) break;
  }
  return octets;
}

function view(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}

/** The element section without empty segments, and the length that it gives the table. */
function readElements(octets: Uint8Array): { segments: number[][]; length: number } {
  const reader = new Reader(octets);
  let length = 0;
  const segments = reader.list(() => {
    const start = reader.at;
    reader.u32();
    readInstruction(reader);
    const at = Number(new Reader(octets, start + 2).leb(true));
    reader.u8();
    const functions = reader.list(() => reader.u32());
    if (functions.length === 0) return [];
    length = Math.max(length, at + functions.length);
    return [...octets.subarray(start, reader.at)];
  });
  return { segments: segments.filter((segment) => segment.length > 0), length };
}

const FLOAT = /\bf(32|64)\b/;

/** Has this body a float in a local, an instruction or a block's type, or does it grow the memory? */
function isForBoard(body: Reader): boolean {
  const locals = body.list(() => {
    body.u32();
    return body.u8();
  });
  let isFit = !locals.some(isFloat);
  while (!body.done) {
    const { code, immediates } = readInstruction(body);
    const name = NAMES.get(code)!;
    const isBlock = code === 0x02 || code === 0x03 || code === 0x04;
    if (FLOAT.test(name.replaceAll('_', ' ')) || name === 'memory.grow') isFit = false;
    if (isBlock && isFloat(body.octets[immediates]!)) isFit = false;
  }
  return isFit;
}

/** A body that says `unreachable`, with its size before it. */
const TRAP = [3, 0, 0, END];

const types = (reader: Reader): number[] => reader.list(() => lowered(reader.u8()));

interface Surroundings {
  /** Entries of the export section for what is exported besides functions. */
  exported: number[][];
  tableLength: number;
}

function lowerSection({ id, octets }: Section, { exported, tableLength }: Surroundings): number[] {
  const reader = new Reader(octets);
  const items = (item: () => number[]): number[] => list(reader.list(item));
  switch (id) {
    case SECTION.type:
      return items(() => {
        const form = reader.u8();
        const [parameters, results] = [types(reader), types(reader)];
        return [form, ...leb(parameters.length), ...parameters, ...leb(results.length), ...results];
      });
    case SECTION.table:
      return [1, FUNCREF, 0, ...leb(tableLength)];
    case SECTION.element:
      return list(readElements(octets).segments);
    case SECTION.memory:
      return [1, 1, 1, 1];
    case SECTION.global:
      return items(() => {
        const type = lowered(reader.u8());
        return [type, reader.u8(), ...lowerCode(reader, true)];
      });
    case SECTION.export: {
      const kept = reader.list(() => ({ name: reader.text(), kind: reader.u8(), index: reader.u32() }));
      const own = kept
        .filter(({ kind }) => kind === 0)
        .filter(
          ({ index }, i, all) => all.slice(0, i).filter((one) => one.index === index).length < MAX_NAMES,
        )
        .map(({ name, kind, index }) => [...text(name), kind, ...leb(index)]);
      return list([...own, ...exported]);
    }
    case SECTION.code:
      return items(() => {
        const size = reader.u32();
        const body = new Reader(octets, reader.at, reader.at + size);
        const locals = list(body.list(() => [...leb(body.u32()), lowered(body.u8())]));
        const code = [...locals, ...lowerCode(body)];
        reader.at = body.end;
        return [...leb(code.length), ...code];
      });
    default:
      return [...octets];
  }
}

/** The same module with integers only. `bytes` is valid, imports functions alone and has no instruction but those of OPCODES. */
export function withoutFloats(bytes: Uint8Array): Uint8Array {
  const sections = readSections(bytes).filter(({ id }) => id !== 0 && id !== SECTION.start);
  const global = sections.find(({ id }) => id === SECTION.global);
  const globals = global === undefined ? 0 : new Reader(global.octets).u32();
  const exported = [
    ...(sections.some(({ id }) => id === SECTION.memory) ? [[...text('memory'), 2, 0]] : []),
    ...Array.from({ length: globals }, (_, i) => [...text(`g${i}`), 3, ...leb(i)]),
  ];
  const elements = sections.find(({ id }) => id === SECTION.element);
  const tableLength = elements === undefined ? 0 : readElements(elements.octets).length;
  return writeSections(
    sections.map((section) => ({
      id: section.id,
      octets: Uint8Array.from(lowerSection(section, { exported, tableLength })),
    })),
  );
}

/**
 * The same module; its functions that have floats in their bodies, or grow the memory, trap at once, and what else is a
 * float is an integer of that width. For modules that are written to be looked at, not for random ones: what is left
 * computes what it did.
 */
export function withoutFloatFunctions(bytes: Uint8Array): Uint8Array {
  return writeSections(
    readSections(bytes).map((section) => {
      const { id, octets } = section;
      if (id === SECTION.type || id === SECTION.global) {
        const nothing = { exported: [], tableLength: 0 };
        return { id, octets: Uint8Array.from(lowerSection(section, nothing)) };
      }
      if (id !== SECTION.code) return section;
      const reader = new Reader(octets);
      const bodies = reader.list(() => {
        const start = reader.at;
        const size = reader.u32();
        const isKept = isForBoard(new Reader(octets, reader.at, reader.at + size));
        reader.at += size;
        return isKept ? [...octets.subarray(start, reader.at)] : TRAP;
      });
      return { id, octets: Uint8Array.from(list(bodies)) };
    }),
  );
}
