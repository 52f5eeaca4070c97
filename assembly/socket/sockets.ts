// SPDX-License-Identifier: MIT
// The socket calls, all non-blocking: a count or 0, or a negative Status. They act on `Socket`s by address; numbers and
// the question of whose a socket is belong to the callers: index.ts for the host, apps/programs.ts for programs.

import { TCP_ECN, TCP_USER_TIMEOUT_OPTION } from '../config';
import { host } from '../ip/host';
import { Ipv4 } from '../ip/ipv4';
import { SOCKET_COUNT, SOCKETS } from '../memory';
import { Status } from '../status';
import { Buckets } from '../tcp/buckets';
import { Calls } from '../tcp/calls';
import { Isn } from '../tcp/isn';
import { Listeners } from '../tcp/listeners';
import { Seq } from '../tcp/seq';
import { State } from '../tcp/state';
import { Flag, Tcb } from '../tcp/tcb';
import { Tcbs } from '../tcp/tcbs';
import { Timeouts } from '../tcp/timeouts';
import { Time } from '../time';
import { Net } from '../wire/net';
import { Option } from './options';
import { Kind, Socket, SOCKET_OCTETS } from './socket';

/** Bits of `ready`. */
export enum Ready {
  Readable = 1,
  Writable = 2,
  Acceptable = 4,
  Error = 8,
  Urgent = 16,
  EndOfStream = 32,
  Connected = 64,
}

/** Bits of `flags` of send. */
const MSG_OOB: u32 = 1;

const EPHEMERAL_ATTEMPTS: u32 = 64;

/** No socket below this number is free. */
const LOWEST: usize = SOCKETS + SOCKET_COUNT * SOCKET_OCTETS;

export abstract class Sockets {
  @inline static at(number: u32): Socket {
    return changetype<Socket>(SOCKETS + number * SOCKET_OCTETS);
  }

  @inline static number(socket: Socket): u32 {
    return <u32>(changetype<usize>(socket) - SOCKETS) / SOCKET_OCTETS;
  }

  @inline static tcb(socket: Socket): Tcb {
    return changetype<Tcb>(<usize>socket.target);
  }

  /** A fresh socket for `program`, 0 = the host. Its number or ENFILE. */
  static open(program: u32): i32 {
    for (let i = load<u32>(LOWEST); i < SOCKET_COUNT; i++) {
      const socket = Sockets.at(i);
      if (socket.kind != Kind.Free) continue;
      store<u32>(LOWEST, i + 1);
      socket.kind = Kind.Fresh;
      socket.linger = -1;
      socket.program = program;
      return i;
    }
    return Status.ENFILE;
  }

  /** `address`: 0 or ours. `port`: 0 = an ephemeral one. EINVAL: bound already; EADDRNOTAVAIL, EADDRINUSE. */
  static bind(socket: Socket, address: u32, port: u32): i32 {
    if (socket.kind != Kind.Fresh || socket.port != 0 || port > 0xffff) return Status.EINVAL;
    if (address != 0 && address != host.address) return Status.EADDRNOTAVAIL;
    if (port == 0) port = Sockets.ephemeral(0, 0);
    else if (Sockets.isBound(port) || (socket.reuse == 0 && Tcbs.isPortUsed(port))) port = 0;
    if (port == 0) return Status.EADDRINUSE;
    socket.port = port;
    return Status.Ok;
  }

  /** `backlog`: connections that may wait to be accepted, at least 1. EINVAL: not bound; ENOBUFS: TCP_LISTENERS in use. */
  static listen(socket: Socket, backlog: i32): i32 {
    if (socket.kind != Kind.Fresh) return Status.EOPNOTSUPP;
    if (socket.port == 0) return Status.EINVAL;
    const listener = Listeners.open(socket.port, <u32>min(max(backlog, 1), 255), socket.flags);
    if (listener == 0) return Status.ENOBUFS;
    socket.kind = Kind.Listener;
    socket.target = listener;
    return Status.Ok;
  }

