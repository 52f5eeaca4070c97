// SPDX-License-Identifier: MIT
// Runs one script against one stack, event by event, in virtual time. What comes in and what programs call happens at the
// script's time; what goes out is waited for. Calls that block are tried again whenever the stack has moved. The first
// thing that is not as the script says ends the run.

import { CallQueue } from './call-queue.ts';
import { callText } from './calls.ts';
import { runCode } from './code.ts';
import { Expectation } from './expectation.ts';
import type { Span } from './expectation.ts';
import type { Features } from './features.ts';
import { hear, heardText } from './heard.ts';
import { icmpFrame, tcpFrames } from './inbound.ts';
import { Inbox } from './inbox.ts';
import type { MatchRules } from './matcher.ts';
import { Difference, Skip } from './outcome.ts';
import type { Prescan } from './prescan.ts';
import { applyShell, newSettings } from './settings.ts';
import type { Subject } from './subject.ts';
import type { Event, IcmpPacket, Script, TcpPacket } from './syntax.ts';
import { INFO_CONSTANTS, infoField, isInfoField } from './tcp-info.ts';
import { Timeline } from './timeline.ts';
import { World } from './world.ts';

/** What watches a run, to draw it. */
export interface Watcher {
  frame(sender: 'script' | 'stack', frame: Uint8Array): void;
  call(text: string): void;
}

/** How long is waited for any packet, `*`: longer than anything that a TCP does by itself. */
const ANY_TIME_US = 3_600e6;
export class Runner {
  private readonly world: World;
  private readonly inbox: Inbox;
  private readonly time: Timeline;
  private readonly calls: CallQueue;
  private readonly expectation: Expectation;
  private readonly features: Features;
  private readonly variables = new Map<string, number>();
  /** When the last event happened, by the script. */
  private last = 0;
  private readonly cut: number | undefined;

  constructor(
    private readonly script: Script,
    private readonly subject: Subject,
    scan: Prescan,
    private readonly rules: MatchRules,
    private readonly watcher?: Watcher,
  ) {
    this.world = new World(subject, newSettings(), rules);
    this.features = scan.features;
    this.inbox = new Inbox(rules.strict);
    this.time = new Timeline(subject, rules.toleranceUs);
    this.calls = new CallQueue(this.world, this.time);
    this.expectation = new Expectation(this.world, this.inbox, this.time, rules);
    this.cut = scan.options.mss;
    subject.onFrame = (frame) => this.noteFrame(frame);
    this.time.onMove = () => this.calls.retry();
    this.time.alarms = () => this.calls.ends;
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
    this.finish();
  }

  /** Wait for what is still to come. */
  private finish(): void {
    const { time, calls, inbox } = this;
    const owed = inbox.deadline < Infinity ? inbox.deadline + 1 : 0;
    time.advance(Math.max(time.now, owed, ...calls.ends.map((end) => end + time.slack)));
    calls.check(Infinity);
    inbox.checkOwed(time.now);
    if (this.rules.strict) this.checkSilence();
  }

  private perform(event: Event): void {
    const { action } = event;
    const span = this.spanOf(event);
    if ((action.kind === 'tcp' || action.kind === 'icmp') && action.direction === 'out') {
      this.last = this.expectation.expect(event, action, span);
      return;
    }
    this.time.advance(span.from);
    this.last = span.from;
    this.calls.check();
    this.inbox.checkOwed(this.time.now);
    switch (action.kind) {
      case 'tcp':
      case 'icmp':
        if (this.rules.strict) this.checkSilence();
        this.deliver(action);
        return;
      case 'call':
        this.watcher?.call(callText(action.name, action.operands));
        this.calls.make(event, action, span.from);
        return;
      case 'code':
        this.runCode(action.text);
        return;
      case 'shell':
        applyShell(action.text, this.world.settings, this.features);
        return;
      case 'unsupported':
        return; // prescan.ts has seen to it
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
    this.time.settle();
  }

  private noteFrame(frame: Uint8Array): void {
    this.watcher?.frame('stack', frame);
    const { flows } = this.world;
    const heard = hear(
      frame,
      this.time.now,
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
}
