// SPDX-License-Identifier: MIT
// The DMA unit: copies, checksums (data sheet section 13), and the self-test that shares its adder (section 15). A run takes its
// time and then has its effect in one instant. Unspecified, and ours: what the random fills hold and how long a fill lasts.

import type { Alarm } from '../net/clock.ts';
import { LAST_ADDRESS, MEMORY_SIZE, nextInRing } from './buffer.ts';
import { Checksum } from './checksum.ts';
import type { Core } from './core.ts';
import { Random } from './random.ts';
import { EBSTCON, ECON1, EIR, Reg } from './registers.ts';
import { hex } from './violations.ts';

/** One period of 25 MHz, ns. */
const PERIOD = 40;

export class Dma {
  /** The memory port is free for the transmitter. */
  onDone: (() => void) | undefined;
  private readonly core: Core;
  private run: Alarm | undefined;
  private test: Alarm | undefined;

  constructor(core: Core) {
    this.core = core;
  }

  reset(): void {
    this.run?.cancel();
    this.run = undefined;
    this.test?.cancel();
    this.test = undefined;
  }

  get running(): boolean {
    return this.run !== undefined;
  }

  /** ECON1.DMAST went from 0 to 1, or the transmitter set the memory port free. */
  start(): void {
    const { core } = this;
    const { registers, clock } = core;
    if (!registers.has(Reg.ECON1, ECON1.DMAST) || this.running || core.transmitting) return;
    const summing = registers.has(Reg.ECON1, ECON1.CSUMEN);
    const source = this.source();
    const destination = registers.word(Reg.EDMADSTL);
    const time = source.length * PERIOD * (summing ? 1 : 2);
    this.run = clock.at(clock.now + time, () => {
      if (summing) this.sum(source);
      else this.copy(source, destination);
      this.run = undefined;
      registers.clear(Reg.ECON1, ECON1.DMAST);
      core.raise(EIR.DMAIF);
      this.onDone?.();
    });
  }

  /** DMAST was set: what the documents forbid. */
  check(): void {
    const { core } = this;
    const { registers } = core;
    const start = registers.word(Reg.EDMASTL);
    if (registers.word(Reg.EDMANDL) === start) core.report('one-byte DMA', `EDMAST = EDMAND = ${hex(start)}`);
    if (core.receiving && registers.has(Reg.ECON1, ECON1.CSUMEN)) {
      core.report('checksum run while RXEN = 1', `EDMAST ${hex(start)}`);
    }
  }

  /** The host cleared DMAST: that raises DMAIF too (data sheet section 12.1.6). */
  cancel(): void {
    this.run?.cancel();
    this.run = undefined;
    this.core.raise(EIR.DMAIF);
    this.onDone?.();
  }

  /** The addresses from EDMAST to EDMAND, round the ring. An end that is not met after the first octet: 8 K of them. */
  private source(): Uint16Array {
    const { registers } = this.core;
    const last = registers.word(Reg.EDMANDL);
    const start = registers.word(Reg.ERXSTL);
    const end = registers.word(Reg.ERXNDL);
    const addresses = new Uint16Array(MEMORY_SIZE);
    let address = registers.word(Reg.EDMASTL);
    let length = 0;
    do {
      addresses[length++] = address;
      if (address === last && length > 1) break;
      address = nextInRing(address, start, end);
    } while (length < MEMORY_SIZE);
    return addresses.subarray(0, length);
  }

  private copy(source: Uint16Array, destination: number): void {
    const { memory } = this.core;
    for (let i = 0; i < source.length; i++) memory[(destination + i) & LAST_ADDRESS] = memory[source[i]!]!;
  }

  private sum(source: Uint16Array): void {
    const { memory, registers } = this.core;
    const checksum = new Checksum();
    for (let i = 0; i < source.length; i++) checksum.add(memory[source[i]!]!);
    registers.setWord(Reg.EDMACSL, checksum.value);
  }

  /** EBSTCON.BISTST went from 0 to 1: fill the memory as TMSEL says, one octet a period. */
  startTest(): void {
    const { registers, clock, memory } = this.core;
    this.test?.cancel();
    this.test = clock.at(clock.now + MEMORY_SIZE * PERIOD, () => {
      this.test = undefined;
      const checksum = new Checksum();
      const octets = this.pattern();
      if (registers.has(Reg.EBSTCON, EBSTCON.TME)) memory.set(octets);
      for (let i = 0; i < MEMORY_SIZE; i++) checksum.add(octets[i]!);
      registers.setWord(Reg.EBSTCSL, checksum.value);
      registers.clear(Reg.EBSTCON, EBSTCON.BISTST);
    });
  }

  private pattern(): Uint8Array {
    const { registers } = this.core;
    const control = registers.get(Reg.EBSTCON);
    const seed = registers.get(Reg.EBSTSD);
    const octets = new Uint8Array(MEMORY_SIZE);
    switch ((control & EBSTCON.TMSEL) >> 2) {
      case 0b01: // address fill
        return octets.map((_, address) => address);
      case 0b10: {
        // pattern shift: the seed, turned by PSV bits from octet to octet
        const shift = (control & EBSTCON.PSV) >> 5;
        return octets.map((_, address) => {
          const turn = (address * shift) & 7;
          return (seed << turn) | (seed >> (8 - turn));
        });
      }
      default:
        new Random(seed).fill(octets);
        return octets;
    }
  }
}
