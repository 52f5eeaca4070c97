// SPDX-License-Identifier: MIT
// The ABI of a module whose link is frames through memory: all of index.ts, and the host's side of the port.

import { Port } from './link/port/driver';

export * from './index';

/** Address where the next inbound frame goes; 1514 octets. */
export function portReceiveBuffer(): usize {
  return Port.receiveBuffer;
}

/** A frame of `len` octets, 14 … 1514, is there. EAGAIN: the last one is too, poll first; EINVAL. */
export function portReceive(len: u32): i32 {
  return Port.handIn(len);
}

/** Address of the outbound frame. */
export function portTransmitBuffer(): usize {
  return Port.transmitBuffer;
}

/** Octets of the outbound frame; 0 = there is none. */
export function portTransmitLength(): u32 {
  return Port.transmitLength;
}

/** The outbound frame was taken. */
export function portTransmitDone(): void {
  Port.transmitDone();
}
