// SPDX-License-Identifier: MIT
// Two builds of one profile as one machine: what is called on the first is called on the second, what the host writes for the
// first lies before the second, and what the bus answers the first is answered to the second. The two must say the same,
// send the same frames and, after every poll, hold the same: counters, connections, control blocks and rings, octet for
// octet. The first difference is an error that tells how it came to it.
//
// Not compared is what shows in none of these: the segment in hand and headers that pass through, which lie before the staging
// area, and of a connection that is over while a socket holds it all but how it ended: nobody asks for the rest any more.

import { createHash } from 'node:crypto';
import { hostCopy } from '../../host/bench/host-copy.ts';
import type { Engine, ExportedFunction, Imports, Machine } from '../../host/machine/machine.ts';
import { INFO_FIELDS } from '../../host/machine/stack.ts';
import { decode, describe } from '../../host/view/decode.ts';

/** What `instantiate` of host/machine/machine.ts is. */
type Instantiate = (engine: Engine, bytes: Uint8Array, imports: Imports) => Machine;

/** Octets of memory that are compared after each poll: connections are taken from the lowest on. `end` compares all. */
const COMPARED = 1 << 18;
/** Octets of what connectionInfo answers; of a connection that is over: state and socket, and how it ended. */
const ALL = [0, 4 * INFO_FIELDS.length] as const;
const ERRORS = 4 * INFO_FIELDS.indexOf('error');
const OF_ONE_OVER = [[0, 8] as const, [ERRORS, ERRORS + 8] as const];
/** Events that a difference tells. */
const TOLD = 40;

/** The two do not do the same. */
export class TwinsDiffer extends Error {
  override name = 'TwinsDiffer';
}

/** A question to the bus and what came of it. */
interface Asked {
  question: string;
  result: number;
  /** Octets that were written into memory, and where. */
  at: number;
  octets: Uint8Array | undefined;
}

export class Twins implements Machine {
  readonly exports: Readonly<Record<string, ExportedFunction>>;
  readonly memory: Machine['memory'];
  /** Polls so far. */
  polls = 0;
  private readonly machines: readonly [Machine, Machine];
  private readonly octets: readonly [Buffer, Buffer];
  private readonly asked: Asked[] = [];
  private readonly events: (() => string)[] = [];
  /** Octets of the inbound frame that the second does not have yet. */
  private arrived = 0;
  /** Where the compared memory begins and ends. */
  private readonly from: number;
  private readonly end: number;

  constructor(instantiate: Instantiate, engine: Engine, modules: [Uint8Array, Uint8Array], imports: Imports) {
    const hal = imports.hal ?? {};
    const copy = hostCopy(engine, () => second.memory.buffer);
    const first = instantiate(engine, modules[0], { hal: this.overheard(hal) });
    const second = instantiate(engine, modules[1], { hal: { ...this.answering(hal), ...copy } });
    this.machines = [first, second];
    this.octets = [Buffer.from(first.memory.buffer), Buffer.from(second.memory.buffer)];
    this.memory = first.memory;
    this.exports = Object.fromEntries(
      Object.keys(first.exports).map((name) => [name, (...operands) => this.call(name, operands)]),
    );
    this.from = this.exports.ioBuffer!() >>> 0;
    this.end = this.exports.memoryEnd!() >>> 0;
  }

  /** Both memories, as far as they are compared after each poll: the whole state while only the first connections are in use. */
  snapshot(): [Uint8Array, Uint8Array] {
    const end = Math.min(this.end, this.from + COMPARED);
    const [a, b] = this.octets;
    return [Uint8Array.from(a.subarray(0, end)), Uint8Array.from(b.subarray(0, end))];
  }

  /** Put back what `snapshot` took. */
  restore(snapshot: readonly [Uint8Array, Uint8Array]): void {
    this.octets.forEach((octets, i) => octets.set(snapshot[i]!));
    this.events.length = 0;
    this.arrived = 0;
  }

  /** The whole of both is the same. */
  compareAll(): void {
    if (!this.compareConnections()) this.compareMemory(this.from, this.end, 'memory');
  }

  private call(name: string, operands: number[]): number {
    const [a, b] = this.machines;
    this.mirror(name, operands);
    if (name === 'poll') this.events.push(() => `poll(${operands.join()})`);
    const result = a.exports[name]!(...operands) | 0;
    const other = b.exports[name]!(...operands) | 0;
    if (result !== other) this.differ(`${name}(${operands.join()}) answers ${result} and ${other}`);
    if (this.asked.length > 0) this.differ(`${name}: the bus is asked for ${this.asked[0]!.question} by one`);
    if (name === 'portReceive' && result === 0) this.arrived = operands[0]!;
    else if (name === 'recv' && result > 0) this.compareMemory(operands[1]!, operands[1]! + result, 'text');
    else if (name === 'portTransmitLength' && result > 0) this.compareFrame(result);
    else if (name === 'poll') this.compareState();
    return result;
  }

