// SPDX-License-Identifier: MIT
// A profile says where operations go: all of them, of the one instance, on the line that they come from, in a layer.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as counting from 'wasm3-binding/counting';
import { ownLayer } from '../../host/bench/layers.ts';
import { costByLayer, Profile } from '../../host/bench/profile.ts';
import type { FunctionCost } from '../../host/bench/profile.ts';
import { LAYERS } from '../../host/bench/result.ts';
import type { SourceMap } from '../../host/bench/wasm-code.ts';
import { BUILD, build, compile, ROOT } from '../../host/build.ts';
import { instantiate } from '../../host/machine/machine.ts';
import type { Imports, Machine } from '../../host/machine/machine.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { Ready, Stack } from '../../host/machine/stack.ts';
import { ops } from '../../host/machine/wasm3.ts';

const FOLDER = `build/profile-test-${process.pid}`;
afterAll(() => rm(join(ROOT, FOLDER), { recursive: true, force: true }));

interface Built {
  bytes: Uint8Array<ArrayBuffer>;
  map: SourceMap;
}

/** Text, through the whole of the build: its only source is called `module.ts`. */
async function built(source: string): Promise<Built> {
  await mkdir(join(ROOT, FOLDER), { recursive: true });
  await writeFile(join(ROOT, FOLDER, 'module.ts'), source);
  const outFile = `${FOLDER}/module.wasm`;
  await compile(`${FOLDER}/module.ts`, 'probe', outFile, ['--use', 'abort='], `${outFile}.map`);
  const map = JSON.parse(await readFile(join(ROOT, `${outFile}.map`), 'utf8')) as SourceMap;
  map.sources = map.sources.map((name) => name.replace(`${FOLDER}/`, ''));
  return { bytes: new Uint8Array(await readFile(join(ROOT, outFile))), map };
}

const run = ({ bytes }: Built, imports: Imports = {}): Machine =>
  instantiate('wasm3-counting', bytes, imports);
const total = (costs: readonly FunctionCost[]): number => costs.reduce((sum, cost) => sum + cost.ops, 0);

/** What `action` costs `machine`, by place and by count. */
function measured(profile: Profile, machine: Machine, action: () => void): [FunctionCost[], number] {
  const before = ops();
  profile.start(machine);
  action();
  const costs = profile.stop();
  return [costs, ops() - before];
}

const SOURCE = `@external("host", "again") declare function again(n: u32): void;
export function down(n: u32): u32 {
  do {
    store<u32>(64, n * n);
  } while (--n);
  return load<u32>(64);
}
export class Sum {
  @inline static of(p: usize): u32 {
    let sum: u32 = 0;
    for (let i: usize = 0; i < 400; i += 4) {
      sum += load<u32>(p + i);
    }
    return sum;
  }
}
export function sum(p: usize): u32 {
  return Sum.of(p) + Sum.of(p + 400);
}
export function twice(n: u32): void {
  again(n);
  again(n);
}
export function fails(n: u32): void {
  down(n);
  unreachable();
}
`;
const lines = (text: string): number => SOURCE.slice(0, SOURCE.indexOf(text)).split('\n').length;
const module = await built(SOURCE);
const profile = new Profile(module.bytes, module.map);
const machine: Machine = run(module, { host: { again: (n) => machine.exports.down!(n) } });
// A call of a function that stands later in the module costs more when it is passed first.
for (const name of ['down', 'sum', 'twice']) machine.exports[name]!(1);

/** Operations on a line of a function, its declaration's line. */
function onLine(costs: readonly FunctionCost[], name: string, line: number): number {
  const ofFunction = costs.filter((cost) => cost.name === name);
  return ofFunction
    .flatMap((cost) => cost.lines)
    .reduce((n, one) => (one.line === line ? n + one.ops : n), 0);
}

