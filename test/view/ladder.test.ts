// SPDX-License-Identifier: MIT
// The ladder: which states stand beside which frames, in which order rungs come, and what is folded. Conversations are
// scripted on a wire of 1 ms in virtual time.

import { describe, expect, test } from 'vitest';
import { MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import { Wire } from '../../host/net/wire.ts';
import type { Fate } from '../../host/net/wire.ts';
import { ACK, FIN, PSH, RST, SYN } from '../../host/view/decode.ts';
import { LadderText } from '../../host/view/ladder-text.ts';
import type { LadderTextOptions } from '../../host/view/ladder-text.ts';
import { Ladder } from '../../host/view/ladder.ts';
import type { LadderOptions } from '../../host/view/ladder.ts';
import type { FrameRung, Rung } from '../../host/view/rungs.ts';
import { toMermaid } from '../../host/view/mermaid.ts';
import { connectionKey } from '../../host/view/conversation.ts';
import { arpRequest, tcpFrame } from './frames.ts';
import type { Segment } from './frames.ts';

const HOSTS = ['gateway', 'board'] as const;
const MSS = [2, 4, 5, 0xb4];

function setUp(options: Partial<LadderOptions> = {}) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { delayMs: 1, rateBps: 0 });
  const ports = HOSTS.map((host) => wire.attach(host, () => undefined));
  const rungs: Rung[] = [];
  const ladder = new Ladder(clock, { hosts: HOSTS, ...options }, (rung) => rungs.push(rung));
  wire.onFrame((frame) => ladder.frame(frame));
  const iss = [1000, 2000];
  const send = (segment: Segment, fate?: Fate): void => {
    const from = segment.from ?? 0;
    const seq = iss[from]! + (segment.seq ?? 0);
    const ack = segment.ack === undefined ? 0 : iss[1 - from]! + segment.ack;
    wire.script = () => fate;
    ports[from]!.send(tcpFrame({ ...segment, seq, ack }));
  };
  const run = (ms: number): void => clock.run(ms * MILLISECOND);
  const text = (how: Partial<LadderTextOptions> = {}): string[] => {
    ladder.flush();
    const drawing = new LadderText({ hosts: HOSTS, ...how });
    return rungs.flatMap((rung) => drawing.draw(rung));
  };
  const frames = (): FrameRung[] => rungs.filter((rung) => rung.kind === 'frame');
  return { clock, wire, ports, rungs, ladder, send, run, text, frames };
}

type Bench = ReturnType<typeof setUp>;

/** RFC 9293 Figure 6. */
function handshake({ ladder, send, run }: Bench): void {
  ladder.state('gateway', 'CLOSED');
  ladder.state('board', 'LISTEN');
  ladder.state('gateway', 'SYN-SENT');
  send({ from: 0, flags: SYN, options: MSS });
  run(1);
  ladder.state('board', 'SYN-RECEIVED');
  send({ from: 1, flags: SYN | ACK, ack: 1, options: MSS });
  run(1);
  ladder.state('gateway', 'ESTABLISHED');
  send({ from: 0, flags: ACK, seq: 1, ack: 1 });
  run(1);
  ladder.state('board', 'ESTABLISHED');
}

/** RFC 9293 Figure 12. */
function close({ ladder, send, run }: Bench): void {
  ladder.remark('gateway', 'close()');
  ladder.state('gateway', 'FIN-WAIT-1');
  send({ from: 0, flags: FIN | ACK, seq: 1, ack: 1 });
  run(1);
  ladder.state('board', 'CLOSE-WAIT');
  send({ from: 1, flags: ACK, seq: 1, ack: 2 });
  run(1);
  ladder.state('gateway', 'FIN-WAIT-2');
  run(3);
  ladder.state('board', 'LAST-ACK');
  send({ from: 1, flags: FIN | ACK, seq: 1, ack: 2 });
  run(1);
  ladder.state('gateway', 'TIME-WAIT');
  send({ from: 0, flags: ACK, seq: 2, ack: 2 });
  run(1);
  ladder.state('board', 'CLOSED');
  run(60_000);
  ladder.state('gateway', 'CLOSED');
}

