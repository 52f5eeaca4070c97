// SPDX-License-Identifier: MIT
// IPv4 reassembly against a model: fragments of a few datagrams in any order, some twice, some that overlap or bring other
// octets, with pauses between them. The stack replies to the echo requests that come together in the model, to no other,
// and with their octets. The model keeps octets, where the stack has a table of blocks.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitIcmp, ICMP } from '../support/frames.ts';
import { fullTargets, octets, open } from '../vocabulary.ts';
import { fragment } from './fragments.ts';

const ECHO = 8;
const QUIET = 200;

interface Fragment {
  id: number;
  at: number;
  text: Buffer;
  isLast: boolean;
  /** Milliseconds before it. */
  pause: number;
}

/** What is known of the one datagram that has the buffer. */
class Model {
  private id = -1;
  private isOver = true;
  private heardAt = -Infinity;
  private held = new Map<number, number>();
  private end = 0;
  private total = 0;

  /** The payload, if `f` makes it whole. */
  add(f: Fragment, now: number): Buffer | undefined {
    const end = f.at + f.text.length;
    if (f.text.length === 0 || (!f.isLast && f.text.length % 8 > 0)) return undefined;
    if (f.id !== this.id || this.isOver) {
      const isFree = now - this.heardAt >= QUIET;
      if (!isFree && (f.id === this.id || (!this.isOver && f.at > 0))) return undefined;
      Object.assign(this, { id: f.id, isOver: false, held: new Map(), end: 0, total: 0 });
    }
    const known = [...f.text].filter((_, i) => this.held.has(f.at + i)).length;
    const isSame = f.text.every((octet, i) => this.held.get(f.at + i) === octet);
    const contradicts = f.isLast
      ? end < this.end || (this.total > 0 && end !== this.total)
      : this.total > 0 && end > this.total;
    if (!contradicts && known > 0 && isSame) return undefined;
    if (contradicts || known > 0) {
      this.isOver = true;
      return undefined;
    }
    f.text.forEach((octet, i) => this.held.set(f.at + i, octet));
    this.heardAt = now;
    this.end = Math.max(this.end, end);
    if (f.isLast) this.total = end;
    if (this.held.size !== this.total) return undefined;
    this.isOver = true;
    return Buffer.from(Uint8Array.from({ length: this.total }, (_, i) => this.held.get(i)!));
  }
}

const PAUSE = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }) },
);

/** An echo request of `len` octets, by id, cut at some multiples of eight. */
const DATAGRAM = fc.record({
  len: fc.integer({ min: 1, max: 120 }),
  cuts: fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { maxLength: 6 }),
});

/** One that is not as the sender cut it: another piece of the datagram, perhaps with another first octet. */
const FORGED = fc.record({
  of: fc.nat({ max: 2 }),
  at: fc.nat({ max: 15 }),
  len: fc.nat({ max: 48 }),
  isLast: fc.boolean(),
  change: fc.boolean(),
});

const SERIES = fc
  .record({
    datagrams: fc.array(DATAGRAM, { minLength: 1, maxLength: 3 }),
    forged: fc.array(FORGED, { maxLength: 3 }),
    twice: fc.array(fc.nat(), { maxLength: 4 }),
    isSorted: fc.boolean(),
  })
  .chain(({ datagrams, forged, twice, isSorted }) => {
    const requests = datagrams.map(({ len }, id) =>
      emitIcmp(ECHO, 0, id, Buffer.from(octets(len, id), 'latin1')),
    );
    const cut = requests.flatMap((request, id) => {
      const cuts = [0, ...datagrams[id]!.cuts.map((block) => block * 8).sort((a, b) => a - b)];
      const ends = cuts.filter((at) => at < request.length);
      return ends.map((at, i) => {
        const text = request.subarray(at, ends[i + 1]);
        return { id, at, text, isLast: i === ends.length - 1 };
      });
    });
    const copies = twice.map((i) => cut[i % cut.length]!);
    const others = forged.map(({ of, at, len, isLast, change }) => {
      const request = requests[of % requests.length]!;
      const text = Buffer.alloc(len);
      request.copy(text, 0, Math.min(at * 8, request.length), Math.min(at * 8 + len, request.length));
      if (change && len > 0) text[0]! ^= 1;
      return { id: of % requests.length, at: at * 8, text, isLast };
    });
    const all = [...cut, ...copies, ...others]
      // The bits of one that is at 0 and the last say that it is no fragment.
      .filter(({ at, isLast }) => at > 0 || !isLast);
    const orders = fc.shuffledSubarray([...all.keys()], { minLength: all.length });
    const order = isSorted ? fc.constant([...all.keys()]) : orders;
    return fc
      .tuple(order, fc.array(PAUSE, { minLength: all.length, maxLength: all.length }))
      .map(([indices, pauses]) => indices.map((i, k): Fragment => ({ ...all[i]!, pause: pauses[k]! })));
  });

describe.each(fullTargets)('IPv4 reassembly against a model: $name', (target) => {
  test('1122-I6, 791-1: any fragments in any order', () => {
    let whole = 0;
    fc.assert(
      fc.property(SERIES, (series) => {
        const t = open(target);
        const model = new Model();
        for (const f of series) {
          t.advance(f.pause);
          t.deliver(fragment(t.peer, { protocol: ICMP, id: f.id }, f));
          const request = model.add(f, t.now);
          const isIntact = request !== undefined && isGood(request);
          if (isIntact) {
            whole++;
            expect(t.expectIcmp({ type: 0 }).data.equals(request.subarray(8))).toBe(true);
          }
          expect(t.others).toEqual([]);
        }
        t.end();
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(whole).toBeGreaterThan(200);
  });
});

/** An echo request whose checksum is right: forged octets may have become part of it. */
function isGood(request: Buffer): boolean {
  if (request.length < 8 || request[0] !== ECHO || request[1] !== 0) return false;
  return emitIcmp(ECHO, 0, request.readUInt32BE(4), request.subarray(8)).equals(request);
}
