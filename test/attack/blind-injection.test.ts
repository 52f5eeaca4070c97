// SPDX-License-Identifier: MIT
// RFC 5961: segments of an attacker who knows addresses and ports, but not the numbers. Each meets the same connection,
// at every offset around the window, and in steps over the whole space: what becomes of each is what the RFC
// says, judged here by its formulas. Nothing else may change, and not an octet of text.

import { describe, expect, test } from 'vitest';
import { STATES } from '../../host/machine/stack.ts';
import { expectFigure } from './figures.ts';
import { frameOf, Victim } from './victim.ts';
import type { Info } from './victim.ts';

const DISCARD = 9;
const CHARGEN = 19;
const SPACE = 2 ** 32;
/** What the peer offers, and never less: MAX.SND.WND. */
const PEER_WINDOW = 3_000;

interface Connection {
  victim: Victim;
  before: Info;
}

function connection(module: string, program: number): Connection {
  const victim = new Victim(module);
  victim.connect(program, { win: PEER_WINDOW });
  victim.station.advance(300); // what is delayed is said
  victim.said = [];
  victim.mark();
  return { victim, before: victim.info()! };
}

/** What a segment did, in a word. */
function effect({ victim, before }: Connection, seq: number, ack: number, flags: string, text = ''): string {
  victim.again();
  victim.deliver(
    frameOf(
      { seq: before.rcvNxt + seq, ack: before.sndUna + ack, flags, win: PEER_WINDOW, text },
      before.localPort,
    ),
  );
  const after = victim.info();
  const said = victim.segments();
  if (after === undefined) return said.length === 0 ? 'closed' : 'closed, answered';
  if (after.rcvNxt !== before.rcvNxt || after.intervals !== 0) return 'text taken';
  if (after.state !== before.state) return STATES[after.state]!;
  if (after.sndUna !== before.sndUna) return 'acknowledged';
  if (said.length === 0) return 'dropped';
  const isAck = said.every((s) => s.flags === 'A' && s.text === '' && s.ack === before.rcvNxt);
  return isAck && said.length === 1 ? 'ACK' : `answered by ${said.map((s) => s.flags).join()}`;
}

/** RFC 9293 §3.10.7.4 first: the four cases of the table. */
function isAcceptable(seq: number, len: number, wnd: number): boolean {
  const inWindow = (n: number): boolean => n >= 0 && n < wnd;
  return len === 0 ? inWindow(seq) : inWindow(seq) || inWindow(seq + len - 1);
}

/** RFC 5961 §3.2: exact, in the window, or not. */
function reset(seq: number, wnd: number): string {
  return seq === 0 ? 'closed' : isAcceptable(seq, 0, wnd) ? 'ACK' : 'dropped';
}

/** §5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT. */
function isBelieved(ack: number, flight: number): boolean {
  return ack >= -PEER_WINDOW && ack <= flight;
}

/** Every offset near both edges, and some in between and beyond. Fewer of a large window, whose memory is large, too. */
function offsets(wnd: number): number[] {
  const reach = wnd > 10_000 ? 8 : 200;
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  return [...new Set(steps.flatMap((n) => [n, wnd + n, Math.round((n * wnd * 8) / reach)]))];
}

describe.each(['port', 'board-port', 'large-port'])('at every offset around the window: %s', (module) => {
  const known = connection(module, DISCARD);
  const wnd = known.before.rcvWnd;

  test.each(['R', 'RA'])('5961-1 rst-exact-match: %s', (flags) => {
    for (const seq of offsets(wnd))
      expect([seq, effect(known, seq, 0, flags)]).toEqual([seq, reset(seq, wnd)]);
  });

  test.each(['S', 'SA', 'SPA', 'SFA'])(
    '5961-2 syn-challenge: %s is answered by an ACK and does nothing',
    (flags) => {
      for (const seq of offsets(wnd)) expect([seq, effect(known, seq, 0, flags)]).toEqual([seq, 'ACK']);
    },
  );

  test('SYN and RST together: a reset', () => {
    for (const seq of offsets(wnd)) {
      // It has a length: an octet before the window still touches it.
      const expected = seq === 0 ? 'closed' : isAcceptable(seq, 1, wnd) ? 'ACK' : 'dropped';
      expect([seq, effect(known, seq, 0, 'SR')]).toEqual([seq, expected]);
    }
  });

  test('without ACK nothing is taken', () => {
    for (const flags of ['', 'F', 'P']) {
      for (const seq of offsets(wnd)) {
        const expected = isAcceptable(seq, 1 + Number(flags === 'F'), wnd) ? 'dropped' : 'ACK';
        expect([seq, flags, effect(known, seq, 0, flags, 'x')]).toEqual([seq, flags, expected]);
      }
    }
  });

  test('5961-3 ack-range: text is taken in the window only, and there by an ACK in the range only', () => {
    for (const ack of [-PEER_WINDOW, 0, -PEER_WINDOW - 1, 1, -(2 ** 31), 2 ** 31 - 1]) {
      for (const seq of offsets(wnd)) {
        const isTaken = isAcceptable(seq, 100, wnd) && isBelieved(ack, 0);
        const expected = isTaken && seq + 100 > 0 ? 'text taken' : 'ACK';
        expect([seq, ack, effect(known, seq, ack, 'A', 'x'.repeat(100))]).toEqual([seq, ack, expected]);
      }
    }
  });
});

