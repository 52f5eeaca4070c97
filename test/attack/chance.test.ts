// SPDX-License-Identifier: MIT
// What an attacker would have to guess, judged by a statistic: initial sequence numbers
// (RFC 6528), the offsets of timestamps (RFC 7323 §7.1), ephemeral ports (RFC 6056); and IP identifications, which tell
// nothing (RFC 6864). Chi-square over 256 classes of the highest and of the lowest octet, serial correlation, differences.
// The secret is fixed, so the figures are.

import { describe, expect, test } from 'vitest';
import { parse } from '../support/frames.ts';
import type { TcpSegment } from '../support/frames.ts';
import { emitOptions, readOptions } from '../support/options.ts';
import { expectFigure } from './figures.ts';
import { frameOf, Victim } from './victim.ts';

const COUNT = 100_000;
/** Of the other series. */
const FEWER = 20_000;
const DISCARD = 9;
const TICKS_PER_MS = 250;
/** Chi-square of 255 degrees of freedom: but one in a thousand lies outside each bound. */
const CHI_LOW = 190;
const CHI_HIGH = 330;

/** Chi-square of `values`, each a class of `classes`. */
function chiSquare(values: number[], classes: number): number {
  const seen = new Float64Array(classes);
  for (const value of values) seen[value]!++;
  const expected = values.length / classes;
  return seen.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

/** Correlation of each value with the next. */
function serialCorrelation(values: number[]): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  let covariance = 0;
  let variance = 0;
  values.forEach((v, i) => {
    variance += (v - mean) ** 2;
    if (i > 0) covariance += (v - mean) * (values[i - 1]! - mean);
  });
  return covariance / variance;
}

interface Verdict {
  high: number;
  low: number;
  differences: number;
  correlation: number;
}

function judge(values: number[]): Verdict {
  const differences = values.slice(1).map((v, i) => (v - values[i]!) >>> 0);
  return {
    high: chiSquare(
      values.map((v) => v >>> 24),
      256,
    ),
    low: chiSquare(
      values.map((v) => v & 0xff),
      256,
    ),
    differences: chiSquare(
      differences.map((v) => v >>> 24),
      256,
    ),
    correlation: serialCorrelation(values),
  };
}

function expectUniform(name: string, values: number[]): void {
  const verdict = judge(values);
  for (const chi of [verdict.high, verdict.low, verdict.differences]) {
    expect(chi).toBeGreaterThan(CHI_LOW);
    expect(chi).toBeLessThan(CHI_HIGH);
  }
  expect(Math.abs(verdict.correlation)).toBeLessThan(4 / Math.sqrt(values.length));
  expectFigure({
    attack: `guessing: ${name}`,
    rate: `${values.length} numbers`,
    measure: 'chi-square high, low, differences (255 ± 68); correlation',
    undisturbed: '-',
    attacked: `${Math.round(verdict.high)}, ${Math.round(verdict.low)}, ${Math.round(verdict.differences)}; ${verdict.correlation.toFixed(4)}`,
  });
}

/** What a SYN from there is answered with; reset again, so that the queue is empty. */
function answered(victim: Victim, address: number, port: number, options: number[] = []): TcpSegment {
  victim.station.deliver(frameOf({ seq: 1, flags: 'S', address, port, options }, DISCARD));
  const [segment] = victim.segments();
  victim.station.deliver(frameOf({ seq: 2, flags: 'R', address, port }, DISCARD));
  return segment!;
}

/** The i-th of many remote ends, neighbours in port and address as an attacker would have them. */
function end(i: number): { address: number; port: number } {
  return { address: 0x0a000010 + (i & 127), port: 1_024 + (i >>> 7) };
}

