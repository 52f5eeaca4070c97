// SPDX-License-Identifier: MIT
// The driver on a bench: its probe module on an engine, the bus calls of host/machine/hal.ts, the simulated chip, and a host
// that does what driver.ts asks of one: it polls when INT is asserted or the deadline has come, takes the frames that wait
// and composes those that are queued. All in virtual time; after a poll the host is busy as long as a 20 MHz bus would be.

import { Enc28j60 } from '../../host/enc28j60/chip.ts';
import type { Options } from '../../host/enc28j60/chip.ts';
import { hal } from '../../host/machine/hal.ts';
import type { BusStats } from '../../host/machine/hal.ts';
import { instantiate } from '../../host/machine/machine.ts';
import type { Engine, ExportedFunction } from '../../host/machine/machine.ts';
import { MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import type { Alarm } from '../../host/net/clock.ts';
import { probe } from '../support/probe.ts';

export const MAC = Uint8Array.of(0x02, 0x53, 0x57, 0xa1, 0xb2, 0xc3);
export const BROADCAST = new Uint8Array(6).fill(0xff);
const PEER = Uint8Array.of(0x02, 0x50, 0x45, 0x45, 0x52, 0x01);

/** Time of one octet on a 20 MHz bus and of one chip-select with the call that makes it, ns. */
const OCTET = 400;
const SELECT = 2_000;

/** Frames that the host takes before it lets the driver poll. */
const BATCH = 8;

export interface RigOptions extends Omit<Options, 'onTransmit'> {
  engine?: Engine;
  fullDuplex?: boolean;
  /** The module's milliseconds at the start, negative: so many before they wrap. */
  epochMs?: number;
  /** Whether INT is wired. */
  interrupts?: boolean;
  /** How many octets of a received frame the host reads, and in which pieces; all of it, a header first, if left out. */
  reads?: (len: number) => number[];
}

const modules = new Map<boolean, Promise<Uint8Array<ArrayBuffer>>>();

/** The probe module for either duplex, compiled once. */
function module(fullDuplex: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const use = { FULL_DUPLEX: fullDuplex ? 1 : 0, CONNECTIONS: 1 };
  const made = modules.get(fullDuplex) ?? probe('driver', { use });
  modules.set(fullDuplex, made);
  return made;
}

/** A bench whose driver has been started. `ready` waits for the end of bring-up. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  return new Rig(await module(options.fullDuplex ?? false), options);
}

/** The same, with the chip up and its link found. */
export async function readyRig(options: RigOptions = {}): Promise<Rig> {
  const bench = await rig(options);
  if (!bench.until(() => bench.isUp, 200)) throw new Error('the link did not come up');
  return bench;
}

export class Rig {
  readonly clock = new VirtualClock();
  readonly chip: Enc28j60;
  readonly stats: BusStats = { octets: 0, selects: 0 };
  /** Frames that the driver delivered; without those that were only read in part. */
  readonly received: Uint8Array[] = [];
  /** Frames that the chip put on the wire. */
  readonly sent: Uint8Array[] = [];
  /** Called at each frame put on the wire, besides. */
  onTransmit?: (frame: Uint8Array) => void;
  polls = 0;
  readonly call: Readonly<Record<string, ExportedFunction>>;
  private readonly memory: Uint8Array;
  private readonly names: string[];
  private readonly queue: Uint8Array[] = [];
  private readonly epochMs: number;
  private readonly interrupts: boolean;
  private readonly reads: (len: number) => number[];
  private alarm: Alarm | undefined;
  private busyUntil = 0;

  constructor(bytes: Uint8Array, options: RigOptions) {
    const { engine = 'v8', epochMs = 0, interrupts = true, reads = inTwo, ...chipOptions } = options;
    this.epochMs = epochMs;
    this.interrupts = interrupts;
    this.reads = reads;
    this.chip = new Enc28j60(this.clock, {
      ...chipOptions,
      onTransmit: (frame) => {
        this.sent.push(frame);
        this.onTransmit?.(frame);
      },
    });
    const machine = instantiate(engine, bytes, {
      hal: hal(this.chip, () => machine.memory.buffer, this.stats),
    });
    this.call = machine.exports;
    this.memory = new Uint8Array(machine.memory.buffer);
    this.names = this.text(this.call.counterNames!()).split('\n');
    this.call.configure!((MAC[0]! << 8) | MAC[1]!, new DataView(MAC.buffer).getUint32(2));
    this.call.start!(this.nowMs);
    this.resume();
  }

  get nowMs(): number {
    return Math.floor(this.clock.now / MILLISECOND) + this.epochMs;
  }

  get isUp(): boolean {
    return this.call.isUp!() !== 0;
  }

  get isReady(): boolean {
    return this.call.isReady!() !== 0;
  }

  /** A counter of assembly/counters.ts by its name. */
  count(name: string): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new Error(`no counter ${name}`);
    return this.call.counter!(index) >>> 0;
  }

  /** All counters of the link that are not 0. */
  get counters(): Record<string, number> {
    const all = this.names
      .filter((name) => name.startsWith('Link'))
      .map((name) => [name, this.count(name)] as const);
    return Object.fromEntries(all.filter(([, value]) => value !== 0));
  }

  /** Let `ms` milliseconds pass. */
  run(ms: number): void {
    this.clock.run(ms * MILLISECOND);
  }

  /** Let time pass until `condition` holds, at most `ms` milliseconds. Returns whether it held. */
  until(condition: () => boolean, ms: number): boolean {
    return this.clock.runWhile(() => !condition(), ms * MILLISECOND);
  }

  /** A frame for the driver to send, in its turn. */
  send(frame: Uint8Array): void {
    this.queue.push(frame);
    this.pollAt(this.clock.now);
  }

  /** From now on the host does nothing by itself. */
  stop(): void {
    this.chip.onInt = undefined;
    this.alarm?.cancel();
  }

  /** And from now on it does again. */
  resume(): void {
    this.chip.onInt = () => {
      if (this.interrupts) this.pollAt(this.clock.now);
    };
    this.pollAt(this.clock.now);
  }

  /** Frames that the driver has not taken yet. */
  get unsent(): number {
    return this.queue.length;
  }

  /** Poll at `instant`, or when the host is free, unless an earlier poll is set. */
  private pollAt(instant: number): void {
    this.alarm?.cancel();
    this.alarm = this.clock.at(Math.max(instant, this.busyUntil), () => this.poll());
  }

  private poll(): void {
    const { octets, selects } = this.stats;
    const now = this.nowMs;
    this.polls++;
    this.call.poll!(now);
    this.take();
    while (this.queue.length > 0 && this.call.maySend!() !== 0) this.compose(this.queue.shift()!);
    const work = (this.stats.octets - octets) * OCTET + (this.stats.selects - selects) * SELECT;
    this.busyUntil = this.clock.now + work;
    const after = this.call.nextAt!(now);
    if (after < 0) throw new Error(`the driver wants to be polled ${-after} ms ago`);
    const again = (this.interrupts && this.chip.int) || after === 0;
    this.pollAt(again ? this.clock.now : (now - this.epochMs + after) * MILLISECOND);
  }

  private take(): void {
    for (let i = 0; i < BATCH; i++) {
      const len = this.call.receive!();
      if (len === 0) return;
      const address = this.call.buffer!();
      let at = address;
      const parts = this.reads(len);
      if (parts[0] === HEAD) {
        const head = this.call.head!();
        this.memory.copyWithin(at, head, head + HEAD);
        at += parts.shift()!;
      } else {
        this.call.rewind!(0);
      }
      for (const part of parts) {
        const sum = this.call.read!(at, part);
        if (sum !== sumOf(this.memory.subarray(at, at + part))) throw new Error('the sum of a read is wrong');
        at += part;
      }
      if (at - address === len) this.received.push(this.memory.slice(address, at));
      this.call.release!();
    }
  }

  /** Send a frame now, as the stack does: the payload first, the header last. */
  compose(frame: Uint8Array): void {
    const address = this.call.buffer!();
    this.memory.set(frame, address);
    const header = Math.min(HEAD, frame.length);
    if (frame.length > header) {
      const sum = this.call.write!(header, address + header, frame.length - header);
      if (sum !== sumOf(frame.subarray(header))) throw new Error('the sum of a write is wrong');
    }
    this.call.send!(address, header, frame.length);
  }

  private text(address: number): string {
    return new TextDecoder().decode(this.memory.subarray(address, this.memory.indexOf(0, address)));
  }
}

