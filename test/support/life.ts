// SPDX-License-Identifier: MIT
// A life of one connection as chance has it, but plausible: handshake, then segments of the peer, calls of the user and time, in
// any order. A step names places, not numbers: "what was waited for", "half of what is out"; the numbers are those of
// the connection when its turn comes, so that a life can be made shorter and stays one.

import fc from 'fast-check';

/** The longest text of a segment. */
export const MOST = 1_460;

/** How the connection begins. */
export interface Beginning {
  irs: number;
  mss: number;
  win: number;
  sackOk: boolean;
  stamps: boolean;
  scale: number | null;
  ecn: boolean;
  nodelay: boolean;
  keepAlive: boolean;
  /** ms, 0 = as it is. */
  userTimeout: number;
  /** The stack knows the peer's MAC address before. */
  isKnown: boolean;
  /** The stack opens; else the peer. */
  active: boolean;
  /** The handshake takes so long, ms: beyond a second our SYN has to be repeated. */
  delay: number;
  /** Of the ACK that ends the handshake: control bits, octets of text, what is in it besides, how far ahead it is. */
  last: { flags: string; len: number; options: SegmentStep['options']; ahead: number };
}

/** A segment of the peer. */
export interface SegmentStep {
  kind: 'segment';
  seq: 'next' | 'gap' | 'old' | 'overlap' | 'edge' | 'far';
  by: number;
  len: number | 'window' | 'more';
  ack: 'all' | 'half' | 'one' | 'same' | 'old' | 'future' | 'far';
  win: 'same' | 'zero' | 'small' | 'most' | number;
  flags: string;
  options: 'none' | 'nop' | 'sack' | 'uto' | 'stale' | 'bare';
  reserved: number;
  checksumError: number;
  tos: number;
  /** So many like it, one behind the other. */
  times: number;
}

export type Step =
  | SegmentStep
  | { kind: 'other' }
  | { kind: 'write'; len: number; urgent: boolean }
  | { kind: 'read'; len: number }
  | { kind: 'time'; ms: number }
  | { kind: 'hold'; on: boolean }
  | { kind: 'shutdown'; how: number }
  | { kind: 'patience'; ms: number }
  | { kind: 'close' };

const often = <T>(usual: T, rate: number, rest: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: rate, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rest });

export const beginning: fc.Arbitrary<Beginning> = fc.record({
  irs: fc.constantFrom(5_000, 0xffffffff, 0xfffffc00, 0x7ffffff0),
  mss: often(MOST, 2, fc.constantFrom(64, 536)),
  win: fc.constantFrom(0, 100, 3_000, 20_000, 65_535),
  sackOk: fc.boolean(),
  stamps: often(false, 3, fc.constant(true)),
  scale: often<number | null>(null, 1, fc.constantFrom(0, 2, 7)),
  ecn: often(false, 4, fc.constant(true)),
  nodelay: fc.boolean(),
  keepAlive: often(false, 4, fc.constant(true)),
  userTimeout: often(0, 1, fc.constantFrom(1_000, 1_000, 3_000, 90_000)),
  isKnown: fc.boolean(),
  active: often(false, 3, fc.constant(true)),
  delay: often(0, 2, fc.constantFrom(100, 1_200, 1_200)),
  last: fc.record({
    flags: often('A', 4, fc.constantFrom('PA', 'FA', 'UA', 'EA', 'CA')),
    len: often(0, 5, fc.constantFrom(1, 10)),
    options: often<SegmentStep['options']>('none', 5, fc.constantFrom('nop', 'sack', 'uto')),
    ahead: often(0, 8, fc.constantFrom(-1, 1, 100)),
  }),
});

const segment: fc.Arbitrary<SegmentStep> = fc.record({
  kind: fc.constant('segment' as const),
  seq: often<SegmentStep['seq']>(
    'next',
    4,
    fc.constantFrom('gap', 'gap', 'gap', 'old', 'overlap', 'edge', 'far'),
  ),
  by: fc.constantFrom(1, 1, 7, 64, 500, 1_460, 2_920),
  len: fc.oneof(
    { weight: 4, arbitrary: fc.constant<SegmentStep['len']>(0) },
    { weight: 5, arbitrary: fc.constantFrom<SegmentStep['len'][]>(1, 7, 64, 500, 1_459, 1_460, 1_460) },
    { weight: 1, arbitrary: fc.constantFrom<SegmentStep['len'][]>('window', 'more') },
  ),
  ack: often<SegmentStep['ack']>(
    'all',
    2,
    fc.constantFrom('half', 'one', 'same', 'same', 'old', 'future', 'far'),
  ),
  win: often<SegmentStep['win']>(
    'same',
    3,
    fc.constantFrom<SegmentStep['win'][]>('zero', 'small', 'most', 1_000, 9_000),
  ),
  flags: often(
    'A',
    6,
    fc.constantFrom(
      ...['PA', 'PA', 'PA', 'PA', 'PA', 'UA', 'EA', 'CA', 'ECPA', 'FA', 'FPA', 'SA', 'S', 'F', '', 'RA', 'R'],
    ),
  ),
  options: often<SegmentStep['options']>(
    'none',
    8,
    fc.constantFrom('nop', 'sack', 'sack', 'sack', 'uto', 'stale', 'bare'),
  ),
  reserved: often(0, 40, fc.constantFrom(1, 2, 8)),
  checksumError: often(0, 20, fc.constantFrom(1, 0x8000)),
  tos: often(0, 12, fc.constant(3)),
  times: often(1, 8, fc.constantFrom(2, 3, 4)),
});