  /** The number of a socket with the connection that waited longest. EAGAIN: none waits; ENFILE: no socket for it. */
  static accept(socket: Socket): i32 {
    if (socket.kind != Kind.Listener) return Status.EOPNOTSUPP;
    const tcb = Sockets.waiting(socket.target);
    return changetype<usize>(tcb) == 0 ? Status.EAGAIN : Sockets.take(socket, tcb);
  }

  /** The number of a socket with the connection `tcb`, which waits on `socket` with its handshake done. ENFILE. */
  static take(socket: Socket, tcb: Tcb): i32 {
    const number = Sockets.open(socket.program);
    if (number < 0) return number;
    const accepted = Sockets.at(number);
    accepted.port = socket.port;
    accepted.flags = socket.flags;
    accepted.linger = socket.linger;
    Sockets.attach(accepted, tcb);
    Tcbs.stopWaiting(tcb);
    return number;
  }

  /** Always EINPROGRESS when it went well: `ready` tells the outcome. MUST-46: no broadcast, no multicast. */
  static connect(socket: Socket, address: u32, port: u32): i32 {
    if (socket.kind == Kind.Connection)
      return Sockets.tcb(socket).state == State.SynSent ? Status.EALREADY : Status.EISCONN;
    if (socket.kind != Kind.Fresh) return Status.EOPNOTSUPP;
    if (port == 0 || port > 0xffff) return Status.EINVAL;
    if (address == host.address || !host.isUnicast(address) || host.nextHop(address) == 0)
      return Status.ENETUNREACH;
    let localPort = socket.port;
    if (localPort == 0) localPort = Sockets.ephemeral(address, port);
    if (localPort == 0) return Status.EADDRNOTAVAIL;
    const portsKey = Net.swap16(port) | (Net.swap16(localPort) << 16);
    const netRemote = Net.swap32(address);
    if (Buckets.find(portsKey, netRemote) != 0) return Status.EADDRINUSE;
    const tcb = Calls.open(portsKey, netRemote);
    if (changetype<usize>(tcb) == 0) return Status.ENOBUFS;
    tcb.set(socket.flags);
    socket.port = localPort;
    Sockets.attach(socket, tcb);
    return Status.EINPROGRESS;
  }

  // --- sending -------------------------------------------------------------------------------------------------------

  /** Octets that may be put at `sendBuffer` in one piece; 0 = none now. ENOTCONN, EPIPE, or why the connection ended. */
  static sendRoom(socket: Socket): i32 {
    if (socket.kind != Kind.Connection) return Status.ENOTCONN;
    return Sockets.roomOf(Sockets.tcb(socket));
  }

  /** The same of a connection's TCB. */
  static roomOf(tcb: Tcb): i32 {
    const state = tcb.state;
    if (state == State.Established || state == State.CloseWait) return Calls.sendRoom(tcb); // no FIN is queued
    if (tcb.error != 0) return tcb.error;
    return state == State.Closed || tcb.has(Flag.FinQueued) ? Status.EPIPE : 0;
  }

  /** `len` octets were put there. EINVAL: more than there was room for. */
  static sendCommit(socket: Socket, len: u32, flags: u32): i32 {
    const room = Sockets.sendRoom(socket);
    if (room < 0) return room;
    if (len > <u32>room) return Status.EINVAL;
    Calls.sendCommit(Sockets.tcb(socket), len, (flags & MSG_OOB) != 0);
    return len;
  }

  /** Copy up to `len` octets at `src` into the ring. Returns how many; EAGAIN when there is no room, ENOTCONN, EPIPE, … */
  static send(socket: Socket, src: usize, len: u32, flags: u32): i32 {
    let sent: u32 = 0;
    while (true) {
      const room = Sockets.sendRoom(socket);
      if (room < 0) return room;
      const part = min(len - sent, <u32>room);
      if (part == 0) break;
      const tcb = Sockets.tcb(socket);
      memory.copy(Calls.sendBuffer(tcb), src + sent, part);
      Calls.sendCommit(tcb, part, (flags & MSG_OOB) != 0);
      sent += part;
    }
    return sent > 0 || len == 0 ? <i32>sent : Status.EAGAIN;
  }

