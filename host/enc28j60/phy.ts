// SPDX-License-Identifier: MIT
// The PHY and its registers (data sheet section 3.3). The link follows the wire at once; neither negotiation (there is none)
// nor the time a real receiver needs to see link pulses is modelled, nor LEDs.

import type { Core } from './core.ts';
import { ECON1, EIR, MACON3, Reg } from './registers.ts';

/** PHY register addresses. */
export const PhyReg = {
  PHCON1: 0x00,
  PHSTAT1: 0x01,
  PHID1: 0x02,
  PHID2: 0x03,
  PHCON2: 0x10,
  PHSTAT2: 0x11,
  PHIE: 0x12,
  PHIR: 0x13,
  PHLCON: 0x14,
} as const;

export const PHCON1 = { PRST: 0x8000, PLOOPBK: 0x4000, PPWRSV: 0x0800, PDPXMD: 0x0100 } as const;
export const PHSTAT1 = { PFDPX: 0x1000, PHDPX: 0x0800, LLSTAT: 0x0004 } as const;
export const PHCON2 = { FRCLNK: 0x4000, TXDIS: 0x2000, JABBER: 0x0400, HDLDIS: 0x0100 } as const;
export const PHSTAT2 = { TXSTAT: 0x2000, LSTAT: 0x0400, DPXSTAT: 0x0200 } as const;
export const PHIE = { PLNKIE: 0x0010, PGEIE: 0x0002 } as const;
export const PHIR = { PLNKIF: 0x0010, PGIF: 0x0004 } as const;

/** How long PHCON1.PRST reads 1, ns. The data sheet gives no figure; it asks for 50 µs of peace after a reset. */
const PHY_RESET_TIME = 50_000;

export class Phy {
  private readonly core: Core;
  private phcon1 = 0;
  private phcon2 = 0;
  private phie = 0;
  private phlcon = 0;
  /** PHIR.PLNKIF: the link changed since PHIR was read. */
  private linkChanged = false;
  /** PHSTAT1.LLSTAT, which a lost link pulls down until it is read. */
  private latchedLink = false;
  private resetUntil = 0;
  private cable = true;

  constructor(core: Core) {
    this.core = core;
  }

  /** Any reset of the whole chip, and PRST. */
  reset(): void {
    const { faults, random } = this.core;
    this.phcon1 = faults.settings['pdpxmd-random'] && random.below(2) === 1 ? PHCON1.PDPXMD : 0;
    this.phcon2 = 0;
    this.phie = 0;
    this.phlcon = 0x3422;
    this.linkChanged = false;
    this.latchedLink = false;
    this.core.lower(EIR.LINKIF);
  }

  /** Whether the other end of the cable sends link pulses. */
  get linkUp(): boolean {
    return this.cable;
  }

  set linkUp(up: boolean) {
    if (up === this.cable) return;
    this.cable = up;
    if ((this.phcon2 & PHCON2.FRCLNK) !== 0) return;
    this.linkEvent(up);
  }

  /** LSTAT. */
  private get link(): boolean {
    return this.cable || (this.phcon2 & PHCON2.FRCLNK) !== 0;
  }

  private linkEvent(up: boolean): void {
    if (!up) this.latchedLink = false;
    this.linkChanged = true;
    this.updateInterrupt();
  }

  /** PHIR.PGIF: a link change while both PLNKIE and PGEIE are set. */
  private get interrupt(): boolean {
    const both = PHIE.PLNKIE | PHIE.PGEIE;
    return this.linkChanged && (this.phie & both) === both;
  }

  /** EIR.LINKIF follows PGIF. */
  private updateInterrupt(): void {
    if (this.interrupt) this.core.raise(EIR.LINKIF);
    else this.core.lower(EIR.LINKIF);
  }

  get fullDuplex(): boolean {
    return (this.phcon1 & PHCON1.PDPXMD) !== 0;
  }

