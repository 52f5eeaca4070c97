// SPDX-License-Identifier: MIT
// The simulated Ethernet segment: who receives what, when, and what chance may do to it. All in virtual time.

import { describe, expect, test } from 'vitest';
import { MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import { Wire } from '../../host/net/wire.ts';
import type { Fate, Port, PortOptions, WireFrame, WireOptions } from '../../host/net/wire.ts';

/** What a port has received. */
interface Arrival {
  at: number;
  frame: Uint8Array;
  badFcs: boolean;
}

function setUp(options: WireOptions = {}) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const seen: WireFrame[] = [];
  wire.onFrame((frame) => seen.push(frame));
  const plug = (name: string, port: PortOptions = {}): Port & { arrivals: Arrival[] } => {
    const arrivals: Arrival[] = [];
    const receive = (frame: Uint8Array, { badFcs }: { badFcs: boolean }): void => {
      arrivals.push({ at: clock.now, frame, badFcs });
    };
    return Object.assign(wire.attach(name, receive, port), { arrivals });
  };
  const settle = (): void => {
    while (clock.step());
  };
  return { clock, wire, seen, plug, settle };
}

/** A frame of `length` octets that bears `mark`. */
function frameOf(mark: number, length = 60): Uint8Array {
  const frame = new Uint8Array(length).fill(0xa5);
  frame[12] = 0x88; // neither IPv4 nor ARP
  frame[14] = mark >> 8;
  frame[15] = mark;
  return frame;
}

function marks(arrivals: Arrival[]): number[] {
  return arrivals.map(({ frame }) => (frame[14]! << 8) | frame[15]!);
}

/** `count` frames on one wire from `a` to `b`, one per `everyMs`. */
function stream(options: WireOptions, count = 400, everyMs = 0) {
  const bench = setUp({ rateBps: 0, ...options });
  const a = bench.plug('a');
  const b = bench.plug('b', { checksFcs: true });
  for (let i = 0; i < count; i++) {
    bench.clock.at(i * everyMs * MILLISECOND, () => a.send(frameOf(i)));
  }
  bench.settle();
  const having = (fate: Fate): number[] => bench.seen.filter((s) => s.fate === fate).map((s) => s.number - 1);
  return { ...bench, b, having };
}

function bitsApart(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  a.forEach((octet, i) => {
    for (let x = octet ^ b[i]!; x > 0; x &= x - 1) count++;
  });
  return count;
}

/** A 100-octet IPv4 packet in a frame with some padding. */
function ipv4Frame(): Uint8Array {
  const frame = new Uint8Array(120).fill(0x11);
  frame.set([0x08, 0x00, 0x45, 0x00, 0, 100], 12);
  return frame;
}

describe('the segment', () => {
  test('a frame reaches every other port, and not its sender', () => {
    const { plug, settle } = setUp();
    const [a, b, c] = [plug('a'), plug('b'), plug('c')];
    a.send(frameOf(7));
    settle();
    expect([a, b, c].map((port) => marks(port.arrivals))).toEqual([[], [7], [7]]);
  });

  test('what is shorter than 60 octets arrives padded with zeros (IEEE 802.3 §3.2.8)', () => {
    const { plug, settle } = setUp();
    const [a, b] = [plug('a'), plug('b')];
    a.send(Uint8Array.of(1, 2, 3));
    settle();
    expect([...b.arrivals[0]!.frame]).toEqual([1, 2, 3, ...new Array<number>(57).fill(0)]);
  });

  test('the sender may reuse its octets at once', () => {
    const { plug, settle } = setUp();
    const [a, b] = [plug('a'), plug('b')];
    const frame = frameOf(1);
    a.send(frame);
    frame.fill(0);
    settle();
    expect(marks(b.arrivals)).toEqual([1]);
  });

  test('nobody receives from within send, however fast the wire', () => {
    const { plug, settle } = setUp({ rateBps: 0 });
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1));
    expect(b.arrivals).toEqual([]);
    settle();
    expect(marks(b.arrivals)).toEqual([1]);
  });

  test('a name is given once', () => {
    const { plug } = setUp();
    plug('a');
    expect(() => plug('a')).toThrow('a port named a is attached already');
  });
});

