// SPDX-License-Identifier: MIT
// Runs one script against one stack, event by event, in virtual time. What comes in and what programs call happens at the
// script's time; what goes out is waited for. Calls that block are tried again whenever the stack has moved. The first
// thing that is not as the script says ends the run.

import { MICROSECOND } from '../net/clock.ts';
import type { Answer } from './descriptor.ts';
import { callText, handlerOf } from './calls.ts';
import type { Attempt } from './calls.ts';
import { numberOf } from './arguments.ts';
import { runCode } from './code.ts';
import { icmpFrame, tcpFrames } from './inbound.ts';
import { distance } from './flow.ts';
import type { Flow } from './flow.ts';
import { hear, heardText } from './heard.ts';
import type { Heard, HeardTcp } from './heard.ts';
import { Inbox, isPureAck } from './inbox.ts';
import { compareIcmp, compareTcp } from './matcher.ts';
import type { MatchRules } from './matcher.ts';
import { Difference, Skip } from './outcome.ts';
import type { Compared } from './outcome.ts';
import type { Prescan } from './prescan.ts';
import type { Subject } from './subject.ts';
import type { Call, Event, IcmpPacket, Script, TcpPacket } from './syntax.ts';
import { INFO_CONSTANTS, infoField, isInfoField } from './tcp-info.ts';
import { World } from './world.ts';

/** What watches a run, to draw it. */
export interface Watcher {
  frame(sender: 'script' | 'stack', frame: Uint8Array): void;
  call(text: string): void;
}

/** Microseconds by which the module's clock, which counts milliseconds, may be off. */
const CLOCK_US = 1_000;
/** How long is waited for any packet, `*`: longer than anything that a TCP does by itself. */
const ANY_TIME_US = 3_600e6;
/** How far a packet that does not come is looked for, to say when it did. */
const LOOK_AHEAD_US = 120e6;

interface Pending {
  event: Event;
  call: Call;
  end: number;
  startedAt: number;
  attempt: Attempt;
}

interface Span {
  from: number;
  to: number;
  /** The event's own time is when it happens. */
  isOpen: boolean;
}

export class Runner {
  private readonly world: World;
  private readonly inbox: Inbox;
  private readonly origin: number;
  private readonly variables = new Map<string, number>();
  private pending: Pending[] = [];
  private hasMoved = false;
  /** When the last event happened, by the script. */
  private last = 0;
  private readonly cut: number | undefined;

  constructor(
    private readonly script: Script,
    private readonly subject: Subject,
    { settings, options }: Prescan,
    private readonly rules: MatchRules,
    private readonly watcher?: Watcher,
  ) {
    this.world = new World(subject, settings, rules);
    this.inbox = new Inbox(rules.strict);
    this.origin = subject.clock.now;
    this.cut = options.mss;
    subject.onFrame = (frame) => this.noteFrame(frame);
    subject.onPolled = () => (this.hasMoved = true);
  }

  /** Throws a Difference or a Skip. */
  run(): void {
    for (const event of this.script.events) {
      try {
        this.perform(event);
      } catch (error) {
        if (error instanceof Difference) error.event ??= event;
        throw error;
      }
    }
    const ends = this.pending.map(({ end }) => end);
    const owed = this.inbox.deadline;
    this.advance(Math.max(this.now, ...ends.map((end) => end + this.slack), owed < Infinity ? owed + 1 : 0));
    this.checkPending();
    this.inbox.checkOwed(this.now);
    if (this.rules.strict) this.checkSilence();
  }

  /** Microseconds since the script began. */
  get now(): number {
    return (this.subject.clock.now - this.origin) / MICROSECOND;
  }

  private get slack(): number {
    return this.rules.toleranceUs + CLOCK_US + this.subject.latencyUs;
  }

  private perform(event: Event): void {
    const { action } = event;
    const span = this.spanOf(event);
    if (action.kind === 'tcp' || action.kind === 'icmp') {
      if (action.direction === 'out') {
        this.expectPacket(event, action, span);
        return;
      }
    }
    this.advance(span.from);
    this.last = span.from;
    this.checkPending();
    this.inbox.checkOwed(this.now);
    switch (action.kind) {
      case 'tcp':
      case 'icmp':
        if (this.rules.strict) this.checkSilence();
        this.deliver(action);
        return;
      case 'call':
        this.makeCall(event, action, span.from);
        return;
      case 'code':
        this.runCode(action.text);
        return;
      case 'shell':
      case 'unsupported':
        return; // prescan.ts has read them
    }
  }