describe('all operations', () => {
  it.each(['down', 'sum', 'twice'])('of %s, as the count has them', (name) => {
    const [costs, count] = measured(profile, machine, () => machine.exports[name]!(100));
    expect(total(costs)).toBe(count);
    expect(count).toBeGreaterThan(100);
  });

  it('as many as without a profile', () => {
    const before = ops();
    machine.exports.twice!(100);
    const without = ops() - before;
    expect(measured(profile, machine, () => machine.exports.twice!(100))[1]).toBe(without);
  });

  it('up to a trap', () => {
    const [costs, count] = measured(profile, machine, () => {
      expect(() => machine.exports.fails!(50)).toThrow('unreachable');
    });
    expect(total(costs)).toBe(count);
  });

  it('none of what was before and comes after', () => {
    machine.exports.down!(1000);
    expect(measured(profile, machine, () => {})[0]).toEqual([]);
    machine.exports.down!(1000);
    expect(measured(profile, machine, () => {})[0]).toEqual([]);
  });

  it('none of another instance, and of one that is called from within', () => {
    const others = Array.from({ length: 5 }, () => run(module, { host: { again: () => {} } }));
    const alone = measured(profile, machine, () => machine.exports.down!(100))[0];
    const among = measured(profile, machine, () => {
      for (const other of others) other.exports.down!(77);
      machine.exports.down!(100);
      for (const other of [...others, run(module, { host: { again: () => {} } })]) other.exports.sum!(0);
    })[0];
    expect(among).toEqual(alone);
    const outer: Machine = run(module, { host: { again: (n) => machine.exports.down!(n) } });
    outer.exports.twice!(1);
    const inner = measured(profile, machine, () => outer.exports.twice!(100))[0];
    expect(total(inner)).toBe(2 * total(alone));
  });
});

describe('where they come from', () => {
  it('the lines of a loop, once a turn', () => {
    const at = (n: number): FunctionCost[] => measured(profile, machine, () => machine.exports.down!(n))[0];
    const [few, many] = [at(100), at(1100)];
    const grown = (text: string): number =>
      onLine(many, 'down', lines(text)) - onLine(few, 'down', lines(text));
    // Multiply, store; subtract, compare, and whatever it takes to go on.
    expect(grown('store<u32>(64')).toBe(2 * 1000);
    expect(grown('while (--n)')).toBe(4 * 1000);
    expect(grown('return load<u32>(64)')).toBe(0);
    expect(onLine(many, 'down', lines('return load<u32>(64)'))).toBeGreaterThan(0);
    expect(total(many) - total(few)).toBe(6 * 1000);
    expect(many.every(({ name }) => name === 'down')).toBe(true);
  });

  it('the function that the source has, where the compiler has put it into its caller', () => {
    const [costs] = measured(profile, machine, () => machine.exports.sum!(0));
    const found = costs.find(({ name }) => name === 'Sum.of')!;
    expect(found).toMatchObject({ file: 'module.ts', line: lines('static of') });
    // Add, load, add, and set the sum: of two copies, 100 turns each.
    expect(onLine(costs, 'Sum.of', lines('sum += load'))).toBe(4 * 2 * 100);
    expect(costs[0]).toBe(found);
    expect(costs.map((cost) => cost.ops)).toEqual(costs.map((cost) => cost.ops).sort((a, b) => b - a));
  });

  it('calls of an import', () => {
    const [costs] = measured(profile, machine, () => machine.exports.twice!(1));
    expect(costs.find(({ name }) => name === 'host.again')).toMatchObject({ ops: 2 });
  });
});

