// SPDX-License-Identifier: MIT
// What people write after an option, as numbers. Each reader throws a RangeError that says what is allowed.

import type { Allow, Forward } from '../gateway/gateway.ts';
import { parseMapping } from '../gateway/mapping.ts';

const MAX_DELAY_MS = 60_000;
const MAX_RATE_BPS = 100e9;
/** Timers of Node go up to 2^31 ms. */
const MAX_DURATION_S = 2_000_000;

const DECIMAL = /^(\d+\.?\d*|\.\d+)$/;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** `5`, `0.1` or `5%` as a probability from 0 to 1. */
export function percent(text: string): number {
  const digits = text.replace(/%$/, '');
  if (!DECIMAL.test(digits) || Number(digits) > 100)
    throw new RangeError('Allowed are percentages from 0 to 100');
  return Number(digits) / 100;
}

/** Milliseconds, 0 to one minute; `ms` may follow. */
export function milliseconds(text: string): number {
  const digits = text.replace(/ms$/, '');
  if (!DECIMAL.test(digits) || Number(digits) > MAX_DELAY_MS) {
    throw new RangeError(`Allowed are milliseconds from 0 to ${MAX_DELAY_MS}`);
  }
  return Number(digits);
}

/** Bits per second: `10M`, `1.5M`, `64k`, `9600`; 0 is no limit. */
export function rate(text: string): number {
  const match = /^([\d.]+)([kMG]?)$/i.exec(text);
  const bps = Number(match?.[1]) * UNITS[(match?.[2] ?? '').toLowerCase()]!;
  if (!DECIMAL.test(match?.[1] ?? '') || bps > MAX_RATE_BPS || (bps > 0 && bps < 1)) {
    throw new RangeError('Allowed are rates in bit/s such as 10M, 1.5M, 64k or 9600; 0 is no limit');
  }
  return bps;
}

/** A whole number from 0 to 2^53 − 1. */
export function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new RangeError(`Allowed are whole numbers from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  return value;
}

/** Seconds, more than 0. */
export function seconds(text: string): number {
  const digits = text.replace(/s$/, '');
  if (!DECIMAL.test(digits) || Number(digits) <= 0 || Number(digits) > MAX_DURATION_S) {
    throw new RangeError(`Allowed are seconds, more than 0 and at most ${MAX_DURATION_S}`);
  }
  return Number(digits);
}

/** `HOST:PORT=PORT` or `PORT=PORT`: of this computer, of the board. */
export function forward(text: string): Omit<Forward, 'to'> & { boardPort: number } {
  try {
    const { host, hostPort, wirePort } = parseMapping(text);
    return { host, port: hostPort, boardPort: wirePort };
  } catch {
    throw new RangeError(
      'The form is HOST:PORT=PORT, such as 127.0.0.1:8081=80: of this computer, then of the board',
    );
  }
}

/** `HOST:PORT=PORT`: where it leads, then the port that the board connects to. */
export function allow(text: string): Allow {
  const { host, port, boardPort } = /:\d+=/.test(text) ? forwardOrNone(text) : NONE;
  if (port === 0) {
    throw new RangeError(
      'The form is HOST:PORT=PORT, such as example.org:80=80: where it leads, then the port the board connects to',
    );
  }
  return { port: boardPort, to: { host, port } };
}

const NONE = { host: '', port: 0, boardPort: 0 };

function forwardOrNone(text: string): typeof NONE {
  try {
    return forward(text);
  } catch {
    return NONE;
  }
}
