// SPDX-License-Identifier: MIT
// The speed of the board: the firmware's image in the emulator, default profile, one connection over a 10 Mbit/s
// full-duplex wire, and where the cycles of a segment go. The numbers repeat to the last digit. They hold for silicon as
// far as the emulator does: see the README.

import type { Cycles } from '../machine/rp2040/profile.ts';
import { MILLISECOND, SECOND, VirtualClock } from '../net/clock.ts';
import { Wire } from '../net/wire.ts';
import { PicoBoard } from '../pico-board.ts';
import type { PicoWorkload } from './choose.ts';
import { Peer, SEGMENT } from './peer.ts';
import type { BenchResult } from './result.ts';

/** Ports of the programs that serve the workloads. */
const PORTS: Readonly<Record<PicoWorkload, number>> = { 'bulk-rx': 9, 'bulk-tx': 19, echo64: 7 };

const BOOT = 600 * MILLISECOND;
const WARM_UP = 100 * MILLISECOND;
const MEASURED = 500 * MILLISECOND;
const ECHOES = 20;
const ECHO_OCTETS = 64;

/**
 * Each of `workloads` at each of `roundTrips`, on the image in the file `uf2`. Every one has a board
 * of its own, so that its figures do not depend on what else was asked for. `onStep` hears of each that begins, how many
 * are done, and how many there are.
 */
export function benchPico(
  uf2: string,
  workloads: readonly PicoWorkload[],
  roundTrips: readonly number[],
  onStep: (step: string, done: number, total: number) => void = () => {},
): BenchResult[] {
  const runs = roundTrips.flatMap((rttMs) => workloads.map((workload) => ({ workload, rttMs })));
  return runs.map(({ workload, rttMs }, done) => {
    onStep(`pico ${workload} at ${rttMs} ms`, done, runs.length);
    const clock = new VirtualClock();
    const wire = new Wire(clock, { rateBps: 10_000_000, delayMs: rttMs / 2 });
    const board = new PicoBoard({ clock, wire, image: uf2, profile: true }).start();
    const peer = new Peer(clock, wire);
    clock.run(BOOT);
    const result = measure(workload, rttMs, clock, board, peer);
    board.stop();
    peer.stop();
    return result;
  });
}

function measure(
  workload: PicoWorkload,
  rttMs: number,
  clock: VirtualClock,
  board: PicoBoard,
  peer: Peer,
): BenchResult {
  const isReceiving = workload === 'bulk-rx';
  const isEcho = workload === 'echo64';
  peer.connect(PORTS[workload]);
  peer.pump(WARM_UP, isReceiving);
  const octets = (): number => (isReceiving ? peer.acknowledged : peer.received);
  const [octetsBefore, cyclesBefore, began] = [octets(), { ...board.cycles }, clock.now];
  if (isEcho) for (let i = 0; i < ECHOES; i++) peer.echo(ECHO_OCTETS);
  else peer.pump(MEASURED, isReceiving);
  const moved = (octets() - octetsBefore) >>> 0;
  const seconds = (clock.now - began) / SECOND;
  const units = isEcho ? ECHOES : moved / SEGMENT;
  const per = (part: keyof Cycles): number => Math.round((board.cycles[part] - cyclesBefore[part]) / units);
  return {
    engine: 'pico',
    link: 'enc28j60',
    workload,
    rttMs,
    segmentsPerSecond: Math.round(units / seconds),
    kBps: Math.round(moved / seconds / 100) / 10,
    cyclesPerSegment: { spi: per('spi'), interpreter: per('interpreter'), c: per('c'), idle: per('idle') },
    ...(isEcho ? { roundTripMs: Math.round((seconds * 1e6) / ECHOES) / 1000 } : {}),
  };
}
