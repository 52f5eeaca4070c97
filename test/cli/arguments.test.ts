// SPDX-License-Identifier: MIT
// What people write after an option, as numbers.

import { describe, expect, it, test } from 'vitest';
import * as read from '../../host/sim/arguments.ts';

describe('percentages', () => {
  it.each([
    ['0', 0],
    ['5', 0.05],
    ['2.5', 0.025],
    ['.5', 0.005],
    ['5%', 0.05],
    ['100', 1],
  ])('%s is %d', (text, value) => {
    expect(read.percent(text)).toBe(value);
  });

  it.each(['-1', '100.1', '', '%', 'five', '1e1', '5 %', '0x5', 'NaN', 'Infinity', '1.2.3'])(
    '%j is none',
    (text) => {
      expect(() => read.percent(text)).toThrow('percentages from 0 to 100');
    },
  );
});

describe('rates', () => {
  it.each([
    ['10M', 10e6],
    ['1.5M', 1.5e6],
    ['64k', 64_000],
    ['64K', 64_000],
    ['1G', 1e9],
    ['9600', 9600],
    ['0', 0],
  ])('%s is %d bit/s', (text, value) => {
    expect(read.rate(text)).toBe(value);
  });

  it.each(['', 'M', '-1', '10Mbit', '1e6', '0.5', '1000G', '1..5M', '10 M'])('%j is none', (text) => {
    expect(() => read.rate(text)).toThrow('rates in bit/s');
  });
});

describe('times', () => {
  test('in milliseconds', () => {
    expect([read.milliseconds('0'), read.milliseconds('1.5'), read.milliseconds('20ms')]).toEqual([
      0, 1.5, 20,
    ]);
  });

  it.each(['-1', '60001', '', 'ms', '1s', 'soon'])('%j is none', (text) => {
    expect(() => read.milliseconds(text)).toThrow('from 0 to 60000');
  });

  test('in seconds', () => {
    expect([read.seconds('1'), read.seconds('0.5'), read.seconds('3s')]).toEqual([1, 0.5, 3]);
  });

  it.each(['0', '-1', '3000000', '', 's', '1m'])('%j is no duration', (text) => {
    expect(() => read.seconds(text)).toThrow('more than 0');
  });
});

describe('seeds', () => {
  test('are whole numbers', () => {
    expect([read.seed('0'), read.seed('9007199254740991')]).toEqual([0, Number.MAX_SAFE_INTEGER]);
  });

  it.each(['-1', '1.5', '9007199254740992', '', 'random'])('%j is none', (text) => {
    expect(() => read.seed(text)).toThrow('whole numbers');
  });
});

describe('ports', () => {
  test('of this computer, then of the board', () => {
    expect(read.forward('0.0.0.0:8081=80')).toEqual({ host: '0.0.0.0', port: 8081, boardPort: 80 });
  });

  test('on loopback, unless told', () => {
    expect(read.forward('0=80')).toEqual({ host: '127.0.0.1', port: 0, boardPort: 80 });
  });

  it.each(['80', '8080:80', '=80', '65536=80', '80=0', '80=65536', ''])('%j is none', (text) => {
    expect(() => read.forward(text)).toThrow('The form is HOST:PORT=PORT');
  });

  test('where the board gets to', () => {
    expect(read.allow('example.org:443=8443')).toEqual({
      port: 8443,
      to: { host: 'example.org', port: 443 },
    });
  });

  it.each(['80=80', 'example.org=80', 'example.org:0=80', 'example.org:80', ''])(
    '%j leads nowhere',
    (text) => {
      expect(() => read.allow(text)).toThrow('The form is HOST:PORT=PORT');
    },
  );
});
