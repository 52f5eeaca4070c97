// SPDX-License-Identifier: MIT
// What other stacks cost on the same workloads: recorded in November 2026, not run here. lwIP 2.2.1 (STABLE-2_2_1), uIP 1.0,
// smoltcp 0.13.1 (Rust 1.96, opt-level 2, fat LTO), each linked with a scripted peer into one wasm module without imports:
// Ethernet, ARP, IPv4, TCP; MSS 1460, window and send buffer 8 × MSS (uIP 1 × MSS), no TCP options, static memory, timers
// polled every 64 frames. clang 14 -O2, wasm3 0.5.0 (gcc -O3), V8 of Node 20.20.2; Debian 12 on two shared cores of an AMD
// EPYC (Zen 3).
//
// M3 ops are those of an operation of the workload less the peer's, exact. Times are good to ± 30 %: the fastest of 40-60
// repetitions, median of passes; ours are medians of all. What the peer took alone, PEER, is to be taken off.
//
// lwIP as shipped is the raw API with its defaults. Tuned, it has what an expert gets without editing it: 64-octet unrolled
// sums, octet swaps as builtins, receive and send without copies, and wasm-opt -O3. uIP has one buffer, one segment
// outstanding and no congestion control: a floor, not an equal. It has the unrolled sums, too; smoltcp's cannot be replaced.

import type { BenchLink, BenchWorkload } from './result.ts';

export const STACKS = ['lwIP as shipped', 'lwIP tuned', 'smoltcp', 'uIP tuned'] as const;
export type OtherStack = (typeof STACKS)[number];

export interface Recorded {
  /** Operations of wasm3 for one of the workload, the peer's not counted. */
  m3Ops: number;
  /** The peer included, ns. */
  v8Ns: number;
  wasm3Ns: number;
}

/** What the scripted peer and an empty stack took, ns. */
export const PEER: Partial<Record<BenchWorkload, Omit<Recorded, 'm3Ops'>>> = {
  'bulk-rx': { v8Ns: 57, wasm3Ns: 460 },
  'bulk-tx': { v8Ns: 52, wasm3Ns: 362 },
  echo64: { v8Ns: 60, wasm3Ns: 516 },
  churn: { v8Ns: 134, wasm3Ns: 1_520 },
};

type Figures = Readonly<Record<OtherStack, Recorded>>;
const of = (m3Ops: number, v8Ns: number, wasm3Ns: number): Recorded => ({ m3Ops, v8Ns, wasm3Ns });

/**
 * By the link of ours that they are to be compared with: `port` sums in the module, as they do; beside `port-host-sums`
 * stand their builds that neither make nor check sums.
 */
export const OTHERS: Partial<Record<BenchLink, Partial<Record<BenchWorkload, Figures>>>> = {
  port: {
    'bulk-rx': {
      'lwIP as shipped': of(11_362, 602, 21_405),
      'lwIP tuned': of(2_635, 304, 8_300),
      smoltcp: of(9_878, 706, 21_309),
      'uIP tuned': of(2_200, 260, 4_047),
    },
    'bulk-tx': {
      'lwIP as shipped': of(11_811, 710, 23_547),
      'lwIP tuned': of(3_300, 359, 10_510),
      smoltcp: of(9_660, 674, 20_281),
      'uIP tuned': of(2_296, 250, 4_535),
    },
    echo64: {
      'lwIP as shipped': of(3_897, 486, 13_815),
      'lwIP tuned': of(2_439, 318, 10_630),
      smoltcp: of(3_945, 476, 15_276),
      'uIP tuned': of(1_138, 133, 2_996),
    },
    churn: {
      'lwIP as shipped': of(8_436, 1_250, 36_147),
      'lwIP tuned': of(6_290, 847, 29_468),
      smoltcp: of(8_830, 1_068, 39_572),
      'uIP tuned': of(2_775, 366, 8_556),
    },
  },
  'port-host-sums': {
    'bulk-rx': {
      'lwIP as shipped': of(1_279, 312, 5_517),
      'lwIP tuned': of(997, 204, 4_627),
      smoltcp: of(1_796, 247, 7_947),
      'uIP tuned': of(418, 130, 1_229),
    },
    'bulk-tx': {
      'lwIP as shipped': of(1_803, 332, 7_556),
      'lwIP tuned': of(1_513, 214, 6_783),
      smoltcp: of(1_599, 236, 6_844),
      'uIP tuned': of(520, 157, 1_406),
    },
    echo64: {
      'lwIP as shipped': of(2_328, 405, 10_305),
      'lwIP tuned': of(1_842, 270, 8_614),
      smoltcp: of(2_532, 376, 11_435),
      'uIP tuned': of(488, 106, 1_610),
    },
    churn: {
      'lwIP as shipped': of(6_033, 1_064, 28_463),
      'lwIP tuned': of(4_758, 738, 24_182),
      smoltcp: of(6_522, 874, 31_564),
      'uIP tuned': of(1_224, 296, 6_123),
    },
  },
};
