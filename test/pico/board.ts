// SPDX-License-Identifier: MIT
// The emulated board of the tests, a peer on its wire, and what tests ask of them. Every poll is compared with the module
// on wasm3 here, and nothing may be done to the chip that its data sheet forbids, unless a test says otherwise.

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { expect } from 'vitest';
import { EMULATED, firmwareFiles } from '../../host/firmware/build.ts';
import { MILLISECOND, PortHost, SECOND, settle, VirtualClock, Wire } from '../../host/index.ts';
import { parseIpv4 } from '../../host/machine/address.ts';
import type { WireOptions } from '../../host/net/wire.ts';
import { PicoBoard } from '../../host/pico-board.ts';
import type { PicoBoardOptions } from '../../host/pico-board.ts';
import { ARP, emitArp, emitEthernet, emitIcmp, emitIpv4, ICMP, IPV4, parse } from '../support/frames.ts';
import type { Packet } from '../support/frames.ts';

export const BOARD = '10.0.0.2';
const ASKER = '10.0.0.9';
const ASKER_MAC = '02:00:00:00:00:09';

export class Rig {
  readonly clock = new VirtualClock();
  readonly wire: Wire;
  readonly board: PicoBoard;
  /** What the UART said, with the instants, ms. */
  readonly lines: string[] = [];
  readonly errors: Error[] = [];
  private readonly asker: ReturnType<Wire['attach']>;
  private heard: Packet[] = [];
  private isAsking = false;
  private boardMac = '';

  constructor(options: Partial<PicoBoardOptions> = {}, wire: WireOptions = {}) {
    const { clock } = this;
    this.wire = new Wire(clock, { rateBps: 10_000_000, delayMs: 0.1, ...wire });
    this.board = new PicoBoard({
      clock,
      wire: this.wire,
      image: firmwareFiles(EMULATED).uf2,
      verify: true,
      ...options,
    });
    this.board.on('line', (line) => this.lines.push(line));
    this.board.on('error', (error) => this.errors.push(error));
    this.asker = this.wire.attach('asker', (frame) => {
      // A module whose memory was spoilt may say anything.
      if (this.isAsking) this.heard.push(parse(Buffer.from(frame)));
    });
    this.board.start();
  }

  /** Run until the UART has said so. Fails after `limit` ms. */
  says(what: RegExp, limit = 5000): void {
    const from = this.lines.length;
    const isSaid = (): boolean => this.lines.slice(from).some((line) => what.test(line));
    this.clock.runWhile(() => !isSaid() && this.errors.length === 0, limit * MILLISECOND);
    expect(this.errors).toEqual([]);
    expect(this.lines.slice(from).join('\n')).toMatch(what);
  }

  /** Run until the link is up. */
  boot(): this {
    this.says(/link up/);
    return this;
  }

  /** Ask for the board's MAC address. */
  arp(): Packet | undefined {
    const asked = { opcode: 1, senderMac: ASKER_MAC, senderIp: parseIpv4(ASKER) };
    this.ask(
      ARP,
      'ff:ff:ff:ff:ff:ff',
      emitArp({ ...asked, targetMac: '00:00:00:00:00:00', targetIp: parseIpv4(BOARD) }),
    );
    const reply = this.heard.find((packet) => packet.kind === 'arp' && packet.opcode === 2);
    if (reply?.kind === 'arp') this.boardMac = reply.senderMac;
    return reply;
  }

  /** Whether an echo request of `size` octets comes back whole, within 100 ms. */
  ping(size = 56): boolean {
    if (this.boardMac === '') this.arp();
    const data = Buffer.alloc(size, 'sandwire');
    const fields = { source: parseIpv4(ASKER), destination: parseIpv4(BOARD), protocol: ICMP };
    this.ask(IPV4, this.boardMac, emitIpv4(fields, emitIcmp(8, 0, 0x12340001, data)));
    return this.heard.some(
      (packet) => packet.kind === 'icmp' && packet.type === 0 && packet.data.equals(data),
    );
  }

  private ask(type: number, destination: string, payload: Buffer): void {
    this.heard = [];
    this.isAsking = true;
    this.asker.send(emitEthernet({ destination, source: ASKER_MAC, type }, payload));
    this.clock.run(100 * MILLISECOND);
    this.isAsking = false;
  }

  /** Another host on the wire. */
  peer(): PortHost {
    return new PortHost({ clock: this.clock, wire: this.wire, name: 'peer', address: '10.0.0.3' }).start();
  }

  /** Run until the promise is settled. */
  until<T>(promise: Promise<T>, limit = 600 * SECOND): Promise<T> {
    return settle(this.clock, promise, limit);
  }

  /** Nothing was amiss, and every poll was the same on wasm3 here. */
  expectProven(): void {
    expect(this.errors).toEqual([]);
    expect(this.board.violations).toEqual([]);
    expect(this.board.polls).toBeGreaterThan(0);
    expect(this.board.provenPolls).toBe(this.board.polls);
  }
}

/** Everything until the end of the stream. */
export async function everything(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

/** Octets that repeat late. */
export function pattern(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 31) & 255));
}
