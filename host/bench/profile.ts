// SPDX-License-Identifier: MIT
// Where the operations of wasm3 go: by function of the module's source and by layer. The counting build says how many were
// dispatched of those made from each opcode; the source map, from which line an opcode comes. Exact, and the same on
// every machine. Code that the compiler moved into a caller counts for the function that it was written in.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD } from '../build.ts';
import type { Machine } from '../machine/machine.ts';
import { startProfile, stopProfile } from '../machine/wasm3.ts';
import { borrowedLayer, ownLayer } from './layers.ts';
import type { Layer } from './result.ts';
import { LAYERS } from './result.ts';
import type { SourceFunction } from './source-functions.ts';
import { functionsOf } from './source-functions.ts';
import type { Body, Mapping, SourceMap } from './wasm-code.ts';
import { bodiesOf, lastAtMost, mappingsOf } from './wasm-code.ts';

/** What one function cost in one layer; a common one may stand there several times. */
export interface FunctionCost {
  /** `Checksum.ofMany`. */
  name: string;
  /** `assembly/wire/checksum.ts`. */
  file: string;
  /** Where it is declared. */
  line: number;
  layer: Layer;
  /** M3 ops. */
  ops: number;
  /** The same by line, the most first. */
  lines: { line: number; ops: number }[];
}

interface Place extends SourceFunction {
  file: string;
  layer: Layer;
  /** Of the instruction. */
  at: number;
}

/** One instance of a built module at a time, on the engine `wasm3-counting`. */
export class Profile {
  private readonly map: SourceMap;
  private readonly mappings: Mapping[];
  private readonly bodies: Body[];
  private readonly imports: WebAssembly.ModuleImportDescriptor[];
  private readonly functions = new Map<number, (line: number) => SourceFunction>();

  /** `map` is that of the module `bytes`. */
  constructor(bytes: Uint8Array<ArrayBuffer>, map: SourceMap) {
    this.map = map;
    this.mappings = mappingsOf(map);
    this.bodies = bodiesOf(bytes);
    this.imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).filter(
      ({ kind }) => kind === 'function',
    );
  }

  /** For the module of a profile that has been built. */
  static async of(profile: string): Promise<Profile> {
    const file = join(BUILD, `${profile}.wasm`);
    const map = JSON.parse(await readFile(`${file}.map`, 'utf8')) as SourceMap;
    return new Profile(new Uint8Array(await readFile(file)), map);
  }

  /** Count what `machine` does from now on. Throws when a profile is running. */
  start(machine: Machine): void {
    startProfile(machine);
  }

  /** No longer. What it did, the most expensive first; the sum is what `ops` counted of it. */
  stop(): FunctionCost[] {
    const costs = new Map<string, FunctionCost>();
    for (const { offset, ops } of stopProfile()) {
      const { name, file, line, layer, at } = this.placeOf(offset);
      const key = `${file} ${name} ${line} ${layer}`;
      let cost = costs.get(key);
      if (cost === undefined) costs.set(key, (cost = { name, file, line, layer, ops: 0, lines: [] }));
      cost.ops += ops;
      const ofLine = cost.lines.find((known) => known.line === at);
      if (ofLine === undefined) cost.lines.push({ line: at, ops });
      else ofLine.ops += ops;
    }
    const sorted = [...costs.values()].sort((a, b) => b.ops - a.ops);
    for (const { lines } of sorted) lines.sort((a, b) => b.ops - a.ops);
    return sorted;
  }

  /** Where an opcode of the module comes from. Of a negative offset: the declaration of an import. */
  private placeOf(offset: number): Place {
    if (offset < 0) {
      const { module, name } = this.imports[-1 - offset]!;
      return { name: `${module}.${name}`, file: `assembly/${module}.ts`, line: 1, at: 1, layer: 'link' };
    }
    const body = this.bodies[lastAtMost(this.bodies, offset, ({ start }) => start)];
    if (body === undefined || offset >= body.end)
      throw new Error(`no function of the module at octet ${offset}`);
    const first = lastAtMost(this.mappings, body.start - 1, (mapping) => mapping.offset) + 1;
    const end = lastAtMost(this.mappings, body.end - 1, (mapping) => mapping.offset) + 1;
    if (first === end) return { name: '(compiler)', file: '', line: 1, at: 1, layer: borrowedLayer('', '') };
    // What comes before the first line, entering the function, belongs to it.
    const index = Math.max(
      first,
      lastAtMost(this.mappings, offset, (mapping) => mapping.offset),
    );
    const mapping = this.mappings[index]!;
    const { file, found } = this.functionAt(mapping);
    return { ...found, file, at: mapping.line, layer: this.layerAt(index, first, end) };
  }

  /** The layer of the nearest instruction before, else behind, that has one; of those from `first` up to `end`. */
  private layerAt(index: number, first: number, end: number): Layer {
    const layerOf = (i: number): Layer | undefined => {
      const { file, found } = this.functionAt(this.mappings[i]!);
      return ownLayer(file, found.name);
    };
    for (let i = index; i >= first; i--) {
      const layer = layerOf(i);
      if (layer !== undefined) return layer;
    }
    for (let i = index + 1; i < end; i++) {
      const layer = layerOf(i);
      if (layer !== undefined) return layer;
    }
    const { file, found } = this.functionAt(this.mappings[index]!);
    return borrowedLayer(file, found.name);
  }

  private functionAt({ source, line }: Mapping): { file: string; found: SourceFunction } {
    const file = this.map.sources[source]!;
    let functions = this.functions.get(source);
    if (functions === undefined) {
      functions = functionsOf(file, this.map.sourcesContent[source]!);
      this.functions.set(source, functions);
    }
    return { file, found: functions(line) };
  }
}

/** The same by layer, from the wire upward. */
export function costByLayer(costs: readonly FunctionCost[]): Record<Layer, number> {
  const sumOf = (wanted: Layer): number =>
    costs.reduce((sum, { layer, ops }) => (layer === wanted ? sum + ops : sum), 0);
  return Object.fromEntries(LAYERS.map((layer) => [layer, sumOf(layer)])) as Record<Layer, number>;
}
