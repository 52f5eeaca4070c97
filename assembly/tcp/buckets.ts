// SPDX-License-Identifier: MIT
// Who belongs to these ports and that host? One probe tells: each connection, and each record of one, stands in a bucket that
// ports and host choose, the newest first. There are two tables of buckets, for all of them begin alike:
//
//   0                           4           8
//  | next in the bucket, 0 = - | netRemote | portsKey |
//
// Whoever picks ports that fall into one bucket makes a chain of as many as there are, at most.

import { TCP_BUCKETS } from '../memory';

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
const SHIFT: u32 = TCP_BUCKETS == 8 ? 27 : 24;
const MASK: u32 = (TCP_BUCKETS - 1) * BUCKET;
const SPREAD: u32 = 0x9e3779b1;

/** `table`: where its first bucket lies. */
export abstract class Buckets {
  @inline private static of(table: usize, portsKey: u32, netRemote: u32): usize {
    return table + ((((portsKey ^ netRemote) * SPREAD) >>> SHIFT) & MASK);
  }

  /** The newest entry between these ports and that host, or 0. */
  @inline static find(table: usize, portsKey: u32, netRemote: u32): usize {
    const first = load<u32>(Buckets.of(table, portsKey, netRemote));
    if (first == 0 || Buckets.is(first, portsKey, netRemote)) return first;
    return Buckets.behind(first, portsKey, netRemote);
  }

  private static behind(p: usize, portsKey: u32, netRemote: u32): usize {
    do {
      p = changetype<Entry>(p).next;
    } while (p != 0 && !Buckets.is(p, portsKey, netRemote));
    return p;
  }

  @inline private static is(p: usize, portsKey: u32, netRemote: u32): bool {
    return changetype<Entry>(p).portsKey == portsKey && changetype<Entry>(p).netRemote == netRemote;
  }

  static insert(table: usize, p: usize): void {
    const entry = changetype<Entry>(p);
    const bucket = Buckets.of(table, entry.portsKey, entry.netRemote);
    entry.next = load<u32>(bucket);
    store<u32>(bucket, <u32>p);
  }

  /** Take it out, if it is in. */
  static remove(table: usize, p: usize): void {
    const entry = changetype<Entry>(p);
    let place = Buckets.of(table, entry.portsKey, entry.netRemote); // `next` comes first: a place is a bucket or an entry
    for (let at: usize = load<u32>(place); at != 0; at = load<u32>(at)) {
      if (at == p) {
        store<u32>(place, entry.next);
        return;
      }
      place = at;
    }
  }
}
