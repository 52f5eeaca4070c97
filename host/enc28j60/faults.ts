// SPDX-License-Identifier: MIT
// What can go wrong with the chip, by name: the errata of DS80349C and what users of the chip report. A fault is set (for
// good, or with a chance at each occasion, from the seed) or triggered (at once, or at the next occasion). The errata that
// revision B7 shows every time are set from the start.

import type { RegisterName } from './registers.ts';
import type { Random } from './random.ts';

/** false = never, true = at each occasion, a number = with this probability (0 … 1) at each occasion. */
export type Rate = boolean | number;

/** How `ring-garbage` spoils the header of a received frame. */
export type Garbage = 'zero' | 'odd' | 'outside' | 'length' | 'mismatch';

/** The faults that are set. Errata are those of DS80349C. */
export interface FaultSettings {
  /** Erratum 1: EREVID ≤ 0x04 and SCK below 8 MHz: wrong MAC and MII reads, lost writes. */
  'slow-spi': Rate;
  /** Erratum 2: for 1 ms after SRC CLKRDY is 1, but writes to MAC, MII and PHY are lost. */
  'clkrdy-early': boolean;
  /** Erratum 5: a write of ERXST or ERXND sets the hidden write pointer to 0. */
  'erxst-zero': Rate;
  /** Erratum 6: PKTIF reads 0 and raises no interrupt; 'int': it reads 1 and raises none. */
  'pktif-dead': boolean | 'int';
  /**
   * Erratum 12: an abort in half duplex stalls the transmitter: TXRTS stays 1 until TXRST, without a flag; 'flagged': with
   * TXERIF; 'next': the abort ends as it should, and it is the next transmission that stalls unless TXRST came between.
   */
  'tx-stall': Rate | 'flagged' | 'next';
  /** A transmission in either duplex never ends: TXRTS stays 1 until TXRST, no flag, no frame. */
  'tx-stall-silent': Rate;
  /** Erratum 12: the end of a TXRST pulse sets TXERIF. */
  'txrst-sets-txerif': Rate;
  /** Erratum 13: half duplex: a transmission aborts with a late collision that was none. */
  'false-late-collision': Rate;
  /** Erratum 14: after an even ERXRDPT was written, the header of the next frame is corrupted. */
  'even-erxrdpt': Rate;
  /** Erratum 15: ESTAT.LATECOL stays 0. */
  'latecol-zero': boolean;
  /** Erratum 16: PDPXMD is random after each reset. */
  'pdpxmd-random': boolean;
  /** Erratum 17: frames that arrive during a checksum run are lost. */
  'dma-checksum-drops': Rate;
  /** Erratum 18: frames that do not match pass the pattern filter. */
  'pattern-leaks': Rate;
  /** Erratum 19: SRC has no effect in power save. */
  'src-asleep': boolean;
  /** After a frame was dropped with RXERIF nothing is received until RXRST (or, 'src', until the next reset). */
  'deaf-after-overflow': boolean | 'src';
  /** The header of a received frame is nonsense; by name: always of this kind. */
  'ring-garbage': Rate | Garbage;
  /** Bit errors on the bus: probability for each octet, both ways. */
  'spi-noise': number;
  /** Every read gives this value. */
  'miso-stuck': false | 0x00 | 0xff;
  /** Reads are random for the first ms after power-on. */
  'power-up-garbage': boolean;
  /** An assertion of INT does not reach the pin. */
  'int-lost': Rate;
  /** INT is low for ever. */
  'int-stuck': boolean;
  /** An MII operation stays BUSY until the next reset. */
  'mii-stuck': Rate;
}

export type FaultName = keyof FaultSettings;

/** The faults that happen when they are told to, with what may be told. */
export interface SuddenFaults {
  /** EPKTCNT is one too high or too low. */
  'count-drift': 1 | -1;
  /** All registers go to their reset values; the memory is kept or scrambled. */
  'brown-out': 'kept' | 'scrambled';
  /** A bit of a register flips; the one named, or one of those a driver depends on. */
  'register-flip': { register: RegisterName; bit: number };
  /** The link goes down and comes back after so many ns. */
  'link-flap': number;
  /** EPKTCNT goes to 255. */
  'count-full': undefined;
}

const OFF: FaultSettings = {
  'slow-spi': false,
  'clkrdy-early': false,
  'erxst-zero': false,
  'pktif-dead': false,
  'tx-stall': false,
  'tx-stall-silent': false,
  'txrst-sets-txerif': false,
  'false-late-collision': false,
  'even-erxrdpt': false,
  'latecol-zero': false,
  'pdpxmd-random': false,
  'dma-checksum-drops': false,
  'pattern-leaks': false,
  'src-asleep': false,
  'deaf-after-overflow': false,
  'ring-garbage': false,
  'spi-noise': 0,
  'miso-stuck': false,
  'power-up-garbage': false,
  'int-lost': false,
  'int-stuck': false,
  'mii-stuck': false,
};

/** No fault at all: the chip as the data sheet alone describes it. */
export const NO_FAULTS: Readonly<FaultSettings> = OFF;

/** What silicon of revision B7 does every time. */
export const B7_FAULTS: Readonly<FaultSettings> = {
  ...OFF,
  'clkrdy-early': true,
  'erxst-zero': true,
  'txrst-sets-txerif': true,
  'even-erxrdpt': true,
  'latecol-zero': true,
  'dma-checksum-drops': true,
  'src-asleep': true,
};

/** The settings, and the triggers that wait for their occasion. */
export class Faults {
  readonly settings: FaultSettings;
  private readonly pending = new Map<FaultName, number>();
  private readonly random: Random;
  private readonly onChange: () => void;

  constructor(settings: Partial<FaultSettings>, random: Random, onChange: () => void) {
    this.settings = { ...B7_FAULTS, ...settings };
    this.random = random;
    this.onChange = onChange;
  }

  /** Set a fault from now on. */
  set<Name extends FaultName>(name: Name, setting: FaultSettings[Name]): void {
    this.settings[name] = setting;
    this.onChange();
  }

  /** Let a fault that has occasions happen at the next one, whatever its setting. */
  arm(name: FaultName): void {
    this.pending.set(name, (this.pending.get(name) ?? 0) + 1);
  }

  /** Asked at each occasion: does the fault happen now? Uses up a trigger, or a piece of chance. */
  strikes(name: FaultName): boolean {
    const armed = this.pending.get(name) ?? 0;
    if (armed > 0) {
      this.pending.set(name, armed - 1);
      return true;
    }
    const setting = this.settings[name];
    return typeof setting === 'number' ? this.random.chance(setting) : setting !== false;
  }
}