describe.each(['port', 'large-port'])('the ACK field, with text in flight: %s', (module) => {
  const known = connection(module, CHARGEN);
  const flight = (known.before.sndNxt - known.before.sndUna) >>> 0;

  test('5961-3: every offset around the range', () => {
    expect(flight).toBeGreaterThan(1_000);
    for (const ack of [...offsets(flight), ...offsets(PEER_WINDOW).map((n) => n - PEER_WINDOW)]) {
      if (ack === 0) continue; // a duplicate acknowledgment: it may have something sent again
      const expected =
        ack > 0 && ack <= flight ? 'acknowledged' : isBelieved(ack, flight) ? 'dropped' : 'ACK';
      expect([ack, effect(known, 0, ack, 'A')]).toEqual([ack, expected]);
    }
  });
});

describe.each(['port', 'large-port'])('a blind attacker goes over the whole space: %s', (module) => {
  const known = connection(module, DISCARD);
  // Resets meet a large window by the 66,859th at the latest; the whole space in steps of a small one takes a million.
  const windows = Math.ceil(SPACE / known.before.rcvWnd);

  test.each([
    ['R', 'blind resets'],
    ['S', 'blind SYNs'],
    ['A', 'blind text'],
  ])('%s: nothing gets through', (flags, name) => {
    const { victim, before } = known;
    const count = flags === 'R' && windows < 100_000 ? windows : 20_000;
    const stride = Math.floor(SPACE / count);
    victim.again();
    const effects = { closed: 0, text: 0, answers: 0 };
    for (let i = 0; i < count; i++) {
      const seq = before.rcvNxt + 1 + i * stride;
      const ack = before.sndUna + 2 ** 31 - i * stride;
      victim.deliver(frameOf({ seq, ack, flags, text: flags === 'A' ? 'x' : '' }, DISCARD));
      effects.answers += victim.segments().length;
    }
    const after = victim.info();
    effects.closed = Number(after === undefined);
    effects.text = ((after?.rcvNxt ?? 0) - before.rcvNxt) >>> 0;
    expect(effects).toMatchObject({ closed: 0, text: 0 });
    // Challenges are limited; text outside the window is answered each time, as RFC 9293 has it.
    if (flags !== 'A') expect(effects.answers).toBeLessThanOrEqual(5);
    expectFigure({
      attack: `over the whole space: ${name}, ${module}`,
      rate: `${count} at once`,
      measure: 'got through; ACKs that answer',
      undisturbed: '-',
      attacked: `0; ${effects.answers}`,
    });
  });
});

describe.each(['port', 'large-port'])(
  'the limit on challenge ACKs tells nothing of another connection: %s',
  (module) => {
    test('who counts his own challenges sees the same whether others are attacked or not', () => {
      const heard = (attacked: number): number => {
        const victim = new Victim(module);
        victim.connect(DISCARD);
        const own = victim.connect(DISCARD, { port: 50_001 });
        for (let i = 0; i < attacked; i++) victim.deliver(frameOf({ seq: 5_000, flags: 'S' }, DISCARD));
        victim.said = [];
        for (let i = 0; i < 100; i++) {
          victim.deliver(frameOf({ seq: own.rcvNxt + 10, flags: 'R', port: 50_001 }, DISCARD));
        }
        return victim.segments().length;
      };
      const alone = heard(0);
      expect([1, 5, 100].map(heard)).toEqual([alone, alone, alone]);
      expectFigure({
        attack: `challenge ACKs as a side channel, ${module}`,
        rate: '100 at once',
        measure: 'challenges of an own connection',
        undisturbed: String(alone),
        attacked: String(heard(100)),
      });
    });
  },
);
