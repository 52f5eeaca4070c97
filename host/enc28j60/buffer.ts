// SPDX-License-Identifier: MIT
// The 8 KB buffer memory and the ways addresses run through it (data sheet section 3.2): straight on with 0x1FFF → 0x0000,
// and round the receive ring, both ends of which belong to it. Blocks move in at most a few pieces, not octet by octet.

export const MEMORY_SIZE = 0x2000;
export const LAST_ADDRESS = 0x1fff;

/** The address after `address` for readers of the ring: ERXND leads to ERXST, 0x1FFF to 0. */
export function nextInRing(address: number, start: number, end: number): number {
  return address === end ? start : (address + 1) & LAST_ADDRESS;
}

/** A copy of `length` octets from `address` on, 0x1FFF → 0x0000. */
export function load(memory: Uint8Array, address: number, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  const first = Math.min(length, MEMORY_SIZE - address);
  octets.set(memory.subarray(address, address + first));
  if (first < length) octets.set(memory.subarray(0, length - first), first);
  return octets;
}

/** Put `octets` (at most 8 KB) at `address` and after, 0x1FFF → 0x0000. */
export function store(memory: Uint8Array, address: number, octets: Uint8Array): void {
  const first = Math.min(octets.length, MEMORY_SIZE - address);
  memory.set(octets.subarray(0, first), address);
  if (first < octets.length) memory.set(octets.subarray(first), 0);
}

/** Put `octets` at `address` and after, ERXND → ERXST. Returns the address that follows. */
export function storeInRing(
  memory: Uint8Array,
  address: number,
  octets: Uint8Array,
  start: number,
  end: number,
): number {
  let done = 0;
  while (done < octets.length) {
    const inRing = address <= end;
    const room = inRing ? end - address + 1 : MEMORY_SIZE - address;
    const size = Math.min(room, octets.length - done);
    memory.set(octets.subarray(done, done + size), address);
    done += size;
    address += size;
    if (inRing && address === end + 1) address = start;
    else address &= LAST_ADDRESS;
  }
  return address;
}

/** Whether two runs of addresses, each with 0x1FFF → 0x0000, share one. */
export function overlap(a: number, aLength: number, b: number, bLength: number): boolean {
  return ((b - a) & LAST_ADDRESS) < aLength || ((a - b) & LAST_ADDRESS) < bLength;
}

/** Whether `address` lies in start … end, both included; end < start means none. */
export function within(address: number, start: number, end: number): boolean {
  return address >= start && address <= end;
}
