// SPDX-License-Identifier: MIT
// Time for everything simulated. An instant is a whole number of nanoseconds since the clock was made (a JS number is
// exact for 104 days of them). Two clocks share one shape: VirtualClock jumps from event to event and repeats bit for
// bit; RealClock waits for the instants to come, for runs in which people or kernels take part.

export const MICROSECOND = 1_000;
export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;

/** A pending event; `cancel` is harmless when it has run. */
export interface Alarm {
  cancel(): void;
}

export interface Clock {
  /** Nanoseconds since the start; whole, never decreasing. */
  readonly now: number;
  /** Run `action` at `instant` (ns). An instant that has passed means as soon as possible. Equal instants run in order of call. */
  at(instant: number, action: () => void): Alarm;
}

interface Event {
  instant: number;
  order: number;
  action: () => void;
  cancelled: boolean;
}

/** A binary heap of events ordered by instant, then by order of call. */
class Agenda {
  private heap: Event[] = [];
  private order = 0;

  add(instant: number, action: () => void): Event {
    const event = { instant, order: this.order++, action, cancelled: false };
    const heap = this.heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(event, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = event;
    return event;
  }

  /** The earliest event that is not cancelled, left in place. */
  peek(): Event | undefined {
    while (this.heap.length > 0 && this.heap[0]!.cancelled) this.take();
    return this.heap[0];
  }

  take(): Event | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.instant < b.instant || (a.instant === b.instant && a.order < b.order);
}

function alarm(event: Event): Alarm {
  return {
    cancel(): void {
      event.cancelled = true;
    },
  };
}

/** Jumps to the next event; no real time passes between two of them. */
export class VirtualClock implements Clock {
  /** Whether two runs are the same; not when people take part. */
  readonly repeats: boolean = true;
  /** Where the run under way ends; what happens later is not its business. Infinity outside of a run and in `step`. */
  horizon = Infinity;
  protected instant = 0;
  private agenda = new Agenda();

  get now(): number {
    return this.instant;
  }

  at(instant: number, action: () => void): Alarm {
    return alarm(this.agenda.add(Math.max(this.now, Math.ceil(instant)), action));
  }

  /** When the next event is due; Infinity when there is none. */
  get nextDue(): number {
    return this.agenda.peek()?.instant ?? Infinity;
  }

  /** For an event that takes time, such as a processor at work: go on to `instant`, but not past the next event. */
  advance(instant: number): void {
    this.instant = Math.max(this.instant, Math.min(instant, this.nextDue));
  }

  /** Run the next event. False when there is none. */
  step(): boolean {
    const event = this.agenda.peek();
    if (event === undefined) return false;
    this.agenda.take();
    this.instant = event.instant;
    event.action();
    return true;
  }

  /** Run all events up to and including `instant` and stand there. */
  runUntil(instant: number): void {
    this.horizon = instant;
    try {
      while (this.nextDue <= instant) this.step();
    } finally {
      this.horizon = Infinity;
    }
    this.instant = Math.max(this.instant, instant);
  }

  /** Run for `duration` nanoseconds. */
  run(duration: number): void {
    this.runUntil(this.now + duration);
  }

  /** Run until `condition` holds, at most `limit` nanoseconds. Returns whether it held. */
  runWhile(condition: () => boolean, limit: number): boolean {
    const end = this.now + limit;
    this.horizon = end;
    try {
      while (condition()) {
        if (this.nextDue > end) {
          this.instant = Math.max(this.instant, end);
          return false;
        }
        this.step();
      }
    } finally {
      this.horizon = Infinity;
    }
    return true;
  }
}

/** Follows the computer's monotonic clock. Keeps the process alive only while `ref` is set (the default). */
export class RealClock implements Clock {
  private readonly origin = process.hrtime.bigint();
  private agenda = new Agenda();
  private timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  private timerAt = Infinity;
  private running = true;

  get now(): number {
    return Number(process.hrtime.bigint() - this.origin);
  }

  at(instant: number, action: () => void): Alarm {
    const event = this.agenda.add(Math.ceil(instant), action);
    if (event.instant < this.timerAt) this.arm();
    return alarm(event);
  }

  /** Forget every event; the clock is done. */
  stop(): void {
    this.running = false;
    this.disarm();
    this.agenda = new Agenda();
  }

  private disarm(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer as NodeJS.Timeout);
    clearImmediate(this.timer as NodeJS.Immediate);
    this.timer = undefined;
    this.timerAt = Infinity;
  }

  private arm(): void {
    this.disarm();
    const event = this.agenda.peek();
    if (event === undefined || !this.running) return;
    this.timerAt = event.instant;
    const waitMs = Math.floor((event.instant - this.now) / MILLISECOND);
    // A timer is late by up to a millisecond: the last one is spent in turns of the event loop, which serve I/O too.
    this.timer = waitMs < 1 ? setImmediate(() => this.run()) : setTimeout(() => this.run(), waitMs);
  }

  private run(): void {
    this.timer = undefined;
    this.timerAt = Infinity;
    const now = this.now;
    for (
      let event = this.agenda.peek();
      event !== undefined && event.instant <= now;
      event = this.agenda.peek()
    ) {
      this.agenda.take();
      event.action();
    }
    this.arm();
  }
}
