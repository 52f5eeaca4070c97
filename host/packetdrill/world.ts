// SPDX-License-Identifier: MIT
// What the calls of one script act on: the stack, its descriptors by number, its connections, and what the commands of
// the script have set. Numbers of descriptors are given out as POSIX has them, the lowest that is free, from 3 on, unless
// the script's result names another.

import type { ConnectionInfo, Stack } from '../machine/stack.ts';
import { numberOf } from './arguments.ts';
import { Descriptor } from './descriptor.ts';
import { Flows } from './flow.ts';
import type { Flow } from './flow.ts';
import type { MatchRules } from './matcher.ts';
import { Difference, Skip } from './outcome.ts';
import type { Epoll } from './poll-calls.ts';
import type { Settings } from './settings.ts';
import { REMOTE } from './subject.ts';
import type { Subject } from './subject.ts';
import type { Expression } from './syntax.ts';

/** Where `bind(3, ..., ...)` and `connect(3, ..., ...)` go. */
export const LOCAL_PORT = 8080;
export const REMOTE_PORT = 8080;

export class World {
  readonly flows = new Flows(LOCAL_PORT);
  readonly remoteAddress = REMOTE.address;
  /** Values of options that only the script sees, by descriptor and name. */
  readonly kept = new Map<string, number>();
  /** The descriptor number that the script expects of the call under way. */
  wantedFd: number | undefined;
  private readonly closing = new Set<Descriptor>();
  private readonly descriptors = new Map<number, Descriptor>();
  private readonly epolls = new Map<number, Epoll>();

  constructor(
    readonly subject: Subject,
    readonly settings: Settings,
    readonly rules: MatchRules,
  ) {}

  get sockets(): Iterable<Descriptor> {
    return this.descriptors.values();
  }

  /** The socket that `expression` numbers. */
  descriptor(expression: Expression | undefined): Descriptor {
    const fd = numberOf(expression);
    const descriptor = fd === undefined ? undefined : this.descriptors.get(fd);
    if (descriptor !== undefined) return descriptor;
    if (fd !== undefined && this.epolls.has(fd)) throw new Skip('calls for sockets on an epoll descriptor');
    throw new Difference(`no socket has the number ${fd ?? '...'}`);
  }

  /** A descriptor for the module's socket. */
  open(socket: number): Descriptor {
    const descriptor = new Descriptor(this.freeFd(), socket);
    this.descriptors.set(descriptor.fd, descriptor);
    return descriptor;
  }

  forget(descriptor: Descriptor): void {
    this.descriptors.delete(descriptor.fd);
    for (const epoll of this.epolls.values()) epoll.interests.delete(descriptor);
  }

  /** `descriptor` has a connection, `stack` says which; it is the one that the next packets are of. */
  attach(descriptor: Descriptor, stack: Stack, remotePort?: number): void {
    const info = stack.connectionOf(descriptor.socket);
    const flow =
      info === undefined ? undefined : this.flows.find(info.localPort, remotePort ?? info.remotePort);
    descriptor.flow = flow ?? this.flows.add(info?.localPort ?? descriptor.port, remotePort);
    this.flows.current = descriptor.flow;
  }

  /** What the stack says of a connection; undefined when it has none. */
  infoOf(flow: Flow): ConnectionInfo | undefined {
    return this.subject.stack
      .connections()
      .find(({ localPort, remotePort }) => localPort === flow.localPort && remotePort === flow.remotePort);
  }

  /**
   * Text that blocking writes have promised goes on as there is room; sockets are closed once theirs has gone. Returns
   * whether any went.
   */
  catchUp(): boolean {
    let hasSent = false;
    for (const descriptor of [...this.descriptors.values(), ...this.closing]) {
      if (descriptor.backlog > 0)
        hasSent = this.subject.call((stack) => descriptor.catchUp(stack)) || hasSent;
      if (descriptor.backlog === 0 && this.closing.delete(descriptor)) {
        this.subject.call((stack) => stack.close(descriptor.socket));
      }
    }
    return hasSent;
  }

  /** Close once the text that waits has gone. */
  closeLater(descriptor: Descriptor): void {
    this.forget(descriptor);
    this.closing.add(descriptor);
  }

  // --- epoll ------------------------------------------------------------------------------------------------------------

  openEpoll(epoll: Epoll): number {
    const fd = this.freeFd();
    this.epolls.set(fd, epoll);
    return fd;
  }

  epoll(expression: Expression | undefined): Epoll {
    const epoll = this.epolls.get(numberOf(expression) ?? -1);
    if (epoll === undefined) throw new Difference('no epoll descriptor has this number');
    return epoll;
  }

  /** Whether it was one. */
  closeEpoll(expression: Expression | undefined): boolean {
    return this.epolls.delete(numberOf(expression) ?? -1);
  }

  private freeFd(): number {
    const isFree = (fd: number): boolean => !this.descriptors.has(fd) && !this.epolls.has(fd);
    if (this.wantedFd !== undefined && this.wantedFd >= 0 && isFree(this.wantedFd)) return this.wantedFd;
    let fd = 3;
    while (!isFree(fd)) fd++;
    return fd;
  }
}
