// SPDX-License-Identifier: MIT
// What a segment costs the board under wasm3: operations ("M3 ops"), octets on the SPI bus and chip-selects, and the
// payload that goes through in a second of virtual time. Counts, not times: they are the same on every computer. The board
// is whole: release module, chip, 10 Mbit/s full duplex, 0.1 ms each way.

import { Board } from '../board.ts';
import { ops } from '../machine/wasm3.ts';
import { MILLISECOND, SECOND, VirtualClock } from '../net/clock.ts';
import { Wire } from '../net/wire.ts';
import { table } from '../view/table.ts';
import { BOARD_ADDRESS, Peer, SEGMENT } from './peer.ts';

const WARM_UP = 200 * MILLISECOND;
const MEASURED = 2 * SECOND;

export interface Wasm3Result {
  workload: string;
  segments: number;
  opsPerSegment: number;
  spiOctetsPerSegment: number;
  selectsPerSegment: number;
  kBps: number;
}

/** A connection to `port` that is kept full in the directions that the program there serves. */
function run(workload: string, port: number, feed: boolean, counter: string): Wasm3Result {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { rateBps: 10_000_000, delayMs: 0.1 });
  const board = new Board({
    clock,
    wire,
    address: BOARD_ADDRESS,
    engine: 'wasm3-counting',
    module: 'sandwire',
  }).start();
  const peer = new Peer(clock, wire);
  clock.run(WARM_UP);
  peer.connect(port);
  peer.pump(WARM_UP, feed);
  const counts = (): number[] => [
    board.stack.counters()[counter]!,
    Number(ops()),
    board.bus.octets,
    board.bus.selects,
  ];
  const before = counts();
  peer.pump(MEASURED, feed);
  const [segments, m3Ops, octets, selects] = counts().map((count, i) => count - before[i]!);
  board.stop();
  peer.stop();
  return {
    workload,
    segments: segments!,
    opsPerSegment: Math.round(m3Ops! / segments!),
    spiOctetsPerSegment: Math.round(octets! / segments!),
    selectsPerSegment: Number((selects! / segments!).toFixed(1)),
    kBps: Math.round((segments! * SEGMENT) / (MEASURED / SECOND) / 1000),
  };
}

export function benchWasm3(): Wasm3Result[] {
  return [
    run('receive (discard)', 9, true, 'TcpSegmentsIn'),
    run('send (chargen)', 19, false, 'TcpSegmentsOut'),
    run('both (echo)', 7, true, 'TcpSegmentsIn'),
  ];
}

/** For people. */
export function wasm3Table(results: Wasm3Result[]): string[] {
  const headings = ['per full segment', 'M3 ops', 'SPI octets', 'chip-selects', 'kB/s'];
  const rows = results.map((r) => [
    r.workload,
    r.opsPerSegment,
    r.spiOctetsPerSegment,
    r.selectsPerSegment,
    r.kBps,
  ]);
  return table(headings, rows);
}
