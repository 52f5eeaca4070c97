// SPDX-License-Identifier: MIT
// A short sorted list of disjoint runs of sequence numbers: which octets beyond RCV.NXT the receive ring already holds.
//   0        4         8        12
//  | count  | start 0 | end 0  | start 1 | … TCP_INTERVALS pairs
// `start` is the first octet of a run, `end` the one after its last. Runs neither overlap nor touch.
import { TCP_INTERVALS } from '../config';

const PAIRS: usize = 4;
const PAIR: u32 = 8;

/** Octets of a list. */
export const INTERVALS_OCTETS: usize = PAIRS + PAIR * TCP_INTERVALS;

/** `a` lies before `b`, modulo 2^32. */
function before(a: u32, b: u32): bool {
  return <i32>(a - b) < 0;
}

/** A list of intervals at an address. */
// prettier-ignore
@final @unmanaged
export class Intervals {
  @inline static at(p: usize): Intervals { return changetype<Intervals>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  @inline get count(): u32 { return load<u32>(this.p); }
  @inline clear(): void { store<u32>(this.p, 0); }
  @inline private setCount(v: u32): void { store<u32>(this.p, v); }
  private pair(i: u32): usize { return this.p + PAIRS + i * PAIR; }
  start(i: u32): u32 { return load<u32>(this.pair(i)); }
  end(i: u32): u32 { return load<u32>(this.pair(i), 4); }

  /** Note [start, end). False when the list is full and the run touches none that it has. */
  add(start: u32, end: u32): bool {
    const count = this.count;
    let i: u32 = 0;
    while (i < count && before(this.end(i), start)) i++;
    if (i == count || before(end, this.start(i))) return this.insert(i, start, end);
    if (before(start, this.start(i))) store<u32>(this.pair(i), start);
    if (before(this.end(i), end)) {
      store<u32>(this.pair(i), end, 4);
      while (i + 1 < this.count && !before(end, this.start(i + 1))) {
        if (before(end, this.end(i + 1))) store<u32>(this.pair(i), this.end(i + 1), 4);
        this.remove(i + 1);
      }
    }
    return true;
  }

  /** Take away the runs that `next` reaches. Returns the octet after the last of them, or `next`. */
  advance(next: u32): u32 {
    while (this.count > 0 && !before(next, this.start(0))) {
      if (before(next, this.end(0))) next = this.end(0);
      this.remove(0);
    }
    return next;
  }

  /** How many octets from `seq` on, before `end`, are alike: positive when they are missing, negative when held. */
  run(seq: u32, end: u32): i32 {
    for (let i: u32 = 0; i < this.count; i++) {
      if (!before(seq, this.end(i))) continue;
      const edge = before(seq, this.start(i)) ? this.start(i) : this.end(i);
      const len = <i32>((before(edge, end) ? edge : end) - seq);
      return before(seq, this.start(i)) ? len : -len;
    }
    return <i32>(end - seq);
  }

  /** The number of the run that holds the octet `seq`, or `count`. */
  indexOf(seq: u32): u32 {
    let i: u32 = 0;
    while (i < this.count && (before(seq, this.start(i)) || !before(seq, this.end(i)))) i++;
    return i;
  }

  private insert(i: u32, start: u32, end: u32): bool {
    const count = this.count;
    if (count == TCP_INTERVALS) return false;
    memory.copy(this.pair(i + 1), this.pair(i), (count - i) * PAIR);
    store<u32>(this.pair(i), start);
    store<u32>(this.pair(i), end, 4);
    this.setCount(count + 1);
    return true;
  }

  private remove(i: u32): void {
    const count = this.count - 1;
    memory.copy(this.pair(i), this.pair(i + 1), (count - i) * PAIR);
    this.setCount(count);
  }
}
