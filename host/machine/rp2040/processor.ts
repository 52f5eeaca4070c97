// SPDX-License-Identifier: MIT
// The Cortex-M0+, quickly: the ordinary Thumb instructions (ARMv6-M Architecture Reference Manual chapter A6) are carried
// out here on the registers of the emulator's core; the rare ones (MSR, MRS, CPS, SVC, barriers, hints) by the core itself.
// Cycles are those of the Cortex-M0+ Technical Reference Manual, table 3-1, with the single-cycle multiplier and I/O port
// of the RP2040 and 4 to 5 cycles for its peripherals. Not here: wait states of flash, contention in SRAM.
// Where the core is wrong in flags (ADCS, SBCS, shifts by register), STM or cycles (PUSH with LR, POP with PC), this is
// right; test/pico/processor.test.ts compares the two.

import type { RP2040 } from 'rp2040js';
import { FLASH_BASE, SRAM_BASE, SRAM_SIZE } from './bus.ts';
import type { Bus, BusMaster } from './bus.ts';
import type { CoreClock } from './core-clock.ts';
import { HardFault, hex } from './failure.ts';
import type { Profile } from './profile.ts';

const SP = 13;
const LR = 14;
const PC = 15;
/** Most cycles in one go: the count stays a small integer. */
const BURST = 1 << 24;

export class Processor implements BusMaster {
  /** SP may not go below this address. */
  stackLimit = 0;
  /** Where cycles are counted by owner, if anybody wants to know. */
  profile: Profile | undefined;
  private readonly mcu: RP2040;
  private readonly core: RP2040['core'];
  private readonly bus: Bus;
  private readonly clock: CoreClock;
  private readonly registers: Int32Array;
  /** The cycle count where the burst began, how long it may be, and how long it is so far. */
  private base = 0;
  private budget = 0;
  private spent = 0;

  constructor(mcu: RP2040, bus: Bus, clock: CoreClock) {
    this.mcu = mcu;
    this.core = mcu.core;
    this.bus = bus;
    this.clock = clock;
    this.registers = new Int32Array(mcu.core.registers.buffer);
    clock.onEarlier = () => this.interrupt();
    bus.attach(this);
  }

  /** Leave the burst after this instruction: something has to be looked at. */
  interrupt(): void {
    this.budget = 0;
  }

  // BusMaster

  enter(): void {
    this.core.cycles = this.base + this.spent;
  }

  leave(): void {
    // What the emulator's divider adds is the caller's to wait for.
    this.core.cycles = this.base + this.spent;
    if (this.core.interruptsUpdated) this.budget = 0;
  }

  /**
   * Execute until the cycle count reaches `end`, an alarm comes before, an interrupt may be pending or the processor
   * sleeps. Throws Fault with PC at the offending instruction.
   */
  burst(end: number): void {
    const { core } = this;
    this.base = core.cycles;
    this.spent = 0;
    this.budget = Math.min(end - core.cycles, BURST);
    try {
      this.execute();
    } finally {
      core.cycles = this.base + this.spent;
      this.base = core.cycles;
      this.spent = 0;
    }
  }