/** Octets of a frame that are read with the chip's header of it. */
const HEAD = 54;

function inTwo(len: number): number[] {
  return len > HEAD ? [HEAD, len - HEAD] : [len];
}

/** RFC 1071, folded, not complemented. */
function sumOf(octets: Uint8Array): number {
  let sum = 0;
  octets.forEach((octet, i) => (sum += i % 2 === 0 ? octet << 8 : octet));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** A frame of `len` octets to the driver, its contents known by `seed`. */
export function frameIn(len: number, seed: number, destination = MAC): Uint8Array {
  return frame(len, seed, destination, PEER);
}

/** A frame of `len` octets from the driver. */
export function frameOut(len: number, seed: number): Uint8Array {
  return frame(len, seed, PEER, MAC);
}

function frame(len: number, seed: number, destination: Uint8Array, source: Uint8Array): Uint8Array {
  const octets = new Uint8Array(len);
  let x = (seed + 1) * 2654435761;
  for (let i = 14; i < len; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    octets[i] = x >>> 16;
  }
  octets.set(destination.subarray(0, 6));
  octets.set(source, 6);
  octets.set([0x08, 0x00], 12);
  return octets;
}

/** The places at which two lists of frames differ; compares octets faster than a matcher does. */
export function differences(actual: Uint8Array[], expected: Uint8Array[]): number[] {
  const places = Array.from({ length: Math.max(actual.length, expected.length) }, (_, i) => i);
  return places.filter((i) => {
    const [a, b] = [actual[i], expected[i]];
    return a === undefined || b === undefined || Buffer.compare(a, b) !== 0;
  });
}

/** A frame as the wire carries it: padded to 60 octets. */
export function padded(frame: Uint8Array): Uint8Array {
  if (frame.length >= 60) return frame;
  const octets = new Uint8Array(60);
  octets.set(frame);
  return octets;
}