  private spanOf({ time, action }: Event): Span {
    if (time === undefined) return { from: this.last, to: this.last, isOpen: false };
    if (time.kind === 'any') {
      if (action.kind === 'tcp' || action.kind === 'icmp') {
        return { from: this.last, to: this.last + ANY_TIME_US, isOpen: true };
      }
      throw new Skip('a time of * for what is no packet');
    }
    const base = time.kind === 'relative' ? this.last : 0;
    return { from: base + time.from, to: base + time.to, isOpen: time.isRange };
  }

  // --- time ---------------------------------------------------------------------------------------------------------------

  /** Let time pass until `us`, or until `isEnough`. Calls that wait are tried again as the stack moves. */
  private advance(us: number, isEnough: () => boolean = () => false): void {
    const { clock } = this.subject;
    const target = Math.round(this.origin + us * MICROSECOND);
    this.settle();
    while (!isEnough() && clock.now < target) {
      const timeout = Math.min(target, this.nextTry());
      clock.runWhile(() => !this.hasMoved && !isEnough(), Math.max(0, timeout - clock.now));
      if (timeout < target && clock.now >= timeout) this.hasMoved = true;
      this.settle();
    }
  }

  /** When a call that waits has to be looked at even if the stack does nothing: at its end, for its own timeout. */
  private nextTry(): number {
    const ends = this.pending.map(({ end }) => Math.round(this.origin + end * MICROSECOND));
    return Math.min(...ends.filter((end) => end > this.subject.clock.now));
  }

  /** If the stack has moved, try all calls that wait, until none gets on any more. */
  private settle(): void {
    if (!this.hasMoved) return;
    let isBusy = true;
    while (isBusy) {
      isBusy = this.world.catchUp();
      for (const descriptor of this.world.sockets) descriptor.notice(this.subject.stack);
      for (const pending of [...this.pending]) isBusy = this.retry(pending) || isBusy;
    }
    this.hasMoved = false; // the polls of the tries themselves are no news
  }

  // --- calls --------------------------------------------------------------------------------------------------------------

  private makeCall(event: Event, call: Call, startedAt: number): void {
    this.watcher?.call(`${callText(call.name, call.operands)}`);
    const offset = event.time?.kind === 'relative' ? startedAt - event.time.from : 0;
    const end = call.end === undefined ? undefined : offset + call.end;
    const attempt: Attempt = { elapsedUs: 0, mayBlock: end !== undefined, done: 0 };
    const answer = this.tryCall(call, attempt);
    if (answer !== 'wait') {
      if (end !== undefined && end - this.now > this.slack) {
        throw new Difference(`${call.name} returns at once, not after ${seconds(end - startedAt)} s`);
      }
      this.checkAnswer(call, answer);
    } else if (end === undefined) {
      throw new Difference(`${call.name} would block`);
    } else this.pending.push({ event, call, end, startedAt, attempt });
    this.settle();
  }

  private tryCall(call: Call, attempt: Attempt): Answer {
    this.world.wantedFd = numberOf(call.result);
    return handlerOf(call.name)!(this.world, call.operands, attempt);
  }

  /** Whether it has returned, or got on. */
  private retry(pending: Pending): boolean {
    const { call, attempt, event, end, startedAt } = pending;
    try {
      attempt.elapsedUs = this.now - startedAt;
      const { done } = attempt;
      const answer = this.tryCall(call, attempt);
      if (answer === 'wait') return attempt.done > done;
      this.pending = this.pending.filter((other) => other !== pending);
      if (Math.abs(this.now - end) > this.slack) {
        throw new Difference(`${call.name} returns at ${seconds(this.now)} s, not at ${seconds(end)} s`);
      }
      this.checkAnswer(call, answer);
      return true;
    } catch (error) {
      if (error instanceof Difference) error.event ??= event;
      throw error;
    }
  }

  private checkPending(): void {
    const late = this.pending.find(({ end }) => this.now > end + this.slack);
    if (late === undefined) return;
    const difference = new Difference(`${late.call.name} has not returned by ${seconds(late.end)} s`);
    difference.event = late.event;
    throw difference;
  }

