// SPDX-License-Identifier: MIT
// TCP options for the peer of the tests, both ways: RFC 9293 §3.2, 2018, 7323 and 5482, written from the RFCs a second time
// as frames.ts is. What a test says in relative sequence numbers comes and goes through `origin`.

import assert from 'node:assert/strict';

const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
const USER_TIMEOUT = 28;

/** What a test may say of the options of one segment. */
export interface Options {
  mss?: number;
  /** SACK-permitted. */
  sackOk?: boolean;
  /** TSval and TSecr. */
  ts?: readonly [number, number];
  /** shift.cnt of a window scale option. */
  scale?: number;
  /** The 16 bits of a user timeout option. */
  uto?: number;
  /** SACK blocks: first octet, and the octet after the last. */
  sack?: readonly (readonly [number, number])[];
}

function words(...values: number[]): number[] {
  const octets = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => octets.writeUInt32BE(value >>> 0, i * 4));
  return [...octets];
}

function half(value: number): number[] {
  return [value >>> 8, value & 0xff];
}

/** The octets of the options that are named, in the order of the interface. `origin`: what the SACK blocks are relative to. */
export function emitOptions(options: Options, origin: number): number[] {
  const { mss, sackOk = false, ts, scale, uto, sack } = options;
  return [
    ...(mss === undefined ? [] : [MSS, 4, ...half(mss)]),
    ...(sackOk ? [SACK_PERMITTED, 2] : []),
    ...(ts === undefined ? [] : [TIMESTAMPS, 10, ...words(...ts)]),
    ...(scale === undefined ? [] : [WINDOW_SCALE, 3, scale]),
    ...(uto === undefined ? [] : [USER_TIMEOUT, 4, ...half(uto)]),
    ...(sack === undefined
      ? []
      : [SACK, 2 + 8 * sack.length, ...words(...sack.flat().map((n) => origin + n))]),
  ];
}

/** The options that are there. Their order and form were checked by `parse` of frames.ts. */
export function readOptions(octets: Buffer, origin: number): Options {
  const found: Options = {};
  for (let i = 0; i < octets.length && octets[i] !== 0;) {
    const kind = octets[i]!;
    if (kind === 1) {
      i++;
      continue;
    }
    const len = octets[i + 1]!;
    const value = octets.subarray(i + 2, i + len);
    i += len;
    if (kind === MSS) found.mss = value.readUInt16BE();
    else if (kind === SACK_PERMITTED) found.sackOk = true;
    else if (kind === TIMESTAMPS) found.ts = [value.readUInt32BE(), value.readUInt32BE(4)];
    else if (kind === WINDOW_SCALE) found.scale = value[0]!;
    else if (kind === USER_TIMEOUT) found.uto = value.readUInt16BE();
    else if (kind === SACK) found.sack = blocks(value, origin);
    else assert.fail(`an option of kind ${kind}`);
  }
  return found;
}

function blocks(value: Buffer, origin: number): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < value.length; i += 8)
    found.push([(value.readUInt32BE(i) - origin) | 0, (value.readUInt32BE(i + 4) - origin) | 0]);
  return found;
}
