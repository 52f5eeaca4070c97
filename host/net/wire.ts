// SPDX-License-Identifier: MIT
// An Ethernet segment, IEEE 802.3: what one port sends, all others receive; whose frame it is their MACs decide. Full
// duplex: a port waits for its own earlier frames only. On the way a frame may be delayed, lost, held back past later
// ones, doubled or damaged, by chance that repeats: each port has streams of its own, drawn alike for every frame, so
// that the same seed loses the same frames. Left out: collisions, pause frames, VLANs, a switch's table.

import { MILLISECOND, SECOND } from './clock.ts';
import type { Clock } from './clock.ts';
import { Random } from './random.ts';

/** Octets that a frame occupies the line with besides its own, IEEE 802.3 §3.1.1 and §4.4.2. */
const PREAMBLE = 8;
const FCS = 4;
const GAP = 12;
/** What is shorter, without FCS, the sender's MAC pads, IEEE 802.3 §3.2.8. */
const MIN_FRAME = 60;
/** A full frame on the line; how far frames are held back is measured in these. */
const FULL_FRAME = PREAMBLE + 1514 + FCS + GAP;
/** Least unit of holding back, in nanoseconds, for wires that are faster than the hosts on them. */
const MIN_HOLD = 2 * MILLISECOND;
/** A frame is held back for one to so many units. */
const HOLD_UNITS = 4;

/** What may happen to frames. Probabilities are 0 … 1 per frame. */
export interface Impairments {
  /** Bits per second, 0 = no limit. Default 10,000,000 (10BASE-T). */
  rateBps?: number;
  /** Milliseconds from one end to the other. Default 0. */
  delayMs?: number;
  /** Up to so many milliseconds more, evenly spread; frames keep their order. Default 0. */
  jitterMs?: number;
  /** Probability of loss. Default 0, as for the others. */
  loss?: number;
  /** Probability to be held back so long that later frames pass, if there are any. */
  reorder?: number;
  /** Probability to arrive twice. */
  duplicate?: number;
  /** Probability that one to three bits flip. The FCS finds every such error, so MACs drop the frame. */
  corrupt?: number;
  /**
   * The FCS of corrupted frames looks good, and the Internet checksum must find the error: one bit flips in the IPv4
   * packet. Frames that are not IPv4 have no such second line, and keep their bad FCS. Default false.
   */
  corruptPastFcs?: boolean;
}

export interface WireOptions extends Impairments {
  /** Seed of all chance on this wire, a whole number. Default 0. */
  seed?: number;
}

/** What a port is, and what happens to the frames it sends where that differs from the wire's. */
export interface PortOptions extends Impairments {
  /** The receiver has a MAC of its own and looks at `badFcs`; other ports are spared such frames. Default false. */
  checksFcs?: boolean;
}

/**
 * Takes a frame, without FCS, at the instant its last bit arrives. The octets are shared by all receivers: they may be
 * kept, not changed.
 */
export type Receiver = (frame: Uint8Array, arrival: { badFcs: boolean }) => void;

/** What became of a frame. A frame that arrives twice is reported twice, the second time as duplicated. */
export type Fate = 'delivered' | 'lost' | 'corrupted' | 'reordered' | 'duplicated';

/** A frame on the wire, as those who only watch see it. */
export interface WireFrame {
  /** Counts from 1 in the order in which frames left their ports; the same for both of a duplicated pair. */
  number: number;
  /** Name of the port that sent it. */
  sender: string;
  /** The octets that left, padded, without FCS. */
  frame: Uint8Array;
  /** The octets that arrive: `frame` itself unless corrupted. */
  arrived: Uint8Array;
  /** When its last bit left, in nanoseconds. */
  sentAt: number;
  /** When its last bit arrives, in nanoseconds; undefined when lost. */
  arrivesAt: number | undefined;
  fate: Fate;
  /** The FCS does not fit `arrived`. */
  badFcs: boolean;
}

/** A place to plug in. */
export interface Port {
  readonly name: string;
  /**
   * Put a frame, from destination address to the end of its data, on the segment: its first bit leaves now, or when the
   * port's earlier frames have left. The octets are copied.
   */
  send(frame: Uint8Array): void;
  /** From the next frame on, these impairments of what this port sends. RangeError as for `Wire`. */
  impair(impairments: Impairments): void;
}

/** The rules of one port: every impairment has a value. */
type Rules = Required<Impairments>;

const PERFECT: Rules = {
  rateBps: 10_000_000,
  delayMs: 0,
  jitterMs: 0,
  loss: 0,
  reorder: 0,
  duplicate: 0,
  corrupt: 0,
  corruptPastFcs: false,
};

