// SPDX-License-Identifier: MIT
// The socket calls of a script, carried out with the module's: each takes the arguments as they are written and gives
// the result that POSIX has for it, an errno, or `wait`. What a call is to fill in is compared here with what the script
// says. Calls with nothing behind them here are Skips.

import { Option, Ready } from '../machine/stack.ts';
import { expressionText, fieldOf, iovecLength, itemsOf, numberOf, wordsOf } from './arguments.ts';
import { CONSTANTS } from './constants.ts';
import { attempt } from './descriptor.ts';
import type { Answer, Descriptor } from './descriptor.ts';
import { Difference, Skip } from './outcome.ts';
import { getsockopt, setsockopt } from './option-calls.ts';
import { epollCreate, epollCtl, epollWait, poll } from './poll-calls.ts';
import type { Expression } from './syntax.ts';
import { REMOTE_PORT } from './world.ts';
import type { World } from './world.ts';

/** A call under way. */
export interface Attempt {
  /** Microseconds since the first try. */
  elapsedUs: number;
  /** The script says when it returns, so it may block. */
  mayBlock: boolean;
  /** Octets that earlier tries have sent. */
  done: number;
}

/** One try of a call. */
export type Handler = (world: World, operands: readonly Expression[], attempt: Attempt) => Answer;

const { O_RDWR, O_NONBLOCK, SOCK_NONBLOCK, MSG_OOB, MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL, MSG_EOR } =
  CONSTANTS as Record<'O_RDWR' | 'O_NONBLOCK' | 'SOCK_NONBLOCK' | 'MSG_OOB' | 'MSG_PEEK' | 'MSG_DONTWAIT', number> &
    Record<'MSG_WAITALL' | 'MSG_NOSIGNAL' | 'MSG_EOR', number>;

const socket: Handler = (world, [domain, type, protocol]) => {
  for (const bad of ['AF_UNIX', 'AF_INET6']) {
    if (domain?.kind === 'words' && domain.names.includes(bad)) throw new Skip(`a socket of ${bad}`);
  }
  const kind = numberOf(type) ?? CONSTANTS.SOCK_STREAM!;
  if ((kind & 15) !== CONSTANTS.SOCK_STREAM) throw new Skip(`a socket of ${wordsOf(type)}`);
  if (![undefined, 0, CONSTANTS.IPPROTO_TCP].includes(numberOf(protocol))) {
    throw new Skip(`a socket of ${wordsOf(protocol)}`);
  }
  return attempt(() => {
    const descriptor = world.open(world.subject.call((stack) => stack.socket()));
    descriptor.isBlocking = (kind & SOCK_NONBLOCK) === 0;
    return descriptor.fd;
  });
};

/** The port of a `{sa_family=…, sin_port=htons(N), …}`; undefined for `...`. */
function portOf(address: Expression | undefined): number | undefined {
  if (wordsOf(fieldOf(address, 'sa_family')) === 'AF_UNSPEC') throw new Skip('an address of AF_UNSPEC');
  return numberOf(fieldOf(address, 'sin_port'));
}

const bind: Handler = (world, [fd, address]) => {
  const descriptor = world.descriptor(fd);
  const port = portOf(address) ?? world.flows.listenPort;
  return attempt(() => {
    world.subject.call((stack) => stack.bind(descriptor.socket, 0, port));
    descriptor.port = port;
    return 0;
  });
};

const listen: Handler = (world, [fd, backlog]) => {
  const descriptor = world.descriptor(fd);
  return attempt(() => {
    if (descriptor.kind !== 'listener') {
      world.subject.call((stack) => stack.listen(descriptor.socket, numberOf(backlog) ?? 1));
    }
    descriptor.kind = 'listener';
    if (descriptor.port !== 0) world.flows.listenPort = descriptor.port;
    world.flows.awaitsSyn = true;
    return 0;
  });
};

const accept: Handler = (world, [fd, , , flags]) => {
  const listener = world.descriptor(fd);
  return attempt(() => {
    const number = world.subject.call((stack) => stack.accept(listener.socket));
    if (number === undefined) return listener.isBlocking ? 'wait' : { errno: 'EAGAIN' };
    const descriptor = world.open(number);
    descriptor.isBlocking = ((numberOf(flags) ?? 0) & SOCK_NONBLOCK) === 0;
    descriptor.becomeConnection(world.subject.stack, world.settings, listener);
    world.attach(descriptor);
    return descriptor.fd;
  });
};

