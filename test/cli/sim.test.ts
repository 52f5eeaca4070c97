// SPDX-License-Identifier: MIT
// The main job from end to end, as a process of its own: a real client speaks to the board through this computer's ports,
// the gateway, the wire, the chip, SPI and the module on wasm3. Free ports are asked for, so that runs do not meet.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readPcapng } from '../net/pcapng-reader.ts';
import { Command, run } from './command.ts';

const MEGABYTE = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), 'sandwire-sim-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ready {
  forward: { host: string; port: number; boardPort: number }[];
}

interface Summary {
  type: string;
  seconds: number;
  traffic: Record<string, { frames: number; octets: number; fates: Record<string, number> }>;
  retransmits: number;
  counters: Record<string, number>;
  violations: string[];
}

describe('sim --json', () => {
  const pcap = join(folder, 'run.pcapng');
  let command: Command;
  let http: string;
  let echo: number;

  beforeAll(async () => {
    const ports = ['--forward', '127.0.0.1:0=80', '--forward', '127.0.0.1:0=7'];
    command = new Command(['sim', '--json', '--duration', '300', '--pcap', pcap, ...ports]);
    await command.says(/\n/);
    const { forward } = command.lines[0] as unknown as Ready;
    http = `http://127.0.0.1:${forward[0]!.port}`;
    echo = forward[1]!.port;
  });
  afterAll(() => command.kill('SIGKILL'));

  it('says where the ports are', () => {
    expect(command.lines[0]).toMatchObject({ type: 'ready', board: '10.0.0.2', engine: 'wasm3' });
    expect(new URL(http).port).not.toBe('0');
  });

  it('serves the page', async () => {
    const response = await fetch(`${http}/`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>Sandwire</title>');
  });

  it('serves its counters', async () => {
    const status: unknown = await (await fetch(`${http}/status.json`)).json();
    expect(JSON.stringify(status)).toContain('TcpSegmentsIn');
  });

  it('a megabyte comes down', async () => {
    const response = await fetch(`${http}/chargen/${MEGABYTE}`);
    expect((await response.arrayBuffer()).byteLength).toBe(MEGABYTE);
  });

  it('a megabyte goes up', async () => {
    const response = await fetch(`${http}/discard`, { method: 'PUT', body: Buffer.alloc(MEGABYTE, 'x') });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(String(MEGABYTE));
  });

  it('echoes what it is sent', async () => {
    const socket = connect(echo, '127.0.0.1');
    socket.end('wire\n');
    let heard = '';
    socket.on('data', (octets: Buffer) => (heard += octets.toString()));
    await once(socket, 'close');
    expect(heard).toBe('wire\n');
  });

  it('ends cleanly on Ctrl-C, with a summary', async () => {
    command.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stderr).toBe('');
    const summary = command.lines.at(-1) as unknown as Summary;
    expect(summary.type).toBe('summary');
    expect(summary.counters.HttpRequests).toBe(4);
    expect(summary.violations).toEqual([]);
    expect(summary.traffic.board!.octets).toBeGreaterThan(MEGABYTE);
    expect(summary.traffic.gateway!.octets).toBeGreaterThan(MEGABYTE);
  });

  it('told of every frame, and of both ends’ states', () => {
    const frames = command.lines.filter(({ type }) => type === 'frame');
    const { traffic } = command.lines.at(-1) as unknown as Summary;
    expect(frames).toHaveLength(traffic.board!.frames + traffic.gateway!.frames);
    const states = command.lines.filter(({ type }) => type === 'state');
    for (const host of ['board', 'gateway']) {
      expect(states).toContainEqual(expect.objectContaining({ host, state: 'ESTABLISHED' }));
    }
  });

  it('left a capture of every frame', () => {
    const { packets } = readPcapng(readFileSync(pcap));
    const { traffic } = command.lines.at(-1) as unknown as Summary;
    expect(packets).toHaveLength(traffic.board!.frames + traffic.gateway!.frames);
  });
});

describe('sim, for people', () => {
  let output: string;

  beforeAll(async () => {
    const command = new Command(['sim', '--forward', '0=80']);
    const [, port] = await command.says(/browser +http:\/\/localhost:(\d+)\//);
    const response = await fetch(`http://127.0.0.1:${port}/chargen/${MEGABYTE}`, {
      headers: { connection: 'close' },
    });
    await response.arrayBuffer();
    await command.says(/TIME-WAIT/);
    command.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    output = command.stdout;
  });

  it('draws the handshake with both ends’ states', () => {
    expect(output).toMatch(/├─── SYN seq=0 .*▶│/);
    expect(output).toMatch(/│◀── SYN,ACK seq=0 ack=1 .*┤/);
    expect(output).toMatch(/ SYN-SENT [├│]/);
    expect(output).toMatch(/│ SYN-RECEIVED/);
    expect(output.match(/ESTABLISHED/g)).toHaveLength(2);
  });

  it('folds a megabyte into few lines', () => {
    expect(output).toMatch(/… .*segments, .* octets to gateway/);
    expect(output.split('\n').length).toBeLessThan(200);
  });

  it('fits 100 columns, without colours where there is no terminal', () => {
    expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(output).not.toContain('\x1b');
  });

  it('closes with a summary', () => {
    expect(output).toMatch(/Ran for [\d.]+ s\.\n\n {2}sent by +frames +octets/);
    expect(output).toMatch(/segments of the board +[\d,]+ in, [\d,]+ out, \d+ retransmissions?/);
    expect(output).toMatch(/HttpRequests 1/);
  });
});

test('--duration ends it, --quiet leaves the ladder out, V8 runs it as well', async () => {
  const { code, stdout } = await run([
    'sim',
    '--forward',
    '0=80',
    '--duration',
    '0.5',
    '--quiet',
    '--engine',
    'v8',
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('sandwire.wasm on v8');
  expect(stdout).not.toContain('│');
  expect(stdout).toContain('Ran for 0.');
});

test('the wire is as it was asked for', async () => {
  const wire = ['--loss', '100', '--rate', '1.5M', '--delay', '2', '--jitter', '3', '--seed', '5'];
  const { stdout } = await run(['sim', '--forward', '0=80', '--duration', '0.5', '--json', ...wire]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]!.wire).toMatchObject({ loss: 1, rateBps: 1.5e6, delayMs: 2, jitterMs: 3, seed: 5 });
  const { traffic } = lines.at(-1) as unknown as Summary;
  expect(traffic.gateway).toMatchObject({ frames: 1, fates: { lost: 1 } });
});

test('a reader that has seen enough ends it', async () => {
  const command = new Command(['sim', '--forward', '0=80', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  await command.says(/ready/);
  command.closeOutput();
  expect(await command.ended).toBe(0);
  expect(command.stderr).toBe('');
});
