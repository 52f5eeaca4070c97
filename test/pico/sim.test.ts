// SPDX-License-Identifier: MIT
// `sandwire sim --engine pico` as a user has it: a process of its own, the emulated board behind ports of this computer.

import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasToolchain } from '../../host/firmware/build.ts';
import { Command, run } from '../cli/command.ts';

interface Ready {
  cyclesPerSecond: number;
  forward: { port: number }[];
}

describe.skipIf(!hasToolchain())('sim --engine pico --json', () => {
  let command: Command;
  let ports: number[];

  beforeAll(async () => {
    const forwards = ['--forward', '127.0.0.1:0=80', '--forward', '127.0.0.1:0=7'];
    command = new Command(['sim', '--engine', 'pico', '--json', '--duration', '300', ...forwards]);
    await command.says(/\n/);
    ports = (command.lines[0] as unknown as Ready).forward.map(({ port }) => port);
  });
  afterAll(() => command.kill('SIGKILL'));

  it('says what it is, and how fast', () => {
    expect(command.lines[0]).toMatchObject({ type: 'ready', board: '10.0.0.2', engine: 'pico' });
    expect((command.lines[0] as unknown as Ready).cyclesPerSecond).toBeGreaterThan(1e6);
  });

  it('serves its page', async () => {
    const response = await fetch(`http://127.0.0.1:${ports[0]}/`);
    expect(await response.text()).toContain('<title>Sandwire</title>');
  });

  it('echoes', async () => {
    const socket = connect(ports[1]!, '127.0.0.1');
    socket.end('wire\n');
    let heard = '';
    socket.on('data', (octets: Buffer) => (heard += octets.toString()));
    await once(socket, 'close');
    expect(heard).toBe('wire\n');
  });

  it('tells what the UART said, both ends’ states, and how it went', async () => {
    command.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stderr).toBe('');
    const notes = command.lines.filter(({ type }) => type === 'note').map(({ text }) => text);
    expect(notes).toContainEqual(expect.stringMatching(/^UART .* on RP2040/));
    for (const host of ['board', 'gateway']) {
      expect(command.lines).toContainEqual(
        expect.objectContaining({ type: 'state', host, state: 'ESTABLISHED' }),
      );
    }
    expect(command.lines.at(-1)).toMatchObject({
      type: 'summary',
      violations: [],
      counters: { HttpRequests: 1 },
      emulation: { pace: expect.any(Number) as number },
    });
  });
});

describe('sim --engine pico refuses in one line', () => {
  it.each([
    [
      ['--module', 'tiny'],
      'error: --module does not go with --engine pico: the image brings its own module\n',
    ],
    [['--demo', 'handshake'], 'error: the demos run on wasm3 or v8: leave out --engine pico\n'],
  ])('%j', async (options, message) => {
    const { code, stderr } = await run(['sim', '--engine', 'pico', ...options]);
    expect([code, stderr]).toEqual([1, message]);
  });
});
