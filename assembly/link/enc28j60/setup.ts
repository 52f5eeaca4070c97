// SPDX-License-Identifier: MIT
// What the chip's registers must hold while it runs, as a table: bring-up writes it, the audit reads it back. The values are
// those of data sheet sections 6 and 7.2: every register that keeps what it was given, but for the moving pointers.

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
  MAADR5,
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
import { ADDRESS_OCTETS, FRAME_MOST, RING_END, SLOT_A } from './state';

/** register << 8 | value; the ring comes first. */
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
]);
const RING_ENTRIES: u32 = 4;
const ENTRIES: u32 = 18;

export abstract class Setup {
  /** Write all, our address too. Reception is off. */
  static write(): void {
    Setup.writeEntries(ENTRIES);
    for (let i: u32 = 0; i < 6; i++) Chip.write(Setup.addressRegister(i), load<u8>(ADDRESS_OCTETS + i));
  }

  /** Write the limits of the receive ring. Reception is off. */
  static writeRing(): void {
    Setup.writeEntries(RING_ENTRIES);
  }

  /** Whether all still stands as it was written. */
  static holds(): bool {
    for (let i: u32 = 0; i < ENTRIES; i++) {
      const entry = load<u32>(TABLE + (i << 2));
      if (!Chip.holds(entry >>> 8, entry & 0xff)) return false;
    }
    for (let i: u32 = 0; i < 6; i++) {
      if (!Chip.holds(Setup.addressRegister(i), load<u8>(ADDRESS_OCTETS + i))) return false;
    }
    return true;
  }

  private static writeEntries(count: u32): void {
    for (let i: u32 = 0; i < count; i++) {
      const entry = load<u32>(TABLE + (i << 2));
      Chip.write(entry >>> 8, entry & 0xff);
    }
  }

  /** The register of octet `i` of our address, in the order of the wire: MAADR1, 2, 3 … stand at 4, 5, 2, 3, 0, 1. */
  private static addressRegister(i: u32): u32 {
    return MAADR5 + ((4 - (i & 6)) | (i & 1));
  }
}