describe('drawn as in RFC 9293', () => {
  test('Figure 6: basic three-way handshake', () => {
    const bench = setUp();
    handshake(bench);
    expect(bench.text()).toEqual([
      '                  CLOSED │                                                            │ LISTEN',
      '                         │              #1 10.0.0.1:49152 > 10.0.0.2:80               │',
      '   0.000000     SYN-SENT ├─── SYN seq=0 win=4380 <mss=1460> ─────────────────────────▶│ SYN-RECEIVED',
      '   0.001000  ESTABLISHED │◀── SYN,ACK seq=0 ack=1 win=4380 <mss=1460> ────────────────┤',
      '   0.002000              ├─── ACK seq=1 ack=1 win=4380 ──────────────────────────────▶│ ESTABLISHED',
    ]);
  });

  test('Figure 12: normal close sequence', () => {
    const bench = setUp();
    handshake(bench);
    close(bench);
    expect(bench.text().slice(5)).toEqual([
      '                 close() │                                                            │',
      '   0.003000   FIN-WAIT-1 ├─── FIN,ACK seq=1 ack=1 win=4380 ──────────────────────────▶│ CLOSE-WAIT',
      '   0.004000   FIN-WAIT-2 │◀── ACK seq=1 ack=2 win=4380 ───────────────────────────────┤',
      '   0.008000    TIME-WAIT │◀── FIN,ACK seq=1 ack=2 win=4380 ───────────────────────────┤ LAST-ACK',
      '   0.009000              ├─── ACK seq=2 ack=2 win=4380 ──────────────────────────────▶│ CLOSED',
      '                  CLOSED │                                                            │',
    ]);
  });

  test('Figure 7: simultaneous connection synchronization', () => {
    const { ladder, send, run, text } = setUp();
    for (const [from, host] of HOSTS.entries()) {
      ladder.state(host, 'SYN-SENT');
      send({ from: from as 0 | 1, flags: SYN });
    }
    run(1);
    for (const [from, host] of HOSTS.entries()) {
      ladder.state(host, 'SYN-RECEIVED');
      send({ from: from as 0 | 1, flags: SYN | ACK, ack: 1 });
    }
    run(1);
    for (const host of HOSTS) ladder.state(host, 'ESTABLISHED');
    expect(text().slice(1)).toEqual([
      '   0.000000     SYN-SENT ├─── SYN seq=0 win=4380 ────────────────────────────────────▶│ SYN-RECEIVED',
      '   0.000000 SYN-RECEIVED │◀── SYN seq=0 win=4380 ─────────────────────────────────────┤ SYN-SENT',
      '   0.001000              ├─── SYN,ACK seq=0 ack=1 win=4380 ──────────────────────────▶│ ESTABLISHED',
      '   0.001000  ESTABLISHED │◀── SYN,ACK seq=0 ack=1 win=4380 ───────────────────────────┤',
    ]);
  });

  test('a reset, and the state it leaves', () => {
    const { ladder, send, run, text } = setUp();
    ladder.state('gateway', 'SYN-SENT');
    send({ from: 0, flags: SYN });
    run(1);
    send({ from: 1, flags: RST | ACK, ack: 1 });
    run(1);
    ladder.state('gateway', 'CLOSED');
    expect(text().slice(2)).toEqual([
      '   0.001000       CLOSED │◀── RST,ACK seq=0 ack=1 ────────────────────────────────────┤',
    ]);
  });
});

describe('a frame that does not arrive', () => {
  test('lost to the right: the arrow ends in the middle', () => {
    const { send, text } = setUp();
    send({ flags: SYN }, 'lost');
    expect(text().slice(1)).toEqual([
      '   0.000000              ├─── SYN seq=0 win=4380 ──────✗                              │',
    ]);
  });

  test('lost to the left', () => {
    const { send, text } = setUp();
    send({ from: 1, flags: SYN }, 'lost');
    expect(text().slice(1)).toEqual([
      '   0.000000              │                              ✗── SYN seq=0 win=4380 ───────┤',
    ]);
  });

  test('corrupted: its FCS is bad', () => {
    const { send, text } = setUp();
    send({ flags: SYN }, 'corrupted');
    expect(text().slice(1)).toEqual([
      '   0.000000              ├─── SYN seq=0 win=4380 (bad FCS) ─✗                         │',
    ]);
  });
});