  private execute(): void {
    const { core, bus, registers: r, profile } = this;
    const { sram16, flash16 } = bus;
    // N and Z as a value that has them; C and V as 0 or 1.
    let nz = core.Z ? 0 : core.N ? -1 : 1;
    let c = core.C ? 1 : 0;
    let v = core.V ? 1 : 0;
    let pc = r[PC]! & ~1;
    let spent = 0;
    try {
      while (spent < this.budget) {
        this.spent = spent;
        r[PC] = pc;
        const so = (pc - SRAM_BASE) >>> 0;
        const fo = (pc - FLASH_BASE) >>> 0;
        const op =
          so < SRAM_SIZE ? sram16[so >>> 1]! : fo < bus.xipSize ? flash16[fo >>> 1]! : this.noCode(pc);
        let next = pc + 2;
        let cycles = 1;
        let reload = false;
        switch (op >>> 11) {
          case 0: {
            // LSLS Rd, Rm, #imm5; MOVS Rd, Rm
            const imm = (op >>> 6) & 31;
            const a = r[(op >>> 3) & 7]!;
            nz = a << imm;
            if (imm !== 0) c = (a >>> (32 - imm)) & 1;
            r[op & 7] = nz;
            break;
          }
          case 1: {
            // LSRS Rd, Rm, #imm5; 0 means 32
            const imm = (op >>> 6) & 31;
            const a = r[(op >>> 3) & 7]!;
            c = imm === 0 ? a >>> 31 : (a >>> (imm - 1)) & 1;
            nz = imm === 0 ? 0 : a >>> imm;
            r[op & 7] = nz;
            break;
          }
          case 2: {
            // ASRS Rd, Rm, #imm5; 0 means 32
            const imm = (op >>> 6) & 31;
            const a = r[(op >>> 3) & 7]!;
            c = imm === 0 ? a >>> 31 : (a >> (imm - 1)) & 1;
            nz = a >> (imm === 0 ? 31 : imm);
            r[op & 7] = nz;
            break;
          }
          case 3: {
            // ADDS, SUBS with a register or imm3
            const a = r[(op >>> 3) & 7]!;
            const b = (op & 0x400) !== 0 ? (op >>> 6) & 7 : r[(op >>> 6) & 7]!;
            if ((op & 0x200) === 0) {
              nz = (a + b) | 0;
              c = nz >>> 0 < a >>> 0 ? 1 : 0;
              v = ((a ^ nz) & (b ^ nz)) >>> 31;
            } else {
              nz = (a - b) | 0;
              c = a >>> 0 >= b >>> 0 ? 1 : 0;
              v = ((a ^ b) & (a ^ nz)) >>> 31;
            }
            r[op & 7] = nz;
            break;
          }
          case 4: // MOVS Rd, #imm8
            nz = op & 0xff;
            r[(op >>> 8) & 7] = nz;
            break;
          case 5: {
            // CMP Rn, #imm8
            const a = r[(op >>> 8) & 7]!;
            const b = op & 0xff;
            nz = (a - b) | 0;
            c = a >>> 0 >= b ? 1 : 0;
            v = (a & ~nz) >>> 31;
            break;
          }
          case 6: {
            // ADDS Rdn, #imm8
            const d = (op >>> 8) & 7;
            const a = r[d]!;
            nz = (a + (op & 0xff)) | 0;
            c = nz >>> 0 < a >>> 0 ? 1 : 0;
            v = (~a & nz) >>> 31;
            r[d] = nz;
            break;
          }
          case 7: {
            // SUBS Rdn, #imm8
            const d = (op >>> 8) & 7;
            const a = r[d]!;
            const b = op & 0xff;
            nz = (a - b) | 0;
            c = a >>> 0 >= b ? 1 : 0;
            v = (a & ~nz) >>> 31;
            r[d] = nz;
            break;
          }
          case 8:
            if ((op & 0x400) === 0) {
              // Data processing, Rdn, Rm
              const d = op & 7;
              const a = r[d]!;
              const b = r[(op >>> 3) & 7]!;
              switch ((op >>> 6) & 15) {
                case 0: // ANDS
                  r[d] = nz = a & b;
                  break;
                case 1: // EORS
                  r[d] = nz = a ^ b;
                  break;
                case 2: {
                  // LSLS
                  const n = b & 0xff;
                  if (n !== 0) {
                    c = n > 32 ? 0 : (a >>> (32 - n)) & 1;
                    nz = n > 31 ? 0 : a << n;
                  } else nz = a;
                  r[d] = nz;
                  break;
                }
                case 3: {
                  // LSRS
                  const n = b & 0xff;
                  if (n !== 0) {
                    c = n > 32 ? 0 : (a >>> (n - 1)) & 1;
                    nz = n > 31 ? 0 : (a >>> n) | 0;
                  } else nz = a;
                  r[d] = nz;
                  break;
                }
                case 4: {
                  // ASRS
                  const n = Math.min(b & 0xff, 32);
                  if (n !== 0) {
                    c = (a >> (n - 1)) & 1;
                    nz = a >> Math.min(n, 31);
                  } else nz = a;
                  r[d] = nz;
                  break;
                }
                case 5: {
                  // ADCS
                  const sum = (a >>> 0) + (b >>> 0) + c;
                  nz = sum | 0;
                  c = sum > 0xffffffff ? 1 : 0;
                  v = ((a ^ nz) & (b ^ nz)) >>> 31;
                  r[d] = nz;
                  break;
                }
                case 6: {
                  // SBCS
                  const difference = (a >>> 0) - (b >>> 0) - (1 - c);
                  nz = difference | 0;
                  c = difference >= 0 ? 1 : 0;
                  v = ((a ^ b) & (a ^ nz)) >>> 31;
                  r[d] = nz;
                  break;
                }
                case 7: {
                  // RORS
                  const n = b & 0xff;
                  nz = (a >>> (n & 31)) | (a << (-n & 31));
                  if (n !== 0) c = nz >>> 31;
                  r[d] = nz;
                  break;
                }
                case 8: // TST
                  nz = a & b;
                  break;
                case 9: // RSBS Rd, Rn, #0
                  nz = -b | 0;
                  c = b === 0 ? 1 : 0;
                  v = (b & nz) >>> 31;
                  r[d] = nz;
                  break;
                case 10: // CMP
                  nz = (a - b) | 0;
                  c = a >>> 0 >= b >>> 0 ? 1 : 0;
                  v = ((a ^ b) & (a ^ nz)) >>> 31;
                  break;
                case 11: // CMN
                  nz = (a + b) | 0;
                  c = nz >>> 0 < a >>> 0 ? 1 : 0;
                  v = ((a ^ nz) & (b ^ nz)) >>> 31;
                  break;
                case 12: // ORRS
                  r[d] = nz = a | b;
                  break;
                case 13: // MULS
                  r[d] = nz = Math.imul(a, b);
                  break;
                case 14: // BICS
                  r[d] = nz = a & ~b;
                  break;
                default: // MVNS
                  r[d] = nz = ~b;
              }
            } else {
              // ADD, CMP, MOV with any register; BX, BLX
              const m = (op >>> 3) & 15;
              const d = (op & 7) | ((op >>> 4) & 8);
              const b = m === PC ? pc + 4 : r[m]!;
              switch ((op >>> 8) & 3) {
                case 1: {
                  const a = r[d]!;
                  nz = (a - b) | 0;
                  c = a >>> 0 >= b >>> 0 ? 1 : 0;
                  v = ((a ^ b) & (a ^ nz)) >>> 31;
                  break;
                }
                case 3:
                  cycles = 2;
                  if ((op & 0x80) !== 0) r[LR] = next | 1;
                  else if (b >>> 28 === 15 && core.IPSR !== 0) {
                    this.saveFlags(nz, c, v);
                    core.exceptionReturn(b & 0x0fffffff);
                    next = r[PC]!;
                    reload = true;
                    this.budget = 0;
                    break;
                  }
                  if ((b & 1) === 0) throw new HardFault(`branch to ${hex(b)}, which is not Thumb code`);
                  next = b & ~1;
                  break;
                default: {
                  // ADD and MOV differ in what b is added to
                  const value = (op & 0x200) !== 0 ? b : ((d === PC ? pc + 4 : r[d]!) + b) | 0;
                  if (d === PC) {
                    next = value & ~1;
                    cycles = 2;
                  } else if (d === SP) this.setStack(value & ~3);
                  else r[d] = value;
                }
              }
            }
            break;
          case 9: // LDR Rt, [PC, #imm8]
            r[(op >>> 8) & 7] = bus.load32(((pc & ~3) + 4 + ((op & 0xff) << 2)) | 0);
            cycles = 2;
            break;
          case 10: {
            // STR, STRH, STRB, LDRSB with a register offset
            const address = (r[(op >>> 3) & 7]! + r[(op >>> 6) & 7]!) | 0;
            const t = op & 7;
            switch ((op >>> 9) & 3) {
              case 0:
                bus.store32(address, r[t]!);
                cycles = storeCycles(address);
                break;
              case 1:
                bus.store16(address, r[t]!);
                cycles = storeCycles(address);
                break;
              case 2:
                bus.store8(address, r[t]!);
                cycles = storeCycles(address);
                break;
              default:
                r[t] = (bus.load8(address) << 24) >> 24;
                cycles = loadCycles(address);
            }
            break;
          }
          case 11: {
            // LDR, LDRH, LDRB, LDRSH with a register offset
            const address = (r[(op >>> 3) & 7]! + r[(op >>> 6) & 7]!) | 0;
            const t = op & 7;
            cycles = loadCycles(address);
            switch ((op >>> 9) & 3) {
              case 0:
                r[t] = bus.load32(address);
                break;
              case 1:
                r[t] = bus.load16(address);
                break;
              case 2:
                r[t] = bus.load8(address);
                break;
              default:
                r[t] = (bus.load16(address) << 16) >> 16;
            }
            break;
          }
          case 12: {
            // STR Rt, [Rn, #imm5 * 4]
            const address = (r[(op >>> 3) & 7]! + ((op >>> 4) & 0x7c)) | 0;
            bus.store32(address, r[op & 7]!);
            cycles = storeCycles(address);
            break;
          }
          case 13: {
            // LDR
            const address = (r[(op >>> 3) & 7]! + ((op >>> 4) & 0x7c)) | 0;
            r[op & 7] = bus.load32(address);
            cycles = loadCycles(address);
            break;
          }
          case 14: {
            // STRB Rt, [Rn, #imm5]
            const address = (r[(op >>> 3) & 7]! + ((op >>> 6) & 31)) | 0;
            bus.store8(address, r[op & 7]!);
            cycles = storeCycles(address);
            break;
          }
          case 15: {
            // LDRB
            const address = (r[(op >>> 3) & 7]! + ((op >>> 6) & 31)) | 0;
            r[op & 7] = bus.load8(address);
            cycles = loadCycles(address);
            break;
          }
          case 16: {
            // STRH Rt, [Rn, #imm5 * 2]
            const address = (r[(op >>> 3) & 7]! + ((op >>> 5) & 0x3e)) | 0;
            bus.store16(address, r[op & 7]!);
            cycles = storeCycles(address);
            break;
          }
          case 17: {
            // LDRH
            const address = (r[(op >>> 3) & 7]! + ((op >>> 5) & 0x3e)) | 0;
            r[op & 7] = bus.load16(address);
            cycles = loadCycles(address);
            break;
          }
          case 18: // STR Rt, [SP, #imm8 * 4]
            bus.store32((r[SP]! + ((op & 0xff) << 2)) | 0, r[(op >>> 8) & 7]!);
            cycles = 2;
            break;
          case 19: // LDR Rt, [SP, #imm8 * 4]
            r[(op >>> 8) & 7] = bus.load32((r[SP]! + ((op & 0xff) << 2)) | 0);
            cycles = 2;
            break;
          case 20: // ADR
            r[(op >>> 8) & 7] = (pc & ~3) + 4 + ((op & 0xff) << 2);
            break;
          case 21: // ADD Rd, SP, #imm8 * 4
            r[(op >>> 8) & 7] = r[SP]! + ((op & 0xff) << 2);
            break;
          case 22:
            switch ((op >>> 8) & 7) {
              case 0: {
                // ADD, SUB SP, #imm7 * 4
                const imm = (op & 0x7f) << 2;
                if ((op & 0x80) !== 0) this.setStack(r[SP]! - imm);
                else r[SP] = r[SP]! + imm;
                break;
              }
              case 2: {
                const a = r[(op >>> 3) & 7]!;
                switch ((op >>> 6) & 3) {
                  case 0: // SXTH
                    r[op & 7] = (a << 16) >> 16;
                    break;
                  case 1: // SXTB
                    r[op & 7] = (a << 24) >> 24;
                    break;
                  case 2: // UXTH
                    r[op & 7] = a & 0xffff;
                    break;
                  default: // UXTB
                    r[op & 7] = a & 0xff;
                }
                break;
              }
              case 4:
              case 5:
                cycles = this.push(op);
                break;
              default:
                next = this.other(nz, c, v);
                reload = true;
                cycles = this.otherCycles;
            }
            break;
          case 23:
            if ((op & 0x600) === 0x400) {
              // POP
              let address = r[SP]!;
              for (let list = op & 0xff, i = 0; list !== 0; list >>>= 1, i++) {
                if ((list & 1) === 0) continue;
                r[i] = bus.load32(address);
                address = (address + 4) | 0;
                cycles++;
              }
              if ((op & 0x100) !== 0) {
                const target = bus.load32(address);
                r[SP] = address + 4;
                cycles += 3;
                if (target >>> 28 === 15 && core.IPSR !== 0) {
                  this.saveFlags(nz, c, v);
                  core.exceptionReturn(target & 0x0fffffff);
                  next = r[PC]!;
                  reload = true;
                  this.budget = 0;
                } else if ((target & 1) === 0) {
                  throw new HardFault(`return to ${hex(target)}, which is not Thumb code`);
                } else next = target & ~1;
              } else r[SP] = address;
              break;
            }
            switch ((op >>> 6) & 0x1f) {
              case 8: {
                // REV
                const a = r[(op >>> 3) & 7]!;
                r[op & 7] = (a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24);
                break;
              }
              case 9: {
                // REV16
                const a = r[(op >>> 3) & 7]!;
                r[op & 7] = ((a & 0xff00ff) << 8) | ((a >>> 8) & 0xff00ff);
                break;
              }
              default:
                next = this.other(nz, c, v);
                reload = true;
                cycles = this.otherCycles;
            }
            break;
          case 24: {
            // STM Rn!, {…}
            const n = (op >>> 8) & 7;
            let address = r[n]!;
            for (let list = op & 0xff, i = 0; list !== 0; list >>>= 1, i++) {
              if ((list & 1) === 0) continue;
              bus.store32(address, r[i]!);
              address = (address + 4) | 0;
              cycles++;
            }
            r[n] = address;
            break;
          }
          case 25: {
            // LDM Rn!, {…}; Rn is not written back when it is in the list
            const n = (op >>> 8) & 7;
            let address = r[n]!;
            for (let list = op & 0xff, i = 0; list !== 0; list >>>= 1, i++) {
              if ((list & 1) === 0) continue;
              r[i] = bus.load32(address);
              address = (address + 4) | 0;
              cycles++;
            }
            if ((op & (1 << n)) === 0) r[n] = address;
            break;
          }
          case 26:
          case 27: {
            // B<c>
            let taken: boolean;
            switch ((op >>> 8) & 15) {
              case 0: // EQ
                taken = nz === 0;
                break;
              case 1: // NE
                taken = nz !== 0;
                break;
              case 2: // CS
                taken = c !== 0;
                break;
              case 3: // CC
                taken = c === 0;
                break;
              case 4: // MI
                taken = nz < 0;
                break;
              case 5: // PL
                taken = nz >= 0;
                break;
              case 6: // VS
                taken = v !== 0;
                break;
              case 7: // VC
                taken = v === 0;
                break;
              case 8: // HI
                taken = c !== 0 && nz !== 0;
                break;
              case 9: // LS
                taken = c === 0 || nz === 0;
                break;
              case 10: // GE
                taken = nz < 0 === (v !== 0);
                break;
              case 11: // LT
                taken = nz < 0 !== (v !== 0);
                break;
              case 12: // GT
                taken = nz !== 0 && nz < 0 === (v !== 0);
                break;
              case 13: // LE
                taken = nz === 0 || nz < 0 !== (v !== 0);
                break;
              default:
                // UDF, SVC
                next = this.other(nz, c, v);
                cycles = this.otherCycles;
                taken = false;
            }
            if (taken) {
              next = pc + 4 + ((op << 24) >> 23);
              cycles = 2;
            }
            break;
          }
          case 28: // B
            next = pc + 4 + ((op << 21) >> 20);
            // One that goes to itself does so until something else is due.
            cycles = next === pc ? Math.max(2, (this.budget - spent + 1) & ~1) : 2;
            break;
          case 30: {
            const low = bus.load16(next);
            if (low >>> 14 === 3 && (low & 0x1000) !== 0) {
              // BL
              const s = (op >>> 10) & 1;
              const i1 = (~(low >>> 13) ^ s) & 1;
              const i2 = (~(low >>> 11) ^ s) & 1;
              const offset =
                (s === 0 ? 0 : -1 << 24) |
                (i1 << 23) |
                (i2 << 22) |
                ((op & 0x3ff) << 12) |
                ((low & 0x7ff) << 1);
              r[LR] = (pc + 4) | 1;
              next = (pc + 4 + offset) | 0;
              cycles = 3;
              break;
            }
            next = this.other(nz, c, v);
            reload = true;
            cycles = this.otherCycles;
            break;
          }
          default:
            next = this.other(nz, c, v);
            cycles = this.otherCycles;
        }
        if (reload) {
          nz = core.Z ? 0 : core.N ? -1 : 1;
          c = core.C ? 1 : 0;
          v = core.V ? 1 : 0;
        }
        spent += cycles;
        if (profile !== undefined) profile.count(pc, cycles, r[LR]!, r[SP]!);
        pc = next;
      }
      r[PC] = pc;
    } finally {
      this.spent = spent;
      this.saveFlags(nz, c, v);
    }
  }

