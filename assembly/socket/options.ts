// SPDX-License-Identifier: MIT
/** Socket options: level times 256 plus number, both as on Linux; those of 0x6f0 and above are our own. */
export enum Option {
  /** Type of service, 0 … 255. RFC 9293 MUST-48. */
  IP_TOS = 0x001,
  /** Time to live, 1 … 255. MUST-49. */
  IP_TTL = 0x002,
  /** 1: bind to a port that connections still use; not one that another socket is bound to. MUST-42. */
  SO_REUSEADDR = 0x102,
  /** Why the connection ended, an errno; read only. */
  SO_ERROR = 0x104,
  /** 1: keep-alives. MUST-24, MUST-25. */
  SO_KEEPALIVE = 0x109,
  /** Seconds that close may go on sending; 0 = reset; -1 = until the user timeout. */
  SO_LINGER = 0x10d,
  /** 1: Nagle's algorithm off. MUST-17. */
  TCP_NODELAY = 0x601,
  /** Effective send MSS, octets; read only. */
  TCP_MAXSEG = 0x602,
  /** Seconds, 1 … 32767. MUST-27. */
  TCP_KEEPIDLE = 0x604,
  TCP_KEEPINTVL = 0x605,
  /** 1 … 127. */
  TCP_KEEPCNT = 0x606,
  /** R2, ms, 1000 … 2^30. MUST-21. */
  TCP_USER_TIMEOUT = 0x612,
  /** Urgent octets still to be read; read only. MUST-33. */
  TCP_URGENT = 0x6f0,
  /** Last soft error, an errno: what ICMP reported, or ETIMEDOUT when R1 was reached; read only. MUST-47, SHLD-9. */
  TCP_SOFT_ERROR = 0x6f1,
  /** 1: ask for ECN when connecting, RFC 3168 §6.1.1; whether it was granted. It is granted to whom asks in any case. */
  TCP_ECN = 0x6f2,
  /** 1: tell the user timeout to the peer, and take over what it tells. RFC 5482. */
  TCP_USER_TIMEOUT_OPTION = 0x6f3,
}
