// SPDX-License-Identifier: MIT
// The calls of a script: each is tried at its time, and one that may block again whenever the stack has moved, until it
// returns. Its result, and when it returns, are compared with what the script says.

import { numberOf } from './arguments.ts';
import { handlerOf } from './calls.ts';
import type { Answer } from './descriptor.ts';
import type { Attempt } from './handler.ts';
import { Difference } from './outcome.ts';
import type { Call, Event } from './syntax.ts';
import { seconds } from './timeline.ts';
import type { Timeline } from './timeline.ts';
import type { World } from './world.ts';

interface Pending {
  event: Event;
  call: Call;
  end: number;
  startedAt: number;
  attempt: Attempt;
}

export class CallQueue {
  private pending: Pending[] = [];

  constructor(
    private readonly world: World,
    private readonly time: Timeline,
  ) {}

  /** When calls that wait should return. */
  get ends(): number[] {
    return this.pending.map(({ end }) => end);
  }

  /** The event's call, at `startedAt` by the script. */
  make(event: Event, call: Call, startedAt: number): void {
    const offset = event.time?.kind === 'relative' ? startedAt - event.time.from : 0;
    const end = call.end === undefined ? undefined : offset + call.end;
    const attempt: Attempt = { elapsedUs: 0, mayBlock: end !== undefined, done: 0 };
    const answer = this.try(call, attempt);
    if (answer !== 'wait') {
      if (end !== undefined && end - this.time.now > this.time.slack) {
        throw new Difference(`${call.name} returns at once, not after ${seconds(end - startedAt)} s`);
      }
      compareAnswer(call, answer);
    } else if (end === undefined) {
      throw new Difference(`${call.name} would block`);
    } else this.pending.push({ event, call, end, startedAt, attempt });
    this.time.settle();
  }

  /** Try all that wait, until none gets on any more. */
  retry(): void {
    for (let isBusy = true; isBusy;) {
      isBusy = this.world.catchUp();
      for (const descriptor of this.world.sockets) descriptor.notice(this.world.subject.stack);
      for (const pending of [...this.pending]) isBusy = this.retryOne(pending) || isBusy;
    }
  }

  /** Throws when a call should have returned by `now`. */
  check(now = this.time.now): void {
    const late = this.pending.find(({ end }) => now > end + this.time.slack);
    if (late === undefined) return;
    const difference = new Difference(`${late.call.name} has not returned by ${seconds(late.end)} s`);
    difference.event = late.event;
    throw difference;
  }

  private try(call: Call, attempt: Attempt): Answer {
    this.world.wantedFd = numberOf(call.result);
    return handlerOf(call.name)!(this.world, call.operands, attempt);
  }

  /** Whether it has returned, or got on. */
  private retryOne(pending: Pending): boolean {
    const { call, attempt, event, end, startedAt } = pending;
    const { now, slack } = this.time;
    try {
      attempt.elapsedUs = now - startedAt;
      const { done } = attempt;
      const answer = this.try(call, attempt);
      if (answer === 'wait') return attempt.done > done;
      this.pending = this.pending.filter((other) => other !== pending);
      if (Math.abs(now - end) > slack) {
        throw new Difference(`${call.name} returns at ${seconds(now)} s, not at ${seconds(end)} s`);
      }
      compareAnswer(call, answer);
      return true;
    } catch (error) {
      if (error instanceof Difference) error.event ??= event;
      throw error;
    }
  }
}

function compareAnswer({ name, result, errno }: Call, answer: Exclude<Answer, 'wait'>): void {
  const wanted = numberOf(result);
  const real = typeof answer === 'object' ? `-1 ${answer.errno}` : String(answer);
  const expected = `${wanted ?? '...'}${errno === undefined ? '' : ` ${errno}`}`;
  const isValue = wanted === undefined || wanted === (typeof answer === 'object' ? -1 : answer);
  const same = (a: string): string => (a === 'EWOULDBLOCK' ? 'EAGAIN' : a);
  const isErrno = errno === undefined || (typeof answer === 'object' && same(answer.errno) === same(errno));
  if (isValue && isErrno) return;
  const field = { name: 'result', expected, real, differs: true };
  throw new Difference(`${name} answers ${real}, not ${expected}`, [field]);
}
