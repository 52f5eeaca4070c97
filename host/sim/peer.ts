// SPDX-License-Identifier: MIT
// What is at the other end of the board's wire: the gateway, which leads to this computer's ports, or the Linux kernel
// over a TAP interface. And how a user finds the board through it.

import { networkInterfaces } from 'node:os';
import { Gateway } from '../gateway/gateway.ts';
import type { Allow } from '../gateway/gateway.ts';
import { Tap } from '../gateway/tap.ts';
import type { Clock } from '../net/clock.ts';
import type { Wire } from '../net/wire.ts';
import type { Observer } from './observer.ts';
import { watchStates } from './states.ts';

/** Where the board and its peer are. */
export const BOARD = '10.0.0.2';
export const PEER = '10.0.0.1';

/** A port of this computer for a port of the board. */
export interface PortForward {
  host: string;
  /** 0 = any free one. */
  port: number;
  boardPort: number;
}

/** The far end of the wire. */
export interface Peer {
  /** Lines that say how to reach the board. */
  greeting: string[];
  /** The same for programs. */
  facts: object;
  /** Tell of its states and troubles. */
  watch(observer: Observer): void;
  /** Frames lost because it was behind. */
  lost(): number;
  onError(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

/** Open the gateway. Rejects with one line when a port cannot be had. */
export async function openGateway(options: {
  clock: Clock;
  wire: Wire;
  forward: PortForward[];
  allow: Allow[];
}): Promise<Peer> {
  const { forward, allow, ...far } = options;
  const twice = forward.find((a, i) => a.port > 0 && forward.findIndex((b) => isSame(a, b)) < i);
  if (twice !== undefined) throw new Error(`port ${twice.port} on ${twice.host} is forwarded twice`);
  const forwards = forward.map(({ boardPort, ...here }) => ({
    ...here,
    to: { address: BOARD, port: boardPort },
  }));
  const gateway = new Gateway({ ...far, address: PEER, forwards, allow });
  const ports = await gateway.open().catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new Error(`${error.message}; ${otherPort(forward, error.message)}`)
      : error;
  });
  const open = forward.map((wanted, i) => ({ ...wanted, port: ports[i]! }));
  return {
    greeting: [...open.map(howToReach), ...allow.map(howToLeave)],
    facts: { forward: open, allow },
    watch: (observer) => {
      watchStates(gateway.far, observer);
      gateway.on('refused', (error) => observer.note(`gateway: ${error.message}`));
    },
    lost: () => gateway.far.framesLost,
    onError: (listener) => gateway.far.on('error', listener),
    close: () => gateway.close(),
  };
}

function isSame(a: PortForward, b: PortForward): boolean {
  return a.host === b.host && a.port === b.port;
}

/** How to have another port than the one that `message` says is taken. */
function otherPort(forward: PortForward[], message: string): string {
  const port = Number(/port (\d+)/.exec(message)?.[1]);
  const taken = forward.find((wanted) => wanted.port === port) ?? forward[0]!;
  return `choose another: --forward ${taken.host}:${(taken.port % 65535) + 1}=${taken.boardPort}`;
}

/** What one does with a port of the board. */
function howToReach({ host, port, boardPort }: PortForward): string {
  const name = host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host;
  const base = `${name.includes(':') ? `[${name}]` : name}:${port}`;
  switch (boardPort) {
    case 80:
      return [
        `  browser     http://${base}/`,
        `  page        curl http://${base}/`,
        `  download    curl -o /dev/null http://${base}/chargen/1048576`,
        `  upload      curl -T FILE http://${base}/discard`,
      ].join('\n');
    case 7:
      return `  echo        nc ${name} ${port}`;
    case 9:
      return `  discard     nc -N ${name} ${port} < FILE`;
    case 19:
      return `  chargen     nc ${name} ${port} | head`;
    default:
      return `  port ${String(boardPort).padEnd(5)}  nc ${name} ${port}`;
  }
}

function howToLeave({ port, to }: Allow): string {
  return `  out         what the board sends to ${PEER}:${port} goes to ${to.host}:${to.port}`;
}

/** Open a TAP interface. Rejects with one line that says what to do when it cannot be had. */
export async function openTap(name: string, wire: Wire): Promise<Peer> {
  const tap = await Tap.open(name);
  tap.attach(wire);
  const isReady = networkInterfaces()[name]?.some(({ address }) => address === PEER) ?? false;
  const setUp = `ip addr add ${PEER}/24 dev ${name} && ip link set ${name} up`;
  return {
    greeting: [
      ...(isReady ? [] : ['First, as root, give the kernel its side of the wire:', `  ${setUp}`, '']),
      `  page        curl http://${BOARD}/`,
      `  ping        ping ${BOARD}`,
      `  echo        nc ${BOARD} 7`,
    ],
    facts: { tap: name, setUp: isReady ? undefined : setUp },
    watch: () => undefined, // the kernel keeps its states to itself
    lost: () => tap.framesLost,
    onError: (listener) => tap.on('error', listener),
    close: () => tap.close(),
  };
}