describe('a frame that arrives otherwise', () => {
  test('held back: drawn when it was sent, with the time of its arrival', () => {
    const { send, run, frames, text } = setUp();
    send({ flags: ACK, seq: 1, ack: 1, len: 10 }, 'reordered');
    run(0.5);
    send({ flags: ACK, seq: 11, ack: 1, len: 10 });
    const [, held, below, next] = text();
    expect(frames().map(({ arrivesAt }) => arrivesAt! > 2 * MILLISECOND)).toEqual([true, false]);
    expect(held).toMatch(/^ +0\.000000 .*├─── ACK seq=1 ack=1 len=10 win=4380 ─+▶│$/);
    expect(below).toMatch(/\(held back, arrives 0\.\d{6}\)/);
    expect(next).toMatch(/^ +0\.000500 .*seq=11/);
  });

  test('twice: the second copy is no retransmission', () => {
    const { send, frames, ladder } = setUp();
    send({ flags: PSH | ACK, seq: 1, ack: 1, len: 10 }, 'duplicated');
    ladder.flush();
    expect(frames().map(({ remarks }) => remarks)).toEqual([[], ['second copy']]);
    expect(frames()[1]!.words).toEqual(frames()[0]!.words);
  });

  test('damaged past the FCS: it arrives', () => {
    const { ports, send, frames, ladder } = setUp();
    ports[0]!.impair({ corruptPastFcs: true });
    send({ flags: SYN }, 'corrupted');
    ladder.flush();
    expect(frames()).toMatchObject([{ arrivesAt: MILLISECOND, remarks: ['corrupted'] }]);
  });
});

describe('states', () => {
  const [DATA, FINISH] = [
    { flags: ACK, seq: 1, ack: 1, len: 5 },
    { flags: FIN | ACK, seq: 6, ack: 1 },
  ];

  test('stand beside the frame even when told after it was sent', () => {
    const { ladder, send, frames } = setUp();
    send(FINISH);
    ladder.state('gateway', 'FIN-WAIT-1');
    ladder.flush();
    expect(frames()[0]!.states).toEqual(['FIN-WAIT-1', undefined]);
  });

  test('of the receiver do not stand beside a frame that has not arrived', () => {
    const { ladder, send, run, rungs } = setUp();
    send(FINISH);
    run(0.5);
    ladder.state('board', 'CLOSE-WAIT');
    ladder.flush();
    expect(rungs.at(-1)).toMatchObject({ kind: 'state', states: [undefined, 'CLOSE-WAIT'] });
  });

  test('of the receiver do not stand beside a frame that cannot explain them', () => {
    const { ladder, send, run, frames } = setUp();
    send(FINISH);
    send({ ...DATA, seq: 7 });
    run(1);
    ladder.state('board', 'CLOSE-WAIT');
    ladder.flush();
    expect(frames().map(({ states }) => states[1])).toEqual(['CLOSE-WAIT', undefined]);
  });

  test('of the receiver do not stand beside a frame that arrived long ago', () => {
    const { ladder, send, run, frames } = setUp();
    send(FINISH);
    run(7);
    ladder.state('board', 'CLOSE-WAIT');
    ladder.flush();
    expect(frames()[0]!.states[1]).toBeUndefined();
  });

  test('entered long before the frame have a line of their own', () => {
    const { ladder, send, run, text } = setUp();
    ladder.state('gateway', 'FIN-WAIT-1');
    run(100);
    send(FINISH);
    expect(text()[0]).toMatch(/^ +FIN-WAIT-1 │ +│$/);
  });

  test('after an abort: CLOSED stands beside the reset and not beside what came before', () => {
    const { ladder, send, run, frames } = setUp();
    send({ ...DATA, from: 1 });
    run(1);
    ladder.state('gateway', 'CLOSED');
    send({ flags: RST, seq: 1 });
    ladder.flush();
    expect(frames().map(({ states }) => states[0])).toEqual([undefined, 'CLOSED']);
  });

  test('of another connection do not mix in', () => {
    const { ladder, send, run, frames } = setUp();
    send({ ...FINISH, port: 5001 });
    send({ ...FINISH, port: 5002 });
    run(1);
    ladder.state('board', 'CLOSE-WAIT', connectionKey('10.0.0.2', 80, '10.0.0.1', 5001));
    ladder.flush();
    expect(frames().map(({ states }) => states[1])).toEqual(['CLOSE-WAIT', undefined]);
  });

  const keyOf = (port: number): string => connectionKey('10.0.0.1', port, '10.0.0.2', 80);

  test('told before a frame of another connection do not move to it', () => {
    const { ladder, send, frames } = setUp();
    ladder.state('gateway', 'FIN-WAIT-1', keyOf(5001));
    send({ ...FINISH, port: 5002 });
    ladder.flush();
    expect(frames()[0]!.states).toEqual([undefined, undefined]);
  });

  test('of two connections, entered at the same time, find their frames', () => {
    const { ladder, send, frames } = setUp();
    ladder.state('gateway', 'FIN-WAIT-1', keyOf(5001));
    ladder.state('board', 'FIN-WAIT-1', keyOf(5002));
    send({ ...FINISH, port: 5001 });
    send({ ...FINISH, port: 5002, from: 1 });
    ladder.flush();
    expect(frames().map(({ states }) => states)).toEqual([
      ['FIN-WAIT-1', undefined],
      [undefined, 'FIN-WAIT-1'],
    ]);
  });

  test('of a host without a column are passed over', () => {
    const { ladder, rungs } = setUp();
    ladder.state('somebody', 'LISTEN');
    ladder.flush();
    expect(rungs).toEqual([]);
  });
});