  // --- receiving -----------------------------------------------------------------------------------------------------

  /** Octets that can be read at `recvBuffer` in one piece; 0 = the stream has ended. EAGAIN, ENOTCONN, or why it ended. */
  static recvAvailable(socket: Socket): i32 {
    if (socket.kind != Kind.Connection) return Status.ENOTCONN;
    return Sockets.availableOf(Sockets.tcb(socket));
  }

  /** The same of a connection's TCB. */
  static availableOf(tcb: Tcb): i32 {
    if (tcb.rcvLen > 0) return Calls.receiveAvailable(tcb);
    if (tcb.state == State.Closed) return tcb.error; // 0 = it ended as it should
    return tcb.flags & (Flag.FinReceived | Flag.NoReader) ? 0 : Status.EAGAIN;
  }

  /** All that came was read, and more may come. */
  @inline static mayReceive(tcb: Tcb): bool {
    return (tcb.rcvLen == 0 && tcb.state == State.Established) || Sockets.availableOf(tcb) == Status.EAGAIN;
  }

  /** `len` octets were read. EINVAL: more than were there. */
  static recvCommit(socket: Socket, len: u32): i32 {
    if (socket.kind != Kind.Connection) return Status.ENOTCONN;
    const tcb = Sockets.tcb(socket);
    if (len > tcb.rcvLen) return Status.EINVAL;
    Calls.receiveCommit(tcb, len);
    return len;
  }

  /** Copy up to `len` octets to `dst`. Returns how many, 0 at the end of the stream; EAGAIN when there are none. */
  static recv(socket: Socket, dst: usize, len: u32): i32 {
    let got: u32 = 0;
    while (got < len) {
      const available = Sockets.recvAvailable(socket);
      if (available <= 0) {
        if (got == 0) return available;
        break;
      }
      const part = min(len - got, <u32>available);
      const tcb = Sockets.tcb(socket);
      memory.copy(dst + got, Calls.receiveBuffer(tcb), part);
      Calls.receiveCommit(tcb, part);
      got += part;
    }
    return got;
  }

  // --- ending --------------------------------------------------------------------------------------------------------

  /** `how`: 0 receiving, 1 sending, 2 both. */
  static shutdown(socket: Socket, how: u32): i32 {
    if (how > 2) return Status.EINVAL;
    if (socket.kind != Kind.Connection) return Status.ENOTCONN;
    const tcb = Sockets.tcb(socket);
    if (tcb.state < State.SynReceived) return tcb.error != 0 ? tcb.error : Status.ENOTCONN;
    if (how != 1) Calls.shutdownReceive(tcb);
    if (how != 0) Calls.shutdownSend(tcb);
    return Status.Ok;
  }

  /** The socket is gone; its connection closes in the background. Connections that wait on a listener are reset. */
  static close(socket: Socket): i32 {
    return Sockets.end(socket, socket.linger);
  }

  /** Like close, with a reset. */
  static abort(socket: Socket): i32 {
    return Sockets.end(socket, 0);
  }

  // --- asking --------------------------------------------------------------------------------------------------------

  /** What could be done now: bits of `Ready`. */
  static ready(socket: Socket): u32 {
    if (socket.kind == Kind.Listener) {
      return changetype<usize>(Sockets.waiting(socket.target)) != 0 ? Ready.Acceptable : 0;
    }
    if (socket.kind != Kind.Connection) return 0;
    const tcb = Sockets.tcb(socket);
    let ready: u32 = 0;
    if (tcb.rcvLen > 0) ready |= Ready.Readable;
    if (tcb.has(Flag.FinReceived)) ready |= Ready.Readable | Ready.EndOfStream;
    if (tcb.has(Flag.UrgentIn)) ready |= Ready.Urgent;
    if (tcb.error != 0) ready |= Ready.Readable | Ready.Writable | Ready.Error;
    if (tcb.state == State.Closed) return ready | Ready.Readable | Ready.EndOfStream;
    if (tcb.state >= State.Established) ready |= Ready.Connected;
    if (Sockets.sendRoom(socket) > 0) ready |= Ready.Writable;
    return ready;
  }

