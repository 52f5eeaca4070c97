// SPDX-License-Identifier: MIT
// The binary format of WebAssembly, as far as the tests of the interpreter need it: read sections, types and exports,
// walk through the instructions of a body, write a module. What it reads has passed V8's validator.

import { NAMES } from './opcodes.ts';

export interface Signature {
  parameters: number[];
  results: number[];
}

export interface FunctionExport extends Signature {
  name: string;
  index: number;
}

export interface FunctionImport extends Signature {
  module: string;
  name: string;
}

/** What a module says of itself. */
export interface Interface {
  imports: FunctionImport[];
  functions: FunctionExport[];
  /** Exported globals by name, with their type. */
  globals: { name: string; index: number; type: number }[];
  /** The exported memory, if there is one. */
  memory: string | undefined;
}

export const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
} as const;

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A place in octets that moves on as it reads. */
export class Reader {
  constructor(
    readonly octets: Uint8Array,
    public at = 0,
    readonly end = octets.length,
  ) {}

  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    if (this.done) throw new RangeError('the module ends too early');
    return this.octets[this.at++]!;
  }

  u32(): number {
    return Number(BigInt.asUintN(32, this.leb(false)));
  }

  leb(isSigned: boolean): bigint {
    let value = 0n;
    for (let shift = 0n; ;) {
      const octet = this.u8();
      value |= BigInt(octet & 0x7f) << shift;
      shift += 7n;
      if (octet < 0x80) return isSigned && octet & 0x40 ? value - (1n << shift) : value;
    }
  }

  take(count: number): Uint8Array {
    this.at += count;
    return this.octets.subarray(this.at - count, this.at);
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.u32() }, item);
  }

  limits(): { initial: number; maximum: number | undefined } {
    const flags = this.u8();
    return { initial: this.u32(), maximum: flags & 1 ? this.u32() : undefined };
  }
}

/** An unsigned or a signed number; for both a bigint is taken as it is. */
export function leb(value: number | bigint, isSigned = false): number[] {
  // Most are small.
  if (typeof value === 'number' && value >= 0 && value < 64) return [value];
  const octets: number[] = [];
  for (let rest = BigInt(value); ;) {
    const octet = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = isSigned ? rest === (octet & 0x40 ? -1n : 0n) : rest === 0n;
    octets.push(isLast ? octet : octet | 0x80);
    if (isLast) return octets;
  }
}

export function text(value: string): number[] {
  const octets = new TextEncoder().encode(value);
  return [...leb(octets.length), ...octets];
}

export function list(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

export interface Section {
  id: number;
  octets: Uint8Array;
}

export function readSections(bytes: Uint8Array): Section[] {
  const reader = new Reader(bytes, MAGIC.length);
  const sections: Section[] = [];
  while (!reader.done) sections.push({ id: reader.u8(), octets: reader.take(reader.u32()) });
  return sections;
}

export function writeSections(sections: readonly Section[]): Uint8Array {
  const parts = sections.flatMap(({ id, octets }) => [Uint8Array.from([id, ...leb(octets.length)]), octets]);
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, MAGIC.length));
  bytes.set(MAGIC);
  let at = MAGIC.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Reads past one import; what it is when it is a function: its type. */
function readImport(reader: Reader): { module: string; name: string; kind: number; type: number } {
  const module = reader.text();
  const name = reader.text();
  const kind = reader.u8();
  let type = -1;
  if (kind === 0) type = reader.u32();
  else if (kind === 1) {
    reader.u8();
    reader.limits();
  } else if (kind === 2) reader.limits();
  else {
    type = reader.u8();
    reader.u8();
  }
  return { module, name, kind, type };
}

export function readInterface(bytes: Uint8Array): Interface {
  const sections = readSections(bytes);
  const read = <T>(id: number, item: (reader: Reader) => T): T[] => {
    const section = sections.find((one) => one.id === id);
    if (section === undefined) return [];
    const reader = new Reader(section.octets);
    return reader.list(() => item(reader));
  };
  const types = read(SECTION.type, (reader): Signature => {
    reader.u8();
    return { parameters: reader.list(() => reader.u8()), results: reader.list(() => reader.u8()) };
  });
  const imports = read(SECTION.import, readImport);
  const imported = imports.filter(({ kind }) => kind === 0);
  const functions = [
    ...imported.map(({ type }) => type),
    ...read(SECTION.function, (reader) => reader.u32()),
  ];
  const globals = [
    ...imports.filter(({ kind }) => kind === 3).map(({ type }) => type),
    ...read(SECTION.global, (reader) => {
      const type = reader.u8();
      reader.u8();
      skipExpression(reader);
      return type;
    }),
  ];
  const exports = read(SECTION.export, (reader) => ({
    name: reader.text(),
    kind: reader.u8(),
    index: reader.u32(),
  }));
  return {
    imports: imported.map(({ module, name, type }) => ({ module, name, ...types[type]! })),
    functions: exports
      .filter(({ kind }) => kind === 0)
      .map(({ name, index }) => ({ name, index, ...types[functions[index]!]! })),
    globals: exports
      .filter(({ kind }) => kind === 3)
      .map(({ name, index }) => ({ name, index, type: globals[index]! })),
    memory: exports.find(({ kind }) => kind === 2)?.name,
  };
}

/** One instruction: its code (see OPCODES), where it begins, and where its immediates do; the reader is behind it. */
export interface Instruction {
  code: number;
  start: number;
  immediates: number;
}

export function readInstruction(reader: Reader): Instruction {
  const start = reader.at;
  let code = reader.u8();
  if (code === 0xfc) code = 0xfc00 + reader.u32();
  const immediates = reader.at;
  const name = NAMES.get(code);
  if (name === undefined) throw new RangeError(`no instruction 0x${code.toString(16)}`);
  if (code === 0x02 || code === 0x03 || code === 0x04 || code === 0x41 || code === 0x42) reader.leb(true);
  else if (code === 0x43) reader.take(4);
  else if (code === 0x44) reader.take(8);
  else if (code === 0x0e) {
    reader.list(() => reader.u32());
    reader.u32();
  } else if (code === 0x11 || code === 0xfc0a || (code >= 0x28 && code <= 0x3e)) {
    reader.u32();
    reader.u32();
  } else if (code === 0x0c || code === 0x0d || code === 0x10 || (code >= 0x20 && code <= 0x24)) reader.u32();
  else if (code === 0x3f || code === 0x40 || code === 0xfc0b) reader.u32();
  return { code, start, immediates };
}

/** Past a constant expression and its `end`. */
export function skipExpression(reader: Reader): void {
  while (readInstruction(reader).code !== 0x0b);
}