  private saveFlags(nz: number, c: number, v: number): void {
    const { core } = this;
    core.N = nz < 0;
    core.Z = nz === 0;
    core.C = c !== 0;
    core.V = v !== 0;
  }

  /** PUSH. Returns its cycles. */
  private push(op: number): number {
    const { registers: r, bus } = this;
    let count = (op >>> 8) & 1;
    for (let list = op & 0xff; list !== 0; list >>>= 1) count += list & 1;
    let address = (r[SP]! - 4 * count) | 0;
    this.setStack(address);
    for (let list = op & 0xff, i = 0; list !== 0; list >>>= 1, i++) {
      if ((list & 1) === 0) continue;
      bus.store32(address, r[i]!);
      address = (address + 4) | 0;
    }
    if ((op & 0x100) !== 0) bus.store32(address, r[LR]!);
    return 1 + count;
  }

  private setStack(sp: number): void {
    if (sp >>> 0 < this.stackLimit) {
      throw new HardFault(`stack overflow: SP ${hex(sp)} is below ${hex(this.stackLimit)}`);
    }
    this.registers[SP] = sp;
  }

  private otherCycles = 0;

  /** An instruction that the emulator's core carries out. Returns the next address. */
  private other(nz: number, c: number, v: number): number {
    const { core } = this;
    this.enter();
    this.saveFlags(nz, c, v);
    this.otherCycles = core.executeInstruction();
    core.cycles = this.base + this.spent;
    if (core.interruptsUpdated || core.waiting) this.budget = 0;
    return this.registers[PC]!;
  }

  private noCode(pc: number): never {
    throw new HardFault(
      this.bus.xipSize === 0 && pc >>> 24 === 0x10
        ? `code in flash at ${hex(pc)} while XIP is not set up`
        : `no code at ${hex(pc)}`,
    );
  }
}

/** Cycles of a load: single-cycle I/O port, peripherals behind the APB bridge, memory. */
function loadCycles(address: number): number {
  const region = address >>> 28;
  return region === 0xd ? 1 : region === 4 ? 4 : 2;
}

function storeCycles(address: number): number {
  const region = address >>> 28;
  return region === 0xd ? 1 : region === 4 ? 5 : 2;
}