const connect: Handler = (world, [fd, address], { elapsedUs }) => {
  const descriptor = world.descriptor(fd);
  const { subject } = world;
  if (!descriptor.isConnecting) {
    const port = portOf(address) ?? REMOTE_PORT;
    const answer = attempt(() => {
      subject.call((stack) => {
        if (world.settings.offersEcn) stack.setsockopt(descriptor.socket, Option.TCP_ECN, 1);
        stack.connect(descriptor.socket, world.remoteAddress, port);
        descriptor.becomeConnection(stack, world.settings);
        world.attach(descriptor, port);
      });
      return 0;
    });
    if (answer !== 0) return answer;
    descriptor.isConnecting = true;
    world.flows.awaitsSyn = false;
    return descriptor.isBlocking ? 'wait' : { errno: 'EINPROGRESS' };
  }
  const ready = subject.stack.ready(descriptor.socket);
  if ((ready & (Ready.Connected | Ready.Error | Ready.EndOfStream)) === 0) {
    return descriptor.isBlocking || elapsedUs > 0 ? 'wait' : { errno: 'EALREADY' };
  }
  descriptor.isConnecting = false;
  if (ready & Ready.Connected) return 0;
  const error = attempt(() => subject.call((stack) => stack.recv(descriptor.socket, 1)?.length ?? 0));
  descriptor.isDead = true;
  return typeof error === 'object' ? error : { errno: 'ECONNREFUSED' };
};

// --- data ----------------------------------------------------------------------------------------------------------------

function sending(
  world: World,
  fd: Expression | undefined,
  length: number,
  flags: Expression | undefined,
  tries: Attempt,
): Answer {
  const descriptor = world.descriptor(fd);
  if (descriptor.kind !== 'connection') return { errno: descriptor.kind === 'listener' ? 'EPIPE' : 'ENOTCONN' };
  const bits = numberOf(flags) ?? 0;
  const known = MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR;
  if (bits & ~known) throw new Skip(`send with ${wordsOf(flags)}`);
  const isBlocking = descriptor.isBlocking && (bits & MSG_DONTWAIT) === 0;
  // A kernel's send buffer may be larger than the ring: what a write that is not to block leaves over goes later.
  const mayLag = isBlocking && !tries.mayBlock && !world.rules.strict;
  const answer = world.subject.call((stack) =>
    descriptor.send(stack, length - tries.done, bits & MSG_OOB, mayLag),
  );
  if (!isBlocking) return answer === 'wait' ? { errno: 'EAGAIN' } : answer;
  if (typeof answer === 'number') tries.done += answer;
  if (typeof answer === 'object' && tries.done > 0) return tries.done;
  return typeof answer === 'object' ? answer : tries.done === length ? length : 'wait';
}

function receiving(
  world: World,
  fd: Expression | undefined,
  max: number,
  flags: Expression | undefined,
): Answer {
  const descriptor = world.descriptor(fd);
  if (descriptor.kind !== 'connection') return { errno: 'ENOTCONN' };
  const bits = numberOf(flags) ?? 0;
  if (bits & ~(MSG_PEEK | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL)) throw new Skip(`recv with ${wordsOf(flags)}`);
  const isBlocking = descriptor.isBlocking && (bits & MSG_DONTWAIT) === 0;
  if (bits & MSG_WAITALL && isBlocking) {
    const { stack } = world.subject;
    const isOpen = (stack.ready(descriptor.socket) & (Ready.Error | Ready.EndOfStream)) === 0;
    const waiting = stack.connectionOf(descriptor.socket)?.receiveQueue ?? 0;
    if (waiting < max && isOpen) return 'wait';
  }
  const answer = world.subject.call((stack) => descriptor.receive(stack, max, (bits & MSG_PEEK) !== 0));
  return answer === 'wait' && !isBlocking ? { errno: 'EAGAIN' } : answer;
}

const length = (operand: Expression | undefined): number => numberOf(operand) ?? 0;

const sendmsg: Handler = (world, [fd, message, flags], tries) => {
  if (itemsOf(fieldOf(message, 'msg_control')).length > 0) throw new Skip('sendmsg with control messages');
  return sending(world, fd, iovecLength(fieldOf(message, 'msg_iov')), flags, tries);
};

const recvmsg: Handler = (world, [fd, message, flags]) => {
  const controls = itemsOf(fieldOf(message, 'msg_control'));
  const answer = receiving(world, fd, iovecLength(fieldOf(message, 'msg_iov')), flags);
  if (typeof answer !== 'number') return answer;
  for (const control of controls) {
    const type = wordsOf(fieldOf(control, 'cmsg_type'));
    if (type !== 'TCP_CM_INQ' && type !== 'TCP_INQ') throw new Skip(`recvmsg with ${type}`);
    const wanted = numberOf(fieldOf(control, 'cmsg_data'));
    const left = inqueue(world, world.descriptor(fd));
    if (wanted !== undefined && wanted !== left) {
      throw new Difference(`cmsg_data of TCP_CM_INQ is ${left}, not ${wanted}`);
    }
  }
  return answer;
};