describe('rungs', () => {
  test('are given out without being asked for, 5 ms after arrival', () => {
    const { send, run, frames } = setUp();
    send({ flags: SYN });
    run(5.9);
    expect(frames()).toHaveLength(0);
    run(0.1);
    expect(frames()).toHaveLength(1);
  });

  test('are given out later where hosts are slower, and their states still belong to them', () => {
    const { ladder, send, run, frames } = setUp({ settleMs: 50 });
    send({ flags: SYN });
    run(50);
    expect(frames()).toHaveLength(0);
    ladder.state('board', 'SYN-RECEIVED');
    run(1);
    expect(frames()).toMatchObject([{ states: [undefined, 'SYN-RECEIVED'] }]);
  });

  test('wait behind what was sent earlier', () => {
    const { send, run, rungs, ladder } = setUp();
    send({ flags: ACK, seq: 1, ack: 1, len: 10 }, 'reordered');
    send({ flags: ACK, seq: 11, ack: 1, len: 10 });
    ladder.note('here');
    run(6);
    expect(rungs.map(({ kind }) => kind)).toEqual(['note']);
    run(20);
    expect(rungs.map(({ kind }) => kind)).toEqual(['note', 'frame', 'frame', 'note']);
  });

  test('name the connection once there are two', () => {
    const { send, frames, ladder } = setUp();
    send({ flags: SYN });
    send({ flags: SYN, port: 5000 });
    send({ flags: SYN });
    ladder.flush();
    expect(frames().map(({ words }) => words[0])).toEqual(['SYN', '#2', '#1']);
  });

  test('show numbers as they are on the wire when asked to', () => {
    const { send, frames, ladder } = setUp({ absolute: true });
    send({ from: 1, flags: SYN | ACK, ack: 1 });
    ladder.flush();
    expect(frames()[0]!.words).toEqual(['SYN,ACK', 'seq=2000', 'ack=1001', 'win=4380']);
  });

  test('show ARP in one line', () => {
    const { ports, text } = setUp();
    ports[0]!.send(arpRequest());
    expect(text()).toEqual([
      '   0.000000              ├─── ARP who has 10.0.0.2? tell 10.0.0.1 ───────────────────▶│',
    ]);
  });

  test('tell what a third host sends', () => {
    const { wire, text } = setUp();
    wire.attach('other', () => undefined).send(arpRequest());
    expect(text()[0]).toContain('other: ARP who has 10.0.0.2? tell 10.0.0.1');
  });

  test('say what is wrong with a frame as it was sent', () => {
    const { ports, frames, ladder } = setUp();
    const frame = tcpFrame({ flags: SYN });
    frame[50]! ^= 1;
    ports[0]!.send(frame);
    ladder.flush();
    expect(frames()[0]!.remarks).toEqual(['bad TCP checksum']);
  });
});

