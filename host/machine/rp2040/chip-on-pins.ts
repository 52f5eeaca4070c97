// SPDX-License-Identifier: MIT
// The simulated ENC28J60 as the wiring sees it, and a record of what goes over its bus for whoever asks for one.

import type { Enc28j60 } from '../../enc28j60/chip.ts';
import { ECON1, groupOf } from '../../enc28j60/registers.ts';
import type { BusRecord } from '../shadow.ts';
import type { SpiChip } from './wiring.ts';

export class ChipOnPins implements SpiChip {
  /** Where the octets are written down. */
  record: BusRecord | undefined;
  private readonly chip: Enc28j60;

  constructor(chip: Enc28j60) {
    this.chip = chip;
  }

  select(): void {
    this.record?.select();
    this.chip.select();
  }

  transfer(octet: number): number {
    const answer = this.chip.transfer(octet);
    this.record?.octet(octet, answer);
    return answer;
  }

  deselect(): void {
    this.record?.deselect();
    this.chip.deselect();
  }

  partial(): void {
    this.record?.deselect();
    this.chip.partial();
  }

  reset(): void {
    this.chip.reset();
  }

  get int(): boolean {
    return this.chip.int;
  }

  get onInt(): (() => void) | undefined {
    return this.chip.onInt;
  }

  set onInt(action: (() => void) | undefined) {
    this.chip.onInt = action;
  }

  isMacOrMii(address: number): boolean {
    const bank = this.chip.register('ECON1') & ECON1.BSEL;
    return address < 0x1b && groupOf((bank << 5) | address) !== 'ETH';
  }
}