  private checkAnswer({ name, result, errno }: Call, answer: Exclude<Answer, 'wait'>): void {
    const wanted = numberOf(result);
    const real = typeof answer === 'object' ? `-1 ${answer.errno}` : String(answer);
    const expected = `${wanted ?? '...'}${errno === undefined ? '' : ` ${errno}`}`;
    const isValue = wanted === undefined || wanted === (typeof answer === 'object' ? -1 : answer);
    const same = (a: string): string => (a === 'EWOULDBLOCK' ? 'EAGAIN' : a);
    const isErrno = errno === undefined || (typeof answer === 'object' && same(answer.errno) === same(errno));
    if (isValue && isErrno) return;
    throw new Difference(`${name} answers ${real}, not ${expected}`, [
      { name: 'result', expected, real, differs: true },
    ]);
  }

  private runCode(text: string): void {
    const flow = this.world.flows.current;
    const lookup = (name: string): number | undefined => {
      if (name in INFO_CONSTANTS) return INFO_CONSTANTS[name];
      if (!isInfoField(name)) return undefined;
      const info = flow && this.world.infoOf(flow);
      if (info === undefined || flow === undefined) throw new Difference(`no connection to ask for ${name}`);
      return infoField(name, info, flow);
    };
    runCode(text, lookup, this.variables);
  }

  // --- packets in ---------------------------------------------------------------------------------------------------------

  private deliver(packet: TcpPacket | IcmpPacket): void {
    const { subject, world, inbox } = this;
    const flags = packet.kind === 'tcp' ? packet.flags : '';
    const flow = world.flows.forInbound(flags, packet.ip.port);
    const rules = { strict: this.rules.strict, cut: this.cut };
    const frames =
      packet.kind === 'tcp'
        ? tcpFrames({ subject, flow }, packet, rules)
        : [icmpFrame({ subject, flow }, packet)];
    for (const frame of frames) this.watcher?.frame('script', frame);
    if (packet.kind === 'tcp' && frames.length > 1) {
      inbox.during(flow, (packet.seq + packet.length) >>> 0, () => subject.deliver(frames));
    } else subject.deliver(frames);
    this.settle();
  }

  // --- packets out --------------------------------------------------------------------------------------------------------

  private noteFrame(frame: Uint8Array): void {
    this.watcher?.frame('stack', frame);
    const { flows } = this.world;
    const heard = hear(
      frame,
      this.now,
      (local, remote) => flows.find(local, remote) ?? flows.addAside(local, remote),
    );
    if (heard.kind === 'tcp') {
      this.inbox.add(heard);
      heard.flow.noteSent(heard.tcp);
    } else this.inbox.add(heard);
  }

  private checkSilence(): void {
    const heard = this.inbox.first;
    if (heard === undefined) return;
    throw new Difference(`the stack says what the script does not expect: ${heardText(heard)}`);
  }

  private expectPacket(event: Event, packet: TcpPacket | IcmpPacket, { from, to, isOpen }: Span): void {
    this.advance(from, () => !this.inbox.isEmpty);
    if (packet.kind === 'tcp' && this.isForgiven(event, packet, from)) {
      this.last = from;
      return;
    }
    for (;;) {
      const heard = this.next(packet, to);
      const fields = this.compare(packet, heard);
      if (fields.some(({ differs }) => differs)) {
        if (this.isNoAnswer(packet, heard)) continue;
        throw new Difference(`the packet differs in: ${differing(fields)}`, fields);
      }
      this.checkTime(heard.at, from, to, fields);
      this.last = isOpen ? heard.at : from;
      this.inbox.checkOwed(this.now);
      return;
    }
  }

  /** The next packet, joined from several when the script, which knows of segmentation offload, shows one. */
  private next(packet: TcpPacket | IcmpPacket, to: number): Heard {
    const limit = to + this.slack;
    this.advance(limit, () => !this.inbox.isEmpty);
    const heard = this.inbox.take();
    if (heard === undefined) return this.missing(limit);
    if (packet.kind !== 'tcp' || heard.kind !== 'tcp' || this.rules.strict) return heard;
    return this.joined(packet, heard, limit);
  }

  private missing(limit: number): never {
    this.advance(limit + LOOK_AHEAD_US, () => !this.inbox.isEmpty);
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
      this.advance(limit, () => !this.inbox.isEmpty);
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
    const last = parts.at(-1)!;
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
    if (this.rules.strict || !this.inbox.isEmpty || flags !== '.' || length > 0 || ack === undefined) return false;
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
    const { slack } = this;
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

function seconds(us: number): string {
  return (us / 1e6).toFixed(6);
}