describe('rate', () => {
  test('10 Mbit/s is the default: a minimal frame takes preamble, 60 octets and FCS, 57.6 µs', () => {
    const { plug, settle } = setUp();
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1, 60));
    settle();
    expect(b.arrivals[0]!.at).toBe(57_600);
  });

  test('the next frame of a port waits for the gap of 12 octets as well', () => {
    const { plug, settle } = setUp();
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1, 60));
    a.send(frameOf(2, 1514));
    settle();
    expect(b.arrivals[1]!.at).toBe(57_600 + 9_600 + (8 + 1514 + 4) * 800);
  });

  test('both directions are used at once', () => {
    const { plug, settle } = setUp();
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1, 1514));
    b.send(frameOf(2, 60));
    settle();
    expect(a.arrivals[0]!.at).toBe(57_600);
  });

  test('0 is no limit', () => {
    const { plug, settle } = setUp({ rateBps: 0 });
    const [a, b] = [plug('a'), plug('b')];
    for (let i = 0; i < 3; i++) a.send(frameOf(i, 1514));
    settle();
    expect(b.arrivals.map(({ at }) => at)).toEqual([0, 0, 0]);
  });
});

describe('delay and jitter', () => {
  test('delay is added to every frame', () => {
    const { plug, settle } = setUp({ rateBps: 0, delayMs: 2.5 });
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1));
    settle();
    expect(b.arrivals[0]!.at).toBe(2_500_000);
  });

  test('jitter spreads arrivals between delay and delay + jitter', () => {
    const { b } = stream({ delayMs: 10, jitterMs: 4 }, 200, 20);
    const took = b.arrivals.map(({ at }, i) => at / MILLISECOND - i * 20);
    expect(Math.min(...took)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...took)).toBeLessThanOrEqual(14);
    expect(Math.min(...took)).toBeLessThan(10.5);
    expect(Math.max(...took)).toBeGreaterThan(13.5);
  });

  test('jitter alone reorders nothing', () => {
    const { b } = stream({ delayMs: 1, jitterMs: 50 }, 200, 1);
    expect(marks(b.arrivals)).toEqual([...Array(200).keys()]);
  });
});

describe('loss', () => {
  test('a lost frame is reported and reaches nobody', () => {
    const { b, seen } = stream({ loss: 1 }, 1);
    expect(b.arrivals).toEqual([]);
    expect(seen).toMatchObject([{ fate: 'lost', arrivesAt: undefined, number: 1, sender: 'a' }]);
  });

  test('about as many are lost as the probability says', () => {
    const { having } = stream({ loss: 0.2 }, 5000);
    expect(having('lost').length / 5000).toBeCloseTo(0.2, 1);
  });

  test('a greater probability loses the same frames and more', () => {
    const few = stream({ loss: 0.05 }).having('lost');
    const many = stream({ loss: 0.2 }).having('lost');
    expect(few.length).toBeGreaterThan(5);
    expect(many).toEqual(expect.arrayContaining(few));
  });
});

describe('reordering', () => {
  test('a frame that is held back is overtaken by later ones, and nothing is missing', () => {
    const { b, having } = stream({ reorder: 0.1 }, 400, 1);
    const order = marks(b.arrivals);
    expect(order).not.toEqual([...Array(400).keys()]);
    expect([...order].sort((x, y) => x - y)).toEqual([...Array(400).keys()]);
    const overtaken = order.filter((mark, i) => order.slice(0, i).some((earlier) => earlier > mark));
    expect(overtaken.length).toBeGreaterThan(20);
    expect(having('reordered')).toEqual(expect.arrayContaining(overtaken));
  });

  test('is measured in full frames on a slow wire', () => {
    const { plug, settle, wire } = setUp({ rateBps: 100_000 });
    wire.script = (frame) => (frame[15] === 0 ? 'reordered' : 'delivered');
    const [a, b] = [plug('a'), plug('b')];
    for (let i = 0; i < 5; i++) a.send(frameOf(i, 1514));
    settle();
    expect(marks(b.arrivals)[0]).toBe(1);
  });
});

