// SPDX-License-Identifier: MIT
// What is kept of a connection that needs no TCB: half-open from a passive OPEN, or in TIME-WAIT without an owner. A few
// dozen octets in place of control block and rings; records.ts makes a TCB of one again when something happens to it.

import { TCP_ECN, TCP_SACK, TCP_TIMESTAMPS, TCP_USER_TIMEOUT_OPTION, TCP_WINDOW_SCALE } from '../config';

@final
@unmanaged
export class Record {
  /** As in `Entry`: buckets.ts. portsKey 0 = the record is free, and all of it is 0. */
  next: u32;
  netRemote: u32;
  portsKey: u32;
  /** When it was made. */
  since: u32;
  /** When our SYN,ACK is due again, or TIME-WAIT is over. */
  at: u32;
  /** ISS + 1, or beyond our FIN. */
  sndNxt: u32;
  /** IRS + 1, or beyond the peer's FIN. */
  rcvNxt: u32;
  /** Effective send MSS. */
  mss: u16;
  /** SYN,ACKs that were sent, 16 at most. */
  attempts: u8;
  /** Challenge ACKs in all its life. */
  challenges: u8;

  // Of the options in the peer's SYN; only where config has any.

  /** What was agreed, `AGREED` of Tcb.flags in units of SackOk. */
  agreed: u8;
  /** Snd.Wind.Shift. */
  shift: u8;
  /** User timeout as it stood in the option, 0 = none. */
  userTimeout: u16;
  /** TS.Recent. */
  tsRecent: u32;
}

/** Whether a record has what lies behind `challenges`. */
export const HAS_OPTIONS: u32 =
  TCP_SACK | TCP_TIMESTAMPS | TCP_WINDOW_SCALE | TCP_ECN | TCP_USER_TIMEOUT_OPTION;

/** Octets of a record. */
export const RECORD_OCTETS: u32 = <u32>(HAS_OPTIONS ? offsetof<Record>() : offsetof<Record>('agreed'));
