// SPDX-License-Identifier: MIT
// Writes a Conversation down while it happens: the host's calls go through `call`, what it writes into memory through
// `write`, and the bus through `listen`. Nothing is kept until `begin`.

import type { Hal } from '../machine/hal.ts';
import type { Machine } from '../machine/machine.ts';
import { Stack } from '../machine/stack.ts';
import { Trap } from '../machine/status.ts';
import type { BusCall, Conversation, Writes } from './conversation.ts';
import { differences, OPERANDS } from './conversation.ts';

/** Writes as they come. */
class Diary {
  private readonly at: number[] = [];
  private readonly octet: number[] = [];

  get length(): number {
    return this.at.length;
  }

  /** `octets` come to stand at `at`; `were` lay there. */
  note(at: number, octets: Uint8Array, were: Uint8Array): void {
    for (let i = 0; i < octets.length; i++) {
      if (octets[i] === were[i]) continue;
      this.at.push(at + i);
      this.octet.push(octets[i]!);
    }
  }

  get writes(): Writes {
    return { at: Uint32Array.from(this.at), octet: Uint8Array.from(this.octet) };
  }
}

interface Step {
  function: number;
  operands: number[];
  result: number;
  writesEnd: number;
  answersEnd: number;
}

interface Answer {
  call: BusCall;
  result: number;
  writesEnd: number;
}

export class Recorder {
  /** For what is not measured. */
  readonly stack: Stack;
  readonly memory: Uint8Array;
  frames = { in: 0, out: 0 };
  private readonly machine: Machine;
  private before: Uint8Array | undefined;
  private functions: Conversation['functions'] = [];
  private steps: Step[] = [];
  private answers: Answer[] = [];
  private hostWrites = new Diary();
  private busWrites = new Diary();

  constructor(machine: Machine) {
    this.machine = machine;
    this.stack = new Stack(machine);
    this.memory = new Uint8Array(machine.memory.buffer);
  }

  /** `hal`, overheard. `recorder` is asked for at each call, for the machine wants its imports before there is one. */
  static listen(hal: Hal, recorder: () => Recorder | undefined): Hal {
    const overheard =
      (name: BusCall['name']) =>
      (a: number, b: number): number =>
        recorder()?.bus(hal, name, a, b) ?? hal[name](a, b);
    return {
      command: overheard('command'),
      bulkRead: overheard('bulkRead'),
      bulkWrite: overheard('bulkWrite'),
    };
  }

  /** From here on everything counts. */
  begin(): void {
    this.before = this.memory.slice();
    this.functions = [];
    this.steps = [];
    this.answers = [];
    this.hostWrites = new Diary();
    this.busWrites = new Diary();
    this.frames = { in: 0, out: 0 };
  }

  /** What was recorded since `begin`: so many operations on the build `module`. */
  end(module: string, operations: number): Conversation {
    const { before, steps, answers } = this;
    if (before === undefined) throw new Error('nothing was recorded');
    this.before = undefined;
    return {
      module,
      operations,
      frames: this.frames,
      functions: this.functions,
      before,
      changed: differences(before, this.memory),
      steps: {
        function: Uint8Array.from(steps, (step) => step.function),
        operands: Int32Array.from(steps.flatMap(({ operands }) => padded(operands))),
        result: Int32Array.from(steps, ({ result }) => result),
        writesEnd: Uint32Array.from(steps, ({ writesEnd }) => writesEnd),
        answersEnd: Uint32Array.from(steps, ({ answersEnd }) => answersEnd),
      },
      writes: this.hostWrites.writes,
      bus: {
        calls: answers.map(({ call }) => call),
        result: Int32Array.from(answers, ({ result }) => result),
        writesEnd: Uint32Array.from(answers, ({ writesEnd }) => writesEnd),
        writes: this.busWrites.writes,
      },
    };
  }

  /** Call an export. What it returns, signed. */
  call(name: string, ...operands: number[]): number {
    const callee = this.machine.exports[name];
    if (callee === undefined) throw new TypeError(`the module exports no ${name}`);
    let result: number;
    try {
      result = callee(...operands) | 0;
    } catch (cause) {
      throw new Trap(name, cause);
    }
    if (this.before !== undefined) {
      this.steps.push({
        function: this.indexOf(name, operands.length),
        operands,
        result,
        writesEnd: this.hostWrites.length,
        answersEnd: this.answers.length,
      });
    }
    return result;
  }

  /** As `call`; throws when the module refuses. */
  demand(name: string, ...operands: number[]): number {
    const result = this.call(name, ...operands);
    if (result < 0) throw new Error(`${name} was refused: ${result}`);
    return result;
  }

  /** The host puts `octets` at `at`, before the next call. */
  write(at: number, octets: Uint8Array): void {
    if (this.before !== undefined)
      this.hostWrites.note(at, octets, this.memory.subarray(at, at + octets.length));
    this.memory.set(octets, at);
  }

  private bus(hal: Hal, name: BusCall['name'], a: number, b: number): number {
    if (this.before === undefined) return hal[name](a, b);
    const call: BusCall = { name, a, b };
    const target = name === 'bulkRead' && a !== 0 ? this.memory.subarray(a >>> 0, (a >>> 0) + b) : undefined;
    const were = target?.slice();
    if (name === 'bulkWrite') call.octets = this.memory.slice(a >>> 0, (a >>> 0) + b);
    const result = hal[name](a, b);
    if (target !== undefined) this.busWrites.note(a >>> 0, target, were!);
    this.answers.push({ call, result, writesEnd: this.busWrites.length });
    return result;
  }

  private indexOf(name: string, operands: number): number {
    const index = this.functions.findIndex((known) => known.name === name);
    return index >= 0 ? index : this.functions.push({ name, operands }) - 1;
  }
}

function padded(operands: number[]): number[] {
  return Array.from({ length: OPERANDS }, (_, i) => operands[i] ?? 0);
}
