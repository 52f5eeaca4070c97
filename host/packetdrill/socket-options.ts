// SPDX-License-Identifier: MIT
// Options of setsockopt and getsockopt by the names that scripts use: the module's own, those of which nothing is seen on
// the wire, and those that it does not have.

import { Option } from '../machine/stack.ts';

/** What becomes of an option. */
export type OptionRule =
  | { kind: 'module'; option: number }
  /** SO_LINGER: a structure on the outside, a number within. */
  | { kind: 'linger' }
  /** The answer is what was set, and nothing else comes of it. */
  | { kind: 'kept' }
  /** A hint that this stack does not need. */
  | { kind: 'info' }
  | { kind: 'lacking'; unless?: number };

const module = (option: number): OptionRule => ({ kind: 'module', option });
const KEPT: OptionRule = { kind: 'kept' };
const LACKING: OptionRule = { kind: 'lacking' };

export const SOCKET_OPTIONS: Readonly<Record<string, OptionRule>> = {
  SO_REUSEADDR: module(Option.SO_REUSEADDR),
  SO_KEEPALIVE: module(Option.SO_KEEPALIVE),
  SO_ERROR: module(Option.SO_ERROR),
  SO_LINGER: { kind: 'linger' },
  TCP_NODELAY: module(Option.TCP_NODELAY),
  TCP_KEEPIDLE: module(Option.TCP_KEEPIDLE),
  TCP_KEEPINTVL: module(Option.TCP_KEEPINTVL),
  TCP_KEEPCNT: module(Option.TCP_KEEPCNT),
  TCP_USER_TIMEOUT: module(Option.TCP_USER_TIMEOUT),
  TCP_MAXSEG: module(Option.TCP_MAXSEG),
  IP_TOS: module(Option.IP_TOS),
  IP_TTL: module(Option.IP_TTL),
  TCP_INFO: { kind: 'info' },
  // Sizes of buffers are the profile's; the script's packets show whether they do.
  SO_SNDBUF: KEPT,
  SO_RCVBUF: KEPT,
  SO_SNDBUFFORCE: KEPT,
  SO_RCVBUFFORCE: KEPT,
  SO_DEBUG: KEPT,
  SO_REUSEPORT: KEPT,
  SO_PRIORITY: KEPT,
  SO_MARK: KEPT,
  SO_BUSY_POLL: KEPT,
  SO_OOBINLINE: KEPT,
  TCP_QUICKACK: KEPT,
  TCP_INQ: KEPT,
  TCP_LOG: KEPT,
  IP_FREEBIND: KEPT,
  // The stack always sets DF, which scripts do not look at; what an ICMP error does, they see.
  IP_MTU_DISCOVER: KEPT,
  IP_RECVERR: { kind: 'lacking', unless: 0 },
  IP_BIND_ADDRESS_NO_PORT: KEPT,
  IPV6_V6ONLY: KEPT,
  TCP_CORK: { kind: 'lacking', unless: 0 },
  TCP_NOPUSH: { kind: 'lacking', unless: 0 },
  TCP_THIN_LINEAR_TIMEOUTS: { kind: 'lacking', unless: 0 },
  SO_ZEROCOPY: { kind: 'lacking', unless: 0 },
  SO_TIMESTAMPING: { kind: 'lacking', unless: 0 },
  SO_RCVLOWAT: { kind: 'lacking', unless: 1 },
  TCP_NOTSENT_LOWAT: LACKING,
  TCP_FASTOPEN: LACKING,
  TCP_CONGESTION: LACKING,
  TCP_DEFER_ACCEPT: LACKING,
};

/** Of an option that stands nowhere. */
export const UNKNOWN_OPTION = LACKING;

/** The module can tell it, and does not let it be set. */
export const READ_ONLY = ['TCP_MAXSEG', 'SO_ERROR', 'TCP_INFO'];
