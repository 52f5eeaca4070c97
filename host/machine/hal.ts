// SPDX-License-Identifier: MIT
// The module's imports (`assembly/hal.ts`) over an SPI device, octet by octet: every call is one chip-select, and the two bulk
// calls compute the Internet sum (RFC 1071) of the octets as they pass. What would run outside the module's memory on the
// board is an error here.

/** The SPI side of a chip. */
export interface SpiDevice {
  /** CS falls. */
  select(): void;
  /** Eight clocks: an octet out, an octet in. */
  transfer(octet: number): number;
  /** CS rises. */
  deselect(): void;
}

/** What went over the bus, for benchmarks; `hal` adds to it. */
export interface BusStats {
  /** Octets clocked, opcodes included. */
  octets: number;
  /** Chip-select periods. */
  selects: number;
}

/** The three functions of `assembly/hal.ts`. A type rather than an interface, so that it passes as an import object. */
export type Hal = {
  command(octets: number, count: number): number;
  bulkRead(dst: number, len: number): number;
  bulkWrite(src: number, len: number): number;
};

/** Read and write buffer memory, ENC28J60 data sheet table 4-1. */
const RBM = 0x3a;
const WBM = 0x7a;

/** Longest bulk transfer that `assembly/hal.ts` allows. */
const MAX_BULK = 1536;

/**
 * The three bus calls over `chip` and the linear memory that `buffer` returns (asked at each call, since growing
 * replaces it), counted in `stats`. Throws RangeError when a count is out of range or octets lie outside the memory.
 */
export function hal(
  chip: SpiDevice,
  buffer: () => ArrayBufferLike,
  stats: BusStats = { octets: 0, selects: 0 },
): Hal {
  let memory: Uint8Array = new Uint8Array(0);

  /** The linear memory as octets, after a check that `len` of them lie at `address`. */
  function octetsAt(address: number, len: number, call: string): Uint8Array {
    const current = buffer();
    if (memory.buffer !== current) memory = new Uint8Array(current);
    if (len < 1 || len > MAX_BULK)
      throw new RangeError(`${call}: ${len} octets; 1 to ${MAX_BULK} are allowed`);
    if (address + len > memory.length) {
      throw new RangeError(`${call}: ${len} octets at ${address} lie outside the memory of ${memory.length}`);
    }
    return memory;
  }

  return {
    command(octets: number, count: number): number {
      if (count < 1 || count > 4) throw new RangeError(`command: ${count} octets; 1 to 4 are allowed`);
      let answer = 0;
      chip.select();
      for (let shift = 0; shift < 8 * count; shift += 8) {
        answer |= chip.transfer((octets >>> shift) & 0xff) << shift;
      }
      chip.deselect();
      stats.octets += count;
      stats.selects++;
      return answer >>> 0;
    },

    bulkRead(dst: number, len: number): number {
      dst >>>= 0;
      const target = octetsAt(dst, len, 'bulkRead');
      let sum = 0;
      chip.select();
      chip.transfer(RBM);
      for (let i = 0; i < len; i++) {
        const octet = chip.transfer(0);
        if (dst !== 0) target[dst + i] = octet;
        sum += (i & 1) === 0 ? octet << 8 : octet;
      }
      chip.deselect();
      stats.octets += 1 + len;
      stats.selects++;
      return fold(sum);
    },

    bulkWrite(src: number, len: number): number {
      src >>>= 0;
      const source = octetsAt(src, len, 'bulkWrite');
      let sum = 0;
      chip.select();
      chip.transfer(WBM);
      for (let i = 0; i < len; i++) {
        const octet = source[src + i]!;
        chip.transfer(octet);
        sum += (i & 1) === 0 ? octet << 8 : octet;
      }
      chip.deselect();
      stats.octets += 1 + len;
      stats.selects++;
      return fold(sum);
    },
  };
}

/** A sum of 16-bit words as 16 bits, end-around carries added. At most 768 words came in: two folds are enough. */
function fold(sum: number): number {
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}