/** What a peer says that misses something. */
const duplicate: fc.Arbitrary<SegmentStep> = fc.record({
  kind: fc.constant('segment' as const),
  seq: fc.constant('next' as const),
  by: fc.constantFrom(64, 536, 1_460),
  len: fc.constant(0),
  ack: fc.constant('same' as const),
  win: fc.constant('same' as const),
  flags: fc.constant('A'),
  options: fc.constantFrom<SegmentStep['options'][]>('none', 'sack'),
  reserved: fc.constant(0),
  checksumError: fc.constant(0),
  tos: fc.constant(0),
  times: fc.constantFrom(1, 2, 3, 4),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: segment },
  { weight: 2, arbitrary: duplicate },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('other' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      len: fc.constantFrom(1, 64, 500, 1_460, 3_000, 20_000),
      urgent: often(false, 12, fc.constant(true)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('read' as const), len: fc.constantFrom(1, 100, 1_460, 70_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      ms: fc.constantFrom(1, 3, 10, 50, 100, 100, 200, 251, 700, 1_000, 1_000, 3_000, 61_000, 700_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('shutdown' as const), how: fc.constantFrom(0, 1, 2) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('patience' as const), ms: fc.constantFrom(1_000, 90_000) }),
      },
    ),
  },
);

export const life: fc.Arbitrary<[Beginning, Step[]]> = fc.tuple(
  beginning,
  fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
);

const plain: SegmentStep = {
  ...({
    kind: 'segment',
    seq: 'next',
    by: 1,
    len: 0,
    ack: 'all',
    win: 'same',
    flags: 'A',
    options: 'none',
  } as const),
  ...{ reserved: 0, checksumError: 0, tos: 0, times: 1 },
};
const simple: Beginning = {
  ...{
    irs: 5_000,
    mss: MOST,
    win: 20_000,
    sackOk: false,
    stamps: false,
    scale: null,
    ecn: false,
    nodelay: false,
  },
  ...{ keepAlive: false, userTimeout: 0, isKnown: true, active: false, delay: 0 },
  last: { flags: 'A', len: 0, options: 'none', ahead: 0 },
};

/** Lives that chance seldom hits on, and that have shown a difference once. */
export const found: [Beginning, Step[]][] = [
  // A segment that was overtaken by one that told another window.
  [
    simple,
    [
      { kind: 'write', len: 1, urgent: false },
      { ...plain, seq: 'gap', ack: 'same', win: 'most' },
      { ...plain, win: 'zero' },
    ],
  ],
  // A user timeout shorter than the retransmission timeout.
  [
    { ...simple, active: true, delay: 1_200, userTimeout: 1_000 },
    [
      { kind: 'write', len: 3_000, urgent: false },
      { ...plain, ack: 'half' },
      { kind: 'time', ms: 3_000 },
    ],
  ],
  // An ACK with nothing left to send, while the neighbour was asked for anew.
  [simple, [{ kind: 'write', len: 1, urgent: false }, { kind: 'time', ms: 7_000 }, plain]],
  // The ACK of our FIN, corrupt.
  [
    simple,
    [
      { ...plain, flags: 'FA' },
      { kind: 'shutdown', how: 1 },
      { ...plain, checksumError: 1 },
    ],
  ],
  // The same without the timestamps that were agreed.
  [
    { ...simple, stamps: true },
    [
      { ...plain, flags: 'FA' },
      { kind: 'shutdown', how: 1 },
      { ...plain, options: 'bare' },
    ],
  ],
  // Nothing new from one that misses a segment, then half of it: partial acknowledgments.
  [
    { ...simple, win: 65_535 },
    [
      { kind: 'write', len: 20_000, urgent: false },
      { ...plain, ack: 'same', times: 4 },
      { ...plain, ack: 'half', times: 2 },
      { kind: 'time', ms: 3_000 },
      { ...plain, ack: 'half', times: 4 },
      { kind: 'time', ms: 3_000 },
    ],
  ],
];
