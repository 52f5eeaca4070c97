// SPDX-License-Identifier: MIT
// HOST:PORT=PORT, as --forward and --allow take it.

import { expect, test } from 'vitest';
import { parseMapping } from '../../host/gateway/mapping.ts';

test('HOST:PORT=PORT', () => {
  expect(parseMapping('0.0.0.0:8080=80')).toEqual({ host: '0.0.0.0', hostPort: 8080, wirePort: 80 });
});

test('without a host it is loopback', () => {
  expect(parseMapping('8080=80')).toEqual({ host: '127.0.0.1', hostPort: 8080, wirePort: 80 });
});

test('a host may be a name', () => {
  expect(parseMapping('localhost:0=7').host).toBe('localhost');
});

test.each(['8080', '8080=', '=80', 'host:8080', '65536=80', '80=65536', '80=0', '80=80=80', '-1=80', ''])(
  '%j is refused in one line that shows it',
  (text) => {
    expect(() => parseMapping(text)).toThrow(`not of the form HOST:PORT=PORT: ${text}`);
  },
);
