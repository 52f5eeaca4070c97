// SPDX-License-Identifier: MIT
// The socket calls of a script, carried out with the module's: each takes the arguments as they are written and gives
// the result that POSIX has for it, an errno, or `wait`. What a call is to fill in is compared here with what the script
// says. Calls with nothing behind them here are Skips.

import { Option, Ready } from '../machine/stack.ts';
import { expressionText, fieldOf, numberOf, wordsOf } from './arguments.ts';
import { CONSTANTS } from './constants.ts';
import { DATA_CALLS } from './data-calls.ts';
import { attempt } from './descriptor.ts';
import type { Handler } from './handler.ts';
import { Difference, Skip } from './outcome.ts';
import { getsockopt, setsockopt } from './option-calls.ts';
import { epollCreate, epollCtl, epollWait, poll } from './poll-calls.ts';
import type { Expression } from './syntax.ts';
import { REMOTE_PORT } from './world.ts';

const { O_RDWR, O_NONBLOCK, SOCK_NONBLOCK } = CONSTANTS;

const socket: Handler = (world, [domain, type, protocol]) => {
  for (const bad of ['AF_UNIX', 'AF_INET6']) {
    if (domain?.kind === 'words' && domain.names.includes(bad)) throw new Skip(`a socket of ${bad}`);
  }
  const kind = numberOf(type) ?? CONSTANTS.SOCK_STREAM;
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
    const descriptor = world.subject.call((stack) => {
      const number = stack.accept(listener.socket);
      if (number === undefined) return undefined;
      const accepted = world.open(number);
      accepted.becomeConnection(stack, world.settings, listener);
      world.attach(accepted, stack);
      return accepted;
    });
    if (descriptor === undefined) return listener.isBlocking ? 'wait' : { errno: 'EAGAIN' };
    descriptor.isBlocking = ((numberOf(flags) ?? 0) & SOCK_NONBLOCK) === 0;
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
        world.attach(descriptor, stack, port);
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
  ...{ ...DATA_CALLS, setsockopt, getsockopt, poll },
  ...{ epoll_create: epollCreate, epoll_create1: epollCreate, epoll_ctl: epollCtl, epoll_wait: epollWait },
};

export function handlerOf(name: string): Handler | undefined {
  return HANDLERS[name];
}

/** `write(4, ..., 1000)`. */
export function callText(name: string, operands: readonly Expression[]): string {
  return `${name}(${operands.map(expressionText).join(', ')})`;
}
