// SPDX-License-Identifier: MIT
// Forged ICMP against a connection that moves text, RFC 5927: errors of all kinds from an attacker who does not know the
// sequence numbers, and from one who reads along. The blind one is not even heard; the other may make segments smaller,
// down to 536 octets, and nothing else.

import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '../../host/machine/address.ts';
import { battle } from './battlefield.ts';
import type { Field } from './battlefield.ts';
import { expectFigure, kilobytes } from './figures.ts';
import { errorFrame } from './victim.ts';

const RATE = 1_000;

const ERRORS: [name: string, type: number, code: number, rest: number][] = [
  ['network unreachable', 3, 0, 0],
  ['host unreachable', 3, 1, 0],
  ['protocol unreachable', 3, 2, 0],
  ['port unreachable', 3, 3, 0],
  ['fragmentation needed, MTU 68', 3, 4, 68],
  ['fragmentation needed, MTU 0', 3, 4, 0],
  ['administratively prohibited', 3, 13, 0],
  ['source quench', 4, 0, 0],
  ['redirect', 5, 1, 0x0a000063],
  ['time exceeded', 11, 0, 0],
  ['parameter problem', 12, 0, 0],
];

function forge(field: Field, [, type, code, rest]: (typeof ERRORS)[number], seq: number): void {
  const { remotePort, remoteAddress } = field.connection;
  const quoted = { program: field.program, seq, port: remotePort, address: remoteAddress };
  field.throw(
    errorFrame(type, code, rest, quoted, { address: parseIpv4('10.0.0.2'), mac: field.victim.mac }),
  );
}

describe.each(['port', 'large-port'])('%s', (module) => {
  test('blind, of every kind in turn: goodput and segments stay as they are', () => {
    let n = 0;
    const { peace, attacked, field } = battle({ module, seconds: 1 }, (f) =>
      f.every(RATE, () => {
        const { sndUna } = f.connection;
        forge(f, ERRORS[n++ % ERRORS.length]!, sndUna + 1_000_000 + n * 64_240);
      }),
    );
    expect(attacked).toBeGreaterThanOrEqual(0.99 * peace);
    expect(field.connection.mss).toBe(1_460);
    expect(field.connection.softError).toBe(0);
    expectFigure({
      attack: `forged ICMP, blind, every kind, ${module}`,
      rate: `${RATE}/s`,
      measure: 'goodput',
      undisturbed: kilobytes(peace),
      attacked: kilobytes(attacked),
    });
  });

  // The others do the same everywhere.
  const errors = module === 'port' ? ERRORS : ERRORS.filter(([, type, code]) => type === 3 && code >= 3);

  test.each(errors)('%s, with a number in flight', (...error) => {
    const [name] = error;
    const isPathMtu = name.startsWith('fragmentation');
    const { peace, attacked, field } = battle({ module, seconds: 1 }, (f) =>
      f.every(RATE, () => forge(f, error, f.connection.sndUna)),
    );
    expect(field.connection.stateName).toBe('ESTABLISHED');
    expect(field.victim.stack.counters().TcpAborts).toBe(0);
    expect(field.connection.mss).toBe(isPathMtu ? 536 : 1_460);
    if (isPathMtu) expect(attacked).toBeGreaterThanOrEqual(0.3 * peace);
    else expect(attacked).toBeGreaterThanOrEqual(0.99 * peace);
    if (isPathMtu)
      expectFigure({
        attack: `forged ICMP in flight, ${name}, ${module}`,
        rate: `${RATE}/s`,
        measure: 'goodput',
        undisturbed: kilobytes(peace),
        attacked: kilobytes(attacked),
      });
  });
});
