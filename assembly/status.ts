// SPDX-License-Identifier: MIT
// What a call answers: zero or a count when it did what was asked, else one of these, named and numbered after its errno
// on Linux, negative.

export enum Status {
  Ok = 0,
  /** No such socket, or it is not the caller's. */
  EBADF = -9,
  /** Nothing to read, no room to write, nobody to accept: later. */
  EAGAIN = -11,
  /** The octets do not lie in the staging area. */
  EFAULT = -14,
  /** An argument out of range, or a call that this socket's state refuses for good. */
  EINVAL = -22,
  /** All sockets are in use. */
  ENFILE = -23,
  /** Sending after shutdown. */
  EPIPE = -32,
  /** No such option. */
  ENOPROTOOPT = -92,
  /** The socket is of the wrong kind for this call. */
  EOPNOTSUPP = -95,
  EADDRINUSE = -98,
  EADDRNOTAVAIL = -99,
  ENETUNREACH = -101,
  /** The user timeout, or an abort, ended the connection before its handshake did. */
  ECONNABORTED = -103,
  /** The peer reset the connection. */
  ECONNRESET = -104,
  /** All connections are in use. */
  ENOBUFS = -105,
  EISCONN = -106,
  ENOTCONN = -107,
  /** R2 passed without progress (RFC 9293 §3.8.3). */
  ETIMEDOUT = -110,
  /** A SYN was answered by RST, or by a port or protocol unreachable. */
  ECONNREFUSED = -111,
  /** ICMP said that the host or its network cannot be reached. */
  EHOSTUNREACH = -113,
  EALREADY = -114,
  EINPROGRESS = -115,
}
