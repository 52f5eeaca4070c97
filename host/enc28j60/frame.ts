// SPDX-License-Identifier: MIT
// What the MAC sees in a frame without looking further than Ethernet: addresses, the type or length field, VLAN and control
// frames (IEEE 802.3 clauses 3 and 31), and the bits that receive and transmit status vectors have in common.

export const ETHERTYPE_CONTROL = 0x8808;
export const ETHERTYPE_VLAN = 0x8100;
/** Opcode of PAUSE, IEEE 802.3 annex 31B. */
export const OPCODE_PAUSE = 0x0001;
export const HEADER_SIZE = 14;
export const FCS_SIZE = 4;
/** Shortest frame, without and with FCS. */
export const MIN_SIZE = 60;
export const MIN_SIZE_WITH_FCS = 64;
/** What the receiver takes for a frame at all, with FCS (data sheet section 5.1.5). */
export const RECEIVED_MIN_WITH_FCS = 18;
/** 01:80:C2:00:00:01, where pause frames go. */
export const PAUSE_ADDRESS = Uint8Array.of(0x01, 0x80, 0xc2, 0x00, 0x00, 0x01);

/** The 16 bits at `offset`; 0 past the end. */
export function word(frame: Uint8Array, offset: number): number {
  return offset + 1 < frame.length ? (frame[offset]! << 8) | frame[offset + 1]! : 0;
}

export function typeOf(frame: Uint8Array): number {
  return word(frame, 12);
}

export function isMulticast(frame: Uint8Array): boolean {
  return (frame[0]! & 1) !== 0;
}

export function isBroadcast(frame: Uint8Array): boolean {
  return frame[0] === 0xff && isTo(frame, BROADCAST);
}

const BROADCAST = new Uint8Array(6).fill(0xff);

export function isTo(frame: Uint8Array, address: Uint8Array): boolean {
  for (let i = 0; i < 6; i++) if (frame[i] !== address[i]) return false;
  return true;
}

/** A control frame with the opcode PAUSE, wherever it goes. */
export function isPause(frame: Uint8Array): boolean {
  return typeOf(frame) === ETHERTYPE_CONTROL && word(frame, HEADER_SIZE) === OPCODE_PAUSE;
}

/** Bits 21 and 22 of both status vectors. */
export const LENGTH_MISMATCH = 1 << 21;
export const LENGTH_OUT_OF_RANGE = 1 << 22;

/**
 * What both status vectors say of the type or length field: a type (bit 22), or, if MACON3.FRMLNEN asks, a length that is
 * not that of the data (bit 21). A length of fewer than 46 octets stands in a padded frame, which is no mismatch. `frame`
 * is without FCS.
 */
export function lengthBits(frame: Uint8Array, checkLength: boolean): number {
  const field = typeOf(frame);
  if (field > 1500) return LENGTH_OUT_OF_RANGE;
  const data = frame.length - HEADER_SIZE;
  return !checkLength || field === data || (field < 46 && data === 46) ? 0 : LENGTH_MISMATCH;
}

/** A PAUSE frame without FCS, of 60 octets. `value` counts 512 bit times. */
export function pauseFrame(source: Uint8Array, value: number): Uint8Array {
  const frame = new Uint8Array(MIN_SIZE);
  frame.set(PAUSE_ADDRESS);
  frame.set(source, 6);
  frame.set(
    [ETHERTYPE_CONTROL >> 8, ETHERTYPE_CONTROL & 0xff, 0, OPCODE_PAUSE, value >> 8, value & 0xff],
    12,
  );
  return frame;
}