  get loopback(): boolean {
    return (this.phcon1 & PHCON1.PLOOPBK) !== 0;
  }

  /** Half duplex with HDLDIS = 0: what is sent comes back into the receiver. */
  get echoes(): boolean {
    return !this.fullDuplex && (this.phcon2 & PHCON2.HDLDIS) === 0;
  }

  /** Frames can come from the wire. */
  get hears(): boolean {
    return this.cable && (this.phcon1 & (PHCON1.PPWRSV | PHCON1.PLOOPBK)) === 0;
  }

  /** Frames can go to the wire. */
  get speaks(): boolean {
    return this.hears && (this.phcon2 & PHCON2.TXDIS) === 0;
  }

  /** A register as MII reads it; PHSTAT1 and PHIR forget what they have told. */
  read(address: number): number {
    switch (address) {
      case PhyReg.PHCON1:
        return this.phcon1 | (this.core.clock.now < this.resetUntil ? PHCON1.PRST : 0);
      case PhyReg.PHSTAT1: {
        const latched = this.latchedLink;
        this.latchedLink = this.link;
        return PHSTAT1.PFDPX | PHSTAT1.PHDPX | (latched ? PHSTAT1.LLSTAT : 0);
      }
      case PhyReg.PHID1:
        return 0x0083;
      case PhyReg.PHID2:
        return 0x1400;
      case PhyReg.PHCON2:
        return this.phcon2;
      case PhyReg.PHSTAT2:
        return (
          (this.core.transmitting ? PHSTAT2.TXSTAT : 0) |
          (this.link ? PHSTAT2.LSTAT : 0) |
          (this.fullDuplex ? PHSTAT2.DPXSTAT : 0)
        );
      case PhyReg.PHIE:
        return this.phie;
      case PhyReg.PHIR: {
        const value = (this.linkChanged ? PHIR.PLNKIF : 0) | (this.interrupt ? PHIR.PGIF : 0);
        this.linkChanged = false;
        this.updateInterrupt();
        return value;
      }
      case PhyReg.PHLCON:
        return this.phlcon;
      default:
        return 0;
    }
  }

  /** A register as MII writes it; read-only bits keep still. */
  write(address: number, value: number): void {
    switch (address) {
      case PhyReg.PHCON1:
        if ((value & PHCON1.PRST) !== 0) {
          this.reset();
          this.resetUntil = this.core.clock.now + PHY_RESET_TIME;
          return;
        }
        if (((value ^ this.phcon1) & PHCON1.PDPXMD) !== 0 && this.core.receiving) {
          this.core.report('duplex changed while RXEN = 1', 'PHCON1.PDPXMD');
        }
        this.phcon1 = value & (PHCON1.PLOOPBK | PHCON1.PPWRSV | PHCON1.PDPXMD);
        this.checkDuplex();
        return;
      case PhyReg.PHCON2: {
        const before = this.link;
        this.phcon2 = value & (PHCON2.FRCLNK | PHCON2.TXDIS | PHCON2.JABBER | PHCON2.HDLDIS);
        if (this.link !== before) this.linkEvent(this.link);
        return;
      }
      case PhyReg.PHIE:
        this.phie = value & (PHIE.PLNKIE | PHIE.PGEIE);
        this.updateInterrupt();
        return;
      case PhyReg.PHLCON:
        this.phlcon = value;
        return;
    }
  }

  /** MAC and PHY must agree whenever the receiver is on. */
  checkDuplex(): void {
    const { registers } = this.core;
    if (!registers.has(Reg.ECON1, ECON1.RXEN)) return;
    if (registers.has(Reg.MACON3, MACON3.FULDPX) !== this.fullDuplex) {
      this.core.report(
        'MACON3.FULDPX and PHCON1.PDPXMD differ while RXEN = 1',
        `PDPXMD = ${this.fullDuplex ? 1 : 0}`,
      );
    }
  }
}
