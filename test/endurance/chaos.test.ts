// SPDX-License-Identifier: MIT
// Two stacks whose programs do what they like to each other over a bad wire: open, send, read, shut down, close, abort, in any
// order. What is read is what was sent; and when all sockets are closed, every connection comes to its end and nothing of
// it is left.

import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { PortHost, VirtualClock, Wire } from '../../host/index.ts';
import { Ready } from '../../host/machine/stack.ts';
import { StackError } from '../../host/machine/status.ts';
import { parseIpv4 } from '../../host/machine/address.ts';
import { MILLISECOND, SECOND } from '../../host/net/clock.ts';
import { Random } from '../../host/net/random.ts';
import { octets } from '../support/peer.ts';

const PORT = 4_000;
const TURNS = 400;
/** The user timeout, FIN-WAIT-2 and TIME-WAIT one after the other, and the keep-alives of the programs. */
const END = 1_800 * SECOND;

/** A stack, the sockets its program holds, and how far each stream was read and written. */
class Side {
  readonly host: PortHost;
  readonly sockets = new Map<number, { read: number; written: number }>();
  private readonly listener: number;
  private readonly other: number;

  constructor(wire: Wire, clock: VirtualClock, name: string, address: string, other: string, module: string) {
    this.host = new PortHost({ wire, clock, name, address, module }).start();
    this.other = parseIpv4(other);
    const { stack } = this.host;
    this.listener = stack.socket();
    stack.bind(this.listener, 0, PORT);
    stack.listen(this.listener, 3);
  }

  /** One thing that a program may do, or is refused. */
  act(random: Random): void {
    const { stack } = this.host;
    const held = [...this.sockets.keys()];
    const s = held[random.below(Math.max(held.length, 1))];
    try {
      switch (random.below(12)) {
        case 0:
        case 1:
          this.open();
          break;
        case 2:
          this.accept();
          break;
        case 3:
          if (s !== undefined && random.below(3) === 0) this.end(s, () => stack.close(s));
          break;
        case 4:
          if (s !== undefined && random.below(6) === 0) this.end(s, () => stack.abort(s));
          break;
        case 5:
          if (s !== undefined && random.below(3) === 0) stack.shutdown(s, random.below(3));
          break;
        case 6:
          if (s !== undefined) stack.setsockopt(s, 0x10d, random.below(4) - 1);
          break;
        case 7:
        case 8:
        case 9:
          if (s !== undefined) this.write(s, random.below(3_000));
          break;
        default:
          if (s !== undefined) this.read(s, random.below(3_000));
          break;
      }
    } catch (error) {
      if (!(error instanceof StackError)) throw error;
    }
    this.host.wake();
  }

  /** Everything goes. */
  close(): void {
    for (const s of this.sockets.keys()) this.host.stack.close(s);
    this.sockets.clear();
    this.host.stack.close(this.listener); // and what waits on it
    this.host.wake();
  }

  /** Nothing of any connection is left: no TCB, and of the sockets only the programs' own. */
  assertEmpty(sockets: number): void {
    const { stack } = this.host;
    assert.deepEqual(
      stack.connections().map(({ stateName }) => stateName),
      [],
    );
    const free: number[] = [];
    try {
      for (;;) free.push(stack.socket());
    } catch (error) {
      assert.equal((error as StackError).code, 'ENFILE');
    }
    assert.equal(free.length, sockets - 4, 'free sockets');
  }

  private open(): void {
    const { stack } = this.host;
    const s = stack.socket();
    this.sockets.set(s, { read: 0, written: 0 });
    stack.connect(s, this.other, PORT);
  }

  private accept(): void {
    const s = this.host.stack.accept(this.listener);
    if (s !== undefined) this.sockets.set(s, { read: 0, written: 0 });
  }

  private end(s: number, call: () => void): void {
    this.sockets.delete(s);
    call();
  }

  private write(s: number, max: number): void {
    const { stack } = this.host;
    const stream = this.sockets.get(s)!;
    const room = stack.sendSpan(s);
    const text = Buffer.from(octets(Math.min(room.length, max), stream.written), 'latin1');
    room.set(text);
    stack.sendCommit(s, text.length);
    stream.written += text.length;
  }

  private read(s: number, max: number): void {
    const { stack } = this.host;
    const stream = this.sockets.get(s)!;
    if ((stack.ready(s) & Ready.Readable) === 0) return;
    const span = stack.recvSpan(s);
    const text = Buffer.from(span.subarray(0, max)).toString('latin1');
    assert.equal(text, octets(text.length, stream.read), 'what is read is what was sent');
    stack.recvCommit(s, text.length);
    stream.read += text.length;
  }
}

describe.each([
  { loss: 0, reorder: 0, duplicate: 0 },
  { loss: 0.1, reorder: 0.1, duplicate: 0.1 },
  { loss: 0.4, reorder: 0, duplicate: 0 },
])('whatever two programs do: loss $loss', (impairments) => {
  test.each([
    ['port', 14],
    ['tiny-port', 10],
  ] as const)('%s: a hundred seeds', (module, sockets) => {
    for (let seed = 1; seed <= 100; seed++) {
      const clock = new VirtualClock();
      const wire = new Wire(clock, { ...impairments, delayMs: 1, seed });
      const random = new Random(seed, 'chaos');
      const sides = [
        new Side(wire, clock, 'a', '10.0.0.3', '10.0.0.4', module),
        new Side(wire, clock, 'b', '10.0.0.4', '10.0.0.3', module),
      ];
      try {
        for (let turn = 0; turn < TURNS; turn++) {
          sides[random.below(2)]!.act(random);
          clock.run((random.below(20) === 0 ? random.below(5_000) : random.below(10)) * MILLISECOND);
        }
        for (const side of sides) side.close();
        clock.run(END);
        for (const side of sides) side.assertEmpty(sockets);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
});
