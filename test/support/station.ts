// SPDX-License-Identifier: MIT
// An instance on the port link without the checks of a dialogue, for tests of many thousands of frames. Time stands until
// it is told to pass; frames go to a function.

import { instantiate } from '../../host/machine/machine.ts';
import type { Engine, ExportedFunction } from '../../host/machine/machine.ts';

/** Polls after which a stack that does not come to rest never will. */
const POLLS = 10_000;

export interface StationOptions {
  address: number;
  /** The last four octets of 02:00:… */
  mac: number;
  netmask?: number;
  gateway?: number;
  seed?: readonly number[];
  start?: number;
}

export class Station {
  readonly call: Readonly<Record<string, ExportedFunction>>;
  readonly memory: Uint8Array<ArrayBuffer>;
  /** u32 milliseconds. */
  now: number;
  /** Milliseconds until it wants to be polled. */
  due = 0;
  /** Its frames stay in the port: both of its buffers fill, and it cannot send. */
  holds = false;
  /** What it sends; the octets are the receiver's to keep. */
  onFrame: (frame: Buffer) => void = () => {};
  private readonly inbound: number;

  constructor(engine: Engine, module: Uint8Array, options: StationOptions) {
    const machine = instantiate(engine, module, {});
    this.call = machine.exports;
    this.memory = new Uint8Array(machine.memory.buffer);
    this.now = options.start ?? 10_000;
    this.inbound = this.call.portReceiveBuffer!() >>> 0;
    const { address, mac, netmask = 0xffffff00, gateway = 0, seed = [1, 2, 3, 4] } = options;
    this.call.configure!(0x0200, mac, address, netmask, gateway);
    this.call.seed!(...seed);
    this.call.start!(this.now);
    this.run();
  }

  /** Hand a frame in; the stack acts on it when it runs. */
  put(frame: Uint8Array): void {
    if (this.call.portReceive!(frame.length) !== 0) {
      // The frame before may need an answer that cannot be sent while we hold.
      this.holds = false;
      this.run();
      if (this.call.portReceive!(frame.length) !== 0) throw new Error('the port did not take a frame');
    }
    this.memory.set(frame, this.inbound);
  }

  /** Hand a frame in and let the stack come to rest. */
  deliver(frame: Uint8Array): void {
    this.put(frame);
    this.run();
  }

  /** Poll until the stack is at rest. */
  run(): void {
    const { poll, portTransmitLength, portTransmitBuffer, portTransmitDone } = this.call;
    for (let polls = 0; polls < POLLS; polls++) {
      const wait = poll!(this.now) >>> 0;
      let sent = 0;
      for (let length = this.holds ? 0 : portTransmitLength!(); length > 0; length = portTransmitLength!()) {
        const from = portTransmitBuffer!() >>> 0;
        const frame = Buffer.from(this.memory.slice(from, from + length));
        portTransmitDone!();
        this.onFrame(frame);
        sent++;
      }
      if (wait > 0 && sent === 0) {
        this.due = wait >= 0x7fffffff ? Infinity : wait;
        return;
      }
    }
    throw new Error('the stack does not come to rest');
  }

  /** Let time pass; the stack is polled whenever it asked to be, and at the end. */
  advance(ms: number): void {
    for (let rest = ms; rest > 0;) {
      const step = Math.min(rest, this.due);
      this.now = (this.now + step) >>> 0;
      rest -= step;
      this.run();
    }
  }

  /** u32 words at an address. */
  words(address: number, count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.memory.buffer, address >>> 0, count);
  }
}
