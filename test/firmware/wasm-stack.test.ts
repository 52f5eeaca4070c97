// SPDX-License-Identifier: MIT
// The stack for wasm's locals and operands: the board's module is compiled by the board's interpreter on the emulated core,
// and the deepest path of calls computed from the frames it has found. A frame counts whole, though a callee's begins
// where the caller's operands end: so the true depth is a little less. Left out: stock wasm3, whose image has the more.

import { beforeAll, describe, expect, it } from 'vitest';
import { hasToolchain } from '../../host/firmware/build.ts';
import { NEEDS } from '../../host/firmware/needs.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { ArmEngine } from '../interpreter/arm.ts';
import { readInstruction, Reader, readInterface, readSections, SECTION } from '../interpreter/binary.ts';

const SLOT = 4;
const CALL = 0x10;
const CALL_INDIRECT = 0x11;

/** Of each function that the module defines, the functions that it calls, by index. Throws when one calls by table. */
function callsOf(bytes: Uint8Array): Map<number, number[]> {
  const imported = readInterface(bytes).imports.length;
  const code = new Reader(readSections(bytes).find(({ id }) => id === SECTION.code)!.octets);
  const bodies = code.list(() => {
    const body = new Reader(code.take(code.u32()));
    body.list(() => [body.u32(), body.u8()]); // locals
    const calls: number[] = [];
    while (!body.done) {
      const { code: instruction, immediates } = readInstruction(body);
      if (instruction === CALL_INDIRECT) throw new Error('a call by table: where it leads is not known');
      if (instruction === CALL) calls.push(new Reader(body.octets, immediates).u32());
    }
    return calls;
  });
  return new Map(bodies.map((calls, i) => [imported + i, calls]));
}

/** Octets of the deepest path of calls. Throws when it has no end. */
function deepest(calls: ReadonlyMap<number, number[]>, slotsOf: (index: number) => number): number {
  const known = new Map<number, number>();
  const above = new Set<number>();
  const depthOf = (index: number): number => {
    if (above.has(index)) throw new Error(`function ${index} calls itself`);
    let depth = known.get(index);
    if (depth === undefined) {
      above.add(index);
      depth = SLOT * slotsOf(index) + Math.max(0, ...(calls.get(index) ?? []).map(depthOf));
      above.delete(index);
      known.set(index, depth);
    }
    return depth;
  };
  return Math.max(...[...calls.keys()].map(depthOf));
}

describe.skipIf(!hasToolchain())("the stack of wasm's locals and operands", () => {
  const module = readModule('sandwire');
  const calls = callsOf(module);

  let engine: ArmEngine;
  beforeAll(() => {
    engine = new ArmEngine('fast');
    engine.load(module);
  });

  it('has a frame for every function', () => {
    expect([...calls.keys()].filter((index) => engine.slotsOf(index) === 0)).toEqual([]);
  });

  it('holds the deepest path of calls', () => {
    expect(deepest(calls, (index) => engine.slotsOf(index))).toBeLessThan(NEEDS.fast.WASM_STACK);
  });
});

describe('the deepest path', () => {
  it('is the sum of the frames on it', () => {
    const calls = new Map([
      [1, [2, 3]],
      [2, []],
      [3, [2, 2]],
    ]);
    expect(deepest(calls, (index) => index * 10)).toBe(4 * (10 + 30 + 20));
  });

  it('does not exist where a function calls itself', () => {
    const calls = new Map([
      [1, [2]],
      [2, [1]],
    ]);
    expect(() => deepest(calls, () => 1)).toThrow('calls itself');
  });
});
