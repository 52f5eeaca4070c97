// SPDX-License-Identifier: MIT
// Waits for the packet that the script expects and compares it: what it says, then when it was said.

import { distance } from './flow.ts';
import type { Flow } from './flow.ts';
import { heardText } from './heard.ts';
import type { Heard, HeardTcp } from './heard.ts';
import { isPureAck } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import { compareIcmp, compareTcp } from './matcher.ts';
import type { MatchRules } from './matcher.ts';
import { Difference } from './outcome.ts';
import type { Compared } from './outcome.ts';
import type { Event, IcmpPacket, TcpPacket } from './syntax.ts';
import { seconds } from './timeline.ts';
import type { Timeline } from './timeline.ts';
import type { World } from './world.ts';

/** How far a packet that does not come is looked for, to say when it did. */
const LOOK_AHEAD_US = 120e6;

/** When something is to happen, in microseconds of the script. */
export interface Span {
  from: number;
  to: number;
  /** A range, or any time: what follows counts from when it does happen. */
  isOpen: boolean;
}

export class Expectation {
  constructor(
    private readonly world: World,
    private readonly inbox: Inbox,
    private readonly time: Timeline,
    private readonly rules: MatchRules,
  ) {}

  /** Throws a Difference. Returns when it happened, by the script. */
  expect(event: Event, packet: TcpPacket | IcmpPacket, { from, to, isOpen }: Span): number {
    this.time.advance(from, () => !this.inbox.isEmpty);
    if (packet.kind === 'tcp' && this.isForgiven(event, packet, from)) return from;
    for (;;) {
      const heard = this.next(packet, to);
      const fields = this.compare(packet, heard);
      if (fields.some(({ differs }) => differs)) {
        if (this.isNoAnswer(packet, heard)) continue;
        throw new Difference(`the packet differs in: ${differing(fields)}`, fields);
      }
      this.checkTime(heard.at, from, to, fields);
      this.inbox.checkOwed(this.time.now);
      return isOpen ? heard.at : from;
    }
  }

  /** The next packet, joined from several when the script, which knows of segmentation offload, shows one. */
  private next(packet: TcpPacket | IcmpPacket, to: number): Heard {
    const limit = to + this.time.slack;
    this.time.advance(limit, () => !this.inbox.isEmpty);
    const heard = this.inbox.take();
    if (heard === undefined) return this.missing(limit);
    if (packet.kind !== 'tcp' || heard.kind !== 'tcp' || this.rules.strict) return heard;
    return this.joined(packet, heard, limit);
  }

  private missing(limit: number): never {
    this.time.advance(limit + LOOK_AHEAD_US, () => !this.inbox.isEmpty);
    const late = this.inbox.first;
    const then = late === undefined ? '' : `; at ${seconds(late.at)} s it says ${heardText(late)}`;
    throw new Difference(`the stack says nothing until ${seconds(limit)} s${then}`);
  }

  private joined(packet: TcpPacket, first: HeardTcp, limit: number): HeardTcp {
    const { flow } = first;
    if (packet.length <= first.tcp.payload.length || first.tcp.payload.length === 0) return first;
    if (flow.toScript(first.tcp.seq) !== packet.seq) return first;
    const parts = [first];
    let length = first.tcp.payload.length;
    while (length < packet.length) {
      this.time.advance(limit, () => !this.inbox.isEmpty);
      const part = this.inbox.first;
      const follows =
        part?.kind === 'tcp' &&
        part.flow === flow &&
        part.tcp.payload.length > 0 &&
        distance(part.tcp.seq, first.tcp.seq) === length &&
        part.tcp.ack === first.tcp.ack;
      if (!follows) break;
      this.inbox.take();
      parts.push(part);
      length += part.tcp.payload.length;
    }
    if (length !== packet.length) {
      this.inbox.putBack(...parts.slice(1));
      return first;
    }
    const last = parts.at(-1) ?? first;
    const payload = Buffer.concat(parts.map(({ tcp }) => tcp.payload));
    return { ...last, at: first.at, tcp: { ...last.tcp, seq: first.tcp.seq, payload } };
  }

  private compare(packet: TcpPacket | IcmpPacket, heard: Heard): Compared[] {
    if (packet.kind === 'tcp' && heard.kind === 'tcp') {
      return compareTcp(packet, heard, this.rules);
    }
    if (packet.kind === 'icmp' && heard.kind === 'icmp') return compareIcmp(packet, heard);
    return [{ name: 'packet', expected: packet.kind, real: heardText(heard), differs: true }];
  }

  /**
   * What is passed over outside of strict mode when something else is expected: a pure ACK that repeats the last one with
   * another window, and ICMP when the script waits for a segment.
   */
  private isNoAnswer(packet: TcpPacket | IcmpPacket, heard: Heard): boolean {
    if (this.rules.strict) return false;
    if (heard.kind === 'icmp') return packet.kind === 'tcp';
    if (heard.kind !== 'tcp' || !isPureAck(heard)) return false;
    return heard.previous?.ack === heard.tcp.ack && heard.previous.window !== heard.tcp.window;
  }

  /** Whether the ACK that the script expects now may still be delayed, or has come with another one. */
  private isForgiven(event: Event, packet: TcpPacket, from: number): boolean {
    const { flags, length, options, ack } = packet;
    if (this.rules.strict || !this.inbox.isEmpty || flags !== '.' || length > 0 || ack === undefined)
      return false;
    if (options !== 'any' && options?.some(({ kind }) => kind === 'sack')) return false;
    const flow = this.world.flows.current;
    if (flow === undefined) return false;
    if (this.inbox.wasAbsorbed(flow, packet, from)) return true;
    const isNew = flow.lastAck !== undefined && distance(ack, flow.lastAck) > 0;
    if (!isNew || !this.hasReceived(flow, ack)) return false;
    this.inbox.owe(flow, ack, from, event);
    return true;
  }

  private hasReceived(flow: Flow, ack: number): boolean {
    const info = this.world.infoOf(flow);
    return info !== undefined && distance(info.rcvNxt, ack) >= 0;
  }

  private checkTime(at: number, from: number, to: number, fields: readonly Compared[]): void {
    const { slack } = this.time;
    if (at >= from - slack && at <= to + slack) return;
    const expected = to === from ? `${seconds(from)} s` : `${seconds(from)} … ${seconds(to)} s`;
    const time: Compared = { name: 'time', expected, real: `${seconds(at)} s`, differs: true };
    const off = at < from ? `${seconds(from - at)} s early` : `${seconds(at - to)} s late`;
    throw new Difference(`the packet is ${off}`, [time, ...fields]);
  }
}

function differing(fields: readonly Compared[]): string {
  return fields
    .filter(({ differs }) => differs)
    .map(({ name }) => name)
    .join(', ');
}