  /** What the host has written for this call lies before the second, too; what it has read lay before both. */
  private mirror(name: string, operands: number[]): void {
    const [a, b] = this.octets;
    const lay = (at: number, length: number): void => void a.copy(b, at, at, at + length);
    const { exports } = this.machines[0];
    if (name === 'send') {
      lay(operands[1]!, operands[2]!);
    } else if (name === 'sendCommit') {
      lay(exports.sendBuffer!(operands[0]!) >>> 0, operands[1]!);
    } else if (name === 'recvCommit') {
      const at = exports.recvBuffer!(operands[0]!) >>> 0;
      this.compareMemory(at, at + operands[1]!, 'text');
    } else if (name === 'poll' && this.arrived > 0) {
      const at = exports.portReceiveBuffer!() >>> 0;
      lay(at, this.arrived);
      this.tell('in ', at, this.arrived);
      this.arrived = 0;
    }
  }

  private compareFrame(length: number): void {
    const at = this.machines[0].exports.portTransmitBuffer!() >>> 0;
    this.tell('out', at, length);
    this.compareMemory(at, at + length, 'the outbound frame');
  }

  private compareState(): void {
    this.polls++;
    const { exports } = this.machines[0];
    const counters = exports.counters!() >>> 0;
    this.compareMemory(counters, counters + 4 * exports.counterCount!(), 'counters');
    if (!this.compareConnections()) {
      this.compareMemory(this.from, Math.min(this.end, this.from + COMPARED), 'memory');
    }
  }

  /** Returns whether a socket holds a connection that is over. */
  private compareConnections(): boolean {
    const [first, second] = this.machines.map(({ exports }) => exports.connectionInfo!);
    const count = this.machines[0].exports.connectionCount!();
    let hasRemains = false;
    for (let i = 0; i < count; i++) {
      const at = first!(i) >>> 0;
      if (at !== second!(i) >>> 0) this.differ(`connectionInfo(${i}) answers otherwise`);
      const [state, socket] = [this.octets[0].readUInt32LE(at), this.octets[0].readUInt32LE(at + 4)];
      const isOver = state === 0 && socket !== 0;
      if (isOver) hasRemains = true;
      for (const [from, to] of isOver ? OF_ONE_OVER : [ALL])
        this.compareMemory(at + from, at + to, `connection ${i}`);
    }
    return hasRemains;
  }

  private compareMemory(from: number, to: number, what: string): void {
    const [a, b] = this.octets;
    if (a.compare(b, from, to, from, to) === 0) return;
    let at = from;
    while (a[at] === b[at]) at++;
    at -= (at - from) & 3;
    const [x, y] = [a.readUInt32LE(at), b.readUInt32LE(at)];
    this.differ(
      `${what}: octet ${at - from} on is ${x} (0x${x.toString(16)}) and ${y} (0x${y.toString(16)})`,
    );
  }

  private tell(way: string, at: number, length: number): void {
    const frame = Uint8Array.from(this.octets[0].subarray(at, at + length));
    this.events.push(() => `${way} ${describe(decode(frame))}`);
  }

  private differ(what: string): never {
    throw new TwinsDiffer([what, ...this.events.slice(-TOLD).map((told) => `  ${told()}`)].join('\n'));
  }

  // --- the bus ---------------------------------------------------------------------------------------------------------

  /** The bus of the first; a copy inside memory is no question. */
  private overheard(hal: Imports[string]): Imports[string] {
    return Object.fromEntries(
      Object.entries(hal).map(([name, ask]) => {
        if (name === 'copy') return [name, ask];
        return [
          name,
          (a: number, b: number) => {
            const question = this.question(0, name, a, b);
            const result = ask(a, b) as number;
            const octets = name === 'bulkRead' && a !== 0 ? this.octets[0].subarray(a, a + b) : undefined;
            this.asked.push({ question, result, at: a, octets: octets && Uint8Array.from(octets) });
            return result;
          },
        ];
      }),
    );
  }

  /** The same for the second. */
  private answering(hal: Imports[string]): Imports[string] {
    return Object.fromEntries(
      Object.keys(hal).map((name) => [
        name,
        (a: number, b: number) => {
          const question = this.question(1, name, a, b);
          const asked = this.asked.shift();
          if (asked?.question !== question) this.differ(`${asked?.question} is asked, and ${question}`);
          if (asked.octets !== undefined) this.octets[1].set(asked.octets, asked.at);
          return asked.result;
        },
      ]),
    );
  }

  private question(i: 0 | 1, name: string, a: number, b: number): string {
    const octets = name === 'bulkWrite' ? this.octets[i].toString('latin1', a, a + b) : '';
    return `${name}(${a}, ${b})${octets}`;
  }
}

/** The other one of each pair, by the octets of the first. */
const others = new Map<string, Uint8Array>();
let latest: Twins | undefined;

/** Whoever runs `first` from now on, runs `second` beside it. */
export function pair(first: Uint8Array, second: Uint8Array): void {
  others.set(keyOf(first), second);
}

/** The pair that was made last. */
export function latestTwins(): Twins {
  if (latest === undefined) throw new Error('nothing has run yet');
  return latest;
}

/** In place of `instantiate`: both of a pair. A module without one is an error, lest anything run alone. */
export function beside(instantiate: Instantiate): Instantiate {
  return (engine, bytes, imports) => {
    const other = others.get(keyOf(bytes));
    if (other === undefined) throw new Error('this module has no other to run beside');
    latest = new Twins(instantiate, engine, [bytes, other], imports);
    return latest;
  };
}

function keyOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
