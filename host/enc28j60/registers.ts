// SPDX-License-Identifier: MIT
// The control registers of the ENC28J60: addresses, reset values, widths and groups (data sheet DS39662, section 3).
// A register is named by its index, bank * 32 + address; the five that every bank shows (0x1B–0x1F) have bank 0. Reading
// and writing with effects is the business of chip.ts: here are only the table and the 128 bytes behind it.

/** Every register by its data-sheet name; the value is bank * 32 + address. */
// prettier-ignore
export const Reg = {
  EIE: 0x1b, EIR: 0x1c, ESTAT: 0x1d, ECON2: 0x1e, ECON1: 0x1f,
  // Bank 0
  ERDPTL: 0x00, ERDPTH: 0x01, EWRPTL: 0x02, EWRPTH: 0x03, ETXSTL: 0x04, ETXSTH: 0x05, ETXNDL: 0x06, ETXNDH: 0x07,
  ERXSTL: 0x08, ERXSTH: 0x09, ERXNDL: 0x0a, ERXNDH: 0x0b, ERXRDPTL: 0x0c, ERXRDPTH: 0x0d, ERXWRPTL: 0x0e, ERXWRPTH: 0x0f,
  EDMASTL: 0x10, EDMASTH: 0x11, EDMANDL: 0x12, EDMANDH: 0x13, EDMADSTL: 0x14, EDMADSTH: 0x15, EDMACSL: 0x16, EDMACSH: 0x17,
  // Bank 1
  EHT0: 0x20, EHT1: 0x21, EHT2: 0x22, EHT3: 0x23, EHT4: 0x24, EHT5: 0x25, EHT6: 0x26, EHT7: 0x27,
  EPMM0: 0x28, EPMM1: 0x29, EPMM2: 0x2a, EPMM3: 0x2b, EPMM4: 0x2c, EPMM5: 0x2d, EPMM6: 0x2e, EPMM7: 0x2f,
  EPMCSL: 0x30, EPMCSH: 0x31, EPMOL: 0x34, EPMOH: 0x35, ERXFCON: 0x38, EPKTCNT: 0x39,
  // Bank 2
  MACON1: 0x40, MACON2: 0x41, MACON3: 0x42, MACON4: 0x43, MABBIPG: 0x44, MAIPGL: 0x46, MAIPGH: 0x47,
  MACLCON1: 0x48, MACLCON2: 0x49, MAMXFLL: 0x4a, MAMXFLH: 0x4b,
  MICMD: 0x52, MIREGADR: 0x54, MIWRL: 0x56, MIWRH: 0x57, MIRDL: 0x58, MIRDH: 0x59,
  // Bank 3
  MAADR5: 0x60, MAADR6: 0x61, MAADR3: 0x62, MAADR4: 0x63, MAADR1: 0x64, MAADR2: 0x65,
  EBSTSD: 0x66, EBSTCON: 0x67, EBSTCSL: 0x68, EBSTCSH: 0x69, MISTAT: 0x6a,
  EREVID: 0x72, ECOCON: 0x75, EFLOCON: 0x77, EPAUSL: 0x78, EPAUSH: 0x79,
} as const;

/** A register's name in the data sheet. */
export type RegisterName = keyof typeof Reg;

// Masks, grouped by register.
export const ECON1 = {
  TXRST: 0x80,
  RXRST: 0x40,
  DMAST: 0x20,
  CSUMEN: 0x10,
  TXRTS: 0x08,
  RXEN: 0x04,
  BSEL: 0x03,
} as const;
export const ECON2 = { AUTOINC: 0x80, PKTDEC: 0x40, PWRSV: 0x20, VRPS: 0x08 } as const;
export const ESTAT = {
  INT: 0x80,
  BUFER: 0x40,
  LATECOL: 0x10,
  TXABRT: 0x02,
  CLKRDY: 0x01,
} as const;
export const EIE = { INTIE: 0x80 } as const;
export const EIR = {
  PKTIF: 0x40,
  DMAIF: 0x20,
  LINKIF: 0x10,
  TXIF: 0x08,
  TXERIF: 0x02,
  RXERIF: 0x01,
} as const;
export const ERXFCON = {
  UCEN: 0x80,
  ANDOR: 0x40,
  CRCEN: 0x20,
  PMEN: 0x10,
  MPEN: 0x08,
  HTEN: 0x04,
  MCEN: 0x02,
  BCEN: 0x01,
} as const;
export const MACON1 = { TXPAUS: 0x08, RXPAUS: 0x04, PASSALL: 0x02, MARXEN: 0x01 } as const;
export const MACON3 = {
  PADCFG: 0xe0,
  TXCRCEN: 0x10,
  PHDREN: 0x08,
  HFRMEN: 0x04,
  FRMLNEN: 0x02,
  FULDPX: 0x01,
} as const;
export const MACON4 = { DEFER: 0x40, BPEN: 0x20, NOBKOFF: 0x10 } as const;
export const MICMD = { MIISCAN: 0x02, MIIRD: 0x01 } as const;
export const MISTAT = { NVALID: 0x04, SCAN: 0x02, BUSY: 0x01 } as const;
export const EFLOCON = { FULDPXS: 0x04, FCEN: 0x03, FCEN0: 0x01 } as const;
export const EBSTCON = { PSV: 0xe0, TMSEL: 0x0c, TME: 0x02, BISTST: 0x01 } as const;

