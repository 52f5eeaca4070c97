// SPDX-License-Identifier: MIT
// Who listens: the LISTEN state of RFC 9293 belongs to these, not to connections. A SYN that one of them takes gets a TCB
// of its own, which waits on the listener until it is accepted.
//   0      2         3         4       8
//  | port | backlog | waiting | flags |      TCP_LISTENERS of them; the port as it lies in a header, 0 = free

import { TCP_LISTENERS } from '../config';
import { LISTENERS_TABLE } from '../memory';
import { Net } from '../wire/net';

const SIZE: u32 = 8;

/** Number + 1 of a listener; 0 = none. */
export abstract class Listeners {
  /** Begin to listen. Returns the listener, or 0 when all are in use. `flags`: what its connections begin with. */
  static open(port: u32, backlog: u32, flags: u32): u32 {
    const free = Listeners.find(0);
    if (free != 0) {
      const p = Listeners.at(free);
      store<u16>(p, Net.swap16(port));
      store<u8>(p, backlog, 2);
      store<u32>(p, flags, 4);
    }
    return free;
  }

  @inline static close(listener: u32): void {
    store<u64>(Listeners.at(listener), 0);
  }

  /** The listener on a port as it lies in a header, or 0. */
  private static find(port: u32): u32 {
    for (let i: u32 = 1; i <= TCP_LISTENERS; i++) {
      if (load<u16>(Listeners.at(i)) == port) return i;
    }
    return 0;
  }

  /** The listener that a connection between these ports belongs to, or 0. */
  @inline static of(portsKey: u32): u32 {
    const port = portsKey >>> 16;
    return port != 0 ? Listeners.find(port) : 0;
  }

  /** Connections that may wait on it to be accepted, at most 255, and that do. */
  @inline static backlog(listener: u32): u32 {
    return load<u8>(Listeners.at(listener), 2);
  }

  @inline static waitingOn(listener: u32): u32 {
    return load<u8>(Listeners.at(listener), 3);
  }

  @inline static addWaiting(listener: u32, d: i32): void {
    store<u8>(Listeners.at(listener), Listeners.waitingOn(listener) + d, 3);
  }

  @inline static flags(listener: u32): u32 {
    return load<u32>(Listeners.at(listener), 4);
  }

  @inline static setFlags(listener: u32, flags: u32): void {
    store<u32>(Listeners.at(listener), flags, 4);
  }

  @inline private static at(listener: u32): usize {
    return LISTENERS_TABLE - SIZE + listener * SIZE;
  }
}
