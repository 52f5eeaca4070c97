// SPDX-License-Identifier: MIT
// The whole ABI: exports only. All calls are non-blocking and answer at once; a result of 0 or more is a count or a
// number, a negative one a Status. IPv4 addresses are u32 in host order (10.0.0.2 = 0x0A000002), instants u32
// milliseconds of any origin that wrap. No call traps, whatever its arguments.

import { IO_BUFFER } from './config';
import { Counter, NAMES } from './counters';
import { COUNTERS, IO, SOCKET_COUNT } from './memory';
import { CONNECTION_COUNT, connectionInfo as info } from './socket/info';
import { Kind, Socket } from './socket/socket';
import { Sockets } from './socket/sockets';
import { Stack } from './stack';
import { Status } from './status';
import { Calls } from './tcp/calls';
import { Isn } from './tcp/isn';

// --- life -----------------------------------------------------------------------------------------------------------

/** MAC address (first 2, last 4 octets), IPv4 address, netmask, gateway (0 = none). Before `start`. EINVAL. */
export function configure(macHigh: u32, macLow: u32, address: u32, netmask: u32, gateway: u32): i32 {
  return Stack.configure(macHigh, macLow, address, netmask, gateway);
}

/** 128 bits that nobody can guess, before `start`: the secret behind sequence numbers and ports. */
export function seed(a: u32, b: u32, c: u32, d: u32): void {
  Isn.seed(a, b, c, d);
}

/** Begin. EINVAL: not configured; EALREADY. */
export function start(now: u32): i32 {
  return Stack.start(now);
}

/**
 * Take in, time out, serve, send. Returns ms until it wants to be called again: 0 = at once, 0x7fffffff = no deadline. To
 * be called earlier when the link has something (the chip's INT) and after any call of a socket.
 */
export function poll(now: u32): u32 {
  return Stack.poll(now);
}

// --- sockets --------------------------------------------------------------------------------------------------------

/** The host's socket of that number, or null. */
function socketOf(number: u32): Socket {
  if (number >= SOCKET_COUNT) return changetype<Socket>(0);
  const candidate = Sockets.at(number);
  return candidate.kind != Kind.Free && candidate.program == 0 ? candidate : changetype<Socket>(0);
}

function isNone(socket: Socket): bool {
  return changetype<usize>(socket) == 0;
}

/** A fresh socket. Its number; ENFILE, EINVAL before `start`. */
export function socket(): i32 {
  return Stack.isStarted ? Sockets.open(0) : Status.EINVAL;
}

/** `address` 0 or ours, `port` 0 = ephemeral. EBADF, EINVAL, EADDRNOTAVAIL, EADDRINUSE. */
export function bind(s: u32, address: u32, port: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.bind(socket, address, port);
}

/** `backlog`: connections that may wait to be accepted. EBADF, EINVAL, EOPNOTSUPP, ENOBUFS. */
export function listen(s: u32, backlog: i32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.listen(socket, backlog);
}

/** Number of a socket with a connection that waited. EBADF, EOPNOTSUPP, EAGAIN, ENFILE. */
export function accept(s: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.accept(socket);
}

/** EINPROGRESS, and `ready` tells how it went; EBADF, EINVAL, EALREADY, EISCONN, ENETUNREACH, EADDRINUSE, ENOBUFS. */
export function connect(s: u32, address: u32, port: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.connect(socket, address, port);
}

/** The copying calls move octets of the staging area only, so that no argument can reach anything else. */
function isInStaging(p: usize, len: u32): bool {
  return len <= IO_BUFFER && p >= IO && p <= IO + IO_BUFFER - len;
}

/**
 * Send up to `len` octets at `src`; `flags` 1 = urgent (MSG_OOB). How many were taken; EBADF, EFAULT, EAGAIN, ENOTCONN,
 * EPIPE, …
 */
export function send(s: u32, src: usize, len: u32, flags: u32): i32 {
  const socket = socketOf(s);
  if (isNone(socket)) return Status.EBADF;
  if (!isInStaging(src, len)) return Status.EFAULT;
  return Sockets.send(socket, src, len, flags);
}

