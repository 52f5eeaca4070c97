// SPDX-License-Identifier: MIT
// A line with the peer's connections at its end: what the stack sends finds its way to the one that it is for, ARP is
// answered, and anything nobody waits for is an error.

import { parseIpv4, parseMac } from '../machine/address.ts';
import { decode, describe } from '../view/decode.ts';
import { checked, FarEnd } from './far-end.ts';
import { arpReply, PEER, STACK } from './frames.ts';
import type { Line } from './line.ts';

/** What anybody's secret may be, so that a recording repeats. */
const SEED = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;

/** Long enough for the chip to come up, ms. */
const BRING_UP = 500;

export class Stage {
  readonly line: Line;
  private readonly ends = new Map<number, FarEnd>();
  private nextPort = 1024;

  /** Starts the stack. */
  constructor(line: Line) {
    this.line = line;
    const { stack } = line.recorder;
    stack.configure({
      mac: parseMac(STACK.mac),
      address: parseIpv4(STACK.address),
      netmask: parseIpv4('255.255.255.0'),
      gateway: 0,
    });
    stack.seed(...SEED);
    stack.start(line.now);
    this.take(line.poll());
    this.take(line.rest(BRING_UP));
  }

  /** A frame of the peer's, and what the stack says to it. How many frames that is. */
  give(frame: Uint8Array): number {
    return this.take(this.line.give(frame));
  }

  /** What the stack sends by itself. How many frames that is. */
  poll(): number {
    return this.take(this.line.poll());
  }

  /** A connection to the stack's `port` that is not open yet. */
  meet(port: number): FarEnd {
    const end = new FarEnd(this.nextPort++, port);
    this.ends.set(end.port, end);
    return end;
  }

  /** An open connection. */
  open(port: number): FarEnd {
    const end = this.meet(port);
    this.give(end.syn());
    if (!end.isOpen) throw new Error(`the stack does not answer on port ${port}`);
    this.give(end.ack());
    return end;
  }

  /** Nothing more is expected of this connection. */
  forget(end: FarEnd): void {
    this.ends.delete(end.port);
  }

  private take(frames: Uint8Array[]): number {
    for (const frame of frames) {
      const { arp } = decode(frame);
      if (arp === undefined) {
        const decoded = checked(frame);
        const end = this.ends.get(decoded.tcp.destinationPort);
        if (end?.stackPort !== decoded.tcp.sourcePort)
          throw new Error(`for no connection: ${describe(decoded)}`);
        end.take(decoded);
      } else if (arp.operation === 1 && arp.targetAddress === PEER.address) {
        this.give(arpReply());
      }
    }
    return frames.length;
  }
}
