// SPDX-License-Identifier: MIT
// The other end of a benchmark: a second instance of the stack, without a chip and infinitely fast, that keeps one
// connection to a program of the board full.

import { parseIpv4 } from '../machine/address.ts';
import { MILLISECOND } from '../net/clock.ts';
import type { VirtualClock } from '../net/clock.ts';
import type { Wire } from '../net/wire.ts';
import { PortHost } from '../port-host.ts';

/** Octets of a full segment's text. */
export const SEGMENT = 1460;

/** The board of every benchmark. */
export const BOARD_ADDRESS = '10.0.0.2';

/** How often the peer looks at its rings: they hold 50 ms of the wire. */
const STEP = MILLISECOND;
/** How long an echo may take. */
const ECHO_LIMIT = 10_000 * MILLISECOND;

export class Peer {
  readonly host: PortHost;
  /** Octets of text that came back. */
  received = 0;
  private readonly clock: VirtualClock;
  private socket = -1;

  constructor(clock: VirtualClock, wire: Wire) {
    this.clock = clock;
    this.host = new PortHost({ clock, wire, name: 'peer', address: '10.0.0.1' }).start();
  }

  /** Open a connection to `port`, in place of the one before. */
  connect(port: number): void {
    if (this.socket >= 0) this.host.stack.abort(this.socket);
    this.socket = this.host.stack.socket();
    this.host.stack.connect(this.socket, parseIpv4(BOARD_ADDRESS), port);
    this.host.wake();
  }

  /** Octets of text that the board has acknowledged, modulo 2³². */
  get acknowledged(): number {
    return this.host.stack.connectionOf(this.socket)!.sndUna;
  }

  /** Let `duration` pass, taking all text that comes and, with `feed`, sending as much as goes. */
  pump(duration: number, feed: boolean): void {
    const { stack } = this.host;
    for (const end = this.clock.now + duration; this.clock.now < end; this.clock.run(STEP)) {
      for (let n = feed ? stack.sendSpan(this.socket).length : 0; n > 0;) {
        stack.sendCommit(this.socket, n);
        n = stack.sendSpan(this.socket).length;
      }
      this.drain();
      this.host.wake();
    }
  }

  /** Send `octets` and wait until as many have come back. Returns the time between, ns. */
  echo(octets: number): number {
    const began = this.clock.now;
    const goal = this.received + octets;
    this.host.stack.sendSpan(this.socket).fill(0x2a, 0, octets);
    this.host.stack.sendCommit(this.socket, octets);
    this.host.wake();
    const isBack = this.clock.runWhile(() => {
      this.drain();
      return this.received < goal;
    }, ECHO_LIMIT);
    if (!isBack) throw new Error('the board does not answer');
    return this.clock.now - began;
  }

  stop(): void {
    this.host.stop();
  }

  private drain(): void {
    const { stack } = this.host;
    for (let n = stack.recvSpan(this.socket).length; n > 0; n = stack.recvSpan(this.socket).length) {
      stack.recvCommit(this.socket, n);
      this.received += n;
    }
  }
}
