// SPDX-License-Identifier: MIT
// The MII management interface between the registers and the PHY (data sheet section 3.3.1 to 3.3.3): one read, one write or
// repeated reads, 10.24 µs each. A read that was started is finished though MICMD.MIIRD is cleared meanwhile.

import type { Alarm } from '../net/clock.ts';
import type { Core } from './core.ts';
import type { Phy } from './phy.ts';
import { MICMD, MISTAT, nameOf, Reg } from './registers.ts';

/** Time of one MII operation, ns. */
export const MII_TIME = 10_240;

export class Mii {
  private readonly core: Core;
  private readonly phy: Phy;
  private alarm: Alarm | undefined;
  /** An operation that the fault `mii-stuck` never lets end. */
  private stuck = false;
  /** Start of the scan, and how many of its reads were taken over into MIRD. */
  private scanFrom = 0;
  private scanned = 0;

  constructor(core: Core, phy: Phy) {
    this.core = core;
    this.phy = phy;
  }

  reset(): void {
    this.alarm?.cancel();
    this.alarm = undefined;
    this.stuck = false;
  }

  private get scanning(): boolean {
    return this.core.registers.has(Reg.MICMD, MICMD.MIISCAN);
  }

  get busy(): boolean {
    return this.alarm !== undefined || this.stuck || this.scanning;
  }

  /** MISTAT as the host reads it. */
  get status(): number {
    const scan = this.scanning;
    this.refresh();
    return (
      (this.busy ? MISTAT.BUSY : 0) |
      (scan ? MISTAT.SCAN : 0) |
      (scan && this.scanned === 0 ? MISTAT.NVALID : 0)
    );
  }

  /** A write of MICMD. */
  command(value: number): void {
    const { registers, clock } = this.core;
    const started = value & ~registers.get(Reg.MICMD);
    this.refresh();
    if ((started & MICMD.MIIRD) !== 0) {
      if (this.refuse(Reg.MICMD)) return;
      const address = registers.get(Reg.MIREGADR);
      this.begin(() => registers.setWord(Reg.MIRDL, this.phy.read(address)));
    } else if ((started & MICMD.MIISCAN) !== 0) {
      if (this.refuse(Reg.MICMD)) return;
      this.scanFrom = clock.now;
      this.scanned = 0;
    }
    registers.store(Reg.MICMD, value);
  }

  /** A write of MIWRH starts the write of the PHY register. */
  startWrite(): void {
    if (this.refuse(Reg.MIWRH)) return;
    const { registers } = this.core;
    const address = registers.get(Reg.MIREGADR);
    const value = registers.word(Reg.MIWRL);
    this.begin(() => this.phy.write(address, value));
  }

  /** While scanning, MIRD is renewed every 10.24 µs; it is worked out when somebody looks. */
  refresh(): void {
    if (!this.scanning) return;
    const done = Math.floor((this.core.clock.now - this.scanFrom) / MII_TIME);
    if (done === this.scanned) return;
    this.scanned = done;
    const { registers } = this.core;
    registers.setWord(Reg.MIRDL, this.phy.read(registers.get(Reg.MIREGADR)));
  }

  private refuse(index: number): boolean {
    if (!this.busy) return false;
    this.core.report('MII started while BUSY', nameOf(index));
    return true;
  }

  private begin(finish: () => void): void {
    if (this.core.faults.strikes('mii-stuck')) {
      this.stuck = true;
      return;
    }
    this.alarm = this.core.clock.at(this.core.clock.now + MII_TIME, () => {
      this.alarm = undefined;
      finish();
    });
  }
}