describe('folding', () => {
  /** `count` segments from the board, every second acknowledged. */
  function download({ send, run }: Bench, count: number): void {
    for (let i = 0; i < count; i++) {
      send({ from: 1, flags: ACK, seq: 1 + i * 1000, ack: 1, len: 1000 });
      if (i % 2 === 1) send({ from: 0, flags: ACK, seq: 1, ack: 1 + (i + 1) * 1000 });
      run(1);
    }
  }

  test('draws the first six and counts the others', () => {
    const bench = setUp({ fold: true });
    download(bench, 40);
    const lines = bench.text();
    expect(lines).toHaveLength(1 + 6 + 1);
    expect(lines.at(-1)).toContain('… 36 segments, 36,000 octets to gateway, 18 ACKs …');
  });

  test('is off by default', () => {
    const bench = setUp();
    download(bench, 40);
    expect(bench.text()).toHaveLength(1 + 60);
  });

  test('ends at what is worth seeing, and begins anew', () => {
    const bench = setUp({ fold: true });
    download(bench, 10);
    bench.send({ from: 1, flags: ACK, seq: 10_001, ack: 1, len: 1000 }, 'lost');
    bench.send({ from: 1, flags: ACK, seq: 11_001, ack: 1, len: 1000 });
    bench.ladder.flush();
    expect(bench.rungs.map(({ kind }) => kind).slice(-4)).toEqual(['frame', 'fold', 'frame', 'frame']);
  });

  test('includes window updates', () => {
    const bench = setUp({ fold: true });
    download(bench, 10);
    bench.send({ from: 0, flags: ACK, seq: 1, ack: 10_001, window: 9000 });
    bench.ladder.flush();
    expect(bench.rungs.at(-1)).toMatchObject({ kind: 'fold', acks: 4 });
  });

  test('leaves a single rung as it is', () => {
    const bench = setUp({ fold: true });
    download(bench, 5);
    bench.ladder.flush();
    expect(bench.frames()).toHaveLength(7);
  });

  test('shows what it has gathered when nothing follows for 200 ms', () => {
    const bench = setUp({ fold: true });
    download(bench, 10);
    bench.run(195);
    expect(bench.rungs.at(-1)).toMatchObject({ kind: 'frame' });
    bench.run(20);
    expect(bench.rungs.at(-1)).toMatchObject({ kind: 'fold' });
  });
});