/** What the data sheet distinguishes: MAC and MII registers are read with a dummy byte and know no BFS or BFC. */
export type Group = 'ETH' | 'MAC' | 'MII';

/** One row of the register map. */
export interface RegisterSpec {
  name: RegisterName;
  index: number;
  group: Group;
  /** Value after every reset (EREVID, ESTAT.CLKRDY and EFLOCON.FULDPXS aside, which chip.ts supplies). */
  reset: number;
  /** Bits that a write stores; 0 for read-only registers. */
  stored: number;
}

/** Reset values other than zero. */
// prettier-ignore
const RESET: Partial<Record<RegisterName, number>> = {
  ERDPTL: 0xfa, ERDPTH: 0x05, ERXSTL: 0xfa, ERXSTH: 0x05, ERXNDL: 0xff, ERXNDH: 0x1f, ERXRDPTL: 0xfa, ERXRDPTH: 0x05,
  ERXFCON: 0xa1, MACON2: 0x80, MACLCON1: 0x0f, MACLCON2: 0x37, MAMXFLH: 0x06, ECOCON: 0x04, EPAUSH: 0x10, ECON2: 0x80,
};

/** Bits kept, where these are not all eight. ESTAT and EIR: what the host may clear. */
// prettier-ignore
const STORED: Partial<Record<RegisterName, number>> = {
  EIE: 0xfb, EIR: EIR.DMAIF | EIR.TXIF | EIR.TXERIF | EIR.RXERIF, ESTAT: ESTAT.BUFER | ESTAT.LATECOL | ESTAT.TXABRT,
  ECON2: ECON2.AUTOINC | ECON2.PWRSV | ECON2.VRPS,
  ERDPTH: 0x1f, EWRPTH: 0x1f, ETXSTH: 0x1f, ETXNDH: 0x1f, ERXSTH: 0x1f, ERXNDH: 0x1f, ERXRDPTH: 0x1f,
  EDMASTH: 0x1f, EDMANDH: 0x1f, EDMADSTH: 0x1f, EPMOH: 0x1f,
  ERXWRPTL: 0, ERXWRPTH: 0, EDMACSL: 0, EDMACSH: 0, EPKTCNT: 0, MIRDL: 0, MIRDH: 0,
  EBSTCSL: 0, EBSTCSH: 0, MISTAT: 0, EREVID: 0,
  MACON1: 0x0f, MACON4: 0x70, MABBIPG: 0x7f, MAIPGL: 0x7f, MAIPGH: 0x7f, MACLCON1: 0x0f, MACLCON2: 0x3f,
  MICMD: 0x03, MIREGADR: 0x1f, ECOCON: 0x07, EFLOCON: EFLOCON.FCEN,
};

/** The group of any address, implemented or not; all of bank 2 below the shared registers is MAC or MII. */
export function groupOf(index: number): Group {
  const address = index & 0x1f;
  if (address >= 0x1a) return 'ETH';
  if (index >= 0x40 && index < 0x60) return address < 0x10 ? 'MAC' : 'MII';
  if (index >= Reg.MAADR5 && index <= Reg.MAADR2) return 'MAC';
  return index === Reg.MISTAT ? 'MII' : 'ETH';
}

/** The whole register map, a row per register. */
export const REGISTERS: readonly RegisterSpec[] = (Object.keys(Reg) as RegisterName[]).map((name) => ({
  name,
  index: Reg[name],
  group: groupOf(Reg[name]),
  reset: RESET[name] ?? 0,
  stored: STORED[name] ?? 0xff,
}));

/** Bits kept, by index; addresses without a register keep none and so read 0. */
const KEPT = new Uint8Array(128);
const AT_RESET = new Uint8Array(128);
for (const { index, stored, reset } of REGISTERS) {
  KEPT[index] = stored;
  AT_RESET[index] = reset;
}

/** The name of the register at `index`, for messages. */
export function nameOf(index: number): string {
  return REGISTERS.find((register) => register.index === index)?.name ?? `0x${index.toString(16)}`;
}

/** The 128 bytes behind the map, without effects. Words lie low byte first. */
export class RegisterFile {
  readonly bytes = new Uint8Array(128);

  reset(): void {
    this.bytes.set(AT_RESET);
  }

  /** Keep the writable bits of `value`. */
  store(index: number, value: number): void {
    this.bytes[index] = value & KEPT[index]!;
  }

  /** The bits of `index` that a write stores. */
  kept(index: number): number {
    return KEPT[index]!;
  }

  get(index: number): number {
    return this.bytes[index]!;
  }

  has(index: number, mask: number): boolean {
    return (this.bytes[index]! & mask) !== 0;
  }

  set(index: number, mask: number): void {
    this.bytes[index]! |= mask;
  }

  clear(index: number, mask: number): void {
    this.bytes[index]! &= ~mask;
  }

  /** The 16-bit value whose low byte is at `low`. */
  word(low: number): number {
    return this.bytes[low]! | (this.bytes[low + 1]! << 8);
  }

  setWord(low: number, value: number): void {
    this.bytes[low] = value;
    this.bytes[low + 1] = value >> 8;
  }
}
