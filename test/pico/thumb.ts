// SPDX-License-Identifier: MIT
// Programs of a few instructions, assembled by hand, that stand where a second stage does: the boot ROM copies them to
// SRAM and enters them, so they need no flash, no toolchain and no linker. And a Pico that runs one.

import { encodeBlock, UF2Flags } from 'uf2';
import { Pico } from '../../host/machine/pico.ts';
import type { PicoOptions } from '../../host/machine/pico.ts';
import { bootCrc, RP2040_FAMILY } from '../../host/machine/rp2040/boot-rom.ts';
import type { SpiChip } from '../../host/machine/rp2040/wiring.ts';
import { VirtualClock } from '../../host/net/clock.ts';

/** Where the program is executed. */
export const ENTRY = 0x20041f00;
const ROOM = 252;

export const SCRATCH = (n: number): number => 0x4005800c + 4 * n;
const CLK_REF_CTRL = 0x40008030;
const WATCHDOG_TICK = 0x4005802c;
const RESETS_CLR = 0x4000f000;

export const NOP = 0xbf00;
export const WFI = 0xbf30;
export const CPSID = 0xb672;

/** Instructions in their order; literals follow. r0 and r1 are used by the compound ones. */
export class Program {
  private readonly code: number[] = [];
  private readonly literals: { at: number; register: number; value: number }[] = [];

  /** These halfwords. */
  op(...halfwords: number[]): this {
    this.code.push(...halfwords);
    return this;
  }

  /** LDR Rd, =value */
  set(register: number, value: number): this {
    this.literals.push({ at: this.code.length, register, value: value >>> 0 });
    return this.op(0);
  }

  /** A word to an address. */
  store(address: number, value: number): this {
    return this.set(0, address).set(1, value).op(0x6001); // STR r1, [r0]
  }

  /** A word from an address to another. */
  copy(from: number, to: number): this {
    return this.set(0, from).op(0x6801).set(0, to).op(0x6001); // LDR r1, [r0]; STR r1, [r0]
  }

  /** The crystal, and with it the microseconds. */
  tick(): this {
    return this.store(CLK_REF_CTRL, 2).store(WATCHDOG_TICK, 0x200 | 12);
  }

  /** Let these bits of RESETS out. */
  release(bits: number): this {
    return this.store(RESETS_CLR, bits);
  }

  /** `turns` times the body. */
  repeat(register: number, turns: number, body: number[]): this {
    this.op(0x2000 | (register << 8) | turns, ...body); // MOVS
    this.op(0x3801 | (register << 8)); // SUBS
    return this.op(0xd100 | (-(body.length + 3) & 0xff)); // BNE
  }

  /** B . */
  stop(): this {
    return this.op(0xe7fe);
  }

  /** As a file for the drive. */
  get uf2(): Uint8Array {
    const code = [...this.code];
    if (code.length % 2 !== 0) code.push(NOP);
    const pool: number[] = [];
    for (const { at, register, value } of this.literals) {
      const index = pool.includes(value) ? pool.indexOf(value) : pool.push(value) - 1;
      const address = 2 * code.length + 4 * index;
      code[at] = 0x4800 | (register << 8) | ((address - ((2 * at + 4) & ~3)) >> 2);
    }
    const image = new Uint8Array(256);
    const view = new DataView(image.buffer);
    code.forEach((halfword, i) => view.setUint16(2 * i, halfword, true));
    pool.forEach((word, i) => view.setUint32(2 * code.length + 4 * i, word, true));
    if (2 * code.length + 4 * pool.length > ROOM) throw new Error('the program is too long');
    view.setUint32(ROOM, bootCrc(image.subarray(0, ROOM)), true);
    return encodeBlock({
      flags: UF2Flags.familyIDPresent,
      boardFamily: RP2040_FAMILY,
      flashAddress: 0x10000000,
      blockNumber: 0,
      totalBlocks: 1,
      payload: image,
    });
  }
}

/** A chip that answers each octet with its complement and writes down what it is told. */
export class Complement implements SpiChip {
  readonly told: (number | string)[] = [];
  /** Something has been added to `told`. */
  onTold: () => void = () => undefined;
  int = false;
  onInt: (() => void) | undefined;
  macOrMii = false;

  select(): void {
    this.tell('select');
  }

  transfer(octet: number): number {
    this.tell(octet);
    return ~octet & 0xff;
  }

  deselect(): void {
    this.tell('deselect');
  }

  partial(): void {
    this.tell('partial');
  }

  reset(): void {
    this.tell('reset');
  }

  isMacOrMii(): boolean {
    return this.macOrMii;
  }

  private tell(what: number | string): void {
    this.told.push(what);
    this.onTold();
  }
}

export interface Bench {
  clock: VirtualClock;
  pico: Pico;
  chip: Complement;
  /** The report, when the run has ended; its first line. */
  failure: () => string;
  report: () => string;
}

/** A Pico with `program`, switched on. */
export function bench(program: Program, options: Partial<PicoOptions> = {}): Bench {
  const clock = new VirtualClock();
  const chip = new Complement();
  const pico = new Pico({ uf2: program.uf2, clock, chip, ...options });
  let report = 'none';
  pico.onFailure = (failure) => (report = failure.message);
  pico.start();
  return { clock, pico, chip, failure: () => report.split('\n')[0]!, report: () => report };
}
