// SPDX-License-Identifier: MIT
// poll and epoll over the module's `ready`. What select would need, and descriptors that are no sockets, are left out.

import { Ready } from '../machine/stack.ts';
import { fieldOf, itemsOf, numberOf, wordsOf } from './arguments.ts';
import type { Handler } from './handler.ts';
import { CONSTANTS } from './constants.ts';
import type { Answer, Descriptor } from './descriptor.ts';
import { Difference } from './outcome.ts';
import type { Expression } from './syntax.ts';
import type { World } from './world.ts';

const { POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLRDHUP } = CONSTANTS;
const { EPOLLET, EPOLLONESHOT } = CONSTANTS;
const NAMES = ['POLLIN', 'POLLPRI', 'POLLOUT', 'POLLERR', 'POLLHUP', 'POLLRDHUP'];

/** What a socket has, in the bits of poll, which are those of epoll. */
export function pollBits(world: World, { socket, kind, isDead }: Descriptor): number {
  if (kind === 'fresh') return POLLOUT | POLLHUP;
  const { stack } = world.subject;
  const ready = stack.ready(socket);
  let bits = 0;
  if (ready & (Ready.Readable | Ready.Acceptable)) bits |= POLLIN;
  if (ready & Ready.Writable) bits |= POLLOUT;
  if (ready & Ready.Urgent) bits |= POLLPRI;
  if (ready & Ready.Error && !isDead) bits |= POLLERR;
  if (ready & Ready.EndOfStream) bits |= POLLRDHUP;
  const hasEnded = stack.connectionOf(socket) === undefined && kind === 'connection';
  if (hasEnded || (ready & Ready.Error) !== 0) bits |= POLLHUP | POLLIN | POLLOUT | POLLRDHUP;
  return bits;
}

function bitsText(bits: number): string {
  return NAMES.filter((name) => bits & CONSTANTS[name]!).join('|') || '0';
}

export const poll: Handler = (world, [fds, , timeout], { elapsedUs }): Answer => {
  let count = 0;
  const found: [Expression, number][] = [];
  for (const item of itemsOf(fds)) {
    const events = numberOf(fieldOf(item, 'events')) ?? 0;
    const asked = (events | POLLERR | POLLHUP) >>> 0;
    const bits = pollBits(world, world.descriptor(fieldOf(item, 'fd'))) & asked;
    if (bits !== 0) count++;
    found.push([item, bits]);
  }
  const limit = numberOf(timeout) ?? -1;
  if (count === 0 && limit !== 0 && (limit < 0 || elapsedUs < limit * 1000)) return 'wait';
  for (const [item, bits] of found) {
    const wanted = numberOf(fieldOf(item, 'revents'));
    if (wanted !== undefined && wanted !== bits) {
      throw new Difference(`revents is ${bitsText(bits)}, not ${bitsText(wanted)}`);
    }
  }
  return count;
};

// --- epoll -----------------------------------------------------------------------------------------------------------------

interface Interest {
  descriptor: Descriptor;
  events: number;
  /** News that have been told. */
  told: { in: number; out: number };
  isDisarmed: boolean;
}

/** The sockets that one epoll descriptor looks after. */
export class Epoll {
  readonly interests = new Map<Descriptor, Interest>();
}

export const epollCreate: Handler = (world) => world.openEpoll(new Epoll());

export const epollCtl: Handler = (world, [epfd, operation, fd, event]) => {
  const epoll = world.epoll(epfd);
  const descriptor = world.descriptor(fd);
  const name = wordsOf(operation);
  const known = epoll.interests.get(descriptor);
  if (name === 'EPOLL_CTL_ADD' && known !== undefined) return { errno: 'EEXIST' };
  if (name !== 'EPOLL_CTL_ADD' && known === undefined) return { errno: 'ENOENT' };
  if (name === 'EPOLL_CTL_DEL') {
    epoll.interests.delete(descriptor);
    return 0;
  }
  const events = numberOf(fieldOf(event, 'events')) ?? 0;
  // Being added or changed is news.
  epoll.interests.set(descriptor, { descriptor, events, told: { in: -1, out: -1 }, isDisarmed: false });
  return 0;
};

export const epollWait: Handler = (world, [epfd, events, max, timeout], { elapsedUs }): Answer => {
  const epoll = world.epoll(epfd);
  const ready: { interest: Interest; bits: number }[] = [];
  for (const interest of epoll.interests.values()) {
    if (ready.length >= (numberOf(max) ?? 1)) break;
    const bits = epollBits(world, interest);
    if (bits !== 0) ready.push({ interest, bits });
  }
  const limit = numberOf(timeout) ?? -1;
  if (ready.length === 0 && limit !== 0 && (limit < 0 || elapsedUs < limit * 1000)) return 'wait';
  const wantedEvents = events?.kind === 'list' ? events.items : events === undefined ? [] : [events];
  ready.forEach(({ interest, bits }, i) => {
    const wanted = numberOf(fieldOf(wantedEvents[i], 'events'));
    if (wanted !== undefined && (wanted & ~EPOLLET) !== bits) {
      throw new Difference(`events is ${bitsText(bits)}, not ${bitsText(wanted)}`);
    }
    interest.told = { ...interest.descriptor.news };
    if (interest.events & EPOLLONESHOT) interest.isDisarmed = true;
  });
  return ready.length;
};

function epollBits(world: World, interest: Interest): number {
  const { descriptor, events, told, isDisarmed } = interest;
  if (isDisarmed) return 0;
  const bits = pollBits(world, descriptor) & ((events | POLLERR | POLLHUP) & 0xffff);
  const isEdge = (events & EPOLLET) !== 0;
  const hasNews =
    told.in !== descriptor.news.in || ((events & POLLOUT) !== 0 && told.out !== descriptor.news.out);
  return isEdge && !hasNews ? 0 : bits;
}