  static setOption(socket: Socket, option: i32, value: i32): i32 {
    const flag = Sockets.flagOf(option);
    if (flag != 0) {
      if (TCP_ECN && flag == Flag.EcnOk && socket.kind == Kind.Connection) return Status.EISCONN;
      return Sockets.setFlag(socket, flag, value != 0);
    }
    if (option == Option.SO_REUSEADDR) {
      socket.reuse = u32(value != 0);
      return Status.Ok;
    }
    if (option == Option.SO_LINGER) {
      if (value < -1 || value > 32767) return Status.EINVAL;
      socket.linger = value;
      return Status.Ok;
    }
    return Sockets.setConnectionOption(socket, option, value);
  }

  /** The option's value, always 0 or more, but SO_LINGER, whose -1 means off; or a Status. */
  static option(socket: Socket, option: i32): i32 {
    const flag = Sockets.flagOf(option);
    if (flag != 0) {
      const flags = socket.kind == Kind.Connection ? Sockets.tcb(socket).flags : socket.flags;
      return i32((flags & flag) != 0);
    }
    if (option == Option.SO_REUSEADDR) return socket.reuse;
    if (option == Option.SO_LINGER) return socket.linger;
    if (socket.kind != Kind.Connection) return option == Option.SO_ERROR ? 0 : Status.ENOTCONN;
    const tcb = Sockets.tcb(socket);
    if (option == Option.IP_TOS) return tcb.outgoing.ipv4.tos;
    if (option == Option.IP_TTL) return tcb.outgoing.ipv4.ttl;
    if (option == Option.SO_ERROR) return -tcb.error;
    if (option == Option.TCP_MAXSEG) return tcb.mss;
    if (option == Option.TCP_KEEPIDLE) return tcb.keepIdle;
    if (option == Option.TCP_KEEPINTVL) return tcb.keepInterval;
    if (option == Option.TCP_KEEPCNT) return tcb.keepCount;
    if (option == Option.TCP_USER_TIMEOUT) return tcb.userTimeout;
    if (option == Option.TCP_URGENT) return Calls.urgentLeft(tcb);
    if (option == Option.TCP_SOFT_ERROR) return -tcb.softError;
    return Status.ENOPROTOOPT;
  }

  // --- within --------------------------------------------------------------------------------------------------------

  private static setConnectionOption(socket: Socket, option: i32, value: i32): i32 {
    let least = 1;
    let most = 32767;
    if (option == Option.IP_TOS) {
      least = 0;
      most = 255;
    } else if (option == Option.IP_TTL) {
      most = 255;
    } else if (option == Option.TCP_USER_TIMEOUT) {
      least = 1000;
      most = 0x40000000;
    } else if (option == Option.TCP_KEEPCNT) {
      most = 127;
    } else if (option != Option.TCP_KEEPIDLE && option != Option.TCP_KEEPINTVL) {
      return Status.ENOPROTOOPT;
    }
    if (socket.kind != Kind.Connection) return Status.ENOTCONN;
    if (value < least || value > most) return Status.EINVAL;
    const tcb = Sockets.tcb(socket);
    if (option <= Option.IP_TTL) {
      if (option == Option.IP_TOS) tcb.outgoing.ipv4.setTos(value);
      else tcb.outgoing.ipv4.setTtl(value);
      Ipv4.seal(tcb.outgoing);
    } else if (option == Option.TCP_USER_TIMEOUT) {
      tcb.userTimeout = value;
      if (TCP_USER_TIMEOUT_OPTION && tcb.has(Flag.UserTimeout))
        Tcbs.wantOutput(tcb, Flag.UserTimeoutDue | Flag.AckNow);
      if (tcb.giveUpAt != 0) tcb.giveUpAt = Time.after(value);
    } else {
      if (option == Option.TCP_KEEPIDLE) tcb.keepIdle = <u16>value;
      else if (option == Option.TCP_KEEPINTVL) tcb.keepInterval = <u16>value;
      else tcb.keepCount = <u8>value;
      Sockets.restartKeepAlive(tcb);
    }
    return Status.Ok;
  }

