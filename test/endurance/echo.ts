// SPDX-License-Identifier: MIT
// A megabyte to the board's echo program and back, in virtual time: the release module on wasm3, every octet over SPI into
// the simulated chip, an impaired wire, a second instance of the stack as the client. Rings are filled and emptied in
// place, from the turns of the hosts: no streams, no turns of Node's event loop.

import assert from 'node:assert/strict';
import { Board, PortHost, VirtualClock, Wire } from '../../host/index.ts';
import type { Impairments } from '../../host/net/wire.ts';
import { Random } from '../../host/net/random.ts';
import { Ready, Shutdown } from '../../host/machine/stack.ts';
import { MILLISECOND, SECOND } from '../../host/net/clock.ts';
import { parseIpv4 } from '../../host/machine/address.ts';

const ECHO = 7;
const BOARD = '10.0.0.2';

/** What a run was like. */
export interface Run {
  /** Virtual seconds. */
  seconds: number;
  /** Frames on the wire, those that were lost among them. */
  frames: number;
  /** Segments retransmitted by both ends. */
  retransmits: number;
}

/** `octets` that repeat nowhere near. */
export function text(octets: number, seed: number): Buffer {
  const random = new Random(seed, 'text');
  const buffer = Buffer.alloc(octets);
  for (let i = 0; i + 4 <= octets; i += 4) buffer.writeUInt32LE(random.u32(), i);
  return buffer;
}

/** What takes part in a run. */
export interface World {
  clock: VirtualClock;
  wire: Wire;
  board: Board;
}

/**
 * Send `content` to the echo program and compare what comes back. Throws when it differs or does not come. `meanwhile` is
 * called when the connection is there; the run lasts until what it returned says true.
 */
export function echo(
  content: Buffer,
  impairments: Impairments,
  seed: number,
  address = '10.0.0.3',
  meanwhile: (world: World) => () => boolean = () => () => true,
): Run {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { delayMs: 0.2, ...impairments, seed });
  let frames = 0;
  wire.onFrame(() => frames++);
  const board = new Board({ clock, wire, engine: 'wasm3' }).start();
  const client = new PortHost({ clock, wire, name: 'client', address }).start();
  const { stack } = client;
  clock.run(100 * MILLISECOND); // the chip is up
  const s = stack.socket();
  stack.connect(s, parseIpv4(BOARD), ECHO);
  let sent = 0;
  let received = 0;
  let over = false;
  client.watch({
    descriptor: s,
    service(ready): void {
      while ((ready & Ready.Writable) !== 0 && sent < content.length) {
        const room = stack.sendSpan(s);
        if (room.length === 0) break;
        const part = content.subarray(sent, sent + room.length);
        room.set(part);
        stack.sendCommit(s, part.length);
        sent += part.length;
        client.wake();
        if (sent === content.length) stack.shutdown(s, Shutdown.Write);
      }
      while ((ready & Ready.Readable) !== 0) {
        const got = stack.recvSpan(s);
        if (got.length === 0) break;
        assert.ok(content.subarray(received, received + got.length).equals(got), `differs after ${received}`);
        received += got.length;
        stack.recvCommit(s, got.length);
        client.wake();
      }
      if ((ready & Ready.EndOfStream) !== 0) over = true;
    },
    abandon(error): void {
      throw error ?? new Error('the client stopped');
    },
  });
  board.on('error', (error) => {
    throw error;
  });
  client.wake();
  clock.runWhile(() => received === 0, 100 * SECOND);
  const isDone = meanwhile({ clock, wire, board });
  clock.runWhile(() => !over || !isDone(), 100_000 * SECOND);
  assert.equal(received, content.length, 'all of it came back');
  assert.deepEqual(board.chip.violations, [], 'the chip was used as its data sheet says');
  const retransmits = [board, client].map((host) => host.stack.counters().TcpRetransmits!);
  return { seconds: clock.now / SECOND, frames, retransmits: retransmits[0]! + retransmits[1]! };
}
