// SPDX-License-Identifier: MIT
// Who belongs to these ports and that host? One probe tells: each TCB, and each record of a connection without one, stands
// in a bucket that ports and host choose; for that they begin alike:
//
//   0                           4           8
//  | next in the bucket, 0 = - | netRemote | portsKey |
//
// TCBs stand before records: whatever else comes and goes, a segment of a connection with a TCB never has to pass a record,
// and of both of one connection the TCB is found. Whoever picks ports that fall into one bucket makes a chain of as many as
// there are, at most.

import { BUCKETS, TCP_BUCKETS, Table } from '../memory';

/** What stands in a bucket. */
@final
@unmanaged
export class Entry {
  next: u32;
  /** Peer's address as it lies in a header. */
  netRemote: u32;
  /** Peer's port and ours as they lie in an incoming header, TcpHeader.portsKey. */
  portsKey: u32;
}

/** Octets of a bucket; what is shifted away below its number; 2^32 by the golden ratio, which spreads them. */
const BUCKET: u32 = 4;
const SHIFT: u32 = TCP_BUCKETS == 16 ? 26 : 23;
const MASK: u32 = (TCP_BUCKETS - 1) * BUCKET;
const SPREAD: u32 = 0x9e3779b1;

export abstract class Buckets {
  /** The place of what stands first in the bucket of these. */
  @inline private static of(portsKey: u32, netRemote: u32): usize {
    return BUCKETS + ((((portsKey ^ netRemote) * SPREAD) >>> SHIFT) & MASK);
  }

  /** The entry between these ports and that host, a TCB before a record, or 0. */
  static find(portsKey: u32, netRemote: u32): usize {
    return Buckets.findInline(portsKey, netRemote);
  }

  /** The same without a call, for every segment. */
  @inline static findInline(portsKey: u32, netRemote: u32): usize {
    const first = load<u32>(Buckets.of(portsKey, netRemote));
    if (first == 0 || Buckets.is(first, portsKey, netRemote)) return first;
    return Buckets.next(first, portsKey, netRemote);
  }

  /** What stands behind the entry `p` and is of the same connection, or 0. */
  @inline static behind(p: usize): usize {
    return Buckets.next(p, changetype<Entry>(p).portsKey, changetype<Entry>(p).netRemote);
  }

  private static next(p: usize, portsKey: u32, netRemote: u32): usize {
    do {
      p = changetype<Entry>(p).next;
    } while (p != 0 && !Buckets.is(p, portsKey, netRemote));
    return p;
  }

  /** Whether what was found is a TCB: not a record, and not nothing. */
  @inline static isTcb(p: usize): bool {
    return p >= Table.TCBS;
  }

  @inline private static is(p: usize, portsKey: u32, netRemote: u32): bool {
    return changetype<Entry>(p).portsKey == portsKey && changetype<Entry>(p).netRemote == netRemote;
  }

  /** From now on `find` finds it: a TCB stands first, a record behind the TCBs of its bucket. */
  static insert(p: usize): void {
    const entry = changetype<Entry>(p);
    let place = Buckets.of(entry.portsKey, entry.netRemote); // `next` comes first: a place is a bucket or an entry
    let at = load<u32>(place);
    if (!Buckets.isTcb(p)) {
      while (Buckets.isTcb(at)) {
        place = at;
        at = load<u32>(at);
      }
    }
    entry.next = at;
    store<u32>(place, <u32>p);
  }

  /** From now on `find` finds the TCB `tcb`, and no more the record `p`, which is of the same connection. */
  static replace(p: usize, tcb: usize): void {
    const entry = changetype<Entry>(p);
    const place = Buckets.of(entry.portsKey, entry.netRemote);
    if (<usize>load<u32>(place) == p) {
      // It stands first, and so may the TCB.
      changetype<Entry>(tcb).next = entry.next;
      store<u32>(place, <u32>tcb);
    } else {
      Buckets.remove(p);
      Buckets.insert(tcb);
    }
  }

  /** Take it out, if it is in. */
  static remove(p: usize): void {
    const entry = changetype<Entry>(p);
    let place = Buckets.of(entry.portsKey, entry.netRemote);
    let at: usize = load<u32>(place);
    while (at != p) {
      if (at == 0) return;
      place = at;
      at = load<u32>(at);
    }
    store<u32>(place, entry.next);
  }
}