describe('duplication', () => {
  test('the second copy arrives too, and is reported as duplicated', () => {
    const { b, seen } = stream({ duplicate: 1 }, 1);
    expect(marks(b.arrivals)).toEqual([0, 0]);
    expect(seen.map(({ fate, number }) => [fate, number])).toEqual([
      ['delivered', 1],
      ['duplicated', 1],
    ]);
  });

  test('a lost frame is not duplicated', () => {
    const { seen } = stream({ duplicate: 1, loss: 1 }, 1);
    expect(seen.map(({ fate }) => fate)).toEqual(['lost']);
  });
});

describe('corruption', () => {
  test('flips one to three bits and spoils the FCS', () => {
    const { seen } = stream({ corrupt: 1 });
    const flips = new Set(seen.map(({ frame, arrived }) => bitsApart(frame, arrived)));
    expect([...flips].sort()).toEqual([1, 2, 3]);
    expect(seen.every(({ badFcs, fate }) => badFcs && fate === 'corrupted')).toBe(true);
  });

  test('a port with a MAC is given the frame with its bad FCS', () => {
    const { b } = stream({ corrupt: 1 }, 1);
    expect(b.arrivals.map(({ badFcs }) => badFcs)).toEqual([true]);
  });

  test('other ports are spared it', () => {
    const { plug, settle } = setUp({ corrupt: 1 });
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1));
    settle();
    expect(b.arrivals).toEqual([]);
  });

  test('past the FCS one bit of the IPv4 packet flips, padding excluded', () => {
    const { plug, settle } = setUp({ corrupt: 1, corruptPastFcs: true });
    const [a, b] = [plug('a'), plug('b')];
    for (let i = 0; i < 300; i++) a.send(ipv4Frame());
    settle();
    const sent = ipv4Frame();
    const places = b.arrivals.map(({ frame }) => frame.findIndex((octet, i) => octet !== sent[i]));
    expect(new Set(b.arrivals.map(({ frame }) => bitsApart(frame, sent)))).toEqual(new Set([1]));
    expect(Math.min(...places)).toBe(14);
    expect(Math.max(...places)).toBe(14 + 99);
  });

  test('past the FCS only where an Internet checksum stands behind it', () => {
    const { b } = stream({ corrupt: 1, corruptPastFcs: true }, 20);
    expect(b.arrivals.every(({ badFcs }) => badFcs)).toBe(true);
  });
});

describe('chance', () => {
  const stormy = { loss: 0.1, reorder: 0.1, duplicate: 0.1, corrupt: 0.1, jitterMs: 3, delayMs: 5 };

  test('the same seed repeats bit for bit', () => {
    expect(stream({ ...stormy, seed: 4 }, 400, 1).seen).toEqual(stream({ ...stormy, seed: 4 }, 400, 1).seen);
  });

  test('another seed gives another run', () => {
    const lost = [1, 2].map((seed) => stream({ ...stormy, seed }).having('lost'));
    expect(lost[0]).not.toEqual(lost[1]);
  });

  test('what one direction carries changes nothing in the other', () => {
    const fates = (chatty: boolean): Fate[] => {
      const { plug, settle, seen } = setUp(stormy);
      const [a, b] = [plug('a'), plug('b')];
      for (let i = 0; i < 100; i++) {
        a.send(frameOf(i));
        if (chatty) b.send(frameOf(i));
      }
      settle();
      return seen.filter(({ sender }) => sender === 'a').map(({ fate }) => fate);
    };
    expect(fates(true)).toEqual(fates(false));
  });

  test('one impairment changes nothing in the others', () => {
    const alone = stream({ loss: 0.1 }).having('lost');
    const among = stream({ loss: 0.1, duplicate: 0.5, jitterMs: 9, reorder: 0.5 }).having('lost');
    expect(among).toEqual(alone);
  });
});

