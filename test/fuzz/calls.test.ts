// SPDX-License-Identifier: MIT
// Random calls of the whole ABI with random arguments: no trap, no change of a connection that they do not name. fast-check
// shrinks what fails and prints its seed; SANDWIRE_FUZZ_SEED gives another.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { probe } from '../support/probe.ts';
import { Arena } from './arena.ts';

const SEED = Number(process.env.SANDWIRE_FUZZ_SEED ?? 1);
const RUNS = Math.ceil(Number(process.env.SANDWIRE_FUZZ_FRAMES ?? 1_000_000) / 250);

/** Every export that is not of the link, with the kinds of its arguments. */
const CALLS: Record<string, readonly Kind[]> = {
  configure: ['any', 'any', 'address', 'any', 'address'],
  seed: ['any', 'any', 'any', 'any'],
  start: ['any'],
  socket: [],
  bind: ['socket', 'address', 'port'],
  listen: ['socket', 'any'],
  accept: ['socket'],
  connect: ['socket', 'address', 'port'],
  send: ['socket', 'staging', 'size', 'any'],
  recv: ['socket', 'staging', 'size'],
  shutdown: ['socket', 'small'],
  close: ['socket'],
  abort: ['socket'],
  setsockopt: ['socket', 'option', 'any'],
  getsockopt: ['socket', 'option'],
  ready: ['socket'],
  sendRoom: ['socket'],
  sendBuffer: ['socket'],
  sendCommit: ['socket', 'size', 'any'],
  recvAvailable: ['socket'],
  recvBuffer: ['socket'],
  recvCommit: ['socket', 'size'],
  ioBuffer: [],
  ioSize: [],
  counters: [],
  counterCount: [],
  counterNames: [],
  connectionCount: [],
  connectionInfo: ['small'],
  memoryEnd: [],
};
/** Those of the port, and time: where no connection is to be kept whole. */
const WILD: Record<string, readonly Kind[]> = {
  ...CALLS,
  poll: ['any'],
  portReceive: ['size'],
  portReceiveBuffer: [],
  portTransmitBuffer: [],
  portTransmitLength: [],
  portTransmitDone: [],
};

type Kind = 'socket' | 'address' | 'port' | 'size' | 'staging' | 'option' | 'small' | 'any';

interface Call {
  name: string;
  operands: number[];
}

const int32 = fc.oneof(
  fc.constantFrom(0, 1, -1, 2, 255, 0xffff, 0x10000, 0x7fffffff, -0x80000000, 1_000, 120_000),
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
);
const socket = fc.oneof({ weight: 9, arbitrary: fc.nat(15) }, { weight: 1, arbitrary: int32 });

/** `staging`: address of the staging area, of `size` octets. */
function operand(kind: Kind, staging: number, size: number): fc.Arbitrary<number> {
  switch (kind) {
    case 'socket':
      return socket;
    case 'address':
      return fc.oneof(
        fc.constantFrom(0, 0x0a000002, 0x0a000020, 0x0a000001, -1, 0x7f000001, 0xe0000001 | 0),
        int32,
      );
    case 'port':
      return fc.oneof(fc.constantFrom(0, 7, 80, 4_000, 50_000), fc.nat(0xffff), int32);
    case 'size':
      return fc.oneof(fc.nat(size + 2), fc.constantFrom(0, 1, 1_460, 1_514, 1_515, 4_380, 65_535), int32);
    case 'staging':
      return fc.oneof(fc.constant(staging), fc.integer({ min: staging - 2, max: staging + size + 2 }), int32);
    case 'option':
      return fc.oneof(
        fc.constantFrom(
          1,
          2,
          0x102,
          0x104,
          0x109,
          0x10d,
          0x601,
          0x602,
          0x604,
          0x605,
          0x606,
          0x612,
          0x6f0,
          0x6f1,
        ),
        int32,
      );
    case 'small':
      return fc.oneof(fc.nat(8), int32);
    case 'any':
      return fc.oneof(fc.nat(4), int32);
  }
}

function calls(of: Record<string, readonly Kind[]>, arena: Arena): fc.Arbitrary<Call[]> {
  const { ioBuffer, ioSize } = arena.station.call;
  const one = Object.entries(of).map(([name, kinds]) =>
    fc.record({
      name: fc.constant(name),
      operands: fc.tuple(...kinds.map((kind) => operand(kind, ioBuffer!() >>> 0, ioSize!()))),
    }),
  );
  return fc.array(fc.oneof(...one), { minLength: 1, maxLength: 80, size: 'max' });
}

describe.each(['v8', 'wasm3'] as const)('random calls: %s', (engine) => {
  let arena: Arena;

  beforeAll(async () => {
    const module = await probe('map', { use: { PORT: 1 }, pages: 2, noAssert: true });
    arena = new Arena({ engine, module, ring: 4_380, connections: 6, listeners: 8 });
  });

  test('no call is missing here', () => {
    const own = ['time', 'portState', 'headers', 'datagram', 'segment', 'reply', 'neighbours', 'tcpState'];
    const known = new Set([...Object.keys(WILD), ...own, 'tcbs', 'tcbOctets', 'iss', 'recover']);
    expect(Object.keys(arena.station.call).filter((name) => !known.has(name))).toEqual([]);
  });

  test(`${RUNS} times up to 80: no trap, and not an octet of a connection that they do not name changes`, () => {
    fc.assert(
      fc.property(fc.nat(1_000), calls(CALLS, arena), (situation, list) => {
        const random = arena.begin(situation);
        const { call, memory } = arena.station;
        const size = call.tcbOctets!();
        const from = (call.tcbs!() >>> 0) + arena.witnessIndex * size;
        const before = Buffer.from(memory.slice(from, from + size));
        for (const { name, operands } of list) {
          if (CALLS[name]![0] === 'socket' && operands[0] === arena.witnessSocket) continue;
          call[name]!(...operands);
          if (!before.equals(memory.subarray(from, from + size)))
            throw new Error(`${name} changes the witness`);
        }
        arena.rest();
        arena.testify(random);
        arena.check();
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  test(`${RUNS} times up to 80, with frames cut short and time that jumps: no trap, and the stack comes to rest`, () => {
    fc.assert(
      fc.property(fc.nat(1_000), calls(WILD, arena), (situation, list) => {
        arena.begin(situation);
        for (const { name, operands } of list) arena.station.call[name]!(...operands);
        arena.rest();
        arena.check();
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