  /** The flag that is an option, 0 = it is none. */
  private static flagOf(option: i32): u32 {
    if (option == Option.TCP_NODELAY) return Flag.NoDelay;
    if (option == Option.SO_KEEPALIVE) return Flag.KeepAlive;
    if (TCP_ECN && option == Option.TCP_ECN) return Flag.EcnOk;
    if (TCP_USER_TIMEOUT_OPTION && option == Option.TCP_USER_TIMEOUT_OPTION) return Flag.UserTimeout;
    return 0;
  }

  private static setFlag(socket: Socket, flag: u32, on: bool): i32 {
    socket.flags = on ? socket.flags | flag : socket.flags & ~flag;
    if (socket.kind == Kind.Listener) Listeners.setFlags(socket.target, socket.flags);
    if (socket.kind != Kind.Connection) return Status.Ok;
    const tcb = Sockets.tcb(socket);
    if (on) tcb.set(flag);
    else tcb.clear(flag);
    if (flag == Flag.KeepAlive) Sockets.restartKeepAlive(tcb);
    else if (tcb.state != State.Closed) Tcbs.wantOutput(tcb, 0);
    return Status.Ok;
  }

  private static restartKeepAlive(tcb: Tcb): void {
    tcb.keepProbes = 0;
    tcb.keepAt = Timeouts.isKeptAlive(tcb) ? Time.after(<u32>tcb.keepIdle * 1000) : 0;
  }

  private static attach(socket: Socket, tcb: Tcb): void {
    socket.kind = Kind.Connection;
    socket.target = <u32>changetype<usize>(tcb);
    tcb.socket = <u8>(Sockets.number(socket) + 1);
  }

  private static end(socket: Socket, linger: i32): i32 {
    if (socket.kind == Kind.Connection) {
      Calls.close(Sockets.tcb(socket), linger);
    } else if (socket.kind == Kind.Listener) {
      const listener = socket.target;
      for (let waiting = Tcbs.waiting; waiting != 0; waiting &= waiting - 1) {
        const tcb = Tcbs.first(waiting);
        if (tcb.listener == listener) Calls.abort(tcb);
      }
      Listeners.close(listener);
    }
    memory.fill(changetype<usize>(socket), 0, SOCKET_OCTETS);
    store<u32>(LOWEST, min(load<u32>(LOWEST), Sockets.number(socket)));
    Tcbs.newsOfWaiting();
    return Status.Ok;
  }

  /** The connection that has waited longest on the listener with its handshake done, or null. */
  private static waiting(listener: u32): Tcb {
    let oldest = changetype<Tcb>(0);
    for (let waiting = Tcbs.waiting; waiting != 0; waiting &= waiting - 1) {
      const tcb = Tcbs.first(waiting);
      if (tcb.listener != listener || tcb.state < State.Established) continue;
      if (changetype<usize>(oldest) == 0 || Seq.lt(tcb.birth, oldest.birth)) oldest = tcb;
    }
    return oldest;
  }

  private static isBound(port: u32): bool {
    for (let i: u32 = 0; i < SOCKET_COUNT; i++) {
      const socket = Sockets.at(i);
      if (socket.port == port && (socket.kind == Kind.Fresh || socket.kind == Kind.Listener)) return true;
    }
    return false;
  }

  /** A local port that nothing uses, or 0. */
  private static ephemeral(address: u32, port: u32): u32 {
    for (let i: u32 = 0; i < EPHEMERAL_ATTEMPTS + SOCKET_COUNT; i++) {
      const candidate = Isn.port(address, port);
      if (!Sockets.isBound(candidate) && !Tcbs.isPortUsed(candidate)) return candidate;
    }
    return 0;
  }
}