describe('one port', () => {
  test('may have impairments of its own', () => {
    const { plug, settle } = setUp();
    const [a, b] = [plug('a', { loss: 1 }), plug('b')];
    a.send(frameOf(1));
    b.send(frameOf(2));
    settle();
    expect([marks(a.arrivals), marks(b.arrivals)]).toEqual([[2], []]);
  });

  test('may be impaired while it runs', () => {
    const { plug, settle } = setUp({ rateBps: 0 });
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1));
    a.impair({ loss: 1 });
    a.send(frameOf(2));
    a.impair({ loss: 0 });
    a.send(frameOf(3));
    settle();
    expect(marks(b.arrivals)).toEqual([1, 3]);
  });
});

describe('a script', () => {
  test('decides before chance does', () => {
    const { wire, plug, settle, seen } = setUp({ loss: 1 });
    wire.script = (frame, sender) => (sender === 'a' && frame[15] === 2 ? 'duplicated' : undefined);
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1));
    a.send(frameOf(2));
    settle();
    expect(marks(b.arrivals)).toEqual([2, 2]);
    expect(seen.map(({ fate }) => fate)).toEqual(['lost', 'delivered', 'duplicated']);
  });
});

describe('watching', () => {
  test('tells when the last bit left and when it arrives', () => {
    const { plug, settle, seen } = setUp({ delayMs: 1 });
    const a = plug('a');
    plug('b');
    a.send(frameOf(1, 60));
    settle();
    expect(seen).toMatchObject([{ sentAt: 57_600, arrivesAt: 57_600 + MILLISECOND, fate: 'delivered' }]);
  });

  test('goes in the order in which frames leave', () => {
    const { plug, settle, seen } = setUp();
    const [a, b] = [plug('a'), plug('b')];
    a.send(frameOf(1, 1514));
    b.send(frameOf(2, 60));
    settle();
    expect(seen.map(({ sender }) => sender)).toEqual(['b', 'a']);
  });

  test('ends when asked to', () => {
    const { wire, plug, settle } = setUp();
    const frames: WireFrame[] = [];
    const stop = wire.onFrame((frame) => frames.push(frame));
    const a = plug('a');
    stop();
    a.send(frameOf(1));
    settle();
    expect(frames).toEqual([]);
  });
});

describe('options out of range are refused in one line', () => {
  test.each([
    [{ loss: 1.5 }, 'loss must be a probability from 0 to 1, not 1.5'],
    [{ reorder: -0.1 }, 'reorder must be a probability from 0 to 1, not -0.1'],
    [{ duplicate: NaN }, 'duplicate must be a probability from 0 to 1, not NaN'],
    [{ corrupt: 2 }, 'corrupt must be a probability from 0 to 1, not 2'],
    [{ delayMs: -1 }, 'delayMs must be 0 or more, not -1'],
    [{ jitterMs: Infinity }, 'jitterMs must be 0 or more, not Infinity'],
    [{ rateBps: -5 }, 'rateBps must be 0 or more, not -5'],
    [{ seed: 0.5 }, 'seed must be a whole number, not 0.5'],
  ])('%o', (options, message) => {
    expect(() => new Wire(new VirtualClock(), options)).toThrow(new RangeError(message));
  });

  test('of a port too, at once and later', () => {
    const { plug } = setUp();
    expect(() => plug('a', { loss: 2 })).toThrow(RangeError);
    expect(() => plug('b').impair({ delayMs: -1 })).toThrow(RangeError);
  });
});