/** The segment. */
export class Wire {
  /**
   * Decides instead of chance what becomes of a frame, for scripted conversations: called as each frame leaves its
   * port; undefined leaves it to chance. `duplicated` means delivered twice.
   */
  script: ((frame: Uint8Array, sender: string) => Fate | undefined) | undefined;

  private readonly clock: Clock;
  private readonly rules: Rules;
  private readonly chance: Random;
  private readonly ports = new Map<string, WirePort>();
  private readonly listeners = new Set<(frame: WireFrame) => void>();
  private frames = 0;

  /** RangeError, in one line, for a probability outside 0 … 1, a negative rate or time, a seed that is not whole. */
  constructor(clock: Clock, options: WireOptions = {}) {
    this.clock = clock;
    this.rules = withRules(PERFECT, options);
    this.chance = new Random(options.seed ?? 0);
  }

  /**
   * Plug in under `name`. `receiver` gets every frame that others send and that is not lost, at its time, never from
   * within a `send`. Throws an Error when the name is taken: it selects the streams of chance.
   */
  attach(name: string, receiver: Receiver, options: PortOptions = {}): Port {
    if (this.ports.has(name)) throw new Error(`a port named ${name} is attached already`);
    const port: WirePort = new WirePort(name, receiver, options, withRules(this.rules, options), {
      clock: this.clock,
      chance: this.chance.fork(name),
      count: () => ++this.frames,
      decide: (frame) => this.script?.(frame, name),
      report: (seen) => this.listeners.forEach((listener) => listener(seen)),
      deliver: (frame, badFcs) => this.deliver(port, frame, badFcs),
    });
    this.ports.set(name, port);
    return port;
  }

  /**
   * Watch: `listener` is told of every frame when its last bit has left its port, thus in the order of `sentAt`, and
   * before anyone receives it. Returns a function that ends the watching.
   */
  onFrame(listener: (frame: WireFrame) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private deliver(from: WirePort, frame: Uint8Array, badFcs: boolean): void {
    for (const port of this.ports.values()) {
      if (port !== from && (!badFcs || port.checksFcs)) port.receiver(frame, { badFcs });
    }
  }
}

/** What a port needs of its wire. */
interface Segment {
  clock: Clock;
  chance: Random;
  count(): number;
  decide(frame: Uint8Array): Fate | undefined;
  report(seen: WireFrame): void;
  deliver(frame: Uint8Array, badFcs: boolean): void;
}

class WirePort implements Port {
  readonly checksFcs: boolean;
  /** One draw per impairment and frame: what one of them does to a frame never depends on the others' settings. */
  private readonly draws: Record<'loss' | 'reorder' | 'duplicate' | 'corrupt' | 'jitter', Random>;
  private readonly bits: Random;
  private readonly hold: Random;
  /** The line is taken until then, in nanoseconds. */
  private busyUntil = 0;
  /** When the last frame that was not held back arrives: jitter does not overtake it. */
  private lastArrival = 0;

  constructor(
    readonly name: string,
    readonly receiver: Receiver,
    options: PortOptions,
    private rules: Rules,
    private readonly segment: Segment,
  ) {
    this.checksFcs = options.checksFcs ?? false;
    const stream = (what: string): Random => segment.chance.fork(what);
    this.draws = {
      loss: stream('loss'),
      reorder: stream('reorder'),
      duplicate: stream('duplicate'),
      corrupt: stream('corrupt'),
      jitter: stream('jitter'),
    };
    this.bits = stream('bits');
    this.hold = stream('hold');
  }

  impair(impairments: Impairments): void {
    this.rules = withRules(this.rules, impairments);
  }

  send(octets: Uint8Array): void {
    const frame = new Uint8Array(Math.max(MIN_FRAME, octets.length));
    frame.set(octets);
    const { clock } = this.segment;
    const now = clock.now;
    const start = Math.max(now, this.busyUntil);
    const leavesAt = start + this.lineTime(PREAMBLE + frame.length + FCS);
    this.busyUntil = start + this.lineTime(PREAMBLE + frame.length + FCS + GAP);
    if (leavesAt <= now) this.leave(frame, now);
    else clock.at(leavesAt, () => this.leave(frame, leavesAt));
  }

  /** Nanoseconds that so many octets take. */
  private lineTime(octets: number): number {
    return this.rules.rateBps === 0 ? 0 : Math.ceil((octets * 8 * SECOND) / this.rules.rateBps);
  }

