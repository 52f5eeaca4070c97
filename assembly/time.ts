// SPDX-License-Identifier: MIT
// Instants are u32 milliseconds that wrap after 49 days; they are compared by signed difference, so a deadline lies at
// most 24 days ahead. A deadline of 0 is none. All deadlines together are reduced to one word, the earliest: only when it
// has come are the timers looked at one by one.

import { TIME } from './memory';

const NOW: usize = TIME;
const NEXT: usize = TIME + 4;

/** What `poll` answers when nothing is due: 24 days. */
export const NEVER: u32 = 0x7fffffff;

export abstract class Time {
  /** The instant given to the last poll, or to start. */
  @inline static get now(): u32 {
    return load<u32>(NOW);
  }

  @inline static set(now: u32): void {
    store<u32>(NOW, now);
  }

  static start(now: u32): void {
    store<u32>(NOW, now);
    store<u32>(NEXT, now + NEVER);
  }

  /** The deadline `ms` from now, noted as one to wake for. Never 0. */
  static after(ms: u32): u32 {
    const sum = Time.now + ms;
    const at = sum != 0 ? sum : 1;
    Time.note(at);
    return at;
  }

  /** Wake for the deadline `at`. */
  @inline static note(at: u32): void {
    if (<i32>(at - load<u32>(NEXT)) < 0) store<u32>(NEXT, at);
  }

  /** Whether the deadline is set and has come. One that is set and lies ahead is noted again. */
  static due(at: u32): bool {
    if (at == 0) return false;
    if (<i32>(at - Time.now) <= 0) return true;
    Time.note(at);
    return false;
  }

  /** Whether any deadline may have come: then all are to be looked at. */
  @inline static get anyDue(): bool {
    return <i32>(load<u32>(NEXT) - Time.now) <= 0;
  }

  /** All are looked at from now on, with `due`: each that is set and lies ahead is noted again. */
  @inline static askAll(): void {
    store<u32>(NEXT, Time.now + NEVER);
  }

  /** Milliseconds until the earliest deadline, 0 when it has passed. */
  static untilNext(): u32 {
    const ms = <i32>(load<u32>(NEXT) - Time.now);
    return ms < 0 ? 0 : <u32>ms;
  }
}
