// SPDX-License-Identifier: MIT
// A receiver and the network before it, for transfers in which anything may happen to segments and acknowledgments: lost,
// doubled, late. It keeps what it holds and what it has told octet by octet, which is what a sender's scoreboard is held
// against. Places are offsets into the stream of `octets`; times are the dialogue's milliseconds.

import assert from 'node:assert/strict';
import type { Random } from '../../host/net/random.ts';
import { octets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

export interface Weather {
  /** Per cent of the segments and of the acknowledgments that are lost, and of the segments that come twice. */
  loss: number;
  ackLoss: number;
  duplicate: number;
  /** ms one way, and how much more it may take. */
  delay: number;
  jitter: number;
  /** Per cent of the arrivals after which the receiver throws away all that it holds out of order. RFC 2018 §8. */
  renege: number;
}

interface Event {
  at: number;
  act: () => void;
}

export class LossyReceiver {
  /** Octets that were delivered in order. */
  next = 0;
  /** Whether the peer has told of the octet, in a block that the stack was given. */
  readonly told: boolean[] = [];
  /** All before this was acknowledged to the stack. */
  una = 0;
  /** All before this was sent by the stack. */
  nxt = 0;
  /** Octets that were sent although they had been told of. */
  needless = 0;
  private readonly held: boolean[] = [];
  /** First octets of the segments out of order, the last to come first. */
  private latest: number[] = [];
  private readonly t: Dialogue;
  private readonly random: Random;
  private readonly weather: Weather;
  private events: Event[] = [];

  constructor(t: Dialogue, random: Random, weather: Weather) {
    this.t = t;
    this.random = random;
    this.weather = weather;
  }

  /** Let up to `ms` milliseconds pass, with what arrives in them. */
  advance(ms: number): void {
    for (const end = this.t.now + ms; this.t.now < end;) {
      this.listen();
      // Never farther than what may be said meanwhile takes to arrive.
      const due = Math.min(end, this.t.now + this.weather.delay, ...this.events.map(({ at }) => at));
      if (due > this.t.now) this.t.advance(due - this.t.now);
      this.listen();
      const now = this.events.filter(({ at }) => at <= this.t.now).sort((a, b) => a.at - b.at);
      this.events = this.events.filter((event) => !now.includes(event));
      for (const { act } of now) act();
    }
  }

  /** Take up what the stack has said, and decide what becomes of it. */
  listen(): void {
    for (const { seq, text, at } of this.t.peer.heard.splice(0)) {
      if (text === '') continue;
      const from = ((seq - this.t.peer.iss) >>> 0) - 1;
      assert.equal(text, octets(text.length, from), 'the text is that of its place');
      for (let i = from; i < Math.min(from + text.length, this.nxt); i++) if (this.told[i]) this.needless++;
      this.nxt = Math.max(this.nxt, from + text.length);
      const times = this.happens(this.weather.loss) ? 0 : this.happens(this.weather.duplicate) ? 2 : 1;
      for (let i = 0; i < times; i++)
        this.events.push({ at: at + this.travel(), act: () => this.arrives(from, text.length) });
    }
  }

  private happens(perCent: number): boolean {
    return this.random.below(1_000) < perCent * 10;
  }

  private travel(): number {
    return this.weather.delay + this.random.below(this.weather.jitter + 1);
  }

  /** [from, from + len) is here: an ACK goes back. */
  private arrives(from: number, len: number): void {
    let isDuplicate = true;
    for (let i = from; i < from + len; i++) {
      if (i >= this.next && !this.held[i]) isDuplicate = false;
      this.held[i] = true;
    }
    while (this.held[this.next]) this.next++;
    if (this.happens(this.weather.renege)) {
      this.held.length = this.next;
      this.latest = [];
    }
    this.latest = [from, ...this.latest.filter((place) => place !== from && place >= this.next)];
    const blocks = this.blocks();
    if (isDuplicate) blocks.unshift([from, from + len]);
    const ack = this.next;
    if (this.happens(this.weather.ackLoss)) return;
    this.events.push({
      at: this.t.now + this.travel(),
      act: () => this.acknowledge(ack, blocks.slice(0, 4)),
    });
  }

  /** The runs out of order, the one that the last segment is in first. */
  private blocks(): [number, number][] {
    const found: [number, number][] = [];
    for (const place of this.latest) {
      if (place < this.next || !this.held[place]) continue;
      if (found.some(([from, to]) => place >= from && place < to)) continue;
      let [from, to] = [place, place];
      while (this.held[from - 1]) from--;
      while (this.held[to]) to++;
      found.push([from, to]);
    }
    return found;
  }

  /** The stack hears it. */
  private acknowledge(ack: number, blocks: [number, number][]): void {
    this.una = Math.max(this.una, ack);
    for (const [from, to] of blocks)
      if (from >= this.una && to <= this.nxt) for (let i = from; i < to; i++) this.told[i] = true;
    const sack = blocks.map(([from, to]): [number, number] => [1 + from, 1 + to]);
    this.t.peer.send('A', { ack: 1 + ack, ...(sack.length > 0 ? { sack } : {}) });
    this.listen();
  }

  /** Nothing is on its way. */
  get isQuiet(): boolean {
    return this.events.length === 0;
  }

  /** Octets in flight that the stack was told of. */
  get sacked(): number {
    let count = 0;
    for (let i = this.una; i < this.nxt; i++) if (this.told[i]) count++;
    return count;
  }
}
