// SPDX-License-Identifier: MIT
// Where the cycles go, by the code ranges that the image declares: the SPI path and what it calls, the interpreter's
// operations, all other C. What sleep takes is added by the owner.

/** Cycles by owner. */
export interface Cycles {
  spi: number;
  interpreter: number;
  c: number;
  idle: number;
}

/** A range of addresses, its end excluded. */
export type Range = readonly [from: number, end: number];

export class Profile {
  spi = 0;
  interpreter = 0;
  c = 0;
  private readonly spiFrom: number;
  private readonly spiSize: number;
  private readonly interpreterFrom: number;
  private readonly interpreterSize: number;
  /** Inside the SPI path or what it calls: where it returns to, and the stack pointer then. */
  private returnTo = -1;
  private returnSp = 0;
  /** The link register before the instruction. */
  private lr = 0;

  constructor(spi: Range, interpreter: Range) {
    [this.spiFrom, this.spiSize] = [spi[0], spi[1] - spi[0]];
    [this.interpreterFrom, this.interpreterSize] = [interpreter[0], interpreter[1] - interpreter[0]];
  }

  /** An instruction at `pc` has taken `cycles` and left `lr` and `sp`. */
  count(pc: number, cycles: number, lr: number, sp: number): void {
    if (pc === this.returnTo && sp >>> 0 >= this.returnSp) this.returnTo = -1;
    if (this.returnTo >= 0) {
      this.spi += cycles;
    } else if ((pc - this.spiFrom) >>> 0 < this.spiSize) {
      this.spi += cycles;
      this.returnTo = (this.lr & ~1) >>> 0;
      this.returnSp = sp >>> 0;
    } else if ((pc - this.interpreterFrom) >>> 0 < this.interpreterSize) {
      this.interpreter += cycles;
    } else {
      this.c += cycles;
    }
    this.lr = lr;
  }
}
