// SPDX-License-Identifier: MIT
// Plays a Conversation on an engine: the host's writes and calls as recorded, the bus answering as it did. This is what is
// timed and counted, so nothing is compared on the way; `isAsRecorded` says afterwards whether the memory is what it
// should be, and verify.ts compares every step once.

import { instantiate } from '../machine/machine.ts';
import type { Engine, ExportedFunction, Machine } from '../machine/machine.ts';
import type { Conversation, Writes } from './conversation.ts';
import { OPERANDS } from './conversation.ts';
import { hostCopy } from './host-copy.ts';
import { nullModule } from './null-module.ts';

export class Player {
  /** The instance that plays. */
  readonly machine: Machine;
  readonly memory: Uint8Array;
  private readonly conversation: Conversation;
  private readonly callees: ExportedFunction[];
  private readonly bus: Bus;

  private constructor(engine: Engine, module: Uint8Array, conversation: Conversation, answers: Int32Array) {
    const bus = new Bus(conversation, answers);
    const { answer } = bus;
    const copy = hostCopy(engine, () => this.machine.memory.buffer);
    const hal = { ...copy, command: answer, bulkRead: answer, bulkWrite: answer };
    this.machine = instantiate(engine, module, { hal });
    this.memory = new Uint8Array(this.machine.memory.buffer);
    bus.memory = this.memory;
    this.bus = bus;
    this.conversation = conversation;
    this.callees = conversation.functions.map(({ name }) => this.machine.exports[name]!);
    this.memory.set(conversation.before);
  }

  /** `module` is the build that was recorded. */
  static of(engine: Engine, module: Uint8Array, conversation: Conversation): Player {
    return new Player(engine, module, conversation, conversation.bus.result);
  }

  /** Against the module that does nothing. */
  static ofNull(engine: Engine, conversation: Conversation): Player {
    return new Player(engine, nullModule(conversation), conversation, moreComes(conversation));
  }

  /** Back to where the conversation begins. */
  restore(): void {
    const { before, changed } = this.conversation;
    for (const { at, after } of changed) this.memory.set(before.subarray(at, at + after.length), at);
  }

  play(): void {
    const { memory, callees } = this;
    const { steps, writes } = this.conversation;
    const { function: index, operands, writesEnd } = steps;
    this.bus.answered = 0;
    for (let step = 0, write = 0; step < index.length; step++) {
      write = apply(writes, write, writesEnd[step]!, memory);
      const at = step * OPERANDS;
      callees[index[step]!]!(operands[at]!, operands[at + 1]!, operands[at + 2]!, operands[at + 3]!);
    }
  }

  /** Questions of the bus that were answered in the last playback. */
  get answered(): number {
    return this.bus.answered;
  }

  /** Whether the memory is as it was at the end of the recording. */
  get isAsRecorded(): boolean {
    return this.conversation.changed.every(
      ({ at, after }) => Buffer.compare(this.memory.subarray(at, at + after.length), after) === 0,
    );
  }
}

/** The bus as it answered, whatever it is asked. Its three calls are one function: engines have one border to warm up. */
class Bus {
  answered = 0;
  memory: Uint8Array = new Uint8Array(0);
  readonly answer: () => number;

  constructor({ bus }: Conversation, answers: Int32Array) {
    const { writes, writesEnd } = bus;
    this.answer = () => {
      const i = this.answered++;
      apply(writes, i === 0 ? 0 : writesEnd[i - 1]!, writesEnd[i]!, this.memory);
      return answers[i]!;
    };
  }
}

/** Make the writes from `from` up to `end`, which is returned. */
export function apply({ at, octet }: Writes, from: number, end: number, memory: Uint8Array): number {
  for (let i = from; i < end; i++) memory[at[i]!] = octet[i]!;
  return end;
}

/** For the null module: 1 while more questions of the same step come. */
function moreComes({ steps, bus }: Conversation): Int32Array {
  const more = new Int32Array(bus.calls.length).fill(1);
  for (const end of steps.answersEnd) if (end > 0) more[end - 1] = 0;
  return more;
}
