// SPDX-License-Identifier: MIT
// Where a module's functions lie and from which lines their instructions come: the code section of the binary (WebAssembly
// Core Specification 5.5.13) and the source map beside it (ECMA-426), of one generated line whose columns are octets of the
// module. Left out: names, scopes, anything else that a map may hold.

/** Octets of one function's code, its length field included: from `start` up to `end`. */
export interface Body {
  start: number;
  end: number;
}

/** From `offset` on, instructions come from `line` (from 1) of `source`, a number in the map's `sources`. */
export interface Mapping {
  offset: number;
  source: number;
  line: number;
}

export interface SourceMap {
  sources: string[];
  sourcesContent: string[];
  mappings: string;
}

const HEADER = 8;
const CODE_SECTION = 10;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The bodies of the functions of a valid module, in its order. */
export function bodiesOf(bytes: Uint8Array): Body[] {
  let at = HEADER;
  /** LEB128, unsigned. */
  const u32 = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = bytes[at++]!;
      value += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const length = u32();
    if (id !== CODE_SECTION) {
      at += length;
      continue;
    }
    return Array.from({ length: u32() }, () => {
      const start = at;
      const size = u32();
      at += size;
      return { start, end: at };
    });
  }
  return [];
}

/** The mappings of the first line, by rising offset. Parts without a source are left out: what was before goes on. */
export function mappingsOf(map: SourceMap): Mapping[] {
  const mappings: Mapping[] = [];
  let [offset, source, line] = [0, 0, 1];
  for (const segment of map.mappings.split(';')[0]!.split(',')) {
    const fields = numbersOf(segment);
    offset += fields[0] ?? 0;
    if (fields.length < 4) continue;
    source += fields[1]!;
    line += fields[2]!;
    mappings.push({ offset, source, line });
  }
  return mappings;
}

/** The numbers of a segment: base 64, five bits a digit, the least first, the sign in the last bit. */
function numbersOf(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = BASE64.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit >= 32) continue;
    numbers.push((value & 1) === 1 ? -(value >>> 1) : value >>> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/** Index of the last of `items`, by rising key, whose key is at most `key`; -1 if none is. */
export function lastAtMost<T>(items: readonly T[], key: number, keyOf: (item: T) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(items[middle]!) <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