describe('as text', () => {
  /** A bit of everything, with numbers as long as they get. */
  function everything(): Rung[] {
    const bench = setUp({ absolute: true, fold: true });
    handshake(bench);
    const options = [...MSS, 1, 3, 3, 7, 4, 2, 8, 10, 255, 255, 255, 255, 255, 255, 255, 255];
    for (const fate of ['delivered', 'lost', 'corrupted', 'reordered', 'duplicated'] as const) {
      for (const from of [0, 1] as const) {
        bench.send({ from, flags: 0xff, seq: 4e9, ack: 3e9, window: 65535, len: 1400, options }, fate);
      }
    }
    close(bench);
    bench.ladder.remark('board', 'something much too long');
    bench.ladder.note('word '.repeat(50) + 'w'.repeat(200));
    bench.ladder.flush();
    return bench.rungs;
  }

  test.each([80, 100, 132])('no line is longer than %i columns', (width) => {
    const drawing = new LadderText({ hosts: ['a gateway of a long name', 'board'], width, arrivals: true });
    const lines = [...drawing.heading(), ...everything().flatMap((rung) => drawing.draw(rung))];
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.join('\n')).not.toMatch(/ $/m);
  });

  test('both lifelines are straight', () => {
    const drawing = new LadderText({ hosts: HOSTS });
    const lines = everything().flatMap((rung) => drawing.draw(rung));
    for (const line of lines) expect(line[25]! + line[86]!).toMatch(/^[│├][│┤]$/);
  });

  test('the heading names the hosts above their lifelines', () => {
    expect(new LadderText({ hosts: HOSTS }).heading()).toEqual([
      '    seconds      gateway                                                                board',
    ]);
  });

  test('ASCII is ASCII', () => {
    const drawing = new LadderText({ hosts: HOSTS, ascii: true });
    const lines = everything().flatMap((rung) => drawing.draw(rung));
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  test('there is no colour unless asked for', () => {
    const drawing = new LadderText({ hosts: HOSTS });
    expect(
      everything()
        .flatMap((rung) => drawing.draw(rung))
        .join(''),
    ).not.toContain('\x1b');
  });

  test('colour changes nothing but colour', () => {
    const plain = new LadderText({ hosts: HOSTS });
    const coloured = new LadderText({ hosts: HOSTS, color: true });
    const rungs = everything();
    const bare = rungs.flatMap((rung) => coloured.draw(rung)).map((line) => line.replace(/\x1b\[\d+m/g, ''));
    expect(bare.map((line) => line.trimEnd())).toEqual(rungs.flatMap((rung) => plain.draw(rung)));
  });

  test('arrivals are shown when asked for', () => {
    const { send, text } = setUp();
    send({ flags: SYN });
    expect(text({ arrivals: true })[1]).toContain('SYN seq=0 win=4380 (arrives 0.001000) ─');
  });

  test('time counts from the origin', () => {
    const { send, run, text } = setUp();
    run(2000);
    send({ flags: SYN });
    expect(text({ origin: 1500 * MILLISECOND })[1]).toMatch(/^ {3}0\.500000 /);
  });

  test('time keeps to its column for years', () => {
    const { clock, send, text } = setUp();
    clock.runUntil(86_400e9);
    send({ flags: SYN });
    expect(text()[1]).toMatch(/^ {2}86400\.000 +├/);
  });

  test('fewer than 80 columns are refused', () => {
    expect(() => new LadderText({ hosts: HOSTS, width: 79 })).toThrow(
      new RangeError('a ladder needs 80 columns, not 79'),
    );
  });
});

describe('as mermaid', () => {
  test('a handshake', () => {
    const bench = setUp();
    handshake(bench);
    bench.ladder.flush();
    expect(toMermaid(HOSTS, bench.rungs).split('\n')).toEqual([
      'sequenceDiagram',
      '  participant L as gateway',
      '  participant R as board',
      '  Note left of L: CLOSED',
      '  Note right of R: LISTEN',
      '  Note over L,R: #35;1 10.0.0.1:49152 #62; 10.0.0.2:80',
      '  Note left of L: SYN-SENT',
      '  L->>R: SYN seq=0 win=4380 #60;mss=1460#62;',
      '  Note right of R: SYN-RECEIVED',
      '  R->>L: SYN,ACK seq=0 ack=1 win=4380 #60;mss=1460#62;',
      '  Note left of L: ESTABLISHED',
      '  L->>R: ACK seq=1 ack=1 win=4380',
      '  Note right of R: ESTABLISHED',
      '',
    ]);
  });

  test('a lost frame and a retransmission', () => {
    const bench = setUp();
    bench.send({ from: 1, flags: SYN }, 'lost');
    bench.send({ from: 1, flags: SYN });
    bench.ladder.flush();
    expect(toMermaid(HOSTS, bench.rungs)).toContain(
      '  R-xL: SYN seq=0 win=4380\n  R->>L: SYN seq=0 win=4380 (retransmission)\n',
    );
  });
});
