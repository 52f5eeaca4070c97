// SPDX-License-Identifier: MIT
// What a hostile frame costs the interpreter, in operations of wasm3, answer included: no attacker gets more work out of
// the stack than an honest peer with a full segment, and nothing that he does makes the next frame dearer. The board's TCP,
// and that of the default profile, on the port link.

import { describe, expect, test } from 'vitest';
import { ops } from '../../host/machine/wasm3.ts';
import { emitOptions } from '../support/options.ts';
import { US } from '../support/targets.ts';
import { expectFigure } from './figures.ts';
import { errorFrame, frameOf, Victim } from './victim.ts';
import type { Forged, Info } from './victim.ts';

const DISCARD = 9;
const CHARGEN = 19;
const FRAMES = 500;
/** Operations that no hostile frame may exceed. */
const CEILING = 5_000;

type Hostile = (connection: Info, i: number) => Forged | Buffer;

const atNext = (c: Info, fields: Partial<Forged>): Forged => ({
  seq: c.rcvNxt,
  ack: c.sndUna,
  flags: 'A',
  ...fields,
});

const HOSTILE: [name: string, program: number, make: Hostile][] = [
  ['SYNs, new ports', DISCARD, (_, i) => ({ seq: i * 7_919, flags: 'S', port: 10_000 + i })],
  ['ACKs of no connection', DISCARD, (_, i) => ({ seq: i, ack: i, flags: 'A', port: 10_000 + i })],
  ['resets in the window', DISCARD, (c, i) => ({ seq: c.rcvNxt + 1 + i, flags: 'R' })],
  ['SYNs into a connection', DISCARD, (c, i) => ({ seq: c.rcvNxt + i, flags: 'S' })],
  ['text outside the window', DISCARD, (c, i) => atNext(c, { seq: c.rcvNxt + 2 ** 31 + i, text: 'x' })],
  ['one-octet segments', DISCARD, (c, i) => atNext(c, { seq: c.rcvNxt + i, text: 'x' })],
  [
    'one octet out of order, each apart',
    DISCARD,
    (c, i) => atNext(c, { seq: c.rcvNxt + 2 + 2 * i, text: 'x' }),
  ],
  [
    'one octet out of order, from behind',
    DISCARD,
    (c, i) => atNext(c, { seq: c.rcvNxt + 1_500 - 2 * i, text: 'x' }),
  ],
  [
    'text with wrong checksums',
    DISCARD,
    (c, i) => damaged(atNext(c, { seq: c.rcvNxt + 3 * i, text: 'x' }), DISCARD),
  ],
  ['options of one octet', DISCARD, (c) => atNext(c, { options: Array<number>(40).fill(1) })],
  ['options cut short', DISCARD, (c) => atNext(c, { options: [...Array<number>(38).fill(1), 5, 34] })],
  ['duplicate acknowledgments', CHARGEN, (c) => atNext(c, {})],
  ['ACKs beyond SND.NXT', CHARGEN, (c, i) => atNext(c, { ack: c.sndUna + 100_000 + i })],
  ['ACKs of one octet', CHARGEN, (c, i) => atNext(c, { ack: c.sndUna + i })],
  [
    'SACK lies, three blocks',
    CHARGEN,
    (c, i) => {
      const block = (n: number): [number, number] => [
        1 + ((i * 37 + n * 997) % 2_800),
        3 + ((i * 37 + n * 997) % 2_800),
      ];
      return atNext(c, {
        options: [1, 1, ...emitOptions({ sack: [block(0), block(1), block(2)] }, c.sndUna)],
      });
    },
  ],
  ['windows that open and close', CHARGEN, (c, i) => atNext(c, { seq: c.rcvNxt, win: i % 2 === 0 ? 0 : 1 })],
  ['ICMP, fragmentation needed', CHARGEN, (c) => errorFrame(3, 4, 68, { program: CHARGEN, seq: c.sndUna })],
];

function damaged(forged: Forged, program: number): Buffer {
  const frame = frameOf(forged, program);
  frame[frame.length - 1]! ^= 0x55;
  return frame;
}

/** Operations of each of FRAMES frames, the polls until the stack is at rest included. */
function costs(module: string, program: number, make: Hostile): number[] {
  const victim = new Victim(module, 'wasm3-counting');
  const known = victim.connect(program, { options: [1, 1, 4, 2], win: 3_000 });
  victim.said = [];
  return Array.from({ length: FRAMES }, (_, i) => {
    const made = make(known, i);
    const frame = Buffer.isBuffer(made) ? made : frameOf({ win: 3_000, ...made }, program);
    const before = ops();
    victim.deliver(frame);
    const cost = Number(ops() - before);
    victim.said = [];
    if (i % 50 === 49) victim.station.advance(10);
    return cost;
  });
}

describe.each(['board-port', 'port'])('operations of wasm3 for a hostile frame: %s', (module) => {
  test.each(HOSTILE)('%s', (name, program, make) => {
    const all = costs(module, program, make);
    const most = Math.max(...all);
    expect(most).toBeLessThan(CEILING);
    // The last are no dearer than the first: nothing piles up.
    const mean = (part: number[]): number => part.reduce((sum, n) => sum + n, 0) / part.length;
    expect(mean(all.slice(-100))).toBeLessThanOrEqual(1.5 * mean(all.slice(0, 100)) + 500);
    if (module === 'port')
      expectFigure({
        attack: `work: ${name}`,
        rate: 'each frame',
        measure: 'M3 ops at most, in hundreds',
        undisturbed: '-',
        attacked: String(Math.ceil(most / 100)),
      });
  });

  test('for comparison, an honest segment that is full', () => {
    const all = costs(module, DISCARD, (c, i) =>
      atNext(c, { seq: c.rcvNxt + 1_460 * i, text: 'x'.repeat(1_460) }),
    );
    const most = Math.max(...all);
    expect(US.port).toBe(4000);
    if (module === 'port')
      expectFigure({
        attack: 'work: an honest segment of 1,460 octets',
        rate: 'each frame',
        measure: 'M3 ops at most, in hundreds',
        undisturbed: String(Math.ceil(most / 100)),
        attacked: '-',
      });
  });
});