describe('initial sequence numbers', () => {
  const victim = new Victim('port');
  const issOf = (i: number): number => {
    const { address, port } = end(i);
    return answered(victim, address, port).seq;
  };

  test('of 100,000 neighbouring ends: uniform, and each says nothing of the next', () => {
    expectUniform(
      'initial sequence numbers',
      Array.from({ length: COUNT }, (_, i) => issOf(i)),
    );
  });

  test('of one end: they rise with the clock, 250 a millisecond', () => {
    let last = issOf(5);
    for (let i = 0; i < 1_000; i++) {
      victim.station.advance(7);
      const next = issOf(5);
      expect((next - last) >>> 0).toBe(7 * TICKS_PER_MS);
      last = next;
    }
  });

  test('with SYN cookies: uniform but for the three bits that tell the MSS', () => {
    const flooded = new Victim('port');
    const cookies = Array.from({ length: FEWER }, (_, i) => {
      const { address, port } = end(i);
      flooded.station.deliver(frameOf({ seq: 1, flags: 'S', address, port }, DISCARD));
      return flooded.segments()[0]!.seq;
    }).slice(16);
    expect(flooded.counter('TcpCookiesOut')).toBeGreaterThan(FEWER - 100);
    // The three lowest bits are replaced by the three highest.
    expectUniform(
      'SYN cookies',
      cookies.map((v) => ((v & ~7) | (v >>> 29)) >>> 0),
    );
  });
});

test('large-port: offsets of timestamps are uniform, and another hash than that of the ISS', () => {
  const victim = new Victim('large-port');
  const options = [1, 1, ...emitOptions({ ts: [1, 0] }, 0)];
  const isns: number[] = [];
  const stamps = Array.from({ length: FEWER }, (_, i) => {
    const { address, port } = end(i);
    const segment = answered(victim, address, port, options);
    isns.push(segment.seq);
    return readOptions(segment.options, 0).ts![0];
  });
  expectUniform('offsets of timestamps', stamps);
  expectUniform(
    'offsets of timestamps less ISS',
    stamps.map((v, i) => (v - isns[i]!) >>> 0),
  );
});

test('ephemeral ports: of each destination the next, but where they begin is uniform', () => {
  const victim = new Victim('port');
  const { socket, connect, abort } = victim.station.call;
  const portTo = (address: number): number => {
    const s = socket!();
    connect!(s, address, 80);
    victim.station.run();
    const [segment] = victim.segments();
    abort!(s);
    victim.station.run();
    return segment!.srcPort;
  };
  const count = 4_000;
  // A counter is added to the hash: what is left of it is the hash alone.
  const starts = Array.from(
    { length: count },
    (_, i) => (portTo(0x0a000010 + (i % 200)) - 49_152 - i) & 0x3fff,
  );
  const perDestination = new Set(starts.map((start, i) => `${i % 200} ${start}`));
  expect(perDestination.size).toBe(200);
  // 200 starts over 16,384 ports, in 16 classes: 15 degrees of freedom.
  const chi = chiSquare(
    starts.slice(0, 200).map((start) => start >>> 10),
    16,
  );
  expect(chi).toBeLessThan(38);
  const [a, b] = [portTo(0x0a000010), portTo(0x0a000011)];
  expect(Math.abs(a - b)).toBeGreaterThan(1);
  expectFigure({
    attack: 'guessing: where ephemeral ports begin',
    rate: '200 destinations',
    measure: 'chi-square of 16 classes (15, below 38)',
    undisturbed: '-',
    attacked: String(Math.round(chi)),
  });
});

test('IP identification: 0 and DF on everything, RFC 6864: no counter to read', () => {
  const victim = new Victim('port');
  const seen = new Set<string>();
  victim.station.onFrame = (frame) => {
    const packet = parse(frame);
    if (packet.kind !== 'arp') seen.add(packet.octets.subarray(4, 8).toString('hex'));
  };
  for (let i = 0; i < 200; i++) {
    const { address, port } = end(i);
    victim.station.deliver(frameOf({ seq: 1, flags: 'S', address, port }, DISCARD));
    victim.station.deliver(frameOf({ seq: 1, ack: 1, flags: 'A', address, port }, 4_242));
  }
  expect([...seen]).toEqual(['00004000']);
});
