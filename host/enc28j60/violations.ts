// SPDX-License-Identifier: MIT
// What a driver did that the data sheet or the errata sheet forbids, or that silicon would punish without a word. The chip
// goes on as the documents say; the list is for tests, which demand that it stays empty.

/** The rules, in plain words. */
export type Rule =
  | 'BFS or BFC on a MAC or MII register'
  | 'unknown SPI command'
  | 'reserved address'
  | 'even ERXRDPT'
  | 'ERXST is not 0'
  | 'ERXRDPT outside the ring'
  | 'ERXRDPTH written without ERXRDPTL'
  | 'ERXST or ERXND changed while RXEN = 1'
  | 'duplex changed while RXEN = 1'
  | 'MACON3.FULDPX and PHCON1.PDPXMD differ while RXEN = 1'
  | 'half duplex traffic with HDLDIS = 0'
  | 'transmit memory written while TXRTS = 1'
  | 'transmit memory read while TXRTS = 1'
  | 'ETXST or ETXND written while TXRTS = 1'
  | 'MAC register written while TXRTS = 1'
  | 'TXRTS set while TXRST = 1'
  | 'TXRTS set while TXRTS = 1'
  | 'TXRTS set while CLKRDY = 0'
  | 'ETXST is odd'
  | 'transmit frame or status vector inside the receive ring'
  | 'status vector ran into another buffer'
  | 'frame longer than MAMXFL'
  | 'frame shorter than 64 octets sent'
  | 'MII started while BUSY'
  | 'MAC, MII or PHY access within 1 ms after SRC'
  | 'MAC or MII access while CLKRDY = 0'
  | 'SRC while PWRSV = 1'
  | 'PKTDEC at EPKTCNT = 0'
  | 'checksum run while RXEN = 1'
  | 'one-byte DMA'
  | 'SCK above 20 MHz';

/** One offence. */
export interface Violation {
  rule: Rule;
  /** What was done, with names and values. */
  detail: string;
  /** Instant of the clock, ns. */
  at: number;
}

/** Violations kept; a driver that offends for ever must not fill the computer's memory. */
export const VIOLATIONS_KEPT = 1000;

/** `value` as the data sheet prints it. */
export function hex(value: number, digits = 4): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}
