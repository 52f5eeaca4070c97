// SPDX-License-Identifier: MIT
// Reads a script of the packetdrill language: option lines, then events, each a time and what happens then. Forms of the
// language that no stack without them could run (UDP, SCTP, tunnels, MPTCP) are read as `unsupported`, so that their
// scripts are skipped with the reason; anything else that does not fit is a SyntaxProblem with its place.

import { isKnownOption } from './script-options.ts';
import { parseExpression } from './parse-expression.ts';
import { parsePacket } from './parse-packet.ts';
import { Scanner } from './scanner.ts';
import type { Action, Call, Event, Script, Time } from './syntax.ts';

/** Seconds as they are written: 0, 0.1, .1, 1. */
const NUMBER = '(?:\\d+(?:\\.(?!\\.)\\d*)?|\\.\\d+)';
const INSTANT = new RegExp(`(\\+?)[ \\t]*(${NUMBER})`, 'y');
const BEGINS_EVENT = /[+*`]|%\{|\d|\.\d|--/y;

/** The script in `text`; `file` is for messages. `--define=NAME=VALUE` lines are carried out here. */
export function parseScript(file: string, text: string): Script {
  const scanner = new Scanner(file, withDefinitions(text));
  const script: Script = { file, options: [], events: [] };
  while (!scanner.isAtEnd) {
    if (scanner.sees(/--/y)) script.options.push(parseOption(scanner));
    else script.events.push(parseEvent(scanner));
  }
  return script;
}

/** The text with the names that option lines define replaced by their values; lines stay where they are. */
function withDefinitions(text: string): string {
  let result = text;
  for (const [, name, value] of text.matchAll(/^--define=(\w+)=(\S*)/gm)) {
    result = result.replace(new RegExp(`(?<![\\w=-])${name}\\b(?!=)`, 'g'), () =>
      value!.replace(/^"|"$/g, ''),
    );
  }
  return result;
}

function parseOption(scanner: Scanner): Script['options'][number] {
  const place = scanner.place();
  const [, name] = scanner.expect(/--([a-zA-Z_]\w*)/y, 'the name of an option after --');
  const given = scanner.take(/=("[^"\n]*"|\S*)/y);
  if (!isKnownOption(name!)) {
    scanner.fail(`no option --${name}: expected one of the language, such as --tolerance_usecs=N`);
  }
  return { name: name!, value: (given?.[1] ?? '').replace(/^"|"$/g, ''), place };
}

function parseEvent(scanner: Scanner): Event {
  const place = scanner.place();
  const start = scanner.position;
  if (!scanner.sees(BEGINS_EVENT)) {
    scanner.fail(`expected a time (0.1, +0.1, *) or a command in back quotes, not ${scanner.here()}`);
  }
  const time = parseTime(scanner);
  const action = parseAction(scanner, time);
  return { place, time, action, text: scanner.between(start, scanner.position) };
}

function parseTime(scanner: Scanner): Time | undefined {
  if (scanner.take(/\*/y)) return { kind: 'any' };
  if (!scanner.sees(INSTANT)) return undefined;
  const first = instant(scanner);
  if (!scanner.take(/~/y)) {
    return { kind: kindOf(first), from: first.us, to: first.us, isRange: false };
  }
  const last = instant(scanner);
  if (last.isRelative !== first.isRelative) scanner.fail('expected both ends of the range with +, or none');
  if (last.us < first.us) scanner.fail('expected a range whose end is not before its beginning');
  return { kind: kindOf(first), from: first.us, to: last.us, isRange: true };
}

function kindOf({ isRelative }: { isRelative: boolean }): 'absolute' | 'relative' {
  return isRelative ? 'relative' : 'absolute';
}

function instant(scanner: Scanner): { us: number; isRelative: boolean } {
  const [, plus, seconds] = scanner.expect(INSTANT, 'a time in seconds');
  return { us: Math.round(Number(seconds) * 1e6), isRelative: plus === '+' };
}

function parseAction(scanner: Scanner, time: Time | undefined): Action {
  if (scanner.take(/`/y)) return { kind: 'shell', text: scanner.until('`', 'a command in back quotes') };
  if (scanner.take(/%\{/y)) return { kind: 'code', text: scanner.until('}%', 'code after %{') };
  if (time === undefined) scanner.fail(`expected a time, not ${scanner.here()}`);
  if (scanner.sees(/[<>]/y)) {
    const isRange = time.kind === 'any' || time.isRange;
    const packet = parsePacket(scanner);
    if (isRange && packet.kind !== 'unsupported' && packet.direction === 'in') {
      scanner.fail('expected one instant for a packet that comes in: * and ranges are for what goes out');
    }
    return packet;
  }
  const end = scanner.take(/\.\.\./y) ? instant(scanner).us : undefined;
  if (end !== undefined && time.kind !== 'any' && end < time.from) {
    scanner.fail('expected a call to return no earlier than it is made');
  }
  return parseCall(scanner, end);
}

function parseCall(scanner: Scanner, end: number | undefined): Call {
  const what = 'a packet (< or >), a call, a command in back quotes or %{ code }%';
  const [name] = scanner.expect(/[a-zA-Z_]\w*/y, what);
  scanner.expect(/\(/y, `( after ${name}`);
  const operands = [];
  if (!scanner.take(/\)/y)) {
    do operands.push(parseExpression(scanner));
    while (scanner.take(/,/y));
    scanner.expect(/\)/y, ', or ) in the arguments');
  }
  scanner.expect(/=/y, `= and the result of ${name}`);
  const result = parseExpression(scanner);
  const errno = scanner.take(/E[A-Z0-9]+\b/y)?.[0];
  if (scanner.take(/\(/y)) scanner.until(')', 'a note in parentheses');
  return { kind: 'call', name, operands, end, result, errno };
}
