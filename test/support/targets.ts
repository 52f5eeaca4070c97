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
  /** Least step by which the offered window opens. */
  step: number;
  /** Runs of octets in flight that are told apart. */
  runs: number;
  /** INITIAL_WINDOW, in segments. */
  initialWindow: number;
  /** RTO_MIN and RTO_MARGIN, ms. */
  rtoMin: number;
  rtoMargin: number;
  /** RTO when round trips take no time, ms. */
  rto: number;
  /** Selective acknowledgment and RACK-TLP are in the binary. */
  hasSack: boolean;
  /**
   * So are CUBIC, window scale, timestamps, ECN, the user timeout option, reassembly and the aging of path MTUs; else
   * NewReno's window and none of them.
   */
  isFull: boolean;
}

const lean = { initialWindow: 4, rtoMin: 1_000, rtoMargin: 1, rto: 1_000, hasSack: true, isFull: false };
const ring3 = {
  connections: 6,
  halfOpen: 8,
  timeWaits: 12,
  listeners: 8,
  ring: 4380,
  mss: 1460,
  step: 1460,
  runs: 7,
};
const standard = { module: 'port', ...ring3, ...lean };
const board = {
  module: 'board-port',
  ...ring3,
  ...lean,
  rtoMin: 250,
  rtoMargin: 250,
  rto: 251,
  hasSack: false,
};
const ring2 = {
  connections: 4,
  halfOpen: 6,
  timeWaits: 8,
  listeners: 6,
  ring: 2048,
  mss: 1024,
  step: 1024,
  runs: 6,
};
const tiny = { module: 'tiny-port', ...ring2, ...lean };
const full = { initialWindow: 10, rtoMin: 200, rtoMargin: 200, rto: 201, hasSack: true, isFull: true };
const ring44 = {
  connections: 64,
  halfOpen: 66,
  timeWaits: 128,
  listeners: 16,
  ring: 64240,
  mss: 1460,
  step: 1448,
  runs: 48,
};
const large = { module: 'large-port', ...ring44, ...full };

export const targets: readonly Target[] = [
  { name: 'default on v8', engine: 'v8', wraps: false, ...standard },
  { name: 'default on wasm3', engine: 'wasm3', wraps: false, ...standard },
  { name: 'default on v8, across 2^32', engine: 'v8', wraps: true, ...standard },
  { name: 'tiny on wasm3, across 2^32', engine: 'wasm3', wraps: true, ...tiny },
  { name: 'board on v8', engine: 'v8', wraps: false, ...board },
  { name: 'board on wasm3, across 2^32', engine: 'wasm3', wraps: true, ...board },
  { name: 'large on v8', engine: 'v8', wraps: false, ...large },
];

/** Where the figures are NewReno's. */
export const newReno: readonly Target[] = targets.filter(({ isFull }) => !isFull);

/** Where SACK and RACK-TLP are in the binary. */
export const selectiveTargets: readonly Target[] = targets.filter(({ hasSack }) => hasSack);

/** Where everything is; once more where sequence numbers wrap, and once on the interpreter. */
export const fullTargets: readonly Target[] = [
  ...targets.filter(({ isFull }) => isFull),
  { name: 'large on v8, across 2^32', engine: 'v8', wraps: true, ...large },
  { name: 'large on wasm3', engine: 'wasm3', wraps: false, ...large },
];

/** What config.ts says, ms or octets. */
export const MSL = 30_000;
export const DELAYED_ACK = 100;
export const RTO_INITIAL = 1_000;
export const RTO_MAX = 60_000;
export const DEFAULT_MSS = 536;
export const MIN_MSS = 48;
export const USER_TIMEOUT = 600_000;
export const SYN_TIMEOUT = 180_000;
export const CHALLENGE_ACKS = 5;

/** The intervals of a timer that backs off from `first` ms on. */
export function doubling(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.min(first * 2 ** i, RTO_MAX));
}

/** Who takes part: the stack, its first peer, the gateway. */
export const US = { mac: '02:00:00:00:00:02', address: 0x0a000002, port: 4000 } as const;
export const NETMASK = 0xffffff00;
export const GATEWAY = 0x0a000001;
export const PEER = { mac: '02:00:00:00:00:09', address: 0x0a000009, port: 50000 } as const;
