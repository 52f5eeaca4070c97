// SPDX-License-Identifier: MIT
// RFC 9293 §3.2 and §3.7.1: the options of a segment, and the MSS, the one that means something here.

import { describe, expect, test } from 'vitest';
import { readOptions } from '../support/options.ts';
import {
  DEFAULT_MSS,
  established,
  establishedActive,
  listening,
  MIN_MSS,
  octets,
  Option,
  synSent,
  targets,
} from '../vocabulary.ts';
import type { Target } from '../vocabulary.ts';

/** The MSS that comes of a SYN with these options. */
function mssAfter(target: Target, options: number[], headerLen?: number): number {
  const t = listening(target);
  t.peer.send('S', { options, ...(headerLen === undefined ? {} : { headerLen }) });
  if (t.expect('SA').options.includes(TIMESTAMPS[0]!)) t.peer.tsVal = 0x01020304;
  t.peer.send('A');
  t.accept();
  return t.getsockopt(Option.TCP_MAXSEG) as number;
}

const MSS_700 = [2, 4, 700 >>> 8, 700 & 0xff];
const SACK_PERMITTED = [4, 2];
const TIMESTAMPS = [8, 10, 1, 2, 3, 4, 0, 0, 0, 0];
const WINDOW_SCALE = [3, 3, 7];

describe.each(targets)('3.2 options: $name', (target) => {
  test('MUST-4 options-mandatory-set: no operation, MSS, end of list', () => {
    expect(mssAfter(target, [1, ...MSS_700, 0])).toBe(700);
    expect(mssAfter(target, [0, ...MSS_700])).toBe(DEFAULT_MSS);
    expect(mssAfter(target, [1, 1, 1, 1])).toBe(DEFAULT_MSS);
  });

  test('MUST-5 options-in-any-segment: segments with options are taken in every state', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello', options: TIMESTAMPS });
    t.peer.send('FA', { options: [1, 1, ...TIMESTAMPS] });
    t.expect('A', { ack: 7 });
    expect(t.recv()).toBe('hello');
    t.shutdown(1);
    t.expect('FA');
    t.peer.send('A', { options: TIMESTAMPS });
    expect(t.state()).toBe('CLOSED');
  });

  test('MUST-6 options-unknown-skipped: by their length', () => {
    expect(mssAfter(target, [253, 2, ...MSS_700])).toBe(700);
    expect(mssAfter(target, [254, 8, 2, 4, 1, 0, 9, 9, ...MSS_700])).toBe(700);
    expect(mssAfter(target, [...SACK_PERMITTED, ...TIMESTAMPS, ...WINDOW_SCALE, ...MSS_700])).toBe(700);
  });

  test('what we do not know is not answered, nor what was not offered', () => {
    const plain = listening(target);
    plain.peer.send('S', { mss: 1460 });
    expect([...plain.expect('SA').options]).toEqual([2, 4, target.mss >>> 8, target.mss & 0xff]);
    const t = listening(target);
    t.peer.send('S', { mss: 1460, options: [...SACK_PERMITTED, 34, 2, ...TIMESTAMPS, ...WINDOW_SCALE] });
    const { scale, ts } = readOptions(
      t.expect('SA', { mss: target.mss, sackOk: target.hasSack || undefined }).options,
      0,
    );
    expect({ scale: scale !== undefined, ts: ts !== undefined }).toEqual({
      scale: target.isFull,
      ts: target.isFull,
    });
    if (target.isFull) return;
    t.peer.send('A', { win: 1000 });
    expect(t.info()?.sndWnd).toBe(1000);
  });

  test.each([
    ['a length of 0', [5, 0, ...MSS_700]],
    ['a length of 1', [5, 1, ...MSS_700]],
    ['an MSS of length 0', [2, 0, 2, 188]],
    ['an MSS of length 3', [2, 3, 2, 1]],
    ['an MSS of length 5', [2, 5, 2, 188, 0]],
    ['a length beyond the header', [5, 200, 1, 1]],
    ['an MSS that the header cuts off', [1, 1, 2, 4]],
    ['a kind without its length', [1, 1, 1, 5]],
  ])('MUST-7 options-illegal-length-survived: %s', (_, options) => {
    expect(mssAfter(target, options)).toBe(DEFAULT_MSS);
  });

  test('MUST-7: forty octets of nonsense', () => {
    for (const fill of [0, 1, 2, 3, 5, 255]) {
      expect(
        mssAfter(
          target,
          Array.from({ length: 40 }, () => fill),
        ),
      ).toBeGreaterThanOrEqual(MIN_MSS);
    }
  });

  test('a header length below five words, or beyond the segment, is malformed', () => {
    const t = listening(target);
    for (const headerLen of [0, 4, 6, 15]) t.peer.send('S', { headerLen });
    t.silence();
    expect(t.counter('TcpMalformed')).toBe(4);
  });

  test('MUST-64 options-unaligned: an option may begin at any octet', () => {
    for (const before of [1, 2, 3, 5]) {
      const nops = Array.from({ length: before }, () => 1);
      expect(mssAfter(target, [...nops, ...MSS_700])).toBe(700);
    }
  });

  test('MUST-65 mss-only-in-syn: an MSS outside a SYN is ignored; ours is sent in SYNs only', () => {
    const t = established(target);
    t.peer.send('A', { mss: 100 });
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(target.mss);
    t.send('hello');
    expect(t.expect('A').options.length).toBe(0);
  });

  test('MUST-68 options-length-byte, MUST-69 options-padding-zero: those of a SYN fill whole words, each aligned by NOPs', () => {
    const t = synSent(target);
    t.advance(1_000);
    const { options } = t.expect('S');
    const mss = [2, 4, target.mss >>> 8, target.mss & 0xff];
    const sackOk = target.hasSack ? [1, 1, 4, 2] : [];
    const [clock, echo] = target.isFull ? [[...options.subarray(12, 16)], [0, 0, 0, 0]] : [[], []];
    const rest = target.isFull ? [1, 1, 8, 10, ...clock, ...echo, 1, 3, 3, 0] : [];
    expect([...options]).toEqual([...mss, ...sackOk, ...rest]);
  });

  test('reserved bits and, where we have no ECN, its bits in the header are ignored', () => {
    const t = listening(target);
    t.peer.send(target.isFull ? 'S' : 'SEC', { reserved: 0x0f });
    t.expect('SA');
    t.peer.send('A', { reserved: 0x0e });
    expect(t.state()).toBe('ESTABLISHED');
  });
});

