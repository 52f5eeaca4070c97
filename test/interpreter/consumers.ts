// SPDX-License-Identifier: MIT
// What can become of a result: returned it is by itself; here it is kept, passed on, stored, waits, or decides where
// execution goes on.

import { constant, op } from './assemble.ts';
import type { Code } from './assemble.ts';
import type { Value } from './engine.ts';
import { I32, I64, VOID } from './opcodes.ts';
import { of, plus } from './values.ts';

/** What becomes of a result: the body of a function that computes it by `value`, which it may do several times. */
export interface Consumer {
  body: (value: Code) => Code;
  result: number;
  locals: number[];
}

/** Ways to use a value of `type` in a function with so many parameters. */
export function consumers(type: number, parameters: number): Record<string, Consumer> {
  const local = parameters;
  const same = { result: type, locals: [type] };
  const truth = { result: I32, locals: [type, I32] };
  const one = constant(type, of<Value>(type, 1, 1n));
  const isZero = op(of(type, 'i32.eqz', 'i64.eqz'));
  const asked = type === I64 ? isZero : [];
  const narrow = type === I64 ? op('i32.wrap_i64') : [];
  const keep = op('local.set', local);
  const kept = op('local.get', local);
  const rest = (...codes: Code[]): Consumer['body'] => {
    return (value) => [...value, ...codes.flat()];
  };
  const choice = [
    ...op('if', I32),
    ...op('i32.const', 11),
    ...op('else'),
    ...op('i32.const', 22),
    ...op('end'),
  ];
  const branch = (condition: Code): Code => [
    ...op('block', I32),
    ...op('i32.const', 33),
    ...condition,
    ...op('br_if', 0),
    ...op('drop'),
    ...op('i32.const', 44),
    ...op('end'),
  ];
  const leave = (condition: Code): Code => [
    ...op('block', VOID),
    ...condition,
    ...op('br_if', 0),
    ...op('i32.const', 77),
    ...op('return'),
    ...op('end'),
    ...op('i32.const', 88),
  ];
  // Round again while it holds, at most three times.
  const repeat = (condition: Code): Code => [
    ...op('block', VOID),
    ...op('loop', VOID),
    ...op('local.get', local + 1),
    ...op('i32.const', 1),
    ...op('i32.add'),
    ...op('local.tee', local + 1),
    ...op('i32.const', 3),
    ...op('i32.eq'),
    ...op('br_if', 1),
    ...condition,
    ...op('br_if', 0),
    ...op('end'),
    ...op('end'),
    ...op('local.get', local + 1),
  ];
  return {
    kept: { ...same, body: rest(keep, kept) },
    'kept twice': { ...same, body: rest(op('local.tee', local), kept, op(plus(type))) },
    global: { ...same, body: rest(op('global.set', of(type, 0, 1)), op('global.get', of(type, 0, 1))) },
    passed: { ...same, body: rest(op('call', of(type, 2, 3))) },
    heard: { ...same, body: rest(op('local.tee', local), op('call', of(type, 0, 1)), kept) },
    spilled: { ...same, body: rest(one, one, op(plus(type)), op(plus(type))) },
    'second of two': { ...same, body: rest(keep, one, kept, op(of(type, 'i32.sub', 'i64.sub'))) },
    dropped: { ...same, body: rest(op('drop'), one) },
    'is zero': { ...truth, body: rest(isZero) },
    'is not zero': { ...truth, body: rest(isZero, op('i32.eqz')) },
    if: { ...truth, body: rest(asked, choice) },
    'if not': { ...truth, body: rest(isZero, op('i32.eqz'), op('i32.eqz'), choice) },
    'if kept': { ...truth, body: rest(keep, kept, asked, choice) },
    br_if: { ...truth, body: (value) => branch([...value, ...asked]) },
    'br_if not': { ...truth, body: (value) => branch([...value, ...isZero]) },
    'br_if without a value': { ...truth, body: (value) => leave([...value, ...asked]) },
    'br_if not, without a value': { ...truth, body: (value) => leave([...value, ...isZero]) },
    'br_if back': { ...truth, body: (value) => repeat([...value, ...asked]) },
    'br_if not, back': { ...truth, body: (value) => repeat([...value, ...isZero]) },
    'chosen by': {
      ...truth,
      body: rest(
        asked,
        op('local.set', local + 1),
        op('i32.const', 55),
        op('i32.const', 66),
        op('local.get', local + 1),
        op('select'),
      ),
    },
    'chosen by at once': {
      ...truth,
      body: (value) => [...op('i32.const', 55), ...op('i32.const', 66), ...value, ...asked, ...op('select')],
    },
    stored: {
      ...same,
      body: (value) => [
        ...op('i32.const', 8),
        ...value,
        ...op(of(type, 'i32.store', 'i64.store'), 1),
        ...op('i32.const', 9),
        ...op(of(type, 'i32.load', 'i64.load'), 0),
      ],
    },
    address: { ...truth, body: rest(narrow, op('i32.const', 0xff), op('i32.and'), op('i32.load8_u', 0)) },
    index: {
      ...truth,
      body: (value) => [
        ...op('block', VOID),
        ...op('block', VOID),
        ...op('block', VOID),
        ...value,
        ...narrow,
        ...op('br_table', 0, 1, 2),
        ...op('end'),
        ...op('i32.const', 100),
        ...op('return'),
        ...op('end'),
        ...op('i32.const', 200),
        ...op('return'),
        ...op('end'),
        ...op('i32.const', 300),
      ],
    },
  };
}
