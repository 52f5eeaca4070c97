// SPDX-License-Identifier: MIT
// A board: what it is made of, what it does by itself, and what happens when its module traps.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  Board,
  MICROSECOND,
  MILLISECOND,
  PortHost,
  SECOND,
  settle,
  VirtualClock,
  Wire,
} from '../../host/index.ts';
import type { BoardOptions } from '../../host/index.ts';
import { everything } from './pair.ts';

/** Who has 10.0.0.2? asks 10.0.0.9. */
const ARP_REQUEST = Buffer.from(
  'ffffffffffff020000000009080600010800060400010200000000090a0000090000000000000a000002'.padEnd(120, '0'),
  'hex',
);

function bench(options: Partial<BoardOptions> = {}): { clock: VirtualClock; wire: Wire; board: Board } {
  const clock = new VirtualClock();
  const wire = new Wire(clock);
  return { clock, wire, board: new Board({ clock, wire, ...options }) };
}

describe.each(['v8', 'wasm3'] as const)('on %s', (engine) => {
  test('its echo program serves, and the driver does nothing that the chip would punish', async () => {
    const { clock, wire, board } = bench({ engine });
    board.start();
    const peer = new PortHost({ clock, wire, name: 'peer', address: '10.0.0.3' }).start();
    const socket = peer.connect(7, board.address);
    socket.end('hello');
    expect((await settle(clock, everything(socket))).toString()).toBe('hello');
    expect(board.chip.violations).toEqual([]);
    expect(board.bus.selects).toBeGreaterThan(100);
  });

  test("a trap is an 'error' event with the engine's message, and the board stops", () => {
    const { clock, board } = bench({ engine });
    board.start();
    clock.run(SECOND);
    const errors: Error[] = [];
    board.on('error', (error) => errors.push(error));
    board.stack.memory.fill(0x7f); // every address in it now points outside
    clock.run(SECOND);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^trap in poll: .*out of bounds/),
    ]);
    expect(board.running).toBe(false);
  });

  test('a snapshot of before puts the module back; sockets that it does not know fail with EBADF', async () => {
    const { clock, wire, board } = bench({ engine });
    board.start();
    const peer = new PortHost({ clock, wire, name: 'peer', address: '10.0.0.3' }).start();
    clock.run(SECOND);
    const before = board.stack.snapshot();
    const socket = board.connect(7, peer.address);
    await settle(clock, once(socket, 'connect'));
    board.stack.restore(before);
    board.wake();
    const [error] = (await settle(clock, once(socket, 'error'))) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EBADF');
    expect(board.running).toBe(true);
  });

  test('two runs are the same to the octet', async () => {
    const run = async (): Promise<[number, Uint8Array]> => {
      const { clock, wire, board } = bench({ engine });
      board.start();
      const peer = new PortHost({ clock, wire, name: 'peer', address: '10.0.0.3' }).start();
      const socket = peer.connect(7, board.address);
      socket.end(Buffer.alloc(20_000, 'x'));
      await settle(clock, everything(socket));
      return [clock.now, board.stack.snapshot()];
    };
    expect(await run()).toEqual(await run());
  });
});

describe('the INT pin', () => {
  test('wakes the board at once: an ARP request is answered within the time of two frames', () => {
    const { clock, wire, board } = bench({ engine: 'v8' });
    board.start();
    clock.run(SECOND + MILLISECOND / 3);
    let answeredAt = 0;
    const asker = wire.attach('asker', () => (answeredAt = clock.now));
    const askedAt = clock.now;
    asker.send(
      Buffer.from(
        'ffffffffffff020000000009080600010800060400010200000000090a0000090000000000000a000002'.padEnd(
          120,
          '0',
        ),
        'hex',
      ),
    );
    clock.run(SECOND);
    expect(answeredAt - askedAt).toBeGreaterThan(0);
    expect((answeredAt - askedAt) / MICROSECOND).toBeLessThan(150);
  });

  test('is a level: frames that wait while both transmit slots are full are taken as soon as one is free', () => {
    const { clock, wire, board } = bench({ engine: 'v8' });
    board.start();
    clock.run(SECOND);
    let answers = 0;
    const asker = wire.attach('asker', () => answers++);
    asker.impair({ rateBps: 0 }); // all at once; the answers take 67.2 us each
    for (let i = 0; i < 20; i++) asker.send(ARP_REQUEST);
    clock.run(20 * 100 * MICROSECOND);
    expect(answers).toBe(20);
  });
});

describe('alone', () => {
  test('it polls seldom', () => {
    const { clock, board } = bench({ engine: 'v8' });
    board.start();
    clock.run(10 * SECOND);
    const settled = board.polls;
    clock.run(10 * SECOND);
    expect(board.polls - settled).toBeLessThan(1000);
  });

  test('after stop nothing more is sent', () => {
    const { clock, wire, board } = bench({ engine: 'v8' });
    board.start();
    clock.run(SECOND);
    board.stop();
    let frames = 0;
    wire.onFrame(() => frames++);
    clock.run(100 * SECOND);
    expect(frames).toBe(0);
  });

  test('it starts once', () => {
    const { board } = bench({ engine: 'v8' });
    board.start();
    expect(() => board.start()).toThrow('board has been started before');
  });
});

describe('what cannot be a board is refused in one line', () => {
  const message = (options: Partial<BoardOptions>): string => {
    try {
      bench({ engine: 'v8', ...options });
    } catch (error) {
      return (error as Error).message;
    }
    return 'not refused';
  };

  test.each([
    [{ address: '10.0.0' }, 'not an IPv4 address: 10.0.0'],
    [{ address: '10.0.0.256' }, 'not an IPv4 address: 10.0.0.256'],
    [{ address: '224.0.0.1' }, 'configure EINVAL: invalid argument'],
    [{ netmask: '255.0.255.0' }, 'configure EINVAL: invalid argument'],
    [{ mac: '02:00:00:00:00' }, 'not an Ethernet address: 02:00:00:00:00'],
    [{ mac: '01:00:5e:00:00:01' }, "a group address cannot be a station's: 01:00:5e:00:00:01"],
    [{ seed: new Uint8Array(15) }, 'the seed has 16 octets, not 15'],
    [{ module: 'sandwich' }, 'build/sandwich.wasm is missing: run npm run build'],
    [{ module: '/no/such.wasm' }, 'cannot read /no/such.wasm: ENOENT: no such file or directory'],
  ] as [Partial<BoardOptions>, string][])('%j', (options, expected) => {
    expect(message(options)).toBe(expected);
  });

  test('a file that is no module', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandwire-'));
    const file = join(folder, 'x.wasm');
    writeFileSync(file, 'not a module');
    expect(message({ module: file })).toBe(`${file} is not a WebAssembly module`);
    rmSync(folder, { recursive: true });
  });
});
