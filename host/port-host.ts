// SPDX-License-Identifier: MIT
// A host without a chip: a port build of the module, whose frames go through linear memory, straight on the wire. The
// gateway's far side is one; so are peers in tests.

import { instantiate } from './machine/machine.ts';
import type { Engine } from './machine/machine.ts';
import { readModule } from './machine/module-file.ts';
import type { Wire } from './net/wire.ts';
import { Host } from './sockets/host.ts';
import type { HostOptions } from './sockets/host.ts';

export interface PortHostOptions extends HostOptions {
  wire: Wire;
  /** Default `v8`. */
  engine?: Engine | undefined;
  /** A port build: its name, its file or its octets. Default `large-port`. */
  module?: Uint8Array | string | undefined;
}

/** Frames that wait for the stack; more are lost, as in any adapter. */
const QUEUE_FRAMES = 256;
/** Octets of the longest frame without FCS, IEEE 802.3 §3.2.7. */
const MAX_FRAME = 1514;

/** A station on the wire that speaks for itself. `start` it. */
export class PortHost extends Host {
  /** Frames lost because the stack was behind, or because they are longer than Ethernet allows. */
  framesLost = 0;
  private readonly port: ReturnType<Wire['attach']>;
  private readonly arrived: Uint8Array[] = [];

  constructor(options: PortHostOptions) {
    super(options, instantiate(options.engine ?? 'v8', readModule(options.module ?? 'large-port'), {}));
    this.port = options.wire.attach(options.name, (frame) => this.arrive(frame));
  }

  protected beforePoll(): void {
    if (this.arrived.length > 0 && this.stack.portReceive(this.arrived[0]!)) this.arrived.shift();
    if (this.arrived.length > 0) this.wake(); // the stack takes one with each poll
  }

  protected afterPoll(): void {
    for (let frame = this.stack.portTransmit(); frame !== undefined; frame = this.stack.portTransmit()) {
      this.port.send(frame);
      this.wake(); // there is room for another
    }
  }

  protected get attention(): boolean {
    return false;
  }

  protected detach(): void {
    this.arrived.length = 0;
  }

  private arrive(frame: Uint8Array): void {
    if (!this.running) return;
    if (this.arrived.length >= QUEUE_FRAMES || frame.length > MAX_FRAME) {
      this.framesLost++;
      return;
    }
    this.arrived.push(frame);
    this.wake();
  }
}
