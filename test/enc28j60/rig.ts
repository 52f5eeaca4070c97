// SPDX-License-Identifier: MIT
// A chip on a bench for the tests: SPI commands by name, a good driver's initialisation, frames, and time. The addresses
// of the registers come from the simulator's own table, whose values `registers.test.ts` types once more.

import { VirtualClock } from '../../host/net/clock.ts';
import { Enc28j60, NO_FAULTS } from '../../host/enc28j60/chip.ts';
import type { FaultSettings, Options } from '../../host/enc28j60/chip.ts';
import { Reg } from '../../host/enc28j60/registers.ts';
import type { RegisterName } from '../../host/enc28j60/registers.ts';

export const US = 1_000;
export const MS = 1_000_000;
export const MAC = [0x02, 0x00, 0x00, 0x00, 0x00, 0x02];
export const PEER = [0x02, 0x00, 0x00, 0x00, 0x00, 0x01];
export const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** Names of registers of two bytes, without L and H. */
export type WordName = RegisterName extends infer Name
  ? Name extends `${infer Word}L`
    ? Word
    : never
  : never;

/** What a driver writes before RXEN. */
export interface Setup {
  fullDuplex?: boolean;
  ringEnd?: number;
  faults?: Partial<FaultSettings>;
}

export class Rig {
  readonly clock = new VirtualClock();
  readonly sent: Uint8Array[] = [];
  /** Instants at which frames went out. */
  readonly sentAt: number[] = [];
  readonly chip: Enc28j60;

  /** Without faults unless told: the data sheet alone. */
  constructor(options: Options = {}) {
    this.chip = new Enc28j60(this.clock, {
      ...options,
      faults: { ...NO_FAULTS, ...options.faults },
      onTransmit: (frame) => {
        this.sent.push(frame);
        this.sentAt.push(this.clock.now);
      },
    });
  }

  /** One chip-select; the octets that came back. */
  spi(...octets: number[]): number[] {
    this.chip.select();
    const answer = octets.map((octet) => this.chip.transfer(octet));
    this.chip.deselect();
    return answer;
  }

  /** BFC and BFS on the bank bits of ECON1; nothing for registers that all banks share. */
  bank(index: number): void {
    if ((index & 0x1f) >= 0x1b) return;
    this.spi(0xa0 | 0x1f, 0x03);
    this.spi(0x80 | 0x1f, index >> 5);
  }

  read(name: RegisterName): number {
    const index = Reg[name];
    this.bank(index);
    const address = index & 0x1f;
    const dummy =
      address < 0x1a && ((index >= 0x40 && index < 0x60) || name.startsWith('MAADR') || name === 'MISTAT');
    return this.spi(...(dummy ? [address, 0, 0] : [address, 0])).at(-1);
  }

  write(name: RegisterName, value: number): void {
    this.bank(Reg[name]);
    this.spi(0x40 | (Reg[name] & 0x1f), value);
  }

  set(name: RegisterName, mask: number): void {
    this.bank(Reg[name]);
    this.spi(0x80 | (Reg[name] & 0x1f), mask);
  }

  clear(name: RegisterName, mask: number): void {
    this.bank(Reg[name]);
    this.spi(0xa0 | (Reg[name] & 0x1f), mask);
  }

  readWord(name: WordName): number {
    return this.read(`${name}L`) | (this.read(`${name}H`) << 8);
  }

  writeWord(name: WordName, value: number): void {
    this.write(`${name}L`, value & 0xff);
    this.write(`${name}H`, value >> 8);
  }

  readMemory(count: number): number[] {
    return this.spi(0x3a, ...new Array<number>(count).fill(0)).slice(1);
  }

  writeMemory(...octets: number[]): void {
    this.spi(0x7a, ...octets);
  }

  readPhy(address: number): number {
    this.write('MIREGADR', address);
    this.write('MICMD', 0x01);
    this.clock.run(11 * US);
    this.write('MICMD', 0x00);
    return this.readWord('MIRD');
  }

  writePhy(address: number, value: number): void {
    this.write('MIREGADR', address);
    this.writeWord('MIWR', value);
    this.clock.run(11 * US);
  }

  /** As a good driver does it: ring from 0, duplex agreed, HDLDIS, filters for us and broadcast with CRC. */
  start({ fullDuplex = true, ringEnd = 0x19ff, faults = {} }: Setup = {}): this {
    this.clock.run(2 * MS);
    for (const [name, setting] of Object.entries(faults)) {
      this.chip.setFault(name as keyof FaultSettings, setting);
    }
    this.writeWord('ERXST', 0);
    this.writeWord('ERXND', ringEnd);
    this.writeWord('ERXRDPT', ringEnd);
    this.writeWord('ERDPT', 0);
    this.write('MACON1', fullDuplex ? 0x0d : 0x01);
    this.write('MACON3', fullDuplex ? 0x33 : 0x32);
    this.write('MACON4', 0x40);
    this.write('MABBIPG', fullDuplex ? 0x15 : 0x12);
    this.write('MAIPGL', 0x12);
    this.write('MAIPGH', 0x0c);
    this.writeWord('MAMXFL', 1518);
    MAC.forEach((octet, i) => this.write(`MAADR${(i + 1) as 1 | 2 | 3 | 4 | 5 | 6}`, octet));
    this.writePhy(0x00, fullDuplex ? 0x0100 : 0x0000);
    this.writePhy(0x10, 0x0100);
    this.write('ERXFCON', 0xa1);
    this.set('ECON1', 0x04);
    return this;
  }

  /** Put a frame at `at`, behind its control byte, and set TXRTS. */
  transmit(frame: ArrayLike<number>, { at = 0x1a00, control = 0 } = {}): void {
    this.writeWord('EWRPT', at);
    this.writeMemory(control, ...Array.from(frame));
    this.writeWord('ETXST', at);
    this.writeWord('ETXND', (at + frame.length) & 0x1fff);
    this.set('ECON1', 0x08);
  }

  /** The status vector behind ETXND. */
  transmitStatus(): number[] {
    this.writeWord('ERDPT', (this.readWord('ETXND') + 1) & 0x1fff);
    return this.readMemory(7);
  }

  /** Read a frame at ERDPT: next pointer, status vector, octets with FCS; free it by the odd rule. */
  take(): { next: number; status: number; count: number; octets: number[] } {
    const header = this.readMemory(6);
    const next = header[0]! | (header[1]! << 8);
    const status = (header[2]! | (header[3]! << 8) | (header[4]! << 16) | (header[5]! << 24)) >>> 0;
    const count = status & 0xffff;
    const octets = this.readMemory(count + (count & 1)).slice(0, count);
    this.writeWord('ERXRDPT', next === this.readWord('ERXST') ? this.readWord('ERXND') : next - 1);
    this.set('ECON2', 0x40);
    return { next, status, count, octets };
  }

  /** The rules broken so far, in words. */
  get rules(): string[] {
    return this.chip.violations.map(({ rule }) => rule);
  }
}

/** An Ethernet frame without FCS whose payload counts upward. */
export function frame(
  to: readonly number[],
  payload: number | readonly number[] = 46,
  type = 0x0800,
): Uint8Array {
  const data = typeof payload === 'number' ? Array.from({ length: payload }, (_, i) => i & 0xff) : payload;
  return Uint8Array.from([...to, ...PEER, type >> 8, type & 0xff, ...data]);
}
