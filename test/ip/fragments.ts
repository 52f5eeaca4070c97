// SPDX-License-Identifier: MIT
// Datagrams in fragments, RFC 791 §2.3, for the tests of reassembly. Offsets and lengths are octets of the payload.

import type { Ipv4Fields } from '../support/frames.ts';
import type { Peer } from '../support/peer.ts';

const MORE = 0x2000;

/** One fragment in its frame. */
export function fragment(
  peer: Peer,
  ip: Partial<Ipv4Fields> & { protocol: number },
  { at, text, isLast }: { at: number; text: Uint8Array; isLast: boolean },
): Buffer {
  return peer.datagram({ id: 1, ...ip, fragment: (at >>> 3) | (isLast ? 0 : MORE) }, text);
}

/** `payload` in fragments that begin at 0 and at each of `cuts`, which are multiples of eight; in order. */
export function fragments(
  peer: Peer,
  ip: Partial<Ipv4Fields> & { protocol: number },
  payload: Uint8Array,
  cuts: readonly number[],
): Buffer[] {
  return [0, ...cuts].map((at, i) => {
    const end = cuts[i] ?? payload.length;
    return fragment(peer, ip, { at, text: payload.subarray(at, end), isLast: i === cuts.length });
  });
}

/** Where to cut so that each fragment but the last has `len` octets, a multiple of eight. */
export function everyOctets(len: number, payload: Uint8Array): number[] {
  return Array.from({ length: Math.ceil(payload.length / len) - 1 }, (_, i) => (i + 1) * len);
}

/** The payload of the datagram in `frame`, whose header has no options. */
export function payloadOf(frame: Buffer): Buffer {
  return frame.subarray(34, 14 + frame.readUInt16BE(16));
}
