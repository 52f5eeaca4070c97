// SPDX-License-Identifier: MIT
// What the dialogues run on, and who takes part in them.

import type { Engine } from '../../host/machine/machine.ts';

/** One build on one engine. The numbers are those of assembly/config.ts and asconfig.json. */
export interface Target {
  name: string;
  module: string;
  engine: Engine;
  /** Both initial sequence numbers lie just below 2^32, so that every dialogue crosses it. RFC 9293 §3.4. */
  wraps: boolean;
  connections: number;
  /** Half-open ones beside them, and ones in TIME-WAIT that nobody owns. */
  halfOpen: number;
  timeWaits: number;
  listeners: number;
  /** Octets of the receive ring, and of the send ring. */
  ring: number;
  /** The MSS that the stack announces, and the most it sends. */
  mss: number;
}

const standard = {
  module: 'port',
  connections: 6,
  halfOpen: 8,
  timeWaits: 12,
  listeners: 8,
  ring: 4380,
  mss: 1460,
};
const tiny = {
  module: 'tiny-port',
  connections: 4,
  halfOpen: 6,
  timeWaits: 8,
  listeners: 6,
  ring: 2048,
  mss: 1024,
};
const large = {
  module: 'large-port',
  connections: 64,
  halfOpen: 66,
  timeWaits: 128,
  listeners: 16,
  ring: 64240,
  mss: 1460,
};

export const targets: readonly Target[] = [
  { name: 'default on v8', engine: 'v8', wraps: false, ...standard },
  { name: 'default on wasm3', engine: 'wasm3', wraps: false, ...standard },
  { name: 'default on v8, across 2^32', engine: 'v8', wraps: true, ...standard },
  { name: 'tiny on wasm3, across 2^32', engine: 'wasm3', wraps: true, ...tiny },
  { name: 'large on v8', engine: 'v8', wraps: false, ...large },
];

/** What config.ts says, ms or octets. */
export const MSL = 30_000;
export const DELAYED_ACK = 100;
export const RTO_INITIAL = 1_000;
export const DEFAULT_MSS = 536;
export const MIN_MSS = 48;
export const USER_TIMEOUT = 600_000;
export const SYN_TIMEOUT = 180_000;
export const CHALLENGE_ACKS = 5;

/** Who takes part: the stack, its first peer, the gateway. */
export const US = { mac: '02:00:00:00:00:02', address: 0x0a000002, port: 4000 } as const;
export const NETMASK = 0xffffff00;
export const GATEWAY = 0x0a000001;
export const PEER = { mac: '02:00:00:00:00:09', address: 0x0a000009, port: 50000 } as const;
