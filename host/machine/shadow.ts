// SPDX-License-Identifier: MIT
// Proof that what runs elsewhere is this module: the same module on wasm3 of this computer, given the same memory, the same
// instants and the same octets of the bus, must come to the same memory after every poll and say the same on the bus.
// Octets clocked out while buffer memory is read mean nothing to the chip and are not compared.

import type { SpiDevice } from './hal.ts';
import { hal } from './hal.ts';
import { instantiate } from './machine.ts';
import type { Machine } from './machine.ts';

/** The first difference. */
export class Divergence extends Error {
  override name = 'Divergence';
}

const SELECT = -1;
const DESELECT = -2;
const RBM = 0x3a;

/** What went over the bus: SELECT, DESELECT, or the octet out and the octet in. */
export class BusRecord {
  private events = new Int32Array(4096);
  private length = 0;

  add(event: number): void {
    if (this.length === this.events.length) {
      const longer = new Int32Array(2 * this.length);
      longer.set(this.events);
      this.events = longer;
    }
    this.events[this.length++] = event;
  }

  select(): void {
    this.add(SELECT);
  }

  octet(out: number, back: number): void {
    this.add((out << 8) | back);
  }

  deselect(): void {
    this.add(DESELECT);
  }

  clear(): void {
    this.length = 0;
  }

  at(index: number): number | undefined {
    return index < this.length ? this.events[index] : undefined;
  }
}

/** Answers as the record says, and throws Divergence when it is asked something else. */
export class RecordedBus implements SpiDevice {
  private readonly record: BusRecord;
  private index = 0;
  private isOpcode = false;
  private isReading = false;

  constructor(record: BusRecord) {
    this.record = record;
  }

  select(): void {
    this.expect(SELECT, 'CS falls');
    this.isOpcode = true;
    this.isReading = false;
  }

  transfer(octet: number): number {
    const event = this.record.at(this.index++);
    if (event === undefined || event < 0) throw this.differs(`0x${octet.toString(16)} is sent`);
    if (!this.isReading && event >> 8 !== octet) throw this.differs(`0x${octet.toString(16)} is sent`);
    if (this.isOpcode) this.isReading = octet === RBM;
    this.isOpcode = false;
    return event & 0xff;
  }

  deselect(): void {
    this.expect(DESELECT, 'CS rises');
  }

  /** Everything was asked for, or Divergence. The record is then begun anew. */
  end(): void {
    if (this.record.at(this.index) !== undefined) {
      this.index++;
      throw this.differs('nothing more is sent');
    }
    this.index = 0;
    this.record.clear();
  }

  private expect(event: number, what: string): void {
    if (this.record.at(this.index++) !== event) throw this.differs(what);
  }

  private differs(here: string): Divergence {
    const event = this.record.at(this.index - 1);
    const there =
      event === undefined
        ? 'nothing more was sent'
        : event === SELECT
          ? 'CS fell'
          : event === DESELECT
            ? 'CS rose'
            : `0x${(event >> 8).toString(16)} was sent`;
    return new Divergence(`bus, event ${this.index - 1} of this poll: there ${there}, here ${here}`);
  }
}

/** The module once more, a poll behind. */
export class Shadow {
  /** What goes over the bus is to be told here. */
  readonly record = new BusRecord();
  /** Polls that were the same. */
  polls = 0;
  private readonly bus = new RecordedBus(this.record);
  private readonly machine: Machine;
  private readonly memory: Buffer;
  private now: number | undefined;
  private isStarted = false;

  /** `memorySize` octets of linear memory exist. */
  constructor(module: Uint8Array, memorySize: number) {
    const machine: Machine = instantiate(
      'wasm3',
      module,
      { hal: hal(this.bus, () => machine.memory.buffer) },
      { memoryLimit: memorySize },
    );
    this.machine = machine;
    this.memory = Buffer.from(machine.memory.buffer, 0, memorySize);
  }

  /** A poll at `now` begins over there, with this memory. The first time, that is where this one starts from. */
  begin(now: number, memory: Uint8Array): void {
    if (!this.isStarted) {
      this.memory.set(memory);
      this.record.clear();
      this.isStarted = true;
    }
    this.now = now;
  }

  /** It has come back with this memory. Throws Divergence. */
  end(memory: Uint8Array): void {
    if (this.now === undefined) return;
    const { now } = this;
    this.now = undefined;
    this.machine.exports.poll!(now);
    this.bus.end();
    if (this.memory.compare(memory) !== 0) throw new Divergence(this.firstDifference(now, memory));
    this.polls++;
  }

  private firstDifference(now: number, memory: Uint8Array): string {
    const at = this.memory.findIndex((octet, i) => octet !== memory[i]);
    const there = memory[at]!.toString(16);
    const here = this.memory[at]!.toString(16);
    return `poll ${this.polls} at ${now} ms: memory differs at ${at}: there 0x${there}, here 0x${here}`;
  }
}
