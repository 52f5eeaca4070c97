// SPDX-License-Identifier: MIT
// What the built modules promise: they reach nothing but the bus, export the ABI and nothing else, never allocate, keep
// all state in a memory of fixed size, and stay within their budgets of octets.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import binaryen from 'assemblyscript/binaryen';
import { describe, expect, it } from 'vitest';
import { BUILD } from '../../host/build.ts';
import { sizeOf } from '../../host/size.ts';

const HAL = ['hal.bulkRead', 'hal.bulkWrite', 'hal.command'];

const ABI = [
  'memory',
  ...['configure', 'seed', 'start', 'poll'],
  ...[
    'socket',
    'bind',
    'listen',
    'accept',
    'connect',
    'shutdown',
    'close',
    'abort',
    'setsockopt',
    'getsockopt',
  ],
  ...['ioBuffer', 'ioSize', 'send', 'recv'],
  ...['sendBuffer', 'sendRoom', 'sendCommit', 'recvBuffer', 'recvAvailable', 'recvCommit', 'ready'],
  ...['counters', 'counterCount', 'counterNames', 'connectionInfo', 'connectionCount', 'memoryEnd'],
].sort();

const PORT_ABI = [
  ...ABI,
  ...['portReceiveBuffer', 'portReceive', 'portTransmitBuffer', 'portTransmitLength', 'portTransmitDone'],
].sort();

const PAGE = 65_536;
/**
 * Of the code section, not of the file: an interpreter turns code into metacode in RAM, three octets for one, while the
 * rest of the file, texts and tables, is read where it lies in flash, or copied to a memory that has a budget of its own.
 */
const CODE_BUDGET = 32_768;
/** Of the profiles for hosts, which have what the boards have no room for and are compiled to machine code. */
const HOST_CODE_BUDGET = 49_152;

const PRODUCTS = [
  { profile: 'sandwire', connections: 6, imports: HAL, exports: ABI, memoryBudget: 61_440, pages: 1 },
  { profile: 'tiny', connections: 4, imports: HAL, exports: ABI, memoryBudget: 24_576, pages: 1 },
  { profile: 'debug', connections: 6, imports: HAL, exports: ABI, memoryBudget: PAGE, pages: 1 },
  { profile: 'port', connections: 6, imports: [], exports: PORT_ABI, memoryBudget: 2 * PAGE, pages: 2 },
  { profile: 'tiny-port', connections: 4, imports: [], exports: PORT_ABI, memoryBudget: PAGE, pages: 1 },
  {
    profile: 'large-port',
    connections: 64,
    imports: [],
    exports: PORT_ABI,
    memoryBudget: 132 * PAGE,
    pages: 132,
  },
];

const bytesOf = async (profile: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(join(BUILD, `${profile}.wasm`)));

/** Everything that binaryen can say of a module, as this test asks it. */
function inspect(bytes: Uint8Array): {
  text: string;
  memory: { initial: number; max?: number };
  types: Set<number>;
  mutableGlobals: string[];
} {
  const module = binaryen.readBinary(bytes);
  const types = new Set<number>();
  const crossing = new Set<string>();
  for (let i = 0; i < module.getNumExports(); i++) {
    const { kind, value } = binaryen.getExportInfo(module.getExportByIndex(i));
    if (kind === binaryen.ExternalFunction) crossing.add(value);
  }
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const { name, module: from, params, results } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (from === '' && !crossing.has(name)) continue;
    for (const type of [...binaryen.expandType(params), ...binaryen.expandType(results)]) types.add(type);
  }
  const mutableGlobals = Array.from({ length: module.getNumGlobals() }, (_, i) =>
    binaryen.getGlobalInfo(module.getGlobalByIndex(i)),
  )
    .filter(({ mutable }) => mutable)
    .map(({ name }) => name);
  const found = { text: module.emitText(), memory: module.getMemoryInfo(), types, mutableGlobals };
  module.dispose();
  return found;
}

describe.each(PRODUCTS)('$profile', ({ profile, connections, imports, exports, memoryBudget, pages }) => {
  it('is valid', async () => {
    expect(WebAssembly.validate(await bytesOf(profile))).toBe(true);
  });

  it('imports the bus alone', async () => {
    expect(sizeOf(await bytesOf(profile)).imports).toEqual(imports);
  });

  it('exports the ABI and the memory', async () => {
    expect(sizeOf(await bytesOf(profile)).exports).toEqual(exports);
  });

  it('takes and returns 32-bit integers', async () => {
    expect([...inspect(await bytesOf(profile)).types]).toEqual([binaryen.i32]);
  });

  it('neither grows its memory nor starts by itself', async () => {
    const { text } = inspect(await bytesOf(profile));
    expect(/memory\.grow|\(start\b/.exec(text)?.[0]).toBe(undefined);
  });

  it('keeps no state outside its memory', async () => {
    expect(inspect(await bytesOf(profile)).mutableGlobals).toEqual([]);
  });

  it(`holds ${connections} connections`, async () => {
    const stubs = { hal: { command: () => 0, bulkRead: () => 0, bulkWrite: () => 0 } };
    const { exports } = await WebAssembly.instantiate(
      await WebAssembly.compile(await bytesOf(profile)),
      stubs,
    );
    // With as many half-open ones and two more, one of a SYN cookie, and twice as many in TIME-WAIT.
    expect((exports.connectionCount as () => number)()).toBe(4 * connections + 3);
  });

  it(`declares ${pages} page(s), no fewer and no more`, async () => {
    expect(inspect(await bytesOf(profile)).memory).toMatchObject({ initial: pages, max: pages });
  });

  it(`uses at most ${memoryBudget} octets of it`, async () => {
    const { memoryBytes } = sizeOf(await bytesOf(profile));
    expect(memoryBytes).toBeGreaterThan(0);
    expect(memoryBytes).toBeLessThanOrEqual(memoryBudget);
  });
});

describe.each([
  ...['sandwire', 'tiny', 'board-port'].map((profile) => ({ profile, budget: CODE_BUDGET })),
  ...['port', 'tiny-port', 'large-port'].map((profile) => ({ profile, budget: HOST_CODE_BUDGET })),
])('$profile', ({ profile, budget }) => {
  it(`has at most ${budget} octets of code`, async () => {
    const { codeBytes } = sizeOf(await bytesOf(profile));
    expect(codeBytes).toBeGreaterThan(0);
    expect(codeBytes).toBeLessThanOrEqual(budget);
  });
});
