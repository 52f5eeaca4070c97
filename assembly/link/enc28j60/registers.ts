// SPDX-License-Identifier: MIT
// The registers, bits and SPI commands of the ENC28J60 that the driver uses, typed from the data sheet DS39662. A register
// is one number:
//
//   | 7: MAC, MII or PHY group, read behind a dummy octet | 6:5 bank | 4:0 address |
//
// A register of two octets is named by its low one; the high one follows it.

// --- SPI commands, data sheet section 4.2 ----------------------------------------------------------------------------

export const WCR: u32 = 0x40;
export const BFS: u32 = 0x80;
export const BFC: u32 = 0xa0;
export const SRC: u32 = 0xff;

export const ADDRESS: u32 = 0x1f;
const BANK1: u32 = 0x20;
const BANK2: u32 = 0x40;
const BANK3: u32 = 0x60;
export const DUMMY: u32 = 0x80;

// --- in every bank ---------------------------------------------------------------------------------------------------

export const EIE: u32 = 0x1b;
export const EIE_INTIE: u32 = 0x80;
export const EIE_PKTIE: u32 = 0x40;
export const EIE_TXIE: u32 = 0x08;
export const EIE_TXERIE: u32 = 0x02;

export const EIR: u32 = 0x1c;
export const EIR_LINKIF: u32 = 0x10;
export const EIR_TXIF: u32 = 0x08;
export const EIR_TXERIF: u32 = 0x02;
export const EIR_RXERIF: u32 = 0x01;

export const ESTAT: u32 = 0x1d;
export const ESTAT_LATECOL: u32 = 0x10;
export const ESTAT_TXABRT: u32 = 0x02;
export const ESTAT_CLKRDY: u32 = 0x01;

export const ECON2: u32 = 0x1e;
export const ECON2_AUTOINC: u32 = 0x80;
export const ECON2_PKTDEC: u32 = 0x40;
export const ECON2_PWRSV: u32 = 0x20;

export const ECON1: u32 = 0x1f;
export const ECON1_TXRST: u32 = 0x80;
export const ECON1_RXRST: u32 = 0x40;
export const ECON1_TXRTS: u32 = 0x08;
export const ECON1_RXEN: u32 = 0x04;
export const ECON1_BSEL: u32 = 0x03;

// --- bank 0: buffer pointers -----------------------------------------------------------------------------------------

export const ERDPTL: u32 = 0x00;
export const ERDPTH: u32 = 0x01;
export const EWRPTL: u32 = 0x02;
export const EWRPTH: u32 = 0x03;
export const ETXSTL: u32 = 0x04;
export const ETXSTH: u32 = 0x05;
export const ETXNDL: u32 = 0x06;
export const ETXNDH: u32 = 0x07;
export const ERXSTL: u32 = 0x08;
export const ERXSTH: u32 = 0x09;
export const ERXNDL: u32 = 0x0a;
export const ERXNDH: u32 = 0x0b;
export const ERXRDPTL: u32 = 0x0c;
export const ERXRDPTH: u32 = 0x0d;
export const ERXWRPTL: u32 = 0x0e;

// --- bank 1: filters, packet count -----------------------------------------------------------------------------------

export const ERXFCON: u32 = BANK1 | 0x18;
export const ERXFCON_UCEN: u32 = 0x80;
export const ERXFCON_CRCEN: u32 = 0x20;
export const ERXFCON_BCEN: u32 = 0x01;

export const EPKTCNT: u32 = BANK1 | 0x19;

// --- bank 2: MAC, MII ------------------------------------------------------------------------------------------------

export const MACON1: u32 = DUMMY | BANK2 | 0x00;
export const MACON1_MARXEN: u32 = 0x01;

export const MACON3: u32 = DUMMY | BANK2 | 0x02;
export const MACON3_PADCFG_60: u32 = 0x20;
export const MACON3_TXCRCEN: u32 = 0x10;
export const MACON3_FULDPX: u32 = 0x01;

export const MACON4: u32 = DUMMY | BANK2 | 0x03;
export const MACON4_DEFER: u32 = 0x40;

export const MABBIPG: u32 = DUMMY | BANK2 | 0x04;
export const MAIPGL: u32 = DUMMY | BANK2 | 0x06;
export const MAIPGH: u32 = DUMMY | BANK2 | 0x07;
export const MACLCON1: u32 = DUMMY | BANK2 | 0x08;
export const MACLCON2: u32 = DUMMY | BANK2 | 0x09;
export const MAMXFLL: u32 = DUMMY | BANK2 | 0x0a;
export const MAMXFLH: u32 = DUMMY | BANK2 | 0x0b;

export const MICMD: u32 = DUMMY | BANK2 | 0x12;
export const MICMD_MIIRD: u32 = 0x01;
export const MIREGADR: u32 = DUMMY | BANK2 | 0x14;
export const MIWRL: u32 = DUMMY | BANK2 | 0x16;
export const MIWRH: u32 = DUMMY | BANK2 | 0x17;
export const MIRDL: u32 = DUMMY | BANK2 | 0x18;
export const MIRDH: u32 = DUMMY | BANK2 | 0x19;

// --- bank 3: address, identity ---------------------------------------------------------------------------------------

/** Our address; the first octet on the wire is MAADR1. */
export const MAADR5: u32 = DUMMY | BANK3 | 0x00;
export const MAADR6: u32 = DUMMY | BANK3 | 0x01;
export const MAADR3: u32 = DUMMY | BANK3 | 0x02;
export const MAADR4: u32 = DUMMY | BANK3 | 0x03;
export const MAADR1: u32 = DUMMY | BANK3 | 0x04;
export const MAADR2: u32 = DUMMY | BANK3 | 0x05;
export const MISTAT: u32 = DUMMY | BANK3 | 0x0a;
export const MISTAT_BUSY: u32 = 0x01;
export const EREVID: u32 = BANK3 | 0x12;
export const EFLOCON: u32 = BANK3 | 0x17;
export const EFLOCON_FULDPXS: u32 = 0x04;

// --- PHY, reached through MII ----------------------------------------------------------------------------------------

export const PHCON1: u32 = 0x00;
export const PHCON1_PLOOPBK: u32 = 0x4000;
export const PHCON1_PPWRSV: u32 = 0x0800;
export const PHCON1_PDPXMD: u32 = 0x0100;

export const PHCON2: u32 = 0x10;
export const PHCON2_FRCLNK: u32 = 0x4000;
export const PHCON2_TXDIS: u32 = 0x2000;
export const PHCON2_HDLDIS: u32 = 0x0100;

export const PHSTAT2: u32 = 0x11;
export const PHSTAT2_LSTAT: u32 = 0x0400;

export const PHIE: u32 = 0x12;
export const PHIE_PLNKIE: u32 = 0x0010;
export const PHIE_PGEIE: u32 = 0x0002;

export const PHIR: u32 = 0x13;
export const PHLCON: u32 = 0x14;

// --- status vectors --------------------------------------------------------------------------------------------------

/** Bits 23 and 20 of the receive status vector, within its upper half: received OK, CRC error. */
export const RSV_OK: u32 = 0x80;
export const RSV_CRC_ERROR: u32 = 0x10;

/** Bit 29 of the transmit status vector, within its octet 3: late collision. */
export const TSV3_LATE_COLLISION: u32 = 0x20;
