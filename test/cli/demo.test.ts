// SPDX-License-Identifier: MIT
// The demos show what they claim: each is played, and its frames and states are compared with the RFC's figure.

import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { CONVERSATIONS } from '../../host/demo/conversations.ts';
import { DEMOS } from '../../host/demo/names.ts';
import type { DemoName } from '../../host/demo/names.ts';
import { playDemo } from '../../host/demo/play.ts';
import { run } from './command.ts';

interface Frame {
  type: 'frame';
  time: number;
  sender: 'laptop' | 'board';
  fate: string;
  arrives?: number;
  tcp: {
    sourcePort: number;
    destinationPort: number;
    seq: number;
    ack: number;
    flags: string[];
    window: number;
    octets: number;
  };
}

interface State {
  type: 'state';
  time: number;
  host: string;
  state: string;
}

/** A demo's frames and states. */
class Played {
  readonly frames: Frame[];
  readonly states: State[];

  constructor(name: DemoName) {
    const lines: string[] = [];
    playDemo(name, { engine: 'wasm3', seed: 1, json: true }, (line) => lines.push(line));
    const all = lines.map((line) => JSON.parse(line) as Frame | State);
    this.frames = all.filter((each) => each.type === 'frame');
    this.states = all.filter((each) => each.type === 'state');
  }

  /** The states that `host` went through, in order. */
  path(host: string): string[] {
    return this.states.filter((each) => each.host === host).map(({ state }) => state);
  }

  /** Frames as `laptop SYN`, `board SYN,ACK+5`: sender, control bits without PSH, octets of text. */
  get said(): string[] {
    return this.frames.map(
      ({ sender, tcp }) => `${sender} ${bits(tcp)}${tcp.octets > 0 ? `+${tcp.octets}` : ''}`,
    );
  }

  /** When `host` entered `state`. */
  at(host: string, state: string): number {
    return this.states.find((each) => each.host === host && each.state === state)!.time;
  }
}

function bits({ flags }: Frame['tcp']): string {
  return flags.filter((flag) => flag !== 'PSH').join(',');
}

const HANDSHAKE = ['laptop SYN', 'board SYN,ACK', 'laptop ACK'];
const OPENING = ['SYN-SENT', 'ESTABLISHED'];
const OPENED = ['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED'];

/** Both frames were on the wire at the same time. */
function crossed(a: Frame, b: Frame): boolean {
  return a.sender !== b.sender && a.time < b.arrives! && b.time < a.arrives!;
}

test('handshake: RFC 9293 Figure 6', () => {
  const played = new Played('handshake');
  expect(played.said).toEqual([...HANDSHAKE, 'laptop ACK+5', 'board ACK']);
  expect(played.path('laptop')).toEqual(OPENING);
  expect(played.path('board')).toEqual(OPENED);
  const [syn, synAck, ack, text] = played.frames;
  expect(synAck!.tcp.ack).toBe((syn!.tcp.seq + 1) >>> 0);
  expect(ack!.tcp.ack).toBe((synAck!.tcp.seq + 1) >>> 0);
  expect(text!.tcp.seq).toBe(ack!.tcp.seq);
});

