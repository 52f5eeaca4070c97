// SPDX-License-Identifier: MIT
// A recorded piece of work: the memory it starts from, then step by step what the host wrote and which export it called,
// and what the bus answered meanwhile. Playing it back (player.ts) is the same work without peer and chip. Everything is
// in flat arrays, since reading it is the only thing that the clock sees besides the module.

/** Octets that the host or the bus writes: only those that lie there otherwise. Addresses and octets in pairs. */
export interface Writes {
  at: Uint32Array;
  octet: Uint8Array;
}

export interface Conversation {
  /** The build that it is of. */
  module: string;
  /** Operations of the workload that the steps amount to. */
  operations: number;
  /** Frames in and out. */
  frames: { in: number; out: number };
  /** Exports that are called, and how many operands each is given. */
  functions: { name: string; operands: number }[];
  /** The whole linear memory before the first step. */
  before: Uint8Array;
  /** What the steps leave otherwise: ranges of 64 octets. */
  changed: { at: number; after: Uint8Array }[];

  /** For each step: index into `functions`, four operands, and how far its `writes` and its `answers` go. */
  steps: {
    function: Uint8Array;
    operands: Int32Array;
    result: Int32Array;
    writesEnd: Uint32Array;
    answersEnd: Uint32Array;
  };
  writes: Writes;
  /** For each call of the bus: which and with what, the result, how far what it writes goes. Empty where the link is none. */
  bus: {
    calls: BusCall[];
    result: Int32Array;
    writesEnd: Uint32Array;
    writes: Writes;
  };
}

/** What was asked of the bus. */
export interface BusCall {
  name: 'command' | 'bulkRead' | 'bulkWrite';
  a: number;
  b: number;
  /** The octets that bulkWrite took. */
  octets?: Uint8Array;
}

/** Operands of the call with the most. */
export const OPERANDS = 4;

const RANGE = 64;

/** Where two memories differ, with what the second has there. */
export function differences(before: Uint8Array, after: Uint8Array): Conversation['changed'] {
  const changed: Conversation['changed'] = [];
  for (let at = 0; at < before.length; at += RANGE) {
    const end = Math.min(at + RANGE, before.length);
    if (Buffer.compare(before.subarray(at, end), after.subarray(at, end)) === 0) continue;
    changed.push({ at, after: after.slice(at, end) });
  }
  return changed;
}

/** Octets on the SPI bus, opcodes included, and chip-selects. */
export function busTraffic({ bus }: Conversation): { octets: number; selects: number } {
  const octets = bus.calls.reduce((sum, { name, b }) => sum + (name === 'command' ? b : 1 + b), 0);
  return { octets, selects: bus.calls.length };
}
