// SPDX-License-Identifier: MIT
// What a segment costs the board: operations of wasm3 ("M3 ops"), octets on the SPI bus and chip-selects, and the payload
// that goes through in a second of virtual time. Counts, not times: they are the same on every computer. The board is
// whole (release module, chip, 10 Mbit/s full duplex, 0.1 ms each way); a second instance of the stack is its peer.
//
//   npm run bench             a table
//   npm run bench -- --json   for programs

import { parseArgs } from 'node:util';

import { Board } from '../board.ts';
import { ops } from '../machine/wasm3.ts';
import { MILLISECOND, SECOND, VirtualClock } from '../net/clock.ts';
import { Wire } from '../net/wire.ts';
import { PortHost } from '../port-host.ts';
import { table } from '../view/table.ts';

/** Octets of a full segment's text. */
const SEGMENT = 1460;
const WARM_UP = 200 * MILLISECOND;
const MEASURED = 2 * SECOND;

interface Result {
  workload: string;
  segments: number;
  opsPerSegment: number;
  spiOctetsPerSegment: number;
  selectsPerSegment: number;
  kBps: number;
}

/** A board and a peer whose connection to `port` is kept full in the directions that the program serves. */
function run(workload: string, port: number, feed: boolean, step: 'in' | 'out'): Result {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { rateBps: 10_000_000, delayMs: 0.1 });
  const board = new Board({ clock, wire, engine: 'wasm3-counting', module: 'sandwire' }).start();
  const peer = new PortHost({ clock, wire, name: 'peer', address: '10.0.0.1' }).start();
  clock.run(WARM_UP);
  const s = peer.stack.socket();
  peer.stack.connect(s, 0x0a000002, port);
  peer.wake();
  const count = (): number => board.stack.counters()[step === 'in' ? 'TcpSegmentsIn' : 'TcpSegmentsOut']!;
  const pump = (duration: number): void => {
    for (const end = clock.now + duration; clock.now < end; clock.run(MILLISECOND)) {
      for (let n = feed ? peer.stack.sendSpan(s).length : 0; n > 0; n = peer.stack.sendSpan(s).length) {
        peer.stack.sendCommit(s, n);
      }
      for (let n = peer.stack.recvSpan(s).length; n > 0; n = peer.stack.recvSpan(s).length) {
        peer.stack.recvCommit(s, n);
      }
      peer.wake();
    }
  };
  pump(WARM_UP);
  const before = {
    segments: count(),
    ops: Number(ops()),
    octets: board.bus.octets,
    selects: board.bus.selects,
  };
  pump(MEASURED);
  const segments = count() - before.segments;
  const result = {
    workload,
    segments,
    opsPerSegment: Math.round((Number(ops()) - before.ops) / segments),
    spiOctetsPerSegment: Math.round((board.bus.octets - before.octets) / segments),
    selectsPerSegment: Number(((board.bus.selects - before.selects) / segments).toFixed(1)),
    kBps: Math.round((segments * SEGMENT) / (MEASURED / SECOND) / 1000),
  };
  board.stop();
  peer.stop();
  return result;
}

const results = [
  run('receive (discard)', 9, true, 'in'),
  run('send (chargen)', 19, false, 'out'),
  run('both (echo)', 7, true, 'in'),
];
if (parseArgs({ options: { json: { type: 'boolean' } } }).values.json) {
  console.log(JSON.stringify({ results }));
} else {
  const headings = ['per full segment', 'M3 ops', 'SPI octets', 'chip-selects', 'kB/s'];
  const rows = results.map((r) => [
    r.workload,
    r.opsPerSegment,
    r.spiOctetsPerSegment,
    r.selectsPerSegment,
    r.kBps,
  ]);
  console.log(table(headings, rows).join('\n'));
}
