// SPDX-License-Identifier: MIT
// The two sums that the chip computes: the frame check sequence (IEEE 802.3 §3.2.9, CRC-32), also the register behind
// the hash filter, and the Internet checksum of the DMA unit, the pattern filter and the self-test.

/** CRC-32, reflected: the step for each octet value. */
const STEP = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The frame check sequence of `frame`; its octets go on the wire lowest first. */
export function frameCheckSequence(frame: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < frame.length; i++) crc = STEP[(crc ^ frame[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * The CRC register after the destination address, as the hash filter sees it: polynomial 0x04C11DB7, shifted left,
 * each octet fed lowest bit first, without final inversion. This is the mirror image of the reflected register.
 */
export function destinationCrc(frame: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < 6; i++) crc = STEP[(crc ^ frame[i]!) & 0xff]! ^ (crc >>> 8);
  let mirrored = 0;
  for (let bit = 0; bit < 32; bit++) mirrored = (mirrored << 1) | ((crc >>> bit) & 1);
  return mirrored >>> 0;
}

/** One's complement sum of big-endian 16-bit words, an odd tail padded with zero, complemented. */
export class Checksum {
  private sum = 0;
  private odd = false;

  add(octet: number): void {
    this.sum += this.odd ? octet : octet << 8;
    this.odd = !this.odd;
  }

  /** 16 bits. */
  get value(): number {
    let sum = this.sum;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    return ~sum & 0xffff;
  }
}
