// SPDX-License-Identifier: MIT
// One connection that carries text one way: B connects to A and fills its send ring at every poll, A listens and takes all
// that there is at every poll. Each octet that arrives is compared with what was sent.

import { parseIpv4 } from '../machine/address.ts';
import type { Engine } from '../machine/machine.ts';
import { Option } from '../machine/stack.ts';
import type { Stack } from '../machine/stack.ts';
import type { VirtualClock } from '../net/clock.ts';
import { Random } from '../net/random.ts';
import type { Bottleneck } from './path.ts';
import { Path } from './path.ts';
import { Station } from './station.ts';

export interface TransferOptions {
  clock: VirtualClock;
  engine: Engine;
  /** A port build, for both ends. */
  module: Uint8Array;
  /** Octets that A is to receive; Infinity: for as long as the run lasts. */
  octets: number;
  /** Probability of loss, each way. */
  loss: number;
  /** All chance; another seed, other losses. */
  seed: number;
  /** Names this flow among others of the same seed. */
  name?: string;
  toReceiver: { delayMs: number; bottleneck?: Bottleneck | undefined };
  toSender: { delayMs: number; bottleneck?: Bottleneck | undefined };
}

const RECEIVER = { host: 1, port: 5000 };
const SENDER = { host: 2 };
/** The greatest user timeout there is: the connection is to outlast any row of losses, as the scenario's other stacks do. */
const USER_TIMEOUT_MS = 2 ** 30;
/** The text repeats after a prime number of octets, so that no ring or segment does. */
const PERIOD = 65_521;
const TEXT = textOf(PERIOD + 2 ** 20);

export class Transfer {
  readonly receiver: Station;
  readonly sender: Station;
  readonly toReceiver: Path;
  readonly toSender: Path;
  received = 0;
  /** When the last octet was there, ns; undefined until then. */
  doneAt: number | undefined;
  /** The sender's socket. */
  readonly socket: number;
  private readonly options: TransferOptions;
  private readonly listener: number;
  private accepted: number | undefined;
  private sent = 0;

  constructor(options: TransferOptions) {
    this.options = options;
    const { clock, engine, module, loss, seed, name = 'flow', toReceiver, toSender } = options;
    const chance = new Random(seed, name);
    const station = (host: number): Station =>
      new Station({ clock, engine, module, host, chance: chance.fork(`host ${host}`) });
    const { stack: a } = (this.receiver = station(RECEIVER.host));
    const { stack: b } = (this.sender = station(SENDER.host));
    this.toReceiver = new Path(clock, { ...toReceiver, loss, chance: chance.fork('B to A') }, (frame) =>
      this.receiver.arrive(frame),
    );
    this.toSender = new Path(clock, { ...toSender, loss, chance: chance.fork('A to B') }, (frame) =>
      this.sender.arrive(frame),
    );
    this.sender.send = (frame) => this.toReceiver.send(frame);
    this.receiver.send = (frame) => this.toSender.send(frame);

    this.listener = a.socket();
    a.bind(this.listener, 0, RECEIVER.port);
    a.listen(this.listener, 1);
    this.receiver.program = (stack) => this.receive(stack);

    this.socket = b.socket();
    b.connect(this.socket, parseIpv4(`10.0.0.${RECEIVER.host}`), RECEIVER.port);
    b.setsockopt(this.socket, Option.TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    this.sender.program = (stack) => this.feed(stack);
  }

  /** B: fill the send ring. */
  private feed(stack: Stack): boolean {
    const before = this.sent;
    for (let span = stack.sendSpan(this.socket); span.length > 0; span = stack.sendSpan(this.socket)) {
      const from = this.sent % PERIOD;
      span.set(TEXT.subarray(from, from + span.length));
      stack.sendCommit(this.socket, span.length);
      this.sent += span.length;
    }
    return this.sent > before;
  }

  /** A: take what has come. */
  private receive(stack: Stack): boolean {
    this.accepted ??= stack.accept(this.listener);
    if (this.accepted === undefined) return false;
    const before = this.received;
    for (let span = stack.recvSpan(this.accepted); span.length > 0; span = stack.recvSpan(this.accepted)) {
      const from = this.received % PERIOD;
      if (TEXT.compare(span, 0, span.length, from, from + span.length) !== 0) {
        throw new Error(`what was received differs from what was sent, after octet ${this.received}`);
      }
      stack.recvCommit(this.accepted, span.length);
      this.received += span.length;
    }
    if (this.doneAt === undefined && this.received >= this.options.octets) {
      this.doneAt = this.options.clock.now;
    }
    return this.received > before;
  }
}

/** `length` octets of which any PERIOD in a row say all. */
function textOf(length: number): Buffer {
  const text = Buffer.alloc(length);
  const chance = new Random(0, 'text');
  for (let i = 0; i < PERIOD; i++) text[i] = chance.u32();
  for (let i = PERIOD; i < length; i++) text[i] = text[i - PERIOD]!;
  return text;
}
