// SPDX-License-Identifier: MIT
// What the stack has said and the script has not asked for yet, in order. Outside of strict mode this is where the
// freedom of a TCP to acknowledge is accounted for (RFC 9293 §3.8.6.3): an ACK that the script sees at once, because
// another stack sends it at once, may come up to 500 ms later and alone or with text; it is owed until then. Of a packet
// that had to be cut the parts may be acknowledged one by one.

import { FLAG_BITS } from './emit.ts';
import { distance } from './flow.ts';
import type { Flow } from './flow.ts';
import type { Heard, HeardTcp } from './heard.ts';
import { Difference } from './outcome.ts';
import type { Event, TcpPacket } from './syntax.ts';

/** RFC 9293 MUST-58 and RFC 1122 §4.2.3.2: an ACK is delayed by less than this. */
const LONGEST_DELAY_US = 500_000;

interface Owed {
  flow: Flow;
  ack: number;
  deadline: number;
  event: Event;
}

/** An ACK that came before the script asked for it. */
interface Absorbed {
  heard: HeardTcp;
  /** What the script asked for up to here it has answered: asked again, the stack has to say it again. */
  answered: number | undefined;
}

/** A segment that says nothing but its acknowledgment and window. */
export function isPureAck({ tcp }: HeardTcp): boolean {
  return (
    tcp.payload.length === 0 &&
    (tcp.flags & ~FLAG_BITS.E!) === FLAG_BITS['.'] &&
    tcp.options.sack === undefined
  );
}

export class Inbox {
  private readonly queue: Heard[] = [];
  private owed: Owed[] = [];
  private absorbed: Absorbed[] = [];
  /** While a cut packet arrives: its connection and its end. */
  private batch: { flow: Flow; end: number } | undefined;

  constructor(private readonly strict: boolean) {}

  get first(): Heard | undefined {
    return this.queue[0];
  }

  get isEmpty(): boolean {
    return this.queue.length === 0;
  }

  take(): Heard | undefined {
    return this.queue.shift();
  }

  /** Put back what was taken, as it was. */
  putBack(...heard: Heard[]): void {
    this.queue.unshift(...heard);
  }

  /** The stack says this. */
  add(heard: Heard): void {
    if (heard.kind !== 'tcp' || this.strict || !this.absorbs(heard)) this.queue.push(heard);
  }

  /** Parts of a packet that ends at `end` arrive while `deliver` runs. */
  during(flow: Flow, end: number, deliver: () => void): void {
    this.batch = { flow, end };
    try {
      deliver();
    } finally {
      this.batch = undefined;
    }
  }

  private absorbs(heard: HeardTcp): boolean {
    const { flow, tcp } = heard;
    if (!(tcp.flags & FLAG_BITS['.']!)) return false;
    const isPaid = ({ flow: other, ack }: Owed): boolean => other === flow && distance(tcp.ack, ack) >= 0;
    const paid = this.owed.filter(isPaid);
    this.owed = this.owed.filter((owed) => !isPaid(owed));
    if (!isPureAck(heard)) return false;
    const isPart = this.batch?.flow === flow && distance(this.batch.end, tcp.ack) > 0;
    if (paid.length === 0 && !isPart) return false;
    this.absorbed.push({ heard, answered: paid.at(-1)?.ack });
    return true;
  }

  /** The script expects an ACK that the stack may still delay, and has heard nothing. */
  owe(flow: Flow, ack: number, now: number, event: Event): void {
    this.owed.push({ flow, ack, deadline: now + LONGEST_DELAY_US, event });
  }

  /** Whether the ACK that the script expects has been sent together with an earlier one. */
  wasAbsorbed(flow: Flow, { ack }: TcpPacket, now: number): boolean {
    const found = this.absorbed.find(
      ({ heard, answered }) =>
        heard.flow === flow &&
        distance(heard.tcp.ack, ack ?? 0) >= 0 &&
        now - heard.at <= LONGEST_DELAY_US &&
        (answered === undefined || distance(ack ?? 0, answered) > 0),
    );
    if (found !== undefined) found.answered = ack;
    return found !== undefined;
  }

  /** Instant of the next deadline of an ACK. */
  get deadline(): number {
    return Math.min(...this.owed.map(({ deadline }) => deadline));
  }

  /** Throws when an ACK has been delayed for too long. */
  checkOwed(now: number): void {
    const late = this.owed.find(({ deadline }) => deadline < now);
    if (late === undefined) return;
    const difference = new Difference(`no ACK of ${late.ack} within 500 ms`);
    difference.event = late.event;
    throw difference;
  }
}