/** Read up to `len` octets to `dst`. How many, 0 = the peer has finished; EBADF, EFAULT, EAGAIN, ENOTCONN, …. */
export function recv(s: u32, dst: usize, len: u32): i32 {
  const socket = socketOf(s);
  if (isNone(socket)) return Status.EBADF;
  if (!isInStaging(dst, len)) return Status.EFAULT;
  return Sockets.recv(socket, dst, len);
}

/** `how` 0 receiving, 1 sending, 2 both. EBADF, EINVAL, ENOTCONN. */
export function shutdown(s: u32, how: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.shutdown(socket, how);
}

/** Give the socket back; the connection finishes by itself. EBADF. */
export function close(s: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.close(socket);
}

/** Give the socket back and reset the connection. EBADF. */
export function abort(s: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.abort(socket);
}

/** Options: socket/options.ts. EBADF, EINVAL, ENOPROTOOPT, ENOTCONN. */
export function setsockopt(s: u32, option: i32, value: i32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.setOption(socket, option, value);
}

/** The option's value; EBADF, ENOPROTOOPT, ENOTCONN. */
export function getsockopt(s: u32, option: i32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.option(socket, option);
}

/**
 * What could be done now; EBADF. Bits: Readable 1, Writable 2, Acceptable 4, Error 8, Urgent 16, EndOfStream 32,
 * Connected 64.
 */
export function ready(s: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.ready(socket);
}

// --- sockets without a copy -----------------------------------------------------------------------------------------

/** Octets that may be written at `sendBuffer`, in one piece; 0 = none now. EBADF, ENOTCONN, EPIPE, …. */
export function sendRoom(s: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.sendRoom(socket);
}

/** Address for the next octets to be sent; 0 = not connected. Good until the next poll. */
export function sendBuffer(s: u32): usize {
  const socket = socketOf(s);
  return isNone(socket) || socket.kind != Kind.Connection ? 0 : Calls.sendBuffer(Sockets.tcb(socket));
}

/** `len` octets were written there. `len`, or EBADF, EINVAL, …. */
export function sendCommit(s: u32, len: u32, flags: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.sendCommit(socket, len, flags);
}

/** Octets that can be read at `recvBuffer`, in one piece; 0 = the peer has finished. EBADF, EAGAIN, ENOTCONN, …. */
export function recvAvailable(s: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.recvAvailable(socket);
}

/** Address of the next octets to be read; 0 = not connected. Good until the next `recvCommit`. */
export function recvBuffer(s: u32): usize {
  const socket = socketOf(s);
  return isNone(socket) || socket.kind != Kind.Connection ? 0 : Calls.receiveBuffer(Sockets.tcb(socket));
}

/** `len` octets were read. `len`, or EBADF, EINVAL, ENOTCONN. */
export function recvCommit(s: u32, len: u32): i32 {
  const socket = socketOf(s);
  return isNone(socket) ? Status.EBADF : Sockets.recvCommit(socket, len);
}

// --- inspection -----------------------------------------------------------------------------------------------------

/** Address of the staging area of `send` and `recv`. */
export function ioBuffer(): usize {
  return IO;
}

/** Its octets. */
export function ioSize(): u32 {
  return IO_BUFFER;
}

/** Address of the counters, u32 each. */
export function counters(): usize {
  return COUNTERS;
}

export function counterCount(): u32 {
  return Counter.Count;
}

/** Address of their names: ASCII, each ended by a line feed, all of them by a zero. */
export function counterNames(): usize {
  return NAMES;
}

/** How many connections there can be. */
export function connectionCount(): u32 {
  return CONNECTION_COUNT;
}

/** Address of a block of u32 about connection `i`, laid out as socket/info.ts says; 0 = no such connection. */
export function connectionInfo(i: u32): usize {
  return info(i);
}

/** Octets of memory in use, a multiple of 8: everything lies below. */
export function memoryEnd(): usize {
  return (__heap_base + 7) & ~7;
}
