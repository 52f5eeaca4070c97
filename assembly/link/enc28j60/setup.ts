// SPDX-License-Identifier: MIT
// What the chip's registers must hold while it runs, as a table: bring-up writes it, the audit reads it back. The values
// are those of data sheet sections 6 and 7.2: every register that keeps what it was given, but for the moving pointers.

import { LINK_FULL_DUPLEX } from '../../config';
import { Chip } from './chip';
import {
  ECON2,
  ECON2_AUTOINC,
  EFLOCON,
  EFLOCON_FULDPXS,
  ERXFCON,
  ERXFCON_BCEN,
  ERXFCON_CRCEN,
  ERXFCON_UCEN,
  ERXNDH,
  ERXNDL,
  ERXSTH,
  ERXSTL,
  ETXSTL,
  MAADR1,
  MAADR2,
  MAADR3,
  MAADR4,
  MAADR5,
  MAADR6,
  MABBIPG,
  MACLCON1,
  MACLCON2,
  MACON1,
  MACON1_MARXEN,
  MACON3,
  MACON3_FULDPX,
  MACON3_PADCFG_60,
  MACON3_TXCRCEN,
  MACON4,
  MACON4_DEFER,
  MAIPGH,
  MAIPGL,
  MAMXFLH,
  MAMXFLL,
} from './registers';
import { FRAME_MOST, RING_END, SLOT_A } from './state';

/** register << 8 | value; the ring comes first, our address last: `setAddress` fills it in. */
// prettier-ignore
const TABLE: usize = memory.data<u32>([
  (ERXSTL << 8),
  (ERXSTH << 8),
  (ERXNDL << 8) | (RING_END & 0xff),
  (ERXNDH << 8) | (RING_END >> 8),
  (ETXSTL << 8) | (SLOT_A & 0xff),
  (ECON2 << 8) | ECON2_AUTOINC,
  (ERXFCON << 8) | ERXFCON_UCEN | ERXFCON_CRCEN | ERXFCON_BCEN,
  (MACON1 << 8) | MACON1_MARXEN, // RXPAUS is left out: a partner could hold our transmitter for seconds
  (MACON3 << 8) | MACON3_PADCFG_60 | MACON3_TXCRCEN | (LINK_FULL_DUPLEX ? MACON3_FULDPX : 0),
  (MACON4 << 8) | MACON4_DEFER,
  (MABBIPG << 8) | (LINK_FULL_DUPLEX ? 0x15 : 0x12),
  (MAIPGL << 8) | 0x12,
  (MAIPGH << 8) | 0x0c,
  (MACLCON1 << 8) | 15,
  (MACLCON2 << 8) | 55,
  (MAMXFLL << 8) | (FRAME_MOST & 0xff),
  (MAMXFLH << 8) | (FRAME_MOST >> 8),
  (EFLOCON << 8) | (LINK_FULL_DUPLEX ? EFLOCON_FULDPXS : 0), // no flow control; the bit is read only
  (MAADR1 << 8), (MAADR2 << 8), (MAADR3 << 8), (MAADR4 << 8), (MAADR5 << 8), (MAADR6 << 8),
]);
const ENTRY: usize = 4;
const RING: usize = TABLE + 4 * ENTRY;
const ADDRESS: usize = TABLE + 18 * ENTRY;
const END: usize = ADDRESS + 6 * ENTRY;

export abstract class Setup {
  /** Our MAC address: first 2 octets, last 4. */
  static setAddress(macHigh: u32, macLow: u32): void {
    let octets = ((<u64>macHigh) << 32) | macLow;
    for (let p = END - ENTRY; p >= ADDRESS; p -= ENTRY) {
      store<u8>(p, octets);
      octets >>= 8;
    }
  }

  /** Write all, our address too. Reception is off. */
  static write(): void {
    Setup.writeUpTo(END);
  }

  /** Write the limits of the receive ring. Reception is off. */
  static writeRing(): void {
    Setup.writeUpTo(RING);
  }

  /** Whether all still stands as it was written. */
  static holds(): bool {
    for (let p = TABLE; p < END; p += ENTRY) {
      const entry = load<u32>(p);
      if (!Chip.holds(entry >>> 8, entry & 0xff)) return false;
    }
    return true;
  }

  private static writeUpTo(end: usize): void {
    for (let p = TABLE; p < end; p += ENTRY) {
      const entry = load<u32>(p);
      Chip.write(entry >>> 8, entry & 0xff);
    }
  }
}