describe('layers', () => {
  /** The module with its functions in other files: what `place` says of a line. */
  const moved = (file: string): Profile => {
    const sources = module.map.sources.map((name) => (name === 'module.ts' ? file : name));
    return new Profile(module.bytes, { ...module.map, sources });
  };

  it.each([
    ['assembly/link/enc28j60/chip.ts', 'link'],
    ['assembly/ip/arp.ts', 'ip'],
    ['assembly/tcp/seq.ts', 'tcp'],
    ['assembly/socket/sockets.ts', 'socket'],
    ['assembly/apps/echo.ts', 'app'],
    ['assembly/wire/tcp.ts', 'tcp'],
    ['assembly/wire/ipv4.ts', 'ip'],
  ])('%s → %s', (file, layer) => {
    const [costs] = measured(moved(file), machine, () => machine.exports.down!(10));
    expect(new Set(costs.map((cost) => cost.layer))).toEqual(new Set([layer]));
  });

  it.each(['port', 'sandwire'])('every file of %s has one, or is for all', async (name) => {
    await build([name]);
    const map = JSON.parse(await readFile(join(BUILD, `${name}.wasm.map`), 'utf8')) as SourceMap;
    const common =
      /^assembly\/(wire\/\w+|storage\/\w+|time|counters|memory|status|config)\.ts$|^~lib\/builtins\.ts$/;
    const without = map.sources.filter((file) => ownLayer(file, '') === undefined && !common.test(file));
    expect(without).toEqual([]);
    expect(map.sources.length).toBeGreaterThan(40);
  });

  it('share out a conversation of the whole stack', async () => {
    await build(['port']);
    const whole = await Profile.of('port');
    const board = instantiate('wasm3-counting', new Uint8Array(readModule('port')), {});
    const conversation = new Conversation(new Stack(board));
    const [costs, count] = measured(whole, board, () => conversation.get('/'));
    const layers = costByLayer(costs);
    expect(total(costs)).toBe(count);
    expect(LAYERS.reduce((sum, layer) => sum + layers[layer], 0)).toBe(count);
    for (const layer of LAYERS) expect(layers[layer]).toBeGreaterThan(count / 200);
    // What is for all counts where it is used: the swapping of octets in more than one layer.
    const swaps = costs.filter(({ file }) => file === 'assembly/wire/net.ts');
    expect(new Set(swaps.map(({ layer }) => layer)).size).toBeGreaterThan(1);
    expect(costs.find(({ name }) => name === 'Checksum.ofMany')).toMatchObject({ layer: 'link' });
    expect(costs.find(({ name }) => name === 'Stack.poll')).toMatchObject({ layer: 'link' });
  });
});

describe('refused', () => {
  it('a second profile at a time, and the end of none', () => {
    profile.start(machine);
    expect(() => profile.start(machine)).toThrow('a profile is running already');
    profile.stop();
    expect(() => profile.stop()).toThrow('no profile is running');
  });

  it('functions of another engine', () => {
    const other = instantiate('v8', module.bytes, { host: { again: () => {} } });
    expect(() => profile.start(other)).toThrow(TypeError);
    expect(() => counting.profileStart(() => 0)).toThrow('not a function that an instance');
  });
});

/** A board and a client, frames carried at once. */
class Conversation {
  private readonly board: Stack;
  private readonly client = new Stack(instantiate('v8', new Uint8Array(readModule('port')), {}));
  private now = 0;

  constructor(board: Stack) {
    this.board = board;
    [this.client, this.board].forEach((stack, i) => {
      const identity = { address: 0x0a000001 + i, netmask: 0xffffff00, gateway: 0 };
      stack.configure({ ...identity, mac: Uint8Array.of(2, 0, 0, 0, 0, 1 + i) });
      stack.seed(1, 2, 3, i);
      stack.start(0);
    });
  }

  /** GET, to the end of the stream. */
  get(path: string): void {
    const { client } = this;
    const socket = client.socket();
    client.connect(socket, 0x0a000002, 80);
    this.until(() => (client.ready(socket) & Ready.Connected) !== 0);
    client.send(socket, Buffer.from(`GET ${path} HTTP/1.0\r\n\r\n`));
    this.until(() => {
      for (let n = client.recvSpan(socket).length; n > 0; n = client.recvSpan(socket).length)
        client.recvCommit(socket, n);
      return (client.ready(socket) & Ready.EndOfStream) !== 0;
    });
    client.close(socket);
  }

  private until(isDone: () => boolean): void {
    for (const end = this.now + 10_000; !isDone(); this.now++) {
      if (this.now === end) throw new Error('no end');
      for (const [from, to] of [
        [this.client, this.board],
        [this.board, this.client],
      ] as const) {
        from.poll(this.now);
        for (let frame = from.portTransmit(); frame !== undefined; frame = from.portTransmit()) {
          to.portReceive(frame);
          to.poll(this.now);
        }
      }
    }
  }
}
