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

abstract class Order {
  /** `a` lies before `b`, modulo 2^32. */
  @inline static before(a: u32, b: u32): bool {
    return <i32>(a - b) < 0;
  }
}

/** A list of intervals at an address. In here a run is the address of its pair. */
// prettier-ignore
@final @unmanaged
export class Intervals {
  @inline static at(p: usize): Intervals { return changetype<Intervals>(p); }
  @inline private get p(): usize { return changetype<usize>(this); }

  @inline get count(): u32 { return load<u32>(this.p); }
  @inline clear(): void { store<u32>(this.p, 0); }
  @inline private setCount(v: u32): void { store<u32>(this.p, v); }
  @inline start(i: u32): u32 { return load<u32>(this.first + i * PAIR); }
  @inline end(i: u32): u32 { return load<u32>(this.first + i * PAIR, 4); }
  @inline private get first(): usize { return this.p + PAIRS; }
  /** Behind the last run. */
  private behind(): usize { return this.first + this.count * PAIR; }

  /** Note [start, end). False when the list is full and the run touches none that it has. */
  add(start: u32, end: u32): bool {
    let run = this.first;
    const last = this.behind();
    while (run != last && Order.before(load<u32>(run, 4), start)) run += PAIR;
    if (run == last || Order.before(end, load<u32>(run))) {
      if (this.count == TCP_INTERVALS) return false;
      memory.copy(run + PAIR, run, last - run);
      this.setCount(this.count + 1);
      store<u32>(run, start);
      store<u32>(run, end, 4);
      return true;
    }
    if (Order.before(start, load<u32>(run))) store<u32>(run, start);
    if (Order.before(load<u32>(run, 4), end)) {
      store<u32>(run, end, 4);
      const next = run + PAIR;
      while (next != this.behind() && !Order.before(end, load<u32>(next))) {
        if (Order.before(end, load<u32>(next, 4))) store<u32>(run, load<u32>(next, 4), 4);
        this.remove(next);
      }
    }
    return true;
  }

  /** Take away the runs that `next` reaches. Returns the octet after the last of them, or `next`. */
  advance(next: u32): u32 {
    const run = this.first;
    while (this.count > 0 && !Order.before(next, load<u32>(run))) {
      if (Order.before(next, load<u32>(run, 4))) next = load<u32>(run, 4);
      this.remove(run);
    }
    return next;
  }

  /** How many octets from `seq` on, before `end`, are alike: positive when they are missing, negative when held. */
  run(seq: u32, end: u32): i32 {
    for (let run = this.first; run != this.behind(); run += PAIR) {
      if (!Order.before(seq, load<u32>(run, 4))) continue;
      const isHeld = !Order.before(seq, load<u32>(run));
      const edge = load<u32>(run + (isHeld ? 4 : 0));
      const len = <i32>((Order.before(edge, end) ? edge : end) - seq);
      return isHeld ? -len : len;
    }
    return <i32>(end - seq);
  }

  /** The number of the run that holds the octet `seq`, or `count`. */
  indexOf(seq: u32): u32 {
    let i: u32 = 0;
    while (i < this.count && (Order.before(seq, this.start(i)) || !Order.before(seq, this.end(i)))) i++;
    return i;
  }

  private remove(run: usize): void {
    memory.copy(run, run + PAIR, this.behind() - run - PAIR);
    this.setCount(this.count - 1);
  }
}
