// SPDX-License-Identifier: MIT
// Captures as Wireshark and tshark read them: the PCAP Next Generation format, IETF opsawg draft, §4.1 Section Header,
// §4.2 Interface Description and §4.3 Enhanced Packet blocks, little-endian, times in nanoseconds. This makes octets;
// who stores them is the caller's business. Left out: name resolution, statistics, decryption secrets.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |                          block type                           |
//  |                      block total length                       |
//  |        body, padded to 32 bits; options at its end            |
//  |                      block total length                       |

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_ETHERNET = 1;

/** Option codes: of every block, of the section header, of an interface, of a packet. */
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;

/** if_tsresol: a power of ten. */
const NANOSECONDS = 9;

/** epb_flags, §4.3.1: bits 0–1 direction, bits 5–8 FCS length, bit 24 CRC error. */
const FLAG_INBOUND = 1;
const FLAG_OUTBOUND = 2;
const FLAG_CRC_ERROR = 1 << 24;

type Option = readonly [code: number, value: Uint8Array];

/** A frame to be written. */
export interface Packet {
  /** Number of the interface block, counted from 0 in the order of writing. */
  interface: number;
  /** Nanoseconds since 1970. */
  timestamp: bigint;
  /** Octets from the destination address on, without FCS. */
  frame: Uint8Array;
  direction?: 'inbound' | 'outbound';
  /** The FCS was wrong. */
  crcError?: boolean;
  /** Shown beside the packet. */
  comment?: string;
}

/** The block every capture begins with. `application` is what wrote it. */
export function sectionHeader(application: string): Uint8Array {
  const fixed = octets(16);
  fixed.view.setUint32(0, BYTE_ORDER_MAGIC, true);
  fixed.view.setUint16(4, 1, true); // version 1.0
  fixed.view.setBigInt64(8, -1n, true); // length of the section: not known
  return block(SECTION_HEADER, fixed.bytes, [[SHB_USERAPPL, text(application)]]);
}

/** A place where frames are seen. May stand anywhere before its first packet. */
export function interfaceDescription(name: string, description?: string): Uint8Array {
  const fixed = octets(8);
  fixed.view.setUint16(0, LINKTYPE_ETHERNET, true);
  fixed.view.setUint32(4, 0, true); // no limit to the captured length
  const options: Option[] = [[IF_NAME, text(name)]];
  if (description !== undefined) options.push([IF_DESCRIPTION, text(description)]);
  options.push([IF_TSRESOL, Uint8Array.of(NANOSECONDS)]);
  return block(INTERFACE_DESCRIPTION, fixed.bytes, options);
}

/** One frame, whole. */
export function enhancedPacket(packet: Packet): Uint8Array {
  const { frame, timestamp } = packet;
  const fixed = octets(20 + frame.length);
  fixed.view.setUint32(0, packet.interface, true);
  fixed.view.setUint32(4, Number(timestamp >> 32n), true);
  fixed.view.setUint32(8, Number(timestamp & 0xffff_ffffn), true);
  fixed.view.setUint32(12, frame.length, true);
  fixed.view.setUint32(16, frame.length, true);
  fixed.bytes.set(frame, 20);
  const options: Option[] = [];
  if (packet.comment !== undefined) options.push([OPT_COMMENT, text(packet.comment)]);
  const flags = octets(4);
  const direction = { inbound: FLAG_INBOUND, outbound: FLAG_OUTBOUND };
  const way = packet.direction === undefined ? 0 : direction[packet.direction];
  flags.view.setUint32(0, way | (packet.crcError ? FLAG_CRC_ERROR : 0), true);
  options.push([EPB_FLAGS, flags.bytes]);
  return block(ENHANCED_PACKET, fixed.bytes, options);
}

/** A block: `fixed` padded to 32 bits, then `options` and their end. */
function block(type: number, fixed: Uint8Array, options: readonly Option[]): Uint8Array {
  const optionsAt = 8 + padded(fixed.length);
  const endAt = options.reduce((at, [, value]) => at + 4 + padded(value.length), optionsAt);
  const length = endAt + 4 + 4; // opt_endofopt, the length again
  const { bytes, view } = octets(length);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  bytes.set(fixed, 8);
  let at = optionsAt;
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  view.setUint32(length - 4, length, true);
  return bytes;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function octets(length: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