test('close: RFC 9293 Figure 12', () => {
  const played = new Played('close');
  expect(played.said).toEqual([...HANDSHAKE, 'laptop FIN,ACK', 'board ACK', 'board FIN,ACK', 'laptop ACK']);
  expect(played.path('laptop')).toEqual([...OPENING, 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED']);
  expect(played.path('board')).toEqual([...OPENED, 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
  expect(played.at('laptop', 'CLOSED') - played.at('laptop', 'TIME-WAIT')).toBeCloseTo(60, 1);
});

test('half-close: text flows towards the side that has closed', () => {
  const played = new Played('half-close');
  expect(played.said).toEqual([
    ...HANDSHAKE,
    ...['laptop FIN,ACK+100', 'board ACK', 'board ACK+1000', 'laptop ACK', 'board ACK+1000', 'laptop ACK'],
    ...['board FIN,ACK', 'laptop ACK'],
  ]);
  const texts = played.frames.filter(({ sender, tcp }) => sender === 'board' && tcp.octets > 0);
  for (const text of texts) {
    expect(text.time).toBeGreaterThan(played.at('laptop', 'FIN-WAIT-2'));
    expect(text.time).toBeLessThan(played.at('laptop', 'TIME-WAIT'));
  }
  expect(played.path('board')).toEqual([...OPENED, 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
});

test('simultaneous open: RFC 9293 Figure 7', () => {
  const played = new Played('simultaneous-open');
  const [first, second] = played.frames;
  expect([bits(first!.tcp), bits(second!.tcp)]).toEqual(['SYN', 'SYN']);
  expect(crossed(first!, second!)).toBe(true);
  for (const host of ['laptop', 'board']) {
    expect(played.path(host)).toEqual(['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED']);
  }
  const ports = new Set(played.frames.flatMap(({ tcp }) => [tcp.sourcePort, tcp.destinationPort]));
  expect(ports.size).toBe(1);
  expect(played.said.slice(2, 4).sort()).toEqual(['board SYN,ACK', 'laptop SYN,ACK']);
});

test('simultaneous close: RFC 9293 Figure 13', () => {
  const played = new Played('simultaneous-close');
  const [first, second] = played.frames.filter(({ tcp }) => tcp.flags.includes('FIN'));
  expect(crossed(first!, second!)).toBe(true);
  const closing = ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT', 'CLOSED'];
  expect(played.path('laptop')).toEqual([...OPENING, ...closing]);
  expect(played.path('board')).toEqual([...OPENED, ...closing]);
});

describe('loss', () => {
  const { frames } = new Played('loss');
  const [lost, lostLast] = frames.filter(({ fate }) => fate === 'lost');
  const again = (of: Frame): Frame =>
    frames.find(({ time, sender, tcp }) => time > of.time && sender === 'board' && tcp.seq === of.tcp.seq)!;
  const duplicates = (of: Frame): Frame[] =>
    frames.filter(({ time, sender, tcp }) => time > of.time && sender === 'laptop' && tcp.ack === of.tcp.seq);

  it('two segments are lost, and no more', () => {
    expect(frames.filter(({ fate }) => fate !== 'delivered')).toEqual([lost, lostLast]);
  });

  it('after three duplicate ACKs the first is sent again at once: RFC 5681 §3.2', () => {
    // The first to say so is no duplicate.
    const [, , , third] = duplicates(lost!);
    expect(again(lost!).time - third!.arrives!).toBeGreaterThan(0);
    expect(again(lost!).time - third!.arrives!).toBeLessThan(0.005);
  });

  it('without duplicates only the timer helps: RFC 6298 §5.4', () => {
    expect(duplicates(lostLast!)).toEqual([]);
    // The laptop's RTO: SRTT and 200 ms.
    expect(again(lostLast!).time - lostLast!.time).toBeGreaterThan(0.2);
  });

  it('in the end everything is acknowledged', () => {
    const last = frames.at(-1);
    expect(last.sender).toBe('laptop');
    expect(last.tcp.ack).toBe((lostLast!.tcp.seq + 100) >>> 0);
  });
});

describe('zero window: RFC 9293 §3.8.6.1', () => {
  const { frames } = new Played('zero-window');
  const closed = frames.findIndex(({ sender, tcp }) => sender === 'board' && tcp.window === 0);
  const opened = frames.findIndex(
    (frame, i) => i > closed && frame.sender === 'board' && frame.tcp.window > 0,
  );
  const edge = frames[closed]!.tcp.ack;
  const between = frames.slice(closed + 1, opened);

  it('the window closes, and is probed with one octet at growing intervals', () => {
    const probes = between.filter(({ sender }) => sender === 'laptop');
    expect(probes.length).toBeGreaterThanOrEqual(3);
    for (const { tcp } of probes) expect([tcp.seq, tcp.octets]).toEqual([edge, 1]);
    const gaps = probes.slice(1).map(({ time }, i) => time - probes[i]!.time);
    gaps.slice(1).forEach((gap, i) => expect(gap / gaps[i]!).toBeCloseTo(2, 1));
  });

  it('each probe is answered with the closed window', () => {
    const answers = between.filter(({ sender }) => sender === 'board');
    expect(answers.length).toBe(between.length / 2);
    for (const { tcp } of answers) expect([tcp.ack, tcp.window]).toEqual([edge, 0]);
  });

  it('an update opens it, and the rest follows', () => {
    const update = frames[opened]!;
    expect([update.tcp.ack, update.tcp.octets]).toEqual([edge, 0]);
    const first = frames.find(({ sender }) => sender === 'laptop')!;
    const acknowledged = frames.findLast(({ sender }) => sender === 'board')!.tcp.ack;
    expect((acknowledged - first.tcp.seq) >>> 0).toBe(1 + 6000);
  });
});

describe('reset', () => {
  const played = new Played('reset');
  const { frames } = played;
  const resets = frames.filter(({ tcp }) => tcp.flags.includes('RST'));

  it('a SYN to a closed port is refused: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>', () => {
    expect(resets[0]).toMatchObject({
      sender: 'board',
      tcp: { seq: 0, ack: (frames[0]!.tcp.seq + 1) >>> 0, flags: ['RST', 'ACK'] },
    });
  });

  it('abort sends one', () => {
    expect(resets[1]!.sender).toBe('board');
  });

  it('a host that knows of no connection answers text with one: <SEQ=SEG.ACK><CTL=RST>', () => {
    const text = frames.find(({ sender, tcp }) => sender === 'board' && tcp.octets > 0)!;
    expect(resets[2]).toMatchObject({ sender: 'laptop', tcp: { seq: text.tcp.ack, flags: ['RST'] } });
    expect(resets).toHaveLength(3);
  });

  it('each time both are CLOSED in the end', () => {
    expect(played.path('laptop')).toEqual(['SYN-SENT', 'CLOSED', ...OPENING, 'CLOSED', ...OPENING, 'CLOSED']);
    expect(played.path('board')).toEqual([...OPENED, 'CLOSED', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSED']);
  });
});

describe.each(DEMOS)('%s', (name) => {
  const draw = (seed: number): string[] => {
    const lines: string[] = [];
    playDemo(name, { engine: 'wasm3', seed }, (text) => lines.push(...text.split('\n')));
    return lines;
  };

  it('says first what one sees, and where it is written', () => {
    const lines = draw(1);
    const { title, clause, about } = CONVERSATIONS[name];
    expect(clause).toMatch(/RFC 9293 §3/);
    expect(about.match(/[.:]( |$)/g)!.length).toBeGreaterThanOrEqual(2);
    expect(lines[0]).toBe(`${title} (${clause})`);
    expect(lines.slice(2, lines.indexOf('', 2)).join(' ')).toBe(about);
  });

  it('prints the same each time, in 100 columns, without colours', () => {
    const lines = draw(7);
    expect(draw(7)).toEqual(lines);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.join('')).not.toContain('\x1b');
  });
});

test('another seed, other sequence numbers', () => {
  const isn = (seed: number): number => {
    const lines: string[] = [];
    playDemo('handshake', { engine: 'v8', seed, json: true }, (line) => lines.push(line));
    return (JSON.parse(lines.find((line) => line.includes('"frame"'))!) as Frame).tcp.seq;
  };
  expect(isn(2)).not.toBe(isn(3));
});

test('the command plays one and ends', async () => {
  const { code, stdout, stderr } = await run(['sim', '--demo', 'handshake', '--seed', '1']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/SYN-SENT ├─── SYN seq=0 .*▶│ SYN-RECEIVED/);
});

test('the README shows what the handshake prints', () => {
  const printed: string[] = [];
  playDemo('handshake', { engine: 'wasm3', seed: 0 }, (text) => printed.push(...text.split('\n')));
  const ladder = printed.slice(printed.findIndex((line) => line.startsWith('    seconds')));
  const shown = ladder.slice(0, ladder.findIndex((line) => line.includes('recv()')) + 1).join('\n');
  expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(shown);
});
