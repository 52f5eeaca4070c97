// SPDX-License-Identifier: MIT
// The speed of the board: the firmware's image in the emulator, default profile, one connection over a 10 Mbit/s
// full-duplex wire, and where the cycles of a segment go. The numbers repeat to the last digit. They hold for silicon as
// far as the emulator does: see the README.

import type { Cycles } from '../machine/rp2040/profile.ts';
import { MILLISECOND, SECOND, VirtualClock } from '../net/clock.ts';
import { Wire } from '../net/wire.ts';
import { PicoBoard } from '../pico-board.ts';
import { table } from '../view/table.ts';
import { Peer, SEGMENT } from './peer.ts';

/** Round trips of the wire, ms: a LAN, a town, a continent. */
const ROUND_TRIPS = [0.2, 1, 20];
const WORKLOADS = ['bulk-rx', 'bulk-tx', 'echo64'] as const;

const BOOT = 600 * MILLISECOND;
const WARM_UP = 100 * MILLISECOND;
const MEASURED = 500 * MILLISECOND;
const ECHOES = 20;
const ECHO_OCTETS = 64;

export interface PicoResult {
  engine: 'pico';
  workload: (typeof WORKLOADS)[number];
  /** Of the wire, without the time that the octets of a frame take, ms. */
  rttMs: number;
  /** Text in one direction. */
  kBps: number;
  /** Cycles of the processor for 1,460 octets of text; of an echo, for one there and back. */
  cyclesPerSegment: Cycles;
  /** Of an echo: from `send` to the last octet back, mean, ms. */
  roundTripMs?: number;
}

/**
 * All workloads at all round trips, on the image in the file `uf2`. `onStep` hears of each that begins, how many are done,
 * and how many there are.
 */
export function benchPico(
  uf2: string,
  onStep: (step: string, done: number, total: number) => void = () => {},
): PicoResult[] {
  const total = ROUND_TRIPS.length * WORKLOADS.length;
  let done = 0;
  return ROUND_TRIPS.flatMap((rttMs) => {
    const clock = new VirtualClock();
    const wire = new Wire(clock, { rateBps: 10_000_000, delayMs: rttMs / 2 });
    const board = new PicoBoard({ clock, wire, image: uf2, profile: true }).start();
    const peer = new Peer(clock, wire);
    clock.run(BOOT);
    const results = WORKLOADS.map((workload) => {
      onStep(`${workload} at ${rttMs} ms`, done++, total);
      return measure(workload, rttMs, clock, board, peer);
    });
    board.stop();
    peer.stop();
    return results;
  });
}

function measure(
  workload: PicoResult['workload'],
  rttMs: number,
  clock: VirtualClock,
  board: PicoBoard,
  peer: Peer,
): PicoResult {
  const isReceiving = workload === 'bulk-rx';
  peer.connect({ 'bulk-rx': 9, 'bulk-tx': 19, echo64: 7 }[workload]);
  peer.pump(WARM_UP, isReceiving);
  const octets = (): number => (isReceiving ? peer.acknowledged : peer.received);
  const [octetsBefore, cyclesBefore, began] = [octets(), { ...board.cycles }, clock.now];
  if (workload === 'echo64') for (let i = 0; i < ECHOES; i++) peer.echo(ECHO_OCTETS);
  else peer.pump(MEASURED, isReceiving);
  const moved = (octets() - octetsBefore) >>> 0;
  const seconds = (clock.now - began) / SECOND;
  const units = workload === 'echo64' ? ECHOES : moved / SEGMENT;
  const per = (part: keyof Cycles): number => Math.round((board.cycles[part] - cyclesBefore[part]) / units);
  const result: PicoResult = {
    engine: 'pico',
    workload,
    rttMs,
    kBps: Math.round(moved / seconds / 100) / 10,
    cyclesPerSegment: { spi: per('spi'), interpreter: per('interpreter'), c: per('c'), idle: per('idle') },
  };
  return workload === 'echo64' ? { ...result, roundTripMs: round3((seconds * 1000) / ECHOES) } : result;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** For people. */
export function picoTable(results: PicoResult[]): string[] {
  const headings = [
    'emulated Pico',
    'RTT ms',
    'kB/s',
    'SPI',
    'interpreter',
    'C',
    'idle',
    'there and back ms',
  ];
  const rows = results.map(({ workload, rttMs, kBps, cyclesPerSegment: c, roundTripMs }) => [
    ...[workload, String(rttMs), kBps, c.spi, c.interpreter, c.c, c.idle],
    roundTripMs === undefined ? '' : String(roundTripMs),
  ]);
  return [
    ...table(headings, rows),
    '',
    'SPI … idle: cycles at 120 MHz per 1,460 octets of text, or per echo',
  ];
}
