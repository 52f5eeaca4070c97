// SPDX-License-Identifier: MIT
// The receive filters (data sheet section 8): unicast, broadcast, multicast, hash table, pattern, magic packet, joined by
// ERXFCON.ANDOR. The CRC filter is the receiver's, since it works besides all others.

import { Checksum, destinationCrc } from './checksum.ts';
import type { Core } from './core.ts';
import { isBroadcast, isMulticast, isTo } from './frame.ts';
import { ERXFCON, Reg } from './registers.ts';
import type { RegisterFile } from './registers.ts';

/** Length of the pattern window. */
const WINDOW = 64;
/** Repetitions of our address in a magic packet. */
const MAGIC_REPEATS = 16;

/** MAADR1 … MAADR6: the station's address in the order of the wire. */
export function stationAddress({ bytes }: RegisterFile): Uint8Array {
  return Uint8Array.of(
    bytes[Reg.MAADR1]!,
    bytes[Reg.MAADR2]!,
    bytes[Reg.MAADR3]!,
    bytes[Reg.MAADR4]!,
    bytes[Reg.MAADR5]!,
    bytes[Reg.MAADR6]!,
  );
}

/** Whether the filters let a frame through. `octets` runs from the destination address through the FCS. */
export function passesFilters(core: Core, octets: Uint8Array): boolean {
  const { registers, faults } = core;
  const enabled = registers.get(Reg.ERXFCON);
  const address = stationAddress(registers);
  const verdicts: boolean[] = [];
  if ((enabled & ERXFCON.UCEN) !== 0) verdicts.push(isTo(octets, address));
  if ((enabled & ERXFCON.BCEN) !== 0) verdicts.push(isBroadcast(octets));
  if ((enabled & ERXFCON.MCEN) !== 0) verdicts.push(isMulticast(octets));
  if ((enabled & ERXFCON.HTEN) !== 0) verdicts.push(inHashTable(registers, octets));
  if ((enabled & ERXFCON.PMEN) !== 0) {
    verdicts.push(matchesPattern(registers, octets) || faults.strikes('pattern-leaks'));
  }
  if ((enabled & ERXFCON.MPEN) !== 0) verdicts.push(isMagic(octets, address));
  if (verdicts.length === 0) return true;
  return (enabled & ERXFCON.ANDOR) !== 0 ? verdicts.every(Boolean) : verdicts.some(Boolean);
}

/** Bits 28:23 of the CRC of the destination pick one of the 64 bits of EHT7 … EHT0. */
function inHashTable(registers: RegisterFile, octets: Uint8Array): boolean {
  const index = (destinationCrc(octets) >>> 23) & 0x3f;
  return registers.has(Reg.EHT0 + (index >> 3), 1 << (index & 7));
}

/** The octets of the window that the mask keeps, closed up, sum to EPMCS. The window must end within the FCS. */
function matchesPattern(registers: RegisterFile, octets: Uint8Array): boolean {
  const offset = registers.word(Reg.EPMOL);
  if (offset + WINDOW > octets.length) return false;
  const sum = new Checksum();
  for (let i = 0; i < WINDOW; i++) {
    if (registers.has(Reg.EPMM0 + (i >> 3), 1 << (i & 7))) sum.add(octets[offset + i]!);
  }
  return sum.value === registers.word(Reg.EPMCSL);
}

/** Sent to us, and holding FF six times and then our address sixteen times. */
function isMagic(octets: Uint8Array, address: Uint8Array): boolean {
  if (!isTo(octets, address)) return false;
  const length = 6 + MAGIC_REPEATS * 6;
  const holds = (at: number): boolean => {
    for (let i = 0; i < length; i++) {
      if (octets[at + i] !== (i < 6 ? 0xff : address[i % 6])) return false;
    }
    return true;
  };
  for (let at = 12; at + length <= octets.length; at++) if (holds(at)) return true;
  return false;
}
