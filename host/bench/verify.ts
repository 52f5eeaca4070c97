// SPDX-License-Identifier: MIT
// Proof that a playback is the recorded conversation: every result, every question to the bus with the octets it takes, every
// outbound frame, and the memory in the end.

import { instantiate } from '../machine/machine.ts';
import type { Engine, Machine } from '../machine/machine.ts';
import type { BusCall, Conversation } from './conversation.ts';
import { OPERANDS } from './conversation.ts';
import { hostCopy } from './host-copy.ts';
import { apply } from './player.ts';

/** The playback is not what was recorded. */
export class Difference extends Error {
  override name = 'Difference';
}

/** Play `conversation` of `module` once on `engine`. Throws Difference at the first. */
export function verify(engine: Engine, module: Uint8Array, conversation: Conversation): void {
  const { before, changed, functions, steps, writes, bus } = conversation;
  let step = 0;
  let asked = 0;
  const differ = (what: string): never => {
    const name = functions[steps.function[step] ?? 0]!.name;
    throw new Difference(`${conversation.module} on ${engine}, step ${step}, ${name}: ${what}`);
  };
  const answer =
    (name: BusCall['name']) =>
    (a: number, b: number): number => {
      const expected = bus.calls[asked];
      if (expected?.name !== name || expected.a !== a >>> 0 || expected.b !== b >>> 0)
        return differ(`the bus is asked ${name}(${a}, ${b}), question ${asked}`);
      const { octets } = expected;
      if (octets !== undefined && Buffer.compare(octets, memory.subarray(a, a + b)) !== 0)
        return differ('other octets are written to the chip');
      apply(bus.writes, asked === 0 ? 0 : bus.writesEnd[asked - 1]!, bus.writesEnd[asked]!, memory);
      return bus.result[asked++]!;
    };
  const machine: Machine = instantiate(engine, module, {
    hal: {
      ...hostCopy(engine, () => machine.memory.buffer),
      command: answer('command'),
      bulkRead: answer('bulkRead'),
      bulkWrite: answer('bulkWrite'),
    },
  });
  const memory = new Uint8Array(machine.memory.buffer);
  memory.set(before);
  for (let write = 0; step < steps.function.length; step++) {
    write = apply(writes, write, steps.writesEnd[step]!, memory);
    const { name } = functions[steps.function[step]!]!;
    const operands = steps.operands.subarray(step * OPERANDS, (step + 1) * OPERANDS);
    const result = machine.exports[name]!(...operands) | 0;
    if (result !== steps.result[step]) differ(`${result} is returned, not ${steps.result[step]}`);
    if (asked !== steps.answersEnd[step]) differ('the bus is asked too little');
  }
  step--;
  const expected = before.slice();
  for (const { at, after } of changed) expected.set(after, at);
  if (Buffer.compare(memory, expected) !== 0) differ('the memory is another one in the end');
}
