// SPDX-License-Identifier: MIT
// A victim of the default profile that moves text with an honest peer over a wire in virtual time, and an attacker on the
// same wire: what the peer gets with and without the attack. The attacker is as good as a test makes it: blind, or with
// the numbers of the connection before its eyes.

import assert from 'node:assert/strict';
import { PortHost, VirtualClock, Wire } from '../../host/index.ts';
import { parseIpv4 } from '../../host/machine/address.ts';
import type { ConnectionInfo } from '../../host/machine/stack.ts';
import { SECOND } from '../../host/net/clock.ts';
import { emitEthernet, emitIpv4, emitTcp, IPV4, TCP } from '../support/frames.ts';
import type { Forged } from './victim.ts';
import { transfer } from './flood.ts';

const VICTIM = '10.0.0.2';
const MOVER = '10.0.0.3';

export interface Battle {
  /** Of the victim. Default `port`. */
  module?: string;
  /** Of the text. Default `down`: from the victim. */
  direction?: 'down' | 'up';
  /** How long is measured, s. Default 3. */
  seconds?: number;
}

export class Field {
  readonly clock = new VirtualClock();
  readonly wire = new Wire(this.clock, { rateBps: 100_000_000, delayMs: 5 });
  readonly victim: PortHost;
  readonly mover: PortHost;
  readonly program: number;
  private readonly line: ReturnType<Wire['attach']>;
  private readonly octets: () => number;

  constructor({ module = 'port', direction = 'down' }: Battle) {
    const { clock, wire } = this;
    this.victim = new PortHost({ clock, wire, name: 'victim', address: VICTIM, module });
    this.mover = new PortHost({ clock, wire, name: 'mover', address: MOVER });
    for (const host of [this.victim, this.mover]) {
      host.on('error', (error) => {
        throw error;
      });
      host.start();
    }
    this.line = wire.attach('attacker', () => {});
    this.line.impair({ rateBps: 0, delayMs: 0 });
    this.program = direction === 'down' ? 19 : 9;
    clock.run(0.2 * SECOND);
    this.octets = transfer(this.mover, VICTIM, direction);
    clock.run(SECOND);
  }

  /** The victim's end of the connection, now. */
  get connection(): ConnectionInfo {
    const found = this.victim.stack.connections().find(({ localPort }) => localPort === this.program);
    assert.ok(found !== undefined, 'the connection is gone');
    return found;
  }

  /** Octets a second that arrive in the next `seconds`. */
  goodput(seconds: number): number {
    const before = this.octets();
    this.clock.run(seconds * SECOND);
    return (this.octets() - before) / seconds;
  }

  throw(frame: Uint8Array): void {
    this.line.send(frame);
  }

  /** A segment as if from the mover to the victim. */
  forge(forged: Forged): void {
    const { port, address } = { port: this.connection.remotePort, address: parseIpv4(MOVER), ...forged };
    const addresses = { source: address, destination: parseIpv4(VICTIM) };
    const { seq, ack = 0, flags, win = 0xffff, text = '', options = [] } = forged;
    const segment = emitTcp(
      { srcPort: port, dstPort: this.program, seq: seq >>> 0, ack: ack >>> 0, flags, win, text, options },
      addresses,
    );
    const datagram = emitIpv4({ ...addresses, protocol: TCP }, segment);
    this.throw(emitEthernet({ destination: this.victim.mac, source: this.mover.mac, type: IPV4 }, datagram));
  }

  /** `attack` so often a second from now on. */
  every(perSecond: number, attack: () => void): void {
    const step = Math.round(SECOND / perSecond);
    const next = (): void => {
      attack();
      this.clock.at(this.clock.now + step, next);
    };
    this.clock.at(this.clock.now + step, next);
  }
}

/** What was measured in peace, by the options. */
const peaceful = new Map<string, number>();

/** Goodput in peace and while `attack` goes on, octets a second, and the field as it is then. */
export function battle(
  options: Battle,
  attack: (field: Field) => void,
): { peace: number; attacked: number; field: Field } {
  const { seconds = 3 } = options;
  const key = JSON.stringify(options);
  const peace = peaceful.get(key) ?? new Field(options).goodput(seconds);
  peaceful.set(key, peace);
  const field = new Field(options);
  attack(field);
  const attacked = field.goodput(seconds);
  return { peace, attacked, field };
}