/** Octets that wait to be read, or one for the end of the stream: TCP_INQ. */
function inqueue({ subject }: World, { socket: number }: Descriptor): number {
  const waiting = subject.stack.connectionOf(number)?.receiveQueue ?? 0;
  const isEnd = (subject.stack.ready(number) & Ready.EndOfStream) !== 0;
  return waiting + (waiting === 0 && isEnd ? 1 : 0);
}

// --- ending and asking -----------------------------------------------------------------------------------------------------

const shutdown: Handler = (world, [fd, how]) => {
  const descriptor = world.descriptor(fd);
  return attempt(() => {
    world.subject.call((stack) => stack.shutdown(descriptor.socket, numberOf(how) ?? 0));
    return 0;
  });
};

const close: Handler = (world, [fd]) => {
  if (world.closeEpoll(fd)) return 0;
  const descriptor = world.descriptor(fd);
  if (descriptor.backlog > 0) {
    world.closeLater(descriptor);
    return 0;
  }
  return attempt(() => {
    world.subject.call((stack) => stack.close(descriptor.socket));
    world.forget(descriptor);
    return 0;
  });
};

const fcntl: Handler = (world, [fd, command, value]) => {
  const descriptor = world.descriptor(fd);
  const name = wordsOf(command);
  if (name === 'F_GETFL') return O_RDWR | (descriptor.isBlocking ? 0 : O_NONBLOCK);
  if (name === 'F_GETFD' || name === 'F_SETFD') return 0;
  if (name !== 'F_SETFL') throw new Skip(`fcntl ${name}`);
  descriptor.isBlocking = ((numberOf(value) ?? 0) & O_NONBLOCK) === 0;
  return 0;
};

const ioctl: Handler = (world, [fd, request, value]) => {
  const descriptor = world.descriptor(fd);
  const info = world.subject.stack.connectionOf(descriptor.socket);
  const queued = (info?.sendQueue ?? 0) + descriptor.backlog;
  const name = wordsOf(request);
  const answers: Readonly<Record<string, () => number>> = {
    SIOCINQ: () => info?.receiveQueue ?? 0,
    FIONREAD: () => info?.receiveQueue ?? 0,
    SIOCOUTQ: () => queued,
    FIONWRITE: () => queued,
    SIOCOUTQNSD: () => queued - (info === undefined ? 0 : (info.sndNxt - info.sndUna) >>> 0),
  };
  if (name === 'FIONBIO') {
    descriptor.isBlocking = (numberOf(value) ?? 0) === 0;
    return 0;
  }
  const answer = answers[name];
  if (answer === undefined) throw new Skip(`ioctl ${name}`);
  if (descriptor.kind === 'listener') return { errno: 'EINVAL' };
  const [wanted, real] = [numberOf(value), answer()];
  if (wanted !== undefined && wanted !== real) throw new Difference(`${name} is ${real}, not ${wanted}`);
  return 0;
};

const HANDLERS: Readonly<Record<string, Handler>> = {
  ...{ socket, bind, listen, accept, accept4: accept, connect, shutdown, close, fcntl, ioctl },
  ...{ setsockopt, getsockopt, poll, sendmsg, recvmsg },
  ...{ epoll_create: epollCreate, epoll_create1: epollCreate, epoll_ctl: epollCtl, epoll_wait: epollWait },
  read: (world, [fd, , max]) => receiving(world, fd, length(max), undefined),
  recv: (world, [fd, , max, flags]) => receiving(world, fd, length(max), flags),
  recvfrom: (world, [fd, , max, flags]) => receiving(world, fd, length(max), flags),
  readv: (world, [fd, vector]) => receiving(world, fd, iovecLength(vector), undefined),
  write: (world, [fd, , size], tries) => sending(world, fd, length(size), undefined, tries),
  send: (world, [fd, , size, flags], tries) => sending(world, fd, length(size), flags, tries),
  sendto: (world, [fd, , size, flags], tries) => sending(world, fd, length(size), flags, tries),
  writev: (world, [fd, vector], tries) => sending(world, fd, iovecLength(vector), undefined, tries),
};

export function handlerOf(name: string): Handler | undefined {
  return HANDLERS[name];
}

/** `write(4, ..., 1000)`. */
export function callText(name: string, operands: readonly Expression[]): string {
  return `${name}(${operands.map(expressionText).join(', ')})`;
}