describe.each(targets)('3.7.1 maximum segment size: $name', (target) => {
  test('MUST-14 mss-send-and-honour, SHLD-5, MAY-3 mss-sent-in-syn: in SYN and in SYN,ACK', () => {
    const active = synSent(target);
    active.advance(1_000);
    active.expect('S', { mss: target.mss });
    const t = listening(target);
    t.peer.send('S', { mss: 600 });
    t.expect('SA', { mss: target.mss });
    t.peer.send('A');
    t.accept();
    t.send(octets(1300));
    t.expect('A', { len: 600 });
    t.expect('A', { len: 600 });
    t.forget();
  });

  test('MUST-15 mss-default-when-absent: 536', () => {
    expect(mssAfter(target, [])).toBe(DEFAULT_MSS);
    const t = synSent(target);
    t.peer.send('SA');
    t.expect('A');
    t.send(octets(2 * DEFAULT_MSS));
    t.expect('A', { len: DEFAULT_MSS });
    t.expect('A', { len: DEFAULT_MSS });
  });

  test('MUST-16 mss-effective-send-size: the smaller of the peer’s and what the link carries', () => {
    for (const [mss, effective] of [
      [65535, target.mss],
      [target.mss, target.mss],
      [800, 800],
    ] as const) {
      const t = establishedActive(target, { mss });
      expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(effective);
    }
  });

  test('until the peer has spoken it is what the link carries', () => {
    expect(synSent(target).getsockopt(Option.TCP_MAXSEG)).toBe(target.mss);
  });

  test('mem-1 dos-tiny-mss: an MSS below the floor is raised to it', () => {
    for (const mss of [1, 20, MIN_MSS - 1, MIN_MSS]) {
      const t = establishedActive(target, { mss });
      expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(MIN_MSS);
    }
  });

  test('MUST-67 mss-sent-bounded-by-mms-r: what we announce fits the link and the ring', () => {
    const t = synSent(target);
    t.advance(1_000);
    t.expect('S', { mss: target.mss });
    expect(target.mss).toBeLessThanOrEqual(Math.min(1460, target.ring));
  });

  test('SHLD-28 segment-max-size: segments are as large as possible', () => {
    const t = established(target);
    t.send(octets(target.mss));
    t.send(octets(target.mss, target.mss));
    t.expect('A', { seq: 1, len: target.mss });
    t.expect('A', { seq: 1 + target.mss, len: target.mss });
  });
});
