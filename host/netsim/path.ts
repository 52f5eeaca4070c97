// SPDX-License-Identifier: MIT
// One direction of a long way: frames are lost by chance, wait at a bottleneck if there is one, and arrive a constant
// time later, in order. Leaner than net/wire.ts, which has more misfortunes and a queue without end; every frame costs one
// draw and one event. What is left out: reordering, duplicates, damage, the octets of preamble and FCS.

import { MILLISECOND, SECOND } from '../net/clock.ts';
import type { Clock } from '../net/clock.ts';
import type { Random } from '../net/random.ts';

/** What became of a frame. */
export type FrameFate = 'delivered' | 'lost' | 'dropped';

/** A line of a certain rate with a drop-tail queue before it. Flows that share it share one object. */
export class Bottleneck {
  /** Frames that found the queue full, of those that came. */
  drops = 0;
  frames = 0;
  /** Octets that went through. */
  octets = 0;
  private readonly nsPerOctet: number;
  /** When the last frame that was let in has left, ns. */
  private busyUntil = 0;

  /** `queueOctets` bounds what waits, the rest of the frame on the line included. */
  constructor(
    rateBps: number,
    private readonly queueOctets: number,
  ) {
    this.nsPerOctet = (8 * SECOND) / rateBps;
  }

  /** When a frame of `length` octets that comes at `now` has left; undefined when it is dropped. */
  admit(now: number, length: number): number | undefined {
    this.frames++;
    const start = Math.max(now, this.busyUntil);
    if ((start - now) / this.nsPerOctet + length > this.queueOctets) {
      this.drops++;
      return undefined;
    }
    this.octets += length;
    this.busyUntil = start + length * this.nsPerOctet;
    return this.busyUntil;
  }
}

export interface PathOptions {
  /** From one end to the other, without the time at the bottleneck, ms. */
  delayMs: number;
  /** Probability that a frame is lost. */
  loss: number;
  /** Where the losses come from. */
  chance: Random;
  bottleneck?: Bottleneck | undefined;
}

export class Path {
  /** Frames sent, and those of them that were lost by chance. */
  frames = 0;
  losses = 0;
  /** Frames on their way. */
  inTransit = 0;
  /** Told of every frame as it is sent. */
  onFrame: ((frame: Uint8Array, fate: FrameFate) => void) | undefined;
  private readonly delay: number;

  constructor(
    private readonly clock: Clock,
    private readonly options: PathOptions,
    private readonly deliver: (frame: Uint8Array) => void,
  ) {
    this.delay = options.delayMs * MILLISECOND;
  }

  send(frame: Uint8Array): void {
    const { chance, loss, bottleneck } = this.options;
    this.frames++;
    if (chance.next() < loss) {
      this.losses++;
      this.onFrame?.(frame, 'lost');
      return;
    }
    const { now } = this.clock;
    const leavesAt = bottleneck === undefined ? now : bottleneck.admit(now, frame.length);
    if (leavesAt === undefined) {
      this.onFrame?.(frame, 'dropped');
      return;
    }
    this.onFrame?.(frame, 'delivered');
    this.inTransit++;
    this.clock.at(leavesAt + this.delay, () => {
      this.inTransit--;
      this.deliver(frame);
    });
  }
}
