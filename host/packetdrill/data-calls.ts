// SPDX-License-Identifier: MIT
// The calls that send and receive: what they share is which flags there are, and what it means to block.

import { Ready } from '../machine/stack.ts';
import { fieldOf, iovecLength, itemsOf, numberOf, wordsOf } from './arguments.ts';
import { CONSTANTS } from './constants.ts';
import type { Answer, Descriptor } from './descriptor.ts';
import type { Attempt, Handler } from './handler.ts';
import { Difference, Skip } from './outcome.ts';
import type { Expression } from './syntax.ts';
import type { World } from './world.ts';

const { MSG_OOB, MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL, MSG_EOR } = CONSTANTS;

function sending(
  world: World,
  fd: Expression | undefined,
  length: number,
  flags: Expression | undefined,
  tries: Attempt,
): Answer {
  const descriptor = world.descriptor(fd);
  if (descriptor.kind !== 'connection')
    return { errno: descriptor.kind === 'listener' ? 'EPIPE' : 'ENOTCONN' };
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
  if (bits & ~(MSG_PEEK | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL))
    throw new Skip(`recv with ${wordsOf(flags)}`);
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

export const DATA_CALLS: Readonly<Record<string, Handler>> = {
  sendmsg,
  recvmsg,
  read: (world, [fd, , max]) => receiving(world, fd, length(max), undefined),
  recv: (world, [fd, , max, flags]) => receiving(world, fd, length(max), flags),
  recvfrom: (world, [fd, , max, flags]) => receiving(world, fd, length(max), flags),
  readv: (world, [fd, vector]) => receiving(world, fd, iovecLength(vector), undefined),
  write: (world, [fd, , size], tries) => sending(world, fd, length(size), undefined, tries),
  send: (world, [fd, , size, flags], tries) => sending(world, fd, length(size), flags, tries),
  sendto: (world, [fd, , size, flags], tries) => sending(world, fd, length(size), flags, tries),
  writev: (world, [fd, vector], tries) => sending(world, fd, iovecLength(vector), undefined, tries),
};
