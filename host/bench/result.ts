// SPDX-License-Identifier: MIT
// What a benchmark says, in names: engines, links, workloads, and one row of the result. A row is what `--json` prints
// and what `--compare` reads; a figure that was not measured is absent.

export const ENGINES = ['v8', 'wasm3', 'pico'] as const;
export type BenchEngine = (typeof ENGINES)[number];

/**
 * `port`: frames through memory, summed by the module; `port-host-sums`: the same, copied and summed by one call of the
 * host; `enc28j60`: the driver and the chip, which sums what it moves.
 */
export const LINKS = ['port', 'port-host-sums', 'enc28j60'] as const;
export type BenchLink = (typeof LINKS)[number];

/** What they are, and what one operation of each is: workloads.ts. */
export const WORKLOADS = [
  'bulk-rx',
  'bulk-tx',
  'echo64',
  'churn',
  'bulk-rx-loss',
  'bulk-rx-6',
  'write1-nagle',
  'write1-nodelay',
  'scale-1',
  'scale-8',
  'scale-32',
  'scale-64',
  'idle',
] as const;
export type BenchWorkload = (typeof WORKLOADS)[number];

/** In this order from the wire upward. What all use (time, counters, octet order) counts where it is used. */
export const LAYERS = ['link', 'ip', 'tcp', 'socket', 'app'] as const;
export type Layer = (typeof LAYERS)[number];

export interface BenchResult {
  engine: BenchEngine;
  link: BenchLink;
  workload: BenchWorkload;
  /** On the Pico: wasm3 as it is. Absent = with operations of our own. */
  interpreter?: 'stock';
  /**
   * Operations of the workload a second: for most a segment; workloads.ts says what. From the median of `nsPerSegment`; on
   * the Pico, of virtual time.
   */
  segmentsPerSecond?: number;
  /** Time in the module, the peer and the simulated chip not counted, ns: the median of the repetitions. */
  nsPerSegment?: number;
  /** 99th percentile of the repetitions, ns. */
  nsP99?: number;
  /** Half the distance between the quartiles, in per cent of the median. */
  nsSpread?: number;
  /** First 16 hex digits of the SHA-256 of the module that was measured. */
  module?: string;
  /** Operations that wasm3 dispatches, every call from outside included: exact, and the same on every machine. */
  m3OpsPerSegment?: number;
  m3OpsByLayer?: Partial<Record<Layer, number>>;
  /** On the emulated Pico: cycles of the processor, by what it does. */
  cyclesPerSegment?: { spi: number; interpreter: number; c: number; idle: number };
  /** Octets on the SPI bus and chip-selects. */
  spiOctetsPerSegment?: number;
  selectsPerSegment?: number;
  /** Text in one direction, 1,000 octets a second of virtual time. */
  kBps?: number;
  /** Round trip of the wire, ms. */
  rttMs?: number;
  /** Of an echo on the Pico: from `send` to the last octet back, mean, ms. */
  roundTripMs?: number;
  /** How many times longer than a C loop that copies and sums the same octets beside it. */
  timesOfCLoop?: number;
}

export interface BenchReport {
  /** Where the times hold: processor, Node, and so on. Counts hold everywhere. */
  machine: string;
  /** Commit of the repository, with `+` when files differ from it; `unknown` outside one. */
  commit: string;
  /** How many processes wanted a processor in the minute before, on average: more than there are, and times say little. */
  load?: number;
  results: BenchResult[];
}