  /** The last bit has left: settle the frame's fate. */
  private leave(frame: Uint8Array, sentAt: number): void {
    const { segment, rules } = this;
    const jitter = this.draws.jitter.next() * rules.jitterMs;
    // Every stream is drawn from, whatever the outcome of the others.
    const falls = {
      lost: this.draws.loss.next() < rules.loss,
      corrupted: this.draws.corrupt.next() < rules.corrupt,
      reordered: this.draws.reorder.next() < rules.reorder,
      duplicated: this.draws.duplicate.next() < rules.duplicate,
    };
    const scripted = segment.decide(frame);
    const fate: Fate = scripted ?? firstFate(falls);
    const twice = scripted === undefined ? falls.duplicated : scripted === 'duplicated';
    const seen = { number: segment.count(), sender: this.name, frame, sentAt };

    if (fate === 'lost') {
      segment.report({ ...seen, arrived: frame, arrivesAt: undefined, fate, badFcs: false });
      return;
    }
    const onTime = Math.max(this.lastArrival, sentAt + Math.round((rules.delayMs + jitter) * MILLISECOND));
    this.lastArrival = onTime;
    const first = { ...seen, arrived: frame, arrivesAt: onTime, badFcs: false };
    if (fate === 'corrupted') this.pass({ ...first, fate, ...this.damage(frame) });
    else if (fate === 'reordered') this.pass({ ...first, fate, arrivesAt: onTime + this.holdTime() });
    else this.pass({ ...first, fate: 'delivered' });
    if (twice) this.pass({ ...first, fate: 'duplicated' });
  }

  private pass(seen: WireFrame & { arrivesAt: number }): void {
    this.segment.report(seen);
    this.segment.clock.at(seen.arrivesAt, () => this.segment.deliver(seen.arrived, seen.badFcs));
  }

  private holdTime(): number {
    const unit = Math.max(MIN_HOLD, this.lineTime(FULL_FRAME));
    return Math.round(unit * (1 + this.hold.next() * (HOLD_UNITS - 1)));
  }

  private damage(frame: Uint8Array): { arrived: Uint8Array; badFcs: boolean } {
    const arrived = frame.slice();
    const packet = this.rules.corruptPastFcs ? ipv4Extent(frame) : undefined;
    const { from, to } = packet ?? { from: 0, to: frame.length };
    // A single flipped bit always shows in an Internet checksum; two may cancel out (RFC 1071). Up to three always show
    // in the FCS. The same bit is not flipped twice: each has its third of the frame's bits.
    const flips = packet === undefined ? 1 + this.bits.below(3) : 1;
    for (let i = 0; i < flips; i++) {
      const bit = from * 8 + this.bits.below(Math.floor(((to - from) * 8) / flips)) * flips + i;
      arrived[bit >> 3]! ^= 0x80 >> (bit & 7);
    }
    return { arrived, badFcs: packet === undefined };
  }
}

/** Of several misfortunes the frame is said to have had the first. */
function firstFate(falls: { lost: boolean; corrupted: boolean; reordered: boolean }): Fate {
  if (falls.lost) return 'lost';
  if (falls.corrupted) return 'corrupted';
  return falls.reordered ? 'reordered' : 'delivered';
}

/** The octets of the IPv4 packet in a frame, without padding; undefined when there is none. */
function ipv4Extent(frame: Uint8Array): { from: number; to: number } | undefined {
  const from = 14;
  if (frame[12] !== 0x08 || frame[13] !== 0x00) return undefined;
  const length = (frame[from + 2]! << 8) | frame[from + 3]!;
  return length < 20 || from + length > frame.length ? undefined : { from, to: from + length };
}

/** `base`, changed by what `changes` gives, proved to be in range. */
function withRules(base: Rules, changes: Impairments): Rules {
  const rules: Rules = {
    rateBps: changes.rateBps ?? base.rateBps,
    delayMs: changes.delayMs ?? base.delayMs,
    jitterMs: changes.jitterMs ?? base.jitterMs,
    loss: changes.loss ?? base.loss,
    reorder: changes.reorder ?? base.reorder,
    duplicate: changes.duplicate ?? base.duplicate,
    corrupt: changes.corrupt ?? base.corrupt,
    corruptPastFcs: changes.corruptPastFcs ?? base.corruptPastFcs,
  };
  for (const name of ['rateBps', 'delayMs', 'jitterMs'] as const) {
    const value = rules[name];
    if (!(value >= 0 && value < Infinity)) {
      throw new RangeError(`${name} must be 0 or more, not ${value}`);
    }
  }
  for (const name of ['loss', 'reorder', 'duplicate', 'corrupt'] as const) {
    const value = rules[name];
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`${name} must be a probability from 0 to 1, not ${value}`);
    }
  }
  return rules;
}
