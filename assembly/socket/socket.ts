// SPDX-License-Identifier: MIT
// A socket: what a program or the host holds. It is fresh, or it listens, or it has a connection.

export enum Kind {
  Free = 0,
  Fresh,
  Listener,
  Connection,
}

@final
@unmanaged
export class Socket {
  /** A `Kind`. */
  kind: u32;
  /** A Connection's TCB, its address; a Listener's number. */
  target: u32;
  /** Local port it is bound to, 0 = none. */
  port: u32;
  /** Bits of tcp's `Flag` that its connections begin with: NoDelay, KeepAlive. */
  flags: u32;
  /** SO_REUSEADDR. */
  reuse: u32;
  /** SO_LINGER, seconds; -1 = off. */
  linger: i32;
  /** Number of the program that owns it, 0 = the host. */
  program: u32;
  /** What the program keeps for it; 0 at first. */
  a: u32;
  b: u32;
  c: u32;
  d: u32;
  /** When the program wants to be called again, 0 = never. */
  at: u32;
}

export const SOCKET_OCTETS: u32 = 48;
