// SPDX-License-Identifier: MIT
// Another stack's figures in the same two scenarios, to stand beside ours: smoltcp after 0.13.1 (commit 5393f885,
// 2026-08-07), the snapshots of its tests/netsim.rs; xarxa, its fork, has the same. One run each, octets per second. Its
// settings there are its defaults: no congestion control, no SACK by the sender, window scaling, Nagle, ACKs delayed by
// 10 ms, an RTO of 1 to 60 s.

/** Rings of the grid, in octets: receive and send ring of both ends. */
export const BUFFERS = [128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768] as const;

/** Frames lost in each direction, percent. */
export const LOSSES = [0, 0.1, 1, 2, 5, 10, 20, 30] as const;

/** A row for each of BUFFERS, a column for each of LOSSES. */
// prettier-ignore
const GRID: readonly (readonly number[])[] = [
  [1280, 1256, 1054, 886, 539, 228, 34.0, 7.2],
  [2560, 2507, 2100, 1770, 1071, 468, 66.7, 14.3],
  [5120, 5012, 4172, 3532, 2099, 942, 145, 29.4],
  [10238, 10023, 8341, 7084, 4003, 1870, 291, 60.9],
  [17535, 17172, 14094, 11964, 7399, 3416, 690, 127],
  [35062, 33860, 26937, 21887, 14074, 7871, 1604, 402],
  [77374, 72992, 58491, 46528, 29421, 15515, 3737, 711],
  [161842, 159311, 127091, 104233, 55319, 27269, 7655, 1277],
  [322945, 314780, 219671, 166588, 76626, 37775, 6079, 1156],
];

/** What a shared bottleneck gave them: octets per second, and the part of the frames that its queue dropped. */
export interface RecordedFlows {
  bytesPerSecond: number;
  slowest: number;
  fastest: number;
  jain: number;
  dropPercent: number;
}

const FLOWS: Readonly<Record<number, RecordedFlows>> = {
  1: { bytesPerSecond: 3450, slowest: 3450, fastest: 3450, jain: 1, dropPercent: 44.7 },
  2: { bytesPerSecond: 6967, slowest: 3449, fastest: 3518, jain: 0.9999, dropPercent: 44.3 },
  4: { bytesPerSecond: 12848, slowest: 3139, fastest: 3301, jain: 0.9997, dropPercent: 44.3 },
  16: { bytesPerSecond: 52408, slowest: 2932, fastest: 3909, jain: 0.9913, dropPercent: 43.6 },
  32: { bytesPerSecond: 94343, slowest: 2167, fastest: 4695, jain: 0.9759, dropPercent: 43.8 },
  64: { bytesPerSecond: 167824, slowest: 2056, fastest: 3412, jain: 0.9866, dropPercent: 45.5 },
};

/** Their goodput in one cell, octets per second; undefined for a cell that they do not have. */
export function recordedGoodput(buffer: number, lossPercent: number): number | undefined {
  const row = (BUFFERS as readonly number[]).indexOf(buffer);
  const column = (LOSSES as readonly number[]).indexOf(lossPercent);
  return GRID[row]?.[column];
}

/** Theirs with so many flows; undefined where they have no such run. */
export function recordedFlows(flows: number): RecordedFlows | undefined {
  return FLOWS[flows];
}
